"""Forms in which an exchange's account is kept or sent: the same figures, or one message."""

import json
from fractions import Fraction
from typing import Any

import pytest

from marginctl.core.report import CrossReport
from marginctl.load.problems import InputError
from tests.load.test_pools import (
    STANDARD,
    UNIFIED,
    codes,
    cross_of,
    of_file_text,
    problem_of,
    read,
)
from tests.pooled import account_file, as_bytes, balance

USER = "0x" + "ab" * 20


def entry(data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An entry of subAccounts2: what is available after maintenance is beside the spot state."""
    spot = data["spotClearinghouseState"]
    return {
        "name": "other",
        "subAccountUser": USER,
        "master": USER,
        "dexToClearinghouseState": [*data["clearinghouseState"].items()],
        "spotState": {"balances": spot["balances"]},
        "tokenToAvailableAfterMaintenance": spot["tokenToAvailableAfterMaintenance"],
        "abstraction": data["userAbstraction"],
        **more,
    }


def cross_in(data: Any) -> CrossReport:
    ((_, answer),) = read(as_bytes(data))
    assert answer.cross is not None
    return answer.cross


DATA = of_file_text(UNIFIED[0])


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(entry(DATA), id="an entry of subAccounts2"),
        pytest.param([entry(DATA)], id="subAccounts2"),
        pytest.param({"type": "subAccounts2", "data": [entry(DATA)]}, id="its info answer"),
        pytest.param(
            {
                "channel": "post",
                "data": {
                    "id": 1,
                    "response": {
                        "type": "info",
                        "payload": {"type": "subAccounts2", "data": [entry(DATA)]},
                    },
                },
            },
            id="its answer by websocket",
        ),
        pytest.param(
            {"channel": "x", "data": {"user": USER, "subAccounts": [entry(DATA)]}},
            id="its frame with a user",
        ),
        pytest.param({"status": 200, "data": DATA}, id="beside a status"),
        pytest.param({"result": DATA}, id="a result"),
        pytest.param({"id": 3, "response": DATA}, id="a response"),
    ],
)
def test_what_an_account_stands_in_changes_no_figure(form: Any) -> None:
    assert cross_in(form) == cross_of(UNIFIED[0])
    assert "answers_differ" not in codes(form)


def test_the_mode_is_inferred_by_what_stands_beside_the_spot_state() -> None:
    form = entry(DATA, abstraction=None)
    assert cross_in(form) == cross_of(UNIFIED[0])
    assert "account_mode" in codes(form)


@pytest.mark.parametrize("states", [[], {}])
def test_an_entry_of_a_pool_without_states_has_no_positions(states: Any) -> None:
    spot = {
        "balances": [balance(0, "USDC", Fraction(929), Fraction(0))],
        "tokenToAvailableAfterMaintenance": [[0, "929.0"]],
    }
    form = account_file("unifiedAccount", {}, spot) | {"clearinghouseState": states}
    assert cross_in(form).max_removable == 929
    assert "answers_differ" not in codes(form)


@pytest.mark.parametrize(
    ("mode", "hint"), [("default", "fetch account"), (None, "give the account's mode")]
)
def test_a_standard_account_without_states_is_refused(mode: str | None, hint: str) -> None:
    spot = {"balances": [balance(0, "USDC", Fraction(929), Fraction(0))]}
    problem = problem_of(as_bytes(account_file(mode, {}, spot)))
    assert "there is no state of any dex" in problem.message
    assert hint in str(problem.hint)


def test_states_missing_in_a_pool_are_found_by_its_check() -> None:
    assert "answers_differ" in codes(entry(DATA, dexToClearinghouseState=[]))


def test_what_is_no_mapping_is_told_once() -> None:
    data = of_file_text(STANDARD)
    data["clearinghouseState"]["hyna"] = None
    problem = problem_of(as_bytes(data))
    assert problem.message == "expected a mapping of keys to values"
    assert problem.place.path == "clearinghouseState.hyna"


ERRORS = [
    ({"error": "rate limited"}, "rate limited"),
    ({"status": "err", "response": "no such user"}, "no such user"),
    ({"code": -2015, "msg": "Invalid API-key"}, "Invalid API-key"),
    ({"success": False, "detail": "x" * 500}, "x" * 200),
]


@pytest.mark.parametrize(("error", "words"), ERRORS)
def test_an_error_instead_of_an_answer_is_repeated(error: dict[str, Any], words: str) -> None:
    sentence = f"the exchange answered with an error: {words}"
    data = of_file_text(STANDARD)
    data["clearinghouseState"]["hyna"] = error
    inside = problem_of(as_bytes(data))
    assert (inside.message, inside.place.path) == (sentence, "clearinghouseState.hyna")
    for whole in (error, [error]):
        problem = problem_of(as_bytes(whole))
        assert (problem.message, problem.hint) == (sentence, inside.hint)


@pytest.mark.parametrize("other", [{}, {"error": None}, {"error": "x", "asset": "ETH"}])
def test_what_has_more_than_an_error_is_not_one(other: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        read(as_bytes(other))
    assert not any("answered with" in problem.message for problem in caught.value.problems)


def test_what_is_missing_is_told_once() -> None:
    data = of_file_text(STANDARD)
    del data["clearinghouseState"]["xyz"]["crossMarginSummary"]
    problem = problem_of(as_bytes(data))
    assert problem.message == "the key 'crossMarginSummary' is missing"


def test_accounts_under_names_are_refused_in_one_message() -> None:
    problem = problem_of(json.dumps({USER: DATA, "0x" + "cd" * 20: DATA}).encode())
    assert "several answers about accounts under their names" in problem.message
    assert "one of them at a time" in str(problem.hint)


def test_envelopes_in_envelopes_without_end_are_no_account() -> None:
    with pytest.raises(InputError):
        read(b'{"data": ' * 400 + b"1" + b"}" * 400)


def test_balances_without_the_number_of_their_token_go_by_its_name() -> None:
    data = of_file_text(UNIFIED[0])
    for row in data["spotClearinghouseState"]["balances"]:
        row.pop("token", None)  # outcome shares have none anyway, and stay no collateral
    assert cross_in(data) == cross_of(UNIFIED[0])
