"""What the process's surroundings say: colour, width, encoding, the day."""

import os
import shutil
import sys
from datetime import UTC, date, datetime
from typing import TextIO

from marginctl.load.problems import InputError, Place

_PLAIN = {
    **dict.fromkeys("▁▂▃", " "),
    **dict.fromkeys("▄▅▆▇█", "#"),
    **dict.fromkeys("┤└┴│┃", "|"),
    "─": "-",
    "·": "*",
    "…": "...",
    "→": "->",
}

_PLAIN_TERMS = frozenset({"dumb", "linux", "vt100", "vt220"})
"""Terminals whose fonts have no braille."""


def wants_color(choice: str | None) -> bool:
    """Whether stdout gets colour: as chosen, else on a terminal unless NO_COLOR is set.

    Raises:
        InputError: the choice is none of auto, always and never.
    """
    if choice not in {None, "auto", "always", "never"}:
        message = f"{choice!r} is not one of auto, always and never"
        raise InputError.of(message, None, Place(path="--color"))
    if choice in {"always", "never"}:
        return choice == "always"
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain


def width() -> int | None:
    """Return the columns of the terminal, None where stdout is not one."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def draws_braille() -> bool:
    """Whether stdout can show more than ASCII: by its encoding, its locale and its terminal."""
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return (
        encoding.startswith("utf")
        and not _locale_is_plain()
        and os.environ.get("TERM") not in _PLAIN_TERMS
    )


def _locale_is_plain() -> bool:
    """Whether the user asked for the C locale; Python itself may have made UTF-8 of it."""
    said = os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    return said in {"C", "POSIX"}


def _in_encoding(char: str, encoding: str) -> str:
    """Return a character as an encoding has it: else one that looks like it, else its escape."""
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return _PLAIN.get(char) or char.encode(encoding, "backslashreplace").decode(encoding)
    return char


class Stdout:
    """Standard output that never fails on a character: what its encoding lacks is replaced."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        encoding = (stream.encoding or "ascii").lower().replace("-", "")
        self._plain = not encoding.startswith("utf")

    def write(self, text: str) -> int:
        """Write a text."""
        if self._plain:
            encoding = self._stream.encoding or "ascii"
            text = "".join(_in_encoding(char, encoding) for char in text)
        return self._stream.write(text)

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()


_EPOCH_DIGITS = 11
_FIRST_YEAR = 2020
"""Shells of package managers set the variable to 1980, before any tiers were shown."""


def today() -> date:
    """Return the day of today; that of ``SOURCE_DATE_EPOCH`` where it is set, as for builds."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isascii() and epoch.isdecimal() and len(epoch) <= _EPOCH_DIGITS:
        day = datetime.fromtimestamp(int(epoch), UTC).date()
        if day.year >= _FIRST_YEAR:
            return day
    return datetime.now(UTC).date()
