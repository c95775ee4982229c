"""Files of cases: positions, and what is expected of them.

Numbers are read from their text, exactly. Positions and accounts have the keys of the own JSON
format; here they carry descriptions, and numbers as YAML writes them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from marginctl.checks.problem import KeyPath
from marginctl.load.inputs import AccountInput
from marginctl.load.keys import ACCOUNT, LONE_POSITION, POSITION, Form, Key, ValueKind
from marginctl.load.models import StrictModel, model_of, validate
from marginctl.load.other_forms import TIER_FILE
from marginctl.load.positions import funds_of, position_input_of
from marginctl.load.problems import InputError, Place, Problem, Source
from marginctl.load.tier_models import TYPES, Flag, Rate, TierFileEntry
from marginctl.load.yaml_text import TextMark, YamlDocument, YamlMap, read_yaml

Scalar = str | None
"""A number, true, false, a word or null, as it is written."""


_ACCOUNT: Form = {
    **ACCOUNT,
    "positions": Key(ValueKind.POSITIONS, "The positions of the account.", required=True),
}
CasePosition = model_of(
    "CasePosition", "A position: the keys of the own JSON format.", POSITION, TYPES
)
CaseLonePosition = model_of(
    "CaseLonePosition",
    "A position that stands alone, with what backs it.",
    LONE_POSITION,
    TYPES,
)
CaseAccount = model_of(
    "CaseAccount",
    "Several positions, and what backs them.",
    _ACCOUNT,
    {**TYPES, ValueKind.POSITIONS: list[CasePosition]},  # type: ignore[valid-type]
)


class Expectation(StrictModel):
    """What is expected of a field: a value, exact or with a tolerance, or a range."""

    value: Scalar = Field(
        None, description="Exact value: a number, true, false, a word, or null for none."
    )
    tolerance: Rate | None = Field(
        None, description="How far a number may differ from the value, either way."
    )
    min: Rate | None = Field(None, description="Lowest number that is accepted.")
    max: Rate | None = Field(None, description="Highest number that is accepted.")

    @model_validator(mode="before")
    @classmethod
    def _from_value(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return value
        if isinstance(value, list):
            raise ValueError("expected a value, or a mapping with value, min or max")
        return {"value": value}

    @model_validator(mode="after")
    def _is_clear(self) -> "Expectation":
        given = self.model_fields_set
        if ("value" in given) == bool(given & {"min", "max"}):
            raise ValueError("give either a value, or a range with min, max or both")
        if self.tolerance is not None and ("value" not in given or self.tolerance < 0):
            raise ValueError("a tolerance must not be negative, and needs a value")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is above max")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Let editors accept a bare value too, and a value of any plain kind."""
        inner = handler.resolve_ref_schema(handler(core_schema))
        plain = ["string", "number", "boolean", "null"]
        inner["properties"]["value"] |= {"type": plain}
        inner["properties"]["value"].pop("anyOf", None)
        return {"anyOf": [{"type": plain}, inner], "description": inner["description"]}


class Case(StrictModel):
    """One case: a position or an account, and what is expected of it."""

    name: str = Field(description="What the case says, in words.")
    position: CaseLonePosition | None = Field(  # type: ignore[valid-type]
        None, description="One position."
    )
    account: CaseAccount | None = Field(  # type: ignore[valid-type]
        None, description="An account of several positions."
    )
    expect: Annotated[dict[str, Expectation], Field(min_length=1)] = Field(
        description="Fields of the report, such as liquidation_price, tier.max_leverage or "
        "cross.available; those of an account's positions as positions[0].notional."
    )
    update: Flag = Field(False, description="Whether --update may write the actual values here.")

    @model_validator(mode="after")
    def _has_one_subject(self) -> "Case":
        if (self.position is None) == (self.account is None):
            raise ValueError("a case is about a position or an account: give one of the two")
        return self


class CaseFile(StrictModel):
    """A file of cases."""

    tiers: str | None = Field(
        None, description="Tier file, relative to this file; the one in use by default."
    )
    venue: str | None = Field(None, description="Venue of the tier file; its default one else.")
    cases: list[Case] = Field(description="The cases.", min_length=1)


