"""The price at which equity meets what must be kept.

Along the price x of one asset, all other marks frozen, equity is a straight line and maintenance
a chain of straight lines, one a tier, which touch on the boundaries. side · (equity - maintenance)
only ever rises with the notional size·x, so where the two meet is looked up by tier as a notional
is. Solving each tier's line and picking the root that "falls into its own tier" instead finds
none, or two, exactly on boundaries.
"""

from bisect import bisect_right
from decimal import Decimal
from typing import NamedTuple

from marginctl.core.margin import Stake
from marginctl.core.numbers import ZERO, exactly, quotient
from marginctl.core.position import Side
from marginctl.core.tiers import Rung, Terms, Tier

LIQUIDATION = (1, 1)
"""The share of maintenance that equity meets at the liquidation price."""


class Root(NamedTuple):
    """The price numerator / denominator at which equity meets one tier's line; denominator > 0."""

    numerator: Decimal
    denominator: Decimal
    rung: Rung

    @property
    def price(self) -> Decimal | None:
        """The price to 50 digits, or None where it is not positive."""
        if self.numerator <= 0:
            return None
        return quotient(self.numerator, self.denominator)

    @property
    def tier(self) -> Tier:
        """The tier whose line it is."""
        return self.rung.tier

    def beyond(self, size: Decimal, bound: Decimal | None) -> bool:
        """Whether the notional at this price lies above a bound."""
        return bound is not None and size * self.numerator > bound * self.denominator


class Threshold(NamedTuple):
    """A share (numerator, denominator) of maintenance to be met, and the fee to close.

    ``closing_fee_rate`` is a fraction of size · price.
    """

    share: tuple[int, int] = LIQUIDATION
    closing_fee_rate: Decimal = ZERO


class Line(NamedTuple):
    """What of a tier's root no size, price or equity changes.

    In parts and times share's denominator: ``offset`` is s·share·deduction_k, ``slope`` is
    s·(s - share·rate_k - fee rate), above zero, as a rate and a fee never take a whole notional.
    """

    rung: Rung
    offset: Decimal
    slope: Decimal


class Chain(NamedTuple):
    """The lines of all tiers for one side and one threshold.

    ``starts`` holds, for each tier above the first, what is free where the root lies exactly on
    its lower bound: offset_k + slope_k · lower bound_k. Free is s·(s·notional - equity +
    share·others), in parts and times share's denominator. The methods belong inside an `exactly`.
    """

    starts: tuple[Decimal, ...]
    lines: tuple[Line, ...]
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
        free = self.bottom * exhausted + self.signed_top * others
        rung, offset, slope = self.lines[bisect_right(self.starts, free)]
        return Root(free - offset, size * slope, rung)

    def candidates(self, size: Decimal, exhausted: Decimal, others: Decimal) -> list[Root]:
        """Return the root of every tier, in the order of the tiers, as `meeting_point` does of one.

        The one that counts is the highest for a long, the lowest for a short.
        """
        free = self.bottom * exhausted + self.signed_top * others
        return [Root(free - line.offset, size * line.slope, line.rung) for line in self.lines]


@exactly
def chain(terms: Terms, side: Side, threshold: Threshold) -> Chain:
    """Return the lines of all tiers that equity may meet at a threshold."""
    (top, bottom), fee_rate = threshold
    whole = bottom * terms.unit * (side - fee_rate)
    lines = tuple(
        Line(rung, side * top * rung.deduction, side * (whole - top * rung.rate))
        for rung in terms.rungs
    )
    starts = (line.offset + line.slope * line.rung.lower_bound for line in lines[1:])
    return Chain(tuple(starts), lines, bottom, side * top)


def exhausted_at(side: Side, stake: Stake, equity: Decimal) -> Decimal:
    """Return the notional at which equity, given in parts, is used up, times the stake's unit.

    It belongs inside an `exactly`, as the methods of `Chain` do.
    """
    notional = stake.notional * stake.terms.unit
    return notional - equity if side is Side.LONG else notional + equity
