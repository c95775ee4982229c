"""All rules, and running them."""

from collections.abc import Callable, Collection, Iterable, Iterator

from marginctl.checks import assets, brackets, deductions, rates, reading
from marginctl.checks.problem import (
    REGISTERED,
    KeyPath,
    Place,
    Problem,
    Rule,
    Scope,
    Violation,
)
from marginctl.checks.stated import StatedFile, StatedTable, StatedVenue

__all__ = ["RULES", "Rule", "fatal_rules", "find_problems", "find_violations", "sorted_problems"]

_MODULES = (reading, brackets, rates, deductions, assets)

RULES: dict[str, Rule] = {
    rule.id: rule for module in _MODULES for rule in REGISTERED[module.__name__]
}
"""The rules by id, in the order in which they are listed."""


def fatal_rules() -> list[Rule]:
    """Return the rules without which nothing can be calculated."""
    return [rule for rule in RULES.values() if rule.fatal]


def find_violations(file: StatedFile, rules: Collection[Rule]) -> Iterator[tuple[Rule, Violation]]:
    """Find where rules are broken, each violation with its path from the file's root."""
    by_scope = {scope: [rule for rule in rules if rule.scope is scope] for scope in Scope}
    for rule in by_scope[Scope.FILE]:
        for violation in rule.find(file):
            yield rule, violation
    for venue in file.venues:
        scopes: list[tuple[Scope, StatedVenue | StatedTable, KeyPath]]
        scopes = [(Scope.VENUE, venue, venue.path)]
        scopes += [(Scope.TABLE, table, table.path) for table in venue.stated_tables()]
        for scope, stated, path in scopes:
            for rule in by_scope[scope]:
                for violation in rule.find(stated):
                    yield rule, violation._replace(path=(*path, *violation.path))


def find_problems(
    file: StatedFile, rules: Collection[Rule], place_of: Callable[[Violation], Place]
) -> list[Problem]:
    """Return where a file breaks rules as problems, in the order of their places."""
    return sorted_problems(
        Problem(violation.message, violation.hint, place_of(violation), rule.id, rule.severity)
        for rule, violation in find_violations(file, rules)
    )


_EXPLAINED_BY = {"wrong-value": "misread-value", "rate-not-rising": "leverage-not-falling"}
"""Rules of which nothing is reported where the other one reports the cause."""


def sorted_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems by place. Each is reported once, however many aliases lead to it, and not where
    another one reports the cause.
    """
    found = {
        (problem.place.line, problem.place.column, problem.code, problem.message): problem
        for problem in problems
    }
    reported = {(line, column, code) for line, column, code, _ in found}
    return sorted(
        (
            problem
            for (line, column, code, _), problem in found.items()
            if (line, column, _EXPLAINED_BY.get(code)) not in reported
        ),
        key=lambda problem: (problem.place.line or 0, problem.place.column or 0),
    )
