"""The results of cases for people, as data, and in the formats of CI systems."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from marginctl.checks.problem import Place, Problem
from marginctl.core.agreement import Actual
from marginctl.render.ci_formats import JUnitCase, JUnitSuite, junit_text
from marginctl.render.data import Data
from marginctl.render.explain import shown_number
from marginctl.render.findings import Checked, concise_lines, github_lines, gitlab_report
from marginctl.render.layout import DANGER, NOTE, SAFE, Rows, TextLine, aligned, text_of
from marginctl.render.numbers import escape_control, plain

HEADS = (("Field", False), ("Expected", False), ("Actual", True), ("Difference", True))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was expected: a value with an optional tolerance, or a range."""

    value: Actual = None
    tolerance: Decimal | None = None
    least: Decimal | None = None
    most: Decimal | None = None

    @property
    def is_range(self) -> bool:
        """Whether it is a range."""
        return self.least is not None or self.most is not None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One field of a case: what was expected, what it is, and where that is written."""

    field: str
    wanted: Wanted
    actual: Actual
    difference: Decimal | None
    passed: bool
    line: int


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case, with all its checks; or what of it, or of its file, cannot be read.

    ``name`` is None for a file as a whole, and for a case that does not say its name.
    """

    file: str
    line: int
    name: str | None
    checks: tuple[CheckResult, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def title(self) -> str:
        """What the case is called."""
        return self.name or ("a case without a name" if self.line else "the file")

    @property
    def passed(self) -> bool:
        """Whether it could be run, and every check passed."""
        return not self.problems and all(check.passed for check in self.checks)

    @property
    def failures(self) -> list[CheckResult]:
        """The checks that did not pass."""
        return [check for check in self.checks if not check.passed]


def results_data(results: Sequence[CaseResult]) -> Data:
    """Return the object that ``tiers test -o json`` prints."""
    return {
        "schema": "marginctl/test/1",
        **_counts(results),
        "cases": [
            {
                "file": result.file,
                "line": result.line or None,
                "name": result.name,
                "passed": result.passed,
                "checks": [_check_data(check) for check in result.checks],
                "problems": [_problem_data(problem) for problem in result.problems],
            }
            for result in results
        ],
    }


def _counts(results: Sequence[CaseResult]) -> dict[str, int]:
    errors = sum(bool(result.problems) for result in results)
    passed = sum(result.passed for result in results)
    return {"passed": passed, "failed": len(results) - passed - errors, "errors": errors}


def _problem_data(problem: Problem) -> Data:
    return {
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "message": problem.message,
        "hint": problem.hint,
        "path": problem.place.path,
    }


def _check_data(check: CheckResult) -> Data:
    return {
        "field": check.field,
        "line": check.line,
        "expected": _wanted_data(check.wanted),
        "actual": _plain(check.actual),
        "difference": _plain(check.difference),
        "passed": check.passed,
    }


def _wanted_data(wanted: Wanted) -> object:
    if wanted.is_range:
        return {"min": _plain(wanted.least), "max": _plain(wanted.most)}
    if wanted.tolerance is not None:
        return {"value": _plain(wanted.value), "tolerance": _plain(wanted.tolerance)}
    return _plain(wanted.value)


def _plain(value: Actual) -> str | None:
    return plain(value) if isinstance(value, Decimal) else value


def failure_title(result: CaseResult) -> TextLine:
    """Return the line that says which case failed, and where it stands."""
    place = escape_control(f"{result.file}:{result.line}")
    return (("FAILED", DANGER), (f" {escape_control(result.title)}", ""), (f"  {place}", NOTE))


def failure_rows(result: CaseResult) -> Rows:
    """Return the table of what failed in a case."""
    checks = result.failures
    columns = [
        [escape_control(check.field) for check in checks],
        [escape_control(_wanted_words(check.wanted)) for check in checks],
        aligned([_words(check.actual) for check in checks]),
        aligned([_signed(check.difference) for check in checks]),
    ]
    return Rows("", HEADS, tuple(zip(*columns, strict=True)), ("",) * len(checks))


def _wanted_words(wanted: Wanted) -> str:
    """Return what was expected, in few words: 2,295.92 ± 0.01, or 0 to 100."""
    least, most = (_words(end) for end in (wanted.least, wanted.most))
    if wanted.least is not None and wanted.most is not None:
        return f"{least} to {most}"
    if wanted.is_range:
        return f"at most {most}" if wanted.least is None else f"at least {least}"
    value = _words(wanted.value)
    return value if wanted.tolerance is None else f"{value} ± {_words(wanted.tolerance)}"


def _words(value: Actual) -> str:
    return value if isinstance(value, str) else shown_number(value)


def _signed(difference: Decimal | None) -> str:
    if difference is None:
        return ""
    return f"{'+' if difference > 0 else ''}{shown_number(difference)}"


def summary_line(results: Sequence[CaseResult]) -> TextLine:
    """Return how many cases passed, how many failed, and how many cannot be run."""
    counts = _counts(results)
    passed = f"{counts['passed']} passed"
    if counts["passed"] == len(results):
        return ((passed, SAFE),)
    errors = counts["errors"]
    words = [
        f"{counts['failed']} failed" if counts["failed"] else "",
        f"{errors} error{'' if errors == 1 else 's'}" if errors else "",
    ]
    return ((", ".join(filter(None, words)), DANGER), (f", {passed}", ""))


CODE = "unexpected-value"
ToPath = Callable[[str], str]
"""Gives a file as seen from the repository's root, as CI systems want it."""


def case_report(form: str, results: Sequence[CaseResult], to_path: ToPath) -> str:
    """Return the report in a format: concise, github, gitlab or junit; empty for nothing.

    That of github ends with the summary, as nothing else in the log of a workflow has it.
    """
    if form == "junit":
        return junit_text(_suites(results))
    failed = _checked(results, to_path)
    if form == "gitlab":
        return gitlab_report(failed)
    if form == "github":
        return "\n".join([*github_lines(failed), text_of(summary_line(results))])
    return "\n".join(concise_lines(failed))


def _by_file(results: Sequence[CaseResult]) -> dict[str, list[CaseResult]]:
    files: dict[str, list[CaseResult]] = {}
    for result in results:
        files.setdefault(result.file, []).append(result)
    return files


def _checked(results: Sequence[CaseResult], to_path: ToPath) -> list[Checked]:
    """Return what failed and what cannot be read by file: also of a tier file that is broken."""
    findings: dict[str, dict[Problem, None]] = {}
    for result in results:
        for finding in [*result.problems, *_failures(result)]:
            findings.setdefault(finding.place.file or result.file, {})[finding] = None
    return [Checked(file, to_path(file), tuple(found), ()) for file, found in findings.items()]


def _failures(result: CaseResult) -> list[Problem]:
    return [
        Problem(
            f"{result.title}: {_difference_words(check)}",
            None,
            Place(result.file, check.line, None, f"{result.title}.{check.field}"),
            CODE,
        )
        for check in result.failures
    ]


def _difference_words(check: CheckResult) -> str:
    actual, difference = _words(check.actual), _signed(check.difference)
    words = f"{check.field} is {actual}, expected {_wanted_words(check.wanted)}"
    return f"{words}, a difference of {difference}" if difference else words


def _suites(results: Sequence[CaseResult]) -> list[JUnitSuite]:
    return [
        JUnitSuite(file, [_case(result) for result in cases])
        for file, cases in _by_file(results).items()
    ]


def _case(result: CaseResult) -> JUnitCase:
    if result.passed:
        return JUnitCase(result.title)
    if result.problems:
        first = result.problems[0]
        lines = [text for problem in result.problems for text in _problem_lines(problem)]
        return JUnitCase(result.title, "error", first.code, first.message, "\n".join(lines))
    words = [_difference_words(check) for check in result.failures]
    lines = [
        f"{result.file}:{check.line} {message}"
        for check, message in zip(result.failures, words, strict=True)
    ]
    return JUnitCase(result.title, "failure", CODE, words[0], "\n".join(lines))


def _problem_lines(problem: Problem) -> list[str]:
    hint = [] if problem.hint is None else [f"hint: {problem.hint}"]
    return [f"{problem.place}: {problem.message}", *hint]
