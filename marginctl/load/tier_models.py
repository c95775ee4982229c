"""The form of a tier file. Numbers are read from their text, exactly."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from marginctl.load.numbers import read_decimal
from marginctl.venues import RULES


def _number(value: Any) -> Decimal:
    return _read(value, fraction=False)


def _fraction(value: Any) -> Decimal:
    return _read(value, fraction=True)


def _read(value: Any, *, fraction: bool) -> Decimal:
    if not isinstance(value, str):
        raise ValueError("a number is missing here")
    if re.match(r"[+-]?0[\d_]", value):
        raise ValueError(f"{value[:40]!r} begins with a zero, which YAML takes for octal")
    return read_decimal(value, fraction=fraction)


def _whole(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"0|[1-9]\d{0,2}", value, re.ASCII):
        return int(value)
    raise ValueError(f"{str(value)[:40]!r} is not a small whole number")


def _boolean(value: Any) -> bool:
    if isinstance(value, str) and value in {"true", "false"}:
        return bool(value == "true")
    raise ValueError(f"{str(value)[:40]!r} is neither true nor false")


def read_day(value: Any) -> date:
    """Return the day that a text such as 2026-01-14 states.

    Raises:
        ValueError: with the reason, in words.
    """
    text = str(value)
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"{text[:40]!r} is not a date such as 2026-01-14")


def _schema(kind: str, pattern: str) -> WithJsonSchema:
    """Say what an editor, whose YAML reads 1_000 and 0.5% as texts, may see as a number."""
    return WithJsonSchema({"anyOf": [{"type": kind}, {"type": "string", "pattern": pattern}]})


_DIGITS = r"([0-9]+(_[0-9]+)*\.?([0-9]+(_[0-9]+)*)?|\.[0-9]+(_[0-9]+)*)([eE][+-]?[0-9]+)?"
Number = Annotated[Decimal, BeforeValidator(_number), _schema("number", f"^[+-]?{_DIGITS}$")]
Rate = Annotated[Decimal, BeforeValidator(_fraction), _schema("number", f"^[+-]?{_DIGITS}( ?%)?$")]
Whole = Annotated[
    int,
    BeforeValidator(_whole),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 999}),
]
Flag = Annotated[bool, BeforeValidator(_boolean)]
Day = Annotated[
    date,
    BeforeValidator(read_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}),
]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TierEntry(_Entry):
    """One tier of a table."""

    lower_bound: Number = Field(description="Notional from which the tier applies; 0 first.")
    max_leverage: Number = Field(description="Highest leverage that may be chosen in the tier.")
    maintenance_margin_rate: Rate | None = Field(
        None,
        description="Maintenance margin rate; half of 1/max_leverage unless stated.",
    )
    maintenance_deduction: Number | None = Field(
        None,
        description="Deduction as published; checked against the one that follows.",
    )
    upper_bound: Number | None = Field(
        None,
        description="Notional at which the tier ends, where the next one begins; notionals above "
        "that of the last tier are refused, not extrapolated.",
    )


class AssetEntry(_Entry):
    """One asset: it refers to a table, or states its one max leverage."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["table"]}, {"required": ["max_leverage"]}]}
    )

    table: str | None = Field(None, description="Name of a table of this venue.")
    max_leverage: Number | None = Field(None, description="Max leverage of an asset of one tier.")
    size_decimals: Whole | None = Field(None, description="Decimals of a size.")
    margin_mode: Literal["normal", "no_cross", "strict"] = Field(
        "normal",
        description="no_cross: isolated only. strict: isolated only, no margin can be removed.",
    )
    delisted: Flag = Field(False, description="No longer traded.")


class VenueEntry(_Entry):
    """One venue: whose rules it follows, and its tables and assets."""

    rules: str = Field(
        description=f"Whose margin rules apply: {' or '.join(RULES)}.",
        json_schema_extra={"enum": list(RULES)},
    )
    quote: str = Field(description="Currency of every amount.")
    as_of: Day | None = Field(None, description="Day on which the exchange showed these tiers.")
    source: str | None = Field(None, description="Where the figures come from.")
    partial: Flag = Field(
        False, description="Lists only some of the venue's assets: the others are not compared."
    )
    archived: Flag = Field(
        False, description="Kept for history: its age is neither warned of nor checked."
    )
    closing_fee_rate: Rate | None = Field(
        None,
        description="Fee to close that liquidation counts, as a fraction of size · price.",
    )
    tables: dict[str, list[TierEntry]] = Field({}, description="Named tier tables.")
    assets: dict[str, AssetEntry] = Field(
        description="Assets by name.", json_schema_extra={"minProperties": 1}
    )


class TierFileEntry(_Entry):
    """A tier file: which leverage each asset of a venue allows, and what it must keep as margin."""

    model_config = ConfigDict(title="Tier file of marginctl")

    default_venue: str | None = Field(None, description="Venue that is meant unless one is named.")
    venues: dict[str, VenueEntry] = Field(
        description="Venues by name.", json_schema_extra={"minProperties": 1}
    )
