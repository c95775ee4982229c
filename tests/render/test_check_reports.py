"""The reports for CI systems, read back the way those systems read them."""

import json
import re
from io import BytesIO
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from junitparser import Error, Failure, JUnitXml

from marginctl.checks.problem import Place, Problem, Severity
from marginctl.render.findings import Checked, github_lines, gitlab_report, junit_report

NASTY = "a%0A,b:c\nd\r\x1b[31m::error::é\u202e]]>&<\"'\x00"


def found(
    message: str = "it is so",
    *,
    file: str = "t.yaml",
    line: int | None = 3,
    code: str = "unused-table",
    severity: Severity = Severity.ERROR,
    path: str | None = "venues.x.tables.a",
) -> Problem:
    return Problem(message, "mend it", Place(file, line, 5, path), code, severity)


def checked(*findings: Problem, file: str = "t.yaml") -> Checked:
    return Checked(file, file, findings, [])


def runner_reads(line: str) -> tuple[str, dict[str, str], str]:
    """Read a workflow command as the runner of GitHub Actions does.

    Source: actions/runner, ActionCommand.TryParseV2: properties are split at commas, and escapes
    are undone, the percent sign last.
    """
    match = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
    assert match
    properties = dict(pair.split("=", 1) for pair in match[2].split(","))
    escapes = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}

    def undone(text: str, names: list[str]) -> str:
        for name in names:
            text = text.replace(name, escapes[name])
        return text

    return (
        match[1],
        {name: undone(value, list(escapes)) for name, value in properties.items()},
        undone(match[3], ["%0D", "%0A", "%25"]),
    )


def test_an_annotation_has_its_place_title_and_message() -> None:
    (line,) = github_lines([checked(found())])
    place = {"file": "t.yaml", "line": "3", "col": "5", "title": "marginctl unused-table"}
    assert runner_reads(line) == ("error", place, "t.yaml:3:5: it is so\nhint: mend it")


def test_no_text_breaks_out_of_an_annotation() -> None:
    (line,) = github_lines([checked(found(NASTY.replace("\n", "")), file=NASTY)])
    assert line.isprintable()
    kind, properties, message = runner_reads(line)
    assert kind == "error"
    assert properties["file"] == "a%0A,b:c\\nd\\r\\x1b[31m::error::é\\u202e]]>&<\"'\\x00"
    place = f"{properties['file']}:3:5: "
    assert message.startswith(f"{place}a%0A,b:cd\\r\\x1b[31m::error::é")


def test_a_file_that_is_not_there_has_no_line() -> None:
    missing = found(line=None, path=None)
    (line,) = github_lines([checked(missing)])
    assert "line=" not in line


GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""What GitLab's documentation asks of a code quality report."""


def issues(*findings: Problem) -> list[dict[str, str]]:
    report = json.loads(gitlab_report([checked(*findings)]))
    jsonschema.validate(report, GITLAB)
    assert len({issue["fingerprint"] for issue in report}) == len(report)
    return list(report)


def fingerprints(*findings: Problem) -> list[str]:
    return [issue["fingerprint"] for issue in issues(*findings)]


def test_a_code_quality_report_is_what_gitlab_asks_for() -> None:
    missing = found(line=None, path=None)
    assert len(issues(found(), found(NASTY, severity=Severity.WARNING), missing)) == 3
    assert issues() == []


def test_a_fingerprint_stays_when_lines_move_and_messages_change() -> None:
    assert fingerprints(found("a", line=3)) == fingerprints(found("b", line=300))


@pytest.mark.parametrize(
    "other",
    [
        found(code="bounds-gap"),
        found(path="venues.x.tables.b"),
        found(file="other.yaml"),
    ],
    ids=["rule", "path", "file"],
)
def test_other_findings_have_other_fingerprints(other: Problem) -> None:
    (one,) = fingerprints(found())
    report = json.loads(gitlab_report([checked(other, file=other.place.file or "")]))
    assert report[0]["fingerprint"] != one


def test_two_findings_of_a_rule_at_a_path_keep_fingerprints_of_their_own() -> None:
    assert fingerprints(found(line=3), found(line=4)) == fingerprints(found(line=8), found(line=9))


ALLOWED = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors"},
    "testcase": {"name", "classname"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "system-out": set(),
}
"""The attributes that junit-10.xsd of Jenkins' xUnit plugin has; all that suites need are here."""


def suites(*files: Checked, strict: bool = False) -> JUnitXml:
    failing = [Severity.ERROR, *([Severity.WARNING] if strict else [])]
    text = junit_report(files, failing)
    for element in ET.parse(BytesIO(text.encode())).iter():  # noqa: S314 - our own XML
        assert set(element.attrib) == ALLOWED[element.tag]
    return JUnitXml.fromstring(text.encode())


def test_a_junit_report_counts_findings_that_fail() -> None:
    warning = found(severity=Severity.WARNING)
    unreadable = found(code="unreadable", line=None, path=None)
    report = suites(checked(found(), warning), checked(unreadable), checked(file="sound.yaml"))
    assert (report.tests, report.failures, report.errors) == (4, 1, 1)
    results = [[type(result) for result in case.result] for suite in report for case in suite]
    assert results == [[Failure], [], [Error], []]


def test_warnings_fail_in_a_strict_junit_report() -> None:
    report = suites(checked(found(severity=Severity.WARNING)), strict=True)
    assert report.failures == 1


def test_no_text_breaks_a_junit_report() -> None:
    ((case,),) = suites(checked(found(NASTY, path=NASTY), file=NASTY))
    assert case.classname.startswith("a%0A,b:c\\nd")
    assert "\\x1b[31m::error::é\\u202e]]>&<" in case.result[0].message
