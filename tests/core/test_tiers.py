"""Tier tables: deductions, maintenance, and which tier a notional lies in."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from marginctl.core.numbers import finite
from marginctl.core.position import Side
from marginctl.core.tiers import (
    TierSpec,
    TierTable,
    maintenance_margin,
    scaled_tier_at,
    terms,
    tier_at,
)
from tests.building import DOGE, ETH, Rows, position, report, table
from tests.markets import LADDER

DOGE_TABLE = table(DOGE)


@pytest.mark.parametrize(
    ("notional", "kept"),
    [
        ("19000000", 950_000),
        ("20000000", 1_000_000),
        ("21000000", 1_100_000),
        ("0", 0),
        ("10000", 500),
    ],
)
def test_maintenance_of_a_10x_asset_that_is_5x_above_20_million(notional: str, kept: int) -> None:
    assert maintenance_margin(DOGE_TABLE, Decimal(notional)) == kept


def test_maintenance_does_not_depend_on_the_leverage_chosen() -> None:
    assert maintenance_margin(table([("0", "20")]), Decimal(10_000)) == 250


@pytest.mark.parametrize(
    ("notional", "index"),
    [
        ("0", 0),
        ("19999999.999999999999999999999999999999999999999999999999", 0),
        ("20000000", 1),
        ("20000000.000000000000000000000000000000000000000000000001", 1),
        ("1e30", 1),
    ],
)
def test_exactly_on_a_boundary_the_higher_tier_applies(notional: str, index: int) -> None:
    assert tier_at(DOGE_TABLE, Decimal(notional)).index == index


def test_tiers_end_where_the_next_begin() -> None:
    tiers = table(LADDER, upper="1000000000").tiers
    lower = [tier.lower_bound for tier in tiers]
    upper = [tier.upper_bound for tier in tiers]
    assert upper == [*lower[1:], Decimal(1_000_000_000)]
    assert [tier.index for tier in tiers] == list(range(10))


@pytest.mark.parametrize(("upper", "expected"), [(None, None), ("300000001", Decimal(300_000_001))])
def test_a_table_ends_where_its_last_tier_does(upper: str | None, expected: Decimal | None) -> None:
    assert table(LADDER, upper=upper).upper_bound == expected


@pytest.mark.parametrize(
    ("rows", "rates", "deductions", "unit"),
    [
        (ETH, ["1/50", "1/30"], ["0", "4000000/3"], 3),
        ([("0", "7"), ("1", "3")], ["1/14", "1/6"], ["0", "2/21"], 21),
        ([("0", "100", "1/200")], ["1/200"], ["0"], 1),
        ([("0", "2.5"), ("0.3", "2")], ["1/5", "1/4"], ["0", "3/200"], 1),
        ([("0", "3", "1/50")], ["1/50"], ["0"], 3),
    ],
)
def test_rates_and_deductions_are_exact_fractions(
    rows: Rows, rates: list[str], deductions: list[str], unit: int
) -> None:
    built = table(rows)
    assert [tier.maintenance_margin_rate for tier in built.tiers] == [*map(Fraction, rates)]
    assert [tier.maintenance_deduction for tier in built.tiers] == [*map(Fraction, deductions)]
    assert built.unit == unit


def test_a_stated_rate_wins_over_half_of_the_initial_one() -> None:
    assert TierSpec(Decimal(0), Decimal(40)).maintenance_rate == Fraction(1, 80)
    stated = TierSpec(Decimal(0), Decimal(40), Fraction(1, 3))
    assert stated.maintenance_rate == Fraction(1, 3)


def test_terms_are_whole_parts_of_one_unit() -> None:
    found = terms(table(ETH), Decimal(7))
    assert found.unit == 21
    assert found.initial_rate == 3
    assert [scaled_tier.rate for scaled_tier in found.scaled_tiers] == [
        Decimal("0.42"),
        Decimal("0.7"),
    ]
    assert [scaled_tier.deduction for scaled_tier in found.scaled_tiers] == [0, 28_000_000]
    assert [scaled_tier.initial_rate for scaled_tier in found.scaled_tiers] == [
        Decimal("0.84"),
        Decimal("1.4"),
    ]
    assert [scaled_tier.tier.index for scaled_tier in found.scaled_tiers] == [0, 1]


def test_a_wider_unit_is_a_multiple_of_the_one_asked_for() -> None:
    eth = table(ETH)
    assert terms(eth, Decimal(10)).unit == 3
    wider = terms(eth, Decimal(10), 22)
    assert wider.unit == 33  # the twos terminate by themselves
    assert wider.initial_rate == Decimal("3.3")


def test_the_rung_of_a_notional_is_that_of_its_tier() -> None:
    scaled_tiers = terms(table(LADDER), Decimal(1)).scaled_tiers
    for notional, index in (("0", 0), ("49999", 0), ("50000", 1), ("3e8", 9), ("1e20", 9)):
        assert scaled_tier_at(scaled_tiers, Decimal(notional)).tier.index == index


def test_the_published_deductions_come_out_without_a_remainder() -> None:
    deductions = [finite(tier.maintenance_deduction) for tier in table(LADDER).tiers]
    published = [0, 50, 1300, 16300, 266300, 1266300, 2516300, 5016300, 25016300, 100016300]
    assert deductions == published


ANY_FLOAT: Any = 10.5


@pytest.mark.parametrize(
    "spec",
    [
        TierSpec(Decimal(0), ANY_FLOAT),
        TierSpec(Decimal(0), ANY_FLOAT, Fraction(1, 50)),
    ],
)
def test_a_float_in_a_tier_is_refused(spec: TierSpec) -> None:
    with pytest.raises(ArithmeticError):
        TierTable.build([spec])


def test_a_float_bound_leverage_or_notional_is_refused() -> None:
    first = TierSpec(Decimal(0), Decimal(20))
    with pytest.raises(ArithmeticError):
        TierTable.build([first, TierSpec(ANY_FLOAT, Decimal(10))])
    with pytest.raises(ArithmeticError):
        terms(DOGE_TABLE, ANY_FLOAT)
    with pytest.raises((ArithmeticError, TypeError)):
        maintenance_margin(DOGE_TABLE, ANY_FLOAT)


EQUAL_RATES = table([(0, 50, "1/100"), (1000, 40, "1/100"), (2000, 20, "2/100")])
"""Tiers that differ in the leverage that may be chosen: Binance has some."""


@pytest.mark.parametrize(
    ("notional", "expected"), [(999, "9.99"), (1000, "10"), (1999, "19.99"), (3000, "40")]
)
def test_maintenance_is_one_line_through_tiers_of_equal_rates(notional: int, expected: str) -> None:
    assert maintenance_margin(EQUAL_RATES, Decimal(notional)) == Fraction(expected)


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
    found = report(position(side * size, mark, 5, margin=margin), EQUAL_RATES)
    assert found.liquidation_price == Decimal(price)
    assert found.liquidation_tier is not None
    assert found.liquidation_tier.index == tier
