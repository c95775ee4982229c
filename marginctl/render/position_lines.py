"""Positions as lines of JSON, for streams of millions."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from marginctl.core.report import PositionReport
from marginctl.render.change import change_head, change_tail
from marginctl.render.data import (
    Answer,
    PositionView,
    differences,
    value_text,
    wallet_data,
)
from marginctl.render.figures import Field, numeric
from marginctl.render.numbers import plain, strip_zeros
from marginctl.render.scripts import ndjson_line

_RECORDED = "exchange_liquidation_price"
_COLUMNS = {name: index for index, name in enumerate(PositionReport._fields)}
_COLUMNS[_RECORDED] = len(_COLUMNS)  # stands after the report
_NUMBERS = frozenset({"size", "price", "amount", "fraction", "multiple"})

Values = tuple[Any, ...]

if TYPE_CHECKING:
    from marginctl.core.changes import MarginChange


class PositionLines:
    """Writes the given fields: the same text as of `position_data`, without making the object.

    Numbers differ from line to line; everything else, words, flags and tiers, comes again and
    again in few combinations. So each of them is written once, with gaps for the numbers.
    """

    def __init__(
        self, fields: Sequence[Field], venue: str | None = None, *, numbers: bool = False
    ) -> None:
        """Prepare lines of these fields, which begin with the venue if it is given.

        ``numbers``: numbers are numbers in JSON too, and not texts.
        """
        self._quote = "" if numbers else '"'
        self._as_numbers = numbers
        self._fields = fields
        self._venue = venue
        self._numbers = _picker([field.name for field in fields if _varies(field)])
        self._words = _picker([_root(field) for field in fields if not _varies(field)])
        self._compared = numeric(fields)
        names = {field.name for field in fields}
        self._has_margin = "margin" in names
        self._recorded = _RECORDED in names
        self._template = lru_cache(maxsize=4096)(self._written)

    def line(self, shown: PositionView, wallet: Decimal | None = None) -> str:
        """Return a position as one line, without its end; a whole one has its wallet."""
        values: Values = shown.report
        if self._recorded:
            values = (*values, shown.recorded_price)
        quote = self._quote
        pieces = self._template(self._words(values)).copy()
        pieces[1::2] = [
            "null"
            if value is None
            # what `plain` returns; most texts are tidy
            else f"{quote}{text}{quote}"
            if (text := str(value))[-1] != "0" and "E" not in text
            else f"{quote}{strip_zeros(text, value)}{quote}"
            for value in self._numbers(values)
        ]
        line = "".join(pieces)
        if wallet is not None and self._venue is not None:
            line = f"{ndjson_line(wallet_data(wallet), numbers=self._as_numbers)[:-1]},{line[1:]}"
        exact = shown.report.exact_margin
        if exact is not None and self._has_margin:
            return f'{line[:-1]},"exact":{{"margin":"{exact!s}"}}}}'
        return line

    def change_line(self, answer: "Answer[MarginChange]", of_cross: Sequence[Field]) -> str:
        """Return a change of one position as one line, as `change_data` has it."""
        before, after = answer.result.position_before, answer.result.position_after
        assert before is not None
        assert after is not None
        head, tail = (
            ndjson_line(data, numbers=self._as_numbers)
            for data in (change_head(answer), change_tail(answer, of_cross))
        )
        quote = self._quote
        change = ",".join(
            [
                f'"{name}":null' if value is None else f'"{name}":{quote}{plain(value)}{quote}'
                for name, value in differences(before, after, self._compared)
            ]
        )
        return (
            f'{head[:-1]},"before":{self.line(PositionView(before))},'
            f'"after":{self.line(PositionView(after))},"change":{{{change}}},{tail[1:]}'
        )

    def _written(self, words: Values) -> list[str]:
        """Return the line of these words, in the order of their fields, in pieces: every other
        one is a gap for a number.
        """
        left = iter(words)
        start = "{" if self._venue is None else f'{{"venue":{self._literal(self._venue)},'
        pieces = []
        for field in self._fields:
            start += f'"{field.name}":'
            if _varies(field):
                pieces += [start, ""]
                start = ","
            else:
                start += f"{self._literal(_word(field, next(left)))},"
        return [*pieces, f"{start.removesuffix(',')}}}"]

    def _literal(self, value: Any) -> str:
        return ndjson_line(value, numbers=self._as_numbers)


def _varies(field: Field) -> bool:
    return field.unit in _NUMBERS and "." not in field.name


def _root(field: Field) -> str:
    """Return where the value of a field begins: a part of a tier with the whole tier."""
    return field.name.partition(".")[0]


def _picker(names: Sequence[str]) -> Callable[[Values], Values]:
    """Return what picks the values of columns; an itemgetter gives no tuple for less than two."""
    columns = [_COLUMNS[name] for name in names]
    if len(columns) > 1:
        return itemgetter(*columns)
    if not columns:
        return lambda _: ()
    (column,) = columns
    return lambda values: (values[column],)


def _word(field: Field, value: Any) -> Any:
    part = field.name.partition(".")[2]
    return value_text(getattr(value, part) if part and value is not None else value)
