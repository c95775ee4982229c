"""Trades against a plain model in fractions, and the published order previews."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marginctl.core.account import Account, as_cash
from marginctl.core.changes import Open
from marginctl.core.evaluation import evaluate
from marginctl.core.figures import equity_of, margin_of, with_margin
from marginctl.core.position import MarginMode, Position
from marginctl.core.trade import Effect, opening, trade
from tests.building import DOGE, ETH, STEEP, Rows, position, venue
from tests.strategies import decimals, isolated

NO_FEE = Decimal(0)


@pytest.mark.parametrize(
    ("sentence", "held", "rows", "size", "price", "margin", "equity", "liquidation"),
    [
        (
            "buying half again at 10x adds its initial margin",
            position("1", "2000", margin="400"),
            ETH,
            "0.5",
            "2000",
            "500",
            "500",
            "1700.6802721088",
        ),
        (
            "selling 0.4 of 1 keeps three fifths of the equity and the liquidation price",
            position("1", "1950", mark="1800", equity="400"),
            ETH,
            "-0.4",
            "1800",
            "330",
            "240",
            "1428.5714285714",
        ),
        (
            "selling half keeps half of the margin",
            position("2", "100", margin="20"),
            DOGE,
            "-1",
            "100",
            "10",
            "10",
            "94.7368421053",
        ),
    ],
)
def test_published_order_previews(
    sentence: str,
    held: Position,
    rows: Rows,
    size: str,
    price: str,
    margin: str,
    equity: str,
    liquidation: str,
) -> None:
    made = trade(held, Decimal(size), Decimal(price), NO_FEE)
    assert made.position is not None, sentence
    report = evaluate(Account((made.position,)), venue(rows)).positions[0]
    assert (report.margin, report.equity) == (Decimal(margin), Decimal(equity))
    assert report.liquidation_price is not None
    assert round(report.liquidation_price, 10) == Decimal(liquidation)


def test_the_entry_of_an_increase_is_the_average_by_size() -> None:
    made = trade(position("1", "2000"), Decimal("0.5"), Decimal(2300), NO_FEE)
    assert made.position is not None
    assert made.position.entry_price == Decimal(2100)
    assert made.position.cost == Decimal(3150)


def test_a_margin_that_does_not_terminate_is_carried_exactly() -> None:
    held = position("3", "100", "10", margin="400")
    made = trade(held, Decimal(-1), Decimal(100), NO_FEE)
    assert made.position is not None
    assert margin_of(made.position) == Fraction(800, 3)
    again = trade(made.position, Decimal(-1), Decimal(100), NO_FEE)
    assert again.position is not None
    assert margin_of(again.position) == Fraction(400, 3)
    assert made.received + again.received == Fraction(800, 3)


def test_a_flip_closes_and_opens_the_rest_with_a_fee_on_each() -> None:
    held = position("2", "100", "10", margin="20")
    made = trade(held, Decimal(-5), Decimal(110), Decimal("0.001"))
    assert made.effect is Effect.FLIP
    assert made.position is not None
    assert (made.position.side.word, made.position.size) == ("short", Decimal(3))
    assert made.position.entry_price == Decimal(110)
    # 3 · 110 / 10 less the fee on 330; released are 20 and the gain of 20 less the fee on 220
    assert margin_of(made.position) == Fraction("32.67")
    assert made.received == Fraction("39.78") - 33
    assert made.opened == 33


def test_a_cross_flip_leaves_all_but_the_fees_to_the_account() -> None:
    held = position("2", "100", "10", cross=True)
    made = trade(held, Decimal(-5), Decimal(110), Decimal("0.001"))
    assert made.effect is Effect.FLIP
    assert made.position is not None
    assert (made.position.side.word, made.position.size) == ("short", Decimal(3))
    assert (made.position.cost, made.position.notional) == (Decimal(330), Decimal(300))
    assert (made.position.isolated, made.position.margin) == (False, None)
    # the gain of 20 less the fee on 220 and on 330; 3 · 110 / 10 is what the rest must find there
    assert made.received == Fraction("19.45")
    assert made.opened == 33


def test_a_fee_comes_out_of_the_margin_of_what_is_kept() -> None:
    held = position("2", "100", "10", margin="20")
    made = trade(held, Decimal(-1), Decimal(100), Decimal("0.001"))
    assert made.position is not None
    assert margin_of(made.position) == Fraction("9.9")
    assert made.received == 10


def test_a_cost_of_a_record_that_does_not_divide_leaves_the_equity_exact() -> None:
    recorded = position("3", "100", "10", "101")._replace(
        cost=Decimal("300.000001"), margin=Decimal(50)
    )
    made = trade(recorded, Decimal(-1), Decimal(101), NO_FEE)
    assert made.position is not None
    assert equity_of(made.position) == equity_of(recorded) * Fraction(2, 3)


def model(held: Position, size: Fraction, price: Fraction, rate: Fraction) -> dict[str, Fraction]:
    """What a trade leaves, step by step: signed size, cost, margin, and what the cash receives."""
    before, side = Fraction(held.size), int(held.side)
    cost, margin, leverage = Fraction(held.cost), margin_of(held), Fraction(held.leverage)
    signed, cash = side * size, Fraction(0)
    closed = min(before, max(Fraction(0), -signed))
    opened = abs(size) - closed
    left = before - closed
    # what is closed takes its part of cost and margin with it
    cash += margin * closed / before + side * (closed * price - cost * closed / before)
    cost, margin = cost * left / before, margin * left / before
    fee = rate * closed * price
    cash, margin = (cash, margin - fee) if left else (cash - fee, margin)
    new_side = side if signed > 0 or left else -side
    cash -= opened * price / leverage
    margin += opened * price / leverage - rate * opened * price
    cost += opened * price
    return {"size": new_side * (left + opened), "cost": cost, "margin": margin, "cash": cash}


@settings(deadline=None)
@given(
    held=isolated(),
    size=decimals("-600", "600", 2).filter(bool),
    price=decimals("1", "300", 3),
    rate=st.sampled_from([Decimal(0), Decimal("0.00045")]),
)
def test_every_trade_is_what_the_model_says(
    held: Position, size: Decimal, price: Decimal, rate: Decimal
) -> None:
    expected = model(held, Fraction(size), Fraction(price), Fraction(rate))
    made = trade(held, size, price, rate)
    assert made.received == expected["cash"]
    left = made.position
    if left is None:
        assert expected["size"] == expected["cost"] == expected["margin"] == 0
        return
    assert left.side * Fraction(left.size) == expected["size"]
    assert Fraction(left.cost) == expected["cost"]
    assert margin_of(left) == expected["margin"]
    assert left.notional == left.size * held.mark_price


@settings(deadline=None)
@given(held=isolated(), part=st.integers(1, 99), price=decimals("1", "300", 3))
def test_a_reduction_at_any_price_keeps_the_prices_that_threaten(
    held: Position, part: int, price: Decimal
) -> None:
    # on one tier: a smaller notional would climb down a table, and be margined less
    somewhere = venue(((0, 20),))
    made = trade(held, -held.side * held.size * part / 100, price, NO_FEE)
    assert made.position is not None
    before, after = (
        evaluate(Account((one,)), somewhere).positions[0] for one in (held, made.position)
    )
    assert after.liquidation_price == before.liquidation_price
    assert after.backstop_price == before.backstop_price
    assert after.bankruptcy_price == before.bankruptcy_price
    assert after.effective_leverage == before.effective_leverage


@settings(deadline=None)
@given(held=isolated(), size=decimals("-600", "600", 2).filter(bool))
def test_a_trade_at_the_mark_without_fee_changes_no_wealth(held: Position, size: Decimal) -> None:
    made = trade(held, size, held.mark_price, NO_FEE)
    left = Fraction(0) if made.position is None else equity_of(made.position)
    assert left + made.received == equity_of(held)


@settings(deadline=None)
@given(margin=st.fractions(Fraction(1, 1000), Fraction(10**6)))
def test_any_margin_is_shown_to_fifty_digits(margin: Fraction) -> None:
    held = with_margin(position("1", "100", "7"), margin)
    report = evaluate(Account((held,)), venue(STEEP)).positions[0]
    assert report.margin is not None
    assert abs(Fraction(report.margin) - margin) <= margin / 10**49
    assert margin_of(held) == margin


def test_cash_is_exact_or_rounded_down() -> None:
    assert as_cash(Fraction(1, 8)) == Decimal("0.125")
    assert Fraction(as_cash(Fraction(-1, 3))) < Fraction(-1, 3)


@pytest.mark.parametrize("mode", MarginMode)
def test_a_fee_on_opening_is_lost_and_nothing_else(mode: MarginMode) -> None:
    # 10 at 2,400 with 10x: 2,400 of margin, and 0.0005 · 24,000 = 12 of fee
    position, traded = opening(
        Open("ETH", Decimal(10), Decimal(2400), Decimal(10), mode, fee_rate=Decimal("0.0005"))
    )
    assert traded.opened == 2400
    if mode is MarginMode.ISOLATED:
        assert traded.received == -2400
        assert margin_of(position) == 2400 - 12
    else:
        assert traded.received == -12
