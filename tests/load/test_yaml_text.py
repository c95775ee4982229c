"""YAML keeps the text of every value, and its place."""

import pytest

from marginctl.load.problems import InputError
from marginctl.load.yaml_text import read_yaml

PLAIN = b"a: 1e6\nb: [010, 1:30, {c: NO, d: ~, e: ''}]\nf: 0.1\n"


def test_values_stay_the_text_that_is_in_the_file() -> None:
    root = read_yaml(PLAIN, "f").root
    assert root == {"a": "1e6", "b": ["010", "1:30", {"c": "NO", "d": None, "e": ""}], "f": "0.1"}


@pytest.mark.parametrize("null", ["", "~", "null", "Null", "NULL"])
def test_every_null_of_yaml_is_nothing_unless_it_is_quoted(null: str) -> None:
    document = read_yaml(f"a: {null}\nb: '{null}'\n".encode(), "f")
    assert document.root == {"a": None, "b": null}


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [(("a",), 1, 4), (("b", 1), 2, 10), (("b", 2, "c"), 2, 20), (("b", 2, "x"), 2, 16), ((), 1, 1)],
)
def test_the_place_of_a_value_is_known(path: tuple[str | int, ...], line: int, column: int) -> None:
    place = read_yaml(PLAIN, "f").place(*path)
    assert (place.line, place.column) == (line, column)


def test_the_place_of_a_key_is_known() -> None:
    place = read_yaml(PLAIN, "f").place("b", 2, "d", key=True)
    assert (place.line, place.column, place.path) == (2, 24, "b[2].d")


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_line_ends_and_byte_order_marks_do_not_move_places(prefix: bytes, ending: bytes) -> None:
    document = read_yaml(prefix + PLAIN.replace(b"\n", ending), "f")
    assert document.place("f").line == 3
    assert document.root["f"] == "0.1"


def test_an_alias_stands_for_its_anchor_and_has_a_place_of_its_own() -> None:
    document = read_yaml(b"a: &x {b: 1}\nc: *x\n", "f")
    assert document.root["c"] == {"b": "1"}
    assert document.place("c").line == 2


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"a: 1\nb: \x00\n", "not readable as text", 2),
        (b"a: 1\nb: \xff\n", "not readable as text", 2),
        (b"a: 1\n\x1b[31m: 2\n", "not readable as text", 2),
        (b"a: &x [*x]\n", "the anchor &x contains itself", 1),
        (b"a: *x\n", "no anchor &x", 1),
        (b"a: 1\n---\nb: 2\n", "a second document", 2),
        (b"a: !!int 5\n", "tags such as", 1),
        (b"\n\n" + b"[" * 50, "nested deeper than 32 levels", 3),
        (b"a: [1\n", "not valid YAML", 2),
        (b"\tx: 1\n", "not valid YAML", 1),
    ],
)
def test_what_is_refused_has_a_place(data: bytes, message: str, line: int) -> None:
    with pytest.raises(InputError) as raised:
        read_yaml(data, "f")
    (problem,) = raised.value.problems
    assert message in problem.message
    assert problem.place.line == line


def test_every_duplicate_key_is_told_and_the_first_value_kept() -> None:
    document = read_yaml(b"a: 1\nb: {c: 1, c: 2}\na: 3\n", "f")
    assert [(p.place.line, p.place.column) for p in document.problems] == [(2, 11), (3, 1)]
    assert document.root == {"a": "1", "b": {"c": "1"}}


def test_keys_that_are_no_texts_and_merge_keys_are_told() -> None:
    document = read_yaml(b"? [a]\n: 1\nb: {<<: {c: 1}}\n", "f")
    assert [p.place.line for p in document.problems] == [1, 3]


def test_a_file_of_too_many_values_is_refused_where_they_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("marginctl.load.yaml_text.MAX_VALUES", 6)
    assert read_yaml(b"a: [1, 2, 3]", "f").root == {"a": ["1", "2", "3"]}
    with pytest.raises(InputError) as caught:
        read_yaml(b"a:\n- 1\n- 2\n- 3\n- 4\n- 5", "f")
    (problem,) = caught.value.problems
    assert problem.message == "too large to read at once: more than 6 keys and values"
    assert (problem.place.line, problem.place.column) == (2, 1)
