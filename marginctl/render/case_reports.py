"""The results of cases in the formats of CI systems, which those of checks have too."""

from collections.abc import Callable, Sequence

from marginctl.checks.findings import Finding, Severity
from marginctl.render.case_results import CaseResult, CheckResult, shown_actual, wanted_words
from marginctl.render.findings import Checked, concise_lines, github_lines, gitlab_report
from marginctl.render.junit import Case, Suite, junit_text

CODE = "unexpected-value"
ToPath = Callable[[str], str]
"""Gives a file as seen from the repository's root, as CI systems want it."""


def case_report(form: str, results: Sequence[CaseResult], to_path: ToPath) -> str:
    """Return the report in a format: concise, github, gitlab or junit; empty for nothing."""
    if form == "junit":
        return junit_text(_suites(results))
    failed = [_checked(file, cases, to_path) for file, cases in _by_file(results).items()]
    if form == "gitlab":
        return gitlab_report(failed)
    return "\n".join(github_lines(failed) if form == "github" else concise_lines(failed))


def _by_file(results: Sequence[CaseResult]) -> dict[str, list[CaseResult]]:
    files: dict[str, list[CaseResult]] = {}
    for result in results:
        files.setdefault(result.file, []).append(result)
    return files


def _checked(file: str, results: Sequence[CaseResult], to_path: ToPath) -> Checked:
    findings = [
        Finding(
            file,
            check.line,
            None,
            Severity.ERROR,
            CODE,
            f"{result.name}: {_told(check)}",
            None,
            f"{result.name}.{check.field}",
        )
        for result in results
        for check in result.failures
    ]
    return Checked(file, to_path(file), findings, ())


def _told(check: CheckResult) -> str:
    actual, difference = shown_actual(check)
    told = f"{check.field} is {actual}, expected {wanted_words(check.wanted)}"
    return f"{told}, a difference of {difference}" if difference else told


def _suites(results: Sequence[CaseResult]) -> list[Suite]:
    return [
        Suite(file, [_case(result) for result in cases])
        for file, cases in _by_file(results).items()
    ]


def _case(result: CaseResult) -> Case:
    if result.passed:
        return Case(result.name)
    told = [_told(check) for check in result.failures]
    lines = [
        f"{result.file}:{check.line} {message}"
        for check, message in zip(result.failures, told, strict=True)
    ]
    return Case(result.name, "failure", CODE, told[0], "\n".join(lines))
