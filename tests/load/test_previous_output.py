"""Our answers fed back: what comes out is what went in, and edits by hand are followed."""

import json
from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import DATA, invoke

ONE = {"asset": "ETH", "size": "10", "entry_price": "2500", "mark_price": "2400", "leverage": "10"}
ACCOUNT = {
    "collateral": "10000",
    "positions": [
        {**ONE, "margin_mode": "cross"},
        {
            "asset": "BTC",
            "size": "-0.1",
            "entry_price": "60000",
            "mark_price": "61000",
            "leverage": "20",
            "margin_mode": "cross",
        },
        {"asset": "SOL", "size": "7", "entry_price": "150", "mark_price": "150", "leverage": "3"},
    ],
}
RECORDS = sorted((DATA / "accounts").glob("*.json"))


def answer(*arguments: str, stdin: Any = None) -> Any:
    text = stdin if isinstance(stdin, str) else json.dumps(stdin)
    printed = invoke(*arguments, "-o", "json", stdin=text.encode())
    assert printed.code in {0, 1}, printed.stderr
    return json.loads(printed.stdout)


@pytest.mark.parametrize("given", [ONE, ACCOUNT], ids=["one position", "an account"])
def test_what_show_prints_is_shown_again_the_same(given: Any) -> None:
    first = answer("show", "-", stdin=given)
    assert answer("show", "-", stdin=first) == first


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_the_answer_about_an_exchange_record_gives_the_same_figures_again(record: Path) -> None:
    first = answer("show", str(record))
    again = answer("show", "-", stdin=first)
    assert again["positions"] == first["positions"]
    assert again["cross"] == first["cross"]


def test_a_position_picked_out_of_an_account_keeps_the_account_behind_it() -> None:
    whole = answer("show", "-", stdin=ACCOUNT)
    picked = answer("show", "--asset", "eth", "-", stdin=ACCOUNT)
    again = answer("show", "-", stdin=picked)
    assert again["positions"] == whole["positions"][:1]
    for field in ("account_value", "notional", "maintenance_margin", "max_removable"):
        assert again["cross"][field] == whole["cross"][field]


def test_changes_chain() -> None:
    added = answer("add", "1000", "-", stdin=ONE)
    removed = answer("remove", "50", "-", stdin=added)
    shown = answer("show", "-", stdin=removed)
    assert shown["positions"][0]["margin"] == "3450"  # 2500 + 1000 - 50
    assert shown["positions"][0]["equity"] == "2450"  # less the loss of 1000


@pytest.mark.parametrize(
    ("flags", "field", "expected"),
    [
        # 10 at 2500 and 5 at 2450 cost 37250: the entry price is 2483.33…
        ([], "unrealized_pnl", Fraction(15 * 2450 - 37250)),
        (["--size", "20"], "unrealized_pnl", 20 * (2450 - Fraction(37250, 15))),
        (["--size", "20"], "notional", Fraction(20 * 2450)),
        (["--entry", "2000"], "unrealized_pnl", Fraction(15 * (2450 - 2000))),
        (["--mark", "2500"], "unrealized_pnl", Fraction(15 * 2500 - 37250)),
        (["--mark", "2500"], "notional", Fraction(15 * 2500)),
        (["--margin", "5000"], "equity", Fraction(5000 + 15 * 2450 - 37250)),
        (["--equity", "5000"], "margin", Fraction(5000 - (15 * 2450 - 37250))),
        (["--side", "short", "--mark", "2500"], "unrealized_pnl", Fraction(37250 - 15 * 2500)),
    ],
)
def test_a_flag_replaces_what_the_answer_before_derived_from_the_old_value(
    flags: list[str], field: str, expected: Fraction
) -> None:
    bought = answer("whatif", "--trade", "5", "--set-mark", "2450", "-", stdin=ONE)
    (position,) = answer("show", "-", *flags, stdin=bought)["positions"]
    assert abs(Fraction(position[field]) - expected) < Fraction(1, 10**25)


LASTING = ["answers_differ", "collateral_at_todays_prices", "debt", "portfolio_margin"]


@pytest.mark.parametrize(("code", "kept"), [*((code, True) for code in LASTING), ("aged", False)])
def test_what_is_said_of_a_whole_account_lasts_through_a_chain(code: str, kept: bool) -> None:
    told = {"code": code, "asset": None, "message": "as it was said"}
    first = answer("show", "-", stdin=ACCOUNT)
    again = answer("show", "-", stdin={**first, "warnings": [told]})
    assert (told in again["warnings"]) is kept


def test_a_change_of_an_isolated_position_takes_the_cross_account_along() -> None:
    added = answer("add", "100", "--asset", "SOL", "-", stdin=ACCOUNT)
    again = answer("show", "-", stdin=added)
    assert again["cross"]["account_value"] == "8800"  # 10000 - 1000 - 100 - 100
    assert again["cross"]["maintenance_margin"] == added["cross_after"]["maintenance_margin"]
    assert again["positions"][0]["margin"] == "450"


def test_a_margin_of_fifty_digits_is_carried_as_printed() -> None:
    first = answer("show", "-a", "ETH", "-q", "1", "-e", "100", "-l", "3")
    margin = first["positions"][0]["margin"]
    assert margin == "33." + "3" * 48
    assert answer("show", "-", stdin=first)["positions"][0]["margin"] == margin
    changed = answer("add", "0.000001", "-", stdin=first)
    assert changed["after"]["margin"] == "33.333334" + "3" * 42


def test_venue_and_wallet_are_kept_where_there_is_no_cross_account() -> None:
    flags = ["-a", "BTC", "-q", "1", "-e", "2500", "-l", "10", "--venue", "trado"]
    added = answer("add", "400", *flags, "--collateral", "500")
    assert (added["venue"], added["collateral"]) == ("trado", "100")
    refused = answer("add", "200", "-", stdin=added)
    assert (refused["allowed"], refused["limit"]) == (False, "100")


