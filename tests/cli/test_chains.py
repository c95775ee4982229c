"""Answers fed back into commands: a chain decides as one command would."""

import json
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import DATA, invoke

ACCOUNT = str(DATA / "accounts" / "sixteen-positions-2026-01.json")


def piped(*steps: str) -> tuple[int, str]:
    """Run commands, each with the answer before it as its input; return the last one's end."""
    stdin, code = "", 0
    for step in steps:
        answer = invoke(*step.split(), stdin=stdin.encode())
        stdin, code = answer.stdout, answer.code
    return code, stdin


def test_margin_that_does_not_terminate_is_removed_to_the_last_unit() -> None:
    code, text = piped("add 100 -a BTC -q 10 -e 2500 -l 3 -o json", "remove 100 - -o json")
    assert code == 0
    answer = json.loads(text)
    assert (answer["allowed"], answer["limit"]) == (True, "100")
    assert answer["before"]["exact"] == {"margin": "25300/3"}


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_a_verdict_on_the_boundary_stays(form: str) -> None:
    show = f"show -a GMX -q 7 -e 1 -m 0.8 -l 3 -o {form}"
    code, text = piped(show, f"show - -o {form}", "show - --raw --fields liquidatable,margin_ratio")
    assert (code, text) == (0, "false\t1\n")


def test_a_cross_account_on_the_boundary_stays() -> None:
    # maintenance 5.6 / 6 has no end, and the account is worth just as much
    show = "show -a GMX -q 7 -e 0.8 -l 3 --mode cross --collateral 0.93333 -o json"
    code, text = piped(show, "show - -o json", "show - -o json")
    first = json.loads(piped(show)[1])
    assert (code, json.loads(text)["cross"]) == (0, first["cross"])
    assert first["cross"]["exact"] == {"initial_margin": "28/15", "maintenance_margin": "14/15"}


def test_an_edited_margin_wins_over_the_exact_one() -> None:
    answer = json.loads(piped("show -a BTC -q 10 -e 2500 -l 3 -o json")[1])
    answer["positions"][0]["margin"] = "9000"
    shown = invoke("show", "-", "--raw", "--fields", "margin", stdin=json.dumps(answer).encode())
    assert shown.stdout == "9000\n"


@pytest.mark.parametrize(
    "exact", [None, [], "1/3", {"margin": 3}, {"margin": "1/0"}, {"margin": "x"}, {"margin": "1/3"}]
)
def test_an_exact_margin_that_makes_no_sense_is_passed_over(exact: object) -> None:
    answer = json.loads(piped("show -a BTC -q 10 -e 2500 -l 3 -o json")[1])
    answer["positions"][0]["exact"] = exact
    shown = invoke("show", "-", "--raw", "--fields", "margin", stdin=json.dumps(answer).encode())
    assert shown.stdout.startswith("8333.33333333333333333333333333333333333333333")


@pytest.mark.parametrize(
    "command",
    [
        "add 10 {} -a MET",
        "remove 10 {} -a MET",
        "whatif {} -a MET --move 1%",
        "whatif {} --move-all 5%",
        "solve {} -a MET --removable 200",
    ],
)
def test_every_answer_with_positions_can_be_read_back(command: str) -> None:
    answer = json.loads(piped(f"{command.format(ACCOUNT)} -o json")[1])
    code, text = piped(f"{command.format(ACCOUNT)} -o json", "show - -o json")
    shown = json.loads(text)
    assert code == 0
    pairs = answer.get("positions") or [answer]
    expected = [pair["after"] for pair in pairs]
    for position in (*expected, *shown["positions"]):
        position.pop("exchange_liquidation_price", None)
    assert shown["positions"] == expected
    if "positions" not in answer or not answer["positions"]:
        # of one position alone it is not known what a common move does to the account
        assert shown["cross"].pop("liquidating_move") is None
        answer["cross_after"].pop("liquidating_move")
    assert shown["cross"] == answer["cross_after"]


def test_the_positions_of_a_diff_can_be_read_back() -> None:
    position = '{"asset": "OP", "size": 10, "entry_price": 2, "leverage": 5}'
    line = "tiers diff tiers.yaml tiers.yaml --positions - -o json"
    diff = invoke(*line.split(), stdin=position.encode())
    shown = invoke("show", "-", "--raw", "--fields", "asset,size", stdin=diff.stdout.encode())
    assert (shown.code, shown.stdout) == (0, "OP\t10\n")


@settings(max_examples=60)
@given(
    size=st.sampled_from(["1", "7", "0.3", "11"]),
    mark=st.sampled_from(["0.8", "1", "0.77", "3"]),
    leverage=st.sampled_from(["1", "2", "3"]),
    side=st.sampled_from(["long", "short"]),
    amount=st.sampled_from(["0.000001", "0.1", "1"]),
)
def test_a_chain_gives_the_figures_of_one_command(
    size: str, mark: str, leverage: str, side: str, amount: str
) -> None:
    flags = f"-a GMX -q {size} -e 1 -m {mark} -l {leverage} -s {side}"
    added = json.loads(piped(f"add {amount} {flags} -o json")[1])
    back = json.loads(piped(f"add {amount} {flags} -o json", f"remove {amount} - -o json")[1])
    assert back["before"] == added["after"]
    assert back["after"] == added["before"]


@pytest.mark.parametrize(
    ("venue", "form"), list(product(["hyperliquid", "trado"], ["json", "ndjson"]))
)
def test_a_chain_of_many_steps_keeps_every_digit(venue: str, form: str) -> None:
    flags = f"--venue {venue} -a ETH -q 7 -e 1 -m 1.1 -l 7"
    steps = [f"show - -o {form}"] * 4
    first = piped(f"show {flags} -o {form}")[1]
    assert piped(f"show {flags} -o {form}", *steps)[1] == first
