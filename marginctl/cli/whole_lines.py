"""Standard output for streams: whole lines, also when interrupted."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class WholeLines:
    """Writes to a descriptor at once, not through a buffer that an interrupt might cut."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, data: bytes) -> None:
        """Write lines. An interrupt waits until they are out; a second one does not."""
        with _interrupt_waits():
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]


@contextmanager
def _interrupt_waits() -> Iterator[None]:
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
