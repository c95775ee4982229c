"""Streams: NDJSON in, NDJSON out, a line for a line, however many there are."""

import sys
from collections.abc import Generator
from contextlib import closing
from decimal import Decimal
from typing import Any, TextIO

from marginctl.cli.conditions import Conditions, VerdictPrinter
from marginctl.cli.inputs import Tiers, overrides_of
from marginctl.cli.line_answers import Answers, CountedNotice, LineAnswers, MarginMove
from marginctl.cli.messages import (
    SHOWN_IN_TABLES,
    Progress,
    print_error,
    print_notices,
    print_problems,
)
from marginctl.cli.options import QuestionFlags, StreamFlags
from marginctl.cli.output import picked_fields
from marginctl.cli.report_view import asked_of
from marginctl.cli.run import interrupt_waits
from marginctl.core.notices import Notice
from marginctl.load.files import InputFile, chunks
from marginctl.load.problems import InputError, Place
from marginctl.render.chosen import CHANGE_FIELDS, fields_around
from marginctl.render.figures import POSITION_FIELDS, cross_fields


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


MAX_JOBS = 256


def answer_stream(
    source: InputFile,
    flags: QuestionFlags,
    tiers: Tiers,
    stream: StreamFlags,
    moved: MarginMove | None = None,
    beta: str | None = None,
    fee_rate: Decimal | None = None,
) -> int:
    """Answer every line of a file and return the exit code.

    Raises:
        InputError: a line is bad and not to be skipped (those before it are answered), or no
            line has what was picked.
    """
    # a wrong name is no fault of the lines
    of_change = () if moved is None else (*CHANGE_FIELDS, *fields_around(POSITION_FIELDS))
    picked_fields(flags.output.fields, POSITION_FIELDS, [*cross_fields(), *of_change])
    conditions = Conditions(flags.conditions, POSITION_FIELDS)
    jobs = _jobs(stream.jobs)
    venue, _ = tiers.venue()
    betas = None
    if beta is not None:
        from marginctl.load.sweep_request import load_betas

        betas = load_betas(beta, venue)
    answers = LineAnswers(
        source.name,
        tiers,
        overrides_of(flags.position),
        flags.output.fields,
        stream.keep_going,
        flags.conditions,
        moved,
        betas,
        flags.output.numbers,
        fee_rate,
        asked_of(flags.output.fields, conditions, fee_rate),
    )
    out = WholeLines(sys.stdout)
    progress = Progress(source.size)
    summary = _Summary()
    verdicts = VerdictPrinter()
    with closing(_answers(answers, source, jobs)) as parts:
        try:
            for part in parts:
                out.write(part.text)
                if part.verdicts:
                    progress.clear()
                    verdicts.add(part.verdicts)
                progress.step(part.lines, part.position)
                summary.add(part)
                if part.stop:
                    break
        finally:
            progress.clear()
            source.close()
    verdicts.print_nulls()
    print_notices(tiers.old.values())
    return summary.reported()


def _answers(answers: LineAnswers, source: InputFile, jobs: int) -> Generator[Answers, None, None]:
    if jobs == 1:
        yield from map(answers.of_chunk, chunks(source))
        return
    from marginctl.cli.workers import in_processes

    with closing(in_processes(answers, chunks(source), jobs)) as parts:
        yield from parts


def _jobs(text: str | None) -> int:
    if text is None:
        return 1
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_JOBS:
        return int(text)
    message = f"{text[:20]!r} is not a number of processes"
    raise InputError.of(message, f"from 1 to {MAX_JOBS}", Place(path="--jobs"))


class _Summary:
    """What is reported at the end, in constant memory."""

    def __init__(self) -> None:
        self._answered = self._bad = 0
        self._failed = False
        self._first_bad: Answers | None = None
        self._nothing_picked: Answers | None = None
        self._notices: dict[str, CountedNotice] = {}

    def add(self, part: Answers) -> None:
        """Count the answers to some more lines."""
        self._answered += part.answered
        self._bad += part.bad
        self._failed |= part.failed
        if part.problems and self._first_bad is None:
            self._first_bad = part
        if part.nothing_picked and self._nothing_picked is None:
            self._nothing_picked = part
        for code, (times, line, notice) in part.notices.items():
            before = self._notices.get(code)
            self._notices[code] = (
                CountedNotice(times, line, notice)
                if before is None
                else before._replace(times=before.times + times)
            )

    def reported(self) -> int:
        """Print it, and return the exit code."""
        print_notices(
            _with_line(counted)
            for code, counted in self._notices.items()
            if code not in SHOWN_IN_TABLES
        )
        if self._first_bad is not None:
            print_problems(self._first_bad.problems)
            if not self._first_bad.stop:
                bad = "1 bad line" if self._bad == 1 else f"{self._bad:,} bad lines"
                print_error(f"{bad}, marked in the output; the first is reported above")
            return 2
        if self._nothing_picked is not None and not self._answered:
            print_problems(self._nothing_picked.nothing_picked)
            return 2
        return 1 if self._failed else 0


def _with_line(counted: CountedNotice) -> Notice:
    times, line, notice = counted
    if times == 1:
        return notice.saying(f"{notice.message} (line {line})")
    return notice.saying(f"{notice.message} (line {line}; such on {times:,} lines)")
