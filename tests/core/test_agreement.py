"""Whether an exchange's own answer is ours."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.agreement import missing_equity, price_notice, withdrawable_notice
from marginctl.core.notices import Notice
from marginctl.core.report import PositionReport
from tests.building import account_report, position, report, table
from tests.comparing import same

FLAT = table([("0", "25")])
ISOLATED = report(position("10", "2500", "10", "2400", margin="2460"), [("0", "25")])
"""Zero equity at 2,254, liquidated at 2,300."""
SAFE = report(position("10", "2500", "1"), [("0", "25")])


def cross(size: str = "10") -> PositionReport:
    held = position(size, "2500", "10", "2400", cross=True)
    return account_report("2460", held, rows=[("0", "25")]).positions[0]


def said(
    figures: PositionReport, recorded: str | None, *, rounding: str = "0.000002"
) -> Notice | None:
    price = None if recorded is None else Decimal(recorded)
    return price_notice(figures, FLAT, price, Decimal("1460.0000009"), Decimal(rounding))


def test_the_figures_these_tests_stand_on() -> None:
    assert ISOLATED.liquidation_price == cross().liquidation_price == 2300
    assert SAFE.liquidation_price is None


@pytest.mark.parametrize(
    ("sentence", "recorded"),
    [
        ("the same price", "2300"),
        ("the same to ten decimals", "2300.0000000001"),
        ("off by what a rounded amount makes of it", "2300.0000002"),
        ("the same on the other side", "2299.9999998"),
    ],
)
def test_answers_that_agree(sentence: str, recorded: str) -> None:
    assert said(ISOLATED, recorded) is None, sentence
    assert said(cross(), recorded) is None, sentence


def test_no_price_on_both_sides_agrees() -> None:
    assert said(SAFE, None) is None


@pytest.mark.parametrize(
    ("sentence", "figures", "recorded", "message"),
    [
        (
            "the exchange has none",
            ISOLATED,
            None,
            (
                "the exchange's record has no liquidation price: its account is not what the "
                "record shows"
            ),
        ),
        (
            "we have none",
            SAFE,
            "2300.50",
            "the exchange's record has 2300.50: its account is not what the record shows",
        ),
        (
            "an isolated one differs",
            ISOLATED,
            "2301",
            (
                "the exchange's record has 2301 as liquidation price, which these tiers do not "
                "give: they may be of another day"
            ),
        ),
        (
            # ten down by 100, and 2 % of it less kept
            "the account has more",
            cross(),
            "2200",
            (
                "the exchange's 2200 needs 980.00 more account value than there is here: the "
                "account probably draws on collateral outside of this record (a unified account); "
                "it fits with --account-value 2440.000000"
            ),
        ),
        (
            "the account has less",
            cross(),
            "2350",
            (
                "the exchange's 2350 needs 490.00 less account value than there is here: something "
                "outside of this record probably draws on the account; it fits with "
                "--account-value 970.000000"
            ),
        ),
    ],
)
def test_answers_that_differ(
    sentence: str, figures: PositionReport, recorded: str | None, message: str
) -> None:
    assert said(figures, recorded) == Notice("exchange_differs", "ETH", message), sentence


@pytest.mark.parametrize(("rounding", "agrees"), [("0.98", True), ("0.9799", False)])
def test_how_far_off_amounts_may_be_is_given(rounding: str, agrees: bool) -> None:
    # a tenth of a price of ten is 0.98 of equity
    assert (said(ISOLATED, "2300.1", rounding=rounding) is None) is agrees


@pytest.mark.parametrize(
    ("size", "price", "missing"),
    [("10", "2300", "0"), ("10", "2200", "980"), ("10", "2301", "-9.8")],
)
def test_missing_equity_at_another_price(size: str, price: str, missing: str) -> None:
    assert missing_equity(cross(size), FLAT, Decimal(price)) == Decimal(missing)


def test_missing_equity_of_a_short_that_crosses_a_boundary() -> None:
    rows = [("0", "25"), ("1000", "15")]
    figures = report(position("-10", "90", "10", equity="110"), rows)
    # 1,010 - 10·x = 0.2·x
    assert same(figures.liquidation_price, Fraction(1010) / Fraction("10.2"))
    missing = missing_equity(figures, table(rows), Decimal(200))
    # at 200 it keeps 2,000/30 - 40/3 and is worth 1,010 - 2,000
    assert missing is not None
    error = Fraction(missing) - (Fraction(2000, 30) - Fraction(40, 3) + 990)
    assert abs(error) < Fraction(1, 10**44)
    assert missing_equity(SAFE, FLAT, Decimal(1)) is None


@pytest.mark.parametrize(
    ("withdrawable", "message"),
    [
        ("100", None),
        ("100.0099", None),
        ("99.9901", None),
        (
            "99.99",
            (
                "the exchange's record has 99.99 withdrawable, 0.01 less: resting orders probably "
                "hold margin too"
            ),
        ),
        ("1234.5", "the exchange's record has 1,234.50 withdrawable, 1,134.50 more"),
    ],
)
def test_what_the_exchange_would_let_go(withdrawable: str, message: str | None) -> None:
    cross_figures = account_report("100").cross
    assert cross_figures is not None
    assert cross_figures.max_removable == 100
    found = withdrawable_notice(cross_figures, Decimal(withdrawable))
    expected = None if message is None else Notice("withdrawable_differs", None, message)
    assert found == expected
