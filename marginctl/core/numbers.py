"""Exact numbers: sums and products never round, a quotient rounds once, at the very end.

Maintenance rates such as 1/30 (15x) have no finite decimal form. Instead of rounding them, the
core holds every amount as a finite decimal count of *parts*: a part is 1/unit of the quote
currency, and the whole number ``unit`` is chosen so that every rate in play times the unit
terminates (3 for a table with 1/30 in it, 1 for one with 1/50). Comparisons of parts are exact.
"""

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Overflow,
    getcontext,
    localcontext,
)
from fractions import Fraction
from functools import wraps
from math import gcd, lcm
from typing import ParamSpec, TypeVar

ZERO = Decimal(0)

QUOTIENT_DIGITS = 50
"""Significant digits of a quotient."""

_EXACT_DIGITS = 100_000
# Far more digits than sums and products of admissible inputs (60 digits, 10^±30) can need; with
# Inexact trapped, a rounding would be an exception and not a wrong digit.
_EXACT = Context(
    prec=_EXACT_DIGITS,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    traps=[Inexact, InvalidOperation, DivisionByZero, Overflow, FloatOperation],
)
_QUOTIENT = {
    rounding: Context(
        prec=QUOTIENT_DIGITS,
        rounding=rounding,
        Emin=-999_999,
        Emax=999_999,
        traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation],
    )
    for rounding in (ROUND_HALF_EVEN, ROUND_FLOOR, ROUND_CEILING, ROUND_DOWN)
}

P = ParamSpec("P")
R = TypeVar("R")


def exactly(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` under the exact context, whatever context the caller has.

    Inside, ``+ - *`` of decimals are exact or raise ``decimal.Inexact``; ``/`` is not to be used,
    call `quotient`.
    """

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        if getcontext().prec == _EXACT_DIGITS:
            return function(*args, **kwargs)
        with localcontext(_EXACT):
            return function(*args, **kwargs)

    return wrapper


def exact_number(value: object, name: str) -> Decimal:
    """Return a decimal or an int as a decimal.

    Raises:
        TypeError: it is something else: a float, which is not exact, a boolean, a text.
    """
    if isinstance(value, float):
        raise TypeError(f"{name}: a float is not exact; give a Decimal or an int")
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"{name}: expected a Decimal or an int, not {type(value).__name__}")
    return Decimal(value)


Divide = Callable[[Decimal | int, Decimal | int], Decimal]
"""Returns dividend / divisor to 50 significant digits, rounded once.

Raises:
    decimal.DivisionByZero: the divisor is zero.
    TypeError: a number is a binary float.
"""
# the contexts' own methods: a function around each would take as long as the division
quotient: Divide = _QUOTIENT[ROUND_HALF_EVEN].divide
quotient_down: Divide = _QUOTIENT[ROUND_FLOOR].divide


@exactly
def down_to_step(amount: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of a step that is not above an amount of at least zero."""
    return amount // step * step


@exactly
def up_to_step(amount: Decimal | Fraction, step: Decimal, *, beyond: bool = False) -> Decimal:
    """Return the least multiple of a step that is not below an amount, or is ``beyond`` it."""
    whole, rest = (
        divmod(amount, Fraction(step)) if isinstance(amount, Fraction) else divmod(amount, step)
    )
    if rest > 0 or (beyond and not rest):
        whole += 1
    return whole * step


def decimal_of(value: Fraction, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """Return a fraction as a decimal of 50 significant digits."""
    return _QUOTIENT[rounding].divide(value.numerator, value.denominator)


def beyond_digits(shown: Decimal, parts: Decimal, unit: int) -> Fraction | None:
    """Return parts / unit where ``shown``, its `quotient`, has not all of its digits, else None.

    It belongs inside an `exactly`.
    """
    if shown * unit == parts:
        return None
    numerator, denominator = parts.as_integer_ratio()
    return Fraction(numerator, denominator * unit)


def fraction_of(value: Decimal) -> Fraction:
    """Return a decimal as a fraction, exactly.

    Raises:
        decimal.FloatOperation: the value is a binary float, which a fraction would take silently.
    """
    return Fraction(_EXACT.create_decimal(value))


def unit_for(*rates: Fraction) -> int:
    """Return the least whole number that makes every given rate a finite decimal.

    A fraction terminates in decimal when its denominator has no prime factor but 2 and 5, so the
    unit is the least common multiple of what else is in the denominators.
    """
    return lcm(*(_without_twos_and_fives(rate.denominator) for rate in rates))


def finite(value: Fraction) -> Decimal:
    """Return a fraction that terminates in decimal, exactly.

    Raises:
        ValueError: the fraction does not terminate.
    """
    numerator, denominator = value.numerator, value.denominator
    if _without_twos_and_fives(denominator) != 1:
        raise ValueError(f"{value} has no finite decimal form")
    # k decimals suffice for a denominator of k bits: 2^a·5^b divides 10^max(a, b).
    places = denominator.bit_length()
    return Decimal(numerator * 10**places // denominator).scaleb(-places, _EXACT).normalize(_EXACT)


def _without_twos_and_fives(denominator: int) -> int:
    while (common := gcd(denominator, 10)) != 1:
        denominator //= common
    return denominator
