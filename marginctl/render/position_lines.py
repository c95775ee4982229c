"""Positions as lines of JSON, for streams of millions."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any

from marginctl.core.report import TierReport
from marginctl.render.data import tier_data, value_text
from marginctl.render.fields import Field
from marginctl.render.numbers import plain
from marginctl.render.scripts import ndjson_line
from marginctl.render.view import PositionView

_NUMBERS = frozenset({"size", "price", "amount", "fraction", "multiple"})


class PositionLines:
    """Writes the given fields: the same text as of `position_data`, without making the object.

    What does not change from line to line is prepared: names, order, and how a field is written.
    """

    def __init__(self, fields: Sequence[Field], venue: str | None = None) -> None:
        """Prepare lines of these fields, which begin with the venue if it is given."""
        lead = [] if venue is None else [f'"venue":{json.dumps(venue)}'.replace("%", "%%")]
        names = (json.dumps(field.name) for field in fields)
        self._template = "{" + ",".join([*lead, *(f"{name}:%s" for name in names)]) + "}"
        roots = [_root(field.name) for field in fields]
        # with one more name, as it would give no tuple for a single one
        self._values: Callable[[PositionView], tuple[Any, ...]] = attrgetter(*roots, "report")
        self._writers = [_writer(field) for field in fields]

    def line(self, shown: PositionView) -> str:
        """Return a position as one line, without its end."""
        values = zip(self._writers, self._values(shown), strict=False)
        return self._template % tuple([write(value) for write, value in values])


def _root(name: str) -> str:
    """Return where the value of a field begins: a part of a tier with the whole tier."""
    if name == "exchange_liquidation_price":
        return "recorded_price"
    return f"report.{name.partition('.')[0]}"


def _writer(field: Field) -> Callable[[Any], str]:
    tier_part = field.name.partition(".")[2]
    if tier_part:
        return partial(_tier_part, tier_part)
    if field.unit in _NUMBERS:
        return _number
    return _tier if field.unit == "tier" else _other


def _number(value: Any) -> str:
    return "null" if value is None else f'"{plain(value)}"'


@lru_cache(maxsize=4096)
def _tier(tier: TierReport | None) -> str:
    return "null" if tier is None else ndjson_line(tier_data(tier))


@lru_cache(maxsize=4096)
def _tier_part(name: str, tier: TierReport | None) -> str:
    return "null" if tier is None else ndjson_line(value_text(getattr(tier, name)))


@lru_cache(maxsize=4096, typed=True)  # a long side equals True
def _other(value: Any) -> str:
    """Return a word or a flag as JSON; there are few, again and again."""
    return ndjson_line(value_text(value))
