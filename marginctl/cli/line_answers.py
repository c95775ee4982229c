"""The answer to one line of a stream, and to some lines at once.

What is here is pickled and sent to worker processes, so it holds plain values.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from marginctl.cli.change_answer import change_answer
from marginctl.cli.conditions import Conditions, Verdict
from marginctl.cli.inputs import LoadedAccounts, Tiers, apply_flags
from marginctl.cli.options import ConditionFlags
from marginctl.cli.output import picked_fields
from marginctl.cli.report_view import report_view
from marginctl.core.account import Betas
from marginctl.core.changes import Action, MarginChange
from marginctl.core.evaluation import EVERYTHING, Asked
from marginctl.core.notices import Notice
from marginctl.core.numbers import exactly
from marginctl.core.report import CrossReport
from marginctl.load.account import AmbiguousAssetError, Overrides, each_alone, read_account
from marginctl.load.files import MAX_LINE, Chunk
from marginctl.load.positions import read_alone, read_line
from marginctl.load.problems import InputError, Place, Problem
from marginctl.render.change import change_data
from marginctl.render.chosen import CHANGE_FIELDS, bare_fields, fields_around
from marginctl.render.data import Answer, PositionView, record_data
from marginctl.render.figures import Field, cross_fields, fields_of, split
from marginctl.render.position_lines import PositionLines
from marginctl.render.scripts import ndjson_line


class MarginMove(NamedTuple):
    """What ``add`` or ``remove`` does to every line; ``amount`` None is the most allowed."""

    action: Action
    amount: Decimal | None
    cushion: Decimal | None = None


class CountedNotice(NamedTuple):
    """How often a notice was taken, and its first time."""

    times: int
    line: int
    notice: Notice


class Answers(NamedTuple):
    """The answers to some lines.

    ``text`` is whole lines. ``problems`` are those of the first bad line. ``stop`` says that it
    is the end, as a bad line is not to be skipped. ``failed`` says that the venue would
    refuse one, or that one of the ``verdicts`` of ``--fail-if`` is a failure. ``nothing_picked`` is
    why a line has no answer.
    """

    text: bytes
    position: int
    lines: int
    answered: int
    failed: bool
    verdicts: tuple[Verdict, ...]
    notices: dict[str, CountedNotice]
    bad: int = 0
    problems: tuple[Problem, ...] = ()
    stop: bool = False
    nothing_picked: tuple[Problem, ...] = ()


AnsweredLine = tuple[Sequence[str], bool, Sequence[Verdict], Sequence[Notice]]
"""The answer to one line: its text, whether the venue would refuse it, and what to report."""


AnsweredLines = tuple[list[str], Sequence[Verdict], Sequence[tuple[int, Notice]]]
"""The same of many lines, none of which is refused; each notice with the number of its line."""
_PLACE = attrgetter("place")


class _Prepared(NamedTuple):
    """What is the same for every line whose answer has the same fields."""

    fields: list[Field]
    split: tuple[list[Field], list[Field]]
    lines: PositionLines
    changes: PositionLines
    conditions: Conditions


@dataclass
class LineAnswers:
    """Answers lines, each on its own: shows them, or has margin ``moved``."""

    name: str
    tiers: Tiers
    overrides: Overrides
    fields: str | None
    keep_going: bool
    conditions: ConditionFlags
    moved: MarginMove | None = None
    betas: Betas | None = None
    numbers: bool = False
    fee_rate: Decimal | None = None
    asked: Asked = EVERYTHING
    _kept: dict[tuple[frozenset[str], str, bool], _Prepared] = field(default_factory=dict)

    @exactly  # entered once rather than for every line
    def of_chunk(self, chunk: Chunk) -> Answers:
        """Answer lines in their order, up to the first bad one unless those are to be skipped."""
        numbered = list(chunk.lines())
        together = self._together(numbered)
        if together is not None:
            return _answers(together, chunk, len(numbered))
        texts: list[str] = []
        noted: list[tuple[int, Notice]] = []
        verdicts: list[Verdict] = []
        bad = answered = 0
        problems: tuple[Problem, ...] = ()
        nothing_picked: tuple[Problem, ...] = ()
        stop = refused = False
        for (number, _), line in zip(numbered, self._one_by_one(numbered), strict=True):
            if isinstance(line, InputError):
                if isinstance(line, AmbiguousAssetError):
                    nothing_picked = nothing_picked or line.problems
                    continue
                bad += 1
                problems = problems or tuple(_in_line(line.problems, self.name, number))
                if not self.keep_going:
                    stop = True
                    break
                texts.append(_error_line(line.problems, number))
                continue
            answered += 1
            of_line, refuses, judged, notices = line
            texts += of_line
            refused |= refuses
            verdicts += judged
            noted += [(number, notice) for notice in notices]
        answers = _answers((texts, verdicts, noted), chunk, len(numbered))
        return answers._replace(
            answered=answered,
            bad=bad,
            failed=answers.failed or refused,
            problems=problems,
            stop=stop,
            nothing_picked=nothing_picked,
        )

    def _together(self, numbered: Sequence[tuple[int, bytes]]) -> AnsweredLines | None:
        """Answer lines as the positions of one account; None where that is not the same.

        It is for isolated positions with nothing else behind them, as they have nothing to do with
        each other. What takes as long for an account as for its position is then done once.
        """
        accounts = self._read_together(numbered) if self.moved is None else None
        if accounts is None:
            return None
        try:
            view = report_view(accounts, fee_rate=self.fee_rate, asked=self.asked)
            prepared = self._prepared(view.has, view.venue.name, crossed=False)
            notices = sorted(view.notices, key=_PLACE)
            verdicts: list[Verdict] = []
            if self.conditions.fail_if:
                of_place = {place: [*taken] for place, taken in groupby(notices, _PLACE)}
                for place, shown in enumerate(view.positions):
                    taken = of_place.get(place, ())
                    verdicts += _verdicts(prepared.conditions, (shown,), taken, None)
        except InputError:
            return None  # each by itself says what is wrong with which
        line = prepared.lines.line
        noted = [(numbered[_PLACE(notice)][0], notice) for notice in notices]
        return [line(shown) for shown in view.positions], verdicts, noted

    def _read_together(self, numbered: Sequence[tuple[int, bytes]]) -> LoadedAccounts | None:
        """Return lines as one account, None where not each is an isolated position alone."""
        if self.betas is not None or self.overrides != Overrides():
            return None
        account_input = read_alone([data for _, data in numbered])
        if account_input is None:
            return None
        with suppress(InputError):  # each by itself says what is wrong with which
            venue, tiers = self.tiers.venue(account_input.venue)
            return [(read_account(account_input, venue, self.overrides), tiers)]
        return None

    def _one_by_one(self, numbered: Sequence[tuple[int, bytes]]) -> list[AnsweredLine | InputError]:
        """Answer each line by itself, or return what is wrong with it.

        All lines take a step before any takes the next: the code of one step stays in the
        processor's cache, that of all of them does not, which costs a tenth of the time.
        """
        together = None if self.moved is None else self._read_together(numbered)
        outcomes: list[Any]
        if together is None:
            outcomes = [_taken(self._read, line) for line in numbered]
        else:
            ((loaded, tiers),) = together
            outcomes = [[(alone, tiers)] for alone in each_alone(loaded)]
        steps = (self._report,) if self.moved is None else (self._moved, self._change)
        for step in steps:
            outcomes = [
                outcome if isinstance(outcome, InputError) else _taken(step, outcome)
                for outcome in outcomes
            ]
        return outcomes

    def _read(self, line: tuple[int, bytes]) -> LoadedAccounts:
        number, data = line
        if len(data) > MAX_LINE:
            message = f"the line is longer than {MAX_LINE // 1024} KiB"
            raise InputError.of(message, "is this one position per line?", Place(self.name, number))
        account_input = read_line(data, self.name, number)
        if len(account_input) > 1:
            return apply_flags(account_input, self.tiers, self.overrides)
        venue, view = self.tiers.venue(account_input[0].venue)
        return [(read_account(account_input[0], venue, self.overrides), view)]

    def _report(self, accounts: LoadedAccounts) -> AnsweredLine:
        view = report_view(accounts, betas=self.betas, fee_rate=self.fee_rate, asked=self.asked)
        prepared = self._prepared(view.has, view.venue.name, crossed=view.cross is not None)
        verdicts = (
            _verdicts(prepared.conditions, view.positions, view.notices, *view.crosses)
            if self.conditions.fail_if
            else ()
        )
        own, of_cross = prepared.split
        if view.positions and not of_cross:
            texts = [prepared.lines.line(shown, view.wallet) for shown in view.positions]
        elif view.positions:
            listed = view.records if own else [(None, cross) for cross in view.crosses]
            records = [record_data(one, prepared.fields) for one in listed]
            texts = [ndjson_line(record, numbers=self.numbers) for record in records]
        elif self.fields is not None and own:
            texts = []
        else:
            # of an account without positions, the account itself is the answer
            fields = of_cross or cross_fields()
            lead = {} if of_cross else {"venue": view.venue.name}
            texts = [
                ndjson_line(lead | record_data((None, one), fields), numbers=self.numbers)
                for one in view.crosses
            ]
        return texts, False, verdicts, view.notices

    def _moved(self, accounts: LoadedAccounts) -> Answer[MarginChange]:
        assert self.moved is not None
        return change_answer(accounts, *self.moved)

    def _change(self, answer: Answer[MarginChange]) -> AnsweredLine:
        after, position = answer.result.after, answer.result.position_after
        prepared = self._prepared(answer.has, answer.venue.name, crossed=after.cross is not None)
        verdicts: Sequence[Verdict] = ()
        if self.conditions.fail_if:
            shown = () if position is None else (PositionView(position),)
            verdicts = _verdicts(prepared.conditions, shown, after.notices, after.cross)
        if answer.result.position_before is not None and position is not None:
            text = prepared.changes.change_line(answer, prepared.split[1])
        else:
            fields = prepared.fields if self.fields is not None else ()
            text = ndjson_line(change_data(answer, fields), numbers=self.numbers)
        return [text], answer.result.allowed is False, verdicts, answer.notices

    def _picked(self, available: list[Field], of_cross: list[Field]) -> list[Field]:
        """Return the fields that are kept; of a change, those before and after by either's name."""
        if self.moved is None:
            return picked_fields(self.fields, available, of_cross)
        more = [*of_cross, *CHANGE_FIELDS, *fields_around([*available, *of_cross])]
        return bare_fields(picked_fields(self.fields, available, more), CHANGE_FIELDS)

    def _prepared(self, has: frozenset[str], venue: str, *, crossed: bool) -> "_Prepared":
        key = has, venue, crossed
        if key not in self._kept:
            available = fields_of(has)
            fields = self._picked(available, cross_fields() if crossed else [])
            own, of_cross = split(fields)
            # a whole line says its venue, so that it can be fed back
            lines = PositionLines(own, venue if self.fields is None else None, numbers=self.numbers)
            changes = PositionLines(own, numbers=self.numbers)
            conditions = Conditions(self.conditions, available)
            self._kept[key] = _Prepared(fields, (own, of_cross), lines, changes, conditions)
        return self._kept[key]


