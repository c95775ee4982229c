"""What holds an account's collateral: one dex of its own, or a pool that dexs share.

A unified account and portfolio margin keep the collateral of a token in one pool, which backs the
cross positions of all dexs with that token. What follows from the account value is the arithmetic
of every cross account; here is what differs.
Source: recorded responses of July to October 2026.
"""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.numbers import ZERO, exactly, quotient
from marginctl.core.rules import Rules

PORTFOLIO_LIMIT = (95, 100)
"""The portfolio margin ratio above which the exchange liquidates, as numerator, denominator."""
ORDER_HOLD = Decimal("1.01")
"""How many times the margin of resting orders a pool holds for them [recorded]."""


class AccountMode(StrEnum):
    """How an account holds its collateral."""

    STANDARD = "standard"
    UNIFIED = "unified"
    PORTFOLIO_MARGIN = "portfolio_margin"


class Pool(NamedTuple):
    """The collateral behind the cross positions of some dexs; amounts in the quote currency.

    ``token`` is the collateral token of a pool, None for an account on one dex. ``dexes`` are
    those whose states are known, the main one as "". ``residue`` is what the exchange cuts off
    the account value before it computes prices: ratios and removals count it. In portfolio margin
    ``other_collateral`` is the part of the account value that other tokens than the pool's give,
    ``unusable`` the part that backs no position, and ``unremovable`` the part that may be used
    but not taken out, as it would be borrowed.
    """

    mode: AccountMode = AccountMode.STANDARD
    token: str | None = None
    dexes: tuple[str, ...] = ()
    residue: Decimal = ZERO
    other_collateral: Decimal = ZERO
    unusable: Decimal = ZERO
    unremovable: Decimal = ZERO

    @property
    def shared(self) -> bool:
        """Whether dexs share the collateral."""
        return self.mode is not AccountMode.STANDARD

    @property
    def borrows(self) -> bool:
        """Whether the account is margined with what other collateral lets it borrow."""
        return self.mode is AccountMode.PORTFOLIO_MARGIN

    def is_exempt(self, asset: str) -> bool:
        """Whether a removal need not leave a part of the notional of an asset's position.

        In a pool that part is asked for on the main dex only [recorded].
        """
        return self.shared and dex_of(asset) != ""


ONE_DEX = Pool()
"""An account of which nothing more is known."""


def dex_of(asset: str) -> str:
    """Return the dex of an asset: "xyz" of "xyz:TSLA", and "" of the main dex's."""
    dex, colon, _ = asset.partition(":")
    return dex if colon else ""


@exactly
def portfolio_ratio(
    pool: Pool, value: Decimal, maintenance: Decimal, unit: int = 1
) -> Decimal | None:
    """Return the portfolio margin ratio, a fraction of 50 digits; None where nothing backs it.

    (maintenance + borrowed) / (account value + borrowed), where borrowed = max(0, maintenance -
    token equity) and token equity = account value - other collateral; ``value`` and
    ``maintenance`` are in parts of 1/``unit``. 4 of 4 recorded ratios agree to every digit.
    """
    borrowed = _borrowed(pool, value, maintenance, unit)
    backing = value + borrowed
    return quotient(maintenance + borrowed, backing) if backing > 0 else None


@exactly
def portfolio_minimum(pool: Pool, maintenance: Fraction) -> Fraction:
    """Return the account value below which portfolio margin liquidates, in the quote currency.

    With the limit t: maintenance / t while nothing is borrowed there; else, as the ratio is then
    (2 · maintenance - value + other) / (maintenance + other) with other the other collateral,
    2 · maintenance + other - t · (maintenance + other). The higher of the two holds.
    """
    limit, other = Fraction(*PORTFOLIO_LIMIT), Fraction(pool.other_collateral)
    return max(maintenance / limit, 2 * maintenance + other - limit * (maintenance + other))


def is_liquidated(pool: Pool, rules: Rules, value: Decimal, kept: Decimal, unit: int) -> bool:
    """Whether a cross account of this value is liquidated; amounts in parts of 1/``unit``."""
    if pool.borrows:
        return _exceeds_portfolio_limit(pool, value, kept, unit)
    return rules.liquidates(value, kept)


@exactly
def _exceeds_portfolio_limit(pool: Pool, value: Decimal, maintenance: Decimal, unit: int) -> bool:
    """Whether the portfolio margin ratio is above the limit; amounts in parts of 1/``unit``."""
    borrowed = _borrowed(pool, value, maintenance, unit)
    top, bottom = PORTFOLIO_LIMIT
    return bottom * (maintenance + borrowed) > top * (value + borrowed)


def _borrowed(pool: Pool, value: Decimal, maintenance: Decimal, unit: int) -> Decimal:
    return max(ZERO, maintenance - value + pool.other_collateral * unit)
