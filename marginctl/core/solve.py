"""The margin or the hours that give a position a wanted liquidation price, distance or leverage:
exact inverses of the formulas for them, across tier boundaries.
"""

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from marginctl.core.account import Account
from marginctl.core.backing import Backing, backing_of
from marginctl.core.changes import Action, Limit, limit_of, with_moved
from marginctl.core.costs import funding_payment, pay_funding
from marginctl.core.evaluation import evaluate
from marginctl.core.goals import Goal, Obstacle, Solution, Target, Variable
from marginctl.core.numbers import ZERO, decimal_of, exactly, up_to_step
from marginctl.core.position import Position
from marginctl.core.report import AccountReport
from marginctl.core.rules import Venue
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
    backing = backing_of(account, venue, index)
    if goal.target is Target.REMOVABLE:
        return solve_removable(backing, goal)
    if goal.target is Target.MAX_SIZE:
        return solve_size(backing, goal, opening=opening)
    if goal.target is Target.RISK:
        return solve_risk(backing, goal)
    if goal.target is Target.FUNDING_RATE:
        return _solve_hours(backing, goal)
    return _solve_margin(backing, goal)


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


def _solve_margin(backing: Backing, goal: Goal) -> Solution:
    """Solve for the margin to add or remove."""
    assert goal.value is not None
    value = Fraction(goal.value)
    if goal.target is Target.EFFECTIVE_LEVERAGE:
        return _Change(backing, goal).to(backing.notional / value)
    price = value
    if goal.target is Target.DISTANCE:
        price = backing.mark * (1 - backing.position.side * value)
    return _at_price(_Change(backing, goal), price)


def _at_price(change: "_Change", price: Fraction) -> Solution:
    """Solve for the margin that puts liquidation at a price, or as near to it as can be."""
    backing = change.backing
    size, side = Fraction(backing.position.size), backing.position.side
    upper = backing.asset.table.upper_bound
    why = None
    if side * (backing.mark - price) <= 0:
        why = Obstacle.BEYOND_MARK
        # no margin is so small that liquidation is at the mark or behind it, and yet allowed
        if change.before.positions[backing.place].liquidatable:
            price = backing.mark
    elif price <= 0:
        price, why = Fraction(0), Obstacle.BELOW_ZERO
    elif upper is not None and size * price > upper:
        price, why = Fraction(upper) / size, Obstacle.BEYOND_TIERS
    if change.goal.target is Target.STOP:
        return change.to(backing.equity_to_outlast(price), why)
    return change.to(backing.equity_at(price), why)


class _Change:
    """A change of margin toward a target, held to what the venue lets move."""

    def __init__(self, backing: Backing, goal: Goal) -> None:
        self.backing = backing
        self.goal = goal
        self.before = evaluate(backing.account, backing.venue)

    def to(self, equity: Fraction, why: Obstacle | None = None) -> Solution:
        """Return the solution with this equity; ``why`` the target itself cannot be had."""
        change = equity - self.backing.value
        stop = self.goal.target is Target.STOP
        # a stop asks for no more than enough, and with just enough both come at one price
        beyond = stop and change >= 0
        if stop:
            change = max(Fraction(0), change)
        step = self.backing.venue.rules.amount_step
        rounded = up_to_step(change, step, beyond=beyond)
        limit, refused = self._limit(change, rounded)
        if not limit.known and why is None and self._liquidates(change):
            least = self.backing.equity_to_outlast(self.backing.mark) - self.backing.value
            nearest = up_to_step(least, step)
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
        backing = self.backing
        if change >= 0:
            limit = limit_of(self.before, Action.ADD, backing.place, backing.venue)
            return limit, rounded > 0 and limit.allows(rounded) is False
        removable, required = backing.removable(), backing.required()
        if removable is None or required is None:
            return limit_of(self.before, Action.REMOVE, backing.place, backing.venue), False
        exclusive = backing.position.isolated and backing.venue.rules.removal_is_exclusive
        limit = Limit(decimal_of(removable, ROUND_FLOOR), required.name, exclusive)
        too_much = -change > removable or (exclusive and -change == removable)
        return limit, too_much or (rounded < 0 and limit.allows(-rounded) is False)

    def _with(self, change: Fraction) -> Account:
        return with_moved(self.backing.account, self.backing.place, change)

    def _liquidates(self, change: Fraction) -> bool:
        """Whether the position would be liquidatable at once after a change."""
        after = evaluate(self._with(change), self.backing.venue)
        return after.positions[self.backing.place].liquidatable

    def _solution(
        self,
        change: Fraction,
        rounded: Decimal,
        limit: Limit,
        why: Obstacle | None,
        *,
        exclusive: bool,
    ) -> Solution:
        backing, goal = self.backing, self.goal
        account = self._with(change)
        after = evaluate(account, backing.venue)
        reached = _READ[goal.target](after, backing.place)
        nearest = None
        if why is not None:
            # liquidation at zero is none at all: the distance comes as near to 1 as one likes
            nearest = Decimal(1) if why is Obstacle.BELOW_ZERO and reached is None else reached
        return Solution(
            goal,
            Variable.MARGIN,
            backing.place,
            backing.position,
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


_READ: dict[Target, Callable[[AccountReport, int], Decimal | None]] = {
    Target.LIQUIDATION_PRICE: lambda report, index: report.positions[index].liquidation_price,
    Target.STOP: lambda report, index: report.positions[index].liquidated_at,
    Target.DISTANCE: lambda report, index: report.positions[index].liquidation_distance,
    Target.EFFECTIVE_LEVERAGE: lambda report, index: report.positions[index].effective_leverage,
}


def _solve_hours(backing: Backing, goal: Goal) -> Solution:
    """Return the hours until liquidation at a funding rate per hour, all marks standing still.

    hours = (equity - maintenance - closing fee) / (size · mark · |rate|), zero when it is
    liquidatable already. There is no answer where the position receives. ``rounded`` are the whole
    hours that it lasts.
    Derived from: equity falls by the payment each hour, and liquidation is where it meets what
    must be kept.
    """
    assert goal.value is not None
    account, venue = backing.account, backing.venue
    before = evaluate(account, venue)
    payment = funding_payment(backing.position, goal.value, Decimal(1))
    spare = backing.value - backing.kept_at_mark()
    rules = venue.rules
    # where equity that just meets what must be kept still carries it, liquidation comes after that
    exclusive = backing.pool.borrows or not rules.liquidates(ZERO, ZERO)
    answer = after = rounded = why = reached = cash = None
    if payment <= 0:
        why = Obstacle.RECEIVES
    else:
        answer = max(Fraction(0), spare) / Fraction(payment)
        whole = answer // 1
        if not exclusive and whole == answer and whole:
            whole -= 1
        rounded = Decimal(whole)
        paid = pay_funding(account, backing.place, max(Fraction(0), spare))
        after, cash = evaluate(paid, venue), paid.cash
        reached = after.positions[backing.place].liquidated_at
    return Solution(
        goal,
        Variable.HOURS,
        backing.place,
        backing.position,
        answer,
        rounded,
        possible=True,
        before=before,
        after=after,
        wanted=goal.value,
        exclusive=exclusive and bool(answer),
        why=why,
        reached=reached,
        cash=cash,
        payment=payment,
    )
