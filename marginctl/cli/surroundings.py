"""What the surroundings give and allow: the terminal and its pager, the day, files."""

import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol, TextIO

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
    locale = os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    return locale in {"C", "POSIX"}


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
    command = _command() if wanted and sys.stdout.isatty() else []
    if not command:
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
    import shlex

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


def write_whole(
    path: str, data: bytes, named_by: str | None = None, *, folder: bool = False
) -> None:
    """Replace a file at once; a reader never sees half of it.

    ``folder``: the folder that it needs is made.

    A link stays a link, and the access rights stay those of the file that was there. A device or
    a pipe is written to and never replaced.

    Raises:
        InputError: it cannot be written; ``named_by`` is the flag that named it.
    """
    import tempfile

    try:
        if Path(path).exists() and not Path(path).is_file():
            Path(path).write_bytes(data)
            return
        target = Path(os.path.realpath(path))
        if folder:
            target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(_mode(target))
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        place = Place(file=path, path=named_by)
        raise InputError.of(f"cannot be written: {reason}", None, place) from None


def _mode(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
