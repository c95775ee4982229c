"""Several processes that answer the chunks of a stream, in order."""

import signal
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import TYPE_CHECKING, NamedTuple

from marginctl.cli.line_answers import Answers, LineAnswers
from marginctl.load.lines import Chunk

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


class WorkerError(RuntimeError):
    """A worker has failed, by an error of ours or of the system."""


class _Worker(NamedTuple):
    process: BaseProcess
    connection: "Connection[Chunk, Answers | Exception]"
    room: Semaphore
    """For the chunk it works on and one that waits, so that it need not wait for that."""


def in_processes(
    answers: LineAnswers, chunks: Iterator[Chunk], jobs: int
) -> Generator[Answers, None, None]:
    """Yield the answers to chunks, in order, made by so many processes.

    The chunks go round: who reads them and who reads the answers need nothing but that order.
    No more chunks are read ahead than two for each process. They end with this generator.

    Raises:
        WorkerError: a process has failed.
    """
    # a fork is there at once, with all that was imported and read; elsewhere it is not safe
    forks = sys.platform == "linux"
    context = get_context("fork") if forks else get_context("spawn")
    workers: list[_Worker] = []
    order: SimpleQueue[_Worker | Exception | None] = SimpleQueue()

    def feed() -> None:
        try:
            for worker, chunk in zip(cycle(workers), chunks, strict=False):
                worker.room.acquire()
                worker.connection.send(chunk)
                order.put(worker)
        except Exception as error:  # noqa: BLE001 - raised by the thread that waits
            order.put(error)
        else:
            order.put(None)

    try:
        for _ in range(jobs):
            ours, theirs = context.Pipe()
            inherited = [*(worker.connection for worker in workers), ours] if forks else []
            arguments = (theirs, answers, inherited)
            process = context.Process(target=_work, args=arguments, daemon=True)
            process.start()
            theirs.close()
            workers.append(_Worker(process, ours, Semaphore(2)))
        # a daemon, as it may wait for input that never comes
        Thread(target=feed, daemon=True).start()
        while (worker := order.get()) is not None:
            if isinstance(worker, Exception):
                raise worker
            answer = _answer_of(worker)
            worker.room.release()
            yield answer
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join()


def _answer_of(worker: _Worker) -> Answers:
    try:
        answer = worker.connection.recv()
    except (EOFError, OSError):
        raise WorkerError("a worker process ended before its work") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _work(
    connection: "Connection[Answers | Exception, Chunk]",
    answers: LineAnswers,
    inherited: "Sequence[Connection[Chunk, Answers | Exception]]",
) -> None:
    """Answer chunks until there are no more, or whoever sends them is gone.

    Only if nobody else has them open is it noticed that the parent's ends are closed.
    """
    for one in inherited:
        one.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends this
    with suppress(EOFError, OSError):
        while True:
            chunk = connection.recv()
            try:
                answer: Answers | Exception = answers.of_chunk(chunk)
            except Exception as error:  # noqa: BLE001 - told by the parent
                answer = WorkerError(f"{type(error).__name__}: {error}")
            connection.send(answer)
