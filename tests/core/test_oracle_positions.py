"""Thousands of isolated positions, against the oracle."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from marginctl.core.account import Account
from marginctl.core.evaluation import evaluate
from marginctl.core.position import AssetMode
from marginctl.core.rules import Rules
from marginctl.venues.binance import Binance
from marginctl.venues.bybit import Bybit
from marginctl.venues.lighter import Lighter
from marginctl.venues.tiered import Tiered
from marginctl.venues.trado import CLOSING_FEE_RATE, Trado
from tests.building import HYPERLIQUID, Market, holding, position, report, venue
from tests.comparing import differences
from tests.drawing import Drawn, dice, draw_position
from tests.markets import SYNTHETIC, shipped
from tests.oracle import (
    Figures,
    Holding,
    Table,
    binance_isolated,
    hyperliquid_isolated,
    tiered_isolated,
    trado_isolated,
)

EACH = 100

BOTH = [*shipped(), *SYNTHETIC]


def drawn_on(rng: Random, market: Market, count: int) -> Iterator[tuple[Drawn, Decimal | None]]:
    """Draw positions, and the account's cash if known; enough of them lie within the tiers."""
    covered = 0
    for _ in range(count):
        drawn = draw_position(rng, market)
        if drawn is not None:
            covered += 1
            yield drawn, rng.choice([None, Decimal(rng.randint(0, 10**9)) / 1000])
    assert covered > count // 4


def off(
    drawn: Drawn,
    expected: Figures,
    rules: Rules,
    cash: Decimal | None = None,
    mode: AssetMode = AssetMode.NORMAL,
) -> list[str]:
    """Return what of a position's report is not as expected."""
    somewhere = venue({drawn.market.name: drawn.market.core}, rules, mode)
    (actual,) = evaluate(Account((drawn.position,), cash), somewhere).positions
    return differences(actual, expected)


def exact(amount: Decimal | None) -> Fraction | None:
    return None if amount is None else Fraction(amount)


@pytest.mark.parametrize("market", BOTH, ids=lambda market: market.name)
def test_isolated_positions_on_hyperliquid_are_the_oracles(market: Market) -> None:
    rng = dice(1)
    for drawn, cash in drawn_on(rng, market, EACH):
        mode = rng.choice([AssetMode.NORMAL, AssetMode.NO_CROSS, AssetMode.STRICT])
        strict = mode is AssetMode.STRICT
        expected = hyperliquid_isolated(
            drawn.holding, market.oracle, strict=strict, available=exact(cash)
        )
        assert off(drawn, expected, HYPERLIQUID, cash, mode) == [], drawn


@pytest.mark.parametrize("market", BOTH, ids=lambda market: market.name)
def test_positions_on_trado_are_the_oracles(market: Market) -> None:
    rng = dice(2)
    for drawn, cash in drawn_on(rng, market, EACH // 2):
        fee = rng.choice([CLOSING_FEE_RATE, Decimal("0.00054"), Decimal(0)])
        expected = trado_isolated(
            drawn.holding, market.oracle, fee=Fraction(fee), wallet=exact(cash)
        )
        assert off(drawn, expected, Trado(fee), cash) == [], drawn


@pytest.mark.parametrize("market", BOTH, ids=lambda market: market.name)
def test_positions_on_binance_are_the_oracles(market: Market) -> None:
    for drawn, cash in drawn_on(dice(3), market, EACH // 2):
        expected = binance_isolated(drawn.holding, market.oracle, available=exact(cash))
        assert off(drawn, expected, Binance(), cash) == [], drawn


@pytest.mark.parametrize(
    "rules",
    [Tiered(), Tiered(Decimal("0.0005")), Bybit(), Lighter()],
    ids=["tiered", "with-fee", "bybit", "lighter"],
)
@pytest.mark.parametrize("market", BOTH, ids=lambda market: market.name)
def test_positions_of_which_only_tiers_are_known_are_the_oracles(
    rules: Rules, market: Market
) -> None:
    fee, backstop = Fraction(rules.closing_fee_rate), isinstance(rules, Lighter)
    for drawn, _ in drawn_on(dice(4), market, EACH // 8):
        expected = tiered_isolated(drawn.holding, market.oracle, fee=fee, backstop=backstop)
        assert off(drawn, expected, rules) == [], drawn


@pytest.mark.parametrize(
    ("size", "entry", "mark"),
    [
        ("7", "29", "20"),  # 29/3 - 9 = 20/30
        ("-7", "31", "40"),  # 31/3 - 9 = 40/30
        ("1e12", "0.00029", "0.0002"),
        ("-1e-12", "310000", "400000"),
    ],
)
def test_equity_of_exactly_maintenance_is_not_liquidatable_on_hyperliquid(
    size: str, entry: str, mark: str
) -> None:
    held = position(size, entry, "3", mark)
    rows = [("0", "15")]
    figures = report(held, rows)
    assert figures.liquidatable is False
    assert figures.liquidation_price == Decimal(mark)
    assert figures.liquidation_distance == 0
    assert figures.equity == figures.maintenance_margin
    assert figures.equity != 0
    assert differences(figures, hyperliquid_isolated(holding(held), Table.of(rows))) == []


@pytest.mark.parametrize(
    ("size", "entry", "mark", "margin"),
    [
        ("7", "29", "20", "67." + 40 * "6"),  # the least bit below 7 · 29/3
        ("-7", "31", "40", "72." + 40 * "3"),
    ],
)
def test_the_least_bit_less_than_maintenance_is_liquidatable(
    size: str, entry: str, mark: str, margin: str
) -> None:
    held = position(size, entry, "3", mark, margin=margin)
    assert report(held, [("0", "15")]).liquidatable is True


@pytest.mark.parametrize(
    ("size", "entry", "mark"),
    [
        ("3", "1.4491", "1"),  # 1.4491/3 - 0.4491 = 1/30 + 0.0006
        ("-5", "0.77545", "1"),  # 0.77545/3 - 0.22455 = 1/30 + 0.0006
    ],
)
def test_a_margin_rate_of_exactly_one_is_liquidatable_on_trado(
    size: str, entry: str, mark: str
) -> None:
    held = position(size, entry, "3", mark)
    rows = [("0", "15")]
    figures = report(held, rows, rules=Trado())
    assert figures.margin_rate == 1
    assert figures.liquidatable is True
    assert figures.liquidation_price == Decimal(mark)
    expected = trado_isolated(holding(held), Table.of(rows), fee=Fraction(CLOSING_FEE_RATE))
    assert differences(figures, expected) == []


def test_the_oracle_itself_gives_the_worked_figures() -> None:
    held = Holding(1, Fraction(10), Fraction(2500), Fraction(2400), Fraction(10))
    eth = Table.of([("0", "25"), ("100000000", "15")])
    worked = hyperliquid_isolated(held, eth)
    assert worked["maintenance_margin"] == 480
    assert worked["liquidation_price"] == Fraction(2250) / Fraction("0.98")
    assert worked["bankruptcy_price"] == 2250
    assert worked["shortfall"] == 900
    doge = Table.of([("0", "10"), ("20000000", "5")])
    kept = [doge.maintenance(Fraction(millions * 10**6)) for millions in (19, 20, 21)]
    assert kept == [950_000, 1_000_000, 1_100_000]
    assert [doge.deduction(0), doge.deduction(1)] == [0, 1_000_000]
