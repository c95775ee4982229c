"""``marginctl add`` and ``marginctl remove``: what if margin moves."""

from typing import Annotated

from marginctl.cli import completion
from marginctl.cli.options import (
    ConditionFlags,
    File,
    OutputFlags,
    PositionFlags,
    StreamFlags,
    TierFlags,
    argument,
    command,
    option,
)

Amount = Annotated[str, argument("AMOUNT", "Amount in the quote currency.")]
AmountOrMax = Annotated[
    str, argument("AMOUNT", "Amount, or max for the most that is allowed.", completion.words("max"))
]
Cushion = Annotated[
    str | None,
    option(
        "--cushion",
        metavar="PERCENT",
        panel="Remove",
        help="Only what is still allowed if the mark first moves this far against the position.",
    ),
]


@command("marginctl add 1000 -a ETH -q 10 -e 2500 -m 2400 -l 10")
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


@command(
    "marginctl remove max -a ETH -q 10 -e 2500 -m 2600 -l 10",
    "marginctl remove max -a ETH -q 10 -e 2500 -m 2600 -l 10 --cushion 1%",
    "marginctl remove 500 account.json -a ETH",
)
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
