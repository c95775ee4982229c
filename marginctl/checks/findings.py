"""What rules find: relative to what they look at, and with its place in a file."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

Path = tuple[str | int, ...]


class Severity(StrEnum):
    """Whether a finding fails a check."""

    ERROR = "error"
    WARNING = "warning"


class Hit(NamedTuple):
    """Something that a rule found, at a path below what the rule looks at.

    ``at_key`` means the key rather than its value. Where a path has no place of its own (the
    second of two equal keys), ``spot`` is its line and column.
    """

    path: Path
    message: str
    hint: str | None = None
    at_key: bool = False
    spot: tuple[int | None, int | None] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule and its place. Lines and columns count from 1."""

    file: str
    line: int | None
    column: int | None
    severity: Severity
    code: str
    message: str
    hint: str | None
    path: str | None


_SAID_BY = {"wrong-value": "misread-value", "rate-not-rising": "leverage-not-falling"}
"""Rules of which nothing is told where the other one tells the cause."""


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings by place. Each is told once, however many aliases lead to it, and not where
    another one tells the cause.
    """
    found = {(each.line, each.column, each.code, each.message): each for each in findings}
    told = {(each.line, each.column, each.code) for each in found.values()}
    return sorted(
        (
            each
            for each in found.values()
            if (each.line, each.column, _SAID_BY.get(each.code)) not in told
        ),
        key=lambda each: (each.line or 0, each.column or 0),
    )
