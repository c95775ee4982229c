"""JUnit XML, as Jenkins, GitLab and others read it.

Source: jenkinsci/xunit-plugin, junit-10.xsd, the strictest of the published schemas.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

from marginctl.render.text import visible


class Case(NamedTuple):
    """One test case. ``outcome`` is passed, failure or error; ``remark`` what there is to say."""

    name: str
    outcome: str = "passed"
    kind: str = ""
    message: str = ""
    remark: str = ""


class Suite(NamedTuple):
    """The cases of one file."""

    name: str
    cases: Sequence[Case]


def junit_text(suites: Iterable[Suite]) -> str:
    """Return the report."""
    root = ET.Element("testsuites", name="marginctl")
    totals = [0, 0, 0]
    for suite in suites:
        counts = _counts(suite)
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        attributes = {"name": visible(suite.name), **_numbers(counts)}
        element = ET.SubElement(root, "testsuite", attributes)
        for case in suite.cases:
            element.append(_case(suite, case))
    root.attrib |= _numbers(totals)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _counts(suite: Suite) -> list[int]:
    outcomes = [case.outcome for case in suite.cases]
    return [len(outcomes), outcomes.count("failure"), outcomes.count("error")]


def _numbers(counts: Sequence[int]) -> dict[str, str]:
    return dict(zip(("tests", "failures", "errors"), map(str, counts), strict=True))


def _case(suite: Suite, case: Case) -> ET.Element:
    element = ET.Element("testcase", name=visible(case.name), classname=visible(suite.name))
    remark = "\n".join(visible(line) for line in case.remark.split("\n"))
    if case.outcome in {"failure", "error"}:
        attributes = {"type": case.kind, "message": visible(case.message)}
        ET.SubElement(element, case.outcome, attributes).text = remark
    elif remark:
        ET.SubElement(element, "system-out").text = remark
    return element
