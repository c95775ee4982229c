"""Standard output for streams: whole lines, also when interrupted."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TextIO


class WholeLines:
    """Writes at once, not through a buffer that an interrupt might cut."""

    def __init__(self, stdout: TextIO) -> None:
        stdout.flush()
        self._raw: Any = getattr(stdout.buffer, "raw", stdout.buffer)

    def write(self, data: bytes) -> None:
        """Write lines. An interrupt waits until they are out; a second one does not."""
        with interrupt_waits():
            view = memoryview(data)
            while view:
                view = view[self._raw.write(view) :]


@contextmanager
def interrupt_waits() -> Iterator[None]:
    """Let an interrupt wait for what is inside; a second one does not wait."""
    interrupted = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        if interrupted:
            signal.default_int_handler(number, frame)
        interrupted = True

    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:  # a job in the background
        yield
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted:
        raise KeyboardInterrupt
