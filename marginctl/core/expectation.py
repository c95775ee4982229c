"""Whether a figure is what was expected of it."""

from decimal import Decimal
from typing import NamedTuple

from marginctl.core.numbers import ZERO, exactly

Actual = Decimal | str | None
"""A number, a word such as true or initial_margin, or nothing."""


class Verdict(NamedTuple):
    """Whether it passed, and by how much it is off; None where that is not a number.

    The difference is actual - expected, and for a range how far it lies outside of it.
    """

    passed: bool
    difference: Decimal | None = None


@exactly
def compare_value(actual: Actual, expected: Actual, tolerance: Decimal = ZERO) -> Verdict:
    """Compare with one value; numbers may be off by the tolerance, itself included."""
    if isinstance(actual, Decimal) and isinstance(expected, Decimal):
        difference = actual - expected
        return Verdict(abs(difference) <= tolerance, difference)
    return Verdict(actual == expected)


@exactly
def compare_range(actual: Actual, least: Decimal | None, most: Decimal | None) -> Verdict:
    """Compare with a range, its ends included; None where an end is open."""
    if not isinstance(actual, Decimal):
        return Verdict(passed=False)
    if least is not None and actual < least:
        return Verdict(False, actual - least)
    if most is not None and actual > most:
        return Verdict(False, actual - most)
    return Verdict(True, ZERO)
