"""An exchange's answer, read key by key: what is wrong is collected, each with its place."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from marginctl.core.numbers import exactly, fraction_of
from marginctl.load.json_text import filled_text, number
from marginctl.load.other_forms import AGAIN, error_of
from marginctl.load.problems import Place, Problem, Source, stop_at_most

T = TypeVar("T")

_PAIR = 2
_MISSING = object()
DOLLAR_STEP = Decimal("0.000001")
"""Hyperliquid holds amounts in whole micro-dollars; what it prints is a binary float of one."""


@exactly
def nearest(amount: Decimal, step: Decimal) -> Decimal:
    """Return the multiple of a step that is nearest: of "253780.8200000002" it is 253,780.82."""
    return round(fraction_of(amount) / fraction_of(step)) * step


class ExchangeAnswer:
    """A mapping inside an exchange's answer. Problems are collected, each with its place.

    What is missing, or no mapping, is reported once, and not for every key that would stand in it.
    """

    def __init__(self, value: Any, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        self._value: Mapping[str, Any] = {}
        self._lost = value is _MISSING
        error = error_of(value)
        if error is not None:
            self.wrong(error, hint=AGAIN)
            self._lost = True
        elif isinstance(value, Mapping):
            self._value = value
        elif not self._lost:
            self.wrong("expected a mapping of keys to values")
            self._lost = True

    def has(self, key: str) -> bool:
        """Whether there is something under a key."""
        return self._value.get(key) is not None

    def place(self, *keys: str | int) -> Place:
        """Return the place of a key, or of this mapping."""
        return self.source.place(*keys)

    def wrong(self, message: str, *keys: str | int, hint: str | None = None) -> None:
        """Collect a problem of a key, or of this mapping."""
        self.problems.append(Problem(message, hint, self.place(*keys)))

    def number(self, key: str) -> Decimal:
        """Return the number of a key; one that cannot be read is collected, and zero here."""
        return self._read(key, number) or Decimal(0)

    def maybe_number(self, key: str) -> Decimal | None:
        """Return the number of a key, None where there is none."""
        return self.number(key) if self.has(key) else None

    def dollars(self, key: str) -> Decimal:
        """Return an amount of a key to its micro-dollar."""
        return nearest(self.number(key), DOLLAR_STEP)

    def maybe_dollars(self, key: str) -> Decimal | None:
        """Return an amount of a key to its micro-dollar, None where there is none."""
        return self.dollars(key) if self.has(key) else None

    def text(self, key: str) -> str:
        """Return the text of a key; one that cannot be read is collected, and empty here."""
        return self._read(key, filled_text) or ""

    def inside(self, key: str) -> "ExchangeAnswer":
        """Return the mapping under a key."""
        if key not in self._value:
            self._report_missing(key)
        value = self._value.get(key, _MISSING)
        return ExchangeAnswer(value, self.source.inside(key), self.problems)

    def rows(self, key: str) -> Iterator["ExchangeAnswer"]:
        """Yield the mappings of the list under a key."""
        rows = self._value.get(key)
        if key not in self._value:
            self._report_missing(key)
        elif not isinstance(rows, list):
            self.wrong("expected a list", key)
        else:
            for index, row in enumerate(rows):
                stop_at_most(self.problems, len(rows) - index, partial(self.place, key, index))
                yield ExchangeAnswer(row, self.source.inside(key, index), self.problems)

    def named_pairs(self, key: str) -> Iterator[tuple[str, "ExchangeAnswer"]]:
        """Yield the names and mappings of the list of pairs under a key."""
        for index, (name, value) in self._pairs(key):
            inside = ExchangeAnswer(value, self.source.inside(key, index, 1), self.problems)
            if isinstance(name, str):
                yield name, inside
            else:
                self.wrong("expected a name", key, index, 0)

    def pairs(self, key: str) -> Iterator[tuple[Decimal, "ExchangeAnswer"]]:
        """Yield the numbers and mappings of the list of pairs under a key, if it is there."""
        for index, (name, value) in self._pairs(key):
            inside = ExchangeAnswer(value, self.source.inside(key, index, 1), self.problems)
            try:
                yield number(name), inside
            except ValueError as error:
                self.wrong(str(error), key, index, 0)

    def number_pairs(self, key: str) -> Iterator[tuple[Decimal, Decimal]]:
        """Yield the numbers of the list of pairs under a key, if it is there."""
        for index, pair in self._pairs(key):
            try:
                yield number(pair[0]), number(pair[1])
            except ValueError as error:
                self.wrong(str(error), key, index)

    def _pairs(self, key: str) -> Iterator[tuple[int, Sequence[Any]]]:
        pairs = self._value.get(key)
        if pairs is None:
            return
        if not isinstance(pairs, list):
            self.wrong("expected a list of pairs", key)
            return
        for index, pair in enumerate(pairs):
            if isinstance(pair, list) and len(pair) == _PAIR:
                yield index, pair
            else:
                self.wrong("expected a pair", key, index)

    def value(self, key: str) -> Any:
        """Return what is under a key as it is, None where nothing is."""
        return self._value.get(key)

    def _read(self, key: str, read: Callable[[Any], T]) -> T | None:
        if key not in self._value:
            self._report_missing(key)
            return None
        try:
            return read(self._value[key])
        except ValueError as error:
            self.wrong(str(error), key)
            return None

    def _report_missing(self, key: str) -> None:
        if not self._lost:
            self.wrong(f"the key {key!r} is missing")
