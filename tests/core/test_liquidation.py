"""Roots: where equity meets what must be kept."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.liquidation import (
    BANKRUPTCY,
    LIQUIDATION,
    Root,
    Threshold,
    binding,
    candidates,
    meeting_point,
)
from marginctl.core.margin import stake
from marginctl.core.position import Position, Side
from marginctl.core.tiers import terms
from tests.building import ETH, Rows, position, table
from tests.markets import LADDER

RUNGS = terms(table(ETH), Decimal(1)).rungs


def root(numerator: str, denominator: str = "1", rung: int = 0) -> Root:
    return Root(Decimal(numerator), Decimal(denominator), RUNGS[rung])


def met(held: Position, rows: Rows, threshold: Threshold | None = None) -> Root:
    figures = stake(held, table(rows))
    assert figures.equity is not None
    threshold = Threshold() if threshold is None else threshold
    return meeting_point(held.side, held.size, figures, figures.equity, threshold)


@pytest.mark.parametrize(
    ("numerator", "denominator", "price"),
    [
        ("1", "3", "0." + 50 * "3"),
        ("200", "3", "66." + 47 * "6" + "7"),
        ("0", "3", None),
        ("-1", "3", None),
    ],
)
def test_a_root_is_a_price_only_above_zero(
    numerator: str, denominator: str, price: str | None
) -> None:
    assert root(numerator, denominator).price == (None if price is None else Decimal(price))


def test_roots_are_compared_without_a_division() -> None:
    third, nearly = root("1", "3"), root("0." + 60 * "3")
    assert nearly.below(third)
    assert not third.below(nearly)
    assert not third.below(root("2", "6"))


@pytest.mark.parametrize(
    ("bound", "beyond"),
    [(None, False), ("200", False), ("199." + 60 * "9", True), ("201", False)],
)
def test_a_root_lies_beyond_a_bound_only_above_it(bound: str | None, beyond: bool) -> None:
    # 3 · 200/3 is exactly 200, though 200/3 does not terminate
    limit = None if bound is None else Decimal(bound)
    assert root("200", "3").beyond(Decimal(3), limit) is beyond


@pytest.mark.parametrize(
    ("sentence", "side", "prices", "chosen"),
    [
        ("the highest counts for a long", Side.LONG, ["5", "7", "6"], 1),
        ("the lowest counts for a short", Side.SHORT, ["7", "5", "6"], 1),
        ("of two equal ones the later counts for a long", Side.LONG, ["7", "7", "6"], 1),
        ("of two equal ones the later counts for a short", Side.SHORT, ["5", "5", "6"], 1),
        ("the only one counts", Side.LONG, ["-3"], 0),
    ],
)
def test_one_root_counts(sentence: str, side: Side, prices: list[str], chosen: int) -> None:
    roots = [root(price) for price in prices]
    assert binding(side, roots) is roots[chosen], sentence


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
    found = met(held, rows)
    above, below = price.split("/") if "/" in price else (price, "1")
    exact = Fraction(found.numerator) / Fraction(found.denominator)
    assert exact == Fraction(above) / Fraction(below), sentence
    assert found.tier.index == tier, sentence


@pytest.mark.parametrize(
    ("sentence", "threshold", "price"),
    [
        ("liquidation", Threshold(LIQUIDATION), "2250/0.98"),
        ("bankruptcy", Threshold(BANKRUPTCY), "2250/1"),
        ("two thirds", Threshold((2, 3)), "6750/2.96"),
        ("a closing fee", Threshold(LIQUIDATION, Decimal("0.01")), "2250/0.97"),
        ("no fee on bankruptcy unless asked", Threshold(BANKRUPTCY, Decimal("0.1")), "2250/0.9"),
        (
            "what other positions keep",
            Threshold(LIQUIDATION, others=Decimal(300)),
            "2260/0.98",
        ),
        (
            "two thirds of what other positions keep",
            Threshold((2, 3), others=Decimal(900)),
            "6810/2.96",
        ),
    ],
)
def test_a_threshold_moves_the_root(sentence: str, threshold: Threshold, price: str) -> None:
    # ten at 2,400 with 1,500 of equity: worth nothing at 2,250; others are in parts, of 1/3
    found = met(position("10", "2400", "1", equity="1500"), ETH, threshold)
    above, below = price.split("/")
    exact = Fraction(found.numerator) / Fraction(found.denominator)
    assert exact == Fraction(above) / Fraction(below), sentence


def test_there_is_a_candidate_for_every_tier_with_a_positive_denominator() -> None:
    for held in (position("10", "120", "2"), position("-10", "120", "2")):
        figures = stake(held, table(LADDER))
        assert figures.equity is not None
        roots = candidates(held.side, held.size, figures, figures.equity, Threshold())
        assert [found.tier.index for found in roots] == list(range(10))
        assert all(found.denominator > 0 for found in roots)
