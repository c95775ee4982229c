"""``--fail-if``: conditions under which an answer is a failure, with exit code 1.

A null meets no condition, and a note says so with the reason. The one exception lies on the safe
side: of what is already liquidatable, a null meets every condition.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from marginctl.cli.messages import print_failure, print_note
from marginctl.cli.options import ConditionFlags
from marginctl.core.notices import Notice
from marginctl.core.numbers import exactly
from marginctl.core.report import CrossReport, PositionReport
from marginctl.load.conditions import Condition, read_conditions
from marginctl.load.problems import InputError, Place
from marginctl.render.data import PositionView, cross_value, field_value
from marginctl.render.figures import CROSS_PREFIX, Field, cross_fields, flattened
from marginctl.render.numbers import ellipsised, exact_text, names_text

if TYPE_CHECKING:
    from marginctl.render.chosen import Found


class Verdict(NamedTuple):
    """What a condition finds of a subject: that it holds, or that it meets a null.

    ``why`` there is a null, where a notice says so, begins with a colon.
    """

    subject: str
    message: str
    failed: bool
    why: str = ""


class _Subject(NamedTuple):
    """What a verdict is about; ``asset`` is None where it is not one position."""

    title: str
    liquidatable: bool = False
    asset: str | None = None


_ANSWER = _Subject("the answer")


class Conditions:
    """The conditions of a command, read once and checked against one answer or many."""

    def __init__(
        self, flags: ConditionFlags, fields: Iterable[Field], of_answer: Sequence[Field] = ()
    ) -> None:
        """Read the conditions; ``fields`` are those that the answer's positions have.

        ``of_answer`` are those of the answer itself, such as ``answer.value``.

        Raises:
            InputError: with every problem.
        """
        judged = judged_fields([*flattened(fields), *cross_fields(), *of_answer])
        self._fields = judged
        units = {name: field.unit for name, field in judged.items()}
        taken = read_conditions(flags.fail_if or [], units)
        names = {field.name for field in of_answer}
        self._on_answer = [condition for condition in taken if condition.field in names]
        self._on_cross = [
            condition for condition in taken if condition.field.startswith(CROSS_PREFIX)
        ]
        others = (*self._on_answer, *self._on_cross)
        self._on_positions = [condition for condition in taken if condition not in others]

    @property
    def names(self) -> list[str]:
        """The fields that conditions are on."""
        return [
            condition.field
            for condition in (*self._on_answer, *self._on_cross, *self._on_positions)
        ]

    @property
    def explaining(self) -> frozenset[str]:
        """The codes of the notices that tell why one of these fields is missing."""
        return frozenset(code for name in self.names for code in self._fields[name].absent)

    def need(self, *crosses: CrossReport | None) -> None:
        """Refuse conditions on a cross account where there is none, before anything is printed.

        Raises:
            InputError: with the condition.
        """
        if self._on_cross and not any(crosses):
            place = Place(path=f"--fail-if {self._on_cross[0].text!r}")
            message = "there is no cross account in this answer"
            hint = "give --collateral or --account-value; separate lines share no account"
            raise InputError.of(message, hint, place)

    def check(
        self,
        positions: Iterable[PositionView],
        notices: Sequence[Notice],
        *crosses: CrossReport | None,
    ) -> bool:
        """Print on stderr which conditions hold for what; return whether any does."""
        return print_verdicts(self.verdicts(positions, notices, *crosses))

    def check_found(self, found: "Found", notices: Sequence[Notice]) -> bool:
        """Check what a command found and the figures after it, as `check` does.

        Where there is nothing after it, as there is no answer, its figures are null.
        """
        shown, cross = found.after
        verdicts = self.verdicts(() if shown is None else (shown,), notices, cross)
        reasons = _Reasons(notices)
        if shown is None:
            for condition in self._on_positions:
                verdicts.append(self._verdict(condition, None, _ANSWER, reasons))
        for condition in self._on_answer:
            value = found.values[condition.field]
            number = None if value is None else Decimal(value)
            if number is None or condition.holds(number):
                verdicts.append(self._verdict(condition, number, _ANSWER, reasons))
        return print_verdicts(verdicts)

    def verdicts(
        self,
        positions: Iterable[PositionView],
        notices: Sequence[Notice],
        *crosses: CrossReport | None,
    ) -> list[Verdict]:
        """Return which conditions hold for what, and which meet a null.

        Nearly always there is none: words are made only where there is something to say.
        """
        found = []
        reasons = _Reasons(notices)
        for shown in positions:
            for condition in self._on_positions:
                value = field_value(shown, condition.field)
                if value is None or condition.holds(value):
                    subject = _subject(shown.report)
                    found.append(self._verdict(condition, value, subject, reasons))
        for cross in crosses if self._on_cross else ():
            if cross is None:
                continue
            title = "cross account"
            if len(crosses) > 1:
                title += f" of {cross.token or names_text(cross.dexes)}"
            subject = _Subject(title, cross.liquidatable)
            for condition in self._on_cross:
                value = cross_value(cross, condition.field)
                if value is None or condition.holds(value):
                    found.append(self._verdict(condition, value, subject, reasons))
        return found

    def _verdict(
        self,
        condition: Condition,
        value: Decimal | int | None,
        subject: "_Subject",
        reasons: "_Reasons",
    ) -> Verdict:
        """Return the verdict on a value that meets a condition, or on a null."""
        name, text = condition.field, condition.text
        if value is not None:
            return _held(condition, value, subject.title)
        if subject.liquidatable:
            message = f"{text} (liquidatable, so {name} is null)"
            return Verdict(subject.title, message, failed=True)
        why = reasons.first(self._fields[name].absent, subject.asset)
        return Verdict(subject.title, f"{name} is null, so {text} does not hold", False, why)


class _Reasons:
    """Why something is null: what notices say, found by asset."""

    def __init__(self, notices: Sequence[Notice]) -> None:
        self._notices = notices

    @cached_property
    def _by_asset(self) -> Mapping[str | None, list[Notice]]:
        found: dict[str | None, list[Notice]] = {}
        for notice in self._notices:
            found.setdefault(notice.asset, []).append(notice)
        return found

    def first(self, codes: Container[str], asset: str | None) -> str:
        """Return what the first notice of these codes says about an asset, behind a colon."""
        about = self._by_asset.get(asset, [])
        return next((f": {notice.message}" for notice in about if notice.code in codes), "")


class VerdictPrinter:
    """Prints verdicts on stderr: failures as they come, nulls at the end, each once and counted."""

    def __init__(self) -> None:
        self.failed = False
        """Whether any condition held."""
        self._nulls: dict[str, tuple[Verdict, int]] = {}

    def add(self, verdicts: Sequence[Verdict]) -> None:
        """Print failures, and keep the first of each null."""
        for verdict in verdicts:
            if verdict.failed:
                self.failed = True
                print_failure(f"{verdict.subject}: {verdict.message}")
            else:
                first, count = self._nulls.get(verdict.message, (verdict, 0))
                self._nulls[verdict.message] = first, count + 1

    def print_nulls(self) -> None:
        """Print the nulls."""
        for first, count in self._nulls.values():
            more = f" and {count - 1:,} more" if count > 1 else ""
            print_note(f"{first.subject}{more}: {first.message}{first.why}")


def print_verdicts(verdicts: Sequence[Verdict]) -> bool:
    """Print verdicts on stderr; return whether any condition holds."""
    printer = VerdictPrinter()
    printer.add(verdicts)
    printer.print_nulls()
    return printer.failed


def judged_fields(fields: Iterable[Field]) -> dict[str, Field]:
    """Return the fields that a condition can be about, by name."""
    return {field.name: field for field in fields if field.takes_conditions}


def holding(condition: Condition, value: Decimal | int, subject: str) -> list[Verdict]:
    """Return that a value meets a condition, or nothing."""
    return [_held(condition, value, subject)] if condition.holds(value) else []


def _held(condition: Condition, value: Decimal | int, subject: str) -> Verdict:
    """Return the verdict on a value that meets a condition."""
    name, text = condition.field, condition.text
    if condition.limit is None:
        return Verdict(subject, text, failed=True)
    shown = _number(Decimal(value), condition)
    return Verdict(subject, f"{text} ({name} is {shown})", failed=True)


def _subject(report: PositionReport) -> _Subject:
    title = f"{report.asset} {report.side.word} {exact_text(report.size)}"
    return _Subject(title, report.liquidatable, report.asset)


@exactly
def _number(value: Decimal, condition: Condition) -> str:
    return f"{ellipsised(value.scaleb(2))}%" if condition.in_percent else ellipsised(value)
