"""Messages on stderr: what is wrong, where, and how to mend it."""

import os
import sys
from collections.abc import Iterable
from itertools import islice
from typing import TextIO

from marginctl.core.notices import Notice
from marginctl.load.problems import Place, Problem
from marginctl.render.text import visible

_MOST_PROBLEMS = 100
"""More would only bury the first."""


def print_problems(problems: Iterable[Problem]) -> None:
    """Print the problems of an input: the first hundred, then how many more there are."""
    rest = iter(problems)
    for problem in islice(rest, _MOST_PROBLEMS):
        print_error(problem.message, problem.hint, _place(problem.place))
    more = sum(1 for _ in rest)
    if more:
        count = "1 more problem" if more == 1 else f"{more:,} more problems"
        print_error(f"{count} of this input", "mend the first, and the others are shown")


def print_error(message: str, hint: str | None = None, place: str | None = None) -> None:
    """Print one error."""
    _print(_coloured("error:", "1;31"), message)
    if place:
        _print("   in:", place)
    if hint:
        _print(" mend:", hint)


def print_line(text: str) -> None:
    """Print a line that is neither an error nor a note."""
    if sys.stderr is not None:
        sys.stderr.write(f"{visible(text)}\n")


def print_failure(message: str) -> None:
    """Print that a condition of failure holds."""
    _print(_coloured("failed:", "1;31"), message)


def print_warning(message: str) -> None:
    """Print what is likely not as it was meant, and does not stop the command."""
    _print(_coloured("warning:", "1;33"), message)


def print_note(message: str) -> None:
    """Print what is good to know."""
    _print(_coloured("note:", "1;33"), message)


def print_notices(notices: Iterable[Notice]) -> None:
    """Print notices, each once with all the assets it is about."""
    subjects: dict[str, list[str]] = {}
    for notice in notices:
        subjects.setdefault(notice.message, []).extend([notice.asset] if notice.asset else [])
    for message, assets in subjects.items():
        subject = f"{', '.join(dict.fromkeys(assets))}: " if assets else ""
        print_note(f"{subject}{message}")


def _place(place: Place) -> str:
    parts = [str(part) for part in (place.file, place.line, place.column) if part is not None]
    where = ":".join(parts)
    return ", ".join(part for part in (where, place.path) if part)


def _print(lead: str, text: str) -> None:
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"{lead} {visible(text)}\n")
    except OSError:
        # messages that find no reader change neither the answer nor the exit code
        forget(sys.stderr)


def forget(stream: TextIO) -> None:
    """Keep the interpreter from flushing into a pipe that is closed, or a disk that is full."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _coloured(text: str, code: str) -> str:
    colour = sys.stderr is not None and sys.stderr.isatty() and "NO_COLOR" not in os.environ
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
