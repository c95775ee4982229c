"""The results of cases in the formats of CI systems, which those of checks have too."""

from collections.abc import Callable, Sequence

from marginctl.checks.findings import Finding, Severity
from marginctl.render.case_results import (
    CaseResult,
    CheckResult,
    shown_actual,
    summary_line,
    wanted_words,
)
from marginctl.render.findings import (
    Checked,
    concise_lines,
    github_lines,
    gitlab_report,
    place_text,
)
from marginctl.render.junit import Case, Suite, junit_text
from marginctl.render.layout import text_of

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
    findings: dict[str, dict[Finding, None]] = {}
    for result in results:
        for finding in [*result.problems, *_failures(result)]:
            findings.setdefault(finding.file, {})[finding] = None
    return [Checked(file, to_path(file), tuple(found), ()) for file, found in findings.items()]


def _failures(result: CaseResult) -> list[Finding]:
    return [
        Finding(
            result.file,
            check.line,
            None,
            Severity.ERROR,
            CODE,
            f"{result.title}: {_told(check)}",
            None,
            f"{result.title}.{check.field}",
        )
        for check in result.failures
    ]


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
        return Case(result.title)
    if result.problems:
        first = result.problems[0]
        lines = [text for problem in result.problems for text in _problem_lines(problem)]
        return Case(result.title, "error", first.code, first.message, "\n".join(lines))
    told = [_told(check) for check in result.failures]
    lines = [
        f"{result.file}:{check.line} {message}"
        for check, message in zip(result.failures, told, strict=True)
    ]
    return Case(result.title, "failure", CODE, told[0], "\n".join(lines))


def _problem_lines(problem: Finding) -> list[str]:
    hint = [] if problem.hint is None else [f"hint: {problem.hint}"]
    return [f"{place_text(problem)}: {problem.message}", *hint]
