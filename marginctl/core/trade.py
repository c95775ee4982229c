"""What a trade makes of a position: increased, reduced, closed, or turned around."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.changes import Open
from marginctl.core.figures import equity_of, margin_of, with_margin
from marginctl.core.numbers import exactly, quotient
from marginctl.core.position import Position, Side


class Effect(StrEnum):
    """What a trade does to a position."""

    INCREASE = "increase"
    REDUCE = "reduce"
    OPEN = "open"
    CLOSE = "close"
    FLIP = "flip"


class Traded(NamedTuple):
    """What is left of a position, and what went into the account's cash.

    ``position`` is None when it is closed. Amounts are in the quote currency: ``received`` is
    released margin and realized PnL less fees, below zero where the trade costs cash; ``opened``
    is the margin that the newly opened part needs, size · price / leverage, zero without one.
    """

    effect: Effect
    position: Position | None
    received: Fraction
    opened: Fraction


@exactly
def trade(position: Position, signed_size: Decimal, price: Decimal, fee_rate: Decimal) -> Traded:
    """Trade a position: buy where ``signed_size`` is above zero, sell where it is below.

    Increase: entry = (cost + size · price) / (size + traded size), and the added part is margined
    with traded size · price / leverage. Reduce: margin is released in proportion, so the
    liquidation price stays; the realized PnL goes to the account. More than the whole position
    closes it and opens the rest on the other side. The fee, fee rate · size · price, comes out of
    the margin of an isolated position (what is closed pays out of what is released), and out of
    the account for a cross one.
    Source: Hyperliquid documentation (margining: margin is released in proportion as a position
    is closed), recorded responses (an isolated margin has paid its opening fee). Exact, but for
    costs and notionals that come from a record and do not divide: those have 50 digits, and the
    equity of what remains is exact all the same.
    """
    size = abs(signed_size)
    if (signed_size > 0) is (position.side is Side.LONG):
        return _increase(position, size, price, fee_rate)
    if size < position.size:
        return _reduce(position, size, price, fee_rate)
    received = _closing(position, price, fee_rate)
    if size == position.size:
        return Traded(Effect.CLOSE, None, received, Fraction(0))
    return _open_rest(position, size - position.size, price, fee_rate, received)


@exactly
def opening(order: Open) -> tuple[Position, Traded]:
    """Return the position that an order opens; its margin and the fee come from the account."""
    position = Position.at_prices(
        order.asset,
        Side.LONG if order.size > 0 else Side.SHORT,
        abs(order.size),
        order.price,
        order.leverage,
        mark_price=order.mark,
        margin_mode=order.mode,
    )
    opened = Fraction(position.cost) / Fraction(order.leverage)
    fee = Fraction(order.fee_rate * position.cost)
    if not position.isolated:
        return position, Traded(Effect.OPEN, position, -fee, opened)
    position = with_margin(position, opened - fee)
    return position, Traded(Effect.OPEN, position, -opened, opened)


def _increase(position: Position, size: Decimal, price: Decimal, fee_rate: Decimal) -> Traded:
    total, cost = position.size + size, position.cost + size * price
    grown = position._replace(
        size=total,
        cost=cost,
        notional=scaled(position.notional, position.mark_price, position.size, total),
        entry_price=quotient(cost, total).normalize(),
    )
    opened = Fraction(size * price) / Fraction(position.leverage)
    fee = Fraction(fee_rate * size * price)
    if not position.isolated:
        return Traded(Effect.INCREASE, grown, -fee, opened)
    grown = with_margin(grown, margin_of(position) + opened - fee)
    return Traded(Effect.INCREASE, grown, -opened, opened)


def _reduce(position: Position, size: Decimal, price: Decimal, fee_rate: Decimal) -> Traded:
    kept = position.size - size
    rest = position._replace(
        size=kept,
        cost=scaled(position.cost, position.entry_price, position.size, kept),
        notional=scaled(position.notional, position.mark_price, position.size, kept),
    )
    realized = Fraction(position.side * (size * price - (position.cost - rest.cost)))
    fee = Fraction(fee_rate * size * price)
    if not position.isolated:
        return Traded(Effect.REDUCE, rest, realized - fee, Fraction(0))
    share = Fraction(kept) / Fraction(position.size)
    # by way of equity, which stays exact where the cost had to be rounded
    pnl = Fraction(rest.side * (rest.notional - rest.cost))
    rest = with_margin(rest, equity_of(position) * share - fee - pnl)
    released = margin_of(position) * (1 - share)
    return Traded(Effect.REDUCE, rest, released + realized, Fraction(0))


def _closing(position: Position, price: Decimal, fee_rate: Decimal) -> Fraction:
    """Return what closing the whole position brings the account."""
    proceeds = position.size * price
    realized = Fraction(position.side * (proceeds - position.cost) - fee_rate * proceeds)
    return realized + margin_of(position) if position.isolated else realized


def _open_rest(
    position: Position, size: Decimal, price: Decimal, fee_rate: Decimal, received: Fraction
) -> Traded:
    cost = size * price
    turned = position._replace(
        side=Side(-position.side),
        size=size,
        entry_price=price,
        cost=cost,
        notional=scaled(position.notional, position.mark_price, position.size, size),
    )
    opened = Fraction(cost) / Fraction(position.leverage)
    fee = Fraction(fee_rate * cost)
    if not position.isolated:
        return Traded(Effect.FLIP, turned, received - fee, opened)
    return Traded(Effect.FLIP, with_margin(turned, opened - fee), received - opened, opened)


def scaled(amount: Decimal, price: Decimal, old_size: Decimal, new_size: Decimal) -> Decimal:
    """Return a cost or notional for another size: by the price where that is exact."""
    if amount == old_size * price:
        return new_size * price
    return quotient(amount * new_size, old_size)
