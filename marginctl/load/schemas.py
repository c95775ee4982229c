"""The JSON Schemas of the files that people write, from the models that read them."""

from typing import Any

from pydantic import BaseModel

from marginctl.load.case_models import CaseFile
from marginctl.load.tier_models import TierFileEntry

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

MODELS: dict[str, type[BaseModel]] = {"tiers": TierFileEntry, "tests": CaseFile}
"""The model of each kind of file. ``marginctl/schema`` holds what `schema_of` makes of it, as
KIND.schema.json.
"""


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file."""
    return {"$schema": _DIALECT, **MODELS[kind].model_json_schema()}
