"""The form of a file of cases: positions, and what is expected of them.

Numbers are read from their text, exactly. Positions and accounts have the keys of the own JSON
format; here they carry descriptions, and numbers as YAML writes them.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from marginctl.load.entries import AccountEntry, PositionEntry
from marginctl.load.tier_models import Flag, Number, Rate

Scalar = str | None
"""A number, true, false, a word or null, as it is written."""


class CasePosition(PositionEntry):
    """A position: the keys of the own JSON format."""

    asset: str = Field(description="Name of the asset, such as ETH.")
    side: Literal["long", "short"] | None = Field(
        None, description="long or short; else the sign of the size, long by default."
    )
    size: Number = Field(description="Size in units of the asset; negative is short.")
    entry_price: Number = Field(description="Average entry price.")
    mark_price: Number | None = Field(None, description="Mark price; the entry price by default.")
    leverage: Number = Field(description="Leverage chosen.")
    margin_mode: Literal["isolated", "cross"] | None = Field(
        None, description="isolated or cross; isolated by default."
    )
    margin: Number | None = Field(
        None, description="Margin posted, PnL excluded; size · entry price / leverage by default."
    )
    equity: Number | None = Field(None, description="Margin with the PnL in it.")


class _Backing(AccountEntry):
    venue: str | None = Field(
        None, description="Venue of the tier file; the file's own venue by default."
    )
    collateral: Number | None = Field(
        None, description="Cash that backs cross positions and limits additions."
    )
    account_value: Number | None = Field(
        None, description="Value of the cross account, PnL included."
    )


class CaseLonePosition(CasePosition, _Backing):
    """A position that stands alone, with what backs it."""


class CaseAccount(_Backing):
    """Several positions, and what backs them."""

    positions: list[CasePosition] = Field(description="The positions of the account.")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expectation(_Entry):
    """What is expected of a field: a value, exact or with a tolerance, or a range."""

    value: Scalar = Field(
        None, description="Exact value: a number, true, false, a word, or null for none."
    )
    tolerance: Rate | None = Field(
        None, description="How far a number may lie from the value, either way."
    )
    min: Rate | None = Field(None, description="Lowest number that is accepted.")
    max: Rate | None = Field(None, description="Highest number that is accepted.")

    @model_validator(mode="before")
    @classmethod
    def _from_value(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return value
        if isinstance(value, list):
            raise ValueError("a value, or a mapping with value, min or max is expected here")
        return {"value": value}

    @model_validator(mode="after")
    def _is_clear(self) -> "Expectation":
        said = self.model_fields_set
        if ("value" in said) == bool(said & {"min", "max"}):
            raise ValueError("either a value is expected, or a range with min, max or both")
        if self.tolerance is not None and ("value" not in said or self.tolerance < 0):
            raise ValueError("a tolerance is not negative, and goes with a value")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min lies above max")
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


class Case(_Entry):
    """One case: a position or an account, and what is expected of it."""

    name: str = Field(description="What the case says, in words.")
    position: CaseLonePosition | None = Field(None, description="One position.")
    account: CaseAccount | None = Field(None, description="An account of several positions.")
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


class CaseFile(_Entry):
    """A file of cases."""

    tiers: str | None = Field(
        None, description="Tier file, relative to this file; the one in use by default."
    )
    venue: str | None = Field(None, description="Venue of the tier file; its default one else.")
    cases: list[Case] = Field(description="The cases.", min_length=1)
