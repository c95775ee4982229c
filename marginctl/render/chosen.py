"""Tables and rows of the fields that were asked for, under their own names."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from marginctl.core.numbers import ZERO, exactly
from marginctl.core.position import Side
from marginctl.core.report import CrossReport, PositionReport
from marginctl.render.change import HEADS, ChangeRow, change_row
from marginctl.render.data import PositionView, ShownRecord, record_value, value_text
from marginctl.render.figures import Field, flattened
from marginctl.render.layout import Rows, SheetRow, TextLine, aligned, sheet
from marginctl.render.numbers import (
    decimals_for,
    exact_text,
    names_text,
)
from marginctl.render.rounding import Shown, figure_text, given, is_given, shown_as

_ALLOWED = Field("allowed", "flag", "whether the venue takes it; null: its rules do not say")
_MESSAGE = Field("message", "text", "the verdict in a sentence")

CHANGE_FIELDS = (
    Field("amount", "amount", "margin that is added or removed"),
    _ALLOWED,
    Field("limit", "amount", "most that the venue takes; null: nothing known limits it"),
    _MESSAGE,
)
WHATIF_FIELDS = (
    _ALLOWED,
    Field("liquidated_after", "count", "step after which something is liquidatable, from 1"),
    Field("funding_paid", "amount", "funding that the position pays; negative when it receives"),
    _MESSAGE,
)
SOLUTION_FIELDS = (
    Field("possible", "flag", "whether the target can be reached"),
    Field("answer.field", "text", "what is solved for: margin_change, mark_price, size or hours"),
    Field("answer.value", "amount", "the answer, to 50 digits"),
    Field("answer.rounded", "amount", "the answer in steps that the venue takes"),
    Field("answer.exclusive", "flag", "whether the answer itself just misses the target"),
    Field("margin_for_stop", "amount", "margin to add so that the stop comes before liquidation"),
    _MESSAGE,
)

BEFORE, AFTER, CHANGE = "before.", "after.", "change."


class Found(NamedTuple):
    """What an answer found, by name, and the position and account before and after it."""

    values: Mapping[str, Any]
    before: ShownRecord
    after: ShownRecord


def record_of(report: PositionReport | None, cross: CrossReport | None) -> ShownRecord:
    """Return what is shown of a position and of the cross account beside it."""
    return (None if report is None else PositionView(report), cross)


def fields_around(fields: Iterable[Field]) -> list[Field]:
    """Return fields before and after, and their change where they are numbers."""
    flat = flattened(fields)
    return [
        field._replace(name=f"{prefix}{field.name}")
        for prefix in (BEFORE, AFTER, CHANGE)
        for field in flat
        if prefix != CHANGE or field.is_number
    ]


def bare_fields(chosen: Sequence[Field], answer: Sequence[Field]) -> list[Field]:
    """Return the chosen fields of positions and accounts, without what stands before their names.

    Each once, in the order chosen; those of the ``answer`` itself are left out.
    """
    found: dict[str, Field] = {}
    for field in chosen:
        if field not in answer:
            name = _bare(field.name)
            found.setdefault(name, field._replace(name=name))
    return list(found.values())


def is_bare(field: Field, answer: Sequence[Field]) -> bool:
    """Whether a field is one of a position or account, before and after alike."""
    return field not in answer and _bare(field.name) == field.name


def found_value(found: Found, field: Field) -> Any:
    """Return the value of a field: of the answer, before, after, changed; else after."""
    name = field.name
    if name in found.values:
        return found.values[name]
    plain = field._replace(name=_bare(name))
    if name.startswith(BEFORE):
        return record_value(found.before, plain)
    if name.startswith(CHANGE):
        return _difference(record_value(found.before, plain), record_value(found.after, plain))
    return record_value(found.after, plain)


def found_row(found: Found, fields: Sequence[Field]) -> list[Any]:
    """Return the values of fields as texts, in their order."""
    return [value_text(found_value(found, field)) for field in fields]


@exactly
def _difference(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    return None if before is None or after is None else Decimal(after) - Decimal(before)


def _bare(name: str) -> str:
    for prefix in (BEFORE, AFTER, CHANGE):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


_AMOUNT_DIGITS = 5


def record_cells(record: ShownRecord, fields: Sequence[Field]) -> list[str]:
    """Return the values of a record as tables show them, in the order of flat fields."""
    side = _side(record)
    return [cell(field, record_value(record, field), side) for field in fields]


def read_cells(fields: Sequence[Field], values: Sequence[Any]) -> list[str]:
    """Return values that are data already as tables show them."""
    return [
        cell(field, Decimal(value) if field.is_number and value is not None else value)
        for field, value in zip(fields, values, strict=True)
    ]


def chosen_lines(
    fields: Sequence[Field], cells: Sequence[str], width: int | None
) -> list[TextLine]:
    """Return a sheet of one record."""
    pairs = zip(fields, cells, strict=True)
    return sheet([SheetRow(field.name, text) for field, text in pairs], width)


def chosen_rows(fields: Sequence[Field], records: Sequence[Sequence[str]]) -> Rows:
    """Return a table with a row for each record."""
    columns = list(zip(*records, strict=True)) if records else [()] * len(fields)
    shown = [
        aligned(column) if field.is_number else column
        for field, column in zip(fields, columns, strict=True)
    ]
    heads = tuple((field.name, field.is_number) for field in fields)
    return Rows("", heads, tuple(zip(*shown, strict=True)), ("",) * len(records))


def chosen_changes(fields: Sequence[Field], before: ShownRecord, after: ShownRecord) -> Rows:
    """Return a table with a row for each field: before, after, change."""
    rows = [_chosen_change(field, before, after) for field in fields]
    names, *columns = zip(*rows, strict=True)
    shown = [names, *(aligned(column) for column in columns)]
    return Rows("", HEADS, tuple(zip(*shown, strict=True)), ("",) * len(rows))


def _chosen_change(field: Field, before: ShownRecord, after: ShownRecord) -> ChangeRow:
    old, new = record_value(before, field), record_value(after, field)
    if not field.is_number:
        return (field.name, cell(field, old), cell(field, new), "")
    old, new = (None if value is None else Decimal(value) for value in (old, new))
    shown = _shown(field, old, _side(before)), _shown(field, new, _side(after))
    return change_row(field.name, old, new, *shown)


def _side(record: ShownRecord) -> int | None:
    return None if record[0] is None else record[0].report.side


def _shown(field: Field, value: Decimal | None, side: int | None) -> Shown:
    """Return how a number is shown: as on sheets, but a multiple that is short with its digits."""
    if field.unit == "multiple" and value is not None:
        return given(value, "x") if is_given(value) else Shown(2, suffix="x")
    return shown_as(field, value, side, decimals_for(value or ZERO, _AMOUNT_DIGITS))


def cell(field: Field, value: Any, side: int | None = None) -> str:
    """Return a value as tables show it: rounded as it is declared, so that it never flatters."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Side):
        return value.word
    if isinstance(value, tuple):
        return names_text(value)
    return _number(field, value, side) if isinstance(value, Decimal) else str(value)


def _number(field: Field, value: Decimal, side: int | None) -> str:
    if field.unit == "fraction":
        return figure_text(field, value, 2)
    if field.unit == "price" and side is None:
        return exact_text(value)
    shown = _shown(field, value, side)
    return shown.text(shown.number(value, shown.decimals))
