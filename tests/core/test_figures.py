"""What a position is worth and what it must keep, at the mark."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from marginctl.core.figures import margin_figures as inside_exactly
from marginctl.core.numbers import exactly
from marginctl.core.position import Position
from tests.building import BTC, DOGE, ETH, Rows, position, table

margin_figures = exactly(inside_exactly)


@pytest.mark.parametrize(
    ("sentence", "held", "rows", "initial", "maintenance", "margin", "equity"),
    [
        (
            "the margin posted by default is cost / leverage",
            position("10", "2500", "10", "2400"),
            ETH,
            "2400",
            "480",
            "2500",
            "1500",
        ),
        (
            "a short wins what a long loses",
            position("-10", "2500", "10", "2400"),
            ETH,
            "2400",
            "480",
            "2500",
            "3500",
        ),
        (
            "a stated margin is taken as it is",
            position("10", "2500", "10", "2400", margin="1200.5"),
            ETH,
            "2400",
            "480",
            "1200.5",
            "200.5",
        ),
        (
            "stated equity contains the PnL",
            position("10", "2500", "10", "2400", equity="200.5"),
            ETH,
            "2400",
            "480",
            "1200.5",
            "200.5",
        ),
        (
            "the initial margin is flat while maintenance climbs the tiers",
            position("21000000", "1", "5"),
            DOGE,
            "4200000",
            "1100000",
            "4200000",
            "4200000",
        ),
        (
            "exactly on a boundary both tiers keep the same",
            position("-1500", "100000", "40"),
            BTC,
            "3750000",
            "1875000",
            "3750000",
            "3750000",
        ),
        (
            "thirds and sevenths are exact",
            position("1", "29", "7", "20"),
            [("0", "15")],
            "20/7",
            "2/3",
            "29/7",
            "-34/7",
        ),
    ],
)
def test_margin_figures_at_the_mark(
    sentence: str,
    held: Position,
    rows: Rows,
    initial: str,
    maintenance: str,
    margin: str,
    equity: str,
) -> None:
    figures = margin_figures(held, table(rows))
    parts = figures.initial, figures.maintenance, figures.margin, figures.equity
    amounts = [Fraction(amount) / figures.terms.unit for amount in parts if amount is not None]
    assert amounts == [*map(Fraction, (initial, maintenance, margin, equity))], sentence


def test_margin_added_since_is_part_of_margin_and_equity() -> None:
    held = position("10", "2500", "3", "2400")._replace(added=Decimal("-0.5"))
    figures = margin_figures(held, table(ETH))
    assert figures.terms.unit == 3
    assert figures.margin == 25_000 - Decimal("1.5")
    assert figures.equity == 22_000 - Decimal("1.5")


def test_a_cross_position_has_no_margin_of_its_own() -> None:
    figures = margin_figures(
        position("-10", "2500", "10", "2400", margin="5", cross=True), table(ETH)
    )
    assert figures.margin is None
    assert figures.equity is None
    assert figures.pnl == 1000
    assert figures.notional == 24_000
    assert figures.cost == 25_000


def test_the_unit_can_be_widened_for_sums() -> None:
    figures = margin_figures(position("10", "2500", "10", "2400"), table(ETH), 7)
    assert figures.terms.unit == 21
    assert figures.maintenance == 480 * 21


def test_a_float_margin_is_refused() -> None:
    any_float: Any = 0.5
    held = position("10", "2500", "10")
    with pytest.raises((TypeError, ArithmeticError)):
        margin_figures(held._replace(margin=any_float), table(ETH))
    with pytest.raises((TypeError, ArithmeticError)):
        margin_figures(held._replace(leverage=any_float), table(ETH))
