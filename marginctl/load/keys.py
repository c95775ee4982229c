"""The forms of our own files, declared once: their keys, what they mean and how values are read.

From them come the quick readers of `tier_file` and `inputs`, and the pydantic models of `models`,
`tier_models` and `cases`, which say what is wrong and make the JSON Schemas.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from marginctl.load.numbers import read_decimal
from marginctl.venues import VENUE_RULES


class ValueKind(Enum):
    """How a value is read."""

    NUMBER = "number"
    RATE = "rate"
    TEXT = "text"
    WHOLE = "whole"
    FLAG = "flag"
    DAY = "day"
    TABLES = "tables"
    ASSETS = "assets"
    VENUES = "venues"
    POSITIONS = "positions"


class Key(NamedTuple):
    """One key: how its value is read, and what it means.

    ``words`` are all that the value may be. ``schema`` is added to its JSON Schema.
    """

    kind: ValueKind
    meaning: str
    required: bool = False
    default: Any = None
    words: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None


Form = Mapping[str, Key]
ReadValue = Callable[[Any], Any]
"""Returns what a value states.

Raises:
    ValueError: it states nothing that fits, with the reason in words.
    TypeError: it is not of the kind at all.
"""
Readers = Mapping[str, ReadValue]
"""How the value of each key is read."""


def readers_of(form: Form, by_kind: Mapping[ValueKind, ReadValue]) -> Readers:
    """Return how the value of each key of a form is read; of a word, whether it is one."""
    return {
        name: {word: word for word in key.words}.__getitem__ if key.words else by_kind[key.kind]
        for name, key in form.items()
    }


TIER: Form = {
    "lower_bound": Key(
        ValueKind.NUMBER, "Notional from which the tier applies; 0 first.", required=True
    ),
    "max_leverage": Key(
        ValueKind.NUMBER, "Highest leverage that may be chosen in the tier.", required=True
    ),
    "maintenance_margin_rate": Key(
        ValueKind.RATE, "Maintenance margin rate; half of 1/max_leverage unless stated."
    ),
    "maintenance_deduction": Key(
        ValueKind.NUMBER, "Deduction as published; checked against the one that follows."
    ),
    "upper_bound": Key(
        ValueKind.NUMBER,
        "Notional at which the tier ends, where the next one begins; notionals above "
        "that of the last tier are refused, not extrapolated.",
    ),
}
ASSET: Form = {
    "table": Key(ValueKind.TEXT, "Name of a table of this venue."),
    "max_leverage": Key(ValueKind.NUMBER, "Max leverage of an asset of one tier."),
    "size_decimals": Key(ValueKind.WHOLE, "Decimals of a size."),
    "margin_mode": Key(
        ValueKind.TEXT,
        "no_cross: isolated only. strict: isolated only, no margin can be removed.",
        default="normal",
        words=("normal", "no_cross", "strict"),
    ),
    "delisted": Key(ValueKind.FLAG, "No longer traded.", default=False),
}
VENUE: Form = {
    "rules": Key(
        ValueKind.TEXT,
        f"Whose margin rules apply: {' or '.join(VENUE_RULES)}.",
        required=True,
        schema={"enum": list(VENUE_RULES)},
    ),
    "quote": Key(ValueKind.TEXT, "Currency of every amount.", required=True),
    "as_of": Key(ValueKind.DAY, "Day on which the exchange showed these tiers."),
    "source": Key(ValueKind.TEXT, "Where the figures come from."),
    "partial": Key(
        ValueKind.FLAG,
        "Lists only some of the venue's assets: the others are not compared.",
        default=False,
    ),
    "archived": Key(
        ValueKind.FLAG, "Kept for history: its age is neither warned of nor checked.", default=False
    ),
    "closing_fee_rate": Key(
        ValueKind.RATE, "Fee to close that liquidation counts, as a fraction of size · price."
    ),
    "tables": Key(ValueKind.TABLES, "Named tier tables.", default={}),
    "assets": Key(ValueKind.ASSETS, "Assets by name.", required=True, schema={"minProperties": 1}),
}
FILE: Form = {
    "default_venue": Key(ValueKind.TEXT, "Default venue of the file."),
    "venues": Key(ValueKind.VENUES, "Venues by name.", required=True, schema={"minProperties": 1}),
}


POSITION: Form = {
    "asset": Key(ValueKind.TEXT, "Name of the asset, such as ETH.", required=True),
    "side": Key(
        ValueKind.TEXT, "long or short (default: the sign of the size).", words=("long", "short")
    ),
    "size": Key(ValueKind.NUMBER, "Size in units of the asset; negative is short.", required=True),
    "entry_price": Key(ValueKind.NUMBER, "Average entry price.", required=True),
    "mark_price": Key(ValueKind.NUMBER, "Mark price; the entry price by default."),
    "leverage": Key(ValueKind.NUMBER, "Chosen leverage.", required=True),
    "margin_mode": Key(
        ValueKind.TEXT, "isolated or cross; isolated by default.", words=("isolated", "cross")
    ),
    "margin": Key(
        ValueKind.NUMBER, "Margin posted, PnL excluded; size · entry price / leverage by default."
    ),
    "equity": Key(ValueKind.NUMBER, "Margin including PnL."),
}
"""A position. In JSON nothing is required: flags may add what a file leaves out."""
ACCOUNT: Form = {
    "venue": Key(ValueKind.TEXT, "Venue of the tier file; the file's own venue by default."),
    "collateral": Key(ValueKind.NUMBER, "Cash that backs cross positions and limits additions."),
    "account_value": Key(ValueKind.NUMBER, "Value of the cross account, including PnL."),
}
"""What an account says besides its positions."""
LONE_POSITION: Form = {**ACCOUNT, **POSITION}
"""A position that stands alone, with what backs it."""


def required_keys(form: Form) -> frozenset[str]:
    """Return the keys that must be there."""
    return frozenset(name for name, key in form.items() if key.required)


def written(form: Form, stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of some values a file states: not what is missing, nor what holds anyway."""
    return {
        name: stated[name]
        for name, key in form.items()
        if stated[name] is not None and (key.required or stated[name] != key.default)
    }


