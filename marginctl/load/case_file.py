"""Reading a file of cases."""

from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from marginctl.load.account_drafts import AccountDraft
from marginctl.load.case_models import Case, CaseFile, Expectation
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
class ReadCases:
    """A file of cases; ``tiers`` is the path of its tier file, None where it names none."""

    tiers: str | None
    venue: str | None
    cases: tuple[ReadCase, ...]


def read_cases(data: bytes, file: str) -> ReadCases:
    """Return the cases of a file.

    Raises:
        InputError: with every problem of form, and its place.
    """
    document = read_yaml(data, file)
    problems: list[Problem] = list(document.problems)
    read = validate(
        CaseFile, document.root, (), lambda path, key: document.place(path, key=key), problems
    )
    if read is None or problems:
        raise InputError(problems)
    folder = FilePath(file).parent
    return ReadCases(
        None if read.tiers is None else str(folder / read.tiers),
        read.venue,
        tuple(_read_case(case, index, document) for index, case in enumerate(read.cases)),
    )


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
