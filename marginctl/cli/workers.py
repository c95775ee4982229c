"""Several processes that answer the chunks of a stream, in order.

Each has a pipe of its own. `concurrent.futures.ProcessPoolExecutor` would be shorter, but all its
workers answer through one pipe, and a worker that is killed in the middle of an answer leaves the
pool waiting for the rest for ever: tried with CPython 3.11.7, where 3 of 17 such streams hung.
"""

import signal
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import wait
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import TYPE_CHECKING, cast

from marginctl.cli.line_answers import Answers, LineAnswers
from marginctl.cli.run import interrupt_waits
from marginctl.load.files import Chunk

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    Given = tuple[int, Chunk]
    Answered = tuple[int, Answers | Exception]
    Ours = Connection[Given, Answered]
    Theirs = Connection[Answered, Given]

_EACH = 2
"""Chunks that a worker has: one that it works on, and one that waits for it."""
_AHEAD = 4
"""Chunks for each worker that may be read before the first of them is answered."""


_ENDED = "a worker process ended before its work"


class WorkerError(RuntimeError):
    """A worker has failed, by an error of ours or of the system."""


def in_processes(
    answers: LineAnswers, chunks: Iterator[Chunk], jobs: int
) -> Generator[Answers, None, None]:
    """Yield the answers to chunks, in order, made by so many processes.

    A chunk goes to the next process that has room. An answer that comes before its turn is kept,
    and only a few chunks per process are read ahead. The processes end with this generator.

    Raises:
        WorkerError: a process has failed.
    """
    room: SimpleQueue[Ours] = SimpleQueue()
    order: SimpleQueue[int | Exception | None] = SimpleQueue()
    ahead = Semaphore(_AHEAD * jobs)

    def feed() -> None:
        try:
            for number, chunk in enumerate(chunks):
                ahead.acquire()
                _give(room.get(), number, chunk)
                # only after it is given: so every number that is waited for has a worker
                order.put(number)
        except Exception as error:  # noqa: BLE001 - raised by the thread that waits
            order.put(error)
        else:
            order.put(None)

    with _started(answers, jobs) as workers:
        for worker in _EACH * workers:
            room.put(worker)
        # a daemon, as it may wait for input that never comes
        Thread(target=feed, daemon=True).start()
        early: dict[int, Answers] = {}
        while (number := order.get()) is not None:
            if isinstance(number, Exception):
                raise number
            while number not in early:
                for ready in wait(workers):
                    worker = cast("Ours", ready)
                    early.update([_answer_of(worker)])
                    room.put(worker)
            yield early.pop(number)
            ahead.release()


@contextmanager
def _started(answers: LineAnswers, jobs: int) -> "Iterator[list[Ours]]":
    """Start processes and give our ends of the pipes to them; end them at the end."""
    # a fork is there at once, with all that was imported and read; elsewhere it is not safe
    forks = sys.platform == "linux"
    context = get_context("fork") if forks else get_context("spawn")
    workers: list[Ours] = []
    processes: list[BaseProcess] = []
    try:
        with interrupt_waits():
            for _ in range(jobs):
                ours, theirs = context.Pipe()
                arguments = (theirs, answers, [*workers, ours] if forks else [])
                process = context.Process(target=_work, args=arguments, daemon=True)
                process.start()
                processes.append(process)
                theirs.close()
                workers.append(ours)
        yield workers
    finally:
        for one in processes:
            one.terminate()
        for one in processes:
            one.join()


def _give(worker: "Ours", number: int, chunk: Chunk) -> None:
    # raised outside the handler: an error that holds on to the half sent data can crash the end
    with suppress(OSError):
        worker.send((number, chunk))
        return
    raise WorkerError(_ENDED)


def _answer_of(worker: "Ours") -> tuple[int, Answers]:
    try:
        number, answer = worker.recv()
    except (EOFError, OSError):
        raise WorkerError(_ENDED) from None
    if isinstance(answer, Exception):
        raise answer
    return number, answer


def _work(connection: "Theirs", answers: LineAnswers, inherited: "Sequence[Ours]") -> None:
    """Answer chunks until there are no more, or whoever sends them is gone.

    A fork inherits the parent's ends of the pipes of all workers. Each closes them, as a pipe only
    ends for its reader once nobody has the other end open.
    """
    for one in inherited:
        one.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends this
    with suppress(EOFError, OSError):
        while True:
            number, chunk = connection.recv()
            try:
                answer: Answers | Exception = answers.of_chunk(chunk)
            except Exception as error:  # noqa: BLE001 - reported by the parent
                answer = WorkerError(f"{type(error).__name__}: {error}")
            connection.send((number, answer))
