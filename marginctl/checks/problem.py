"""What is wrong, where, and how to put it right: one form for readers of inputs and for rules.

A reader raises its problems as `marginctl.load.problems.InputError`; a check of a tier file returns
those of the rules that are broken.
"""

from collections.abc import Iterable
from typing import NamedTuple

from marginctl.checks.rule import Rule, Severity, Violation


class Place(NamedTuple):
    """Where a problem is. Lines and columns count from 1; ``path`` is like positions[3].size."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    path: str | None = None

    def __str__(self) -> str:
        """File, line and column as editors take them; without the path."""
        parts = (self.file, self.line, self.column)
        return ":".join(str(part) for part in parts if part is not None)


NOWHERE = Place()


class Problem(NamedTuple):
    """One thing that is wrong, where, and a way to put it right.

    ``code`` is the rule of `marginctl.checks` that is broken. What a reader cannot use is an error;
    a rule may warn instead.
    """

    message: str
    hint: str | None = None
    place: Place = NOWHERE
    code: str = "unreadable"
    severity: Severity = Severity.ERROR


def broken(rule: Rule, violation: Violation, place: Place) -> Problem:
    """Return the problem of a rule that is broken at a place."""
    return Problem(violation.message, violation.hint, place, rule.id, rule.severity)


_EXPLAINED_BY = {"wrong-value": "misread-value", "rate-not-rising": "leverage-not-falling"}
"""Rules of which nothing is reported where the other one reports the cause."""


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems by place. Each is reported once, however many aliases lead to it, and not where
    another one reports the cause.
    """
    found = {(one.place.line, one.place.column, one.code, one.message): one for one in problems}
    reported = {(line, column, code) for line, column, code, _ in found}
    return sorted(
        (
            one
            for (line, column, code, _), one in found.items()
            if (line, column, _EXPLAINED_BY.get(code)) not in reported
        ),
        key=lambda one: (one.place.line or 0, one.place.column or 0),
    )
