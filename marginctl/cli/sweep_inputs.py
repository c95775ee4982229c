"""From the flags of a sweep to what is swept."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from marginctl.cli.betas import read_betas
from marginctl.cli.inputs import Tiers, read_readings
from marginctl.cli.options import PositionFlags
from marginctl.core.stress import Betas
from marginctl.core.sweep import Over, Range
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.ranges import DOTS, read_range, read_steps
from marginctl.load.reading import Reading
from marginctl.render.view import TiersView

Readings = list[tuple[Reading, TiersView]]


class SpanFlags(NamedTuple):
    """What says over what to sweep. Each of the marks is a range, or today's price."""

    marks: Sequence[str]
    move: str | None
    add: str | None
    steps: str | None


class Question(NamedTuple):
    """Accounts, and what to sweep them over."""

    readings: Readings
    over: Over
    span: Range
    betas: Betas | None


def read_question(
    file: str | None, flags: PositionFlags, tiers: Tiers, span: SpanFlags, beta: str | None
) -> Question:
    """Return what is asked.

    Raises:
        InputError: with every problem.
    """
    problems: list[Problem] = []
    ranges = [mark for mark in span.marks if DOTS in mark]
    prices = [mark for mark in span.marks if DOTS not in mark]
    wanted = _wanted(ranges, span, problems)
    if len(prices) > 1:
        message = "today's mark is given more than once"
        problems.append(Problem(message, "keep one of them", Place(path="--mark")))
    readings: Readings = []
    try:
        readings = read_readings(file, replace(flags, mark=prices[0] if prices else None), tiers)
    except InputError as error:
        problems.extend(error.problems)
    betas = None
    if readings:
        try:
            betas = read_betas(beta, readings)
        except InputError as error:
            problems.extend(error.problems)
    if problems or wanted is None:
        raise InputError(problems)
    return Question(readings, *wanted, betas)


def _wanted(
    marks: Sequence[str], flags: SpanFlags, problems: list[Problem]
) -> tuple[Over, Range] | None:
    said = [(Over.MARK, mark) for mark in marks]
    said += [
        (over, text)
        for over, text in ((Over.MOVE, flags.move), (Over.ADD, flags.add))
        if text is not None
    ]
    steps = None
    if flags.steps is not None:
        steps = read_steps(flags.steps, Place(path="--steps"), problems)
    spans = [
        (over, read_range(text, over, Place(path=f"--{over}"), problems)) for over, text in said
    ]
    if len(said) != 1:
        message = "one range at a time is swept" if said else "a range to sweep over is missing"
        hint = "give one of --mark 1500..3000, --move -50%..50% and --add 0..1000"
        problems.append(Problem(message, hint))
        return None
    ((over, span),) = spans
    if span is None:
        return None
    return over, span if steps is None else span._replace(steps=steps)
