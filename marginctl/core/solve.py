"""The margin that gives a position a wanted liquidation price, distance or leverage: exact
inverses of the formulas for them, across tier boundaries.
"""

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from marginctl.core.account import Account
from marginctl.core.evaluate import evaluate
from marginctl.core.numbers import ZERO, decimal_of, exactly
from marginctl.core.position import Position
from marginctl.core.report import AccountReport
from marginctl.core.scenario import Action, Limit, limit_of
from marginctl.core.solve_price import solve_removable
from marginctl.core.solve_size import solve_size
from marginctl.core.standing import Standing, standing
from marginctl.core.venue import Venue
from marginctl.core.wishes import Means, Solution, Target, Why, Wish


@exactly
def solve(
    account: Account, venue: Venue, index: int, wish: Wish, *, opening: bool = False
) -> Solution:
    """Return the exact answer to a wish for one position of an account.

    ``opening`` says that the position is not held yet, which matters for its largest size only.

    Raises:
        ValueError: the wish makes no sense for this position: see `objection`.
        UncoveredNotionalError: a notional lies above the end of its tier table.
    """
    stand = standing(account, venue, index)
    if wish.target is Target.REMOVABLE:
        return solve_removable(stand, wish)
    if wish.target is Target.MAX_SIZE:
        return solve_size(stand, wish, opening=opening)
    return _solve_margin(stand, wish)


@exactly
def objection(position: Position, wish: Wish) -> str | None:
    """Return why a wish makes no sense for a position, in words; None when it does."""
    value = wish.value
    if wish.target is Target.EFFECTIVE_LEVERAGE and not position.isolated:
        return "a cross position has no effective leverage of its own"
    if wish.target is Target.STOP and value is not None:
        ahead = position.side * (position.notional - position.size * value)
        if ahead <= 0:
            where = "below" if position.side > 0 else "above"
            return f"the stop of a {position.side.word} lies {where} its mark"
    return None


def _solve_margin(stand: Standing, wish: Wish) -> Solution:
    """Solve for the margin to add or remove."""
    assert wish.value is not None
    value = Fraction(wish.value)
    if wish.target is Target.EFFECTIVE_LEVERAGE:
        return _Change(stand, wish).to(stand.notional / value)
    price = value
    if wish.target is Target.DISTANCE:
        price = stand.mark * (1 - stand.position.side * value)
    return _at_price(_Change(stand, wish), price)


def _at_price(change: "_Change", price: Fraction) -> Solution:
    """Solve for the margin that puts liquidation at a price, or as near to it as can be."""
    stand = change.stand
    position = stand.position
    if position.side * (stand.mark - price) <= 0:
        # no margin is so small that liquidation is at the mark or behind it, and yet allowed
        if change.before.positions[stand.index].liquidatable:
            return change.to(stand.equity_for(stand.mark), Why.BEYOND_MARK)
        return change.to(stand.equity_for(price), Why.BEYOND_MARK)
    if price <= 0:
        return change.to(stand.equity_for(Fraction(0)), Why.BELOW_ZERO)
    upper = stand.asset.table.upper_bound
    if upper is not None and Fraction(position.size) * price > upper:
        highest = Fraction(upper) / Fraction(position.size)
        return change.to(stand.equity_for(highest), Why.BEYOND_TIERS)
    return change.to(stand.equity_for(price))


class _Change:
    """A change of margin toward a wish, held to what the venue lets move."""

    def __init__(self, stand: Standing, wish: Wish) -> None:
        self.stand = stand
        self.wish = wish
        self.before = evaluate(stand.account, stand.venue)

    def to(self, equity: Fraction, why: Why | None = None) -> Solution:
        """Return the solution with this equity; ``why`` the wish itself cannot be had."""
        change = equity - self.stand.equity
        if self.wish.target is Target.STOP:
            # a stop asks for no more than enough
            change = max(Fraction(0), change)
        limit, refused = self._limit(change)
        if not limit.known and why is None and self._liquidates(change):
            stand = self.stand
            least = stand.equity_for(stand.mark) - stand.equity
            return self._solution(least, limit, Why.BEYOND_MARK)
        if not refused:
            return self._solution(change, limit, why)
        steps = limit.most(self.stand.venue.rules.amount_step)
        most = Fraction(ZERO if steps is None else steps)
        kind = Why.ADDITION_LIMIT if change > 0 else Why.REMOVAL_LIMIT
        return self._solution(most if change > 0 else -most, limit, why or kind)

    def _limit(self, change: Fraction) -> tuple[Limit, bool]:
        """Return what limits a change, and whether it is too much."""
        stand = self.stand
        if change >= 0:
            limit = limit_of(self.before, Action.ADD, stand.index, stand.venue)
            return limit, limit.amount is not None and change > Fraction(limit.amount)
        removable, rule = stand.removable()
        if removable is None or rule is None:
            return limit_of(self.before, Action.REMOVE, stand.index, stand.venue), False
        exclusive = stand.position.isolated and stand.venue.rules.removal_is_exclusive
        limit = Limit(decimal_of(removable, ROUND_FLOOR), rule.name, exclusive)
        return limit, -change > removable or (exclusive and -change == removable)

    def _liquidates(self, change: Fraction) -> bool:
        """Whether the position would be liquidatable at once after a change."""
        after = evaluate(self.stand.with_change(change), self.stand.venue)
        return after.positions[self.stand.index].liquidatable

    def _solution(self, change: Fraction, limit: Limit, why: Why | None) -> Solution:
        stand, wish = self.stand, self.wish
        account = stand.with_change(change)
        after = evaluate(account, stand.venue)
        reached = _READ[wish.target](after, stand.index)
        nearest = None
        if why is not None:
            # liquidation at zero is none at all: the distance comes as near to 1 as one likes
            nearest = Decimal(1) if why is Why.BELOW_ZERO and reached is None else reached
        stop = wish.target is Target.STOP
        needed = change > 0 or reached == wish.value
        return Solution(
            wish,
            Means.MARGIN,
            stand.index,
            stand.position,
            change,
            in_steps(change, stand.venue.rules.amount_step, beyond=stop and needed),
            why is None,
            self.before,
            after,
            wanted=wish.value,
            exclusive=stop and needed,
            why=why,
            nearest=nearest,
            limit=limit.name,
            limit_known=limit.known,
            reached=reached,
            cash=account.cash,
        )


@exactly
def in_steps(amount: Fraction, step: Decimal, *, beyond: bool = False) -> Decimal:
    """Return an amount rounded up to a multiple of a step, ``beyond`` it where it is one."""
    whole = -(-amount // Fraction(step))
    if beyond and whole * Fraction(step) == amount:
        whole += 1
    return whole * step


_READ: dict[Target, Callable[[AccountReport, int], Decimal | None]] = {
    Target.LIQUIDATION_PRICE: lambda report, index: report.positions[index].liquidation_price,
    Target.STOP: lambda report, index: report.positions[index].liquidation_price,
    Target.DISTANCE: lambda report, index: report.positions[index].liquidation_distance,
    Target.EFFECTIVE_LEVERAGE: lambda report, index: report.positions[index].effective_leverage,
}
