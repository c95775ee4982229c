"""A long answer on a terminal, shown page by page as git does it."""

import io
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

_LESS = "FRX"
"""What less does where ``LESS`` says nothing: end on a short text, keep colours and the screen."""


class Writable(Protocol):
    """What a text can be written to."""

    def write(self, text: str, /) -> int:
        """Write a text."""
        ...


@contextmanager
def paged(stdout: Writable, *, wanted: bool = True) -> Iterator[Writable]:
    """Yield where to write; what is higher than the terminal goes through the pager at the end.

    The pager is ``PAGER``, else less; an empty one and ``cat`` mean none, as ``TERM=dumb`` does.
    Where it cannot be started, the text is printed.
    """
    command = _command()
    if not wanted or not command or not sys.stdout.isatty():
        yield stdout
        return
    text = io.StringIO()
    yield text
    value = text.getvalue()
    if value.count("\n") < shutil.get_terminal_size().lines or not _through(command, value):
        stdout.write(value)


def _command() -> list[str]:
    if os.environ.get("TERM") == "dumb":
        return []
    try:
        command = shlex.split(os.environ.get("PAGER", "less"))
    except ValueError:  # an open quote
        return []
    return [] if command == ["cat"] else command


def _through(command: list[str], text: str) -> bool:
    """Show a text with a pager; return whether the pager could be started."""
    import subprocess  # an answer that is not paged starts without it

    sys.stdout.flush()
    surroundings = {"LESS": _LESS, **os.environ}
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, env=surroundings)  # noqa: S603 - the user's own pager
    except OSError:
        return False
    data = text.encode("utf-8", "replace")
    while True:
        try:
            pager.communicate(data)
        except KeyboardInterrupt:  # it is the pager's: less stops a search with it
            data = b""
        else:
            return True