def read_number(value: Any) -> Decimal:
    """Return the number that a text of a YAML file states."""
    return _read_decimal(value, fraction=False)


def read_rate(value: Any) -> Decimal:
    """Return the rate that a text of a YAML file states, as a fraction or in percent."""
    return _read_decimal(value, fraction=True)


_OCTAL = re.compile(r"[+-]?0[\d_]")


def _read_decimal(value: Any, *, fraction: bool) -> Decimal:
    if not isinstance(value, str):
        raise ValueError("a number is missing")
    if _OCTAL.match(value):
        raise ValueError(f"{value[:40]!r} begins with a zero, which YAML reads as octal")
    return read_decimal(value, fraction=fraction)


def read_text(value: Any) -> str:
    """Return a text of a YAML file."""
    if not isinstance(value, str):
        raise TypeError
    return value


def read_whole(value: Any) -> int:
    """Return the small whole number that a text of a YAML file states."""
    if isinstance(value, str) and re.fullmatch(r"0|[1-9]\d{0,2}", value, re.ASCII):
        return int(value)
    raise ValueError(f"{str(value)[:40]!r} is not a small whole number")


def read_boolean(value: Any) -> bool:
    """Return whether a text of a YAML file says true or false."""
    if isinstance(value, str) and value in {"true", "false"}:
        return value == "true"
    raise ValueError(f"{str(value)[:40]!r} is neither true nor false")


def read_day(value: Any) -> date:
    """Return the day that a text such as 2026-01-14 states."""
    text = str(value)
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"{text[:40]!r} is not a date such as 2026-01-14")


YAML_READERS: Mapping[ValueKind, ReadValue] = {
    ValueKind.NUMBER: read_number,
    ValueKind.RATE: read_rate,
    ValueKind.TEXT: read_text,
    ValueKind.WHOLE: read_whole,
    ValueKind.FLAG: read_boolean,
    ValueKind.DAY: read_day,
}
"""How values of the plain kinds are read from the texts of a YAML file."""
