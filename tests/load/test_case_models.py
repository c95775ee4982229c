"""The form of a file of cases."""

from typing import Any

import pytest
from pydantic import BaseModel

from marginctl.load.cases import (
    BrokenCase,
    Case,
    CaseAccount,
    CaseFile,
    CaseLonePosition,
    CasePosition,
    Expectation,
    read_cases,
)


@pytest.mark.parametrize(
    "model", [CaseFile, Case, CaseAccount, CaseLonePosition, CasePosition, Expectation]
)
def test_every_key_is_described(model: type[BaseModel]) -> None:
    assert all(field.description for field in model.model_fields.values())


def test_a_json_schema_accepts_a_bare_value_and_a_mapping() -> None:
    schema: dict[str, Any] = CaseFile.model_json_schema()["$defs"]["Expectation"]
    bare, mapping = schema["anyOf"]
    assert bare == {"type": ["string", "number", "boolean", "null"]}
    assert set(mapping["properties"]) == {"value", "tolerance", "min", "max"}
    assert mapping["properties"]["value"]["type"] == bare["type"]


@pytest.mark.parametrize("value", ["{}", "[]", "[true]", "{true: true}", "1", "''"])
def test_what_is_neither_true_nor_false_has_its_place(value: str) -> None:
    text = f"tiers: t.yaml\ncases:\n  - name: a\n    update: {value}\n"
    (case,) = read_cases(text.encode(), "cases.yaml").cases
    assert isinstance(case, BrokenCase)
    told = [one for one in case.problems if "is neither true nor false" in one.message]
    assert [(one.place.line, one.place.path) for one in told] == [(4, "cases[0].update")]
