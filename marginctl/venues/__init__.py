"""The venues' rules, by the name that tier files call them."""

from marginctl.core.rules import Rules
from marginctl.venues.hyperliquid import Hyperliquid
from marginctl.venues.trado import Trado

RULES: dict[str, type[Rules]] = {
    "hyperliquid": Hyperliquid,
    "trado": Trado,
}
