"""Positions as lines of JSON, for streams of millions."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from operator import itemgetter, ne
from typing import TYPE_CHECKING, Any

from marginctl.core.notices import Notice
from marginctl.core.report import PositionReport
from marginctl.core.rules import Venue
from marginctl.render.change import CHANGE_SCHEMA
from marginctl.render.data import (
    RECORDED,
    Answer,
    PositionView,
    TiersView,
    cross_data,
    notice_data,
    source_data,
    value_text,
    wallet_data,
)
from marginctl.render.figures import Field
from marginctl.render.numbers import strip_zeros
from marginctl.render.scripts import ndjson_line

_COLUMNS = {name: index for index, name in enumerate(PositionReport._fields)}
_COLUMNS[RECORDED] = len(_COLUMNS)  # stands after the report

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
        numbers_of = [field.name for field in fields if field.is_number]
        self._numbers = _picker(numbers_of)
        self._words = _picker([field.name for field in fields if not field.is_number])
        self._unchanged = f"{self._quote}0{self._quote}"
        self._differences = _with_gaps(numbers_of)
        names = {field.name for field in fields}
        self._has_margin = "margin" in names
        self._recorded = RECORDED in names
        self._template = lru_cache(maxsize=4096)(self._written)

    def line(self, shown: PositionView, wallet: Decimal | None = None) -> str:
        """Return a position as one line, without its end; a whole one has its wallet."""
        values: Values = shown.report
        if self._recorded:
            values = (*values, shown.recorded_price)
        line = self._filled(values, self._texts(self._numbers(values)), shown.report.exact_margin)
        if wallet is not None and self._venue is not None:
            return f"{ndjson_line(wallet_data(wallet), numbers=self._as_numbers)[:-1]},{line[1:]}"
        return line

    def change_line(self, answer: "Answer[MarginChange]", of_cross: Sequence[Field]) -> str:
        """Return a change of one position as one line, as `change_data` has it.

        It belongs inside an `exactly`.
        """
        change = answer.result
        before, after = change.position_before, change.position_after
        assert before is not None
        assert after is not None
        old, new = self._numbers(before), self._numbers(after)
        old_texts, differences = self._texts(old), self._differences.copy()
        new_texts, changes = self._compared(old, old_texts, new)
        differences[1::2] = changes
        crosses = [
            "null" if cross is None else self._literal(cross_data(cross, of_cross))
            for cross in (change.before.cross, change.after.cross)
        ]
        warnings = ",".join([self._notice(notice) for notice in answer.notices])
        return (
            f"{self._change_head(answer, before.asset)},"
            f'"before":{self._filled(before, old_texts, before.exact_margin)},'
            f'"after":{self._filled(after, new_texts, after.exact_margin)},'
            f'"change":{"".join(differences)},'
            f'"cross_before":{crosses[0]},"cross_after":{crosses[1]},"warnings":[{warnings}]}}'
        )

    def _change_head(self, answer: "Answer[MarginChange]", asset: str) -> str:
        """Return what a change is and whether it is allowed: what stands before its figures."""
        change, wallet = answer.result, answer.wallet
        limit, given_cushion = change.limit, change.cushion
        amount, most = self._texts((change.amount, limit.amount))
        collateral = cushion = ""
        if wallet is not None:
            collateral = f',"collateral":{self._texts((wallet,))[0]}'
        if given_cushion is not None:
            cushion = f',"cushion":{self._texts((given_cushion,))[0]}'
        return (
            f"{_source_text(answer.venue, answer.tiers, self._as_numbers)}{collateral},"
            f'"action":"{change.action}","asset":{_word_text(asset)},"amount":{amount},'
            f'"allowed":{_word_text(change.allowed)},"limit":{most},'
            f'"binding_limit":{_word_text(limit.name)}{cushion},'
            f'"message":{ndjson_line(answer.message)}'
        )

    def _notice(self, notice: Notice) -> str:
        """Return a notice as `notice_data` has it."""
        start, end = _around_message(
            notice.code, notice.asset, notice.max_leverage, self._as_numbers
        )
        words = notice.words
        message = _word_text(words) if isinstance(words, str) else ndjson_line(words())
        return f"{start}{message}{end}"

    def _compared(
        self, old: Values, old_texts: list[str], new: Values
    ) -> tuple[list[str], list[str]]:
        """Return the texts of numbers after a change, and of how much they change: most do not."""
        texts = old_texts.copy()
        changes = ["null" if was is None else self._unchanged for was in old]
        places = [place for place, differs in enumerate(map(ne, old, new)) if differs]
        fresh: list[Decimal | None] = []
        for place in places:
            was, becomes = old[place], new[place]
            fresh += becomes, None if was is None or becomes is None else becomes - was
        of_both = iter(self._texts(fresh))
        for place in places:
            texts[place], changes[place] = next(of_both), next(of_both)
        return texts, changes

    def _texts(self, numbers: Iterable[Any]) -> list[str]:
        """Return numbers as they stand in a line."""
        quote = self._quote
        return [
            "null"
            if value is None
            # what `plain` returns; most texts are tidy
            else f"{quote}{text}{quote}"
            if (text := str(value))[-1] != "0" and "E" not in text
            else f"{quote}{strip_zeros(text, value)}{quote}"
            for value in numbers
        ]

    def _filled(self, values: Values, texts: list[str], exact_margin: Fraction | None) -> str:
        """Return the line of a position whose numbers have these texts."""
        pieces = self._template(self._words(values)).copy()
        pieces[1::2] = texts
        line = "".join(pieces)
        if exact_margin is not None and self._has_margin:
            return f'{line[:-1]},"exact":{{"margin":"{exact_margin!s}"}}}}'
        return line

    def _written(self, words: Values) -> list[str]:
        """Return the line of these words, in the order of their fields, in pieces: every other
        one is a gap for a number.
        """
        left = iter(words)
        start = "{" if self._venue is None else f'{{"venue":{self._literal(self._venue)},'
        pieces = []
        for field in self._fields:
            start += f'"{field.name}":'
            if field.is_number:
                pieces += [start, ""]
                start = ","
            else:
                start += f"{self._literal(value_text(next(left)))},"
        return [*pieces, f"{start.removesuffix(',')}}}"]

    def _literal(self, value: Any) -> str:
        return ndjson_line(value, numbers=self._as_numbers)


_word_text = lru_cache(maxsize=4096)(ndjson_line)
"""The text of an asset's name, or of another word that comes again and again."""


