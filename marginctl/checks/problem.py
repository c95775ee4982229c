"""What is wrong, where, and how to put it right; and the rules of tier files that find it.

A reader raises its problems as `marginctl.load.problems.InputError`; a check of a tier file returns
those of the rules that are broken.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from inspect import cleandoc
from typing import Any, NamedTuple

from marginctl.core.records import ReadableEnum, Record

KeyPath = tuple[str | int, ...]
"""The keys and indexes that lead to a value: ("positions", 3, "size")."""


class Severity(StrEnum, metaclass=ReadableEnum):
    """Whether what is found fails a check."""

    ERROR = "error"
    WARNING = "warning"


class Place(Record):
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


class Problem(Record):
    """One thing that is wrong, where, and a way to put it right.

    ``code`` is the rule of `marginctl.checks` that is broken. What a reader cannot use is an error;
    a rule may warn instead.
    """

    message: str
    hint: str | None = None
    place: Place = NOWHERE
    code: str = "unreadable"
    severity: Severity = Severity.ERROR


class Violation(NamedTuple):
    """Something that a rule found, at a path below what the rule looks at.

    ``at_key`` means the key rather than its value. Where a path has no place of its own (the
    second of two equal keys), ``spot`` is its line and column.
    """

    path: KeyPath
    message: str
    hint: str | None = None
    at_key: bool = False
    spot: tuple[int | None, int | None] | None = None


FindViolations = Callable[[Any], Iterable[Violation]]


class Scope(StrEnum):
    """What a rule looks at, one at a time."""

    FILE = "file"
    VENUE = "venue"
    TABLE = "table"


class Rule(NamedTuple):
    """One rule. A file that breaks a ``fatal`` one cannot be calculated with, and is not loaded."""

    id: str
    scope: Scope
    severity: Severity
    fatal: bool
    find: FindViolations

    @property
    def documentation(self) -> str:
        """The whole documentation."""
        return cleandoc(self.find.__doc__ or "")

    @property
    def summary(self) -> str:
        """What is wrong when the rule is broken, in one line."""
        return self.documentation.partition("\n")[0].replace("``", "")


REGISTERED: dict[str, list[Rule]] = {}
"""The rules by the module that defines them; `marginctl.checks.catalogue` has them by id."""


def rule(
    scope: Scope, *, fatal: bool = False, severity: Severity = Severity.ERROR
) -> Callable[[FindViolations], FindViolations]:
    """Make a function a rule, whose id is the function's name."""

    def register(find: FindViolations) -> FindViolations:
        name = find.__name__.replace("_", "-")
        made = Rule(name, scope, severity, fatal, find)
        REGISTERED.setdefault(find.__module__, []).append(made)
        return find

    return register
