"""The price at which a wanted amount becomes removable."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

from marginctl.core.account import Account
from marginctl.core.evaluate import evaluate
from marginctl.core.numbers import ZERO, decimal_of, exactly
from marginctl.core.position import Side
from marginctl.core.rules import Requirement
from marginctl.core.standing import Standing
from marginctl.core.tiers import Rung
from marginctl.core.whatif import at_mark
from marginctl.core.wishes import Means, Solution, Why, Wish

_PRICE_DIGITS = 12
"""Digits of a price that is to lie just beyond another one."""


def solve_removable(stand: Standing, wish: Wish) -> Solution:
    """Return the mark at which the wished amount may be removed, at least for a long.

    Along the price, equity is a straight line and what must stay the highest of some lines. Each
    gives a root, (amount + constant + side · notional - equity) / (size · (side - rate)): a long
    needs the highest of them, a short the lowest. Derived from: equity(x) - stay(x) = amount.
    """
    assert wish.value is not None
    amount, side = Fraction(wish.value), stand.position.side
    _, rule = stand.removable()
    if rule.frozen:
        return _impossible(stand, wish, Why.STRICT, ZERO)
    roots: list[Fraction] = []
    for rate, constant in stay_lines(stand):
        over = amount + constant + side * stand.notional - stand.removable_equity
        slope = side - rate
        if slope:
            roots.append(over / slope / Fraction(stand.position.size))
        elif over > 0:
            # a long at 1x: what it gains is what must stay, at every price
            return _impossible(stand, wish, Why.NEVER, _at(stand, stand.mark))
    root = max(roots, default=Fraction(0)) if side is Side.LONG else min(roots)
    if root <= 0:
        if side is Side.LONG:
            return _solution(stand, wish, None, why=Why.ALWAYS)
        return _impossible(stand, wish, Why.NEVER, _at(stand, Fraction(0)))
    return _within_tiers(stand, wish, root)


def _within_tiers(stand: Standing, wish: Wish, root: Fraction) -> Solution:
    """Return the solution at a root, held to where the tier table ends."""
    upper = stand.asset.table.upper_bound
    if upper is not None and root * Fraction(stand.position.size) > upper:
        highest = Fraction(upper) / Fraction(stand.position.size)
        if stand.position.side is Side.SHORT:
            # the lower the better: what holds at the root holds wherever the table reaches
            return replace(_solution(stand, wish, highest), exclusive=False, limit="tier_end")
        return _impossible(stand, wish, Why.BEYOND_TIERS, _at(stand, highest))
    return _solution(stand, wish, root)


@exactly
def stay_lines(stand: Standing) -> list[tuple[Fraction, Fraction]]:
    """Return the lines, rate and constant, whose maximum at a notional must stay: in the quote
    currency, each limit of the venue with each tier's line of maintenance.
    """
    lines = []
    for rung in stand.stake.terms.rungs:
        at_zero, at_one = (_limits(stand, rung, notional) for notional in (ZERO, Decimal(1)))
        lines += [
            (stand.amount(one.parts - zero.parts), stand.amount(zero.parts))
            for zero, one in zip(at_zero, at_one, strict=True)
        ]
    return lines


def _limits(stand: Standing, rung: Rung, notional: Decimal) -> Sequence[Requirement]:
    """Return what must stay at a notional, were it in the tier of a rung."""
    moved = stand.stake._replace(
        rung=rung,
        notional=notional,
        initial=notional * stand.stake.terms.initial_rate,
        maintenance=notional * rung.rate - rung.deduction,
    )
    rules = stand.venue.rules
    if stand.position.isolated:
        return rules.limits(stand.asset, moved)
    return rules.account_limits(stand.totals(moved))


def _at(stand: Standing, price: Fraction) -> Decimal:
    """Return what may be removed at a price."""
    notional = Fraction(stand.position.size) * price
    equity = stand.removable_equity + stand.position.side * (notional - stand.notional)
    stays = max(rate * notional + constant for rate, constant in stay_lines(stand))
    return decimal_of(max(Fraction(0), equity - stays), ROUND_FLOOR)


def _impossible(stand: Standing, wish: Wish, why: Why, nearest: Decimal) -> Solution:
    solution = _solution(stand, wish, None, why=why)
    return replace(solution, possible=False, nearest=nearest)


def _solution(
    stand: Standing, wish: Wish, root: Fraction | None, why: Why | None = None
) -> Solution:
    before = evaluate(stand.account, stand.venue)
    after = None
    rounded = reached = None
    if root is not None:
        toward = ROUND_CEILING if stand.position.side is Side.LONG else ROUND_FLOOR
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
        wish,
        Means.MARK,
        stand.index,
        stand.position,
        root,
        rounded,
        possible=True,
        before=before,
        after=after,
        wanted=wish.value,
        exclusive=_exclusive(stand),
        why=why,
        reached=reached,
        cash=stand.account.cash,
    )


def _exclusive(stand: Standing) -> bool:
    """Whether the removable amount itself is just too much to remove."""
    return stand.position.isolated and stand.venue.rules.removal_is_exclusive


def _beyond(root: Fraction, side: Side) -> Decimal:
    """Return the next price of 12 digits at which more is removable than at the root itself."""
    step = Decimal(1).scaleb(decimal_of(root).adjusted() - _PRICE_DIGITS + 1)
    whole = root // Fraction(step)
    if side is Side.LONG:
        return (whole + 1) * step
    return (whole - (whole * Fraction(step) == root)) * step


def _marked(stand: Standing, price: Fraction, toward: str) -> Account:
    """Return the account with the asset's mark at a price, to 50 digits toward more removable."""
    mark = decimal_of(price, toward)
    notional = decimal_of(price * Fraction(stand.position.size), toward)
    positions = [
        at_mark(position, mark) if position.asset == stand.position.asset else position
        for position in stand.account.positions
    ]
    positions[stand.index] = positions[stand.index]._replace(notional=notional)
    return stand.account._replace(positions=tuple(positions))
