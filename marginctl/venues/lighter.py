"""Lighter: one maintenance rate per market, and a close-out at two thirds of it.

Source: Lighter documentation (liquidations), read in 2026; its public order book details, whose
margin fractions are in basis points; and an account recorded in August 2026. Not published, and
so unknown here: limits on removals and liquidation in parts.
"""

from marginctl.core.rules import Rules

CLOSEOUT_SHARE = (2, 3)
"""The close-out margin as a share of maintenance: below it positions are taken over."""
MAX_TIERS = 1
"""A market has one rate for every notional."""


class Lighter(Rules):
    """Cross and isolated margin, liquidated below maintenance and closed out below 2/3 of it."""

    name: str = "lighter"
    usual_quote: str = "USDC"
    backstop_share: tuple[int, int] | None = CLOSEOUT_SHARE
    backstop_taker: str = "the exchange"
    backstop_end: str = "the exchange closes out {what}"

    def max_tiers(self, asset: str) -> int | None:
        """One: there are no tiers."""
        return MAX_TIERS
