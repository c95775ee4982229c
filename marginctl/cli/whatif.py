"""``marginctl whatif``: what if the price, the margin, the leverage or the size changes."""

from functools import partial
from typing import Annotated, NamedTuple

from marginctl.cli.options import (
    ConditionFlags,
    File,
    OutputFlags,
    PositionFlags,
    Text,
    TierFlags,
    command,
    option,
    texts_of,
)

_change = partial(option, panel="What if")


class AskedFlags(NamedTuple):
    """What changes. It happens in the order of these flags, money out at last."""

    move_all: Annotated[
        Text, _change("--move-all", metavar="PERCENT", help="Move all marks, such as -10%.")
    ]
    set_mark: Annotated[Text, _change("--set-mark", metavar="PRICE", help="Set the asset's mark.")]
    move: Annotated[
        Text, _change("--move", metavar="PERCENT", help="Move the asset's mark, such as -10%.")
    ]
    fund: Annotated[
        Text,
        _change(
            "--fund", metavar="±AMOUNT", help="Add margin, or (negative) remove it at the end."
        ),
    ]
    set_leverage: Annotated[
        Text, _change("--set-leverage", metavar="N", help="Choose another leverage.")
    ]
    trade: Annotated[
        Text,
        _change("--trade", metavar="±SIZE", help="Buy, or (negative) sell; may flip the side."),
    ]
    at: Annotated[
        Text, _change("--at", metavar="PRICE", help="Price of the trade (default: the mark).")
    ]
    fee_rate: Annotated[
        Text,
        _change(
            "--fee-rate",
            metavar="R",
            help="Trading fee, such as 0.045%: of the trade, and for the break-even price.",
        ),
    ]
    funding_rate: Annotated[
        Text,
        _change(
            "--funding-rate",
            metavar="R",
            help="Funding per hour, such as 0.01% (an eighth of an 8-hour rate), for --hours.",
        ),
    ]
    hours: Annotated[Text, _change("--hours", metavar="N", help="Hours for which funding is paid.")]


@command(
    "marginctl whatif -a ETH -q 10 -e 2500 -m 2400 -l 10 --move -3%",
    "marginctl whatif -a ETH -q 10 -e 2500 -l 10 --funding-rate 0.01% --hours 24",
    "marginctl whatif account.json --move-all -10%",
    "marginctl whatif account.json -a ETH --trade -5",
)
def whatif(
    asked: AskedFlags,
    position: PositionFlags,
    tiers: TierFlags,
    output: OutputFlags,
    conditions: ConditionFlags,
    file: File = None,
) -> int:
    """Show what a price, margin, another leverage, a trade or funding does, and if it is allowed.

    Changes apply in this order: marks, margin added, leverage, trade, funding, margin removed. Each
    is judged on the result of the ones before it.
    """
    from marginctl.cli.conditions import Conditions
    from marginctl.cli.decisions import print_whatif, whatif_views
    from marginctl.cli.inputs import Tiers
    from marginctl.cli.new_position import read_or_open
    from marginctl.cli.output import Out
    from marginctl.cli.run import NO, OK
    from marginctl.render.figures import fields_of

    out = Out(output)
    texts = texts_of(asked)
    loaded, order = read_or_open(file, position, texts, Tiers(tiers))
    views = whatif_views(loaded, texts, order)
    failing = Conditions(conditions, fields_of(views[0].has))
    failing.need(*(view.result.after.cross for view in views))
    print_whatif(views, out)
    failed = [
        failing.check(view.judged, view.result.after.notices, view.result.after.cross)
        for view in views
    ]
    return NO if any(view.result.allowed is False for view in views) or any(failed) else OK
