"""The words of findings: what others call our keys, and the numbers in sentences."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.checks.text import SYNONYMS, did_you_mean, exact, exact_grouped, exact_percent, named

OURS = {
    "a position": (
        "asset side size entry_price mark_price leverage margin_mode margin equity"
        " collateral account_value"
    ),
    "a tier": "lower_bound upper_bound max_leverage maintenance_margin_rate maintenance_deduction",
    "a field": (
        "asset side size entry_price mark_price leverage margin_mode unrealized_pnl"
        " return_on_equity initial_margin maintenance_margin liquidation_price"
        " cross.account_value amount"
    ),
}
"""The keys and fields that the words below stand for, as the command line names them."""

THEIRS = {
    ("Hyperliquid's answers", "a position"): {
        "coin": "asset",
        "sz": "size",
        "szi": "size",
        "px": "entry_price or mark_price",
    },
    ("the exchanges' order forms", "a position"): {
        "amount": "size",
        "cash": "collateral",
        "contracts": "size",
        "direction": "side",
        "entry": "entry_price",
        "lev": "leverage",
        "mark": "mark_price",
        "mode": "margin_mode",
        "position_size": "size",
        "price": "entry_price or mark_price",
        "qty": "size",
        "quantity": "size",
        "symbol": "asset",
        "ticker": "asset",
        "type": "side or margin_mode",
        "balance": "collateral",
        "wallet": "collateral",
    },
    ("Binance's brackets", "a tier"): {
        "cum": "maintenance_deduction",
        "initialLeverage": "max_leverage",
        "maintMarginRatio": "maintenance_margin_rate",
        "notionalCap": "upper_bound",
        "notionalFloor": "lower_bound",
    },
    ("ccxt's tiers", "a tier"): {"minNotional": "lower_bound", "maxNotional": "upper_bound"},
    ("a table on a page", "a tier"): {
        "above": "lower_bound",
        "cap": "upper_bound",
        "deduction": "maintenance_deduction",
        "floor": "lower_bound",
        "from": "lower_bound",
        "initial-leverage": "max_leverage",
        "lev": "max_leverage",
        "maintenance_rate": "maintenance_margin_rate",
        "max-notional": "upper_bound",
        "min-notional": "lower_bound",
        "mmr": "maintenance_margin_rate",
        "notional_cap": "upper_bound",
        "notional_floor": "lower_bound",
        "to": "upper_bound",
        "up-to": "upper_bound",
    },
    ("a trader's words", "a field"): {
        "balance": "cross.account_value",
        "im": "initial_margin",
        "liq": "liquidation_price",
        "liq_price": "liquidation_price",
        "mm": "maintenance_margin",
        "pnl": "unrealized_pnl",
        "roe": "return_on_equity",
        "upnl": "unrealized_pnl",
    },
}


@pytest.mark.parametrize(
    ("word", "of", "ours"),
    [
        pytest.param(word, of, ours, id=f"{word}, {by}")
        for (by, of), words in THEIRS.items()
        for word, ours in words.items()
    ],
)
def test_what_others_call_a_key_leads_to_ours(word: str, of: str, ours: str) -> None:
    assert did_you_mean(word, OURS[of].split()) == f"did you mean {ours}?"


def test_every_synonym_stands_for_a_key_or_a_field() -> None:
    known = {name for names in OURS.values() for name in names.split()}
    for word, ours in SYNONYMS.items():
        assert known.issuperset(ours), word


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("--SIZE", ["size"], "did you mean size?"),
        ("entry-price", ["entry_price", "mark_price"], "did you mean entry_price?"),
        # three are the most that are named, the likest first
        ("eth", ["eth1", "eth2", "eth3", "eth4"], "did you mean eth4 or eth3 or eth2?"),
        ("ratio", ["margin_ratio", "size"], "did you mean margin_ratio?"),
        (
            "ratio",
            ["of.a.whole.ratio", "of-a-whole-ratio", "of a whole ratio", "of_a_whole_ratio"],
            "did you mean of.a.whole.ratio or of-a-whole-ratio or of a whole ratio?",
        ),
        ("max_lev", ["max_leverage"], "did you mean max_leverage?"),
        ("zzz", ["leverage", "size"], None),
    ],
)
def test_what_is_spelled_alike_is_named(word: str, known: list[str], hint: str | None) -> None:
    assert did_you_mean(word, known) == hint


def test_of_thousands_of_names_none_is_named() -> None:
    names = [f"name{number}" for number in range(2001)]
    assert did_you_mean("name7", names) is None
    assert did_you_mean("name7", names[:2000]) is not None


def test_numbers_of_sentences_are_exact() -> None:
    assert exact_grouped(Decimal("1234567.50")) == "1,234,567.50"
    assert exact(Fraction(15, 2)) == "7.5"
    assert exact(Fraction(4_000_000, 3)) == "4000000/3"
    assert exact_percent(Fraction(1, 400)) == "0.25%"


def test_a_long_text_is_cut_and_says_so() -> None:
    assert named("a" * 40) == repr("a" * 40)
    assert named("a" * 41) == repr("a" * 40 + "…")
