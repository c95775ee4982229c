"""Writing a file whole or not at all."""

import os
import tempfile
from pathlib import Path

from marginctl.load.problems import InputError, Place


def write_whole(
    path: str, data: bytes, named_by: str | None = None, *, folder: bool = False
) -> None:
    """Put a file in the place of another at once; a reader never sees half of it.

    ``folder``: the folder that it needs is made.

    A link stays a link, and the access rights stay those of the file that was there. A device or
    a pipe is written to and never replaced.

    Raises:
        InputError: it cannot be written; ``named_by`` is the flag that named it.
    """
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
