"""Reading whole files and standard input, within bounds."""

import sys
from pathlib import Path

from marginctl.load.problems import InputError, Place

MAX_BYTES = 64 * 1024 * 1024
STDIN = "-"


def display_name(path: str) -> str:
    """Return the name that messages call a file."""
    return "<stdin>" if path == STDIN else path


def read_bytes(path: str, *, empty: bool = False) -> bytes:
    """Return the content of a file, ``-`` for standard input.

    Raises:
        InputError: it is missing, unreadable, larger than 64 MiB, or empty unless it may be.
    """
    place = Place(file=display_name(path))
    try:
        if path == STDIN:
            if sys.stdin is None:
                raise InputError.of("standard input is closed", "name a file instead", place)
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError.of("no such file", "check the spelling of the path", place) from None
    except IsADirectoryError:
        raise InputError.of("this is a folder", "name a file inside it", place) from None
    except PermissionError:
        raise InputError.of("no permission to read it", "check its access rights", place) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError.of(f"cannot be read: {reason}", None, place) from None
    if len(data) > MAX_BYTES:
        raise InputError.of(
            f"larger than {MAX_BYTES // 1024**2} MiB",
            "split it into smaller files",
            place,
        )
    if not data.strip() and not empty:
        raise InputError.of("empty: there is nothing in it", None, place)
    return data
