"""Hyperliquid, and front ends on top of it such as Mass.

Source: Hyperliquid documentation (margining, margin tiers, liquidations), read in 2026, and
recorded exchange responses of January 2024 to September 2026.
"""

import re
from decimal import Decimal

from marginctl.core.figures import MarginFigures
from marginctl.core.position import Asset, AssetMode
from marginctl.core.rules import Addition, Partial, Requirement, Rules, Totals, out_of_account

TRANSFER_RATIO = Decimal("0.1")
"""The part of the notional that must stay after a removal, whatever the leverage."""
PARTIAL = Partial(above=Decimal(100_000), share=Decimal("0.2"), cooldown_seconds=30)
"""A larger position is liquidated by a fifth first; during the cooldown whole positions go."""

BUILDER_MARKET = re.compile(r"[a-z0-9]+:[^:/]+")
"""The name of a builder-deployed market, its exchange before its coin: xyz:NVDA."""
BUILDER_TIERS = 3
"""The most tiers of a builder-deployed market."""


class Hyperliquid(Rules):
    """Isolated and cross margin with tiers, and limits on what may be transferred out."""

    name: str = "hyperliquid"
    usual_quote: str = "USDC"
    whole_leverage: bool = True
    max_leverage: int | None = 50
    own_rates: bool = False
    equal_leverages: bool = False
    limits_transfers: bool = True
    backstop_share: tuple[int, int] | None = (2, 3)
    backstop_taker: str = "the backstop"
    backstop_end: str = "the liquidator vault takes {what}, and nothing is returned"
    partial: Partial | None = PARTIAL
    collateral_elsewhere: str = (
        "the account uses collateral that is not in this file, as a unified account does: "
        "add its spotClearinghouseState"
    )
    removal_formula: str = "max(initial_margin, 0.1 · notional)"
    transfer_ratio: Decimal | None = TRANSFER_RATIO

    def limits(self, asset: Asset, margin_figures: MarginFigures) -> list[Requirement]:
        """max(initial margin, 0.1 · notional); on strict-isolated assets everything stays."""
        at_ratio = TRANSFER_RATIO * margin_figures.notional * margin_figures.terms.decimal_unit
        limits = [
            Requirement("initial_margin", margin_figures.initial),
            Requirement("transfer_ratio", at_ratio),
        ]
        if asset.mode is AssetMode.STRICT:
            kept = max(limit.parts for limit in limits)
            return [Requirement("strict_isolated", kept, frozen=True)]
        return limits

    def account_limits(self, totals: Totals) -> list[Requirement]:
        """max(sum of initial margins, 0.1 · sum of notionals), and what is held back.

        Of positions that are exempt the initial margin stands in for the tenth of the notional.
        """
        ratio_notional = totals.notional - totals.exempt_notional
        limits = [
            Requirement("initial_margin", totals.initial),
            Requirement(
                "transfer_ratio",
                TRANSFER_RATIO * ratio_notional * totals.unit + totals.exempt_initial,
            ),
        ]
        held = totals.orders + totals.unremovable
        if not held:
            return limits
        name = "resting_orders" if totals.orders > 0 else None
        if totals.unremovable > 0:
            name = "borrowing"
        return [Requirement(name or limit.name, limit.parts + held) for limit in limits]

    def may_add(
        self, margin_figures: MarginFigures, equity: Decimal, available: Decimal | None
    ) -> Addition:
        """What the cross account may give: an addition is a transfer out of it."""
        return out_of_account(margin_figures, available)

    def max_tiers(self, asset: str) -> int | None:
        """Three for a builder-deployed market [docs: HIP-3 deployer actions, RawMarginTable]."""
        return BUILDER_TIERS if self.whole_bounds(asset) else None

    def whole_bounds(self, asset: str) -> bool:
        """The bounds of builder-deployed markets are whole [docs: RawMarginTier]."""
        return BUILDER_MARKET.fullmatch(asset) is not None
