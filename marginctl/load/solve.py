"""The library's targets, which the command line asks for too."""

from marginctl.core.account import Account
from marginctl.core.goals import Goal, Solution, Target
from marginctl.core.notices import unknown_limits
from marginctl.core.numbers import ZERO
from marginctl.core.rules import Venue
from marginctl.core.solve import objection
from marginctl.core.solve import solve as solved
from marginctl.core.solve_size import NoFundsError
from marginctl.load.argument_values import ABOVE_ZERO, FEE_RATE, Reader, not_of
from marginctl.load.arguments import Number, answered, check_index
from marginctl.load.numbers import RATE_BARE_BELOW
from marginctl.load.problems import InputError, Place, Problem, did_you_mean
from marginctl.load.questions import BOUNDS


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
    words = [word.value for word in Target]
    if target not in words:
        hint = did_you_mean(str(target), words) or f"known: {', '.join(words)}"
        problems.append(Problem(f"{target!r} is not a target", hint, Place(path="target")))
        raise InputError(problems)
    goal = _goal(Target(target), value, stop, fee_rate, problems)
    if problems:
        raise InputError(problems)
    why = objection(account.positions[index], goal)
    if goal.target is Target.REMOVABLE and not venue.rules.limits_transfers:
        why = unknown_limits(venue.rules)
    if why is not None:
        place = Place(path="value" if goal.stop is None else "stop")
        raise InputError.of(why, None, place)
    try:
        return answered(lambda: solved(account, venue, index, goal, opening=opening))
    except NoFundsError:
        message = "the margin for the largest size is missing"
        hint = "give the position a margin, or the account collateral"
        raise InputError.of(message, hint, Place(path="margin")) from None


def _goal(
    target: Target,
    value: Number | None,
    stop: Number | None,
    fee_rate: Number | None,
    problems: list[Problem],
) -> Goal:
    """Return what is asked for, and append what is wrong with it."""
    reader = Reader("", problems)
    bound = BOUNDS.get(target)
    if target is Target.FUNDING_RATE:
        wanted = reader.fraction("value", value, bound, RATE_BARE_BELOW)
    elif target is Target.DISTANCE:
        wanted = reader.fraction("value", value, bound)
    else:
        wanted = reader.number("value", value, bound)
    if (value is None) != (target is Target.MAX_SIZE):
        message = f"{target} needs a value" if value is None else f"{target} takes no value"
        hint = None if value is None else "leave it out"
        problems.append(Problem(message, hint, Place(path="value")))
    for name, given in (("stop", stop), ("fee_rate", fee_rate)):
        if given is not None and target is not Target.RISK:
            message = f"{name} is for the target risk"
            problems.append(Problem(message, "leave it out", Place(path=name)))
    if stop is None and target is Target.RISK:
        problems.append(Problem("risk needs a stop", "give stop, a price", Place(path="stop")))
    return Goal(
        target,
        wanted,
        reader.number("stop", stop, ABOVE_ZERO),
        reader.fraction("fee_rate", fee_rate, FEE_RATE, RATE_BARE_BELOW) or ZERO,
    )
