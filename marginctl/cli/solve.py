"""``marginctl solve``: what it takes to get a wanted figure."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, NamedTuple

from marginctl.cli.accounts import not_one, notices_after, of_one_account, wallet_of
from marginctl.cli.before_after import AnswerFields
from marginctl.cli.conditions import Conditions
from marginctl.cli.inputs import LoadedAccounts, Tiers, load_accounts
from marginctl.cli.messages import print_warnings
from marginctl.cli.options import (
    File,
    MaybeText,
    PositionFlags,
    QuestionFlags,
    command,
    flag,
    option,
    texts_of,
)
from marginctl.cli.output import Out
from marginctl.cli.run import NO, OK
from marginctl.core.goals import Goal, Solution, Variable
from marginctl.core.notices import Notice
from marginctl.load.problems import InputError, Place
from marginctl.load.solve_request import TARGETS, read_goal
from marginctl.render.chosen import SOLUTION_FIELDS, Found, record_of
from marginctl.render.data import Answer
from marginctl.render.figures import cross_fields, fields_of
from marginctl.render.sheet import tiers_line
from marginctl.render.solution import (
    solution_data,
    solution_lines,
    solution_message,
    solution_rows,
    solution_title,
    stop_warning,
)

if TYPE_CHECKING:
    from marginctl.render.layout import Output

_PANEL = "Goal"
_goal = partial(option, panel=_PANEL)


class TargetFlags(NamedTuple):
    """The figure that is wanted: one of these."""

    liquidation_price: Annotated[
        MaybeText,
        _goal(
            "--liquidation-price",
            metavar="PRICE",
            help="Margin that puts liquidation at this price.",
        ),
    ]
    distance: Annotated[
        MaybeText,
        _goal(
            "--distance",
            metavar="PERCENT",
            help="Margin that puts liquidation this far from the mark.",
        ),
    ]
    effective_leverage: Annotated[
        MaybeText,
        _goal(
            "--effective-leverage",
            metavar="N",
            help="Margin for this effective leverage (notional / equity).",
        ),
    ]
    removable: Annotated[
        MaybeText,
        _goal("--removable", metavar="AMOUNT", help="Price at which this much is removable."),
    ]
    stop: Annotated[
        MaybeText,
        _goal(
            "--stop", metavar="PRICE", help="Least margin that puts liquidation beyond this stop."
        ),
    ]
    risk: Annotated[
        MaybeText,
        _goal("--risk", metavar="AMOUNT", help="Size that loses this much at --stop PRICE."),
    ]
    fee_rate: Annotated[
        MaybeText,
        _goal("--fee-rate", metavar="R", help="Trading fee included in that loss, such as 0.045%."),
    ]
    funding_rate: Annotated[
        MaybeText,
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
def solve(goal: TargetFlags, flags: QuestionFlags, file: File = None) -> int:
    """Find the margin, price, size or time that gives a wanted figure, exactly and with proof."""
    out = Out(flags.output)
    wanted = read_goal(texts_of(goal), max_size=goal.max_size)
    if goal.risk is not None and file is not None:
        message = "--risk is for a new position, and FILE has existing ones"
        raise InputError.of(message, "describe it with flags, without FILE", Place(path="--risk"))
    opening = (goal.max_size or goal.risk is not None) and file is None
    position = opened(flags.position) if opening else flags.position
    accounts = load_accounts(file, position, Tiers(flags.tiers))
    answer = _solution(accounts, wanted, opening=opening)
    solution = answer.result
    cross = None if solution.after is None else solution.after.cross
    failing = Conditions(flags.conditions, fields_of(answer.has), SOLUTION_FIELDS)
    failing.need(cross)
    _print(answer, out)
    failed = failing.check_found(_found(answer), answer.notices)
    return OK if solution.possible and not failed else NO


_STAND_IN = f"0.{'0' * 29}1"
"""The size of a position whose size is asked for: so small that every tier table covers it."""


def opened(flags: PositionFlags) -> PositionFlags:
    """Return the flags of a position that is yet to be opened, with a size to stand in.

    It is entered at its mark, or at the entry where both are given.

    Raises:
        InputError: a size is given, but it is the answer.
    """
    if flags.size is not None:
        message = "the size is the answer here, so it cannot be given"
        raise InputError.of(message, "drop it; --side short for a short", Place(path="--size"))
    return flags._replace(size=_STAND_IN, entry=flags.mark if flags.entry is None else flags.entry)


def _solution(accounts: LoadedAccounts, goal: Goal, *, opening: bool) -> Answer[Solution]:
    """Solve for a target, and return the answer.

    Raises:
        InputError: the target makes no sense, or it is not clear which position is meant.
    """
    from marginctl.load.solve_request import solve

    (loaded, tiers), *more = of_one_account(accounts)
    if more or len(loaded.selected) != 1:
        raise not_one("a target is for one position", loaded)
    (index,) = loaded.selected
    goal_flag = next(
        (name for name, target in TARGETS.items() if target is goal.target), "--max-size"
    )
    try:
        solution = solve(
            loaded.account,
            loaded.venue,
            index,
            goal.target,
            goal.value,
            stop=goal.stop,
            fee_rate=goal.fee_rate or None,
            opening=opening,
        )
    except InputError as error:
        if error.problems[0].place.path == "margin":
            message = error.problems[0].message
            hint = "give --margin, or --collateral for all of the account's money"
            raise InputError.of(message, hint, Place(path=goal_flag)) from None
        raise error.at({"value": goal_flag, "stop": "--stop"}) from None
    # after hours of funding everything stands at its liquidation, which is what was asked for
    shown = None if solution.means is Variable.HOURS else solution.after
    notices = notices_after(loaded, shown or solution.before)
    warning = stop_warning(solution)
    if warning is not None:
        name = solution.position.asset
        notices.append(Notice("liquidation_before_stop", name, warning))
    return Answer(
        loaded.venue,
        tiers,
        solution,
        solution_message(solution, loaded.venue),
        tuple(notices),
        wallet_of(loaded.venue, solution.cash),
    )


def _print(answer: Answer[Solution], out: Out) -> None:
    """Print the answer of ``solve``; in formats of rows, what was found and what is then."""
    solution = answer.result
    after = None if solution.after is None else solution.after.cross
    of_cross = cross_fields() if solution.before.cross is not None or after is not None else []
    asked = AnswerFields(out, SOLUTION_FIELDS, fields_of(answer.has), of_cross)

    def tables(output: "Output") -> None:
        output.lines(solution_title(answer, output.width, whole=not out.selects))
        opened = solution.position_before is None
        rows = solution_rows(answer)[int(opened) :]  # the sheet above has its figures
        asked.figures(_found(answer), rows, output)
        output.lines([*solution_lines(answer, output.width), (), tiers_line(answer.tiers)])

    asked.print(
        data=lambda: solution_data(answer, asked.bare),
        tables=tables,
        markdown=lambda: [(solution_rows(answer), answer.message)],
        found=lambda: [_found(answer)],
    )
    print_warnings(answer.notices)


def _found(answer: Answer[Solution]) -> Found:
    """Return what ``solve`` found, and the position and account before and after it."""
    solution = answer.result
    answered = solution_data(answer, ())["answer"] or {}
    values = {f"answer.{name}": answered.get(name) for name in ("field", "value", "rounded")}
    after = solution.after
    return Found(
        {
            "possible": solution.possible,
            **values,
            "answer.exclusive": answered.get("exclusive"),
            "margin_for_stop": solution.margin_for_stop,
            "message": answer.message,
        },
        record_of(solution.position_before, solution.before.cross),
        record_of(solution.position_after, None if after is None else after.cross),
    )
