"""The neutral rules of a venue of which only the tiers are known.

Maintenance from tiers, liquidation where equity no longer carries it, bankruptcy, and nothing else:
limits on removals, a backstop, liquidation in parts and limits on losses are unknown, and are never
those of another venue. A tier file may state a fee to close, which liquidation then counts.
"""

from marginctl.core.rules import Rules


class Tiered(Rules):
    """Tiers and what follows from them."""

    name: str = "tiered"
    counts_closing_fee: bool = True
