"""What a venue of a tier file states, as the rules and the core take it."""

from collections.abc import Mapping
from typing import Any

from marginctl.checks.findings import Hit, Path
from marginctl.checks.stated import StatedAsset, StatedTier, StatedVenue
from marginctl.venues import RULES

Hits = dict[str, list[Hit]]
"""What a reader stumbled over, by rule."""


def state_venue(
    path: Path,
    name: str,
    fields: Mapping[str, Any],
    tables: Mapping[str, list[StatedTier]],
    assets: Mapping[str, StatedAsset],
    unread: frozenset[str] = frozenset(),
) -> StatedVenue:
    """Return a venue of the fields, tables and assets that could be read."""
    rules_name = fields.get("rules")
    make_rules = RULES.get(str(rules_name))
    return StatedVenue(
        path=path,
        name=name,
        rules_name=rules_name,
        rules=None if make_rules is None else make_rules(),
        quote=fields.get("quote"),
        as_of=fields.get("as_of"),
        source=fields.get("source"),
        partial=bool(fields.get("partial")),
        archived=bool(fields.get("archived")),
        closing_fee_rate=fields.get("closing_fee_rate"),
        tables=tables,
        assets=assets,
        unread=unread,
    )
