"""``marginctl tiers diff``: what changed between two versions of tiers."""

from typing import TYPE_CHECKING, Annotated

from marginctl.cli.options import (
    Fields,
    MaybeText,
    OutputFlags,
    ReportFlags,
    argument,
    command,
    flag,
    option,
    output_option,
    report_form,
)

if TYPE_CHECKING:
    from marginctl.cli.output import Out
    from marginctl.core.tier_diff import TierDiff

_FORMS = "A tier file, FILE#VENUE, or an exchange's recorded meta."
Old = Annotated[str, argument("OLD", _FORMS)]
FORMATS = ("table", "json", "ndjson", "md")
Output = Annotated[MaybeText, output_option(FORMATS, "table")]
New = Annotated[str, argument("NEW", _FORMS)]


@command("marginctl tiers diff old.yaml new.yaml --positions account.json")
def diff(
    old: Old,
    new: New,
    flags: ReportFlags,
    *,
    output: Output = None,
    fields: Fields = None,
    positions: Annotated[
        str | None,
        option(
            "--positions",
            metavar="FILE",
            help="Positions to evaluate before and after; - is standard input.",
        ),
    ] = None,
    everything: Annotated[
        bool, flag("--all", "Show assets that only one side has, even when a list is partial.")
    ] = False,
    exit_code: Annotated[bool, flag("--exit-code", "Exit with 1 when anything differs.")] = False,
) -> int:
    """Show what changed between two versions of tiers."""
    from marginctl.cli.messages import print_notices, print_warning
    from marginctl.cli.output import Out
    from marginctl.load.tier_versions import diff_tiers

    form = report_form(output, FORMATS, "a comparison") or "table"
    out = Out(OutputFlags(output=form, fields=fields, numbers=flags.numbers, color=flags.color))
    found = diff_tiers(old, new, positions, everything=everything)
    _print(found, out)
    for warning in dict.fromkeys([*found.old.warnings, *found.new.warnings]):
        print_warning(warning)
    print_notices(notice for notice in found.notices if notice.code != "mark_from_entry")
    return 1 if exit_code and found.differs else 0


def _print(view: "TierDiff", out: "Out") -> None:
    if out.form == "table":
        from marginctl.render.tier_diff import diff_lines, effect_rows

        output = out.tables()
        output.lines(diff_lines(view, output.width))
        if any(effect.positions for effect in view.effects):
            output.lines([()])
            output.table(effect_rows(view.effects))
    elif out.form in {"json", "ndjson"}:
        from marginctl.render.figures import POSITION_FIELDS
        from marginctl.render.tier_diff import diff_data

        out.json(diff_data(view, out.fields(POSITION_FIELDS)))
    else:
        from marginctl.render.tier_diff import diff_markdown

        for line in diff_markdown(view):
            out.write(line)
