"""A rule: its identity, its documentation and the function that finds where it is broken."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from inspect import cleandoc
from typing import Any

from marginctl.checks.findings import Hit, Severity

Find = Callable[[Any], Iterable[Hit]]


class Scope(StrEnum):
    """What a rule looks at, one at a time."""

    FILE = "file"
    VENUE = "venue"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. A file that breaks a ``fatal`` one cannot be calculated with, and is not loaded."""

    id: str
    scope: Scope
    severity: Severity
    fatal: bool
    find: Find

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
) -> Callable[[Find], Find]:
    """Make a function a rule, whose id is the function's name."""

    def register(find: Find) -> Find:
        name = find.__name__.replace("_", "-")
        made = Rule(name, scope, severity, fatal, find)
        REGISTERED.setdefault(find.__module__, []).append(made)
        return find

    return register
