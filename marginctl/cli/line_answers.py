"""The answer to one line of a stream, and to some lines at once.

What is here is pickled and sent to worker processes, so it holds plain values.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from marginctl.cli.answers import change_view, report_view
from marginctl.cli.conditions import Conditions, Verdict
from marginctl.cli.inputs import Tiers
from marginctl.cli.options import ConditionFlags
from marginctl.cli.output import picked_fields
from marginctl.core.notices import Notice
from marginctl.core.numbers import exactly
from marginctl.load.lines import MAX_LINE, Chunk
from marginctl.load.positions import read_line
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.reading import NotPickedError, Overrides, Reading, read_account
from marginctl.render.data import change_data
from marginctl.render.fields import Field, fields_of
from marginctl.render.position_lines import PositionLines
from marginctl.render.scripts import ndjson_line
from marginctl.render.view import PositionView, TiersView

NULL_MET = "null_met"
"""A condition met a null: it does not hold, and that is said once with how often."""


class Noted(NamedTuple):
    """How often a notice was taken, and its first time."""

    times: int
    line: int
    notice: Notice


class Answers(NamedTuple):
    """The answers to some lines.

    ``text`` is whole lines. ``failures`` say which conditions hold for what. ``problems`` are
    those of the first bad line. ``stop`` says that it is the end, as a bad line is not to be
    skipped. ``not_picked`` is why a line has no answer.
    """

    text: bytes
    lines: int
    answered: int
    bad: int
    refused: int
    failures: tuple[str, ...]
    problems: tuple[Problem, ...]
    stop: bool
    notes: dict[str, Noted]
    not_picked: tuple[Problem, ...]
    position: int


class Line(NamedTuple):
    """The answer to one line.

    Its texts, whether the venue would refuse, what is to be noted, and which conditions hold.
    """

    texts: Sequence[str]
    refused: bool
    notices: Sequence[Notice]
    verdicts: Sequence[Verdict] = ()


class _Plan(NamedTuple):
    """What is done with every position that has the same fields."""

    fields: list[Field]
    lines: PositionLines
    conditions: Conditions | None


@dataclass
class LineAnswers:
    """Answers lines, each on its own. ``action`` None shows; else margin moves by ``amount``."""

    name: str
    tiers: Tiers
    overrides: Overrides
    fields: str | None
    keep_going: bool
    conditions: ConditionFlags
    action: str | None = None
    amount: Decimal | None = None
    _kept: dict[tuple[frozenset[str], str], _Plan] = field(default_factory=dict)

    @exactly  # entered once rather than for every line
    def of_chunk(self, chunk: Chunk) -> Answers:
        """Answer lines in their order, up to the first bad one unless those are to be skipped."""
        answer: Callable[[Reading, TiersView], Line]
        answer = self._report if self.action is None else self._change
        texts: list[str] = []
        notes: dict[str, Noted] = {}
        bad = refused = lines = answered = 0
        failures: list[str] = []
        problems: tuple[Problem, ...] = ()
        not_picked: tuple[Problem, ...] = ()
        stop = False
        for number, data in chunk.lines():
            lines += 1
            try:
                line = answer(*self._read(data, number))
            except NotPickedError as error:
                not_picked = not_picked or error.problems
                continue
            except InputError as error:
                bad += 1
                problems = problems or tuple(_in_line(error.problems, self.name, number))
                if not self.keep_going:
                    stop = True
                    break
                texts.append(_error_line(error.problems, number))
                continue
            answered += 1
            texts += line.texts
            refused += line.refused
            failures += [f"line {number}: {one.message}" for one in line.verdicts if one.failed]
            nulls = [Notice(NULL_MET, None, one.message) for one in line.verdicts if not one.failed]
            for notice in (*line.notices, *nulls):
                times, first, kept = notes.get(notice.code, (0, number, notice))
                notes[notice.code] = Noted(times + 1, first, kept)
        text = "".join(f"{text}\n" for text in texts).encode("utf-8", "backslashreplace")
        return Answers(
            text,
            lines,
            answered,
            bad,
            refused,
            tuple(failures),
            problems,
            stop,
            notes,
            not_picked,
            chunk.position,
        )

    def _read(self, data: bytes, number: int) -> tuple[Reading, TiersView]:
        if len(data) > MAX_LINE:
            message = f"the line is longer than {MAX_LINE // 1024} KiB"
            raise InputError.of(message, "is this one position a line?", Place(self.name, number))
        account = read_line(data, self.name, number)
        venue, view = self.tiers.venue(account.venue)
        return read_account(account, venue, self.overrides), view

    def _report(self, reading: Reading, tiers: TiersView) -> Line:
        view = report_view([(reading, tiers)])
        plan = self._plan(view.has, view.venue.name)
        verdicts: Sequence[Verdict] = ()
        if plan.conditions is not None:
            plan.conditions.need(view.cross)
            verdicts = plan.conditions.verdicts(view.positions, view.cross, view.notices)
        write = plan.lines.line
        return Line([write(shown) for shown in view.positions], False, view.notices, verdicts)

    def _change(self, reading: Reading, tiers: TiersView) -> Line:
        assert self.action is not None
        view = change_view([(reading, tiers)], self.action, self.amount)
        plan = self._plan(view.has, view.venue.name)
        after, position = view.change.after, view.change.position_after
        verdicts: Sequence[Verdict] = ()
        if plan.conditions is not None:
            plan.conditions.need(after.cross)
            shown = () if position is None else (PositionView(position),)
            verdicts = plan.conditions.verdicts(shown, after.cross, after.notices)
        text = ndjson_line(change_data(view, plan.fields))
        return Line([text], not view.change.allowed, view.notices, verdicts)

    def _plan(self, has: frozenset[str], venue: str) -> _Plan:
        plan = self._kept.get((has, venue))
        if plan is None:
            available = fields_of(has)
            fields = picked_fields(self.fields, available)
            conditions = Conditions(self.conditions, available) if self.conditions.fail_if else None
            # a whole line says its venue, so that it can be fed back
            lead = {"venue": venue} if self.fields is None else {}
            plan = _Plan(fields, PositionLines(fields, lead), conditions)
            self._kept[has, venue] = plan
        return plan


def _in_line(problems: Sequence[Problem], name: str, number: int) -> Iterator[Problem]:
    """Yield problems with their line, also those that are about a flag or the tier file."""
    for problem in problems:
        place = problem.place
        if place.file is None:
            place = Place(name, number, None, place.path)
        yield Problem(problem.message, problem.hint, place)


def _error_line(problems: Sequence[Problem], number: int) -> str:
    told = [
        problem.message
        if problem.place.path is None
        else f"{problem.place.path}: {problem.message}"
        for problem in problems
    ]
    return ndjson_line({"error": "; ".join(told), "line": number})
