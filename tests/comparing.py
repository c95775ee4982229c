"""Whether a report says what the oracle says."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

from marginctl.core.report import CrossReport, PositionReport
from marginctl.core.tiers import TierReport
from tests.oracle import Figures, Value

NEAR = Fraction(1, 10**49)
"""One rounding to 50 digits, relatively: what a quotient may be off by."""
DOWN = frozenset({"max_removable", "max_addable"})
"""Amounts that are rounded down."""


def differences(report: PositionReport | CrossReport, expected: Figures) -> list[str]:
    """Return a line for each figure that is not the expected one."""
    return [
        f"{name}: {actual}, expected {value}"
        for name, value in expected.items()
        if not same(actual := _field(report, name), value, down=name in DOWN)
    ]


def same(actual: object, expected: Value, *, down: bool = False) -> bool:
    """Whether a figure is the expected one: a fraction to 49 digits, all else exactly."""
    if isinstance(actual, TierReport):
        actual = actual.index
    if not isinstance(expected, Fraction):
        return actual == expected and (actual is None) == (expected is None)
    if not isinstance(actual, Decimal):
        return False
    error = Fraction(actual) - expected
    return abs(error) <= NEAR * abs(expected) and not (down and error > 0)


def _field(report: PositionReport | CrossReport, name: str) -> object:
    if isinstance(report, CrossReport) and name in {"down", "up"}:
        return getattr(report.liquidating_move, name)
    return getattr(report, name)


def worked_out(formula: str, values: Mapping[str, Decimal | str]) -> Fraction:
    """Put the values into the formula of an explanation and compute it, in fractions."""
    code = re.sub(r"\d+(\.\d+)?", r"Fraction('\g<0>')", formula).replace("·", "*")
    names = {name: Fraction(value) for name, value in values.items()}
    scope = {"Fraction": Fraction, "max": max, **names}
    return Fraction(eval(code, {"__builtins__": {}}, scope))  # noqa: S307 - our own formulas


def near(
    value: Fraction | Decimal | None, expected: Fraction | Decimal, scale: Fraction | None = None
) -> bool:
    """Whether two numbers agree to 44 digits of a scale, else of what is expected."""
    if value is None:
        return False
    whole = abs(Fraction(expected)) if scale is None else scale
    return abs(Fraction(value) - Fraction(expected)) <= whole / 10**44


def halved(
    holds: Callable[[Fraction], bool], low: Fraction, high: Fraction, steps: int = 200
) -> Fraction:
    """Return where between two ends a condition begins to hold, to the width / 2^steps.

    So is found by halving an interval what the code finds by a formula.
    """
    assert not holds(low)
    assert holds(high)
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
