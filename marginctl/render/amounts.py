"""How the amounts and prices of a screen are rounded, and when a figure is a danger.

Amounts are shown to the nearest; what a person acts on is shown on the safe side. All amounts of
a screen have as many decimals.
"""

from decimal import Decimal

from marginctl.core.position import Side
from marginctl.core.report import CrossReport, PositionReport
from marginctl.render.layout import CAUTION, DANGER
from marginctl.render.numbers import (
    ROUND_CEILING,
    ROUND_FLOOR,
    amount_decimals,
    decimals_for,
    grouped,
)

CAUTION_RATIO, DANGER_RATIO = Decimal("0.5"), Decimal("0.8")
"""The margin ratios from which a position is shown in yellow, and in red."""
CAUTION_DISTANCE, DANGER_DISTANCE = Decimal("0.05"), Decimal("0.02")
"""The distances to liquidation under which it is."""


class Money:
    """Shows the amounts of one screen, all with as many decimals."""

    def __init__(self, *amounts: Decimal | None) -> None:
        self.decimals = amount_decimals(amounts)

    def near(self, amount: Decimal) -> str:
        """Show what is told: to the nearest."""
        return grouped(amount, self.decimals)

    def low(self, amount: Decimal) -> str:
        """Show what may be acted on, such as what can be removed: rounded down."""
        return grouped(amount, self.decimals, ROUND_FLOOR)

    def high(self, amount: Decimal) -> str:
        """Show what is missing: rounded up, so that it is enough."""
        return grouped(amount, self.decimals, ROUND_CEILING)


def position_amounts(report: PositionReport) -> list[Decimal | None]:
    """Return the amounts of a position that decide how many decimals are shown."""
    margins = [report.initial_margin, report.maintenance_margin]
    return [report.notional, report.margin, report.equity, *margins]


def cross_amounts(cross: CrossReport) -> list[Decimal | None]:
    """Return the amounts of a cross account that decide how many decimals are shown."""
    return [cross.account_value, cross.notional, cross.initial_margin, cross.maintenance_margin]


def danger_price(price: Decimal, side: Side) -> str:
    """Show a price of liquidation, backstop or bankruptcy on the side that comes sooner.

    A long's rounds up and a short's down, wherever the mark is.
    """
    return grouped(price, decimals_for(price, 6), price_rounding(side))


def price_rounding(side: Side) -> str:
    """Return how a price that is dangerous for a side is rounded."""
    return ROUND_CEILING if side is Side.LONG else ROUND_FLOOR


def near_price(price: Decimal) -> str:
    """Show a price to the nearest."""
    return grouped(price, decimals_for(price, 6))


def danger_style(ratio: Decimal | None, distance: Decimal | None, *, liquidatable: bool) -> str:
    """Return the colour of a position or account: none where all is well."""
    if liquidatable or _reaches(ratio, DANGER_RATIO) or _under(distance, DANGER_DISTANCE):
        return DANGER
    if _reaches(ratio, CAUTION_RATIO) or _under(distance, CAUTION_DISTANCE):
        return CAUTION
    return ""


def _reaches(ratio: Decimal | None, limit: Decimal) -> bool:
    return ratio is not None and ratio >= limit


def _under(distance: Decimal | None, limit: Decimal) -> bool:
    return distance is not None and distance < limit
