"""Messages and progress on stderr: what is wrong, where, and how to put it right."""

import os
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import TextIO

from marginctl.core.notices import Notice
from marginctl.load.problems import MOST_PROBLEMS, Place, Problem
from marginctl.render.numbers import escape_control


def print_problems(problems: Iterable[Problem]) -> None:
    """Print the problems of an input: the first hundred, then how many more there are.

    A single one more is printed itself: that is as short.
    """
    found = list(problems)
    more = len(found) - MOST_PROBLEMS
    shown = found if more == 1 else found[:MOST_PROBLEMS]
    for problem in shown:
        print_error(problem.message, problem.hint, _place(problem.place))
    if more > 1:
        message = f"{more:,} more problems in this input"
        print_error(message, "fix the first ones to see the rest")


def print_error(message: str, hint: str | None = None, place: str | None = None) -> None:
    """Print one error."""
    _print(_coloured("error:", "1;31"), message)
    if place:
        _print("   at:", place)
    if hint:
        _print(" hint:", hint)


def print_line(text: str) -> None:
    """Print a line that is neither an error nor a note."""
    if sys.stderr is not None:
        sys.stderr.write(f"{escape_control(text)}\n")


def print_failure(message: str) -> None:
    """Print that a condition of failure holds."""
    _print(_coloured("failed:", "1;31"), message)


_WARNINGS = frozenset(
    {"leverage_above_tier", "at_liquidation", "liquidation_before_stop", "tiers_old"}
)
"""The codes of notices about what the venue would not take, or what is about to happen."""


class _Notes:
    """Whether notes are printed: ``--quiet`` turns them off for the run."""

    wanted = True


def want_notes(*, wanted: bool) -> None:
    """Print notes and warnings from now on, or none of them."""
    _Notes.wanted = wanted


def print_note(message: str) -> None:
    """Print what is good to know."""
    if _Notes.wanted:
        _print(_coloured("note:", "1;33"), message)


def print_warning(message: str) -> None:
    """Print what the venue would not take, or what is likely to mislead."""
    if _Notes.wanted:
        _print(_coloured("warning:", "1;33"), message)


def print_notices(notices: Iterable[Notice]) -> None:
    """Print notices, each once with all the assets it is about."""
    subjects: dict[tuple[str, str], list[str]] = {}
    for notice in notices:
        assets = subjects.setdefault((notice.code, notice.message), [])
        assets.extend([notice.asset] if notice.asset else [])
    for (code, message), assets in subjects.items():
        subject = f"{', '.join(dict.fromkeys(assets))}: " if assets else ""
        show = print_warning if code in _WARNINGS else print_note
        show(f"{subject}{message}")


def _place(place: Place) -> str:
    return ", ".join(part for part in (str(place), place.path) if part)


def _print(lead: str, text: str) -> None:
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(_wrapped(f"{lead} {escape_control(text)}\n", _length(lead) + 1))
    except OSError:
        # messages that find no reader change neither the answer nor the exit code
        forget(sys.stderr)


_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def _length(text: str) -> int:
    return len(_ESCAPE.sub("", text))


def _wrapped(line: str, indent: int) -> str:
    """Break a line at words where it does not fit the terminal that messages go to.

    A word that is longer than the line, such as a path, stays whole, and so does a command at the
    end, which is there to be copied.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        return line
    width = shutil.get_terminal_size().columns
    if _length(line) <= width:
        return line
    lines = [""]
    text, colon, command = line.rstrip("\n").partition(": marginctl ")
    words = f"{text}{colon[:1]}".split(" ")
    for word in [*words, f"marginctl {command}"] if colon else words:
        begun = " " * indent if len(lines) > 1 else ""
        longer = f"{lines[-1]} {word}" if lines[-1] else f"{begun}{word}"
        if lines[-1] and _length(longer) > width:
            lines.append(f"{' ' * indent}{word}")
        else:
            lines[-1] = longer
    return "\n".join(lines) + "\n"


def forget(stream: TextIO) -> None:
    """Keep the interpreter from flushing into a pipe that is closed, or a disk that is full."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _coloured(text: str, code: str) -> str:
    colour = sys.stderr is not None and sys.stderr.isatty() and "NO_COLOR" not in os.environ
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


SHOWN_IN_TABLES = frozenset(
    {
        "additions_not_checked",
        "backstop",
        "cross_position",
        "limits_unknown",
        "liquidatable",
        "mark_from_entry",
        "no_backstop",
        "no_backstop_price",
        "no_bankruptcy_price",
        "no_equity",
        "no_liquidating_move",
        "no_liquidation_price",
        "strict_isolated",
    }
)
"""What tables say beside their figures, and what JSON has in the object."""


_SHORT = {
    "partial_liquidation": "a liquidation would start with a part of the position; "
    "for the amounts, pick it with --asset",
    "loss_limited": "the loss is limited to the position's margin",
}
"""Messages about several positions at once."""


def print_warnings(notices: Sequence[Notice]) -> None:
    """Print the notices that the figures do not show by themselves, on stderr."""
    print_notices(notice for notice in notices if notice.code not in SHOWN_IN_TABLES)


def summarised(notices: Sequence[Notice]) -> list[Notice]:
    """Return notices of many positions without the amounts of each, so that few lines say all."""
    return [
        notice.saying(_SHORT[notice.code]) if notice.code in _SHORT else notice
        for notice in notices
    ]


class ProgressLine:
    """A line on stderr that is written over; only where somebody looks at it."""

    def __init__(self, *, wanted: bool = True) -> None:
        self._shown = wanted and sys.stderr is not None and sys.stderr.isatty()

    def show(self, text: str) -> None:
        """Write the line anew."""
        if self._shown:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Leave the line as it was."""
        self.show("")


_EVERY = 0.2
"""Seconds between two looks."""


class Progress(ProgressLine):
    """Shows count, rate and, of a file, the share. Only on a terminal that answers leave free."""

    def __init__(self, size: int | None) -> None:
        super().__init__(wanted=not sys.stdout.isatty() and os.environ.get("TERM") != "dumb")
        self._size = size
        self._count = 0
        self._begun = self._last = monotonic()

    def step(self, lines: int, position: int) -> None:
        """Count so many lines more; so many bytes of the file have been read."""
        self._count += lines
        now = monotonic()
        if now - self._last < _EVERY:
            return
        self._last = now
        rate = self._count / (now - self._begun)
        share = f", {position / self._size:.0%}" if self._size else ""
        self.show(f"{self._count:,} lines, {rate:,.0f} a second{share}")
