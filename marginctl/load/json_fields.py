"""The kinds of values in JSON input, for pydantic models. None is a value that is not there."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import PlainValidator

from marginctl.load.json_text import JsonNumber
from marginctl.load.numbers import read_decimal


def _number(value: Any) -> Decimal:
    if not isinstance(value, str):
        raise ValueError("a number is expected here")
    return read_decimal(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or isinstance(value, JsonNumber):
        raise ValueError("a text is expected here")
    return value


def _maybe_number(value: Any) -> Decimal | None:
    return None if value is None else _number(value)


def _maybe_text(value: Any) -> str | None:
    return None if value is None else _text(value)


# plain: what is read here needs no second validation
Number = Annotated[Decimal, PlainValidator(_number)]
Text = Annotated[str, PlainValidator(_text)]
MaybeNumber = Annotated[Decimal | None, PlainValidator(_maybe_number)]
MaybeText = Annotated[str | None, PlainValidator(_maybe_text)]
