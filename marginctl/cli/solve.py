"""``marginctl solve``: what it takes to get a wanted figure."""

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


def _wish(*names: str, metavar: str, help: str) -> Any:  # noqa: A002
    return typer.Option(
        *names, metavar=metavar, rich_help_panel="Goal", help=help, show_default=False
    )


class TargetFlags(NamedTuple):
    """The figure that is wanted: one of these."""

    liquidation_price: Annotated[
        Text,
        _wish(
            "--liquidation-price",
            metavar="PRICE",
            help="Margin that puts liquidation at this price.",
        ),
    ]
    distance: Annotated[
        Text,
        _wish(
            "--distance",
            metavar="PERCENT",
            help="Margin that puts liquidation this far from the mark.",
        ),
    ]
    effective_leverage: Annotated[
        Text,
        _wish(
            "--effective-leverage",
            metavar="N",
            help="Margin for this effective leverage (notional / equity).",
        ),
    ]
    removable: Annotated[
        Text, _wish("--removable", metavar="AMOUNT", help="Price at which this much is removable.")
    ]
    stop: Annotated[
        Text,
        _wish(
            "--stop", metavar="PRICE", help="Least margin that puts liquidation beyond this stop."
        ),
    ]
    risk: Annotated[
        Text, _wish("--risk", metavar="AMOUNT", help="Size that loses this much at --stop PRICE.")
    ]
    fee_rate: Annotated[
        Text,
        _wish("--fee-rate", metavar="R", help="Trading fee included in that loss, such as 0.045%."),
    ]
    funding_rate: Annotated[
        Text,
        _wish(
            "--funding-rate",
            metavar="R",
            help="Hours until funding at this hourly rate, such as 0.01%, liquidates.",
        ),
    ]
    max_size: Annotated[
        bool,
        typer.Option(
            "--max-size",
            rich_help_panel="Goal",
            help="Largest size for --margin, or for the account's money.",
        ),
    ]

    @property
    def texts(self) -> dict[str, str | None]:
        """The targets with a value, by flag."""
        return {
            "--liquidation-price": self.liquidation_price,
            "--distance": self.distance,
            "--effective-leverage": self.effective_leverage,
            "--removable": self.removable,
            "--stop": self.stop,
            "--risk": self.risk,
            "--fee-rate": self.fee_rate,
            "--funding-rate": self.funding_rate,
        }


@command
def solve(
    goal: TargetFlags,
    position: PositionFlags,
    tiers: TierFlags,
    output: OutputFlags,
    conditions: ConditionFlags,
    file: File = None,
) -> int:
    """Find the margin, price, size or time that gives a wanted figure, exactly and with proof."""
    from marginctl.cli.conditions import Conditions
    from marginctl.cli.decisions import found_of, opened, print_solution, solution_view
    from marginctl.cli.inputs import Tiers, read_readings
    from marginctl.cli.output import Out
    from marginctl.cli.run import NO, OK
    from marginctl.load.problems import InputError, Place
    from marginctl.load.questions import read_wish
    from marginctl.render.chosen import SOLUTION_FIELDS
    from marginctl.render.figures import fields_of

    out = Out(output)
    wanted = read_wish(goal.texts, max_size=goal.max_size)
    if goal.risk is not None and file is not None:
        message = "--risk is for a new position, and FILE has existing ones"
        raise InputError.of(message, "describe it with flags, without FILE", Place(path="--risk"))
    opening = (goal.max_size or goal.risk is not None) and file is None
    if opening:
        position = opened(position)
    loaded = read_readings(file, position, Tiers(tiers))
    view = solution_view(loaded, wanted, opening=opening)
    solution = view.solution
    cross = None if solution.after is None else solution.after.cross
    failing = Conditions(conditions, fields_of(view.has), SOLUTION_FIELDS)
    failing.need(cross)
    print_solution(view, out)
    failed = failing.check_found(found_of(view), view.notices)
    return OK if solution.possible and not failed else NO
