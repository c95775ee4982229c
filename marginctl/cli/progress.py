"""How far a stream has come, on stderr, where somebody looks at it."""

import os
import sys
from time import monotonic

_EVERY = 0.2
"""Seconds between two looks."""


class Progress:
    """Shows count, rate and, of a file, the share. Only on a terminal that answers leave free."""

    def __init__(self, size: int | None) -> None:
        self._shown = (
            sys.stderr is not None
            and sys.stderr.isatty()
            and not sys.stdout.isatty()
            and os.environ.get("TERM") != "dumb"
        )
        self._size = size
        self._count = 0
        self._begun = self._last = monotonic()

    def step(self, lines: int, position: int) -> None:
        """Say that so many lines more are done, and how many bytes of the file have been read."""
        self._count += lines
        now = monotonic()
        if not self._shown or now - self._last < _EVERY:
            return
        self._last = now
        rate = self._count / (now - self._begun)
        share = f", {position / self._size:.0%}" if self._size else ""
        sys.stderr.write(f"\r\x1b[K{self._count:,} lines, {rate:,.0f} a second{share}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Leave the line as it was."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
