"""Where equity meets what must be kept, and the prices that follow from it."""

from bisect import bisect_right
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from marginctl.core.figures import MarginFigures
from marginctl.core.numbers import ZERO, exactly, quotient
from marginctl.core.position import Position, Side
from marginctl.core.rules import Rules
from marginctl.core.tiers import RatesAtLeverage, ScaledTier, Tier

LIQUIDATION = (1, 1)
"""The share of maintenance that equity meets at the liquidation price."""


class Root(NamedTuple):
    """The price numerator / denominator at which equity meets one tier's line; denominator > 0."""

    numerator: Decimal
    denominator: Decimal
    scaled_tier: ScaledTier

    @property
    def price(self) -> Decimal | None:
        """The price to 50 digits, or None where it is not positive."""
        if self.numerator <= 0:
            return None
        return quotient(self.numerator, self.denominator)

    @property
    def tier(self) -> Tier:
        """The tier whose line it is."""
        return self.scaled_tier.tier

    def beyond(self, size: Decimal, bound: Decimal | None) -> bool:
        """Whether the notional at this price lies above a bound."""
        return bound is not None and size * self.numerator > bound * self.denominator


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


class Chain(NamedTuple):
    """The lines of all tiers for one side and one threshold.

    ``starts`` holds, for each tier above the first, what is free where the root lies exactly on
    its lower bound: offset_k + slope_k · lower bound_k. Free is s·(s·notional - equity +
    share·others), in parts and times share's denominator. The methods belong inside an `exactly`.
    """

    starts: tuple[Decimal, ...]
    lines: tuple[TierLine, ...]
    bottom: int
    signed_top: int

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
        return Root(free - offset, size * slope, scaled_tier)

    def candidates(self, size: Decimal, exhausted: Decimal, others: Decimal) -> list[Root]:
        """Return the root of every tier, in the order of the tiers, as `meeting_point` does of one.

        The one that counts is the highest for a long, the lowest for a short.
        """
        free = self.bottom * exhausted + self.signed_top * others
        return [
            Root(free - line.offset, size * line.slope, line.scaled_tier) for line in self.lines
        ]


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
    notional = margin_figures.notional * margin_figures.terms.unit
    return notional - equity if side is Side.LONG else notional + equity


class Prices(NamedTuple):
    """Prices in the quote currency, None where this price alone cannot do it.

    ``distance`` is side · (mark - liquidation) / mark: negative when already liquidatable.
    ``tier`` is the one at the liquidation notional. ``missing`` says why there is no liquidation
    price: ``safe``, ``lost`` (liquidatable at every price) or ``beyond_tiers``.
    """

    liquidation: Decimal | None
    distance: Decimal | None
    tier: Tier | None
    backstop: Decimal | None
    bankruptcy: Decimal | None
    missing: str | None


@exactly
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
    maintenance. Bankruptcy: equity = 0. Quotients of 50 digits.
    Source: Hyperliquid documentation (liquidations), Trado documentation (margin rate).
    """
    side, size, terms = position.side, position.size, figures.terms
    to_liquidation, to_backstop = _chains(terms, side, rules.closing_fee_rate, rules.backstop_share)
    exhausted = exhausted_at(side, figures, equity)
    root = to_liquidation.meeting_point(size, exhausted, others + other_fees)
    missing = _why_missing(root, side, size, terms.end)
    liquidation = distance = tier = backstop = None
    if missing is None:
        liquidation, tier = root.price, root.tier
        # s·(mark - price)/mark with mark = notional/size and price = numerator/denominator
        at_mark = figures.notional * root.denominator
        distance = quotient(side * (at_mark - size * root.numerator), at_mark)
    if not beyond_liquidation:
        return Prices(liquidation, distance, tier, None, None, missing)
    if to_backstop is not None:
        root = to_backstop.meeting_point(size, exhausted, others)
        backstop = None if root.beyond(size, terms.end) else root.price
    bankruptcy = quotient(exhausted, size * terms.unit) if exhausted > 0 else None
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


def _why_missing(root: Root, side: Side, size: Decimal, end: Decimal | None) -> str | None:
    if root.numerator <= 0:
        return "safe" if side is Side.LONG else "lost"
    return "beyond_tiers" if root.beyond(size, end) else None
