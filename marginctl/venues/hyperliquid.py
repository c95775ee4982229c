"""Hyperliquid, and front ends on top of it such as Mass.

Source: Hyperliquid documentation (margining, margin tiers, liquidations), read in 2026, and
recorded exchange responses of January 2024 to September 2026.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from marginctl.core.margin import Stake
from marginctl.core.position import Asset, AssetMode
from marginctl.core.rules import Addition, Requirement, Totals

TRANSFER_RATIO = Decimal("0.1")
"""The part of the notional that must stay after a removal, whatever the leverage."""
PARTIAL_ABOVE = Decimal(100_000)
"""The notional above which a liquidation begins with a part of the position."""
PARTIAL_SHARE = Decimal("0.2")
"""The part that goes first; for 30 seconds after it whole positions go."""

BUILDER_MARKET = re.compile(r"[a-z0-9]+:[^:/]+")
"""The name of a builder-deployed market, its exchange before its coin: xyz:NVDA."""
BUILDER_TIERS = 3
"""The most tiers of a builder-deployed market."""


@dataclass(frozen=True, slots=True)
class Hyperliquid:
    """Isolated and cross margin with tiers, and limits on what may be transferred out."""

    closing_fee_rate: Decimal = Decimal(0)
    name: str = "hyperliquid"
    amount_step: Decimal = Decimal("0.000001")
    whole_leverage: bool = True
    max_leverage: int = 50
    own_rates: bool = False
    has_cross: bool = True
    backstop_share: tuple[int, int] | None = (2, 3)
    removal_is_exclusive: bool = False
    removal_formula: str = "max(initial_margin, 0.1 · notional)"

    def liquidates(self, equity: Decimal, required: Decimal) -> bool:
        """Equity below maintenance is liquidated; equal to it is not."""
        return equity < required

    def must_stay(self, asset: Asset, stake: Stake) -> Requirement:
        """max(initial margin, 0.1 · notional); on strict-isolated assets everything stays."""
        needed = _transfer_requirement(stake.initial, stake.notional, stake.terms.unit)
        if asset.mode is AssetMode.STRICT:
            return Requirement("strict_isolated", needed.parts, frozen=True)
        return needed

    def must_stay_in_account(self, totals: Totals) -> Requirement:
        """max(sum of initial margins, 0.1 · sum of notionals)."""
        return _transfer_requirement(totals.initial, totals.notional, totals.unit)

    def may_add(self, stake: Stake, equity: Decimal, available: Decimal | None) -> Addition:
        """What the cross account may give: an addition is a transfer out of it."""
        if available is None:
            return Addition(None, None)
        return Addition(available * stake.terms.unit, "cross_account")

    def max_tiers(self, asset: str) -> int | None:
        """Three for a builder-deployed market [docs: HIP-3 deployer actions, RawMarginTable]."""
        return BUILDER_TIERS if self.whole_bounds(asset) else None

    def whole_bounds(self, asset: str) -> bool:
        """The bounds of builder-deployed markets are whole [docs: RawMarginTier]."""
        return BUILDER_MARKET.fullmatch(asset) is not None

    def notes(self, asset: Asset, notional: Decimal, quote: str) -> list[str]:
        """Say how a large position goes: a fifth first."""
        if notional <= PARTIAL_ABOVE:
            return []
        message = (
            f"a liquidation starts with {PARTIAL_SHARE:.0%} of the position, as it is above "
            f"{PARTIAL_ABOVE:,} {quote}; whole positions go during the 30 s after"
        )
        return [message]


def _transfer_requirement(initial: Decimal, notional: Decimal, unit: int) -> Requirement:
    floor = TRANSFER_RATIO * notional * unit
    if initial >= floor:
        return Requirement("initial_margin", initial)
    return Requirement("transfer_ratio", floor)
