"""Writing a file whole, or not at all."""

import os
from pathlib import Path

from marginctl.load.problems import InputError, Place


def write_file(path: str, text: str, place: Place) -> None:
    """Write a text to a file; what was there before stays until the new is complete.

    Raises:
        InputError: it cannot be written; ``place`` is what named it.
    """
    target = Path(path)
    try:
        if target.exists() and not target.is_file():
            # a device or a pipe is written to and must not be replaced
            target.write_text(text, encoding="utf-8")
            return
        target = target.resolve()
        half = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with half.open("x", encoding="utf-8") as file:
                file.write(text)
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"cannot be written: {reason}"
        raise InputError.of(message, None, Place(file=path, path=place.path)) from None
