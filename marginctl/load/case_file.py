"""Reading a file of cases."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from marginctl.load.account_drafts import AccountDraft
from marginctl.load.case_models import Case, CaseFile, Expectation
from marginctl.load.other_files import TIER_FILE
from marginctl.load.positions import backing_of, draft_of
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.validation import Path, validate
from marginctl.load.yaml_text import Mark, YamlDocument, YamlMap, read_yaml


class YamlOrigin:
    """A place inside a YAML file, as the origin of a draft."""

    def __init__(self, document: YamlDocument, path: Path) -> None:
        self._document = document
        self._path = path

    def label(self, field: str) -> str:
        """Return the key of a field."""
        return field

    def place(self, field: str | None = None) -> Place:
        """Return file, line, column and path of a field."""
        return self._document.place(self._path if field is None else (*self._path, field))


@dataclass(frozen=True)
class Expected:
    """What is expected of one field; ``mark`` is where its value stands, ``written`` what does.

    For a range these are the place of the range, and None.
    """

    field: str
    expectation: Expectation
    place: Place
    mark: Mark
    written: str | None


@dataclass(frozen=True)
class ReadCase:
    """A case: its account, and what is expected of it."""

    case: Case
    place: Place
    draft: AccountDraft
    expected: tuple[Expected, ...]


@dataclass(frozen=True)
class BrokenCase:
    """A case that cannot be read; ``name`` is None where it does not even say its name."""

    name: str | None
    place: Place
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class ReadCases:
    """A file of cases in their order; ``tiers`` is the path of its tier file, if it names one."""

    tiers: str | None
    venue: str | None
    cases: tuple[ReadCase | BrokenCase, ...]


def read_cases(data: bytes, file: str) -> ReadCases:
    """Return the cases of a file; a broken one does not keep the others from being read.

    Raises:
        InputError: something is wrong with the file as a whole; then with every problem of form.
    """
    document = read_yaml(data, file)
    root = document.root
    if isinstance(root, YamlMap) and "venues" in root and "cases" not in root:
        raise InputError.of(TIER_FILE.message, TIER_FILE.hint, document.place(()))
    problems = list(document.problems)
    read = _validated(document.root, document, problems)
    broken: dict[int, list[Problem]] = {}
    for problem in problems:
        index = _case_of(problem)
        if index is None:
            raise InputError(problems)
        broken.setdefault(index, []).append(problem)
    trees = document.root["cases"]
    sound = [index for index in range(len(trees)) if index not in broken]
    if broken:
        rest = {**document.root, "cases": [trees[index] for index in sound]}
        read = _validated(rest, document, []) if sound else None
    cases: dict[int, ReadCase | BrokenCase] = {
        index: _broken_case(trees[index], index, document, found) for index, found in broken.items()
    }
    if read is None:
        return ReadCases(None, None, _in_order(cases))
    for index, case in zip(sound, read.cases, strict=True):
        cases[index] = _read_case(case, index, document)
    tiers = None if read.tiers is None else str(FilePath(file).parent / read.tiers)
    return ReadCases(tiers, read.venue, _in_order(cases))


def _validated(tree: Any, document: YamlDocument, problems: list[Problem]) -> CaseFile | None:
    return validate(CaseFile, tree, (), lambda path, key: document.place(path, key=key), problems)


def _case_of(problem: Problem) -> int | None:
    """Return the index of the case that a problem is in, None for the file as a whole."""
    found = re.match(r"cases\[(\d+)\]", problem.place.path or "")
    return None if found is None else int(found[1])


def _broken_case(
    tree: Any, index: int, document: YamlDocument, problems: Iterable[Problem]
) -> BrokenCase:
    name = tree.get("name") if isinstance(tree, YamlMap) else None
    place = document.place(("cases", index))
    return BrokenCase(name if isinstance(name, str) else None, place, tuple(problems))


def _in_order(cases: dict[int, ReadCase | BrokenCase]) -> tuple[ReadCase | BrokenCase, ...]:
    return tuple(case for _, case in sorted(cases.items(), key=lambda item: item[0]))


def _read_case(case: Case, index: int, document: YamlDocument) -> ReadCase:
    path: Path = ("cases", index)
    node = document.root["cases"][index]["expect"]
    expected = tuple(
        _expected(field, expectation, node[field], document, (*path, "expect", field))
        for field, expectation in case.expect.items()
    )
    return ReadCase(case, document.place(path), _draft(case, document, path), expected)


def _draft(case: Case, document: YamlDocument, path: Path) -> AccountDraft:
    if case.position is not None:
        origin = YamlOrigin(document, (*path, "position"))
        alone = vars(case.position)
        backing = backing_of(alone)
        return AccountDraft((draft_of(alone),), (origin,), origin, backing, alone["venue"])
    account = case.account
    assert account is not None
    inside: Path = (*path, "account")
    positions = account.positions
    origins = [
        YamlOrigin(document, (*inside, "positions", index)) for index in range(len(positions))
    ]
    return AccountDraft(
        tuple(draft_of(vars(position)) for position in positions),
        tuple(origins),
        YamlOrigin(document, inside),
        backing_of(vars(account)),
        account.venue,
    )


def _expected(
    field: str, expectation: Expectation, node: Any, document: YamlDocument, path: Path
) -> Expected:
    if isinstance(node, YamlMap):
        path = (*path, "value") if "value" in node else path
        node = node.get("value")
    place = document.place(path)
    assert place.line is not None
    assert place.column is not None
    return Expected(field, expectation, place, Mark(place.line, place.column), node)
