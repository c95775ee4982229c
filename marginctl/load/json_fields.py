"""The kinds of values in JSON input, for pydantic models. None is a value that is not there."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator

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


Number = Annotated[Decimal, BeforeValidator(_number)]
Text = Annotated[str, BeforeValidator(_text)]
MaybeNumber = Annotated[
    Decimal | None,
    BeforeValidator(lambda value: None if value is None else _number(value)),
]
MaybeText = Annotated[
    str | None, BeforeValidator(lambda value: None if value is None else _text(value))
]
