"""The values of JSON input, as their readers give them. None is a value that is not there."""

from decimal import Decimal
from typing import Any

from marginctl.load.json_text import JsonNumber
from marginctl.load.numbers import read_decimal, read_own_decimal


def number(value: Any) -> Decimal:
    """Return the number that a JSON number or a text states.

    Raises:
        ValueError: with the reason, in words.
    """
    if not isinstance(value, str):
        raise ValueError("a number is expected here")
    return read_decimal(value)


def text(value: Any) -> str:
    """Return a text.

    Raises:
        ValueError: it is something else, such as a number.
    """
    if not isinstance(value, str) or isinstance(value, JsonNumber):
        raise ValueError("a text is expected here")
    return value


def filled_text(value: Any) -> str:
    """Return a text that says something.

    Raises:
        ValueError: it is something else, or empty.
    """
    if not text(value):
        raise ValueError("a text is expected here, and it is empty")
    return str(value)


def maybe_number(value: Any) -> Decimal | None:
    """Return a number as `number` does, or None."""
    return None if value is None else number(value)


def maybe_own_number(value: Any) -> Decimal | None:
    """Return a number of an answer of ours, with all its digits, or None."""
    return read_own_decimal(value) if isinstance(value, str) else maybe_number(value)


def maybe_text(value: Any) -> str | None:
    """Return a text as `text` does, or None."""
    return None if value is None else text(value)
