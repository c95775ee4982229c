"""What a position is worth and what it must keep, at the mark."""

from decimal import Decimal
from typing import NamedTuple

from marginctl.core.numbers import exactly
from marginctl.core.position import Position
from marginctl.core.tiers import Rung, Terms, TierTable, rung_at, terms


class Stake(NamedTuple):
    """A position's margin figures.

    ``notional``, ``cost`` and ``pnl`` are in the quote currency. The other amounts are in parts
    of 1/``terms.unit``. ``margin`` and ``equity`` are None for a cross position: they belong to
    the account.
    """

    terms: Terms
    rung: Rung
    notional: Decimal
    cost: Decimal
    pnl: Decimal
    initial: Decimal
    maintenance: Decimal
    margin: Decimal | None
    equity: Decimal | None


@exactly
def stake(position: Position, table: TierTable, multiple_of: int = 1) -> Stake:
    """Return the margin figures of a position at its mark.

    unrealized PnL = side · (notional - cost); initial margin = notional / leverage, at mark and
    flat, not tiered; maintenance margin = notional · rate - deduction of the notional's tier;
    margin = as posted, else cost / leverage, and what was added; equity = margin + unrealized PnL.
    Source: Hyperliquid documentation, margining and margin tiers. Exact, nothing rounds.
    """
    rates = terms(table, position.leverage, multiple_of)
    notional, cost = position.notional, position.cost
    pnl = position.side * (notional - cost)
    rung = rung_at(rates.rungs, notional)
    margin = equity = None
    if position.isolated:
        posted = position.margin
        margin = cost * rates.initial_rate if posted is None else posted * rates.unit
        margin += position.added * rates.unit
        equity = margin + pnl * rates.unit
    return Stake(
        rates,
        rung,
        notional,
        cost,
        pnl,
        notional * rates.initial_rate,
        notional * rung.rate - rung.deduction,
        margin,
        equity,
    )
