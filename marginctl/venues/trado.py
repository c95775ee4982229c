"""Trado: isolated margin only, with the closing fee inside the liquidation price.

Source: Trado documentation (perpetual: margining, liquidation, fees), read in 2026. Not published
and so chosen here: leverage is taken on the mark notional, and the margin that remains after a
removal includes unrealized PnL.
"""

from decimal import Decimal

from marginctl.core.figures import MarginFigures
from marginctl.core.position import Asset, AssetMode
from marginctl.core.rules import Addition, Requirement, Rules

CLOSING_FEE_RATE = Decimal("0.0006")
"""The taker fee on size · price, 0.06%; VIP accounts pay 10% less."""


class Trado(Rules):
    """One margin rate, equity / (maintenance + closing fee), liquidated at 1."""

    closing_fee_rate: Decimal = CLOSING_FEE_RATE
    name: str = "trado"
    usual_quote: str = "USDX"
    max_leverage: int | None = 100
    equal_leverages: bool = False
    has_cross: bool = False
    counts_closing_fee: bool = True
    limits_transfers: bool = True
    loss_is_limited: bool = True
    removal_is_exclusive: bool = True
    removal_formula: str = "max(maintenance_margin, notional / max_leverage)"

    def liquidates(self, equity: Decimal, required: Decimal) -> bool:
        """A margin rate of exactly 1 is liquidated."""
        return equity <= required

    def limits(self, asset: Asset, margin_figures: MarginFigures) -> list[Requirement]:
        """max(maintenance margin, notional / max leverage); more than that must remain.

        Trado has no strict-isolated assets; where a tier file makes one, nothing may go.
        """
        at_max_leverage = (
            margin_figures.notional * margin_figures.terms.scaled_tiers[0].initial_rate
        )
        if asset.mode is AssetMode.STRICT:
            kept = max(at_max_leverage, margin_figures.maintenance)
            return [Requirement("strict_isolated", kept, frozen=True)]
        return [
            Requirement("max_leverage", at_max_leverage),
            Requirement("maintenance_margin", margin_figures.maintenance),
        ]

    def may_add(
        self, margin_figures: MarginFigures, equity: Decimal, available: Decimal | None
    ) -> Addition:
        """min(wallet, notional - equity): effective leverage may not fall below 1."""
        unit = margin_figures.terms.unit
        down_to_1x = max(Decimal(0), margin_figures.notional * unit - equity)
        wallet = None if available is None else max(Decimal(0), available * unit)
        if wallet is not None and wallet < down_to_1x:
            return Addition(wallet, "wallet")
        return Addition(down_to_1x, "min_leverage")

    def notes(self) -> list[str]:
        """Say what Trado does not publish."""
        message = (
            "assumed, as Trado does not publish it: leverage is taken on the mark notional, and "
            "remaining margin includes unrealized PnL"
        )
        return [message]
