"""``marginctl fields``: what the fields mean and how they are computed."""

from typing import Annotated

from marginctl.cli import completion
from marginctl.cli.options import NEVER_NO, OutputFlags, argument, command

FieldNames = Annotated[
    list[str] | None,
    argument("[NAME]...", "Fields to list (default: all).", completion.all_fields),
]


@command("marginctl fields liquidation_price", exit_codes=NEVER_NO)
def fields(output: OutputFlags, names: FieldNames = None) -> int:
    """List the fields of answers: what each means, its unit, and how it is computed."""
    from marginctl.cli.output import Out
    from marginctl.load.problems import InputError, Place, Problem, did_you_mean
    from marginctl.render.field_list import LISTING_FIELDS, field_data, field_lines, listed_fields

    out = Out(output)
    chosen = out.fields(LISTING_FIELDS)
    listed = listed_fields()
    if names:
        names = [_of_any_tier(name) for name in names]
        known = [entry.field.name for entry in listed]
        problems = [
            Problem(
                f"{name!r} is not a field",
                did_you_mean(name, known) or "see: marginctl fields",
                Place(path="NAME"),
            )
            for name in names
            if name not in known
        ]
        if problems:
            raise InputError(problems)
        listed = [entry for entry in listed if entry.field.name in names]
    if out.form == "table" and not out.selects:
        tables = out.tables()
        tables.lines(field_lines(listed, tables.width))
    else:
        objects = [field_data(entry) for entry in listed]
        out.listing(chosen, objects, {"schema": "marginctl/fields/1"}, "fields")
    return 0


def _of_any_tier(name: str) -> str:
    """Return the name that a part of a tier has in the listing, where all tiers are one."""
    return name.removeprefix("liquidation_tier.").removeprefix("tier.")
