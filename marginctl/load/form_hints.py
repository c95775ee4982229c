"""What to write instead of a value that has another form: 50 for 50x, {table: a} for a."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from marginctl.load.json_text import JsonNumber

_UNITS = {"x": 1, "k": 10**3, "m": 10**6, "mm": 10**6, "mio": 10**6, "b": 10**9, "bn": 10**9}
_WITH_UNIT = re.compile(
    rf"[$€]?(\d[\d_]{{0,20}}(?:\.\d{{1,20}})?) ?({'|'.join(_UNITS)})?", re.ASCII | re.IGNORECASE
)


def hint_for(found: Mapping[str, Any]) -> str | None:
    """Return how to write what pydantic found to be wrong, None where nobody can tell."""
    kind, value, place = found["type"], found["input"], found["loc"]
    entry = found.get("ctx", {}).get("class_name")
    hint = None
    if kind == "value_error" and place[-1:] == ("as_of",):
        hint = _day(value)
    elif kind == "value_error":
        number = _plain_number(value)
        # a number of JSON in the place of a name is written as a string
        shown = f'"{value}"' if isinstance(value, JsonNumber) else number
        hint = None if number is None else f"write {shown}"
    elif kind == "list_type" and place[-2:-1] == ("tables",):
        hint = f"a table is a list: {place[-1]}: and below it - {_tier(value)}"
    elif kind == "dict_type" and place[-1:] == ("assets",):
        hint = "write each asset by its name, such as DOGE: {max_leverage: 10}"
    elif entry == "TierEntry":
        hint = f"write {_tier(value)}"
    elif entry == "AssetEntry":
        hint = _asset(str(place[-1]), value)
    elif entry == "VenueEntry":
        hint = "under the venue's name come rules, quote, as_of, tables and assets"
    return hint


def _day(value: Any) -> str:
    """Return how to write a day: 2026-11-01 for 1.11.2026, whose month nobody doubts."""
    text = str(value)
    found = re.fullmatch(r"(?P<y>\d{4})([-./]?)(?P<m>\d\d?)\2(?P<d>\d\d?)", text, re.ASCII)
    found = found or re.fullmatch(r"(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<y>\d{4})", text, re.ASCII)
    try:
        day = None if found is None else date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        day = None
    return "write the day as year-month-day" if day is None else f"write {day}"


def _plain_number(value: Any) -> str | None:
    """Return a number without its unit: 5_000_000 of 5M, 50 of 50x; None where it is none."""
    match = _WITH_UNIT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    number = Decimal(match[1].replace("_", "")) * _UNITS[(match[2] or "x").lower()]
    whole = number == number.to_integral_value()
    return f"{number:,.0f}".replace(",", "_") if whole else f"{number:f}"


def keyless_tier(value: Any) -> str | None:
    """Return how to write a tier of which only numbers are given, ``0: 50``; else None."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    ((bound, leverage),) = ((_plain_number(key), _plain_number(it)) for key, it in value.items())
    if bound is None or leverage is None:
        return None
    return f"write {{lower_bound: {bound}, max_leverage: {leverage}}}"


def _tier(value: Any) -> str:
    if isinstance(value, Mapping):
        bound, leverage = value.get("lower_bound"), value.get("max_leverage")
        return f"{{lower_bound: {bound or 0}, max_leverage: {leverage or 10}}}"
    return f"{{lower_bound: 0, max_leverage: {_plain_number(value) or 10}}}"


def _asset(name: str, value: Any) -> str:
    if isinstance(value, list):
        return f"tiers belong in a table under 'tables'; here, write {name}: {{table: NAME}}"
    if value is None:
        return f"write {name}: {{max_leverage: 10}} or {name}: {{table: NAME}}"
    number = _plain_number(value)
    if number is not None:
        return f"write {name}: {{max_leverage: {number}}}"
    return f"write {name}: {{table: {value}}}"
