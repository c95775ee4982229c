"""Binance USD-M futures; Aster runs the same engine.

Source: Binance FAQ "How to calculate liquidation price of USD-M futures contracts"
(b3c689c1f50a44cabb3a84e663b81d93) and "How to adjust or remove margin" (360038447311), read in
2026, and positions recorded from the exchange. Not published, and so unknown here: a backstop and
liquidation in parts.
"""

from collections.abc import Sequence
from decimal import Decimal

from marginctl.core.figures import MarginFigures
from marginctl.core.position import Asset, AssetMode
from marginctl.core.rules import Addition, Requirement, Rules, Totals, out_of_account

AMOUNT_STEP = Decimal("0.00000001")
"""Recorded wallets have eight decimals."""


class Binance(Rules):
    """Isolated and cross margin with tiers; what may be removed never includes profit."""

    name: str = "binance"
    amount_step: Decimal = AMOUNT_STEP
    whole_leverage: bool = True
    limits_transfers: bool = True
    removal_formula: str = "max(initial_margin, maintenance_margin + unrealized_pnl)"

    def limits(self, asset: Asset, margin_figures: MarginFigures) -> Sequence[Requirement]:
        """max(initial margin, maintenance margin + PnL) of the equity stays.

        It is max(0, min(W - MM, W + PnL - IM)) of the isolated wallet W = equity - PnL.
        """
        if asset.mode is AssetMode.STRICT:
            return Rules.limits(self, asset, margin_figures)
        return _transfer_limits(
            margin_figures.initial,
            margin_figures.maintenance,
            margin_figures.pnl,
            margin_figures.terms.unit,
        )

    def account_limits(self, totals: Totals) -> Sequence[Requirement]:
        """The same of the cross wallet and of the sums over the cross positions."""
        return _transfer_limits(totals.initial, totals.maintenance, totals.pnl, totals.unit)

    def may_add(
        self, margin_figures: MarginFigures, equity: Decimal, available: Decimal | None
    ) -> Addition:
        """What the cross wallet can give: an addition is a transfer out of it."""
        return out_of_account(margin_figures, available)


def _transfer_limits(
    initial: Decimal, maintenance: Decimal, pnl: Decimal, unit: int
) -> list[Requirement]:
    return [
        Requirement("initial_margin", initial),
        Requirement("profit_stays", maintenance + pnl * unit),
    ]
