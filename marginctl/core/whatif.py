"""What if the price, the margin, the leverage or the size of a position changes."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from marginctl.core.account import Account, as_cash
from marginctl.core.backing import available, backing_of
from marginctl.core.changes import (
    Action,
    AddMargin,
    Change,
    Limit,
    MoveMark,
    Open,
    PayFunding,
    SetLeverage,
    Trade,
    in_order,
    move_margin,
    place_of,
    replaced,
    with_mark,
)
from marginctl.core.costs import funding_payment, pay_funding
from marginctl.core.evaluation import evaluate
from marginctl.core.figures import margin_of, with_margin
from marginctl.core.numbers import ZERO, decimal_of, exactly
from marginctl.core.position import Position
from marginctl.core.records import Record
from marginctl.core.report import AccountReport, PositionReport
from marginctl.core.rules import Venue
from marginctl.core.tiers import tier_at
from marginctl.core.trade import Effect, Traded, opening, trade

NO_LIMIT = Limit(None, None)


class Outcome(Record):
    """One change and whether the venue would take it.

    ``allowed`` is None where the venue's rules do not say.
    ``limit`` is the bound that decides and its rule, as far as one does. ``short`` is the margin
    that is missing where margin is what is missing, in the quote currency. ``effect`` is what a
    trade does, ``price`` the price it is made at. ``paid`` is the funding, below zero what is
    received.
    """

    change: Change
    allowed: bool | None = True
    limit: Limit = NO_LIMIT
    short: Fraction | None = None
    effect: Effect | None = None
    price: Decimal | None = None
    funds_known: bool = True
    paid: Decimal | None = None


class WhatIf(Record):
    """An account before and after some changes, and what the venue would say of each.

    ``index`` is the position's place in the account, behind those it had for one that is opened,
    None when the account as a whole is meant. The figures after a refused change are those that
    it would give. ``cash`` is the account's after them, None when unknown. ``liquidated_after`` is
    the number, from 1, of the first change after which something of the account is liquidatable,
    and ``liquidated`` the account then; None where nothing is. What comes after it is refused.
    """

    index: int | None  # type: ignore[assignment] # and not what a tuple has by that name
    outcomes: tuple[Outcome, ...]
    before: AccountReport
    after: AccountReport
    closed: bool
    cash: Decimal | None
    liquidated_after: int | None
    liquidated: AccountReport | None

    @property
    def allowed(self) -> bool | None:
        """Whether the venue would take every change, and none of them liquidates.

        None where its rules do not say of one.
        """
        verdicts = {outcome.allowed for outcome in self.outcomes}
        if self.liquidated is not None or False in verdicts:
            return False
        return None if None in verdicts else True

    @property
    @exactly
    def funding_paid(self) -> Decimal:
        """The funding that the position pays in all, below zero what it receives."""
        return sum((outcome.paid for outcome in self.outcomes if outcome.paid is not None), ZERO)

    @property
    def position_before(self) -> PositionReport | None:
        """The position as it was, None where it is opened or the account is meant."""
        if self.index is None or self.index >= len(self.before.positions):
            return None
        return self.before.positions[self.index]

    @property
    def position_after(self) -> PositionReport | None:
        """The position as it would be, None when it is closed or the account is meant."""
        return None if self.index is None or self.closed else self.after.positions[self.index]

    @property
    def pairs(self) -> list[tuple[PositionReport, PositionReport | None]]:
        """Every position the account had, and as it would be, None where closed."""
        after: list[PositionReport | None] = list(self.after.positions)
        if self.index is not None and self.closed:
            after.insert(self.index, None)
        return list(zip(self.before.positions, after, strict=False))


def nearest_to_liquidation(report: AccountReport) -> PositionReport | None:
    """Return the position with the shortest way to its liquidation price, None without one."""
    ways = [
        (one.liquidation_distance, place)
        for place, one in enumerate(report.positions)
        if one.liquidation_distance is not None
    ]
    return report.positions[min(ways)[1]] if ways else None


@exactly
def what_if(account: Account, venue: Venue, index: int | None, changes: Sequence[Change]) -> WhatIf:
    """Apply changes to a position of an account, or to the account where ``index`` is None.

    They are applied in the order of `in_order`, each judged on what the ones before it left.

    Raises:
        UncoveredNotionalError: a notional comes to lie above the end of its tier table.
    """
    before = report = evaluate(account, venue)
    outcomes: list[Outcome] = []
    closed = False
    liquidated_after, liquidated = None, None
    for number, change in enumerate(in_order(changes), start=1):
        if closed:
            outcomes.append(Outcome(change, allowed=False, limit=Limit(None, "closed")))
            continue
        if isinstance(change, Open):
            index = len(account.positions)
        account, report, outcome = _applied(account, report, venue, index, change)
        closed = outcome.effect is Effect.CLOSE
        if liquidated is not None:
            outcome = _refused(outcome, Limit(None, "liquidated"))
        elif anything_liquidatable(report):
            liquidated_after, liquidated = number, report
        outcomes.append(outcome)
    return WhatIf(
        index,
        tuple(outcomes),
        before,
        report,
        closed,
        account.cash,
        liquidated_after,
        liquidated,
    )


def _applied(
    account: Account, before: AccountReport, venue: Venue, index: int | None, change: Change
) -> tuple[Account, AccountReport, Outcome]:
    """Return the account after one change with its figures, and whether the venue takes it."""
    if isinstance(change, AddMargin):
        return _add_margin(account, before, venue, index, change)
    if isinstance(change, Open):
        position, made = opening(change)
        after = account._replace(positions=(*account.positions, position))
        outcome = Outcome(change, price=change.price)
        return _traded(account, before, after, venue, len(account.positions), made, outcome)
    if isinstance(change, Trade):
        place = place_of(index)
        position = account.positions[place]
        price = position.mark_price if change.price is None else change.price
        made = trade(position, change.size, price, change.fee_rate)
        after = replaced(account, place, made.position)
        outcome = Outcome(change, price=price)
        return _traded(account, before, after, venue, place, made, outcome)
    if isinstance(change, MoveMark):
        after, outcome = with_mark(account, index, change), Outcome(change)
    elif isinstance(change, SetLeverage):
        after, outcome = _set_leverage(account, venue, place_of(index), change)
    else:
        after, outcome = _pay_funding(account, place_of(index), change)
    return after, evaluate(after, venue), outcome


def _add_margin(
    account: Account, before: AccountReport, venue: Venue, index: int | None, change: AddMargin
) -> tuple[Account, AccountReport, Outcome]:
    direction = Action.ADD if change.amount > 0 else Action.REMOVE
    amount = abs(change.amount)
    after, moved = move_margin(account, venue, index, before, direction, amount)
    outcome = Outcome(change, moved.allowed, moved.limit, funds_known=account.cash is not None)
    return after, moved.after, outcome


def anything_liquidatable(report: AccountReport) -> bool:
    """Whether a position, or the cross account, is liquidatable."""
    alone = any(position.liquidatable for position in report.positions)
    return alone or (report.cross is not None and report.cross.liquidatable)


def _pay_funding(account: Account, index: int, change: PayFunding) -> tuple[Account, Outcome]:
    # equity goes in a straight line with the hours: what is safe at both ends is safe between
    payment = funding_payment(account.positions[index], change.rate, change.hours)
    return pay_funding(account, index, Fraction(payment)), Outcome(change, paid=payment)


def _set_leverage(
    account: Account, venue: Venue, index: int, change: SetLeverage
) -> tuple[Account, Outcome]:
    position = account.positions[index]
    changed = position._replace(leverage=change.leverage)
    if position.isolated:
        changed = with_margin(changed, margin_of(position))
    after = replaced(account, index, changed)
    highest = _max_leverage(changed, venue)
    if change.leverage > highest:
        return after, Outcome(change, allowed=False, limit=Limit(highest, "tier_leverage"))
    # raising asks for nothing; lowering asks for the initial margin of the lower leverage
    lowered = change.leverage < position.leverage
    usable = backing_of(after, venue, index).usable
    short = Fraction(changed.notional) / Fraction(changed.leverage) - usable
    if not lowered or short <= 0:
        return after, Outcome(change)
    least = None
    if usable > 0:
        least = decimal_of(Fraction(changed.notional) / usable, ROUND_CEILING)
        if venue.rules.whole_leverage:
            least = least.to_integral_value(ROUND_CEILING)
    least = least if least is not None and least <= highest else None
    return after, Outcome(change, allowed=False, limit=Limit(least, "initial_margin"), short=short)


def _traded(
    account: Account,
    before: AccountReport,
    after: Account,
    venue: Venue,
    index: int,
    made: Traded,
    outcome: Outcome,
) -> tuple[Account, AccountReport, Outcome]:
    """Return the account after a trade with its cash and figures, and whether it is taken."""
    funds = available(account, venue)
    if account.cash is not None:
        after = after._replace(cash=account.cash + as_cash(made.received))
    report = evaluate(after, venue)
    done = outcome._replace(effect=made.effect, funds_known=funds is not None)
    position = made.position
    if position is None:
        return after, report, done
    if made.opened:
        highest = _max_leverage(position, venue)
        # an isolated position takes its margin out of what was available before, a cross one must
        # leave the account its initial margins
        left = None if funds is None else funds + made.received
        if not position.isolated:
            left = available(after, venue)
        if venue.assets[position.asset].delisted:
            done = _refused(done, Limit(None, "delisted"))
        elif position.leverage > highest:
            done = _refused(done, Limit(highest, "tier_leverage"))
        elif left is not None and left < 0:
            done = _refused(done, Limit(None, "available"), -left)
    was_liquidatable = index < len(before.positions) and before.positions[index].liquidatable
    if done.allowed and report.positions[index].liquidatable and not was_liquidatable:
        done = _refused(done, Limit(None, "maintenance_margin"))
    return after, report, done


def _refused(outcome: Outcome, limit: Limit, short: Fraction | None = None) -> Outcome:
    return outcome._replace(allowed=False, limit=limit, short=short)


def _max_leverage(position: Position, venue: Venue) -> Decimal:
    return tier_at(venue.assets[position.asset].table, position.notional).max_leverage
