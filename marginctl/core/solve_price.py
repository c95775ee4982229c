"""The marks at which a wanted amount is removable."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from itertools import combinations

from marginctl.core.account import Account
from marginctl.core.backing import Backing
from marginctl.core.changes import MoveMark, replaced, with_mark
from marginctl.core.crossings import for_removal, missing_at, stretch
from marginctl.core.evaluation import evaluate
from marginctl.core.goals import Goal, Obstacle, Solution, Variable
from marginctl.core.numbers import ZERO, decimal_of, exactly
from marginctl.core.path import MarginPath
from marginctl.core.position import Side

_PRICE_DIGITS = 12
"""Digits of a price that is to lie just beyond another one."""


def solve_removable(backing: Backing, goal: Goal) -> Solution:
    """Return the mark at which the amount asked for may be removed: the lowest of a long's, the
    highest of a short's.

    Along the price, equity is a straight line and what must stay the highest of some lines. So the
    amount is free on one stretch of prices, where nothing is missing once it is gone. Mostly that
    is without end on the side where the position gains; of a long whose profit stays, which loses
    removable margin as it gains, it ends there.
    Derived from: equity(x) - stay(x) = amount.

    Raises:
        ValueError: the rules of the venue do not say how much may be removed.
    """
    assert goal.value is not None
    required = backing.required()
    if required is None:
        raise ValueError("it is not known how much may be removed")
    if required.frozen:
        return _impossible(backing, goal, Obstacle.STRICT, ZERO)
    prices = _prices(backing, goal.value)
    if prices is None:
        return _impossible(backing, goal, Obstacle.NEVER, _most(backing))
    low, high = prices
    short = backing.position.side is Side.SHORT
    downward = short or (low <= 0 and high is not None)
    root = high if downward else low
    upper = backing.asset.table.upper_bound
    if root is None or root <= 0:
        return _solution(backing, goal, None, why=Obstacle.ALWAYS)
    if upper is not None and root * Fraction(backing.position.size) > upper:
        highest = Fraction(upper) / Fraction(backing.position.size)
        if short:
            # the lower the better: what holds at the root holds wherever the table reaches
            within = _solution(backing, goal, highest, downward=True)
            return within._replace(exclusive=False, limit="tier_end")
        nearest = _removable_at(backing, highest / backing.mark - 1)
        return _impossible(backing, goal, Obstacle.BEYOND_TIERS, nearest)
    until = None if downward else high
    return _solution(backing, goal, root, downward=downward, until=until)


def _path(backing: Backing, removed: Decimal = ZERO) -> MarginPath:
    """Return how the equity that removals count changes with the price, an amount removed."""
    return backing.path().with_more(Fraction(backing.pool.residue - removed))


def _prices(backing: Backing, amount: Decimal) -> tuple[Fraction, Fraction | None] | None:
    """Return the lowest and the highest mark at which an amount may be removed.

    At 0 the lowest is all marks from there on; a highest of None is without end. None where no
    mark above zero makes it removable.
    """
    left, shortfall = _path(backing, amount), for_removal(backing.limits)
    down, up = stretch(left, shortfall)
    if down is None and up is None and missing_at(left, shortfall, Fraction(0)) > 0:
        return None
    low = Fraction(0) if down is None else max(Fraction(0), backing.mark * (1 + down))
    high = None if up is None else backing.mark * (1 + up)
    return None if high is not None and high <= 0 else (low, high)


def _most(backing: Backing) -> Decimal:
    """Return the most that may be removed at any price: what goes up and down in straight lines
    is highest at one of its ends, or where two of the lines meet.
    """
    path, shortfall = _path(backing), for_removal(backing.limits)
    upper = backing.asset.table.upper_bound
    end = Fraction(0) if upper is None else Fraction(upper) / backing.notional - 1
    moves = {Fraction(-1), end}
    for segment in path.segments:
        for line, other in combinations(shortfall(path, segment), 2):
            gap = line.less(other)
            if gap.slope:
                y = -Fraction(gap.level) / Fraction(gap.slope)
                if segment.holds(y) and path.reaches(y):
                    moves.add(y)
    moves |= {point.y for point in path.breakpoints if path.reaches(point.y)}
    return max(_removable_at(backing, y) for y in moves)


def _removable_at(backing: Backing, y: Fraction) -> Decimal:
    """Return what may be removed at a move of the price."""
    missing = missing_at(_path(backing), for_removal(backing.limits), y)
    return decimal_of(max(Fraction(0), -missing), ROUND_FLOOR)


def _impossible(backing: Backing, goal: Goal, why: Obstacle, nearest: Decimal) -> Solution:
    solution = _solution(backing, goal, None, why=why)
    return solution._replace(possible=False, nearest=nearest)


def _solution(
    backing: Backing,
    goal: Goal,
    root: Fraction | None,
    why: Obstacle | None = None,
    *,
    downward: bool = False,
    until: Fraction | None = None,
) -> Solution:
    before = evaluate(backing.account, backing.venue)
    after = None
    rounded = reached = None
    exclusive = backing.position.isolated and backing.venue.rules.removal_is_exclusive
    if root is not None:
        toward = ROUND_FLOOR if downward else ROUND_CEILING
        rounded = _beyond(root, backing.position.side) if exclusive else decimal_of(root, toward)
        after = evaluate(_marked(backing, root, toward), backing.venue)
        if backing.position.isolated:
            reached = after.positions[backing.place].max_removable
        else:
            assert after.cross is not None
            reached = after.cross.max_removable
    return Solution(
        goal,
        Variable.MARK,
        backing.place,
        backing.position,
        root,
        rounded,
        possible=True,
        before=before,
        after=after,
        wanted=goal.value,
        exclusive=exclusive,
        why=why,
        reached=reached,
        downward=downward,
        until=until,
        cash=backing.account.cash,
    )


def _beyond(root: Fraction, side: Side) -> Decimal:
    """Return the next price of 12 digits at which more is removable than at the root itself."""
    step = Decimal(1).scaleb(decimal_of(root).adjusted() - _PRICE_DIGITS + 1)
    whole = root // Fraction(step)
    if side is Side.LONG:
        return (whole + 1) * step
    return (whole - (whole * Fraction(step) == root)) * step


@exactly
def _marked(backing: Backing, price: Fraction, toward: str) -> Account:
    """Return the account with the asset's mark at a price, to 50 digits toward more removable."""
    mark = decimal_of(price, toward)
    account = with_mark(backing.account, backing.place, MoveMark(mark=mark))
    notional = decimal_of(price * Fraction(backing.position.size), toward)
    position = account.positions[backing.place]._replace(notional=notional)
    return replaced(account, backing.place, position)
