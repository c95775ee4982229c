"""How figures are shown: by their units, and each rounded as it is declared.

Amounts are shown to the nearest; what a person acts on is shown on the safe side. All amounts of
a screen have as many decimals.
"""

from decimal import Decimal
from typing import NamedTuple

from marginctl.render.figures import BELOW_ONE, BY_SIDE, DOWN, GIVEN, UP, Field
from marginctl.render.numbers import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    amount_decimals,
    decimals_for,
    exact_text,
    grouped,
    percent,
    plain,
    ratio_percent,
    rounded,
)

_PRICE_DIGITS, _DIVIDED_DIGITS = 6, 8
_LONGEST_GIVEN = 18
"""Digits from which a number must have come out of a division."""


class Money:
    """Shows the amounts of one screen, all with as many decimals."""

    def __init__(self, *amounts: Decimal | None) -> None:
        self.decimals = amount_decimals(amounts)

    def near(self, amount: Decimal) -> str:
        """Show what is only reported: to the nearest."""
        return grouped(amount, self.decimals)

    def low(self, amount: Decimal) -> str:
        """Show what may be acted on, such as what can be removed: rounded down."""
        return grouped(amount, self.decimals, ROUND_FLOOR)

    def high(self, amount: Decimal) -> str:
        """Show what is missing: rounded up, so that it is enough."""
        return grouped(amount, self.decimals, ROUND_CEILING)


def removable_text(amount: Decimal, money: Money, *, exclusive: bool) -> str:
    """Show what can be removed; ``exclusive``: only less than that."""
    return f"{'< ' if exclusive and amount > 0 else ''}{money.low(amount)}"


def near_price(price: Decimal) -> str:
    """Show a price to the nearest."""
    return grouped(price, decimals_for(price, _PRICE_DIGITS))


def danger_price(price: Decimal, side: int) -> str:
    """Show a price of liquidation, backstop or bankruptcy on the side that comes sooner.

    A long's rounds up and a short's down, wherever the mark is.
    """
    return grouped(price, decimals_for(price, _PRICE_DIGITS), _sooner(side))


def _sooner(side: int) -> str:
    return ROUND_CEILING if side > 0 else ROUND_FLOOR


def is_given(value: Decimal) -> bool:
    """Whether a number is so short that somebody gave it; others came out of a division."""
    return len(value.as_tuple().digits) <= _LONGEST_GIVEN


def given_price(price: Decimal) -> str:
    """Show a price with all its digits; one that came out of a division, with eight."""
    if is_given(price):
        return exact_text(price)
    return grouped(price, decimals_for(price, _DIVIDED_DIGITS))


class Shown(NamedTuple):
    """How a figure is shown: decimals, rounding, and what stands behind the number.

    ``suffix`` is ``x`` for a multiple; a fraction is shown in percent, its change in percentage
    points.
    """

    decimals: int
    rounding: str = ROUND_HALF_EVEN
    is_fraction: bool = False
    suffix: str = ""

    def number(self, value: Decimal, decimals: int) -> Decimal:
        """Return the number that is shown."""
        return rounded(value.scaleb(2) if self.is_fraction else value, decimals, self.rounding)

    def text(self, number: Decimal) -> str:
        """Return a number that is shown as text."""
        return f"{number:,f}{'%' if self.is_fraction else self.suffix}"

    def change(self, difference: Decimal) -> str:
        """Return the difference of two numbers that are shown as text."""
        sign = "+" if difference > 0 else ""
        return (
            f"{sign}{difference or abs(difference):,f}{' pp' if self.is_fraction else self.suffix}"
        )


_ROUNDINGS = {DOWN: ROUND_FLOOR, UP: ROUND_CEILING}
"""How figures are rounded that are not rounded to the nearest."""


def shown_as(field: Field, value: Decimal | None, side: int | None, decimals: int) -> Shown:
    """Return how a figure is shown: a price for the ``side``, an amount with so many decimals."""
    rounding = _ROUNDINGS.get(field.rounding, ROUND_HALF_EVEN)
    if field.unit == "fraction":
        return Shown(2, rounding, is_fraction=True)
    suffix = "x" if field.unit == "multiple" else ""
    if field.unit == "amount":
        return Shown(decimals, rounding)
    if field.rounding == BY_SIDE and side is not None:
        return Shown(2 if value is None else decimals_for(value, _PRICE_DIGITS), _sooner(side))
    if value is None or (suffix and field.rounding != GIVEN):
        return Shown(2, suffix=suffix)
    return given(value, suffix)


def given(value: Decimal, suffix: str = "") -> Shown:
    """Return how a number that somebody gave is shown: whole, but for quotients."""
    if is_given(value):
        return Shown(len(plain(value).partition(".")[2]), suffix=suffix)
    return Shown(decimals_for(value, _DIVIDED_DIGITS), suffix=suffix)


def figure_text(field: Field, value: Decimal | None, decimals: int, side: int | None = None) -> str:
    """Return a figure as tables show it, a minus sign alone where there is none."""
    if value is None:
        return "-"
    if field.unit == "fraction":
        if field.rounding == BELOW_ONE:
            return ratio_percent(value)
        return percent(value, _ROUNDINGS.get(field.rounding, ROUND_HALF_EVEN))
    shown = shown_as(field, value, side, decimals)
    return shown.text(shown.number(value, shown.decimals))
