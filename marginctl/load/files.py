"""Reading files and standard input within bounds, whole or line by line; and writing them whole."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any, NamedTuple

from marginctl.load.json_text import is_object
from marginctl.load.problems import InputError, Place

MAX_BYTES = 64 * 1024 * 1024
STDIN = "-"


def display_name(path: str) -> str:
    """Return the name that messages call a file."""
    return "<stdin>" if path == STDIN else path


class InputFile:
    """A file, or standard input, that is read as it comes: what was not asked for is not read.

    Raises:
        InputError: it is missing or unreadable; so do all that read from it.
    """

    def __init__(self, path: str) -> None:
        self.name = display_name(path)
        self.size: int | None = None
        """Bytes of a regular file, None where that is unknown."""
        self._held: list[bytes] = []
        with self._system_errors_as_problems():
            if path != STDIN:
                self._file: Any = Path(path).open("rb", buffering=0)  # noqa: SIM115 - see close
            elif sys.stdin is None:
                where = Place(file=self.name)
                raise InputError.of("standard input is closed", "name a file instead", where)
            else:
                # unbuffered, so that what has come is there at once
                self._file = getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)
            with suppress(OSError):  # what stands in for standard input may have no descriptor
                status = os.fstat(self._file.fileno())
                self.size = status.st_size if S_ISREG(status.st_mode) else None

    def read(self, most: int) -> bytes:
        """Return what is there, up to so many bytes; wait only when nothing is. Empty: the end."""
        if self._held:
            return self._held.pop()
        with self._system_errors_as_problems():
            return self._file.read(most) or b""

    def put_back(self, data: bytes) -> None:
        """Let data that was read be read again."""
        if data:
            self._held.append(data)

    def rest(self, *, empty: bool = False) -> bytes:
        """Return everything that is left.

        Raises:
            InputError: that is more than 64 MiB, or nothing unless it may be ``empty``.
        """
        parts: list[bytes] = []
        size = 0
        try:
            while data := self.read(1 << 20):
                parts.append(data)
                size += len(data)
                if size > MAX_BYTES:
                    raise InputError.of(
                        f"larger than {MAX_BYTES // 1024**2} MiB",
                        "split it into smaller files",
                        Place(file=self.name),
                    )
        finally:
            self.close()
        whole = b"".join(parts)
        if not whole.strip() and not empty:
            raise InputError.of("the input is empty", None, Place(file=self.name))
        return whole

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self.name != display_name(STDIN):
            self._file.close()

    def __del__(self) -> None:
        """Close what an error has left open before it was read."""
        with suppress(AttributeError):  # it could not be opened
            self.close()

    @contextmanager
    def _system_errors_as_problems(self) -> Iterator[None]:
        """Turn what the system says of the file into problems."""
        place = Place(file=self.name)
        try:
            yield
        except FileNotFoundError:
            raise InputError.of("no such file", "check the spelling of the path", place) from None
        except IsADirectoryError:
            raise InputError.of("this is a folder", "name a file inside it", place) from None
        except PermissionError:
            raise InputError.of(
                "no permission to read it", "check its access rights", place
            ) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError.of(f"cannot be read: {reason}", None, place) from None


def read_bytes(path: str, *, empty: bool = False) -> bytes:
    """Return the content of a file, ``-`` for standard input.

    Raises:
        InputError: it is missing, unreadable, larger than 64 MiB, or empty unless it may be.
    """
    return InputFile(path).rest(empty=empty)


MAX_LINE = 1024 * 1024
"""Bytes of a line."""
_READ = 16 * 1024
_BOM = b"\xef\xbb\xbf"


class Chunk(NamedTuple):
    """Some whole lines, the number of the first (from 1), and the bytes of the file up to here.

    A line of more than `MAX_LINE` bytes is cut after one more, for the reader to refuse.
    """

    first: int
    data: bytes
    position: int

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield every line that is not blank, with its number."""
        for number, line in enumerate(self.data.split(b"\n"), self.first):
            if line and not line.isspace():
                yield number, line


def has_lines(source: InputFile) -> bool:
    """Whether a file has a JSON object in its first line; what was read for it is put back.

    That is NDJSON, whether more follows or not: no more than the first line is waited for.
    """
    head = bytearray()
    begin, end = 0, -1
    while end < 0 and len(head) <= MAX_LINE and (data := source.read(_READ)):
        searched = len(head)
        head += data
        if begin == searched or searched < len(_BOM):  # so far all of it was blank, or begins
            begin = len(head) - len(head.removeprefix(_BOM).lstrip())
        end = head.find(b"\n", max(begin, searched))
    source.put_back(bytes(head))
    first = bytes(head[begin:] if end < 0 else head[begin:end])
    if not first.startswith(b"{") or len(first) > MAX_LINE:
        return False
    return is_object(first)


def chunks(source: InputFile) -> Iterator[Chunk]:
    """Yield the lines of a file, as many at a time as are there."""
    number, position = 1, 0
    begun = b""
    overlong = False  # inside a line that was already handed out as too long
    while data := source.read(_READ):
        if not position:
            data = data.removeprefix(_BOM)
        position += len(data)
        if overlong:
            _, end, data = data.partition(b"\n")
            overlong = not end
        whole, end, rest = data.rpartition(b"\n")
        if end:
            yield Chunk(number, begun + whole, position)
            number += whole.count(b"\n") + 1
            begun = b""
        begun += rest
        if len(begun) > MAX_LINE:
            yield Chunk(number, begun[: MAX_LINE + 1], position)
            number += 1
            begun = b""
            overlong = True
    if begun:
        yield Chunk(number, begun, position)
