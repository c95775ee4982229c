"""The marks at which a wanted amount is removable."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from itertools import combinations

from marginctl.core.account import Account
from marginctl.core.backing import Backing
from marginctl.core.goals import Goal, Obstacle, Solution, Variable
from marginctl.core.numbers import ZERO, decimal_of, exactly
from marginctl.core.position import Side
from marginctl.core.report import evaluate
from marginctl.core.rules import Requirement
from marginctl.core.tiers import ScaledTier
from marginctl.core.whatif import at_mark

_PRICE_DIGITS = 12
"""Digits of a price that is to lie just beyond another one."""


def solve_removable(stand: Backing, goal: Goal) -> Solution:
    """Return the mark at which the amount asked for may be removed: the lowest of a long's, the
    highest of a short's.

    Along the price, equity is a straight line and what must stay the highest of some lines. Each
    gives a root, (amount + constant + side · notional - equity) / (size · (side - rate)), above
    which the amount is free where side - rate is above zero, and below which it is where that is
    below zero. So it is free from the highest of the first to the lowest of the second. The second
    are those of a short, and of a long whose profit stays: it loses removable margin as it gains.
    Derived from: equity(x) - stay(x) = amount.

    Raises:
        ValueError: the rules of the venue do not say how much may be removed.
    """
    assert goal.value is not None
    amount, side = Fraction(goal.value), stand.position.side
    _, rule = stand.removable()
    if rule is None:
        raise ValueError("it is not known how much may be removed")
    if rule.frozen:
        return _impossible(stand, goal, Obstacle.STRICT, ZERO)
    stretch = _stretch(stand, amount)
    if stretch is None:
        return _impossible(stand, goal, Obstacle.NEVER, _most(stand))
    low, high = stretch
    downward = side is Side.SHORT or (low <= 0 and high is not None)
    root = high if downward else low
    upper = stand.asset.table.upper_bound
    if root is None or root <= 0:
        return _solution(stand, goal, None, why=Obstacle.ALWAYS)
    if upper is not None and root * Fraction(stand.position.size) > upper:
        highest = Fraction(upper) / Fraction(stand.position.size)
        if stand.position.side is Side.SHORT:
            # the lower the better: what holds at the root holds wherever the table reaches
            within = _solution(stand, goal, highest, downward=True)
            return within._replace(exclusive=False, limit="tier_end")
        return _impossible(stand, goal, Obstacle.BEYOND_TIERS, _at(stand, highest))
    until = None if downward else high
    return _solution(stand, goal, root, downward=downward, until=until)


def _stretch(stand: Backing, amount: Fraction) -> tuple[Fraction, Fraction | None] | None:
    """Return the lowest and the highest mark at which an amount may be removed.

    Up to 0 the lowest is all marks from there on; a highest of None is without end. None where no
    mark above zero makes it removable.
    """
    side, size = stand.position.side, Fraction(stand.position.size)
    low, high = Fraction(0), None
    for rate, constant in stay_lines(stand):
        over = amount + constant + side * stand.notional - stand.removable_equity
        slope = side - rate
        if not slope:
            # a long at 1x: what it gains is what must stay, at every price
            if over > 0:
                return None
            continue
        root = over / slope / size
        if slope > 0:
            low = max(low, root)
        else:
            high = root if high is None else min(high, root)
    return None if high is not None and (high <= 0 or high < low) else (low, high)


@exactly
def stay_lines(stand: Backing) -> list[tuple[Fraction, Fraction]]:
    """Return the lines, rate and constant, whose maximum at a notional must stay: in the quote
    currency, each limit of the venue with each tier's line of maintenance.
    """
    lines = []
    for scaled_tier in stand.margin_figures.terms.scaled_tiers:
        at_zero, at_one = (_limits(stand, scaled_tier, notional) for notional in (ZERO, Decimal(1)))
        lines += [
            (stand.amount(one.parts - zero.parts), stand.amount(zero.parts))
            for zero, one in zip(at_zero, at_one, strict=True)
        ]
    return lines


def _limits(stand: Backing, scaled_tier: ScaledTier, notional: Decimal) -> Sequence[Requirement]:
    """Return what must stay at a notional, were it in the tier of a rung."""
    moved = stand.margin_figures._replace(
        scaled_tier=scaled_tier,
        notional=notional,
        initial=notional * stand.margin_figures.terms.initial_rate,
        maintenance=notional * scaled_tier.rate - scaled_tier.deduction,
        pnl=stand.position.side * (notional - stand.margin_figures.cost),
    )
    rules = stand.venue.rules
    if stand.position.isolated:
        return rules.limits(stand.asset, moved)
    return rules.account_limits(stand.totals(moved))


def _most(stand: Backing) -> Decimal:
    """Return the most that may be removed at any price: what goes up and down in straight lines
    is highest at one of its ends, or where two of the lines meet.
    """
    lines = stay_lines(stand)
    meetings = {
        (other_constant - constant) / (rate - other_rate)
        for (rate, constant), (other_rate, other_constant) in combinations(lines, 2)
        if rate != other_rate
    }
    upper = stand.asset.table.upper_bound
    end = stand.notional if upper is None else Fraction(upper)
    inside = {
        notional for notional in meetings if notional > 0 and (upper is None or notional < end)
    }
    return max(_removable(stand, notional) for notional in {Fraction(0), end, *inside})


def _at(stand: Backing, price: Fraction) -> Decimal:
    """Return what may be removed at a price."""
    return _removable(stand, Fraction(stand.position.size) * price)


def _removable(stand: Backing, notional: Fraction) -> Decimal:
    equity = stand.removable_equity + stand.position.side * (notional - stand.notional)
    stays = max(rate * notional + constant for rate, constant in stay_lines(stand))
    return decimal_of(max(Fraction(0), equity - stays), ROUND_FLOOR)


def _impossible(stand: Backing, goal: Goal, why: Obstacle, nearest: Decimal) -> Solution:
    solution = _solution(stand, goal, None, why=why)
    return solution._replace(possible=False, nearest=nearest)


def _solution(
    stand: Backing,
    goal: Goal,
    root: Fraction | None,
    why: Obstacle | None = None,
    *,
    downward: bool = False,
    until: Fraction | None = None,
) -> Solution:
    before = evaluate(stand.account, stand.venue)
    after = None
    rounded = reached = None
    if root is not None:
        toward = ROUND_FLOOR if downward else ROUND_CEILING
        rounded = decimal_of(root, toward)
        if _exclusive(stand):
            rounded = _beyond(root, stand.position.side)
        after = evaluate(_marked(stand, root, toward), stand.venue)
        if stand.position.isolated:
            reached = after.positions[stand.index].max_removable
        else:
            assert after.cross is not None
            reached = after.cross.max_removable
    return Solution(
        goal,
        Variable.MARK,
        stand.index,
        stand.position,
        root,
        rounded,
        possible=True,
        before=before,
        after=after,
        wanted=goal.value,
        exclusive=_exclusive(stand),
        why=why,
        reached=reached,
        downward=downward,
        until=until,
        cash=stand.account.cash,
    )


def _exclusive(stand: Backing) -> bool:
    """Whether the removable amount itself is just too much to remove."""
    return stand.position.isolated and stand.venue.rules.removal_is_exclusive


def _beyond(root: Fraction, side: Side) -> Decimal:
    """Return the next price of 12 digits at which more is removable than at the root itself."""
    step = Decimal(1).scaleb(decimal_of(root).adjusted() - _PRICE_DIGITS + 1)
    whole = root // Fraction(step)
    if side is Side.LONG:
        return (whole + 1) * step
    return (whole - (whole * Fraction(step) == root)) * step


def _marked(stand: Backing, price: Fraction, toward: str) -> Account:
    """Return the account with the asset's mark at a price, to 50 digits toward more removable."""
    mark = decimal_of(price, toward)
    notional = decimal_of(price * Fraction(stand.position.size), toward)
    positions = [
        at_mark(position, mark) if position.asset == stand.position.asset else position
        for position in stand.account.positions
    ]
    positions[stand.index] = positions[stand.index]._replace(notional=notional)
    return stand.account._replace(positions=tuple(positions))