def test_a_chain_over_a_refused_change_says_so() -> None:
    refused = answer("remove", "900", "-", stdin=ONE)
    assert not refused["allowed"]
    warnings = answer("show", "-", stdin=refused)["warnings"]
    assert "after_refused" in {warning["code"] for warning in warnings}


def test_an_answer_that_came_from_other_tiers_is_computed_anew_and_says_so() -> None:
    first = answer("show", "-", stdin=ONE)
    first["tiers"]["sha256"] = "0" * 64
    first["positions"][0]["maintenance_margin"] = "1"
    again = answer("show", "-", stdin=first)
    assert again["positions"][0]["maintenance_margin"] == "480"
    assert [warning["code"] for warning in again["warnings"] if warning["asset"] is None] == [
        "other_tiers"
    ]


def test_lines_of_our_own_are_read_back_with_their_venue() -> None:
    flags = ["-a", "BTC", "-q", "1", "-e", "2500", "-l", "10", "--venue", "trado"]
    line = invoke("show", *flags, "-o", "ndjson").stdout
    assert json.loads(line)["venue"] == "trado"
    assert invoke("show", "-", "-o", "ndjson", stdin=(line * 2).encode()).stdout == line * 2


def test_lines_of_our_own_are_read_from_an_array_too_as_long_as_their_venue_is_one() -> None:
    lines = [
        json.loads(invoke("show", *flags.split(), "-l", "10", "-o", "ndjson").stdout)
        for flags in (
            "-a BTC -q 1 -e 2500 --venue trado",
            "-a ETH -q 1 -e 2500 --venue trado",
            "-a ETH -q 1 -e 2500",
        )
    ]
    shown = answer("show", "-", stdin=lines[:2])
    assert (shown["venue"], len(shown["positions"])) == ("trado", 2)
    mixed = invoke("show", "-", stdin=json.dumps(lines).encode())
    assert mixed.code == 2
    assert "the positions belong to several venues" in mixed.stderr


@pytest.mark.parametrize(
    ("field", "value", "derived", "expected"),
    [
        ("mark_price", "2450", "notional", "24500"),
        ("size", "20", "notional", "48000"),
        ("entry_price", "2500.1", "unrealized_pnl", "-1001"),
        ("entry_price", "2000", "unrealized_pnl", "4000"),
    ],
)
def test_an_input_edited_by_hand_wins_over_the_figures_beside_it(
    field: str, value: str, derived: str, expected: str
) -> None:
    edited = answer("show", "-", stdin=ONE)
    edited["positions"][0][field] = value
    assert answer("show", "-", stdin=edited)["positions"][0][derived] == expected


def test_a_derived_figure_in_an_input_by_hand_is_an_unknown_key() -> None:
    printed = invoke("show", "-", stdin=json.dumps({**ONE, "notional": "1"}).encode())
    assert printed.code == 2
    assert "unknown key 'notional'" in printed.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"schema": "marginctl/check/1"}, "has no position to continue from"),
        ({"schema": "marginctl/whatif/1", "after": None}, "has no position to continue from"),
        ({"schema": "marginctl/report/1", "positions": []}, "the input has no positions"),
        (
            {"schema": "marginctl/report/1", "positions": [ONE], "cross": {"account_value": "x"}},
            "cross.account_value",
        ),
        ({"schema": "marginctl/report/1", "positions": [{**ONE, "sise": 1}]}, "positions[0].sise"),
    ],
)
def test_an_answer_that_cannot_be_gone_on_with_says_why(given: Any, said: str) -> None:
    printed = invoke("show", "-", stdin=json.dumps(given).encode())
    assert printed.code == 2
    assert said in printed.stderr
    assert "Traceback" not in printed.stderr


SHOWN = answer("show", "-", stdin=ACCOUNT)
SPOILT = st.sampled_from(
    [None, True, 1, "x", "", [], {}, ["x"], {"x": 1}, "1e99", "-1", "0", "nan", "\u0000"]
)


@st.composite
def spoilt_answers(draw: st.DrawFn) -> Any:
    """An answer in which something somewhere is not what we would write."""
    spoilt = json.loads(json.dumps(SHOWN))
    for _ in range(draw(st.integers(1, 3))):
        holder = draw(
            st.sampled_from(
                [spoilt, spoilt["tiers"], *spoilt["positions"], spoilt["cross"] or spoilt]
            )
            if all(isinstance(spoilt.get(key), kind) for key, kind in KINDS.items())
            else st.just(spoilt)
        )
        if isinstance(holder, dict):
            # a copy: it may be the holder of the next, and the examples share what they draw from
            holder[draw(st.sampled_from([*sorted(holder), "size"]))] = deepcopy(draw(SPOILT))
    return spoilt


KINDS = {"tiers": dict, "positions": list, "cross": dict}


@given(spoilt_answers())
def test_a_spoilt_answer_is_never_an_error_of_our_own(spoilt: Any) -> None:
    printed = invoke("show", "-", "--raw", stdin=json.dumps(spoilt).encode())
    assert printed.code in {0, 2}, printed.stderr
    if printed.code == 2:
        assert printed.stderr.startswith("error: ")


def test_an_answer_of_some_fields_is_refused_in_one_message() -> None:
    cross = {"account_value": "100", "notional": "10"}
    answer = {"schema": "marginctl/report/1", "positions": [], "cross": cross}
    printed = invoke("show", "-", stdin=json.dumps(answer).encode())
    assert printed.code == 2
    assert printed.stderr.count("error:") == 1
    assert "initial_margin, maintenance_margin are missing" in printed.stderr
    assert "without --fields" in printed.stderr
