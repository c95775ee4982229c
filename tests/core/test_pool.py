"""Where a pool that borrows is liquidated: above 95 % of its own ratio, not at it."""

from decimal import Decimal

import pytest

from marginctl.core.pool import AccountMode, Pool, is_liquidated
from marginctl.venues.hyperliquid import Hyperliquid


@pytest.mark.parametrize(
    ("sentence", "kept", "other", "liquidated"),
    [
        ("95 of 100", "95", "0", False),
        ("a little more", "95.000001", "0", True),
        # 98 kept of 100, of which 62 are other collateral: 60 are borrowed, (98 + 60) / (100 + 60)
        ("what is borrowed counts on both sides", "98", "62", True),
        # 60 borrowed: 152 / 160 is 95 % exactly
        ("95 % with what is borrowed", "92", "68", False),
        ("and a little more", "92.000001", "68", True),
    ],
)
def test_portfolio_margin_is_liquidated_above_its_limit(
    sentence: str, kept: str, other: str, *, liquidated: bool
) -> None:
    pool = Pool(AccountMode.PORTFOLIO_MARGIN, "USDC", other_collateral=Decimal(other))
    for unit in (1, 3):
        value, required = Decimal(100) * unit, Decimal(kept) * unit
        assert is_liquidated(pool, Hyperliquid(), value, required, unit) is liquidated, sentence


def test_a_unified_account_is_liquidated_below_its_maintenance() -> None:
    pool = Pool(AccountMode.UNIFIED, "USDC")
    rules = Hyperliquid()
    assert not is_liquidated(pool, rules, Decimal(95), Decimal(95), 1)
    assert is_liquidated(pool, rules, Decimal(95), Decimal("95.000001"), 1)
