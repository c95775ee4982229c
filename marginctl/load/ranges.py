"""Ranges as people write them: 1500..3000, -50%..50%, 0..1000."""

from collections.abc import Callable
from decimal import Decimal

from marginctl.core.sweep import Over, Range
from marginctl.load.numbers import read_decimal
from marginctl.load.problems import Place, Problem

DOTS = ".."
DEFAULT_STEPS = 10
MOST_STEPS = 10_000


def read_range(text: str, over: Over, place: Place, problems: list[Problem]) -> Range | None:
    """Return a range of ten steps; or None, with every problem appended."""

    def wrong(message: str, hint: str | None = None) -> None:
        problems.append(Problem(message, hint, place))

    low_text, dots, high_text = text.partition(DOTS)
    if not dots or DOTS in high_text:
        wrong(f"{text[:60]!r} is not a range", f"write it as {_EXAMPLE[over]}")
        return None
    ends = []
    for end in (low_text, high_text):
        try:
            ends.append(read_decimal(end, fraction=over is Over.MOVE))
        except ValueError as error:
            wrong(str(error), f"write the range as {_EXAMPLE[over]}")
    if len(ends) < len((low_text, high_text)):
        return None
    low, high = ends
    before = len(problems)
    if low == high:
        wrong("the range begins where it ends", "give it two different ends")
    elif low > high:
        wrong(
            "the range runs backwards", f"write it as {high_text.strip()}{DOTS}{low_text.strip()}"
        )
    _CHECKS[over](min(low, high), wrong)
    return Range(low, high, DEFAULT_STEPS) if len(problems) == before else None


def _check_price(low: Decimal, wrong: Callable[..., None]) -> None:
    if low <= 0:
        wrong(f"a price lies above zero, not at {low:f}", "begin the range above zero")


def _check_move(low: Decimal, wrong: Callable[..., None]) -> None:
    if low <= -1:
        message = f"a fall of {-low.scaleb(2).normalize():f}% leaves no price above zero"
        hint = "begin the range above -100%"
        if abs(low) >= 1 and low == low.to_integral_value():
            hint += "; a move is a fraction, or has a percent sign"
        wrong(message, hint)


def _check_amount(low: Decimal, wrong: Callable[..., None]) -> None:
    """Any amount can be added; one below zero is removed."""


_EXAMPLE = {Over.MARK: "1500..3000", Over.MOVE: "-50%..50%", Over.ADD: "0..1000"}
_CHECKS = {Over.MARK: _check_price, Over.MOVE: _check_move, Over.ADD: _check_amount}


def read_steps(text: str, place: Place, problems: list[Problem]) -> int | None:
    """Return a number of steps; or None, with the problem appended."""
    try:
        steps = read_decimal(text)
    except ValueError as error:
        problems.append(Problem(str(error), None, place))
        return None
    if steps != steps.to_integral_value() or not 1 <= steps <= MOST_STEPS:
        message = f"steps are a whole number from 1 to {MOST_STEPS:,}, not {text[:40]}"
        problems.append(Problem(message, None, place))
        return None
    return int(steps)
