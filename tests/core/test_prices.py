"""The prices at which something happens, and why one is missing."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.figures import margin_figures
from marginctl.core.liquidation import Prices, threshold_prices
from marginctl.core.numbers import exactly
from marginctl.core.position import Position
from marginctl.core.rules import Rules
from marginctl.venues.hyperliquid import Hyperliquid
from marginctl.venues.trado import Trado
from tests.building import ETH, Rows, position, table
from tests.comparing import same


@exactly
def prices(
    held: Position,
    rows: Rows = ETH,
    *,
    rules: Rules | None = None,
    upper: str | None = None,
    equity: str | None = None,
    others: str = "0",
) -> Prices:
    figures = margin_figures(held, table(rows, upper))
    backing = figures.equity
    if equity is not None:
        backing = Decimal(equity) * figures.terms.unit
    assert backing is not None
    carried = Decimal(others) * figures.terms.unit
    rules = Hyperliquid() if rules is None else rules
    return threshold_prices(held, figures, backing, carried, rules)


def test_the_three_prices_of_a_long() -> None:
    found = prices(position("10", "2500", "10", "2400"))
    assert same(found.liquidation, Fraction(2250) / Fraction("0.98"))
    assert same(found.backstop, Fraction(6750) / Fraction("2.96"))
    assert found.bankruptcy == 2250
    assert same(found.distance, 1 - Fraction(2250) / Fraction("0.98") / 2400)
    assert found.missing is None
    assert found.scaled_tier is not None
    assert found.scaled_tier.tier.index == 0


def test_the_three_prices_of_a_short_lie_in_the_other_order() -> None:
    found = prices(position("-10", "2500", "10", "2400"))
    assert same(found.liquidation, Fraction(2750) / Fraction("1.02"))
    assert same(found.backstop, Fraction(8250) / Fraction("3.04"))
    assert found.bankruptcy == 2750
    assert same(found.distance, Fraction(2750) / Fraction("1.02") / 2400 - 1)


def test_a_closing_fee_brings_liquidation_nearer_and_trado_has_no_backstop() -> None:
    found = prices(position("0.04", "2500", "10", "2400"), [("0", "100", "1/200")], rules=Trado())
    assert same(found.liquidation, Fraction(2250) / (1 - Fraction("0.0056")))
    assert found.backstop is None
    assert found.bankruptcy == 2250


@pytest.mark.parametrize(
    ("size", "price"), [("10", "2490/0.98"), ("-10", "2310/1.02")], ids=["long", "short"]
)
def test_a_position_already_below_maintenance_has_a_negative_distance(
    size: str, price: str
) -> None:
    found = prices(position(size, "2400", "10", equity="-900"))
    above, below = price.split("/")
    assert same(found.liquidation, Fraction(above) / Fraction(below))
    assert found.distance is not None
    assert found.distance < 0
    assert found.missing is None


@pytest.mark.parametrize(
    ("sentence", "held", "missing"),
    [
        ("a long at 1x", position("10", "2500", "1"), "safe"),
        ("a long with more than it cost", position("10", "2500", "1", margin="1e6"), "safe"),
        ("a short without anything left", position("-10", "2500", "1", equity="-25000"), "lost"),
        ("a short that owes more", position("-10", "2500", "1", equity="-25000.01"), "lost"),
    ],
)
def test_this_price_alone_cannot_do_it(sentence: str, held: Position, missing: str) -> None:
    assert prices(held) == Prices(None, None, None, None, None, missing), sentence


def test_a_short_has_a_price_until_its_equity_at_price_zero_is_gone() -> None:
    found = prices(position("-10", "2500", "1", equity="-24999.999"))
    assert same(found.liquidation, Fraction("0.0001") / Fraction("1.02"))
    assert found.bankruptcy == Decimal("0.0001")


@pytest.mark.parametrize(
    ("sentence", "size", "mark", "equity", "end", "price", "missing"),
    [
        # a short of 100 at 107 with 520: at 110 it has 220 and keeps 2 % of 11,000
        ("known exactly at the end", "-100", "107", "520", "11000", "110", None),
        ("unknown just above", "-100", "107", "520", "10999." + 40 * "9", None, "beyond_tiers"),
        # 3 · 200/3 is exactly 200
        ("known though it does not terminate", "-3", "1", "201", "200", "200/3", None),
        ("unknown by the least bit", "-3", "1", "201", "199." + 40 * "9", None, "beyond_tiers"),
        ("a long that is far under water", "10", "1000", "-600", "10500", None, "beyond_tiers"),
    ],
)
def test_nothing_is_extrapolated_above_the_end_of_a_table(
    sentence: str,
    size: str,
    mark: str,
    equity: str,
    end: str,
    price: str | None,
    missing: str | None,
) -> None:
    found = prices(position(size, mark, "1", equity=equity), [("0", "25")], upper=end)
    assert same(found.liquidation, None if price is None else Fraction(price)), sentence
    assert found.missing == missing, sentence
    assert (found.scaled_tier is None) == (found.distance is None) == (price is None)


def test_a_backstop_above_the_end_of_a_table_is_unknown_while_bankruptcy_is_not() -> None:
    # the backstop would be at 11,220 / 101.33 = 110.7, above the end at 110
    found = prices(position("-100", "107", "1", equity="520"), [("0", "25")], upper="11000")
    assert found.liquidation == 110
    assert found.backstop is None
    assert found.bankruptcy == Decimal("112.2")


def test_what_other_positions_keep_brings_liquidation_nearer() -> None:
    held = position("10", "2400", "10", cross=True)
    alone = prices(held, equity="1500")
    carrying = prices(held, equity="1500", others="98")
    assert same(alone.liquidation, Fraction(22500) / Fraction("9.8"))
    assert same(carrying.liquidation, Fraction(22598) / Fraction("9.8"))
    # two thirds of it for the backstop, nothing of it for bankruptcy
    assert same(carrying.backstop, (22500 + Fraction(196, 3)) / (10 - Fraction(2, 15)))
    assert carrying.bankruptcy == alone.bankruptcy == 2250
