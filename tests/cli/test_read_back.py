"""Every answer with positions is read back, with what the next command needs to know."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import TIERS, invoke

BTC = ["-a", "BTC", "-q", "10", "-e", "2500", "-l", "3"]
CROSS = {
    "collateral": "10000",
    "positions": [
        {
            "asset": "ETH",
            "size": "10",
            "entry_price": "2500",
            "mark_price": "2400",
            "leverage": "7",
        },
        {
            "asset": "BTC",
            "size": "-0.1",
            "entry_price": "60001",
            "mark_price": "61000",
            "leverage": "3",
        },
        {"asset": "SOL", "size": "7", "entry_price": "150", "mark_price": "149", "leverage": "3"},
    ],
}
for _position in CROSS["positions"][:2]:
    _position["margin_mode"] = "cross"  # type: ignore[index]
RECORD = {
    "assetPositions": [
        {
            "type": "oneWay",
            "position": {
                "coin": "ETH",
                "szi": "60000",
                "leverage": {"type": "isolated", "value": 10, "rawUsd": "-197284000"},
                "entryPx": "3625.3",
                "positionValue": "217284000",
                "unrealizedPnl": "-234000",
                "liquidationPx": "3379",
                "marginUsed": "20000000",
                "maxLeverage": 20,
            },
        }
    ],
    "crossMarginSummary": {
        "accountValue": "0.0",
        "totalNtlPos": "0.0",
        "totalRawUsd": "0.0",
        "totalMarginUsed": "0.0",
    },
    "crossMaintenanceMarginUsed": "0.0",
    "withdrawable": "0.0",
    "time": 1762232186476,
}
"""A made-up position beyond the first tier, of a max leverage that the tier file does not have."""


def answer(*arguments: str, given: Any = None) -> Any:
    printed = invoke(*arguments, "-o", "json", stdin=json.dumps(given).encode())
    assert printed.code in {0, 1}, printed.stderr
    return json.loads(printed.stdout)


def test_a_line_of_a_stream_carries_its_wallet() -> None:
    flags = ["-a", "BTC", "-q", "1", "-e", "2500", "-l", "10", "--venue", "trado"]
    line = invoke("show", *flags, "--collateral", "500", "-o", "ndjson").stdout
    assert json.loads(line)["collateral"] == "500"
    assert invoke("show", "-", "-o", "ndjson", stdin=(line * 2).encode()).stdout == line * 2
    assert answer("add", "501", "-", given=json.loads(line))["limit"] == "500"
    both = answer("show", "-", given=[json.loads(line)] * 2)
    assert "collateral" not in both
    assert answer("show", "-", given=[json.loads(line)])["collateral"] == "500"
    picked = invoke("show", "-", "-o", "ndjson", "--fields", "asset", stdin=line.encode())
    assert picked.stdout == '{"asset":"BTC"}\n'


@pytest.mark.parametrize("flag", ["--margin", "--equity"])
def test_a_margin_given_by_flag_wins(flag: str) -> None:
    shown = answer("show", *BTC)
    again = answer("show", "-", flag, "9000", given=shown)["positions"][0]
    assert (again["margin"], again.get("exact")) == ("9000", None)


@settings(max_examples=12)
@given(
    size=st.integers(-5000, 5000).filter(bool).map(lambda units: f"{units / 1000}"),
    entry=st.integers(1, 10**7).map(lambda cents: f"{cents // 100}.{cents % 100:02}"),
    move=st.integers(-250, 250).map(lambda tenths: f"{tenths / 10}%"),
    leverage=st.sampled_from(["3", "7", "9", "11", "13", "21"]),
    mode=st.sampled_from(["isolated", "cross"]),
)
def test_every_figure_of_a_chain_is_that_of_the_account_itself(
    size: str, entry: str, move: str, leverage: str, mode: str
) -> None:
    flags = ["-a", "BTC", f"--size={size}", "-e", entry, "-l", leverage, "--mode", mode]
    flags += ["--collateral", "1000000"]
    moved = answer("whatif", *flags, f"--move={move}")
    again = answer("show", "-", given=moved)
    assert again["positions"] == [moved["after"]]
    assert again["cross"] == moved["cross_after"]
    most = answer("remove", "max", "-", given=moved)
    both = answer("whatif", "-", f"--move={move}", given=answer("show", *flags))
    assert both["after"] == moved["after"]
    assert answer("remove", "max", "-", given=again)["after"] == most["after"]


def test_a_cross_account_is_the_same_after_any_number_of_commands() -> None:
    whole = answer("show", "-", given=CROSS)
    assert set(whole["cross"]["exact"]) == {"initial_margin"}
    assert answer("show", "-", given=whole) == whole
    picked = answer("show", "--asset", "ETH", "-", given=whole)
    again = answer("show", "-", given=answer("show", "-", given=picked))
    assert again["positions"] == whole["positions"][:1]
    for field in ("initial_margin", "maintenance_margin", "max_removable", "exact"):
        assert again["cross"][field] == whole["cross"][field]


def test_an_exact_total_that_was_edited_is_not_taken() -> None:
    whole = answer("show", "-", given=CROSS)
    whole["cross"]["initial_margin"] = "6000"
    again = answer("show", "-", given=whole)["cross"]
    assert again["initial_margin"] == "6000"
    assert "exact" not in again


def test_the_account_as_a_whole_is_gone_on_with() -> None:
    account = {**CROSS, "positions": CROSS["positions"][:2]}
    removed = answer("remove", "100", "-", given=account)
    again = answer("show", "-", given=removed)
    assert again["positions"] == [pair["after"] for pair in removed["positions"]]
    assert again["cross"] == removed["cross_after"]
    assert (
        answer("remove", "max", "-", given=removed)["amount"]
        == answer("remove", "max", "-", given=again)["amount"]
    )


def test_a_closed_position_is_nothing_to_go_on_with() -> None:
    closed = answer("whatif", *BTC, "--trade=-10")
    printed = invoke("show", "-", stdin=json.dumps(closed).encode())
    assert printed.code == 2
    assert "the position is closed in this answer" in printed.stderr


def test_a_solution_that_there_is_not_leaves_the_position_as_it_was() -> None:
    solved = answer("solve", *BTC, "--liquidation-price", "99999")
    assert not solved["possible"]
    shown = answer("show", "-", given={**solved, "after": None})
    assert shown["positions"] == [solved["before"]]
    assert "not_reached" in {warning["code"] for warning in shown["warnings"]}


def test_the_nearest_that_can_be_reached_is_gone_on_with_and_said_to_be_that() -> None:
    solved = answer("solve", *BTC, "--liquidation-price", "99999")
    shown = answer("show", "-", given=solved)
    assert shown["positions"] == [solved["after"]]
    assert "not_reached" in {warning["code"] for warning in shown["warnings"]}


def test_what_a_comparison_says_of_a_wallet_is_gone_on_with() -> None:
    flags = [
        "-a",
        "BTC",
        "-q",
        "1",
        "-e",
        "2500",
        "-l",
        "10",
        "--venue",
        "trado",
        "--collateral",
        "500",
    ]
    sides = [str(TIERS), str(TIERS), "--positions", "-"]
    compared = answer("tiers", "diff", *sides, given=answer("show", *flags))
    assert (compared["collateral"], compared["positions"][0]["venue"]) == ("500", "trado")
    assert answer("add", "501", "-", given=compared)["limit"] == "500"


def test_digits_beyond_what_may_be_given_are_read_back() -> None:
    # a mark of 60 digits, moved by a fraction of 5: 64 digits
    mark = "2400." + "123456789" * 6 + "1"
    moved = answer("whatif", *BTC, "-m", mark, "--move", "1.2345%")
    assert len(moved["after"]["mark_price"]) > 61
    again = answer("show", "-", given=moved)["positions"][0]
    assert again == moved["after"]
    assert Fraction(again["mark_price"]) == Fraction(mark) * Fraction(1012345, 10**6)


def test_a_recorded_max_leverage_is_kept_beyond_the_first_tier() -> None:
    # of 20x, then 15x from 100,000,000: 217,284,000 / 30 - 100,000,000 · (1/30 - 1/40)
    kept = Fraction(217_284_000, 30) - Fraction(10**8, 120)
    shown = answer("show", "-", given=RECORD)
    again = answer("show", "-", given=answer("add", "1", "-", given=shown))
    for one in (shown, again):
        assert one["positions"][0]["tier"]["index"] == "1"
        found = Fraction(one["positions"][0]["maintenance_margin"])
        assert abs(found - kept) < Fraction(1, 10**40)
    stated = [one["max_leverage"] for one in again["warnings"] if "max_leverage" in one]
    assert stated == ["20"]


def test_an_account_without_positions_is_gone_on_with_after_a_change() -> None:
    record = {**RECORD, "assetPositions": []}
    record["crossMarginSummary"] = {**RECORD["crossMarginSummary"], "accountValue": "100"}  # type: ignore[dict-item]
    added = answer("add", "5", "-", given=record)
    assert added["positions"] == []
    assert answer("show", "-", given=added)["cross"]["account_value"] == "105"


def test_an_exact_margin_without_a_fraction_is_read() -> None:
    # 10^30 · 10^30 / 1, and one digit at the other end: more than 50 digits, and no denominator
    flags = ["-a", "BTC", "-q", "1" + "0" * 29 + "1", "-e", "1" + "0" * 28 + "3", "-l", "1"]
    shown = answer("show", *flags)
    assert "/" not in shown["positions"][0]["exact"]["margin"]
    assert answer("show", "-", given=shown)["positions"] == shown["positions"]


def test_a_size_given_beside_a_file_keeps_the_side_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "short.json"
    path.write_text('{"asset":"ETH","size":"-0.5","entry_price":"2500","leverage":10}')
    shown = ("show", str(path), "--raw", "--fields", "side,size,margin")
    # a margin of 2 · 2500 / 10
    assert invoke(*shown, "--size", "2").stdout == "short\t2\t500\n"
    assert invoke(*shown, "--size", "-2").stdout == "short\t2\t500\n"
    assert invoke(*shown, "--size", "2", "--side", "long").stdout == "long\t2\t500\n"


def test_a_target_that_nothing_has_to_change_for_leaves_the_position_as_it_was() -> None:
    solved = answer("solve", *BTC, "--funding-rate=-0.01%")
    assert solved["possible"]
    assert solved["after"] is None
    assert answer("show", "-", given=solved)["positions"] == [solved["before"]]
