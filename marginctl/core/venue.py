"""A venue: its rules and the assets traded under them."""

from collections.abc import Mapping
from dataclasses import dataclass

from marginctl.core.position import Asset
from marginctl.core.rules import Rules


@dataclass(frozen=True, slots=True, eq=False)
class Venue:
    """A named venue. ``quote`` is the currency of every amount.

    ``beside`` are the assets among its own that the tier file does not know, as the exchange's
    metas have them, of which there are positions.
    """

    name: str
    rules: Rules
    quote: str
    assets: Mapping[str, Asset]
    beside: tuple[Asset, ...] = ()
