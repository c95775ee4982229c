"""Reading numbers from their text, exactly."""

import re
from decimal import Decimal

from marginctl.core.numbers import ZERO, exactly

MAX_DIGITS = 60
"""Significant digits of a number that is read."""
MAX_EXPONENT = 30
"""Powers of ten, up and down, of a number that is read."""

_NUMBER = re.compile(r"[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)([eE][+-]?\d{1,6})?", re.ASCII)
_SHORT = re.compile(r"-?[0-9]{1,20}\.?[0-9]{0,20}").fullmatch
"""The usual case: too short for any limit, and for anything to be explained."""
_OWN = re.compile(r"-?[0-9]{1,100}(?:\.[0-9]{1,400})?").fullmatch
"""What previous output has: every digit, and never an exponent."""
_OWN_EXPONENT = 3 * MAX_EXPONENT
"""Powers of ten of a number of previous output, such as of a product of two that are read."""
_SHOWN = 40
ONE = Decimal(1)
_HUNDREDTH = Decimal("0.01")


def read_decimal(text: str, *, fraction: bool = False) -> Decimal:
    """Return the number that a text states, exactly.

    Plain decimals, ``1_000_000`` and ``1e6`` are read; where a ``fraction`` is meant, so is
    ``20%``.

    Raises:
        ValueError: with the reason, in words.
    """
    if _SHORT(text) is not None:
        return Decimal(text) or ZERO
    stripped = text.strip()
    percent = stripped.endswith("%")
    body = stripped[:-1].rstrip() if percent else stripped
    if percent and not fraction:
        raise ValueError(f"{_shown(text)} is not a number: a percent sign is not allowed here")
    if len(body) > 10 * MAX_DIGITS or _NUMBER.fullmatch(body) is None:
        raise ValueError(_why_no_number(text, body))
    number = Decimal(body)
    if not number:
        return ZERO
    if len(number.as_tuple().digits) > MAX_DIGITS:
        raise ValueError(f"{_shown(text)} has more than {MAX_DIGITS} digits")
    if abs(number.adjusted()) > MAX_EXPONENT:
        raise ValueError(f"{_shown(text)} is beyond 10^±{MAX_EXPONENT}")
    return _hundredth_of(number) if percent else number


class BareFractionError(ValueError):
    """A fraction was written like a percentage, without the percent sign."""

    def __init__(self, text: str, percent: Decimal) -> None:
        super().__init__(f"{text} is {percent:,f}%")
        self.hint = f"did you mean {text}%? If not, write {percent:f}%"


@exactly
def read_fraction(text: str, *, bare_below: Decimal = ONE) -> Decimal:
    """Return a fraction, from a text such as ``20%`` or ``0.2``.

    Without a percent sign its absolute value lies below ``bare_below``: who writes 10 for a move
    means 10%, and not 1,000%.

    Raises:
        BareFractionError: it does not, and a percent sign is needed.
        ValueError: it is not a number, with the reason in words.
    """
    number = read_decimal(text, fraction=True)
    if not text.rstrip().endswith("%") and abs(number) >= bare_below:
        raise BareFractionError(text.strip(), (number * 100).normalize())
    return number


RATE_BARE_BELOW = _HUNDREDTH
"""Fee and funding rates are so small that from here on they need a percent sign."""


def read_own_decimal(text: str) -> Decimal:
    """Return a number of previous output, which may have more digits than one that is given.

    A product of two numbers within the limits has twice their digits, and each further command
    may add some.

    Raises:
        ValueError: with the reason, in words.
    """
    if _OWN(text) is None:
        return read_decimal(text)
    number = Decimal(text) or ZERO
    if abs(number.adjusted()) > _OWN_EXPONENT:
        raise ValueError(f"{_shown(text)} is beyond 10^±{_OWN_EXPONENT}")
    return number


@exactly
def _hundredth_of(number: Decimal) -> Decimal:
    return number * _HUNDREDTH


def _why_no_number(text: str, body: str) -> str:
    shown = _shown(text)
    if not body:
        return "a number is missing"
    if body.lstrip("+-").casefold() in {"nan", "inf", "infinity", "snan"}:
        return f"{shown} is not a finite number"
    if "," in body and re.fullmatch(r"[+-]?[\d,]+(\.\d+)?", body, re.ASCII):
        plain = body.replace(",", "")
        spaced = body.replace(",", "_")
        return f"{shown} is ambiguous because of its comma: write {plain} or {spaced}"
    if len(body) > 10 * MAX_DIGITS:
        return f"{shown} has more than {MAX_DIGITS} digits"
    if re.fullmatch(r"[+-]?[\d_.]+[eE][+-]?\d+", body, re.ASCII):
        return f"{shown} is beyond 10^±{MAX_EXPONENT}"
    return f"{shown} is not a number"


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
