"""Where equity meets what must be kept, and the prices that follow from it."""

from bisect import bisect_right
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from marginctl.core.figures import MarginFigures
from marginctl.core.numbers import ZERO, exactly, quotient
from marginctl.core.position import Position, Side
from marginctl.core.rules import Rules
from marginctl.core.tiers import RatesAtLeverage, ScaledTier

LIQUIDATION = (1, 1)
"""The share of maintenance that equity meets at the liquidation price."""


Root = tuple[Decimal, Decimal, ScaledTier]
"""Where equity meets one tier's line: the numerator and the denominator of the price, which is
there where the numerator is above zero, as the denominator always is; and the tier.
"""


class Threshold(NamedTuple):
    """A share (numerator, denominator) of maintenance to be met, and the fee to close.

    ``closing_fee_rate`` is a fraction of size · price.
    """

    share: tuple[int, int] = LIQUIDATION
    closing_fee_rate: Decimal = ZERO


class TierLine(NamedTuple):
    """What of a tier's root no size, price or equity changes.

    In parts and times share's denominator: ``offset`` is s·share·deduction_k, ``slope`` is
    s·(s - share·rate_k - fee rate), above zero, as a rate and a fee never take a whole notional.
    """

    scaled_tier: ScaledTier
    offset: Decimal
    slope: Decimal


class Chain:
    """The lines of all tiers for one side and one threshold.

    ``starts`` holds, for each tier above the first, what is free where the root lies exactly on
    its lower bound: offset_k + slope_k · lower bound_k. Free is s·(s·notional - equity +
    share·others), in parts and times share's denominator. The methods belong inside an `exactly`.
    """

    __slots__ = ("bottom", "lines", "signed_top", "starts")

    def __init__(
        self,
        starts: tuple[Decimal, ...],
        lines: tuple[TierLine, ...],
        bottom: int,
        signed_top: int,
    ) -> None:
        self.starts = starts
        self.lines = lines
        self.bottom = Decimal(bottom)
        self.signed_top = Decimal(signed_top)

    def meeting_point(self, size: Decimal, exhausted: Decimal, others: Decimal = ZERO) -> Root:
        """Return where equity meets the threshold: the root of the tier in which it lies.

        root_k = (s·notional - equity + share·(others - deduction_k))
                 / (size · (s - share·rate_k - closing fee rate)).

        Derived from: equity(x) = equity + s·size·(x - mark) = share·(maintenance(size·x) +
        others) + fee·size·x. Exactly on a boundary it is the higher tier's.

        ``exhausted`` is the notional at which equity is used up, times the unit: `exhausted_at`.
        ``others`` is the maintenance margin of the account's other cross positions in parts, zero
        for an isolated position.
        """
        free = self.bottom * exhausted
        if others:
            free += self.signed_top * others
        scaled_tier, offset, slope = self.lines[bisect_right(self.starts, free)]
        return free - offset, size * slope, scaled_tier

    def candidates(self, size: Decimal, exhausted: Decimal, others: Decimal) -> list[Root]:
        """Return the root of every tier, in the order of the tiers, as `meeting_point` does of one.

        The one that counts is the highest for a long, the lowest for a short.
        """
        free = self.bottom * exhausted + self.signed_top * others
        return [(free - offset, size * slope, tier) for tier, offset, slope in self.lines]


@exactly
def chain(terms: RatesAtLeverage, side: Side, threshold: Threshold) -> Chain:
    """Return the lines of all tiers that equity may meet at a threshold."""
    (top, bottom), fee_rate = threshold
    whole = bottom * terms.unit * (side - fee_rate)
    lines = tuple(
        TierLine(
            scaled_tier, side * top * scaled_tier.deduction, side * (whole - top * scaled_tier.rate)
        )
        for scaled_tier in terms.scaled_tiers
    )
    starts = (line.offset + line.slope * line.scaled_tier.lower_bound for line in lines[1:])
    return Chain(tuple(starts), lines, bottom, side * top)


def exhausted_at(side: Side, margin_figures: MarginFigures, equity: Decimal) -> Decimal:
    """Return the notional at which equity, given in parts, is used up, times the figures' unit.

    It belongs inside an `exactly`, as the methods of `Chain` do.
    """
    notional = margin_figures.notional * margin_figures.terms.decimal_unit
    return notional - equity if side > 0 else notional + equity


class Prices(NamedTuple):
    """Prices in the quote currency, None where this price alone cannot do it.

    ``distance`` is side · (mark - liquidation) / mark: negative when already liquidatable.
    ``scaled_tier`` is the one at the liquidation notional. ``missing`` says why there is no
    liquidation price: ``safe``, ``lost`` (liquidatable at every price) or ``beyond_tiers``.
    """

    liquidation: Decimal | None
    distance: Decimal | None
    scaled_tier: ScaledTier | None
    backstop: Decimal | None
    bankruptcy: Decimal | None
    missing: str | None


def threshold_prices(
    position: Position,
    figures: MarginFigures,
    equity: Decimal,
    others: Decimal,
    rules: Rules,
    other_fees: Decimal = ZERO,
    *,
    beyond_liquidation: bool = True,
) -> Prices:
    """Return the prices of a position whose equity is given in parts, and so are the maintenance
    of the account's other cross positions and the fees to close these. Not
    ``beyond_liquidation``: backstop and bankruptcy are not asked for, and None.

    Liquidation: equity = maintenance + closing fee. Backstop: equity = the venue's share of
    maintenance. Bankruptcy: equity = 0. Quotients of 50 digits. It belongs inside an `exactly`.
    Source: Hyperliquid documentation (liquidations), Trado documentation (margin rate).
    """
    side, size, terms = position.side, position.size, figures.terms
    end = terms.end
    to_liquidation, to_backstop = _chains(terms, side, rules.closing_fee_rate, rules.backstop_share)
    exhausted = exhausted_at(side, figures, equity)
    numerator, denominator, scaled_tier = to_liquidation.meeting_point(
        size, exhausted, others + other_fees
    )
    missing = liquidation = distance = tier = backstop = bankruptcy = None
    if numerator <= ZERO:
        missing = "safe" if side > 0 else "lost"
    elif end is not None and size * numerator > end * denominator:
        missing = "beyond_tiers"
    else:
        liquidation, tier = quotient(numerator, denominator), scaled_tier
        # s·(mark - price)/mark with mark = notional/size and price = numerator/denominator
        at_mark, at_price = figures.notional * denominator, size * numerator
        distance = quotient(at_mark - at_price if side > 0 else at_price - at_mark, at_mark)
    if beyond_liquidation:
        if to_backstop is not None:
            numerator, denominator, _ = to_backstop.meeting_point(size, exhausted, others)
            if numerator > ZERO and (end is None or size * numerator <= end * denominator):
                backstop = quotient(numerator, denominator)
        if exhausted > ZERO:
            bankruptcy = quotient(exhausted, size * terms.decimal_unit)
    return Prices(liquidation, distance, tier, backstop, bankruptcy, missing)


@lru_cache(maxsize=4096)
def _chains(
    terms: RatesAtLeverage,
    side: Side,
    closing_fee_rate: Decimal,
    backstop_share: tuple[int, int] | None,
) -> tuple[Chain, Chain | None]:
    """Return what equity meets at liquidation, and at the backstop where the venue has one."""
    return (
        chain(terms, side, Threshold(LIQUIDATION, closing_fee_rate)),
        None if backstop_share is None else chain(terms, side, Threshold(backstop_share)),
    )
