"""Positions made from what is known of them."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from marginctl.core.account import Account
from marginctl.core.evaluation import evaluate
from marginctl.core.position import Asset, AssetMode, MarginMode, Position, Side
from tests.building import ETH, position, table, venue


def test_a_side_is_its_sign_and_has_a_word() -> None:
    assert [Side.LONG * 3, Side.SHORT * 3] == [3, -3]
    assert [Side.LONG.word, Side.SHORT.word] == ["long", "short"]


def test_the_mark_is_the_entry_when_it_is_missing() -> None:
    held = position("10", "2500", "10")
    assert held.mark_price == 2500
    assert held.notional == held.cost == 25_000
    assert held.margin is None
    assert held.added == 0


@pytest.mark.parametrize(
    ("size", "equity", "margin"),
    [
        ("10", "1500", "2500"),  # the long lost 1,000
        ("-10", "1500", "500"),  # the short won it
        ("10", "-1000", "0"),
    ],
)
def test_stated_equity_gives_the_margin_without_the_pnl(
    size: str, equity: str, margin: str
) -> None:
    assert position(size, "2500", "10", "2400", equity=equity).margin == Decimal(margin)


def test_a_stated_margin_stays_as_it_is() -> None:
    assert position("10", "2500", "10", "2400", margin="777.5").margin == Decimal("777.5")


def test_notional_and_cost_keep_every_digit() -> None:
    size, entry, mark = "1." + 40 * "3", "1." + 40 * "7", "2." + 40 * "9"
    held = position("-" + size, entry, "1", mark)
    assert Fraction(held.notional) == Fraction(size) * Fraction(mark)
    assert Fraction(held.cost) == Fraction(size) * Fraction(entry)
    assert str(held.cost).startswith("2.370370370370370370370370370370370370370")
    assert len(held.cost.as_tuple().digits) == 81


def test_a_known_notional_and_cost_win_over_the_prices() -> None:
    held = Position.at_prices(
        "ETH",
        Side.SHORT,
        Decimal(3),
        Decimal("3.33"),
        Decimal(5),
        mark_price=Decimal("0.3333"),
        equity=Decimal(4),
        notional=Decimal(1),
        cost=Decimal(10),
    )
    assert held.notional == 1
    assert held.cost == 10
    assert held.margin == 4 - 9  # equity less what the short won


@pytest.mark.parametrize(
    ("cross", "mode"), [(False, MarginMode.ISOLATED), (True, MarginMode.CROSS)]
)
def test_a_position_is_isolated_or_cross(cross: bool, mode: MarginMode) -> None:
    held = position("1", "1", "1", cross=cross)
    assert held.margin_mode is mode
    assert held.isolated is not cross


def test_an_assets_max_leverage_is_that_of_its_first_tier() -> None:
    asset = Asset("ETH", table(ETH))
    assert asset.max_leverage == 25
    assert (asset.mode, asset.size_decimals, asset.delisted) == (AssetMode.NORMAL, None, False)


ANY_FLOAT: Any = 0.5


@pytest.mark.parametrize("field", ["size", "entry_price", "mark_price", "equity"])
def test_a_float_does_not_make_a_position(field: str) -> None:
    given: dict[str, Any] = {
        "size": Decimal(1),
        "entry_price": Decimal(2),
        "leverage": Decimal(3),
        field: ANY_FLOAT,
    }
    with pytest.raises(TypeError):
        Position.at_prices("ETH", Side.LONG, **given)


def test_whole_numbers_are_as_good_as_decimals() -> None:
    held = position("10", "2500", "10", "2400", margin="2500")
    amounts: dict[str, Any] = {
        "size": 10,
        "entry_price": 2500,
        "mark_price": 2400,
        "leverage": 10,
        "notional": 24_000,
        "cost": 25_000,
        "margin": 2500,
        "added": 0,
    }
    whole = held._replace(**amounts)
    somewhere = venue({"ETH": table(ETH)})
    assert evaluate(Account((whole,)), somewhere) == evaluate(Account((held,)), somewhere)
