"""The margin that gives a position a wanted liquidation price, distance or leverage: exact
inverses of the formulas for them, across tier boundaries.
"""

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from marginctl.core.account import Account
from marginctl.core.backing import Backing, standing
from marginctl.core.changes import Action, Limit, limit_of
from marginctl.core.goals import Goal, Obstacle, Solution, Target, Variable
from marginctl.core.numbers import ZERO, decimal_of, exactly
from marginctl.core.position import Position
from marginctl.core.report import AccountReport, evaluate
from marginctl.core.rules import Venue
from marginctl.core.solve_hours import solve_hours
from marginctl.core.solve_price import solve_removable
from marginctl.core.solve_size import loss_at_stop, solve_risk, solve_size


@exactly
def solve(
    account: Account, venue: Venue, index: int, goal: Goal, *, opening: bool = False
) -> Solution:
    """Return the exact answer to a target for one position of an account.

    ``opening`` says that the position is not held yet, which matters for its largest size only. A
    size from risk and stop is always that of a position to be opened.

    Raises:
        ValueError: the target makes no sense for this position: see `objection`.
        UncoveredNotionalError: a notional lies above the end of its tier table.
    """
    stand = standing(account, venue, index)
    if goal.target is Target.REMOVABLE:
        return solve_removable(stand, goal)
    if goal.target is Target.MAX_SIZE:
        return solve_size(stand, goal, opening=opening)
    if goal.target is Target.RISK:
        return solve_risk(stand, goal)
    if goal.target is Target.FUNDING_RATE:
        return solve_hours(stand, goal)
    return _solve_margin(stand, goal)


@exactly
def objection(position: Position, goal: Goal) -> str | None:
    """Return why a target makes no sense for a position, in words; None when it does."""
    value = goal.value
    if goal.target is Target.EFFECTIVE_LEVERAGE and not position.isolated:
        return "a cross position has no separate effective leverage"
    stop = value if goal.target is Target.STOP else goal.stop
    if stop is None:
        return None
    where = "below" if position.side > 0 else "above"
    if position.side * (position.notional - position.size * stop) <= 0:
        return f"the stop of a {position.side.word} is {where} its mark"
    if goal.target is Target.RISK and loss_at_stop(position, goal) <= 0:
        return f"a {position.side.word} loses nothing at this stop, as it is {where} the entry"
    return None


def _solve_margin(stand: Backing, goal: Goal) -> Solution:
    """Solve for the margin to add or remove."""
    assert goal.value is not None
    value = Fraction(goal.value)
    if goal.target is Target.EFFECTIVE_LEVERAGE:
        return _Change(stand, goal).to(stand.notional / value)
    price = value
    if goal.target is Target.DISTANCE:
        price = stand.mark * (1 - stand.position.side * value)
    return _at_price(_Change(stand, goal), price)


def _at_price(change: "_Change", price: Fraction) -> Solution:
    """Solve for the margin that puts liquidation at a price, or as near to it as can be."""
    stand = change.stand
    position = stand.position
    stopped = change.goal.target is Target.STOP
    equity_for = stand.equity_to_outlast if stopped else stand.equity_for
    if position.side * (stand.mark - price) <= 0:
        # no margin is so small that liquidation is at the mark or behind it, and yet allowed
        if change.before.positions[stand.index].liquidatable:
            return change.to(equity_for(stand.mark), Obstacle.BEYOND_MARK)
        return change.to(equity_for(price), Obstacle.BEYOND_MARK)
    if price <= 0:
        return change.to(equity_for(Fraction(0)), Obstacle.BELOW_ZERO)
    upper = stand.asset.table.upper_bound
    if upper is not None and Fraction(position.size) * price > upper:
        highest = Fraction(upper) / Fraction(position.size)
        return change.to(equity_for(highest), Obstacle.BEYOND_TIERS)
    return change.to(equity_for(price))


class _Change:
    """A change of margin toward a target, held to what the venue lets move."""

    def __init__(self, stand: Backing, goal: Goal) -> None:
        self.stand = stand
        self.goal = goal
        self.before = evaluate(stand.account, stand.venue)

    def to(self, equity: Fraction, why: Obstacle | None = None) -> Solution:
        """Return the solution with this equity; ``why`` the target itself cannot be had."""
        change = equity - self.stand.equity
        stop = self.goal.target is Target.STOP
        # a stop asks for no more than enough, and with just enough both come at one price
        beyond = stop and change >= 0
        if stop:
            change = max(Fraction(0), change)
        step = self.stand.venue.rules.amount_step
        rounded = in_steps(change, step, beyond=beyond)
        limit, refused = self._limit(change, rounded)
        if not limit.known and why is None and self._liquidates(change):
            least = self.stand.equity_to_outlast(self.stand.mark) - self.stand.equity
            nearest = in_steps(least, step)
            return self._solution(least, nearest, limit, Obstacle.BEYOND_MARK, exclusive=False)
        if not refused:
            return self._solution(change, rounded, limit, why, exclusive=beyond)
        adding = rounded > 0
        most = limit.most(step) or ZERO
        nearest = most if adding else -most
        kind = Obstacle.ADDITION_LIMIT if adding else Obstacle.REMOVAL_LIMIT
        return self._solution(Fraction(nearest), nearest, limit, why or kind, exclusive=False)

    def _limit(self, change: Fraction, rounded: Decimal) -> tuple[Limit, bool]:
        """Return what limits a change, and whether it is too much, exactly or in whole steps."""
        stand = self.stand
        if change >= 0:
            limit = limit_of(self.before, Action.ADD, stand.index, stand.venue)
            return limit, rounded > 0 and limit.allows(rounded) is False
        removable, rule = stand.removable()
        if removable is None or rule is None:
            return limit_of(self.before, Action.REMOVE, stand.index, stand.venue), False
        exclusive = stand.position.isolated and stand.venue.rules.removal_is_exclusive
        limit = Limit(decimal_of(removable, ROUND_FLOOR), rule.name, exclusive)
        too_much = -change > removable or (exclusive and -change == removable)
        return limit, too_much or (rounded < 0 and limit.allows(-rounded) is False)

    def _liquidates(self, change: Fraction) -> bool:
        """Whether the position would be liquidatable at once after a change."""
        after = evaluate(self.stand.with_change(change), self.stand.venue)
        return after.positions[self.stand.index].liquidatable

    def _solution(
        self,
        change: Fraction,
        rounded: Decimal,
        limit: Limit,
        why: Obstacle | None,
        *,
        exclusive: bool,
    ) -> Solution:
        stand, goal = self.stand, self.goal
        account = stand.with_change(change)
        after = evaluate(account, stand.venue)
        reached = _READ[goal.target](after, stand.index)
        nearest = None
        if why is not None:
            # liquidation at zero is none at all: the distance comes as near to 1 as one likes
            nearest = Decimal(1) if why is Obstacle.BELOW_ZERO and reached is None else reached
        return Solution(
            goal,
            Variable.MARGIN,
            stand.index,
            stand.position,
            change,
            rounded,
            why is None,
            self.before,
            after,
            wanted=goal.value,
            exclusive=exclusive,
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
    Target.STOP: lambda report, index: report.positions[index].liquidated_at,
    Target.DISTANCE: lambda report, index: report.positions[index].liquidation_distance,
    Target.EFFECTIVE_LEVERAGE: lambda report, index: report.positions[index].effective_leverage,
}
