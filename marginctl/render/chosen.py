"""Tables of the fields that were asked for, under their own names."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from marginctl.core.numbers import exactly
from marginctl.core.position import Side
from marginctl.core.report import PositionReport
from marginctl.render.change_sheet import HEADS
from marginctl.render.data import record_value
from marginctl.render.field import Field
from marginctl.render.layout import Entry, Line, aligned, sheet
from marginctl.render.numbers import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_UP,
    as_given,
    decimals_for,
    grouped,
    percent,
)
from marginctl.render.rows import Rows
from marginctl.render.sheet import LONGEST_GIVEN, given_price, price_near_mark
from marginctl.render.text import names_text
from marginctl.render.view import PositionView, Record

_GIVEN_PRICES = frozenset({"entry_price", "mark_price"})
_AMOUNT_DIGITS, _PRICE_DIGITS = 5, 6


def record_cells(record: Record, fields: Sequence[Field]) -> list[str]:
    """Return the values of a record as tables show them, in the order of flat fields."""
    shown = record[0]
    return [cell(field, record_value(record, field), shown) for field in fields]


def read_cells(fields: Sequence[Field], values: Sequence[Any]) -> list[str]:
    """Return values that are data already as tables show them."""
    return [
        cell(field, Decimal(value) if field.is_number and value is not None else value)
        for field, value in zip(fields, values, strict=True)
    ]


def chosen_lines(fields: Sequence[Field], cells: Sequence[str], width: int | None) -> list[Line]:
    """Return a sheet of one record."""
    pairs = zip(fields, cells, strict=True)
    return sheet([Entry(field.name, text) for field, text in pairs], width)


def chosen_rows(fields: Sequence[Field], records: Sequence[Sequence[str]]) -> Rows:
    """Return a table with a row for each record."""
    columns = list(zip(*records, strict=True)) if records else [()] * len(fields)
    shown = [
        aligned(column) if field.is_number else column
        for field, column in zip(fields, columns, strict=True)
    ]
    heads = tuple((field.name, field.is_number) for field in fields)
    return Rows("", heads, tuple(zip(*shown, strict=True)), ("",) * len(records))


def chosen_changes(fields: Sequence[Field], before: Record, after: Record) -> Rows:
    """Return a table with a row for each field: before, after, change."""
    rows = [
        (
            field.name,
            cell(field, old := record_value(before, field), before[0]),
            cell(field, new := record_value(after, field), after[0]),
            _difference(field, old, new),
        )
        for field in fields
    ]
    names, *columns = zip(*rows, strict=True)
    shown = [names, *(aligned(column) for column in columns)]
    return Rows("", HEADS, tuple(zip(*shown, strict=True)), ("",) * len(rows))


@exactly
def _difference(field: Field, old: Any, new: Any) -> str:
    if not field.is_number or old is None or new is None:
        return ""
    difference = Decimal(new) - Decimal(old)
    sign = "+" if difference > 0 else ""
    if field.unit == "fraction":
        return sign + percent(difference, ROUND_HALF_EVEN)
    if field.unit == "multiple":
        return f"{sign}{grouped(difference, field.decimals or 0)}x"
    digits = _PRICE_DIGITS if field.unit == "price" else _AMOUNT_DIGITS
    return sign + grouped(difference, decimals_for(Decimal(new), digits))


def cell(field: Field, value: Any, shown: PositionView | None = None) -> str:
    """Return a value as tables show it: rounded by its unit, and so that it never flatters."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Side):
        return value.word
    if isinstance(value, tuple):
        return names_text(value)
    if isinstance(value, Decimal):
        return _number(field, value, None if shown is None else shown.report)
    return str(value)


def _number(field: Field, value: Decimal, report: PositionReport | None) -> str:
    if field.unit == "fraction":
        return percent(value, ROUND_UP if field.up else ROUND_DOWN)
    if field.unit == "multiple":
        given = len(value.as_tuple().digits) <= LONGEST_GIVEN
        return f"{as_given(value) if given else grouped(value, field.decimals or 0, ROUND_UP)}x"
    if field.unit == "price" and report is not None:
        given = field.name in _GIVEN_PRICES
        return given_price(value) if given else price_near_mark(value, report)
    if field.unit == "amount":
        decimals = max(field.decimals or 0, decimals_for(value, _AMOUNT_DIGITS))
        return grouped(value, decimals, ROUND_CEILING if field.up else ROUND_FLOOR)
    return as_given(value)
