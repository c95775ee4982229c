"""A venue: its rules and the assets traded under them."""

from collections.abc import Mapping
from dataclasses import dataclass

from marginctl.core.position import Asset
from marginctl.core.rules import Rules


@dataclass(frozen=True, slots=True, eq=False)
class Venue:
    """A named venue. ``quote`` is the currency of every amount."""

    name: str
    rules: Rules
    quote: str
    assets: Mapping[str, Asset]
