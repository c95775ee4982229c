"""The JSON Schemas that ship are those of the models, and editors can rely on them."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from marginctl.load.cases import MODELS, schema_of
from tests.support import ROOT, TIERS, invoke

SHIPPED = ROOT / "marginctl" / "schema"
BROKEN = ROOT / "tests" / "checks" / "broken"


class EditorsLoader(yaml.SafeLoader):
    """YAML nearly as the language server reads it: 1.2 has no dates."""


EditorsLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path) -> Any:
    return yaml.load(path.read_bytes(), Loader=EditorsLoader)  # noqa: S506 - a safe loader


@pytest.mark.parametrize("kind", MODELS)
def test_a_shipped_schema_is_what_the_command_prints(kind: str) -> None:
    """To update it: marginctl tiers schema KIND > marginctl/schema/KIND.schema.json."""
    shipped = (SHIPPED / f"{kind}.schema.json").read_text(encoding="utf-8")
    assert invoke("tiers", "schema", kind).stdout == shipped


@pytest.mark.parametrize("kind", MODELS)
def test_a_schema_is_a_schema(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(kind))


def described(schema: Any) -> list[str]:
    """Return the keys that have no description."""
    models = [schema, *schema.get("$defs", {}).values()]
    return [
        key
        for model in models
        for key, value in model.get("properties", {}).items()
        if not value.get("description")
    ]


@pytest.mark.parametrize("kind", MODELS)
def test_every_key_of_a_schema_is_described(kind: str) -> None:
    assert described(schema_of(kind)) == []


def test_the_shipped_tier_file_is_valid_and_names_its_schema_for_editors() -> None:
    jsonschema.validate(read(TIERS), schema_of("tiers"))
    first = TIERS.read_text(encoding="utf-8").splitlines()[0]
    lead, _, schema = first.partition("$schema=")
    assert lead == "# yaml-language-server: "
    assert (TIERS.parent / schema).resolve() == SHIPPED / "tiers.schema.json"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"venues": {}}, ["venues"]),
        ({"venue": {}}, []),
        ({"rules": "kraken"}, ["venues", "x", "rules"]),
        ({"as_of": "14 January 2026"}, ["venues", "x", "as_of"]),
        ({"assets": {"A": {"max_leverage": "many"}}}, ["venues", "x", "assets", "A"]),
        ({"assets": {"A": {}}}, ["venues", "x", "assets", "A"]),
        ({"assets": {"A": {"max_leverage": 5, "table": "a"}}}, ["venues", "x", "assets", "A"]),
        ({"assets": {"A": {"max_leverag": 5}}}, ["venues", "x", "assets", "A"]),
        ({"tables": {"a": [{"lower_bound": 0}]}}, ["venues", "x", "tables", "a", 0]),
    ],
)
def test_an_editor_sees_what_is_wrong(change: dict[str, Any], path: list[str | int]) -> None:
    venue = {"rules": "hyperliquid", "quote": "USDC", "assets": {"A": {"max_leverage": "1_0"}}}
    tiers: dict[str, Any] = {"venues": {"x": venue}}
    jsonschema.validate(tiers, schema_of("tiers"))
    if change.keys() & {"venues", "venue"}:
        tiers |= change
    else:
        venue |= change
    errors = list(jsonschema.Draft202012Validator(schema_of("tiers")).iter_errors(tiers))
    assert any(list(error.absolute_path)[: len(path)] == path for error in errors)
