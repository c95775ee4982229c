"""Bybit's USDT perpetuals.

Source: Bybit help centre (liquidation price of USDT contracts; maintenance margin: value at the
mark · rate - deduction), read in 2026; the 35 deductions that are published for BTC follow from
bounds and rates. Not published, and so unknown here: limits on removals, a backstop and
liquidation in parts.
"""

from marginctl.core.rules import Rules


class Bybit(Rules):
    """Isolated and cross margin with tiers, no fee in the liquidation price."""

    name: str = "bybit"
