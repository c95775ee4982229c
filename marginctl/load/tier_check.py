"""Checking a tier file by the rules of `marginctl.checks`."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Collection
from datetime import UTC, date, datetime

from marginctl.checks.catalogue import RULES, sorted_problems
from marginctl.checks.problem import Rule
from marginctl.core.records import Record
from marginctl.load.files import display_name, read_bytes
from marginctl.load.problems import ARGUMENTS, InputError, Place, Problem, did_you_mean
from marginctl.load.tier_file import TierFile
from marginctl.load.tier_source import bundled_path
from marginctl.load.yaml_text import read_yaml


class TierCheck(Record):
    """Where a tier file breaks rules, its lines if it does, and how many assets it has."""

    problems: list[Problem]
    lines: list[str]
    assets: int


def check_tiers(
    path: str | None = None,
    *,
    select: Collection[str] | None = None,
    ignore: Collection[str] = (),
    max_age: int | None = None,
    today: date | None = None,
) -> TierCheck:
    """Check a tier file by rules, each broken one a problem with its place, code and severity.

    Without a ``path`` it is the file that ships with the package; ``-`` is standard input.
    ``select`` are the ids of the rules that count, all without it, but for those to ``ignore``.
    ``max_age`` is the days after which tiers are too old, counted from their ``as_of`` to
    ``today``, the day in UTC. That a file cannot be read is a problem too, with the code
    ``unreadable``. The problems are in the order of the file.

    Raises:
        InputError: there is no rule of a name, or the age is below zero.
        TypeError: the age is no whole number.
    """
    rules = _selected_rules(select, ignore)
    if isinstance(max_age, bool) or not isinstance(max_age, int | None):
        raise TypeError("max_age: expected a whole number of days")
    if max_age is not None and max_age < 0:
        raise InputError.of(f"{max_age} is not a number of days", None, ARGUMENTS.place("max_age"))
    path = str(bundled_path()) if path is None else path
    file, data, assets = display_name(path), b"", 0
    try:
        data = read_bytes(path, empty=True)
        tiers = TierFile(read_yaml(data, file))
        problems = tiers.findings(rules, today or datetime.now(tz=UTC).date(), max_age)
        assets = tiers.asset_count
    except InputError as error:
        problems = sorted_problems(
            problem._replace(place=problem.place._replace(file=file)) for problem in error.problems
        )
    return TierCheck(problems, _lines_of(data) if problems else [], assets)


def known_rule(name: str, place: Place) -> Rule:
    """Return the rule of an id.

    Raises:
        InputError: there is none.
    """
    if name not in RULES:
        hint = did_you_mean(name, RULES) or "marginctl tiers check --list-rules lists them"
        raise InputError.of(f"there is no rule {name!r}", hint, place)
    return RULES[name]


def _selected_rules(select: Collection[str] | None, ignore: Collection[str]) -> list[Rule]:
    problems: list[Problem] = []
    for argument, names in (("select", select or ()), ("ignore", ignore)):
        if isinstance(names, str):
            raise TypeError(f"{argument}: expected ids of rules, not one string")
        for name in names:
            try:
                known_rule(name, ARGUMENTS.place(argument))
            except InputError as error:
                problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return [
        rule
        for name, rule in RULES.items()
        if (select is None or name in select) and name not in ignore
    ]


def _lines_of(data: bytes) -> list[str]:
    wide = data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    return re.split(r"\r\n|\r|\n", data.decode("utf-16" if wide else "utf-8-sig", "replace"))
