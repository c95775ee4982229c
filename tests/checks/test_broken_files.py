"""Broken tier files: each finding on its line, none missing, and none besides.

A file in ``broken`` is a test. A comment at the end of a line names the findings of that line.
"""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from marginctl.checks.catalogue import RULES
from marginctl.load.problems import InputError, Problem
from marginctl.load.tier_check import check_tiers
from marginctl.load.tier_file import TierFile

HERE = Path(__file__).parent
BROKEN = sorted(HERE.glob("broken/*.yaml"))
TODAY = date(2026, 6, 1)
NAMED = re.compile(r"(?:error|warning)\[[a-z-]+\]")


def lines_of(findings: Iterable[Problem]) -> list[tuple[int | None, str]]:
    return sorted((each.place.line or 0, f"{each.severity}[{each.code}]") for each in findings)


def check(path: Path) -> list[Problem]:
    return [
        problem._replace(place=problem.place._replace(file=path.name))
        for problem in check_tiers(str(path), today=TODAY).problems
    ]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_each_finding_is_on_its_line_and_there_are_no_others(path: Path) -> None:
    expected = [
        (number, name)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for name in NAMED.findall(line.partition("#")[2])
    ]
    assert lines_of(check(path)) == sorted(expected)


@pytest.mark.parametrize("ending", ["\r\n", "\r"], ids=["CRLF", "CR"])
@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_line_ends_and_a_byte_order_mark_move_nothing(
    path: Path, ending: str, tmp_path: Path
) -> None:
    copy = tmp_path / path.name
    text = path.read_text(encoding="utf-8")
    copy.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", ending).encode())
    assert check(copy) == check(path)


def test_every_rule_but_those_of_whole_files_is_broken_here() -> None:
    named = {name for path in BROKEN for name in NAMED.findall(path.read_text(encoding="utf-8"))}
    told = {name.partition("[")[2].rstrip("]") for name in named}
    assert set(RULES) - told == {"unreadable", "as-of-too-old"}


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_finding_has_a_place_that_its_path_names(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for finding in check(path):
        assert finding.place.line is not None
        assert finding.place.column is not None
        assert lines[finding.place.line - 1][finding.place.column - 1 :].strip()
        assert finding.place.path or finding.code == "wrong-value"


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_the_loader_refuses_what_breaks_a_fatal_rule_and_nothing_else(path: Path) -> None:
    fatal = {each.place.line for each in check(path) if RULES[each.code].fatal}
    parsed = TierFile.parse(path.read_bytes(), path.name)
    refused = set()
    try:
        for name in parsed.venue_names:
            parsed.venue(name)
    except InputError as error:
        refused = {problem.place.line for problem in error.problems}
    assert fatal <= refused
    assert bool(fatal) == bool(refused)
