"""``marginctl whatif`` and ``marginctl solve`` as a user meets them."""

import json
from pathlib import Path
from typing import Any

import pytest

from marginctl.cli.run import run

LONG = ("-a", "ETH", "-q", "1", "-e", "2000", "-l", "10", "--margin", "400")
ACCOUNT = {
    "collateral": 1000,
    "positions": [
        {"asset": "ETH", "size": 1, "entry_price": 2000, "leverage": 10, "margin_mode": "cross"},
        {
            "asset": "SOL",
            "size": -10,
            "entry_price": 100,
            "mark_price": 90,
            "leverage": 5,
            "margin_mode": "cross",
        },
        {"asset": "BTC", "size": "0.01", "entry_price": 50000, "leverage": 20},
    ],
}


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    for name in ("MARGINCTL_TIERS", "MARGINCTL_VENUE", "MARGINCTL_OUTPUT", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def account(tmp_path: Path) -> str:
    path = tmp_path / "account.json"
    path.write_text(json.dumps(ACCOUNT), encoding="utf-8")
    return str(path)


class Terminal:
    """Runs the command line and reads what it prints."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def text(self, *words: str, code: int = 0) -> tuple[str, str]:
        found = run(words)
        out, err = self._capsys.readouterr()
        assert found == code, (found, out, err)
        return out, err

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.text(*words, "-o", "json", code=code)[0])


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


@pytest.mark.parametrize(
    ("sentence", "words", "figures"),
    [
        (
            "bought half again at 10x",
            (*LONG, "--trade", "0.5", "--at", "2000"),
            {"margin": "500", "liquidation_price": "1700.6802721088"},
        ),
        (
            "sold 0.4 of 1, the equity given at a mark",
            (
                "-a",
                "ETH",
                "-q",
                "1",
                "-e",
                "1950",
                "-l",
                "10",
                "--equity",
                "400",
                "-m",
                "1800",
                "--trade",
                "-0.4",
                "--at",
                "1800",
            ),
            {"equity": "240", "liquidation_price": "1428.5714285714"},
        ),
        (
            "the same with the mark spelled out",
            (
                "-a",
                "ETH",
                "-q",
                "1",
                "-e",
                "1950",
                "-l",
                "10",
                "--equity",
                "400",
                "--mark",
                "1800",
                "--trade",
                "-0.4",
            ),
            {"equity": "240", "liquidation_price": "1428.5714285714"},
        ),
        (
            "sold half on a 10x asset",
            ("-a", "DOGE", "-q", "2", "-e", "100", "-l", "10", "--margin", "20", "--trade", "-1"),
            {"margin": "10", "liquidation_price": "94.7368421052"},
        ),
    ],
)
def test_published_order_previews(
    sentence: str, words: tuple[str, ...], figures: dict[str, str], terminal: Terminal
) -> None:
    after = terminal.json("whatif", *words)["after"]
    for name, expected in figures.items():
        assert after[name].startswith(expected), sentence


@pytest.mark.parametrize("flag", ["-m", "--mark"])
def test_a_mark_is_the_mark_now_and_set_mark_asks(flag: str, terminal: Terminal) -> None:
    answer = terminal.json("whatif", *LONG, flag, "1900", "--set-mark", "1800")
    assert [answer[side]["mark_price"] for side in ("before", "after")] == ["1900", "1800"]
    assert answer["change"]["equity"] == "-100"
    alone = terminal.json("whatif", *LONG, "--set-mark", "1800")
    assert alone["before"]["mark_price"] == "2000"


def test_a_mark_alone_asks_nothing_and_the_other_flag_is_named(terminal: Terminal) -> None:
    _, err = terminal.text("whatif", *LONG, "--mark", "1800", code=2)
    assert "nothing to change: no what-if flag is given" in err
    assert "--set-mark" in err


def test_the_actions_are_told_in_the_order_in_which_they_happen(terminal: Terminal) -> None:
    words = ("--fund", "-10", "--trade", "1", "--set-leverage", "20", "--move", "-1%")
    answer = terminal.json("whatif", *LONG, *words)
    assert [one["action"] for one in answer["actions"]] == [
        "move",
        "set_leverage",
        "trade",
        "fund",
    ]
    assert answer["actions"][2]["price"] == "1980"
    assert answer["schema"] == "marginctl/whatif/1"
    assert (answer["action"], answer["allowed"], answer["asset"]) == ("whatif", True, "ETH")


def test_a_refusal_has_its_reason_and_exit_code_1(terminal: Terminal) -> None:
    answer = terminal.json("whatif", *LONG, "--set-leverage", "30", code=1)
    assert not answer["allowed"]
    assert (answer["limit"], answer["binding_limit"]) == ("25", "tier_leverage")
    assert answer["message"] == "Refused: set leverage 30x: this notional allows at most 25x"
    short = terminal.json("whatif", *LONG, "--set-leverage", "4", code=1)
    assert short["actions"][0]["shortfall"] == "100"
    assert "100 USDC of margin is missing; the lowest possible leverage is 5x" in short["message"]


def test_an_account_under_a_common_move(account: str, terminal: Terminal) -> None:
    answer = terminal.json("whatif", account, "--move-all", "-10%", code=1)
    assert (answer["before"], answer["asset"]) == (None, None)
    # cash 1000, ETH loses 200, SOL has gained 100 and 90 more
    assert answer["cross_before"]["account_value"] == "1100"
    assert answer["cross_after"]["account_value"] == "990"
    assert [one["after"]["mark_price"] for one in answer["positions"]] == ["1800", "81", "45000"]
    # isolated BTC at 20x with 1/40 of maintenance is gone by then
    assert answer["nearest_after"]["asset"] == "BTC"
    assert answer["message"].endswith("this leaves BTC liquidatable")
    assert (answer["liquidated_after"], answer["allowed"]) == (1, False)


def test_one_position_of_an_account(account: str, terminal: Terminal) -> None:
    answer = terminal.json("whatif", account, "-a", "sol", "--trade", "4")
    assert (answer["asset"], answer["after"]["size"]) == ("SOL", "6")
    # the realized profit stays in the account
    assert answer["cross_after"]["account_value"] == answer["cross_before"]["account_value"]
    _, err = terminal.text("whatif", account, "--trade", "4", code=2)
    assert "pick one with --asset" in err


def test_a_closed_position(terminal: Terminal) -> None:
    answer = terminal.json("whatif", *LONG, "--trade", "-1", "--collateral", "5")
    assert (answer["after"], answer["change"]) == (None, None)
    assert answer["cross_after"]["account_value"] == "405"
    out, _ = terminal.text("whatif", *LONG, "--trade", "-1")
    assert "ETH is closed: no position is left" in out


def test_every_wrong_flag_is_told_at_once(terminal: Terminal) -> None:
    words = ("--trade", "0", "--move", "-100%", "--set-mark", "0", "--set-leverage", "2.5")
    out, err = terminal.text("whatif", *LONG, *words, "--fee-rate", "nan", code=2)
    assert not out
    for part in (
        "a trade of 0 changes nothing",
        "a move of -100% leaves no price above zero",
        "it must be above zero, not 0",
        "only whole leverages, not 2.5",
        "'nan' is not a finite number",
        "--set-mark and --move both set the mark",
    ):
        assert part in err


@pytest.mark.parametrize(
    ("command", "words", "part"),
    [
        ("whatif", (), "nothing to change: no what-if flag is given"),
        ("whatif", ("-m", "1900"), "nothing to change: no what-if flag is given"),
        ("whatif", ("--move", "1%", "--at", "3"), "--at is the price of a trade"),
        ("solve", (), "there is no target to solve for"),
        ("solve", ("--stop", "1", "--distance", "1%"), "are different targets"),
        ("solve", ("--liquidation-price", "-1"), "it must be above zero, not -1"),
        ("solve", ("--stop", "2001"), "the stop of a long is below its mark"),
        ("solve", ("--max-size",), "the size is the answer here"),
        ("solve", ("--removable", "-1"), "an amount must not be below zero"),
    ],
)
def test_wrong_usage(command: str, words: tuple[str, ...], part: str, terminal: Terminal) -> None:
    _, err = terminal.text(command, *LONG, *words, code=2)
    assert part in err


def test_a_notional_beyond_all_tiers_is_an_input_error(tmp_path: Path, terminal: Terminal) -> None:
    tiers = tmp_path / "tiers.yaml"
    tiers.write_text(
        "default_venue: v\nvenues:\n  v:\n    rules: hyperliquid\n    quote: USDC\n"
        "    tables:\n      t:\n        - {lower_bound: 0, max_leverage: 10, upper_bound: 1000}\n"
        "    assets:\n      ETH: {table: t}\n",
        encoding="utf-8",
    )
    words = ("--tiers", str(tiers), "-a", "ETH", "-q", "1", "-e", "900", "-l", "5")
    _, err = terminal.text("whatif", *words, "--trade", "1", code=2)
    assert "the notional of ETH would be 1800, above 1000 where its tiers end" in err


def test_a_size_finer_than_the_venue_trades_is_noted(terminal: Terminal) -> None:
    answer = terminal.json("whatif", *LONG, "--trade", "0.00001")
    assert "size_too_fine" in [one["code"] for one in answer["warnings"]]


def test_a_solution_is_put_back_in(terminal: Terminal) -> None:
    answer = terminal.json("solve", *LONG, "--liquidation-price", "1500")
    assert answer["schema"] == "marginctl/solve/1"
    assert answer["target"] == {"field": "liquidation_price", "value": "1500"}
    assert (answer["possible"], answer["nearest"]) == (True, None)
    assert answer["answer"]["field"] == "margin_change"
    assert answer["answer"]["value"] == "130"
    assert answer["after"]["liquidation_price"] == "1500"
    assert answer["proof"]["message"].endswith("is 1,500, exactly as asked")


def test_what_solve_says_add_takes(terminal: Terminal) -> None:
    answer = terminal.json("solve", *LONG, "--effective-leverage", "3x")
    assert answer["answer"]["rounded"] == "266.666667"
    added = terminal.json("add", "266.666667", *LONG)
    assert added["allowed"]
    assert added["after"]["effective_leverage"].startswith("2.99999999")


def test_an_impossible_wish(terminal: Terminal) -> None:
    answer = terminal.json("solve", *LONG, "--distance", "5%", code=1)
    assert (answer["possible"], answer["answer"]) == (False, None)
    assert answer["reason"] == "removal_limit"
    assert answer["binding_limit"] == "initial_margin"
    assert answer["nearest"]["answer"]["value"] == "-200"
    # 1 - 1800 / 0.98 / 2000
    assert answer["nearest"]["value"].startswith("0.081632653061224489795918")
    out, _ = terminal.text("solve", *LONG, "--distance", "5%", code=1)
    assert "Impossible: liquidation 5% from the mark" in out


def test_a_stop_behind_liquidation_is_warned_of(terminal: Terminal) -> None:
    answer = terminal.json("solve", *LONG, "--stop", "1500")
    assert "liquidation_before_stop" in [one["code"] for one in answer["warnings"]]
    assert answer["answer"]["rounded"] == "130.000001"
    out, err = terminal.text("solve", *LONG, "--stop", "1500")
    assert "Add at least 130.000001 USDC" in out
    assert "comes before the stop at 1,500" in err
    safe = terminal.json("solve", *LONG, "--stop", "1700")
    assert "liquidation_before_stop" not in [one["code"] for one in safe["warnings"]]
    assert safe["answer"]["value"] == "0"


def test_the_largest_size_needs_no_size(terminal: Terminal) -> None:
    words = ("-a", "ETH", "-e", "2000", "-l", "7", "--max-size")
    answer = terminal.json("solve", *words, "--margin", "100", "--side", "short")
    assert answer["answer"] == {
        "field": "size",
        "value": "0.35",
        "rounded": "0.35",
        "exclusive": False,
    }
    assert answer["before"] is None
    assert answer["after"]["side"] == "short"
    _, err = terminal.text("solve", *words, code=2)
    assert "--margin, or --collateral" in err
    out, _ = terminal.text("solve", *words, "--collateral", "100", "--mode", "cross")
    assert "Largest size of ETH with 100 USDC of margin at 7x: 0.35" in out


def test_a_price_for_a_removal(terminal: Terminal) -> None:
    answer = terminal.json("solve", *LONG, "--removable", "500")
    assert answer["answer"]["field"] == "mark_price"
    assert answer["answer"]["value"].startswith("2333.33333333333333333333")
    out, _ = terminal.text("solve", *LONG, "--removable", "500")
    assert "At a mark of 2,333.33333334 or above: 500 USDC can be removed" in out


def test_rows_for_scripts_are_those_after(terminal: Terminal) -> None:
    raw = ("--fields", "size,margin", "--raw")
    assert terminal.text("whatif", *LONG, "--trade", "0.5", *raw)[0] == "1.5\t500\n"
    assert terminal.text("solve", *LONG, "--effective-leverage", "4", *raw)[0] == "1\t500\n"


@pytest.mark.parametrize("command", ["whatif", "solve"])
def test_help_names_every_flag(command: str, terminal: Terminal) -> None:
    out, _ = terminal.text(command, "--help")
    flags = {
        "whatif": ("--set-mark", "--move", "--move-all", "--set-leverage", "--trade", "--fund"),
        "solve": ("--liquidation-price", "--distance", "--max-size", "--stop", "--removable"),
    }
    assert all(flag in out for flag in flags[command])


P = ("-a", "ETH", "-q", "10", "-e", "2500", "-m", "2400", "-l", "10")
RED, GREEN = "\x1b[1;31m", "\x1b[32m"
ENDS = (
    "default_venue: v\nvenues:\n  v:\n    rules: hyperliquid\n    quote: USDC\n"
    "    tables:\n      t:\n        - {lower_bound: 0, max_leverage: 10, upper_bound: 10000}\n"
    "    assets:\n      ETH: {table: t}\n"
)


@pytest.mark.parametrize(
    ("words", "lead", "after", "allowed"),
    [
        (("--move", "-10%"), "Liquidated:", 1, [True]),
        (("--fund", "100", "--move", "-5%", "--trade", "-5"), "Refused:", 1, [True, False, False]),
        # nothing is allowed or green beside a position that was liquidatable before
        (("-m", "2200", "--fund", "9000"), "No longer liquidatable:", None, [True]),
        (("--fund", "100"), "Allowed as far as known:", None, [True]),
    ],
)
def test_no_headline_is_good_over_a_liquidated_position(
    words: tuple[str, ...],
    lead: str,
    after: int | None,
    allowed: list[bool],
    terminal: Terminal,
) -> None:
    # a flag given twice counts once: the mark now is the last one
    given = (*P[:6], *(() if "-m" in words else P[6:8]), *P[8:], *words)
    code = 0 if after is None else 1
    answer = terminal.json("whatif", *given, code=code)
    assert answer["liquidated_after"] == after
    assert answer["allowed"] is (after is None)
    assert [one["allowed"] for one in answer["actions"]] == allowed
    assert answer["message"].startswith(lead)
    out, _ = terminal.text("whatif", *given, "--color", "always", code=code)
    (headline,) = [line for line in out.splitlines() if lead in line]
    assert (RED in headline) is (after is not None)
    assert (GREEN in headline) is lead.startswith("Allowed")


def test_the_largest_size_is_sought_from_below(tmp_path: Path, terminal: Terminal) -> None:
    # one whole ETH at 20,000 would be above the end of its tiers; 0.1 is not
    tiers = tmp_path / "tiers.yaml"
    tiers.write_text(ENDS, encoding="utf-8")
    words = ("-a", "ETH", "-e", "20000", "--margin", "1000", "-l", "2", "--max-size")
    answer = terminal.json("solve", "--tiers", str(tiers), *words)
    assert answer["answer"]["rounded"] == "0.1"


def test_where_every_size_carries_itself_there_is_no_largest(terminal: Terminal) -> None:
    words = ("-a", "SOL", "-e", "100", "-m", "120", "-l", "10", "--mode", "cross")
    answer = terminal.json("solve", *words, "--collateral", "1000", "--max-size")
    assert (answer["possible"], answer["answer"], answer["reason"]) == (True, None, "always")
    for form in ("table", "csv", "md", "ndjson"):
        terminal.text("solve", *words, "--collateral", "1000", "--max-size", "-o", form)


def test_what_is_missing_is_rounded_up_to_a_step(terminal: Terminal) -> None:
    # initial margin 2400, equity 1500.0000004: 899.9999996 are missing, 899.999999 are too few
    words = ("-a", "ETH", "-q", "10", "-e", "2500", "-m", "2400", "-l", "10")
    out, _ = terminal.text("remove", "max", *words, "--margin", "2500.0000004", code=1)
    assert "900 USDC short of the initial margin" in out
    out, _ = terminal.text("remove", "max", *words, "--margin", "2500.0000014", code=1)
    assert "899.999999 USDC short of the initial margin" in out
