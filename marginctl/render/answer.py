"""What a change, a what-if or a solution found, field by field, for formats of rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from marginctl.core.numbers import exactly
from marginctl.render.data import record_value, value_text
from marginctl.render.field import Field
from marginctl.render.fields import flattened
from marginctl.render.view import Record

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
    Field("liquidated_after", "count", "number of the step after which something is liquidatable"),
    Field("funding_paid", "amount", "funding that the position pays; below zero, receives"),
    _MESSAGE,
)
SOLUTION_FIELDS = (
    Field("possible", "flag", "whether the target can be reached"),
    Field("answer.field", "text", "what is solved for: margin_change, mark_price, size or hours"),
    Field("answer.value", "amount", "the answer, to 50 digits"),
    Field("answer.rounded", "amount", "the answer in steps that the venue takes"),
    Field("answer.exclusive", "flag", "whether the answer itself is just not enough"),
    Field("margin_for_stop", "amount", "margin to add so that the stop comes before liquidation"),
    _MESSAGE,
)

BEFORE, AFTER, CHANGE = "before.", "after.", "change."


class Found(NamedTuple):
    """What an answer found, by name, and the position and account before and after it."""

    values: Mapping[str, Any]
    before: Record
    after: Record


def fields_around(fields: Iterable[Field]) -> list[Field]:
    """Return fields before and after, and their change where they are numbers."""
    flat = flattened(fields)
    return [
        replace(field, name=f"{prefix}{field.name}")
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
            found.setdefault(name, replace(field, name=name))
    return list(found.values())


def is_bare(field: Field, answer: Sequence[Field]) -> bool:
    """Whether a field is one of a position or account, before and after alike."""
    return field not in answer and _bare(field.name) == field.name


def found_value(found: Found, field: Field) -> Any:
    """Return the value of a field: of the answer, before, after, changed; else after."""
    name = field.name
    if name in found.values:
        return found.values[name]
    plain = replace(field, name=_bare(name))
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
