"""What a position is worth and what it must keep, at the mark."""

from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from marginctl.core.numbers import ZERO, finite, unit_for
from marginctl.core.position import Position
from marginctl.core.tiers import RatesAtLeverage, ScaledTier, TierTable, scaled_tier_at, terms


class MarginFigures(NamedTuple):
    """A position's margin figures.

    ``notional``, ``cost`` and ``pnl`` are in the quote currency. The other amounts are in parts
    of 1/``terms.unit``. ``margin`` and ``equity`` are None for a cross position: they belong to
    the account.
    """

    terms: RatesAtLeverage
    scaled_tier: ScaledTier
    notional: Decimal
    cost: Decimal
    pnl: Decimal
    initial: Decimal
    maintenance: Decimal
    margin: Decimal | None
    equity: Decimal | None


def margin_figures(position: Position, table: TierTable, multiple_of: int = 1) -> MarginFigures:
    """Return the margin figures of a position at its mark.

    unrealized PnL = side · (notional - cost); initial margin = notional / leverage, at mark and
    flat, not tiered; maintenance margin = notional · rate - deduction of the notional's tier;
    margin = as posted, else cost / leverage, and what was added; equity = margin + unrealized PnL.
    Exact: nothing rounds. It belongs inside an `exactly`.
    Source: Hyperliquid documentation, margining and margin tiers.
    """
    _, side, _, _, _, leverage, notional, cost, _, posted, added, margin_unit = position
    if margin_unit != 1:
        multiple_of = lcm(multiple_of, margin_unit)
    rates = terms(table, leverage, multiple_of)
    unit = rates.decimal_unit
    pnl = notional - cost if side > 0 else cost - notional
    scaled_tier = scaled_tier_at(rates.scaled_tiers, notional)
    margin = equity = None
    if position.isolated:
        if posted is None:
            margin = cost * rates.initial_rate
        else:
            margin = posted * (rates.unit // margin_unit)
        if added:
            margin += added * unit
        equity = margin + pnl * unit
    return MarginFigures(
        rates,
        scaled_tier,
        notional,
        cost,
        pnl,
        notional * rates.initial_rate,
        notional * scaled_tier.rate - scaled_tier.deduction,
        margin,
        equity,
    )


def margin_of(position: Position) -> Fraction:
    """Return the margin of an isolated position in the quote currency, exactly."""
    posted = (
        Fraction(position.cost) / Fraction(position.leverage)
        if position.margin is None
        else Fraction(position.margin) / position.margin_unit
    )
    return posted + Fraction(position.added)


def equity_of(position: Position) -> Fraction:
    """Return margin + side · (notional - cost) of an isolated position, exactly."""
    pnl = Fraction(position.notional) - Fraction(position.cost)
    return margin_of(position) + position.side * pnl


def with_margin(position: Position, margin: Fraction) -> Position:
    """Return the position with this margin, in the quote currency, instead of its own."""
    unit = unit_for(margin)
    return position._replace(margin=finite(margin * unit), margin_unit=unit, added=ZERO)
