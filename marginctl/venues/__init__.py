"""The venues' rules, by the name that tier files call them."""

from collections.abc import Callable

from marginctl.core.rules import Rules
from marginctl.venues.hyperliquid import Hyperliquid
from marginctl.venues.tiered import Tiered
from marginctl.venues.trado import Trado

RULES: dict[str, Callable[..., Rules]] = {
    "hyperliquid": Hyperliquid,
    "tiered": Tiered,
    "trado": Trado,
}
"""Each makes a venue's rules; ``closing_fee_rate`` is the one setting of a tier file."""
