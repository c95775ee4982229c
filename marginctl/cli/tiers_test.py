"""``marginctl tiers test``: cases, positions with the figures that are expected of them."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

from marginctl.cli.options import (
    MaybeText,
    OutputFlags,
    ReportFlags,
    TierFlags,
    argument,
    command,
    flag,
    in_ci,
    output_option,
    report_form,
)
from marginctl.core.agreement import Actual, compare_range, compare_value
from marginctl.core.evaluation import evaluate
from marginctl.core.numbers import exactly
from marginctl.core.report import AccountReport
from marginctl.core.rules import Venue
from marginctl.load.account import Overrides, read_account
from marginctl.load.cases import Expected, ReadCase
from marginctl.load.numbers import read_decimal
from marginctl.load.problems import InputError, Problem, known_hint
from marginctl.load.yaml_edit import Edit
from marginctl.render.cases import CaseResult, CheckResult, Wanted
from marginctl.render.data import PositionView, field_value, value_text
from marginctl.render.figures import CROSS_FIELDS, Field, fields_of, flattened
from marginctl.render.numbers import exact_text, grouped, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from marginctl.cli.output import Out
    from marginctl.load.cases import ReadCases
    from marginctl.load.tier_source import TierSource


_OF_POSITION = {field.name: field for field in flattened(fields_of({"fees"}))}
_OF_CROSS = {field.name: field for field in flattened(CROSS_FIELDS)}
_FLAGS = ("true", "false")


@dataclass(frozen=True)
class CaseOutcome:
    """The result of a case, and what ``--update`` would write into its file."""

    result: CaseResult
    edits: tuple[Edit, ...]


@exactly
def _run_case(read: ReadCase, venue: Venue) -> CaseOutcome:
    """Evaluate the account of a case and compare.

    Raises:
        InputError: with every problem of the account, and every field that there is not.
    """
    problems: list[Problem] = []
    report = None
    try:
        report = evaluate(read_account(read.account_input, venue, Overrides()).account, venue)
    except InputError as error:
        problems.extend(error.problems)
    count = len(read.account_input.position_inputs)
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
    return CaseOutcome(result, edits)


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
        hint = known_hint(expected.field, known)
        if expected.field in _OF_POSITION:
            hint = f"name the position: positions[0].{expected.field}"
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
        return (
            f"{expected.field} is not a number, so it cannot have a range",
            "give the value itself",
        )
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
        expected.field, wanted, actual, verdict.difference, verdict.passed, expected.place.line or 0
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
    expectation = expected.expectation
    value: Actual = expectation.value
    if isinstance(value, str) and (
        isinstance(actual, Decimal) or expectation.tolerance is not None
    ):
        value = _number_or_word(value)
    return Wanted(value, expectation.tolerance, expectation.min, expectation.max)


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
    return exact_text(actual).replace(",", "_") if "_" in (old or "") else plain(actual)


_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

FORMATS = ("table", "full", "concise", "json", "github", "gitlab", "junit")
"""Those of ``tiers check``, and the table, of which full is another name."""
REPORTS = ("concise", "github", "gitlab", "junit")
"""The formats of CI systems."""
_SAY_IT_ALL = frozenset({"concise", "github"})
"""The formats whose readers see everything in them, so that problems are not reported twice."""


Output = Annotated[MaybeText, output_option(FORMATS, "table, github in its workflows")]


@command("marginctl tiers test tiers-test.yaml")
def run_cases(
    tiers: TierFlags,
    flags: ReportFlags,
    files: Annotated[
        list[str] | None,
        argument(
            "[FILE]...", "Case files (default: those beside the tier file). - is standard input."
        ),
    ] = None,
    *,
    output: Output = None,
    update: Annotated[
        bool, flag("--update", "Write the actual values into cases marked update: true.")
    ] = False,
) -> int:
    """Run cases: positions with the figures that are expected of them."""
    from marginctl.cli.messages import print_problems
    from marginctl.cli.output import Out

    form = report_form(output, FORMATS, "the results of cases")
    form = form or ("github" if in_ci() else "table")
    out = Out(
        OutputFlags(
            output="json" if form == "json" else "table",
            numbers=flags.numbers,
            color=flags.color,
        )
    )
    venues = _Venues(tiers)
    ran = _Ran([], [])
    for file in files or _beside(tiers.tiers):
        ran.results.extend(_run_file(file, venues, ran, update=update))
    if form in REPORTS:
        _report(form, ran.results)
    else:
        _print(ran.results, out)
    if form not in _SAY_IT_ALL:
        print_problems(dict.fromkeys(ran.problems))
    if ran.problems:
        return 2
    return 0 if all(result.passed for result in ran.results) else 1


class _Ran(NamedTuple):
    """What was run, and every problem that kept something from being run."""

    results: "list[CaseResult]"
    problems: "list[Problem]"

    def broken(
        self, file: str, line: int, name: str | None, problems: "Iterable[Problem]"
    ) -> "CaseResult":
        """Take the problems of a case, or of a file, and return what is shown of it."""
        from marginctl.render.cases import CaseResult

        found = tuple(problems)
        self.problems.extend(found)
        return CaseResult(file, line, name, (), tuple(_of_file(file, problem) for problem in found))


def _of_file(file: str, problem: "Problem") -> "Problem":
    """Return a problem with the file that it is in, where it does not say so itself."""
    return problem._replace(place=problem.place._replace(file=problem.place.file or file))


_CASES = re.compile(r"tiers?[-_.](tests?|cases)[^/]*\.ya?ml")
"""Names of case files, as in ``.pre-commit-hooks.yaml``."""


def _beside(tiers: str | None) -> list[str]:
    """Return the case files beside the tier file that is named, or else in the current folder.

    Raises:
        InputError: there are none.
    """
    from marginctl.load.problems import InputError
    from marginctl.load.tier_source import ENVIRONMENT_VARIABLE

    named = tiers or os.environ.get(ENVIRONMENT_VARIABLE)
    folder = Path(named).parent if named else Path()
    if files := sorted(str(path) for path in folder.glob("*.y*ml") if _CASES.match(path.name)):
        return files
    where = f"beside {named}" if named else "in this folder"
    hint = "name them after the command, or call them tiers-cases.yaml or tiers-test.yaml"
    raise InputError.of(f"there are no case files {where}", hint)


def _report(form: str, results: "Sequence[CaseResult]") -> None:
    import sys

    from marginctl.cli.surroundings import Stdout
    from marginctl.cli.tiers_check import from_root
    from marginctl.render.cases import case_report

    if report := case_report(form, results, from_root):
        Stdout(sys.stdout).write(f"{report}\n")


class _Venues:
    """The venues that cases are run on. Each is read once, however many cases there are, and so is
    why one cannot be read.
    """

    def __init__(self, flags: TierFlags) -> None:
        self._flags = flags
        self._files: dict[str, TierSource | InputError] = {}
        self._venues: dict[tuple[str, str | None], Venue | InputError] = {}

    def of(self, case: "ReadCase", cases: "ReadCases") -> "Venue":
        """Return the venue of a case.

        Raises:
            InputError: its tier file cannot be read, or has no such venue.
        """
        from marginctl.load.tier_source import VENUE_VARIABLE, find_tiers, load_tiers

        path, origin = find_tiers(self._flags.tiers or cases.tiers, os.environ)
        file = _once(self._files, path, lambda: load_tiers(path, origin))
        name = self._flags.venue or case.account_input.venue or cases.venue
        name = name or os.environ.get(VENUE_VARIABLE) or None
        return _once(self._venues, (path, name), lambda: file.venue(name))


def _once(
    known: "dict[_Key, _Value | InputError]", key: _Key, read: "Callable[[], _Value]"
) -> _Value:
    """Return what was read for a key, or raise again what kept it from being read."""
    from marginctl.load.problems import InputError

    if key not in known:
        try:
            known[key] = read()
        except InputError as error:
            known[key] = error
    found = known[key]
    if isinstance(found, InputError):
        raise InputError(found.problems)
    return found


def _run_file(file: str, venues: _Venues, ran: _Ran, *, update: bool) -> "list[CaseResult]":
    """Run the cases of a file, and write the updated values into it."""
    from marginctl.cli.messages import print_notices
    from marginctl.cli.surroundings import write_whole
    from marginctl.core.notices import Notice
    from marginctl.load.files import STDIN, display_name, read_bytes
    from marginctl.load.problems import InputError, Place
    from marginctl.load.yaml_edit import edited

    if update and file == STDIN:
        raise InputError.of(
            "standard input cannot be updated", "name a file", Place(path="--update")
        )
    name = display_name(file)
    try:
        data = read_bytes(file)
        results, edits = _run(data, name, venues, ran)
        if update and edits and not any(result.problems for result in results):
            data = edited(data, edits, name)
            results, _ = _run(data, name, venues, ran)
            write_whole(file, data)
            values = "1 value" if len(edits) == 1 else f"{len(edits)} values"
            print_notices([Notice("updated", None, f"{values} written into {name}")])
    except InputError as error:
        return [ran.broken(name, 0, None, error.problems)]
    return results


def _run(
    data: bytes, name: str, venues: _Venues, ran: _Ran
) -> "tuple[list[CaseResult], list[Edit]]":
    """Run the cases of a file; return their results, and what ``--update`` would write."""
    from marginctl.load.cases import BrokenCase, read_cases
    from marginctl.load.problems import InputError

    read = read_cases(data, name)
    results: list[CaseResult] = []
    edits: list[Edit] = []
    for case in read.cases:
        line = case.place.line or 0
        if isinstance(case, BrokenCase):
            results.append(ran.broken(name, line, case.name, case.problems))
            continue
        try:
            outcome = _run_case(case, venues.of(case, read))
        except InputError as error:
            results.append(ran.broken(name, line, case.case.name, error.problems))
            continue
        results.append(outcome.result)
        edits += outcome.edits
    return results, edits


def _print(results: "Sequence[CaseResult]", out: "Out") -> None:
    from marginctl.render.cases import failure_rows, failure_title, results_data, summary_line

    if out.form == "json":
        out.json(results_data(results))
        return
    if results and all(result.problems for result in results):
        return  # nothing could be run, and the problems say all
    output = out.tables()
    for result in results:
        if result.failures:
            output.lines([failure_title(result), ()])
            output.table(failure_rows(result))
            output.lines([()])
    output.lines([summary_line(results)])