@lru_cache(maxsize=16)
def _source_text(venue: Venue, tiers: TiersView, numbers: bool) -> str:
    """Return the beginning of an answer, up to which tier file was used."""
    data = {"schema": CHANGE_SCHEMA, **source_data(venue, tiers)}
    return ndjson_line(data, numbers=numbers)[:-1]


@lru_cache(maxsize=4096)
def _around_message(
    code: str, asset: str | None, max_leverage: Decimal | None, numbers: bool
) -> list[str]:
    """Return what stands before and after the message of a notice."""
    data = notice_data(Notice(code, asset, "", max_leverage))
    before, after = ndjson_line(data, numbers=numbers).split('"message":""')
    return [f'{before}"message":', after]


def _picker(names: Sequence[str]) -> Callable[[Values], Values]:
    """Return what picks the values of columns; an itemgetter gives no tuple for less than two."""
    if any("." in name for name in names):
        return lambda values: tuple(_value(values, *name.split(".")) for name in names)
    columns = [_COLUMNS[name] for name in names]
    if len(columns) > 1:
        return itemgetter(*columns)
    if not columns:
        return lambda _: ()
    (column,) = columns
    return lambda values: (values[column],)


def _value(values: Values, name: str, part: str | None = None) -> Any:
    """Return a value of a position, or a part of a tier of it: None where there is no tier."""
    value = values[_COLUMNS[name]]
    return value if part is None or value is None else getattr(value, part)


def _with_gaps(names: Sequence[str]) -> list[str]:
    """Return the object of these names in pieces: every other one is a gap for its value."""
    pieces: list[str] = []
    for name in names:
        pieces += [f'{"," if pieces else "{"}"{name}":', ""]
    return [*pieces, "}" if pieces else "{}"]
