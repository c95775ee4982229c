"""JSON with exact numbers, strict about what the standard library lets through."""

import json
import re
from collections.abc import Iterator
from typing import Any

from marginctl.checks.wording import named
from marginctl.load.json_places import duplicate_keys
from marginctl.load.printed_forms import printed_form_hint
from marginctl.load.problems import InputError, Place, Problem, path_text

MAX_VALUES = 1_000_000
"""Values of one document. Each takes memory, and many more of it than of the file."""


class JsonNumber(str):
    """The text of a JSON number, as it stands in the file."""

    __slots__ = ()


class _DuplicateKeyError(ValueError):
    """Some object has a key twice; `duplicate_keys` finds where."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _DuplicateKeyError
    return result


_DECODER = json.JSONDecoder(
    parse_float=JsonNumber,
    parse_int=JsonNumber,
    parse_constant=JsonNumber,  # NaN and Infinity are refused where a number is read
    object_pairs_hook=_object,
)

_LENIENT_DECODER = json.JSONDecoder(parse_int=JsonNumber, parse_constant=JsonNumber)
"""Reads syntax alone; an integer of any length stays a text."""


_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
"""An escape in a JSON text: a pair of surrogates, half of one, or any other."""


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


def check_size(text: str, place: Place, hint: str = "give it in parts") -> None:
    """Refuse a text of more values than can be held, before any of them is.

    They are counted by the commas between them, those inside of texts among them.

    Raises:
        InputError: there are too many.
    """
    if len(text) > MAX_VALUES and text.count(",") >= MAX_VALUES:
        message = f"too large to be read as a whole: more than {MAX_VALUES:,} values"
        raise InputError.of(message, hint, place)


def parse_json(text: str, file: str, line: int = 1) -> Any:
    """Return a JSON value whose numbers are `JsonNumber` texts; ``line`` is where it begins.

    Raises:
        InputError: it is not JSON, too large, nested too deep, or has a key twice in an object.
    """
    check_size(text, Place(file, line))
    try:
        try:
            value, end = _DECODER.raw_decode(text)
        except json.JSONDecodeError:
            end = None
        if end != len(text):
            # whatever else there is, it is skipped as white space, or `decode` says what is wrong
            value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _invalid(error, text, file, line) from None
    except _DuplicateKeyError:
        _check_syntax(text, file, line)
        problems = [
            Problem(f"the key {named(key)} stands here a second time", "keep one of the two", place)
            for key, place in _duplicates(text, file, line)
        ]
        elsewhere = Problem("some object has a key twice", "keep one of the two", Place(file, line))
        raise InputError(problems or [elsewhere]) from None
    except RecursionError:
        raise InputError.of("nested too deep", None, Place(file, line)) from None
    _refuse_lone_surrogates(text, file, line)
    return value


def _refuse_lone_surrogates(text: str, file: str, line: int) -> None:
    """Refuse half of a surrogate pair: it is no character, and no output can be written with it."""
    if "\\ud" not in text and "\\uD" not in text:
        return
    for escape in _ESCAPE.finditer(text):
        if escape["lone"]:
            start = escape.start()
            place = Place(
                file, line + text.count("\n", 0, start), start - text.rfind("\n", 0, start)
            )
            raise InputError.of(
                f"not valid JSON: {escape['lone']} alone is no character", None, place
            )


def _check_syntax(text: str, file: str, line: int) -> None:
    """Refuse a text that has more wrong than a key twice: places are found in valid JSON only."""
    try:
        _LENIENT_DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _invalid(error, text, file, line) from None


def _invalid(error: json.JSONDecodeError, text: str, file: str, line: int) -> InputError:
    place = Place(file, line + error.lineno - 1, error.colno)
    hint = printed_form_hint(text)
    return InputError.of(f"not valid JSON: {error.msg}", hint, place)


def _duplicates(text: str, file: str, line: int) -> Iterator[tuple[str, Place]]:
    for path, row, column in duplicate_keys(text):
        yield str(path[-1]), Place(file, line + row - 1, column, path_text(path))
