"""Binance's positionRisk: recorded rows, read under Binance's rules.

The rows are the answers of Binance's own documentation (USD-M futures, position information v2
and v3), and two of ccxt's tests of positions, cut to the fields that matter.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support import Answer, invoke

TIERS = """\
venues:
  binance:
    rules: binance
    quote: USDT
    tables:
      small: [{lower_bound: 0, max_leverage: 75, maintenance_margin_rate: 0.5%}]
      eth: [{lower_bound: 0, max_leverage: 100, maintenance_margin_rate: 0.4%}]
      btc:
        - {lower_bound: 0, max_leverage: 125, maintenance_margin_rate: 0.4%}
        - {lower_bound: 50_000, max_leverage: 100, maintenance_margin_rate: 0.5%}
        - {lower_bound: 250_000, max_leverage: 50, maintenance_margin_rate: 1%}
    assets:
      ADAUSDT: {table: small}
      BTCUSDT: {table: btc}
      DOGEUSDT: {table: small}
      ETHUSDT: {table: eth}
"""
BTC = {
    "symbol": "BTCUSDT",
    "positionAmt": "20.000",
    "entryPrice": "6563.66500",
    "markPrice": "6679.50671178",
    "unRealizedProfit": "2316.83423560",
    "liquidationPrice": "5930.78",
    "leverage": "10",
    "marginType": "isolated",
    "isolatedMargin": "15517.54150468",
    "positionSide": "LONG",
}
FLAT = {**BTC, "symbol": "ETHUSDT", "positionAmt": "0.000", "entryPrice": "0.0", "markPrice": "0"}
DOGE = {
    "symbol": "DOGEUSDT",
    "positionSide": "BOTH",
    "positionAmt": "-32",
    "entryPrice": "0.16395",
    "markPrice": "0.16428",
    "unRealizedProfit": "-0.01056",
    "liquidationPrice": "0.19059204",
    "isolatedMargin": "0.87248001",
    "isolatedWallet": "0.88304001",
    "positionInitialMargin": "0.87616000",
}
ADA = {
    "symbol": "ADAUSDT",
    "positionSide": "BOTH",
    "positionAmt": "30",
    "entryPrice": "0.385",
    "markPrice": "0.41047590",
    "unRealizedProfit": "0.76427700",
    "liquidationPrice": "0",
    "isolatedMargin": "0",
    "isolatedWallet": "0",
    "positionInitialMargin": "0.61571385",
}


def shown(tmp_path: Path, rows: list[dict[str, Any]], *flags: str, tiers: str = TIERS) -> Answer:
    (tmp_path / "tiers.yaml").write_text(tiers, encoding="utf-8")
    (tmp_path / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    where = (str(tmp_path / "rows.json"), "--tiers", str(tmp_path / "tiers.yaml"))
    return invoke("show", *where, *flags)


def test_version_2_gives_the_recorded_price_and_flat_rows_are_passed_over(tmp_path: Path) -> None:
    answer = shown(tmp_path, [FLAT, BTC], "-o", "json")
    assert answer.code == 0
    (position,) = json.loads(answer.stdout)["positions"]
    assert position["asset"] == "BTCUSDT"
    assert Decimal(position["margin"]) == Decimal("13200.70726908")
    assert position["exchange_liquidation_price"] == "5930.78"
    assert round(Decimal(position["liquidation_price"]), 2) == Decimal("5930.78")
    assert "exchange_differs" not in answer.stdout


def test_version_3_states_neither_mode_nor_leverage(tmp_path: Path) -> None:
    answer = shown(tmp_path, [DOGE], "-o", "json")
    (position,) = json.loads(answer.stdout)["positions"]
    assert (position["side"], position["margin_mode"]) == ("short", "isolated")
    assert position["leverage"] == "6"
    assert round(Decimal(position["liquidation_price"]), 8) == Decimal("0.19059204")
    assert "exchange_differs" not in answer.stdout


def test_a_position_whose_margin_is_all_profit_is_isolated_too(tmp_path: Path) -> None:
    # version 3 without its wallet: 0.5 of equity, all of it profit
    profit = {"isolatedMargin": "0.5", "unRealizedProfit": "0.5"}
    row = {key: value for key, value in {**DOGE, **profit}.items() if key != "isolatedWallet"}
    (position,) = json.loads(shown(tmp_path, [row], "-o", "json").stdout)["positions"]
    assert (position["margin_mode"], position["margin"]) == ("isolated", "0")


def test_a_leverage_follows_from_an_initial_margin_of_eight_decimals(tmp_path: Path) -> None:
    # 32 · 0.16428 / 7 = 0.751 and no end, which the exchange rounds
    row = {**DOGE, "positionInitialMargin": "0.75099429"}
    (position,) = json.loads(shown(tmp_path, [row], "-o", "json").stdout)["positions"]
    assert position["leverage"] == "7"
    assert round(Decimal(position["liquidation_price"]), 8) == Decimal("0.19059204")


def test_a_cross_position_needs_its_wallet(tmp_path: Path) -> None:
    without = shown(tmp_path, [ADA])
    assert without.code == 2
    assert "a cross position needs" in without.stderr
    answer = shown(tmp_path, [ADA], "--collateral", "50", "-o", "json")
    (position,) = json.loads(answer.stdout)["positions"]
    assert (position["margin_mode"], position["leverage"]) == ("cross", "20")
    # 50 of wallet carry 11.55 of cost at every price, as the exchange says
    assert position["liquidation_price"] is position["exchange_liquidation_price"] is None
    assert "exchange_differs" not in answer.stdout


@pytest.mark.parametrize("stated", [True, False], ids=["version 3", "version 2"])
def test_wallets_of_two_currencies_are_told(tmp_path: Path, stated: bool) -> None:
    """Only in multi-assets mode do cross positions of USDT and USDC share a wallet."""
    of = {"marginAsset": "USDT"} if stated else {}
    other = {**ADA, "symbol": "ADAUSDC", **({"marginAsset": "USDC"} if stated else {})}
    tiers = TIERS + "      ADAUSDC: {table: small}\n"
    flags = ("--collateral", "50")
    answer = shown(tmp_path, [{**ADA, **of}, other], *flags, tiers=tiers)
    assert "cross positions in USDT and USDC are taken to share one wallet" in answer.stderr
    for rows in ([{**ADA, **of}], [{**ADA, **of}, {**DOGE, **of, "marginAsset": "USDC"}]):
        assert "one wallet" not in shown(tmp_path, rows, *flags, tiers=tiers).stderr


def test_a_price_of_other_tiers_is_said_to_differ(tmp_path: Path) -> None:
    answer = shown(tmp_path, [{**DOGE, "liquidationPrice": "0.19060000"}])
    assert "uses other tiers" in answer.stderr
    assert "spotClearinghouseState" not in answer.stderr


def test_hedge_mode_is_refused_with_the_reason(tmp_path: Path) -> None:
    short = {**BTC, "positionAmt": "-3.000", "positionSide": "SHORT"}
    answer = shown(tmp_path, [BTC, short])
    assert answer.code == 2
    assert "a second position in BTCUSDT: in hedge mode" in answer.stderr
    assert "rows.json:1:" in answer.stderr
    assert ", [1].positionSide\n" in answer.stderr


@pytest.mark.parametrize(
    ("sentence", "rows", "words"),
    [
        ("no positions", [FLAT], "every row is flat"),
        ("a mode nobody knows", [{**BTC, "marginType": "both"}], "'both' is not one of"),
        ("not a number", [{**BTC, "entryPrice": "dear"}], "entryPrice"),
        (
            "nothing to tell the leverage by",
            [{**DOGE, "positionInitialMargin": "0"}],
            "an initial margin must be above zero",
        ),
        (
            "no margin of an isolated position",
            [{key: value for key, value in BTC.items() if not key.startswith("isolated")}],
            "an isolated position's isolatedWallet is missing",
        ),
        ("not a row", [BTC, 7], "a mapping of keys to values"),
    ],
)
def test_what_cannot_be_read_has_its_place(
    tmp_path: Path, sentence: str, rows: list[Any], words: str
) -> None:
    answer = shown(tmp_path, rows)
    assert answer.code == 2, sentence
    assert words in answer.stderr
    assert "rows.json:1:" in answer.stderr


def test_they_are_not_read_under_the_rules_of_another_venue(tmp_path: Path) -> None:
    answer = shown(tmp_path, [BTC], tiers=TIERS.replace("rules: binance", "rules: tiered"))
    assert answer.code == 2
    assert "positions of binance" in answer.stderr
