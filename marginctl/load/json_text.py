"""JSON with exact numbers, strict about what the standard library lets through."""

import json
from typing import Any, NoReturn

from marginctl.load.problems import InputError, Place

_Path = tuple[str | int, ...]


class JsonNumber(str):
    """The text of a JSON number, as it stands in the file."""

    __slots__ = ()


class _RefusedError(ValueError):
    """A value that JSON's grammar, or good sense, does not allow."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _RefusedError(f"the key {twice!r} stands twice in one object")
    return result


def _constant(name: str) -> NoReturn:
    raise _RefusedError(f"{name} is not a JSON number")


_DECODER = json.JSONDecoder(
    parse_float=JsonNumber,
    parse_int=JsonNumber,
    parse_constant=_constant,
    object_pairs_hook=_object,
)


def decode_utf8(data: bytes, file: str, line: int = 1) -> str:
    """Return the text of a file, without a byte order mark; ``line`` is where it begins.

    Raises:
        InputError: it is not UTF-8, or binary.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line += data[: error.start].count(b"\n")
        raise InputError.of(
            f"not UTF-8 text: byte {data[error.start]:#04x} cannot be read",
            "is this a JSON file?",
            Place(file, line),
        ) from None
    return text.removeprefix("\ufeff")


def parse_json(text: str, file: str, line: int = 1) -> Any:
    """Return a JSON value whose numbers are `JsonNumber` texts; ``line`` is where it begins.

    Raises:
        InputError: it is not JSON, nested too deep, or has a duplicate key or NaN.
    """
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = Place(file, line + error.lineno - 1, error.colno)
        raise InputError.of(f"not valid JSON: {error.msg}", None, place) from None
    except _RefusedError as error:
        raise InputError.of(f"not valid JSON: {error}", None, Place(file, line)) from None
    except RecursionError:
        raise InputError.of("nested too deep", None, Place(file, line)) from None
