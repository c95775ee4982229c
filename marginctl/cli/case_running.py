"""Running cases: every field that something is expected of, compared with its actual value."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from marginctl.core.evaluate import evaluate
from marginctl.core.expectation import Actual, compare_range, compare_value
from marginctl.core.report import AccountReport
from marginctl.core.venue import Venue
from marginctl.load.case_file import Expected, ReadCase
from marginctl.load.numbers import read_decimal
from marginctl.load.problems import InputError, Problem, did_you_mean
from marginctl.load.reading import Overrides, read_account
from marginctl.load.yaml_edit import Edit
from marginctl.render.account_fields import CROSS_FIELDS
from marginctl.render.case_results import CaseResult, CheckResult, Wanted
from marginctl.render.data import field_value, value_text
from marginctl.render.field import Field
from marginctl.render.fields import fields_of, flattened
from marginctl.render.numbers import as_given, grouped, plain
from marginctl.render.view import PositionView

_OF_POSITION = {field.name: field for field in flattened(fields_of({"fees"}))}
_OF_CROSS = {field.name: field for field in flattened(CROSS_FIELDS)}
_FLAGS = ("true", "false")


@dataclass(frozen=True)
class Outcome:
    """The result of a case, and what ``--update`` would write into its file."""

    result: CaseResult
    edits: tuple[Edit, ...]


def run_case(read: ReadCase, venue: Venue) -> Outcome:
    """Evaluate the account of a case and compare.

    Raises:
        InputError: with every problem of the account, and every field that there is not.
    """
    problems: list[Problem] = []
    report = None
    try:
        report = evaluate(read_account(read.draft, venue, Overrides()).account, venue)
    except InputError as error:
        problems.extend(error.problems)
    count = len(read.draft.drafts)
    lone = read.case.position is not None
    for expected in read.expected:
        problems.extend(_field_problems(expected, count, lone=lone))
    if report is None or problems:
        raise InputError(problems)
    checks = [(expected, _check(expected, report)) for expected in read.expected]
    result = CaseResult(
        read.place.file or "",
        read.place.line or 0,
        read.case.name,
        tuple(check for _, check in checks),
    )
    edits = tuple(_edits(checks)) if read.case.update else ()
    return Outcome(result, edits)


def _field_problems(expected: Expected, count: int, *, lone: bool) -> Iterator[Problem]:
    place = expected.place
    head, dot, _ = expected.field.partition(".")
    inside = re.fullmatch(r"positions\[(\d{1,9})\]", head, re.ASCII)
    if head == "cross" and dot:
        known = {f"cross.{name}": field for name, field in _OF_CROSS.items()}
    elif inside is not None:
        if int(inside.group(1)) >= count:
            yield Problem(f"there is no {head}", f"positions count from 0 to {count - 1}", place)
            return
        known = {f"{head}.{name}": field for name, field in _OF_POSITION.items()}
    elif lone:
        known = _OF_POSITION
    else:
        known = {f"positions[0].{name}": field for name, field in _OF_POSITION.items()}
    if expected.field not in known:
        hint = did_you_mean(expected.field, known) or f"known: {', '.join(known)}"
        if expected.field in _OF_POSITION:
            hint = f"say of which position: positions[0].{expected.field}"
        yield Problem(f"{expected.field!r} is not a field of a report", hint, place)
        return
    impossible = _impossible(expected, known[expected.field])
    if impossible is not None:
        yield Problem(*impossible, place)


def _impossible(expected: Expected, field: Field) -> tuple[str, str] | None:
    """Return why no report can ever meet an expectation, and a hint; None where one can."""
    wanted = expected.expectation
    if field.is_number:
        if isinstance(wanted.value, str):
            try:
                read_decimal(wanted.value, fraction=True)
            except ValueError as error:
                return str(error), f"{expected.field} is a number, or null where there is none"
    elif wanted.min is not None or wanted.max is not None or wanted.tolerance is not None:
        return f"{expected.field} is no number, so it has no range", "give the value itself"
    elif field.unit == "flag" and wanted.value not in _FLAGS:
        return f"{expected.field} is true or false", "write one of the two"
    return None


def _check(expected: Expected, report: AccountReport) -> CheckResult:
    actual = _actual(expected.field, report)
    wanted = _wanted(expected, actual)
    if wanted.is_range:
        verdict = compare_range(actual, wanted.least, wanted.most)
    else:
        verdict = compare_value(actual, wanted.value, wanted.tolerance or Decimal(0))
    return CheckResult(
        expected.field,
        wanted,
        actual,
        verdict.difference,
        verdict.passed,
        expected.place.line or 0,
    )


def _actual(field: str, report: AccountReport) -> Actual:
    head, _, rest = field.partition(".")
    value: Any
    if head == "cross":
        value = report.cross
        for step in rest.split("."):
            value = None if value is None else getattr(value, step)
    elif head.startswith("positions["):
        index = int(head.removeprefix("positions[").removesuffix("]"))
        value = field_value(PositionView(report.positions[index]), rest)
    else:
        value = field_value(PositionView(report.positions[0]), field)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and not hasattr(value, "word"):
        return Decimal(value)
    return value if isinstance(value, Decimal) else _word(value)


def _word(value: Any) -> str | None:
    text = value_text(value)
    return None if text is None else str(text)


def _wanted(expected: Expected, actual: Actual) -> Wanted:
    said = expected.expectation
    value: Actual = said.value
    if isinstance(value, str) and (isinstance(actual, Decimal) or said.tolerance is not None):
        value = _number_or_word(value)
    return Wanted(value, said.tolerance, said.min, said.max)


def _number_or_word(text: str) -> Actual:
    try:
        return read_decimal(text, fraction=True)
    except ValueError:
        return text


def _edits(checks: Sequence[tuple[Expected, CheckResult]]) -> Iterator[Edit]:
    """Yield what must be written for the checks to pass; ranges are for their authors to move."""
    for expected, check in checks:
        if not check.passed and not check.wanted.is_range:
            text = _written(check.actual, check.wanted.tolerance, expected.written)
            yield Edit(expected.mark, expected.written, text, expected.place.path or "")


def _written(actual: Actual, tolerance: Decimal | None, old: str | None) -> str:
    """Return an actual value as it is written: to the tolerance's decimals, grouped as before."""
    if actual is None:
        return "null"
    if isinstance(actual, str):
        return actual
    if tolerance:
        decimals = max(0, -int(tolerance.as_tuple().exponent))
        actual = Decimal(grouped(actual, decimals).replace(",", ""))
    return as_given(actual).replace(",", "_") if "_" in (old or "") else plain(actual)
