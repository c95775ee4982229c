"""Hyperliquid's rules."""

from decimal import Decimal

import pytest

from marginctl.core.figures import margin_figures
from marginctl.core.numbers import exactly
from marginctl.core.position import Asset, AssetMode
from marginctl.core.rules import Addition, Partial, Requirement, Totals, most_demanding
from marginctl.venues.hyperliquid import Hyperliquid
from tests.building import ETH, position, report, table

RULES = Hyperliquid()


def test_what_hyperliquid_decides() -> None:
    assert RULES.name == "hyperliquid"
    assert RULES.amount_step == Decimal("0.000001")
    assert RULES.closing_fee_rate == 0
    assert RULES.backstop_share == (2, 3)
    assert RULES.whole_leverage
    assert RULES.has_cross
    assert not RULES.removal_is_exclusive
    assert RULES.removal_formula == "max(initial_margin, 0.1 · notional)"


@pytest.mark.parametrize(
    ("equity", "liquidated"), [("480", False), ("479." + 50 * "9", True), ("481", False)]
)
def test_only_equity_below_maintenance_is_liquidated(equity: str, liquidated: bool) -> None:
    assert RULES.liquidates(Decimal(equity), Decimal(480)) is liquidated


@pytest.mark.parametrize(
    ("sentence", "leverage", "mode", "required", "limit", "removable", "shortfall"),
    [
        ("below 10x the initial margin", "5", "normal", "4800", "initial_margin", "1200", "0"),
        ("at 10x both are the same", "10", "normal", "2400", "initial_margin", "3600", "0"),
        ("above it a tenth stays", "25", "normal", "2400", "transfer_ratio", "3600", "0"),
        ("one's own leverage, not the highest", "4", "normal", "6000", "initial_margin", "0", "0"),
        ("a cent over", "4", "no_cross", "6000", "initial_margin", "0", "0"),
        ("short of what must stay", "3", "normal", "8000", "initial_margin", "0", "2000"),
        ("strict: nothing", "25", "strict", "2400", "strict_isolated", "0", "0"),
        ("strict and short of it", "3", "strict", "8000", "strict_isolated", "0", "2000"),
    ],
)
def test_what_must_stay_in_an_isolated_position(
    sentence: str,
    leverage: str,
    mode: str,
    required: str,
    limit: str,
    removable: str,
    shortfall: str,
) -> None:
    held = position("10", "2500", leverage, "2400", equity="6000")
    figures = report(held, ETH, mode=AssetMode(mode))
    assert figures.transfer_margin_required == Decimal(required), sentence
    assert figures.binding_limit == limit, sentence
    assert figures.max_removable == Decimal(removable), sentence
    assert figures.shortfall == Decimal(shortfall), sentence


def test_strict_isolated_is_frozen() -> None:
    figures = exactly(margin_figures)(position("10", "2500", "25", "2400"), table(ETH))
    strict = Asset("ETH", table(ETH), AssetMode.STRICT)
    expected = Requirement("strict_isolated", Decimal("7200.0"), frozen=True)
    assert most_demanding(RULES.limits(strict, figures)) == expected
    assert not any(limit.frozen for limit in RULES.limits(Asset("ETH", table(ETH)), figures))


@pytest.mark.parametrize(
    ("initial", "expected"),
    [
        ("10", Requirement("transfer_ratio", Decimal(60))),
        ("60", Requirement("initial_margin", Decimal(60))),
        ("60.1", Requirement("initial_margin", Decimal("60.1"))),
    ],
)
def test_the_floor_of_an_account_is_on_the_sums(initial: str, expected: Requirement) -> None:
    totals = Totals(3, Decimal(200), Decimal(initial), Decimal(1))
    assert most_demanding(RULES.account_limits(totals)) == expected


def test_an_addition_comes_out_of_the_cross_account() -> None:
    figures = exactly(margin_figures)(position("10", "2500", "10", "2400"), table(ETH))
    assert RULES.may_add(figures, Decimal(0), None) == Addition(None, None)
    expected = Addition(Decimal("4.5"), "cross_account")
    assert RULES.may_add(figures, Decimal(0), Decimal("1.5")) == expected


def test_a_large_position_is_liquidated_in_parts() -> None:
    assert RULES.partial == Partial(Decimal(100_000), Decimal("0.2"), 30)
    assert RULES.notes() == []