def _taken(step: Callable[[Any], Any], subject: Any) -> Any:
    """Take a step, and return what comes of it or what is wrong."""
    try:
        return step(subject)
    except InputError as error:
        # what led here is no longer of use, and would be held on to
        error.__context__ = None
        return error.with_traceback(None)


def _answers(answered: AnsweredLines, chunk: Chunk, lines: int) -> Answers:
    """Return the answers to so many lines, where none is bad or refused."""
    texts, verdicts, noted = answered
    times: dict[str, int] = {}
    first: dict[str, tuple[int, Notice]] = {}
    for number, notice in noted:
        code = notice.code
        if code in times:
            times[code] += 1
        else:
            times[code] = 1
            first[code] = number, notice.saying(notice.message)
    texts.append("")
    text = "\n".join(texts).encode("utf-8", "backslashreplace")
    return Answers(
        text,
        chunk.position,
        lines,
        lines,
        any(verdict.failed for verdict in verdicts),
        tuple(verdicts),
        {code: CountedNotice(times[code], *first[code]) for code in times},
    )


def _verdicts(
    conditions: Conditions,
    positions: Sequence[PositionView],
    notices: Sequence[Notice],
    *crosses: CrossReport | None,
) -> Sequence[Verdict]:
    """Judge a line; a condition on a cross account where there is none is an error of the line."""
    conditions.need(*crosses)
    return conditions.verdicts(positions, notices, *crosses)


def _in_line(problems: Sequence[Problem], name: str, number: int) -> Iterator[Problem]:
    """Yield problems with their line, also those that are about a flag or the tier file."""
    for problem in problems:
        place = problem.place
        if place.file is None:
            place = Place(name, number, None, place.path)
        yield Problem(problem.message, problem.hint, place)


def _error_line(problems: Sequence[Problem], number: int) -> str:
    messages = [
        problem.message
        if problem.place.path is None
        else f"{problem.place.path}: {problem.message}"
        for problem in problems
    ]
    return ndjson_line({"error": "; ".join(messages), "line": number})
