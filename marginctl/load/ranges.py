"""What to sweep over, as people write it: mark=1500..3000, move=-50%..50%, margin=0..1000."""

from collections.abc import Callable
from decimal import Decimal

from marginctl.core.sweep import Over, Range
from marginctl.load.numbers import BareFractionError, read_decimal, read_fraction
from marginctl.load.problems import Place, Problem

DOTS = ".."
DEFAULT_STEPS = 10
MOST_STEPS = 10_000


def read_over(text: str, place: Place, problems: list[Problem]) -> tuple[Over, Range] | None:
    """Return what to sweep over, and the range; or None, with every problem appended."""
    name, equals, span = text.partition("=")
    names = [over.value for over in Over]
    if not equals or name.strip() not in names:
        message = f"{text[:60]!r} does not say what to sweep over"
        if equals:
            message = f"{name.strip()[:60]!r} is nothing to sweep over"
        problems.append(Problem(message, f"write {EXAMPLES}", place))
        return None
    over = Over(name.strip())
    found = read_range(span.strip(), over, place, problems)
    return None if found is None else (over, found)


def read_range(text: str, over: Over, place: Place, problems: list[Problem]) -> Range | None:
    """Return a range of ten steps; or None, with every problem appended."""

    def wrong(message: str, hint: str | None = None) -> None:
        problems.append(Problem(message, hint, place))

    low_text, dots, high_text = text.partition(DOTS)
    if not dots or DOTS in high_text:
        wrong(f"{text[:60]!r} is not a range", f"write it as {over}={_EXAMPLE[over]}")
        return None
    ends = []
    for end in (low_text, high_text):
        try:
            ends.append((read_fraction if over is Over.MOVE else read_decimal)(end))
        except BareFractionError as error:
            wrong(str(error), error.hint)
        except ValueError as error:
            wrong(str(error), f"write it as {over}={_EXAMPLE[over]}")
    if len(ends) < len((low_text, high_text)):
        return None
    low, high = ends
    before = len(problems)
    if low == high:
        wrong("the range begins where it ends", "give it two different ends")
    elif low > high:
        wrong(
            "the range runs backwards", f"write {over}={high_text.strip()}{DOTS}{low_text.strip()}"
        )
    _CHECKS[over](min(low, high), wrong)
    return Range(low, high, DEFAULT_STEPS) if len(problems) == before else None


def _check_price(low: Decimal, wrong: Callable[..., None]) -> None:
    if low <= 0:
        wrong(f"a price lies above zero, not at {low:f}", "begin the range above zero")


def _check_move(low: Decimal, wrong: Callable[..., None]) -> None:
    if low <= -1:
        message = f"a fall of {-low.scaleb(2).normalize():f}% leaves no price above zero"
        wrong(message, "begin the range above -100%")


def _check_amount(low: Decimal, wrong: Callable[..., None]) -> None:
    """Any margin will do: of a position with a profit, it may lie below zero."""


_EXAMPLE = {Over.MARK: "1500..3000", Over.MOVE: "-50%..50%", Over.MARGIN: "0..1000"}
EXAMPLES = " or ".join(f"{over}={example}" for over, example in _EXAMPLE.items())
_CHECKS = {Over.MARK: _check_price, Over.MOVE: _check_move, Over.MARGIN: _check_amount}


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
