"""JSON is read exactly, and places in it are found."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marginctl.checks.problem import KeyPath
from marginctl.load import json_text as json_places
from marginctl.load.json_text import JsonNumber, Places, decode_utf8, duplicate_keys, parse_json
from marginctl.load.positions import read_accounts
from marginctl.load.problems import InputError, Place

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=6)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


def paths(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    found = [(here, value)]
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            found += paths(item, (*here, key))
    return found


@given(VALUES, st.sampled_from([None, 1]))
def test_every_value_is_found_where_it_begins(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    lines, places = text.split("\n"), Places(text)
    for path, item in paths(value):
        line, column = places.find(path)
        rest = "\n".join(lines[line - 1 :])[column - 1 :]
        assert json.JSONDecoder().raw_decode(rest)[0] == item


def test_the_place_of_something_missing_is_that_of_what_it_is_missing_from() -> None:
    assert Places('{"a": [1, {"b": 2}]}').find(("a", 1, "c", "d")) == (1, 11)


def test_numbers_keep_their_text() -> None:
    value = parse_json("[0.1234567890123456789012345678901234567890, 1e400, 7]", "f")
    assert value == ["0.1234567890123456789012345678901234567890", "1e400", "7"]
    assert all(isinstance(number, JsonNumber) for number in value)


def test_every_duplicate_key_is_found() -> None:
    text = '{"a": {"b": 1,\n "b": 2},\n "a": 3}'
    assert list(duplicate_keys(text)) == [(("a", "b"), 2, 7), (("a",), 3, 7)]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ('{"a": }', "not valid JSON: Expecting value", Place("f", 1, 7)),
        ("[1,\n 2 3]", "not valid JSON: Expecting ',' delimiter", Place("f", 2, 4)),
        ("[" * 100_000, "nested too deeply", Place("f", 1)),
        ('{"a": 1, "a": 2}', "the key 'a' appears twice", Place("f", 1, 15, "a")),
    ],
    ids=["value", "delimiter", "depth", "duplicate"],
)
def test_what_is_not_json_is_refused_with_its_place(text: str, message: str, place: Place) -> None:
    with pytest.raises(InputError) as raised:
        parse_json(text, "f")
    assert [(p.message, p.place) for p in raised.value.problems] == [(message, place)]


def test_a_text_is_searched_once_however_many_places_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched = []
    found = json_places._values

    def counted(text: str) -> Iterator[tuple[KeyPath, int]]:
        searched.append(text)
        return found(text)

    monkeypatch.setattr(json_places, "_values", counted)
    bad = [{"asset": "ETHH", "size": 0, "entry_price": -1, "leverage": 0}] * 50
    (account_input,) = read_accounts(json.dumps(bad).encode(), "f")
    lines = {source.place("size").column for source in account_input.sources}
    assert len(lines) == 50
    assert len(searched) == 1


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ('{"a":1,"a":2}:', 14),
        ('{"a":1,"a":2}]', 14),
        ('{"a":{"b":1,"b":2}},', 20),
        ('{"a":1,"a":2}\x01', 14),
        ('{"a":1,"a":2', 13),
    ],
)
def test_a_text_that_is_broken_behind_a_second_key_is_refused_where_it_breaks(
    text: str, column: int
) -> None:
    with pytest.raises(InputError, match="not valid JSON") as refused:
        parse_json(text, "f")
    assert [one.place for one in refused.value.problems] == [Place("f", 1, column)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (r'[{"":9,"n":{},"\ud800":""},"",""]', Place("f", 1, 16)),
        ('[1,\n "x\\uDC00"]', Place("f", 2, 4)),
        (r'["\ud83d\ud83d\ude00"]', Place("f", 1, 3)),
        ('\n["\\ud800"]', Place("f", 2, 3)),
    ],
)
def test_half_of_a_surrogate_pair_is_refused_with_its_place(text: str, place: Place) -> None:
    with pytest.raises(InputError, match="alone is no character") as refused:
        parse_json(text, "f")
    assert [one.place for one in refused.value.problems] == [place]


def test_pairs_of_surrogates_and_escaped_backslashes_are_characters() -> None:
    assert parse_json(r'["\ud83d\ude00", "\\ud800"]', "f") == ["\U0001f600", "\\ud800"]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decode_utf8(b"\xef\xbb\xbf[1]", "f") == "[1]"
