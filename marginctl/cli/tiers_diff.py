"""``marginctl tiers diff``: what changed between two versions of tiers."""

from collections import ChainMap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from marginctl.cli.options import (
    Fields,
    ReportFlags,
    Text,
    command,
    output_flags,
    output_option,
    report_form,
)
from marginctl.core.notices import Notice
from marginctl.core.position import Asset
from marginctl.core.rules import Venue
from marginctl.core.tier_diff import AccountEffect, Kind, compare_venues, effect_of
from marginctl.load.account import LoadedAccount, Overrides, read_account
from marginctl.load.inputs import AccountInput
from marginctl.load.problems import InputError, Problem
from marginctl.load.tier_versions import Side, VenuePair, pairs
from marginctl.render.tier_diff import DiffView, SourceView, VenueDiff

if TYPE_CHECKING:
    from marginctl.cli.output import Out


def diff_view(
    old: Side, new: Side, account_input: Sequence[AccountInput], *, everything: bool
) -> DiffView:
    """Compare two sides, and what they make of accounts.

    Where a side lists only some of a venue's assets, only those that both have are compared,
    unless ``everything`` is asked for.

    Raises:
        InputError: with every problem of the accounts.
    """
    compared = pairs(old, new)
    effects, notices = _effects(old, compared, account_input)
    return DiffView(
        SourceView(old.path, old.sha256),
        SourceView(new.path, new.sha256),
        tuple(_venue_diff(pair, everything=everything) for pair in compared),
        tuple(effects),
        tuple(notices),
    )


def _venue_diff(pair: VenuePair, *, everything: bool) -> VenueDiff:
    old, new = pair.venues
    changes = compare_venues(old, new) if old is not None and new is not None else []
    left_out = 0
    if pair.partial and not everything:
        kept = [change for change in changes if change.kind not in {Kind.ADDED, Kind.REMOVED}]
        changes, left_out = kept, len(changes) - len(kept)
    days = tuple(None if day is None else day.isoformat() for day in pair.as_of)
    return VenueDiff(old, new, (days[0], days[1]), tuple(changes), left_out)


def _effects(
    old: Side, compared: Sequence[VenuePair], account_input: Sequence[AccountInput]
) -> tuple[list[AccountEffect], list[Notice]]:
    effects: list[AccountEffect] = []
    notices: list[Notice] = []
    problems: list[Problem] = []
    for position_input in account_input:
        try:
            before, after = _pair_of(position_input, old, compared)
            effect, found = _effect(position_input, before, after)
        except InputError as error:
            problems.extend(error.problems)
            continue
        effects.append(effect)
        notices += [*found, *effect.notices]
    if problems:
        raise InputError(problems)
    return effects, notices


def _pair_of(
    position_input: AccountInput, old: Side, compared: Sequence[VenuePair]
) -> tuple[Venue, Venue]:
    """Return the two venues that an account is evaluated on."""
    both = [
        (before, after)
        for before, after in (pair.venues for pair in compared)
        if before is not None and after is not None
    ]
    if len(compared) == 1 and both:
        return both[0]
    wanted = position_input.venue or old.default
    for before, after in both:
        if before.name == wanted:
            return before, after
    hint = f"both have: {', '.join(before.name for before, _ in both)}" if both else None
    message = f"the venue {wanted!r} is not in both files"
    raise InputError.of(
        message, hint, position_input.origin.place("venue" if position_input.venue else None)
    )


def _effect(
    position_input: AccountInput, old: Venue, new: Venue
) -> tuple[AccountEffect, list[Notice]]:
    known = old._replace(assets=ChainMap(dict(old.assets), dict(new.assets)))
    reading = read_account(position_input, known, Overrides())
    fixed = {
        name: asset
        for name in {position.asset for position in reading.account.positions}
        if _is_fixed(asset := reading.venue.assets[name], old, new)
    }
    if not new.rules.has_cross and not all(p.isolated for p in reading.account.positions):
        message = f"{new.name} has no cross margin, but there are cross positions"
        raise InputError.of(message, None, position_input.origin.place())
    return effect_of(reading.account, old, new, fixed), _notices(reading, set(fixed))


def _is_fixed(asset: Asset, old: Venue, new: Venue) -> bool:
    """Whether a record states terms of its own: the max leverage of neither side."""
    sides = [known for venue in (old, new) if (known := venue.assets.get(asset.name)) is not None]
    return all(asset.max_leverage != known.max_leverage for known in sides)


def _notices(reading: LoadedAccount, fixed: set[str]) -> list[Notice]:
    """Return what reading had to say, but for leverages that the new tiers explain."""
    ours = {"recorded_leverage", "unknown_asset"}
    return [
        notice for notice in reading.notices if notice.code not in ours or notice.asset in fixed
    ]


_FORMS = "A tier file, FILE#VENUE, or an exchange's recorded meta."
Old = Annotated[str, typer.Argument(metavar="OLD", help=_FORMS, show_default=False)]
FORMATS = ("table", "json", "ndjson", "md")
Output = Annotated[Text, output_option(FORMATS, "table")]
New = Annotated[str, typer.Argument(metavar="NEW", help=_FORMS, show_default=False)]


@command
def diff(
    old: Old,
    new: New,
    flags: ReportFlags,
    *,
    output: Output = None,
    fields: Fields = None,
    positions: Annotated[
        str | None,
        typer.Option(
            "--positions",
            metavar="FILE",
            help="Positions to evaluate before and after; - is standard input.",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="Show assets that only one side has, even when a list is partial."
        ),
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when anything differs.")
    ] = False,
) -> int:
    """Show what changed between two versions of tiers."""
    from marginctl.cli.messages import print_notices, print_warning
    from marginctl.cli.output import Out
    from marginctl.load.files import display_name, read_bytes
    from marginctl.load.positions import read_accounts
    from marginctl.load.tier_versions import read_sides

    form = report_form(output, FORMATS, "a comparison") or "table"
    out = Out(output_flags(form, flags, fields))
    sides = read_sides(old, new)
    account_input = (
        [] if positions is None else read_accounts(read_bytes(positions), display_name(positions))
    )
    view = diff_view(*sides, account_input, everything=everything)
    _print(view, out)
    for warning in dict.fromkeys(text for side in sides for text in side.warnings):
        print_warning(warning)
    print_notices(notice for notice in view.notices if notice.code != "mark_from_entry")
    return 1 if exit_code and view.differs else 0


def _print(view: "DiffView", out: "Out") -> None:
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