@dataclass(frozen=True)
class Expected:
    """What is expected of one field; ``mark`` is where its value stands, ``written`` what does.

    For a range these are the place of the range, and None.
    """

    field: str
    expectation: Expectation
    place: Place
    mark: TextMark
    written: str | None


@dataclass(frozen=True)
class ReadCase:
    """A case: its account, and what is expected of it."""

    case: Case
    place: Place
    account_input: AccountInput
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
        raise InputError.of(TIER_FILE.message, TIER_FILE.hint, document.place())
    problems = list(document.problems)
    read = _valid_file(document.root, document, problems)
    broken: dict[int, list[Problem]] = {}
    for problem in problems:
        index = _case_index(problem)
        if index is None:
            raise InputError(problems)
        broken.setdefault(index, []).append(problem)
    trees = document.root["cases"]
    sound = [index for index in range(len(trees)) if index not in broken]
    if broken:
        rest = {**document.root, "cases": [trees[index] for index in sound]}
        read = _valid_file(rest, document, []) if sound else None
    cases: dict[int, ReadCase | BrokenCase] = {
        index: _broken_case(trees[index], index, document, found) for index, found in broken.items()
    }
    if read is None:
        return ReadCases(None, None, _in_file_order(cases))
    for index, case in zip(sound, read.cases, strict=True):
        cases[index] = _read_case(case, index, document)
    tiers = None if read.tiers is None else str(Path(file).parent / read.tiers)
    return ReadCases(tiers, read.venue, _in_file_order(cases))


def _valid_file(tree: Any, document: YamlDocument, problems: list[Problem]) -> CaseFile | None:
    return validate(CaseFile, tree, document.source, problems)


def _case_index(problem: Problem) -> int | None:
    """Return the index of the case that a problem is in, None for the file as a whole."""
    found = re.match(r"cases\[(\d+)\]", problem.place.path or "")
    return None if found is None else int(found[1])


def _broken_case(
    tree: Any, index: int, document: YamlDocument, problems: Iterable[Problem]
) -> BrokenCase:
    name = tree.get("name") if isinstance(tree, YamlMap) else None
    place = document.place("cases", index)
    return BrokenCase(name if isinstance(name, str) else None, place, tuple(problems))


def _in_file_order(cases: dict[int, ReadCase | BrokenCase]) -> tuple[ReadCase | BrokenCase, ...]:
    return tuple(case for _, case in sorted(cases.items(), key=lambda item: item[0]))


def _read_case(case: Case, index: int, document: YamlDocument) -> ReadCase:
    path: KeyPath = ("cases", index)
    node = document.root["cases"][index]["expect"]
    expected = tuple(
        _expected(field, expectation, node[field], document, (*path, "expect", field))
        for field, expectation in case.expect.items()
    )
    source = document.source.inside(*path)
    return ReadCase(case, source.place(), _account_input(case, source), expected)


def _account_input(case: Case, source: Source) -> AccountInput:
    if case.position is not None:
        position = source.inside("position")
        alone = vars(case.position)
        backing = funds_of(alone)
        return AccountInput(
            (position_input_of(alone),), (position,), position, backing, alone["venue"]
        )
    account = vars(case.account)
    inside = source.inside("account")
    positions = account["positions"]
    sources = [inside.inside("positions", index) for index in range(len(positions))]
    return AccountInput(
        tuple(position_input_of(vars(position)) for position in positions),
        tuple(sources),
        inside,
        funds_of(account),
        account["venue"],
    )


def _expected(
    field: str, expectation: Expectation, node: Any, document: YamlDocument, path: KeyPath
) -> Expected:
    if isinstance(node, YamlMap):
        path = (*path, "value") if "value" in node else path
        node = node.get("value")
    place = document.place(*path)
    assert place.line is not None
    assert place.column is not None
    return Expected(field, expectation, place, TextMark(place.line, place.column), node)


_DIALECT = "https://json-schema.org/draft/2020-12/schema"

MODELS: dict[str, type[BaseModel]] = {"tiers": TierFileEntry, "tests": CaseFile}
"""The model of each kind of file. ``marginctl/schema`` holds what `schema_of` makes of it, as
KIND.schema.json.
"""


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file."""
    return {"$schema": _DIALECT, **MODELS[kind].model_json_schema()}
