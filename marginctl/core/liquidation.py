"""The price at which equity meets what must be kept.

Along the price x of one asset, all other marks frozen, equity is a straight line and maintenance
a convex chain of straight lines, one a tier. Each tier's line meets equity at one root, and the
true one is the highest of them for a long, the lowest for a short. Picking the root that "falls
into its own tier" instead finds none, or two, exactly on tier boundaries.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from marginctl.core.margin import Stake
from marginctl.core.numbers import exactly, quotient
from marginctl.core.position import Side
from marginctl.core.tiers import Rung, Terms, Tier

LIQUIDATION = (1, 1)
"""The share of maintenance that equity meets at the liquidation price."""
BANKRUPTCY = (0, 1)
"""At the bankruptcy price equity is zero."""


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

    @exactly
    def below(self, other: "Root") -> bool:
        """Whether this price is lower, compared without a division."""
        return self.numerator * other.denominator < other.numerator * self.denominator

    @exactly
    def beyond(self, size: Decimal, bound: Decimal | None) -> bool:
        """Whether the notional at this price lies above a bound."""
        return bound is not None and size * self.numerator > bound * self.denominator


class Threshold(NamedTuple):
    """A share (numerator, denominator) of maintenance to be met, and the fee to close.

    ``others`` is the maintenance margin of the account's other cross positions in parts, zero for
    an isolated position. ``closing_fee_rate`` is a fraction of size · price.
    """

    share: tuple[int, int] = LIQUIDATION
    closing_fee_rate: Decimal = Decimal(0)
    others: Decimal = Decimal(0)


@exactly
def candidates(
    side: Side, size: Decimal, stake: Stake, equity: Decimal, threshold: Threshold
) -> list[Root]:
    """Return the root of every tier, in the order of the tiers.

    root_k = (s·notional - equity + share·(others - deduction_k))
             / (size · (s - share·rate_k - closing fee rate)).

    ``equity`` and the deductions are in parts of the stake's unit. Derived from: equity(x) =
    equity + s·size·(x - mark) = share·(maintenance(size·x) + others) + fee·size·x.
    """
    share, fee_rate, others = threshold
    top, bottom = share
    # everything times share's denominator and the unit, so that nothing is divided
    free = bottom * (side * stake.notional * stake.terms.unit - equity) + top * others
    signed_free = side * free
    return [
        Root(signed_free - offset, size * slope, rung)
        for rung, offset, slope in _lines(stake.terms, side, share, fee_rate)
    ]


@lru_cache(maxsize=4096)
def _lines(
    terms: Terms, side: Side, share: tuple[int, int], fee_rate: Decimal
) -> list[tuple[Rung, Decimal, Decimal]]:
    """Return what of every tier's root no size, price or equity changes.

    That is s·share·deduction_k and s·(s - share·rate_k - fee rate), in parts and times share's
    denominator.
    """
    top, bottom = share
    slope = bottom * terms.unit * (side - fee_rate)
    return [
        (rung, side * top * rung.deduction, side * (slope - top * rung.rate))
        for rung in terms.rungs
    ]


def binding(side: Side, roots: Sequence[Root]) -> Root:
    """Return the root that counts: the highest for a long, the lowest for a short.

    Where two are equal, exactly on a boundary, the higher tier's.
    """
    chosen = roots[0]
    for root in roots[1:]:
        worse = root.below(chosen) if side is Side.LONG else chosen.below(root)
        if not worse:
            chosen = root
    return chosen


@exactly
def meeting_point(
    side: Side, size: Decimal, stake: Stake, equity: Decimal, threshold: Threshold
) -> Root:
    """Return where equity meets the threshold: see `candidates` and `binding`.

    Tiers of equal rates share one line and so one root; it carries the one of the notional there.
    """
    root = binding(side, candidates(side, size, stake, equity, threshold))
    line = (root.rung.rate, root.rung.deduction)
    notional = size * root.numerator
    for rung in reversed(stake.terms.rungs):
        same = (rung.rate, rung.deduction) == line
        if same and rung.lower_bound * root.denominator <= notional:
            return root._replace(rung=rung)
    return root
