"""Whether an exchange's own answer is ours, and a figure what a case expects."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.account import Account
from marginctl.core.agreement import (
    Actual,
    ComparedPrice,
    ExpectationVerdict,
    compare_range,
    compare_value,
    missing_equity,
    price_notices,
    withdrawable_notices,
)
from marginctl.core.evaluation import evaluate
from marginctl.core.notices import Notice
from marginctl.core.report import PositionReport
from marginctl.venues.hyperliquid import Hyperliquid
from marginctl.venues.tiered import Tiered
from tests.building import account_report, position, report, table, venue
from tests.comparing import same

RULES = Hyperliquid()
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
    compared = [ComparedPrice(figures, FLAT, price)]
    found = price_notices(compared, Decimal("1460.0000009"), Decimal(rounding), RULES)
    return found[0] if found else None


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
                "the exchange reports no liquidation price: its account differs from the one in "
                "the file"
            ),
        ),
        (
            "we have none",
            SAFE,
            "2300.50",
            "the exchange reports 2300.50: its account differs from the one in the file",
        ),
        (
            "an isolated one differs",
            ISOLATED,
            "2301",
            (
                "the exchange reports a liquidation price of 2301, which these tiers do not give: "
                "it uses other tiers for this position"
            ),
        ),
        (
            # ten down by 100, and 2 % of it less kept
            "the account has more",
            cross(),
            "2200",
            (
                "the exchange's liquidation prices imply 980.00 more account value than the file "
                "has: the account uses collateral that is not in this file, as a unified "
                "account does: add its spotClearinghouseState; they match with "
                "--account-value 2440.000000"
            ),
        ),
        (
            "the account has less",
            cross(),
            "2350",
            (
                "the exchange's liquidation prices imply 490.00 less account value than the "
                "file has: something outside this file uses the account; they match with "
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
        ("99.99", None),
        ("1234.5", "the exchange reports 1,234.50 withdrawable, 1,134.50 more"),
    ],
)
def test_what_the_exchange_would_let_go(withdrawable: str, message: str | None) -> None:
    cross_figures = account_report("100").cross
    assert cross_figures is not None
    assert cross_figures.max_removable == 100
    found = withdrawable_notices(cross_figures, Decimal(withdrawable))
    assert found == ([] if message is None else [Notice("withdrawable_differs", None, message)])


def test_nothing_is_said_of_what_the_exchange_lets_go_where_no_limit_is_known() -> None:
    held = position("10", "2500", "10", "2400", cross=True)
    somewhere = venue({"ETH": FLAT}, Tiered())
    unlimited = evaluate(Account((held,), Decimal(9000)), somewhere).cross
    assert unlimited is not None
    assert withdrawable_notices(unlimited, Decimal(1234)) == []


def book(*recorded: str | None) -> list[ComparedPrice]:
    """Cross longs of 10 and a short of 5 in one account, each with a recorded price."""
    held = [
        position("10", "2500", "10", "2400", cross=True),
        position("-5", "2500", "10", "2400", cross=True, asset="SOL"),
        position("20", "2500", "10", "2400", cross=True, asset="BTC"),
    ][: len(recorded)]
    reports = account_report("9000", *held, rows=[("0", "25")]).positions
    return [
        ComparedPrice(report, FLAT, None if price is None else Decimal(price))
        for report, price in zip(reports, recorded, strict=True)
    ]


def prices_with(more: int) -> list[str]:
    """What the exchange would print for the book with another account value."""
    held = book("1", "1", "1")
    found = []
    for figures, _, _ in held:
        assert figures.liquidation_price is not None
        # a long's price falls by more / (size · (1 - 1/50)), a short's rises by / (1 + 1/50)
        step = Fraction(more) / (Fraction(figures.size) * (1 - figures.side * Fraction(1, 50)))
        price = Fraction(figures.liquidation_price) - figures.side * step
        found.append(f"{float(price):.10f}")
    return found


@pytest.mark.parametrize("more", [1000, -1000])
def test_prices_that_fit_one_account_value_tell_of_money_elsewhere(more: int) -> None:
    found = price_notices(book(*prices_with(more)), Decimal(9000), Decimal("0.000004"), RULES)
    assert [notice.asset for notice in found] == ["ETH", "SOL", "BTC"]
    (message,) = {notice.message for notice in found}
    word = "more" if more > 0 else "less"
    assert f"imply 1,000.00 {word} account value" in message
    assert ("spotClearinghouseState" in message) is (more > 0)


def test_one_position_that_differs_alone_has_other_tiers() -> None:
    same_prices = prices_with(0)
    found = price_notices(
        book(same_prices[0], prices_with(1000)[1], same_prices[2]),
        Decimal(9000),
        Decimal("0.01"),
        RULES,
    )
    assert [notice.asset for notice in found] == ["SOL"]
    assert "other tiers" in found[0].message


def test_prices_that_fit_no_common_account_value_have_other_tiers() -> None:
    mixed = [prices_with(1000)[0], prices_with(2000)[1], prices_with(3000)[2]]
    found = price_notices(book(*mixed), Decimal(9000), Decimal("0.01"), RULES)
    assert len(found) == 3
    assert all("other tiers" in notice.message for notice in found)


def test_a_missing_price_beside_others_that_fit_one_value_is_part_of_it() -> None:
    prices = prices_with(1000)
    found = price_notices(book(prices[0], prices[1], None), Decimal(9000), Decimal("0.01"), RULES)
    assert len({notice.message for notice in found}) == 1
    assert "imply 1,000.00 more" in found[0].message


def test_another_venue_is_not_asked_for_an_answer_of_hyperliquid() -> None:
    found = price_notices(book(*prices_with(1000)), Decimal(9000), Decimal("0.01"), Tiered())
    assert "collateral that is not in this file" in found[0].message
    assert "spotClearinghouseState" not in found[0].message


@pytest.mark.parametrize(
    ("actual", "expected", "tolerance", "verdict"),
    [
        (Decimal(1), Decimal("1.0"), "0", ExpectationVerdict(True, Decimal(0))),
        (
            Decimal(1),
            Decimal("1.000000000000000000000000000000000000000000000000000001"),
            "0",
            None,
        ),
        (Decimal("1.01"), Decimal(1), "0.01", ExpectationVerdict(True, Decimal("0.01"))),
        (Decimal("0.99"), Decimal(1), "0.01", ExpectationVerdict(True, Decimal("-0.01"))),
        (
            Decimal("1.0100000000001"),
            Decimal(1),
            "0.01",
            ExpectationVerdict(False, Decimal("0.0100000000001")),
        ),
        ("true", "true", "0", ExpectationVerdict(True)),
        ("true", "false", "0", ExpectationVerdict(False)),
        (None, None, "0", ExpectationVerdict(True)),
        (None, Decimal(0), "0", ExpectationVerdict(False)),
        (Decimal(0), None, "0", ExpectationVerdict(False)),
        (Decimal(1), "1x", "0", ExpectationVerdict(False)),
    ],
)
def test_a_figure_is_the_one_value_that_was_expected(
    actual: Actual, expected: Actual, tolerance: str, verdict: ExpectationVerdict
) -> None:
    found = compare_value(actual, expected, Decimal(tolerance))
    assert found == (verdict or ExpectationVerdict(False, Decimal("-1e-54")))


@pytest.mark.parametrize(
    ("actual", "least", "most", "verdict"),
    [
        (Decimal(1), Decimal(1), Decimal(2), ExpectationVerdict(True, Decimal(0))),
        (Decimal(2), Decimal(1), Decimal(2), ExpectationVerdict(True, Decimal(0))),
        (Decimal("0.5"), Decimal(1), Decimal(2), ExpectationVerdict(False, Decimal("-0.5"))),
        (Decimal("2.5"), Decimal(1), Decimal(2), ExpectationVerdict(False, Decimal("0.5"))),
        (Decimal(9), Decimal(1), None, ExpectationVerdict(True, Decimal(0))),
        (Decimal(-9), None, Decimal(1), ExpectationVerdict(True, Decimal(0))),
        (None, Decimal(1), None, ExpectationVerdict(False)),
        ("true", Decimal(1), None, ExpectationVerdict(False)),
    ],
)
def test_a_figure_is_in_the_range_that_was_expected(
    actual: Actual, least: Actual, most: Actual, verdict: ExpectationVerdict
) -> None:
    assert compare_range(actual, least, most) == verdict  # type: ignore[arg-type]
