"""GitLab's code quality report.

Source: GitLab documentation, code quality report format; app/validators/json_schemas/
codeclimate.json of GitLab itself.
"""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

from marginctl.render.scripts import json_text


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
    return {
        "description": issue.message,
        "check_name": issue.code,
        "fingerprint": sha256(fingerprint.encode("utf-8", "backslashreplace")).hexdigest(),
        "severity": issue.severity,
        "location": {"path": issue.file, "lines": {"begin": issue.line or 1}},
    }
