"""All rules, and running them."""

from collections.abc import Collection, Iterator

from marginctl.checks import (
    assets,
    bounds,
    deductions,
    leverage,
    rates,
    reading,
    values,
)
from marginctl.checks.rule import REGISTERED, Path, Rule, Scope, Violation
from marginctl.checks.stated import StatedFile, StatedTable, StatedVenue

__all__ = ["RULES", "Rule", "fatal_rules", "run"]

_MODULES = (reading, values, bounds, leverage, rates, deductions, assets)

RULES: dict[str, Rule] = {
    rule.id: rule for module in _MODULES for rule in REGISTERED[module.__name__]
}
"""The rules by id, in the order in which they are listed."""


def fatal_rules() -> list[Rule]:
    """Return the rules without which nothing can be calculated."""
    return [rule for rule in RULES.values() if rule.fatal]


def run(file: StatedFile, rules: Collection[Rule]) -> Iterator[tuple[Rule, Violation]]:
    """Find where rules are broken, each hit with its path from the file's root."""
    by_scope = {scope: [rule for rule in rules if rule.scope is scope] for scope in Scope}
    for rule in by_scope[Scope.FILE]:
        for hit in rule.find(file):
            yield rule, hit
    for venue in file.venues:
        scopes: list[tuple[Scope, StatedVenue | StatedTable, Path]]
        scopes = [(Scope.VENUE, venue, venue.path)]
        scopes += [(Scope.TABLE, table, table.path) for table in venue.stated_tables()]
        for scope, stated, path in scopes:
            for rule in by_scope[scope]:
                for hit in rule.find(stated):
                    yield rule, hit._replace(path=(*path, *hit.path))
