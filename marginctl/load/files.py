"""Reading files and standard input, within bounds."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any

from marginctl.load.problems import InputError, Place

MAX_BYTES = 64 * 1024 * 1024
STDIN = "-"


def display_name(path: str) -> str:
    """Return the name that messages call a file."""
    return "<stdin>" if path == STDIN else path


class Source:
    """A file, or standard input, that is read as it comes: what was not asked for is not read.

    Raises:
        InputError: it is missing or unreadable; so do all that read from it.
    """

    def __init__(self, path: str) -> None:
        self.name = display_name(path)
        self.size: int | None = None
        """Bytes of a regular file, None where that is unknown."""
        self._held: list[bytes] = []
        with self._told():
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
        with self._told():
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
            raise InputError.of("empty: there is nothing in it", None, Place(file=self.name))
        return whole

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self.name != display_name(STDIN):
            self._file.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
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
    return Source(path).rest(empty=empty)
