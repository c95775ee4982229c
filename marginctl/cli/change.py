"""``marginctl add`` and ``marginctl remove``: what if margin moves."""

from typing import Annotated

import typer

from marginctl.cli import completion
from marginctl.cli.options import (
    ConditionFlags,
    File,
    OutputFlags,
    PositionFlags,
    StreamFlags,
    TierFlags,
    command,
)

Amount = Annotated[
    str, typer.Argument(metavar="AMOUNT", help="Amount in the quote currency.", show_default=False)
]
AmountOrMax = Annotated[
    str,
    typer.Argument(
        metavar="AMOUNT",
        help="Amount, or max for the most that is allowed.",
        autocompletion=completion.words("max"),
    ),
]
Cushion = Annotated[
    str | None,
    typer.Option(
        "--cushion",
        metavar="PERCENT",
        rich_help_panel="Remove",
        help="Only what is still allowed if the mark first moves this far against the position.",
        show_default=False,
    ),
]


@command
def add(
    amount: Amount,
    position: PositionFlags,
    tiers: TierFlags,
    output: OutputFlags,
    stream: StreamFlags,
    conditions: ConditionFlags,
    file: File = None,
) -> int:
    """Show what adding margin does: before, after, and whether the venue takes it."""
    return _change("add", amount, file, position, tiers, output, stream, conditions)


@command
def remove(
    amount: AmountOrMax,
    position: PositionFlags,
    tiers: TierFlags,
    output: OutputFlags,
    stream: StreamFlags,
    conditions: ConditionFlags,
    file: File = None,
    *,
    cushion: Cushion = None,
) -> int:
    """Show what removing margin does: before, after, and whether the venue allows it."""
    return _change("remove", amount, file, position, tiers, output, stream, conditions, cushion)


def _change(
    action: str,
    amount: str,
    file: str | None,
    position: PositionFlags,
    tiers: TierFlags,
    output: OutputFlags,
    stream: StreamFlags,
    conditions: ConditionFlags,
    cushion: str | None = None,
) -> int:
    from marginctl.cli.answers import change_view
    from marginctl.cli.conditions import Conditions
    from marginctl.cli.inputs import Tiers, is_stream, read_amount, read_readings, source_named
    from marginctl.cli.output import Out
    from marginctl.cli.printing_changes import print_change
    from marginctl.cli.run import NO, OK
    from marginctl.load.questions import read_flag
    from marginctl.render.data import PositionView
    from marginctl.render.figures import fields_of

    out = Out(output)
    wanted = read_amount(amount, most_allowed=action == "remove")
    move = read_flag("--cushion", cushion)
    meant = Tiers(tiers)
    source = source_named(file, meant)
    if is_stream(source, out.form, stream):
        from marginctl.cli.line_answers import MarginMove
        from marginctl.cli.stream import answer_stream

        margin_move = MarginMove(action, wanted, move)
        return answer_stream(source, position, meant, output, stream, conditions, margin_move)
    loaded = read_readings(source, position, meant)
    view = change_view(loaded, action, wanted, move)
    cross, after = view.change.after.cross, view.change.position_after
    failing = Conditions(conditions, fields_of(view.has))
    failing.need(cross)
    print_change(view, out)
    shown = () if after is None else (PositionView(after),)
    failed = failing.check(shown, view.change.after.notices, cross)
    return NO if view.change.allowed is False or failed else OK
