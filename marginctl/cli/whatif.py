"""``marginctl whatif``: what if the price, the margin, the leverage or the size changes."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer

from marginctl.cli.options import File, OutputFlags, PositionFlags, Text, TierFlags, command


def _asked(*names: str, metavar: str, help: str) -> Any:  # noqa: A002
    return typer.Option(
        *names, metavar=metavar, rich_help_panel="What if", help=help, show_default=False
    )


@dataclass(frozen=True)
class PresentFlags(PositionFlags):
    """A position as it is now: its mark is ``-m`` here, as ``--mark`` asks about another."""

    mark: Annotated[
        Text,
        typer.Option(
            "-m",
            metavar="NUMBER",
            rich_help_panel="Position",
            help="The mark now; else the file's, else the entry.",
            show_default=False,
        ),
    ]


@dataclass(frozen=True)
class AskedFlags:
    """What changes. It happens in the order of these flags, money out at last."""

    move_all: Annotated[
        Text, _asked("--move-all", metavar="PERCENT", help="All marks move, such as -10%.")
    ]
    to_mark: Annotated[Text, _asked("--mark", metavar="PRICE", help="The asset's mark is this.")]
    move: Annotated[
        Text, _asked("--move", metavar="PERCENT", help="The asset's mark moves, such as -10%.")
    ]
    fund: Annotated[
        Text, _asked("--fund", metavar="±AMOUNT", help="Add margin; below zero, remove it last.")
    ]
    set_leverage: Annotated[
        Text, _asked("--set-leverage", metavar="N", help="Choose another leverage.")
    ]
    trade: Annotated[
        Text, _asked("--trade", metavar="±SIZE", help="Buy; below zero, sell. May turn around.")
    ]
    at: Annotated[Text, _asked("--at", metavar="PRICE", help="Price of the trade; else the mark.")]
    fee_rate: Annotated[
        Text, _asked("--fee-rate", metavar="R", help="Fee of the trade, such as 0.045%; else none.")
    ]

    @property
    def texts(self) -> dict[str, str | None]:
        """What was said, by flag."""
        return {
            "--move-all": self.move_all,
            "--mark": self.to_mark,
            "--move": self.move,
            "--fund": self.fund,
            "--set-leverage": self.set_leverage,
            "--trade": self.trade,
            "--at": self.at,
            "--fee-rate": self.fee_rate,
        }


@command
def whatif(
    asked: AskedFlags,
    position: PresentFlags,
    tiers: TierFlags,
    output: OutputFlags,
    file: File = None,
) -> int:
    """Show what a price, more margin, another leverage or a trade does, and if the venue takes it.

    In this order: marks, margin in, leverage, trade, margin out; each judged on what came before.
    """
    from marginctl.cli.decision_printing import print_whatif
    from marginctl.cli.decisions import whatif_view
    from marginctl.cli.inputs import Tiers
    from marginctl.cli.new_position import read_or_open
    from marginctl.cli.output import Out

    out = Out(output)
    if file is None:
        asked, position = _marks(asked, position)
    readings, order = read_or_open(file, position, asked, Tiers(tiers))
    view = whatif_view(readings, asked.texts, order)
    print_whatif(view, out)
    return 1 if view.result.allowed is False else 0


def _marks(asked: AskedFlags, position: PresentFlags) -> tuple[AskedFlags, PresentFlags]:
    """Take ``--mark`` as the mark now beside ``--equity``, which holds at one mark only.

    An equity has the PnL in it, so it is that of the mark which is named with it.
    """
    alone = replace(asked, to_mark=None)
    if position.equity is None or position.mark is not None or asked.to_mark is None:
        return asked, position
    if not any(alone.texts.values()):
        from marginctl.load.problems import InputError, Place

        message = "an equity is that of one mark, and it is not said of which"
        hint = "give the mark now with -m, and the one to ask about with --mark"
        raise InputError.of(message, hint, Place(path="--equity"))
    return alone, replace(position, mark=asked.to_mark)
