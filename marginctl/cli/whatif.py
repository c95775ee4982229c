"""``marginctl whatif``: what if the price, the margin, the leverage or the size changes."""

from typing import Annotated, Any, NamedTuple

import typer

from marginctl.cli.options import (
    ConditionFlags,
    File,
    OutputFlags,
    PositionFlags,
    Text,
    TierFlags,
    command,
)


def _asked(*names: str, metavar: str, help: str) -> Any:  # noqa: A002
    return typer.Option(
        *names, metavar=metavar, rich_help_panel="What if", help=help, show_default=False
    )


class AskedFlags(NamedTuple):
    """What changes. It happens in the order of these flags, money out at last."""

    move_all: Annotated[
        Text, _asked("--move-all", metavar="PERCENT", help="Move all marks, such as -10%.")
    ]
    set_mark: Annotated[Text, _asked("--set-mark", metavar="PRICE", help="Set the asset's mark.")]
    move: Annotated[
        Text, _asked("--move", metavar="PERCENT", help="Move the asset's mark, such as -10%.")
    ]
    fund: Annotated[
        Text,
        _asked("--fund", metavar="±AMOUNT", help="Add margin, or (negative) remove it at the end."),
    ]
    set_leverage: Annotated[
        Text, _asked("--set-leverage", metavar="N", help="Choose another leverage.")
    ]
    trade: Annotated[
        Text, _asked("--trade", metavar="±SIZE", help="Buy, or (negative) sell; may flip the side.")
    ]
    at: Annotated[
        Text, _asked("--at", metavar="PRICE", help="Price of the trade (default: the mark).")
    ]
    fee_rate: Annotated[
        Text,
        _asked(
            "--fee-rate",
            metavar="R",
            help="Trading fee, such as 0.045%: of the trade, and for the break-even price.",
        ),
    ]
    funding_rate: Annotated[
        Text,
        _asked(
            "--funding-rate",
            metavar="R",
            help="Funding per hour, such as 0.01% (an eighth of an 8-hour rate), for --hours.",
        ),
    ]
    hours: Annotated[Text, _asked("--hours", metavar="N", help="Hours for which funding is paid.")]

    @property
    def texts(self) -> dict[str, str | None]:
        """What was said, by flag."""
        return {
            "--move-all": self.move_all,
            "--set-mark": self.set_mark,
            "--move": self.move,
            "--fund": self.fund,
            "--set-leverage": self.set_leverage,
            "--trade": self.trade,
            "--at": self.at,
            "--fee-rate": self.fee_rate,
            "--funding-rate": self.funding_rate,
            "--hours": self.hours,
        }


@command
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
    loaded, order = read_or_open(file, position, asked.texts, Tiers(tiers))
    views = whatif_views(loaded, asked.texts, order)
    failing = Conditions(conditions, fields_of(views[0].has))
    failing.need(*(view.result.after.cross for view in views))
    print_whatif(views, out)
    failed = [
        failing.check(view.judged, view.result.after.notices, view.result.after.cross)
        for view in views
    ]
    return NO if any(view.result.allowed is False for view in views) or any(failed) else OK
