"""Roots: where equity meets what must be kept."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.figures import margin_figures
from marginctl.core.liquidation import LIQUIDATION, Chain, Root, Threshold, chain, exhausted_at
from marginctl.core.numbers import exactly
from marginctl.core.position import Position
from marginctl.core.tiers import terms
from tests.building import ETH, Rows, position, table
from tests.markets import LADDER


def facing(held: Position, rows: Rows, threshold: Threshold | None = None) -> tuple[Chain, Decimal]:
    figures = exactly(margin_figures)(held, table(rows))
    assert figures.equity is not None
    threshold = Threshold() if threshold is None else threshold
    met = chain(figures.terms, held.side, threshold)
    return met, exactly(exhausted_at)(held.side, figures, figures.equity)


def met(held: Position, rows: Rows, threshold: Threshold | None = None, others: str = "0") -> Root:
    lines, exhausted = facing(held, rows, threshold)
    return exactly(lines.meeting_point)(held.size, exhausted, Decimal(others))


@pytest.mark.parametrize(
    ("sentence", "held", "rows", "price", "tier"),
    [
        (
            "a short exactly on the boundary",
            position("-50000", "1800", "1", equity="12000000"),
            ETH,
            "2000",
            1,
        ),
        (
            "a long exactly on the boundary",
            position("10", "120", "1", equity="250"),
            [("0", "10"), ("1000", "5")],
            "100",
            1,
        ),
        (
            "a long where the upper of two tiers of equal rates begins",
            position("10", "120", "1", equity="250"),
            [("0", "10"), ("1000", "10")],
            "950/9.5",
            1,
        ),
        (
            "a long that descends two tiers",
            position("1000", "10000", "2", equity="9000000"),
            LADDER,
            # 1,000·(x - 1,000) = 25·x - 16,300, and 1,000·x lies above 1,000,000
            "983700/975",
            3,
        ),
        (
            "a short that climbs into the next tier",
            position("-50000", "1900", "1", equity="20000000"),
            ETH,
            # 115,000,000 - 50,000·x = 50,000·x/30 - 4,000,000/3
            "349000000/155000",
            1,
        ),
        (
            "one that is already liquidatable still has its root",
            position("10", "2500", "10", equity="100"),
            ETH,
            "24900/9.8",
            0,
        ),
    ],
)
def test_the_root_that_counts_lies_in_its_own_tier(
    sentence: str, held: Position, rows: Rows, price: str, tier: int
) -> None:
    numerator, denominator, found = met(held, rows)
    above, below = price.split("/") if "/" in price else (price, "1")
    exact = Fraction(numerator) / Fraction(denominator)
    assert exact == Fraction(above) / Fraction(below), sentence
    assert found.tier.index == tier, sentence


@pytest.mark.parametrize(
    ("sentence", "threshold", "others", "price"),
    [
        ("liquidation", Threshold(LIQUIDATION), "0", "2250/0.98"),
        ("two thirds", Threshold((2, 3)), "0", "6750/2.96"),
        ("a closing fee", Threshold(LIQUIDATION, Decimal("0.01")), "0", "2250/0.97"),
        ("what other positions keep", Threshold(LIQUIDATION), "300", "2260/0.98"),
        ("two thirds of what other positions keep", Threshold((2, 3)), "900", "6810/2.96"),
    ],
)
def test_a_threshold_moves_the_root(
    sentence: str, threshold: Threshold, others: str, price: str
) -> None:
    # ten at 2,400 with 1,500 of equity: worth nothing at 2,250; others are in parts, of 1/3
    numerator, denominator, _ = met(
        position("10", "2400", "1", equity="1500"), ETH, threshold, others
    )
    above, below = price.split("/")
    exact = Fraction(numerator) / Fraction(denominator)
    assert exact == Fraction(above) / Fraction(below), sentence


def test_there_is_a_candidate_for_every_tier_with_a_positive_denominator() -> None:
    for held in (position("10", "120", "2"), position("-10", "120", "2")):
        lines, exhausted = facing(held, LADDER)
        roots = exactly(lines.candidates)(held.size, exhausted, Decimal(0))
        assert [found.tier.index for _, _, found in roots] == list(range(10))
        assert all(denominator > 0 for _, denominator, _ in roots)


def test_equity_is_used_up_where_the_loss_is_as_large_as_it() -> None:
    for size, notional in (("10", 22500), ("-10", 25500)):
        _, exhausted = facing(position(size, "2400", "1", equity="1500"), ETH)
        assert exhausted == notional * terms(table(ETH), Decimal(1)).unit
