"""The prices at which something happens to a position: liquidation, backstop, bankruptcy."""

from decimal import Decimal
from typing import NamedTuple

from marginctl.core.liquidation import (
    BANKRUPTCY,
    LIQUIDATION,
    Root,
    Threshold,
    meeting_point,
)
from marginctl.core.margin import Stake
from marginctl.core.numbers import ZERO, exactly, quotient
from marginctl.core.position import Position, Side
from marginctl.core.rules import Rules
from marginctl.core.tiers import Tier


class Prices(NamedTuple):
    """Prices in the quote currency, None where this price alone cannot do it.

    ``distance`` is side · (mark - liquidation) / mark: negative when already liquidatable.
    ``tier`` is the one at the liquidation notional. ``missing`` says why there is no liquidation
    price: ``safe``, ``lost`` (liquidatable at every price) or ``beyond_tiers``.
    """

    liquidation: Decimal | None
    distance: Decimal | None
    tier: Tier | None
    backstop: Decimal | None
    bankruptcy: Decimal | None
    missing: str | None


@exactly
def threshold_prices(
    position: Position, figures: Stake, equity: Decimal, others: Decimal, rules: Rules
) -> Prices:
    """Return the prices of a position whose equity, and others' maintenance, are given in parts.

    Liquidation: equity = maintenance + closing fee. Backstop: equity = the venue's share of
    maintenance. Bankruptcy: equity = 0. Quotients of 50 digits.
    Source: Hyperliquid documentation (liquidations), Trado documentation (margin rate).
    """
    side, size = position.side, position.size
    threshold = Threshold(LIQUIDATION, rules.closing_fee_rate, others)
    root = meeting_point(side, size, figures, equity, threshold)
    missing = _why_missing(root, side, size)
    liquidation = distance = tier = backstop = None
    if missing is None:
        liquidation, tier = root.price, root.tier
        # s·(mark - price)/mark with mark = notional/size and price = numerator/denominator
        at_mark = figures.notional * root.denominator
        distance = quotient(side * (at_mark - size * root.numerator), at_mark)
    if rules.backstop_share is not None:
        threshold = Threshold(rules.backstop_share, ZERO, others)
        root = meeting_point(side, size, figures, equity, threshold)
        backstop = None if root.beyond(size, root.tier.upper_bound) else root.price
    bankruptcy = meeting_point(side, size, figures, equity, Threshold(BANKRUPTCY)).price
    return Prices(liquidation, distance, tier, backstop, bankruptcy, missing)


def _why_missing(root: Root, side: Side, size: Decimal) -> str | None:
    if root.numerator <= 0:
        return "safe" if side is Side.LONG else "lost"
    return "beyond_tiers" if root.beyond(size, root.tier.upper_bound) else None
