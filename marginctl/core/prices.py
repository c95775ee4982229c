"""The prices at which something happens to a position: liquidation, backstop, bankruptcy."""

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from marginctl.core.liquidation import LIQUIDATION, Chain, Root, Threshold, chain, exhausted_at
from marginctl.core.margin import Stake
from marginctl.core.numbers import ZERO, exactly, quotient
from marginctl.core.position import Position, Side
from marginctl.core.rules import Rules
from marginctl.core.tiers import Terms, Tier


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
    position: Position,
    figures: Stake,
    equity: Decimal,
    others: Decimal,
    rules: Rules,
    other_fees: Decimal = ZERO,
) -> Prices:
    """Return the prices of a position whose equity is given in parts, and so are the maintenance
    of the account's other cross positions and the fees to close these.

    Liquidation: equity = maintenance + closing fee. Backstop: equity = the venue's share of
    maintenance. Bankruptcy: equity = 0. Quotients of 50 digits.
    Source: Hyperliquid documentation (liquidations), Trado documentation (margin rate).
    """
    side, size, terms = position.side, position.size, figures.terms
    to_liquidation, to_backstop = _chains(terms, side, rules.closing_fee_rate, rules.backstop_share)
    exhausted = exhausted_at(side, figures, equity)
    root = to_liquidation.meeting_point(size, exhausted, others + other_fees)
    missing = _why_missing(root, side, size, terms.end)
    liquidation = distance = tier = backstop = None
    if missing is None:
        liquidation, tier = root.price, root.tier
        # s·(mark - price)/mark with mark = notional/size and price = numerator/denominator
        at_mark = figures.notional * root.denominator
        distance = quotient(side * (at_mark - size * root.numerator), at_mark)
    if to_backstop is not None:
        root = to_backstop.meeting_point(size, exhausted, others)
        backstop = None if root.beyond(size, terms.end) else root.price
    bankruptcy = quotient(exhausted, size * terms.unit) if exhausted > 0 else None
    return Prices(liquidation, distance, tier, backstop, bankruptcy, missing)


@lru_cache(maxsize=4096)
def _chains(
    terms: Terms, side: Side, closing_fee_rate: Decimal, backstop_share: tuple[int, int] | None
) -> tuple[Chain, Chain | None]:
    """Return what equity meets at liquidation, and at the backstop where the venue has one."""
    return (
        chain(terms, side, Threshold(LIQUIDATION, closing_fee_rate)),
        None if backstop_share is None else chain(terms, side, Threshold(backstop_share)),
    )


def _why_missing(root: Root, side: Side, size: Decimal, end: Decimal | None) -> str | None:
    if root.numerator <= 0:
        return "safe" if side is Side.LONG else "lost"
    return "beyond_tiers" if root.beyond(size, end) else None
