"""``marginctl solve``: what it takes to get a wanted figure."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from marginctl.cli.options import File, OutputFlags, PositionFlags, Text, TierFlags, command


def _wish(*names: str, metavar: str, help: str) -> Any:  # noqa: A002
    return typer.Option(
        *names, metavar=metavar, rich_help_panel="Wish", help=help, show_default=False
    )


@dataclass(frozen=True)
class WishFlags:
    """The figure that is wanted: one of these."""

    liquidation_price: Annotated[
        Text, _wish("--liquidation-price", metavar="PRICE", help="Margin for liquidation there.")
    ]
    distance: Annotated[
        Text,
        _wish("--distance", metavar="PERCENT", help="Margin for this distance from the mark."),
    ]
    effective_leverage: Annotated[
        Text, _wish("--effective-leverage", metavar="N", help="Margin for notional / equity.")
    ]
    removable: Annotated[
        Text, _wish("--removable", metavar="AMOUNT", help="Price at which so much is removable.")
    ]
    stop: Annotated[
        Text, _wish("--stop", metavar="PRICE", help="Least margin that makes a stop come first.")
    ]
    max_size: Annotated[
        bool,
        typer.Option(
            "--max-size",
            rich_help_panel="Wish",
            help="Largest size for --margin, or for the account's money.",
        ),
    ]

    @property
    def texts(self) -> dict[str, str | None]:
        """The wishes with a value, by flag."""
        return {
            "--liquidation-price": self.liquidation_price,
            "--distance": self.distance,
            "--effective-leverage": self.effective_leverage,
            "--removable": self.removable,
            "--stop": self.stop,
        }


@command
def solve(
    wish: WishFlags,
    position: PositionFlags,
    tiers: TierFlags,
    output: OutputFlags,
    file: File = None,
) -> int:
    """Find the margin, price or size that gives a wanted figure, exactly and with its proof."""
    from marginctl.cli.decision_printing import print_solution
    from marginctl.cli.decisions import opened, solution_view
    from marginctl.cli.inputs import Tiers, read_readings
    from marginctl.cli.output import Out
    from marginctl.load.actions import read_wish

    out = Out(output)
    wanted = read_wish(wish.texts, max_size=wish.max_size)
    opening = wish.max_size and file is None
    if opening:
        position = opened(position)
    readings = read_readings(file, position, Tiers(tiers))
    view = solution_view(readings, wanted, opening=opening)
    print_solution(view, out)
    return 0 if view.solution.possible else 1
