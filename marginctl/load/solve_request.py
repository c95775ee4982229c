"""What is to be solved for: one target, as flags or arguments, and the answer."""

from decimal import Decimal

from marginctl.core.account import Account
from marginctl.core.goals import Goal, Solution, Target
from marginctl.core.notices import unknown_limits
from marginctl.core.numbers import ZERO
from marginctl.core.rules import Venue
from marginctl.core.solve import objection
from marginctl.core.solve import solve as solved
from marginctl.core.solve_size import NoFundsError
from marginctl.load.arguments import (
    ABOVE_ZERO,
    FEE_RATE,
    FLAG_BOUNDS,
    FUNDING_RATE,
    NOT_BELOW_ZERO,
    ArgumentReader,
    Number,
    Texts,
    answered,
    check_index,
    flag_numbers,
    not_of,
    read_word,
)
from marginctl.load.numbers import RATE_BARE_BELOW
from marginctl.load.problems import ARGUMENTS, InputError, Place, Problem

TARGETS = {
    "--liquidation-price": Target.LIQUIDATION_PRICE,
    "--distance": Target.DISTANCE,
    "--effective-leverage": Target.EFFECTIVE_LEVERAGE,
    "--removable": Target.REMOVABLE,
    "--stop": Target.STOP,
    "--risk": Target.RISK,
    "--funding-rate": Target.FUNDING_RATE,
}
"""The flags of targets that have a value."""
_BOUNDS = {
    Target.LIQUIDATION_PRICE: ABOVE_ZERO,
    Target.STOP: ABOVE_ZERO,
    Target.EFFECTIVE_LEVERAGE: ABOVE_ZERO,
    Target.REMOVABLE: NOT_BELOW_ZERO,
    Target.RISK: ABOVE_ZERO,
    Target.FUNDING_RATE: FUNDING_RATE,
}
"""What the value of a target must be."""
_FLAG_BOUNDS = {
    **FLAG_BOUNDS,
    **{flag: _BOUNDS[target] for flag, target in TARGETS.items() if target in _BOUNDS},
}


def read_goal(texts: Texts, *, max_size: bool) -> Goal:
    """Return the one target that flags state.

    ``--stop`` is a target of its own, but with ``--risk`` a part of that, as ``--fee-rate`` is.

    Raises:
        InputError: with every problem; when there is no target, or more than one, too.
    """
    problems: list[Problem] = []
    numbers = flag_numbers(texts, problems, _FLAG_BOUNDS)
    given = [name for name, text in texts.items() if text is not None]
    at_risk = "--risk" in given
    names = [name for name in given if name in TARGETS and not (at_risk and name == "--stop")]
    names += ["--max-size"] * max_size
    if at_risk and "--stop" not in given:
        message = "--risk is the loss at a stop, but --stop is missing"
        problems.append(Problem(message, "add --stop", Place(path="--risk")))
    if "--fee-rate" in given and not at_risk:
        message = "--fee-rate needs --risk"
        problems.append(Problem(message, "drop it", Place(path="--fee-rate")))
    if not names:
        hint = f"add {', '.join(TARGETS)} or --max-size"
        problems.append(Problem("there is no target to solve for", hint))
    elif len(names) > 1:
        message = f"{' and '.join(names)} are different targets"
        problems.append(Problem(message, "give one at a time", Place(path=names[-1])))
    if problems:
        raise InputError(problems)
    if max_size:
        return Goal(Target.MAX_SIZE)
    (name,) = names
    if at_risk:
        return Goal(
            Target.RISK, numbers["--risk"], numbers["--stop"], numbers.get("--fee-rate", Decimal(0))
        )
    return Goal(TARGETS[name], numbers[name])


def solve(
    account: Account,
    venue: Venue,
    index: int,
    target: Target | str,
    value: Number | None = None,
    *,
    stop: Number | None = None,
    fee_rate: Number | None = None,
    opening: bool = False,
) -> Solution:
    """Find the margin, mark price, size or hours that give a position a wanted figure, exactly.

    ``index`` is the position's place in the account, from 0. The targets and their values:

    - ``liquidation_price``, a price; ``liquidation_distance``, a fraction of the mark;
      ``effective_leverage``, notional / equity of an isolated position; ``stop``, a price before
      liquidation: the answer is the margin to add, below zero to remove, in the quote currency
    - ``max_removable``, an amount of quote currency: the answer is a mark price
    - ``margin``, without a value: the answer is the largest size that the margin carries
    - ``risk``, the loss in quote currency at the price ``stop``, with a ``fee_rate`` at the entry
      and at the stop: the answer is the size of a position to be opened
    - ``funding_rate``, a fraction per hour: the answer is the hours until liquidation

    ``opening`` says that the position is not held yet: its own size does not count then, so any
    will do. ``answer`` is exact, ``rounded`` is it in the venue's steps, to the side that keeps the
    target; ``reached`` is the target's figure with it. ``possible`` False, ``why`` and ``nearest``
    say what cannot be had. Derived from the formulas of `evaluate`.

    Raises:
        InputError: with every problem: no such position or target, a value that makes no sense, a
            stop that is not before liquidation, a venue whose rules do not say what is removable,
            a notional above the end of its tiers.
        TypeError: a number is a float or a boolean, or the index is no whole number.
    """
    problems = not_of(account, venue)
    check_index(account, index, problems)
    wanted = read_word("target", target, Target, "a target", problems)
    if wanted is None:
        raise InputError(problems)
    goal = _goal(wanted, value, stop, fee_rate, problems)
    if problems:
        raise InputError(problems)
    why = objection(account.positions[index], goal)
    if goal.target is Target.REMOVABLE and not venue.rules.limits_transfers:
        why = unknown_limits(venue.rules)
    if why is not None:
        place = ARGUMENTS.place("value" if goal.stop is None else "stop")
        raise InputError.of(why, None, place)
    try:
        return answered(lambda: solved(account, venue, index, goal, opening=opening))
    except NoFundsError:
        message = "the margin for the largest size is missing"
        hint = "give the position a margin, or the account collateral"
        raise InputError.of(message, hint, ARGUMENTS.place("margin")) from None


def _goal(
    target: Target,
    value: Number | None,
    stop: Number | None,
    fee_rate: Number | None,
    problems: list[Problem],
) -> Goal:
    """Return what is asked for, and append what is wrong with it."""
    reader = ArgumentReader(ARGUMENTS, problems)
    bound = _BOUNDS.get(target)
    if target is Target.FUNDING_RATE:
        wanted = reader.fraction("value", value, bound, RATE_BARE_BELOW)
    elif target is Target.DISTANCE:
        wanted = reader.fraction("value", value, bound)
    else:
        wanted = reader.number("value", value, bound)
    if (value is None) != (target is Target.MAX_SIZE):
        message = f"{target} needs a value" if value is None else f"{target} takes no value"
        hint = None if value is None else "leave it out"
        problems.append(Problem(message, hint, ARGUMENTS.place("value")))
    for name, given in (("stop", stop), ("fee_rate", fee_rate)):
        if given is not None and target is not Target.RISK:
            message = f"{name} is for the target risk"
            problems.append(Problem(message, "leave it out", ARGUMENTS.place(name)))
    if stop is None and target is Target.RISK:
        problems.append(Problem("risk needs a stop", "give stop, a price", ARGUMENTS.place("stop")))
    return Goal(
        target,
        wanted,
        reader.number("stop", stop, ABOVE_ZERO),
        reader.fraction("fee_rate", fee_rate, FEE_RATE, RATE_BARE_BELOW) or ZERO,
    )
