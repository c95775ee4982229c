"""The formats of CI systems: GitHub's annotations, GitLab's code quality, JUnit XML."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from marginctl.render.numbers import escape_control
from marginctl.render.scripts import json_text

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def github_command(kind: str, properties: Mapping[str, str | int | None], message: str) -> str:
    """Return one annotation; ``kind`` is error, warning or notice."""
    stated = ",".join(
        f"{name}={escape_control(str(value)).translate(_PROPERTY)}"
        for name, value in properties.items()
        if value is not None
    )
    lines = "\n".join(escape_control(line) for line in message.split("\n"))
    return f"::{kind} {stated}::{lines.translate(_MESSAGE)}"


class Issue(NamedTuple):
    """One entry of the report. ``identity`` is what stays the same when lines move."""

    file: str
    line: int | None
    severity: str
    code: str
    message: str
    identity: str


def gitlab_text(issues: Iterable[Issue]) -> str:
    """Return the report.

    GitLab tells old findings from new ones by their fingerprints, and drops one of two that are
    equal: so a fingerprint is of the identity, and of the number among findings of that identity.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    report = []
    for issue in issues:
        who = (issue.file, issue.code, issue.identity)
        seen[who] += 1
        report.append(_entry(issue, fingerprint="\0".join([*who, str(seen[who])])))
    return json_text(report)


def _entry(issue: Issue, *, fingerprint: str) -> dict[str, Any]:
    from hashlib import sha256

    return {
        "description": issue.message,
        "check_name": issue.code,
        "fingerprint": sha256(fingerprint.encode("utf-8", "backslashreplace")).hexdigest(),
        "severity": issue.severity,
        "location": {"path": issue.file, "lines": {"begin": issue.line or 1}},
    }


class JUnitCase(NamedTuple):
    """One test case. ``outcome`` is passed, failure or error; ``remark`` what there is to say."""

    name: str
    outcome: str = "passed"
    kind: str = ""
    message: str = ""
    remark: str = ""


class JUnitSuite(NamedTuple):
    """The cases of one file."""

    name: str
    cases: Sequence[JUnitCase]


def junit_text(suites: Iterable[JUnitSuite]) -> str:
    """Return the report."""
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites", name="marginctl")
    totals = [0, 0, 0]
    for suite in suites:
        counts = _counts(suite)
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        attributes = {"name": escape_control(suite.name), **_numbers(counts)}
        element = ET.SubElement(root, "testsuite", attributes)
        for case in suite.cases:
            element.append(_case(suite, case))
    root.attrib |= _numbers(totals)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _counts(suite: JUnitSuite) -> list[int]:
    outcomes = [case.outcome for case in suite.cases]
    return [len(outcomes), outcomes.count("failure"), outcomes.count("error")]


def _numbers(counts: Sequence[int]) -> dict[str, str]:
    return dict(zip(("tests", "failures", "errors"), map(str, counts), strict=True))


def _case(suite: JUnitSuite, case: JUnitCase) -> "ET.Element":
    from xml.etree import ElementTree as ET

    element = ET.Element(
        "testcase", name=escape_control(case.name), classname=escape_control(suite.name)
    )
    remark = "\n".join(escape_control(line) for line in case.remark.split("\n"))
    if case.outcome in {"failure", "error"}:
        attributes = {"type": case.kind, "message": escape_control(case.message)}
        ET.SubElement(element, case.outcome, attributes).text = remark
    elif remark:
        ET.SubElement(element, "system-out").text = remark
    return element
