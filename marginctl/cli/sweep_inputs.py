"""From the flags of a sweep to what is swept."""

from dataclasses import replace
from typing import NamedTuple

from marginctl.cli.betas import read_betas
from marginctl.cli.inputs import Tiers, read_readings
from marginctl.cli.options import PositionFlags
from marginctl.core.stress import Betas
from marginctl.core.sweep import Over, Range
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.ranges import DOTS, EXAMPLES, read_over, read_steps
from marginctl.load.reading import Reading
from marginctl.render.view import TiersView

Readings = list[tuple[Reading, TiersView]]


class SpanFlags(NamedTuple):
    """What says over what to sweep, and in how many steps."""

    over: str | None
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
    wanted = _wanted(span, problems)
    readings: Readings = []
    if flags.mark is not None and DOTS in flags.mark:
        message = "-m, --mark is the mark now, and this is a range"
        hint = f"sweep over it with --over mark={flags.mark}"
        problems = [Problem(message, hint, Place(path="--mark"))]
        flags = replace(flags, mark=None)
    try:
        readings = read_readings(file, flags, tiers)
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


def _wanted(flags: SpanFlags, problems: list[Problem]) -> tuple[Over, Range] | None:
    steps = found = None
    if flags.steps is not None:
        steps = read_steps(flags.steps, Place(path="--steps"), problems)
    if flags.over is None:
        problems.append(Problem("a range to sweep over is missing", f"give --over {EXAMPLES}"))
    else:
        found = read_over(flags.over, Place(path="--over"), problems)
    if found is None:
        return None
    over, span = found
    return over, span if steps is None else span._replace(steps=steps)
