"""``marginctl tiers test``: cases with expected figures, run against a tier file."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeVar

import typer

from marginctl.cli.options import Text, TierFlags, command, output_option
from marginctl.cli.report_flags import ReportFlags, in_ci, output_flags, report_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from marginctl.checks.findings import Finding
    from marginctl.cli.output import Out
    from marginctl.core.venue import Venue
    from marginctl.load.case_file import ReadCase, ReadCases
    from marginctl.load.problems import InputError, Problem
    from marginctl.load.tier_source import TierSource
    from marginctl.load.yaml_edit import Edit
    from marginctl.render.case_results import CaseResult


_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

FORMATS = ("table", "full", "concise", "json", "github", "gitlab", "junit")
"""Those of ``tiers check``, and the table, of which full is another name."""
REPORTS = ("concise", "github", "gitlab", "junit")
"""The formats of CI systems."""
_SAY_IT_ALL = frozenset({"concise", "github"})
"""The formats whose readers see everything in them, so that problems are not told twice."""


Output = Annotated[Text, output_option(FORMATS, "table, github in its workflows")]


@command
def run_cases(
    tiers: TierFlags,
    flags: ReportFlags,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Files of cases; else those beside the tier file. - is standard input.",
            show_default=False,
        ),
    ] = None,
    *,
    output: Output = None,
    update: Annotated[
        bool,
        typer.Option("--update", help="Write the actual values into cases marked update: true."),
    ] = False,
) -> int:
    """Run cases: positions with the figures that are expected of them."""
    from marginctl.cli.messages import print_problems
    from marginctl.cli.output import Out

    form = report_form(output, FORMATS, "the results of cases")
    form = form or ("github" if in_ci() else "table")
    out = Out(output_flags("json" if form == "json" else "table", flags))
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
        from marginctl.render.case_results import CaseResult

        found = tuple(problems)
        self.problems.extend(found)
        return CaseResult(file, line, name, (), tuple(_finding(file, one) for one in found))


def _finding(file: str, problem: "Problem") -> "Finding":
    from marginctl.checks.findings import Finding, Severity

    place = problem.place
    return Finding(
        place.file or file,
        place.line,
        place.column,
        Severity.ERROR,
        problem.code or "unreadable",
        problem.message,
        problem.hint,
        place.path,
    )


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

    from marginctl.cli.terminal import Stdout
    from marginctl.cli.tiers_check import from_root
    from marginctl.render.case_reports import case_report

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
        from marginctl.cli.inputs import VENUE_VARIABLE
        from marginctl.load.tier_source import find_tiers, load_tiers

        path, origin = find_tiers(self._flags.tiers or cases.tiers, os.environ)
        file = _once(self._files, path, lambda: load_tiers(path, origin))
        name = self._flags.venue or case.draft.venue or cases.venue
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
    """Run the cases of a file, and write into it what is to be updated."""
    from marginctl.cli.messages import print_notices
    from marginctl.cli.writing import write_whole
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
    from marginctl.cli.case_running import run_case
    from marginctl.load.case_file import BrokenCase, read_cases
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
            outcome = run_case(case, venues.of(case, read))
        except InputError as error:
            results.append(ran.broken(name, line, case.case.name, error.problems))
            continue
        results.append(outcome.result)
        edits += outcome.edits
    return results, edits


def _print(results: "Sequence[CaseResult]", out: "Out") -> None:
    from marginctl.render.case_results import (
        failure_rows,
        failure_title,
        results_data,
        summary_line,
    )

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
