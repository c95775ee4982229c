"""Conditions on figures: ``liquidation_distance < 10%``.

The whole grammar: a field, one of ``< <= > >= == !=``, and a number, or a percentage where the
field is a fraction; or a yes/no field by itself, such as ``liquidatable``. Spaces are free. Both
sides are compared exactly.
"""

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from marginctl.load.numbers import BareFractionError, read_decimal, read_fraction
from marginctl.load.problems import InputError, Place, Problem, known_hint

_OPERATORS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_GRAMMAR = re.compile(r"\s*([^\s<>=!]*)\s*([<>=!]*)\s*(.*?)\s*", re.DOTALL)
_EXAMPLE = "write it like 'liquidation_distance < 10%'"


class Condition(NamedTuple):
    """A comparison of a figure with a number, as it was written and as it is meant.

    ``limit`` is None for a yes/no field by itself, which holds where that is yes.
    """

    text: str
    field: str
    symbol: str
    limit: Decimal | None
    in_percent: bool

    def holds(self, value: Decimal | int) -> bool:
        """Whether a value meets it, exactly."""
        if self.limit is None:
            return bool(value)
        return _OPERATORS[self.symbol](Decimal(value), self.limit)


def read_conditions(texts: list[str], known: Mapping[str, str]) -> list[Condition]:
    """Return the conditions of ``--fail-if``.

    ``known`` has the units of the fields by name: of numbers, and "flag" of yes/no fields.

    Raises:
        InputError: with every problem.
    """
    problems: list[Problem] = []
    read = [_condition(text, known, Place(path=f"--fail-if {text!r}"), problems) for text in texts]
    if problems:
        raise InputError(problems)
    return [condition for condition in read if condition is not None]


def _condition(
    text: str, known: Mapping[str, str], place: Place, problems: list[Problem]
) -> Condition | None:
    """Return what a text says; or None, every problem appended."""
    found = len(problems)
    if not text.strip():
        problems.append(Problem("the condition is empty", _EXAMPLE, place))
        return None
    match = _GRAMMAR.fullmatch(text)
    assert match is not None  # every part may be empty
    name, symbol, number = match.groups()
    if name not in known:
        hint = known_hint(name, known)
        message = f"{name!r} is not a number or yes/no field of this answer"
        problems.append(Problem(message if name else "a field is missing", hint, place))
    if known.get(name) == "flag":
        if not symbol and not number:
            return Condition(name, name, "", None, in_percent=False)
        message = f"{name!r} is a yes/no field and takes no comparison"
        problems.append(Problem(message, f"write it by itself: '{name}'", place))
        return None
    if not symbol and not number:  # one cause, reported once
        if name in known:
            limit = "10%" if known[name] == "fraction" else "100"
            hint = f"write it like '{name} < {limit}'"
            problems.append(Problem("a comparison is missing", hint, place))
        return None
    return _comparison(match.groups(), known.get(name), place, problems, found)


def _comparison(
    parts: tuple[str, ...], unit: str | None, place: Place, problems: list[Problem], found: int
) -> Condition | None:
    """Return a comparison of a field of a unit; or None where there were more problems."""
    name, symbol, number = parts
    if symbol not in _OPERATORS:
        message = f"{symbol!r} is not a comparison" if symbol else "a comparison is missing"
        hint = f"known: {' '.join(_OPERATORS)}; {_EXAMPLE}"
        problems.append(Problem(message, "write ==" if symbol == "=" else hint, place))
    limit = _limit(number, unit, place, problems)
    if limit is None or len(problems) > found:
        return None
    return Condition(f"{name} {symbol} {number}", name, symbol, limit, number.endswith("%"))


def _limit(text: str, unit: str | None, place: Place, problems: list[Problem]) -> Decimal | None:
    """Return the number that a field of a unit is compared with; or None, the problem appended."""
    try:
        if unit == "fraction":
            return read_fraction(text)
        # of a field that is not known, what is wrong is its name
        return read_decimal(text, fraction=unit is None)
    except BareFractionError as error:
        problems.append(Problem(str(error), error.hint, place))
    except ValueError as error:
        problems.append(Problem(str(error), _EXAMPLE, place))
    return None
