"""Recorded accounts: every figure that the exchange gave is the one that comes out here."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from marginctl.core.evaluate import evaluate
from marginctl.core.report import AccountReport
from marginctl.load.positions import read_accounts
from marginctl.load.reading import Overrides, Reading, read_account
from marginctl.load.tier_source import load_tiers
from tests.support import DATA, TIERS

VENUE = load_tiers(str(TIERS), "bundled").file.venue().venue
STEP = Decimal("0.000001")
ALL = sorted((DATA / "accounts").glob("*.json"))
REPRODUCIBLE = [path for path in ALL if "elsewhere" not in path.stem]


def evaluated(path: Path) -> tuple[Reading, AccountReport, dict[str, Any]]:
    data = path.read_bytes()
    (drafted,) = read_accounts(data, path.name)
    reading = read_account(drafted, VENUE, Overrides())
    return reading, evaluate(reading.account, reading.venue), json.loads(data, parse_float=Decimal)


def rounded_like(value: Decimal, printed: str) -> Decimal:
    """A value with as many decimals as a printed one, at most those a binary float has."""
    decimals = len(printed.partition(".")[2])
    digits = 16 - len(printed.partition(".")[0].lstrip("-"))
    return round(value, min(decimals, digits))


@pytest.mark.parametrize("path", REPRODUCIBLE, ids=lambda path: path.stem)
def test_liquidation_prices_agree_to_the_last_printed_digit(path: Path) -> None:
    reading, answer, _ = evaluated(path)
    assert reading.recorded_prices is not None
    for report, recorded in zip(answer.positions, reading.recorded_prices, strict=True):
        if recorded is None:
            assert report.liquidation_price is None
            continue
        assert report.liquidation_price is not None
        if path.stem == "isolated-long-2024-02":
            # its rawUsd is rounded at the sixth decimal, which the price shows in the fifth
            slack = STEP / 2 / (report.size * Decimal("0.99")) + Decimal("1e-8")
            assert abs(report.liquidation_price - recorded) <= slack
        else:
            printed = f"{recorded:f}"
            assert rounded_like(report.liquidation_price, printed) == rounded_like(
                recorded, printed
            )


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_equity_margin_and_return_agree_with_the_record(path: Path) -> None:
    _, answer, raw = evaluated(path)
    for report, entry in zip(answer.positions, raw["assetPositions"], strict=True):
        position = entry["position"]
        used = report.equity if report.equity is not None else report.initial_margin
        assert abs(used - Decimal(position["marginUsed"])) < STEP
        assert report.notional == Decimal(position["positionValue"])
        assert report.unrealized_pnl == Decimal(position["unrealizedPnl"])
        printed = position["returnOnEquity"]
        # PnL itself is recorded to six decimals only
        slack = max(Decimal("1e-9"), abs(Decimal(printed)) * STEP / abs(report.unrealized_pnl))
        assert abs(report.return_on_equity - Decimal(printed)) <= slack


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_the_accounts_own_totals_are_used(path: Path) -> None:
    _, answer, raw = evaluated(path)
    cross, summary = answer.cross, raw["crossMarginSummary"]
    assert cross is not None
    assert cross.account_value == Decimal(summary["accountValue"])
    assert cross.notional == Decimal(summary["totalNtlPos"])
    assert abs(cross.initial_margin - Decimal(summary["totalMarginUsed"])) < Decimal("1e-40")
    assert cross.maintenance_margin == Decimal(raw["crossMaintenanceMarginUsed"])


def test_withdrawable_is_what_can_be_removed_where_no_order_rests() -> None:
    for path in ALL:
        if path.stem != "sixteen-positions-2026-01":
            _, answer, raw = evaluated(path)
            assert answer.cross is not None
            assert answer.cross.max_removable == Decimal(raw["withdrawable"])


def test_the_recorded_max_leverage_wins_over_the_tier_file_with_a_note() -> None:
    reading, answer, _ = evaluated(DATA / "accounts" / "isolated-long-2024-02.json")
    assert answer.positions[0].tier.max_leverage == 50
    assert [notice.code for notice in reading.notices] == ["recorded_leverage"]
    assert VENUE.assets["ETH"].max_leverage == 25  # the venue itself stays as it is
