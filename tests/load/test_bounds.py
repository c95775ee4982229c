"""What is large is refused early, and no more problems are collected than are shown."""

import json
from typing import Any

import pytest

from marginctl.load import positions as reader
from marginctl.load.inputs import read_entry
from marginctl.load.json_text import MAX_VALUES, check_size, parse_json
from marginctl.load.problems import MOST_PROBLEMS, NOWHERE, InputError
from tests.support import invoke

POSITION = {"asset": "ETH", "size": 1, "entry_price": 2500, "leverage": 10}
BINANCE = {"symbol": "ETHUSDT", "positionAmt": "x", "entryPrice": "1", "markPrice": "1"}


def test_as_many_values_as_are_allowed_are_read() -> None:
    check_size("[" + "{}," * (MAX_VALUES - 1) + "{}]", NOWHERE)


def test_one_value_more_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(InputError, match="more than 1,000,000 values"):
        parse_json("[" + "{}," * MAX_VALUES + "not even JSON", "f")


@pytest.mark.parametrize("form", ["table", "json", "ndjson"])
def test_positions_that_are_too_many_are_said_to_be_given_one_a_line(form: str) -> None:
    answer = invoke("show", "-", "-o", form, stdin=b"[" + b"{}," * MAX_VALUES + b"{}]\n{}")
    assert answer.code == 2
    assert "too large to read at once: more than 1,000,000 values" in answer.stderr
    assert "jq -c" in answer.stderr
    assert answer.stderr.count("error:") == 1


@pytest.mark.parametrize(
    ("data", "left"),
    [
        # two problems each: the asset's and the size's, or as many as the form has
        (json.dumps([{}] * 5000), None),
        (json.dumps([{**POSITION, "size": "x"}] * 5000), 4900),
        (json.dumps([{**POSITION, "size": 0}] * 5000), 4900),
        (json.dumps([BINANCE] * 5000), None),
        (json.dumps({"assetPositions": [{}] * 5000, "marginSummary": {}}), None),
        ("\n".join([json.dumps({**POSITION, "size": "x"})] * 5000), 4900),
    ],
    ids=["empty", "form", "meaning", "binance", "hyperliquid", "lines"],
)
def test_the_first_hundred_problems_are_told_and_how_many_entries_were_not_checked(
    data: str, left: int | None
) -> None:
    answer = invoke("show", "-", stdin=data.encode())
    assert answer.code == 2
    assert answer.stderr.count("error:") <= MOST_PROBLEMS + 1
    assert "entries after it were not checked" in answer.stderr
    if left is not None:
        assert f"error: {left:,} entries after it were not checked" in answer.stderr


def test_no_entry_is_looked_at_once_there_are_enough_problems(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_at = 0

    def counting(*arguments: Any) -> object:
        nonlocal looked_at
        looked_at += 1
        return read_entry(*arguments)

    monkeypatch.setattr(reader, "read_entry", counting)
    with pytest.raises(InputError) as caught:
        reader.read_accounts(json.dumps([{**POSITION, "size": "x"}] * 5000).encode(), "f")
    assert looked_at == MOST_PROBLEMS
    assert len(caught.value.problems) == MOST_PROBLEMS + 1


def test_a_hundred_problems_of_a_hundred_entries_are_told_without_a_rest() -> None:
    data = json.dumps([{**POSITION, "size": "x"}] * MOST_PROBLEMS)
    answer = invoke("show", "-", stdin=data.encode())
    assert answer.stderr.count("error:") == MOST_PROBLEMS
    assert "not checked" not in answer.stderr
