"""Tiers of equal rates, which differ in the leverage that may be chosen: Binance has some."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.account import Account
from marginctl.core.evaluation import evaluate
from marginctl.core.position import Asset, Position, Side
from marginctl.core.rules import Venue
from marginctl.core.tiers import TierSpec, TierTable, maintenance_margin
from marginctl.venues.hyperliquid import Hyperliquid

D = Decimal
RATE = Fraction(1, 100)
TABLE = TierTable.build(
    [
        TierSpec(D(0), D(50), RATE),
        TierSpec(D(1000), D(40), RATE),
        TierSpec(D(2000), D(20), Fraction(2, 100)),
    ]
)


@pytest.mark.parametrize(
    ("notional", "expected"), [(999, "9.99"), (1000, "10"), (1999, "19.99"), (3000, "40")]
)
def test_maintenance_is_one_line_through_them(notional: int, expected: str) -> None:
    assert maintenance_margin(TABLE, D(notional)) == Fraction(expected)


@pytest.mark.parametrize(
    ("side", "size", "mark", "margin", "price", "tier"),
    [
        # 100·s·(x - 20) + 198 = x: at 18 for a long
        (Side.LONG, 100, "20", "218", "18", 1),
        # 100·(x - 11) + 209 = x at 9, a notional of 900
        (Side.LONG, 100, "11", "209", "9", 0),
        # 100·(9 - x) + 211 = x at 11, a notional of 1,100
        (Side.SHORT, 100, "9", "211", "11", 1),
    ],
)
def test_the_liquidation_tier_is_that_of_the_notional_there(
    side: Side, size: int, mark: str, margin: str, price: str, tier: int
) -> None:
    venue = Venue("v", Hyperliquid(), "USDC", {"A": Asset("A", TABLE)})
    held = Position.at_prices("A", side, D(size), D(mark), D(5), margin=D(margin))
    report = evaluate(Account((held,)), venue).positions[0]
    assert report.liquidation_price == D(price)
    assert report.liquidation_tier is not None
    assert report.liquidation_tier.index == tier
