"""Tiers of equal rates, which differ in the leverage that may be chosen: Binance has some."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.position import Side
from marginctl.core.tiers import maintenance_margin
from tests.building import position, report, table

D = Decimal
RATE = Fraction(1, 100)
TABLE = table([(0, 50, "1/100"), (1000, 40, "1/100"), (2000, 20, "2/100")])


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
    found = report(position(side * size, mark, 5, margin=margin), TABLE)
    assert found.liquidation_price == D(price)
    assert found.liquidation_tier is not None
    assert found.liquidation_tier.index == tier
