"""The venues' rules, by the name that tier files call them."""

from collections.abc import Callable

from marginctl.core.rules import Rules
from marginctl.venues.binance import Binance
from marginctl.venues.bybit import Bybit
from marginctl.venues.hyperliquid import Hyperliquid
from marginctl.venues.lighter import Lighter
from marginctl.venues.tiered import Tiered
from marginctl.venues.trado import Trado

VENUE_RULES: dict[str, Callable[..., Rules]] = {
    "binance": Binance,
    "bybit": Bybit,
    "hyperliquid": Hyperliquid,
    "lighter": Lighter,
    "tiered": Tiered,
    "trado": Trado,
}
"""Each makes a venue's rules; ``closing_fee_rate`` is the one setting of a tier file."""
