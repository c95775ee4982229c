"""Venues of tier files whose form is right, without the means to say what would be wrong.

A start reads a tier file that has been read a thousand times before. Importing pydantic and
building its models takes longer than everything else of a start together, and their use is to
tell what is wrong: so they are called when something is. What is read here is what they read;
whatever this does not know, right or wrong, is left to them.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from marginctl.checks.stated import StatedAsset, StatedTier, StatedVenue
from marginctl.load.numbers import read_decimal
from marginctl.load.tier_stating import state_venue


def sound_venue(name: str, tree: Any) -> StatedVenue | None:
    """Return a venue from its tree of texts; None where that is more than is known here."""
    try:
        fields = _fields(tree, _VENUE)
        if not fields.keys() >= {"rules", "quote", "assets"}:
            return None
        tables = fields.get("tables", {})
        return state_venue(("venues", name), name, fields, tables, fields["assets"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


Reader = Callable[[Any], Any]


def _fields(tree: Any, readers: Mapping[str, Reader]) -> dict[str, Any]:
    if not isinstance(tree, dict):
        raise TypeError
    return {key: readers[key](value) for key, value in tree.items()}


_PLAIN = re.compile(r"(0|[1-9][0-9]{0,2}(_?[0-9]{3})*|[1-9][0-9]*)(\.[0-9]{1,20})?")


def _number(value: str) -> Decimal:
    if _PLAIN.fullmatch(value) is None:
        raise ValueError
    return read_decimal(value)


def _rate(value: str) -> Decimal:
    if _PLAIN.fullmatch(value.removesuffix("%")) is None:
        raise ValueError
    return read_decimal(value, fraction=True)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: str) -> int:
    if re.fullmatch(r"[0-9]|[1-9][0-9]", value) is None:
        raise ValueError
    return int(value)


def _day(value: str) -> date:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is None:
        raise ValueError
    return date.fromisoformat(value)


_flag = {"true": True, "false": False}.__getitem__

_TIER: Mapping[str, Reader] = {
    "lower_bound": _number,
    "max_leverage": _number,
    "maintenance_margin_rate": _rate,
    "maintenance_deduction": _number,
    "upper_bound": _number,
}
_ASSET: Mapping[str, Reader] = {
    "table": _text,
    "max_leverage": _number,
    "size_decimals": _whole,
    "margin_mode": {mode: mode for mode in ("normal", "no_cross", "strict")}.__getitem__,
    "delisted": _flag,
}


def _tables(tree: Any) -> dict[str, list[StatedTier]]:
    if not isinstance(tree, dict) or not all(isinstance(tiers, list) for tiers in tree.values()):
        raise TypeError
    return {name: [_tier(tier) for tier in tiers] for name, tiers in tree.items()}


def _tier(tree: Any) -> StatedTier:
    fields = _fields(tree, _TIER)
    # the keys that a tier must have: without them it is not sound
    return StatedTier(fields.pop("lower_bound"), fields.pop("max_leverage"), **fields)


def _assets(tree: Any) -> dict[str, StatedAsset]:
    if not isinstance(tree, dict):
        raise TypeError
    return {name: StatedAsset(**_fields(asset, _ASSET)) for name, asset in tree.items()}


_VENUE: Mapping[str, Reader] = {
    "rules": _text,
    "quote": _text,
    "as_of": _day,
    "source": _text,
    "partial": _flag,
    "archived": _flag,
    "closing_fee_rate": _rate,
    "tables": _tables,
    "assets": _assets,
}
