"""Figures and names in the words of findings."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from marginctl.core.numbers import finite

_MANY_NAMES = 2000
_LONG = 40


def named(text: str) -> str:
    """Return a text of the file in quotes, cut where it is long."""
    return repr(str(text) if len(text) <= _LONG else f"{text[:_LONG]}…")


def exact(value: Fraction) -> str:
    """Return a number with all its digits, or as a fraction where it has no end."""
    try:
        return f"{finite(value):f}"
    except ValueError:
        return f"{value.numerator}/{value.denominator}"


def percent(rate: Fraction) -> str:
    """Return a rate as an exact percentage."""
    return f"{exact(rate * 100)}%"


def grouped(value: Decimal) -> str:
    """Return a number with all its digits, its thousands grouped."""
    return f"{value:,f}"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the nearest known words, or None."""
    from difflib import get_close_matches  # only wrong input pays for it

    by_folded = {name.casefold(): name for name in known}
    if len(by_folded) > _MANY_NAMES:
        return None  # a hint is not worth seconds
    near = get_close_matches(word.casefold()[:100], by_folded, n=3, cutoff=0.6)
    if not near:
        return None
    return f"did you mean {' or '.join(by_folded[name] for name in near)}?"
