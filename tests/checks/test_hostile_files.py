"""Files that were made to hurt: every one is answered, with its line, and in time."""

import json
from datetime import date
from pathlib import Path

import pytest

from marginctl.load.tier_check import check_tiers
from tests.support import invoke

VENUE = "venues:\n  x:\n    rules: hyperliquid\n    quote: USDC\n    as_of: 2026-01-14\n"
ASSETS = f"{VENUE}    assets:\n"
NINES = "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def check(data: bytes, folder: Path) -> list[tuple[int | None, int | None, str]]:
    path = folder / "t.yaml"
    path.write_bytes(data)
    findings = check_tiers(str(path), today=date(2026, 6, 1)).problems
    return [(each.place.line, each.place.column, each.code) for each in findings]


@pytest.mark.parametrize(
    ("data", "expected"),
    {
        "alias bomb": (b"a: &a [x,x,x,x,x,x,x,x,x]\n" + NINES.encode(), (6, 11, "unreadable")),
        "an alias of itself": (b"a: &a [*a]\n", (1, 8, "unreadable")),
        "deep lists": (b"[" * 1_000_000, (1, 33, "unreadable")),
        "deep mappings": (b"{a: " * 100_000, (1, 129, "unreadable")),
        "deep block lists": (b"- " * 100_000, (1, 65, "unreadable")),
        "NUL": (b"venues:\n  x: \x00\n", (2, 6, "unreadable")),
        "control character": (b"venues:\n  \x1b[31mx: 1\n", (2, 3, "unreadable")),
        "not UTF-8": (b"venues:\n  x: \xff\n", (2, 6, "unreadable")),
        "a tag": (b"venues: !!python/object:os.system {}\n", (1, 9, "unreadable")),
        "two documents": (b"venues: {}\n---\nvenues: {}\n", (2, 1, "unreadable")),
        "nothing": (b"", (1, 1, "empty")),
        "a byte order mark": (b"\xef\xbb\xbf", (1, 1, "empty")),
        "a comment": (b"# to do\n", (1, 1, "empty")),
        "a list": (b"- a\n", (1, 1, "wrong-value")),
        "a number of five million digits": (
            f"{ASSETS}      A: {{max_leverage: {'9' * 5_000_000}}}\n".encode(),
            (7, 25, "wrong-value"),
        ),
        "a million sixties": (
            f"{ASSETS}      A: {{max_leverage: 1{':1' * 1_000_000}}}\n".encode(),
            (7, 25, "wrong-value"),
        ),
    }.values(),
    ids=lambda value: str(value)[:30] if isinstance(value, tuple) else "",
)
def test_a_hostile_file_has_one_finding_with_its_place(
    data: bytes, expected: tuple[int, int, str], tmp_path: Path
) -> None:
    assert check(data, tmp_path) == [expected]


def test_separators_that_end_a_line_in_yaml_alone_do_not_move_the_lines_of_editors(
    tmp_path: Path,
) -> None:
    text = f"# \u2028 \x85 \u2029\n{VENUE}    source: 'a\u2028b\x85c'\n    assets:\n      A: {{}}\n"
    assert check(text.encode(), tmp_path) == [(9, 7, "asset-without-tiers")]
    assert check(f"# \u2028\n{VENUE}    tables: [\n".encode(), tmp_path) == [(8, 1, "unreadable")]


def test_an_aliased_table_is_told_once(tmp_path: Path) -> None:
    text = (
        f"{VENUE}    tables:\n      a: &a\n        - {{lower_bound: 5, max_leverage: 9}}\n"
        "      b: *a\n    assets:\n      A: {table: a}\n      B: {table: b}\n"
    )
    assert check(text.encode(), tmp_path) == [(8, 25, "first-bound-not-zero")]


def test_a_duplicate_below_a_duplicate_is_told_where_it_stands(tmp_path: Path) -> None:
    text = f"{VENUE}    tables: []\n    tables:\n      a: [{{}}, {{000: , 000: , 000: }}]\n"
    found = check(text.encode(), tmp_path)
    assert {(7, 5, "duplicate-key"), (8, 23, "duplicate-key"), (8, 30, "duplicate-key")} <= set(
        found
    )


def test_names_with_control_characters_reach_no_terminal(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(
        'venues:\n  "a\\e[31m\\0":\n    rules: "b\\u202e"\n    quote: x\n'
        '    assets: {"c\\n": {table: "d\\r"}}\n'
    )
    for form in ("full", "concise", "github", "gitlab", "junit"):
        answer = invoke("tiers", "check", str(path), "-o", form, columns=80)
        assert answer.code == 1
        plain = answer.stdout.replace("\x1b[", "", 1) if form == "full" else answer.stdout
        assert not any(char in plain for char in "\x00\u202e\r")
        assert "\\x1b[31m" in plain or form == "gitlab"
    report = json.loads(invoke("tiers", "check", str(path), "-o", "json").stdout)
    assert {finding["line"] for finding in report["findings"]} == {2, 3, 5}


def test_thousands_of_wrong_names_are_answered_without_a_search_for_each(tmp_path: Path) -> None:
    tables = "".join(f"      t{n}: [{{lower_bound: 0, max_leverage: 9}}]\n" for n in range(1500))
    assets = "".join(f"      A{n}: {{table: u{n}}}\n" for n in range(1500))
    found = check(f"{VENUE}    tables:\n{tables}    assets:\n{assets}".encode(), tmp_path)
    assert [code for _, _, code in found].count("unknown-table") == 1500
    assert len(found) == 3000


def test_leverages_without_a_common_measure_do_not_make_deductions_endless(tmp_path: Path) -> None:
    tiers = "".join(
        f"        - {{lower_bound: {n}, max_leverage: {4000 - n}.{3**n % 10**40:040}1,"
        f" maintenance_deduction: 0}}\n"
        for n in range(2000)
    )
    text = f"{VENUE}    tables:\n      a:\n{tiers}    assets:\n      A: {{table: a}}\n"
    found = check(text.encode(), tmp_path)
    assert [place for *place, code in found if code == "deduction-mismatch"] == [[9, 113]]
