"""The form of a tier file. Numbers are read from their text, exactly."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from marginctl.load.numbers import read_decimal


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
    if isinstance(value, str) and re.fullmatch(r"\d{1,3}", value, re.ASCII):
        return int(value)
    raise ValueError(f"{str(value)[:40]!r} is not a small whole number")


def _boolean(value: Any) -> bool:
    if value in {"true", "false"}:
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


Number = Annotated[Decimal, BeforeValidator(_number)]
Rate = Annotated[Decimal, BeforeValidator(_fraction)]
Whole = Annotated[int, BeforeValidator(_whole)]
Flag = Annotated[bool, BeforeValidator(_boolean)]
Day = Annotated[date, BeforeValidator(read_day)]


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
        description="Last tier only: notionals above it are refused, not extrapolated.",
    )


class AssetEntry(_Entry):
    """One asset: it refers to a table, or states its one max leverage."""

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

    rules: str = Field(description="Whose margin rules apply: hyperliquid or trado.")
    quote: str = Field(description="Currency of every amount.")
    as_of: Day | None = Field(None, description="Day on which the exchange showed these tiers.")
    source: str | None = Field(None, description="Where the figures come from.")
    closing_fee_rate: Rate | None = Field(
        None,
        description="Fee to close that liquidation counts, as a fraction of size · price.",
    )
    tables: dict[str, list[TierEntry]] = Field({}, description="Named tier tables.")
    assets: dict[str, AssetEntry] = Field(description="Assets by name.")
