"""Findings of tier checks for people, and the pages of the rules."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from marginctl.checks.problem import Problem, Rule, Severity
from marginctl.render.ci_formats import (
    Issue,
    JUnitCase,
    JUnitSuite,
    github_command,
    gitlab_text,
    junit_text,
)
from marginctl.render.layout import CAUTION, DANGER, GAP, NOTE, TITLE, TextLine, wrapped
from marginctl.render.numbers import escape_control
from marginctl.render.scripts import json_text

_STYLES = {Severity.ERROR: DANGER, Severity.WARNING: CAUTION}
_GITLAB_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}
_EXCERPT = 100


class Checked(NamedTuple):
    """One file: what was found in it, and its lines for excerpts.

    ``path`` is the file seen from the repository's root, as CI systems want it; ``assets`` is how
    many assets it has.
    """

    file: str
    path: str
    findings: Sequence[Problem]
    lines: Sequence[str]
    assets: int = 0


def concise_lines(files: Sequence[Checked]) -> list[str]:
    """Return a line for each finding."""
    return [
        "".join(text for text, _ in _heading(finding))
        for checked in files
        for finding in checked.findings
    ]


def full_lines(files: Sequence[Checked], width: int | None) -> list[TextLine]:
    """Return the findings, each with an excerpt of its file and the hint."""
    lines: list[TextLine] = []
    for checked in files:
        for finding in checked.findings:
            lines.append(_heading(finding))
            margin = 1 + len(str(finding.place.line or 1))
            lines += _excerpt(checked, finding, margin, width or _EXCERPT)
            if finding.hint:
                lines_of_hint = wrapped(escape_control(finding.hint), width and width - margin - 9)
                lines.append(((" " * margin + " = hint: ", NOTE), (lines_of_hint[0], "")))
                lines += [((" " * (margin + 9) + rest, ""),) for rest in lines_of_hint[1:]]
            lines.append(())
    return lines


def check_json(files: Sequence[Checked]) -> str:
    """Return the findings as one object."""
    findings = [finding for checked in files for finding in checked.findings]
    severities = [finding.severity for finding in findings]
    return json_text(
        {
            "schema": "marginctl/check/1",
            "errors": severities.count(Severity.ERROR),
            "warnings": severities.count(Severity.WARNING),
            "findings": [
                {
                    "file": finding.place.file,
                    "line": finding.place.line,
                    "column": finding.place.column,
                    "severity": finding.severity.value,
                    "code": finding.code,
                    "message": finding.message,
                    "hint": finding.hint,
                    "path": finding.place.path,
                }
                for finding in findings
            ],
        }
    )


def github_lines(files: Sequence[Checked]) -> list[str]:
    """Return the findings as annotations.

    The log of a workflow shows the message and not the place, so the place begins the message.
    """
    return [
        github_command(
            finding.severity.value,
            {
                "file": checked.path,
                "line": finding.place.line,
                "col": finding.place.column,
                "title": f"marginctl {finding.code}",
            },
            _message_with_place(checked, finding),
        )
        for checked in files
        for finding in checked.findings
    ]


def _message_with_place(checked: Checked, finding: Problem) -> str:
    place = escape_control(str(finding.place._replace(file=checked.path)))
    return f"{place}: {_with_hint(finding)}"


def gitlab_report(files: Sequence[Checked]) -> str:
    """Return the findings as a code quality report."""
    return gitlab_text(
        Issue(
            escape_control(checked.path),
            finding.place.line,
            _GITLAB_SEVERITIES[finding.severity],
            finding.code,
            escape_control(finding.message),
            finding.place.path or "",
        )
        for checked in files
        for finding in checked.findings
    )


def junit_report(files: Sequence[Checked], failing: Sequence[Severity]) -> str:
    """Return a suite for each file: a case for each finding, or one that passed.

    Findings whose severity does not fail the check have passed, with a remark.
    """
    return junit_text(
        JUnitSuite(
            checked.file, [_case(finding, failing) for finding in checked.findings] or [_SOUND]
        )
        for checked in files
    )


_SOUND = JUnitCase("tiers are sound")


def _case(finding: Problem, failing: Sequence[Severity]) -> JUnitCase:
    outcome = "failure" if finding.severity in failing else "passed"
    if finding.code == "unreadable":
        outcome = "error"
    remark = "\n".join([str(finding.place), _with_hint(finding)])
    name = f"{finding.code} {finding.place.path or ''}".rstrip()
    return JUnitCase(name, outcome, finding.code, finding.message, remark)


def _with_hint(finding: Problem) -> str:
    return finding.message + (f"\nhint: {finding.hint}" if finding.hint else "")


def _heading(finding: Problem) -> TextLine:
    return (
        (f"{escape_control(str(finding.place))}: ", TITLE),
        (f"{finding.severity}[{finding.code}]", _STYLES[finding.severity]),
        (f" {escape_control(finding.message)}", ""),
    )


def _excerpt(checked: Checked, finding: Problem, margin: int, width: int) -> list[TextLine]:
    if finding.place.line is None or finding.place.line > len(checked.lines):
        return []
    line, column = checked.lines[finding.place.line - 1], finding.place.column or 1
    before, after = escape_control(line[: column - 1]), escape_control(line[column - 1 :].rstrip())
    room = max(width - margin - 3, 20)
    kept = max(room // 2, room - len(after))
    if len(before) > kept:
        before = f"…{before[1 - kept :]}"
    shown = before + after
    if len(shown) > room:
        shown = f"{shown[: room - 1]}…"
    return [
        ((f"{finding.place.line:>{margin}} | ", NOTE), (shown, "")),
        ((" " * margin + " | ", NOTE), (" " * len(before) + "^", _STYLES[finding.severity])),
    ]


def summary(files: Sequence[Checked], *, sound: bool) -> str | None:
    """Count what was found; where nothing was, what was checked if ``sound``, else None."""
    findings = [finding for checked in files for finding in checked.findings]
    if not findings:
        assets = sum(checked.assets for checked in files)
        counts = f"{_counted(len(files), 'file')}, {_counted(assets, 'asset')}"
        return f"all is well: {counts}" if sound else None
    unread = sum(finding.code == "unreadable" for finding in findings)
    severities = [finding.severity for finding in findings if finding.code != "unreadable"]
    parts = [
        _counted(severities.count(Severity.ERROR), "error"),
        _counted(severities.count(Severity.WARNING), "warning"),
    ]
    if unread:
        parts.append(f"{_counted(unread, 'file')} that cannot be read")
    return "found " + ", ".join(part for part in parts if not part.startswith("0 "))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


_STYLES_OF_RULE_HELP = {"error": DANGER, "warning": CAUTION}


def rule_list(rules: Iterable[Rule], width: int | None) -> list[TextLine]:
    """Return a line for each rule: its id, severity and what is wrong when it is broken."""
    listed = list(rules)
    ids = max(len(rule.id) for rule in listed)
    room = None if width is None else width - ids - 11
    lines: list[TextLine] = []
    for rule in listed:
        first, *rest = wrapped(rule.summary, room)
        severity = rule.severity.value
        lines.append(
            (
                (f"{rule.id:{ids}}  ", TITLE),
                (f"{severity:7}  ", _STYLES_OF_RULE_HELP[severity]),
                (first, ""),
            )
        )
        lines += [((" " * (ids + 11) + text, ""),) for text in rest]
    return lines


def rule_help(rule: Rule, width: int | None) -> list[TextLine]:
    """Return the whole documentation of a rule, its paragraphs wrapped to a width."""
    severity = rule.severity.value
    lines: list[TextLine] = [
        ((rule.id, TITLE), (f"{GAP}{severity}", _STYLES_OF_RULE_HELP[severity])),
        (),
    ]
    text = rule.documentation.replace("::\n", ":\n").replace("``", "")
    if rule.fatal:
        text = f"{text}\n\nThe other commands refuse a file that breaks this rule, too."
    for number, paragraph in enumerate(text.split("\n\n")):
        lines += [()] if number else []
        if paragraph.startswith(GAP):
            lines += [((line, NOTE),) for line in paragraph.splitlines()]
        else:
            lines += [((line, ""),) for line in wrapped(" ".join(paragraph.split()), width)]
    return lines
