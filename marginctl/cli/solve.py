"""``marginctl solve``: what it takes to get a wanted figure."""

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
    flag,
    option,
    texts_of,
)

_PANEL = "Goal"
_goal = partial(option, panel=_PANEL)


class TargetFlags(NamedTuple):
    """The figure that is wanted: one of these."""

    liquidation_price: Annotated[
        Text,
        _goal(
            "--liquidation-price",
            metavar="PRICE",
            help="Margin that puts liquidation at this price.",
        ),
    ]
    distance: Annotated[
        Text,
        _goal(
            "--distance",
            metavar="PERCENT",
            help="Margin that puts liquidation this far from the mark.",
        ),
    ]
    effective_leverage: Annotated[
        Text,
        _goal(
            "--effective-leverage",
            metavar="N",
            help="Margin for this effective leverage (notional / equity).",
        ),
    ]
    removable: Annotated[
        Text, _goal("--removable", metavar="AMOUNT", help="Price at which this much is removable.")
    ]
    stop: Annotated[
        Text,
        _goal(
            "--stop", metavar="PRICE", help="Least margin that puts liquidation beyond this stop."
        ),
    ]
    risk: Annotated[
        Text, _goal("--risk", metavar="AMOUNT", help="Size that loses this much at --stop PRICE.")
    ]
    fee_rate: Annotated[
        Text,
        _goal("--fee-rate", metavar="R", help="Trading fee included in that loss, such as 0.045%."),
    ]
    funding_rate: Annotated[
        Text,
        _goal(
            "--funding-rate",
            metavar="R",
            help="Hours until funding at this hourly rate, such as 0.01%, liquidates.",
        ),
    ]
    max_size: Annotated[
        bool,
        flag("--max-size", "Largest size for --margin, or for the account's money.", panel=_PANEL),
    ]


@command(
    "marginctl solve -a ETH -q 10 -e 2500 -m 2400 -l 10 --liquidation-price 2000",
    "marginctl solve -a ETH -q 10 -e 2500 -m 2400 -l 10 --distance 10%",
    "marginctl solve -a ETH -e 2500 -l 10 --margin 1000 --max-size",
    "marginctl solve -a ETH -e 2500 -l 10 --risk 100 --stop 2400",
)
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
    wanted = read_wish(texts_of(goal), max_size=goal.max_size)
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
