"""JSON with exact numbers, strict about what the standard library lets through, and where its
values stand.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property, lru_cache, partial
from typing import Any

from marginctl.checks.problem import KeyPath
from marginctl.checks.text import named
from marginctl.load.numbers import read_decimal
from marginctl.load.problems import InputError, Place, Problem, Source, path_text

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)


class Places:
    """Where the values of a valid JSON text stand: found once, when the first is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    def find(self, path: KeyPath) -> tuple[int, int]:
        """Return the line and column, from 1, at which the value of a path begins.

        Where the path leads to something missing: those of the innermost value that is there.
        """
        while path and path not in self._starts:
            path = path[:-1]
        return self._lines.place(self._starts.get(path, 0))

    @cached_property
    def _starts(self) -> dict[KeyPath, int]:
        return dict(_values(self._text))

    @cached_property
    def _lines(self) -> "_Lines":
        return _Lines(self._text)


_places = lru_cache(maxsize=1)(Places)
"""The places of the text that was asked for last: all problems of an input are found together."""


def json_source(text: str, file: str, line: int = 1) -> Source:
    """Return the source of a valid JSON text that begins on a line of its file.

    The place of a key is that of its value.
    """
    return Source(partial(_find, text, file, line))


def _find(text: str, file: str, line: int, *path: str | int, key: bool = False) -> Place:  # noqa: ARG001
    row, column = _places(text).find(path)
    return Place(file, line + row - 1, column, path_text(path) or None)


def duplicate_keys(text: str) -> Iterator[tuple[KeyPath, int, int]]:
    """Yield the path, line and column of every value whose key its object has had before."""
    lines = _Lines(text)
    seen: set[KeyPath] = set()
    for path, start in _values(text):
        if path in seen:
            yield (path, *lines.place(start))
        seen.add(path)


class _Lines:
    """Where the lines of a text begin."""

    def __init__(self, text: str) -> None:
        self._begins = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, index: int) -> tuple[int, int]:
        """Return the line and column, from 1, of an index."""
        line = bisect_right(self._begins, index)
        return line, index - self._begins[line - 1] + 1


def _values(text: str) -> Iterator[tuple[KeyPath, int]]:
    """Yield every value's path and where it begins, up to the end of the first whole value.

    The text need not be right: what is behind that value, where the parser stopped, is not read.
    """
    here: list[str | int] = []
    key_follows = False
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in {"}", "]"}:
            if here:
                here.pop()
            key_follows = False
        elif token == ",":
            if here:
                step = here[-1]
                here[-1] = step + 1 if isinstance(step, int) else ""
                key_follows = not isinstance(step, int)
        elif token == ":":
            continue
        elif key_follows:
            here[-1] = _key(token)
            key_follows = False
        else:
            yield tuple(here), match.start()
            if token in {"{", "["}:
                key_follows = token == "{"
                here.append("" if key_follows else 0)
        if not here:
            return


def _key(token: str) -> str:
    """Return the key that a token writes; what writes none is its own name."""
    try:
        key = json.loads(token)
    except ValueError:
        return token
    return key if isinstance(key, str) else token


_LONGEST = 100_000
"""The characters at the beginning of a text that are looked at."""
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_PYTHON = re.compile(r"[{\[,:]\s*(?:'|(?:None|True|False|Decimal\()\b|Decimal\()")
_JAVASCRIPT = re.compile(
    r"[{,]\s*[A-Za-z_$][\w$]*\s*:|\[(?:Object|Array)\]|\bundefined\b|\.\.\. \d+ more item"
)


def printed_form_hint(text: str) -> str | None:
    """Return how to write JSON where a text looks as if Python or JavaScript had printed it."""
    start = _TEXT.sub('""', text[:_LONGEST])
    if start.lstrip()[:1] not in {"{", "["}:
        return None
    if _JAVASCRIPT.search(start):
        return "this looks like JavaScript output: print it with JSON.stringify(value)"
    if _PYTHON.search(start):
        return "this looks like Python output: print it with json.dumps(value)"
    return None


MAX_VALUES = 1_000_000
"""Values of one document. Each takes memory, and many more of it than of the file."""


def is_object(text: str | bytes) -> bool:
    """Whether a text is one JSON object."""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


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


_QUICK_DECODER = json.JSONDecoder(
    parse_float=JsonNumber,
    parse_int=JsonNumber,
    parse_constant=JsonNumber,  # NaN and Infinity are refused where a number is read
)
"""Lets the last of equal keys win."""
_DECODER = json.JSONDecoder(
    parse_float=JsonNumber,
    parse_int=JsonNumber,
    parse_constant=JsonNumber,
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


def check_size(text: str, place: Place, hint: str = "split it into parts") -> None:
    """Refuse a text of more values than can be held, before any of them is.

    They are counted by the commas between them, those inside of texts among them.

    Raises:
        InputError: there are too many.
    """
    if text.count(",") >= MAX_VALUES:
        message = f"too large to read at once: more than {MAX_VALUES:,} values"
        raise InputError.of(message, hint, place)


def parse_json(text: str, file: str, line: int = 1) -> Any:
    """Return a JSON value whose numbers are `JsonNumber` texts; ``line`` is where it begins.

    Raises:
        InputError: it is not JSON, too large, nested too deep, or has a key twice in an object.
    """
    if len(text) > MAX_VALUES:  # no shorter one has as many
        check_size(text, Place(file, line))
    try:
        value = flat_object(text)
        if value is None:
            value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _invalid_json(error, text, file, line) from None
    except _DuplicateKeyError:
        _check_syntax(text, file, line)
        problems = [
            Problem(f"the key {named(key)} appears twice", "keep one of the two", place)
            for key, place in _duplicate_places(text, file, line)
        ]
        elsewhere = Problem("an object has a key twice", "keep one of the two", Place(file, line))
        raise InputError(problems or [elsewhere]) from None
    except RecursionError:
        raise InputError.of("nested too deeply", None, Place(file, line)) from None
    if "\\" in text:
        _refuse_lone_surrogates(text, file, line)
    return value


def flat_object(text: str) -> dict[str, Any] | None:
    """Return an object without others inside, as most lines of a stream are; None of what may be
    anything else.

    As many colons as keys: each is behind a key of its own, so that no key is there twice.
    """
    if text.rfind("{") != 0:
        return None
    try:
        value, end = _QUICK_DECODER.raw_decode(text)
    except (json.JSONDecodeError, RecursionError):
        return None
    return value if end == len(text) and len(value) == text.count(":") else None


def _refuse_lone_surrogates(text: str, file: str, line: int) -> None:
    """Refuse half of a surrogate pair: it is no character, and no output can be written with it."""
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
        raise _invalid_json(error, text, file, line) from None


def _invalid_json(error: json.JSONDecodeError, text: str, file: str, line: int) -> InputError:
    place = Place(file, line + error.lineno - 1, error.colno)
    hint = printed_form_hint(text)
    return InputError.of(f"not valid JSON: {error.msg}", hint, place)


def _duplicate_places(text: str, file: str, line: int) -> Iterator[tuple[str, Place]]:
    for path, row, column in duplicate_keys(text):
        yield str(path[-1]), Place(file, line + row - 1, column, path_text(path))


def number(value: Any) -> Decimal:
    """Return the number that a JSON number or a text states.

    Raises:
        ValueError: with the reason, in words.
    """
    if not isinstance(value, str):
        raise ValueError("expected a number")
    return read_decimal(value)


def text(value: Any) -> str:
    """Return a text.

    Raises:
        ValueError: it is something else, such as a number.
    """
    if not isinstance(value, str) or isinstance(value, JsonNumber):
        raise ValueError("expected a string")
    return value


def filled_text(value: Any) -> str:
    """Return a text that says something.

    Raises:
        ValueError: it is something else, or empty.
    """
    if not text(value):
        raise ValueError("expected a string that is not empty")
    return str(value)


def maybe_number(value: Any) -> Decimal | None:
    """Return a number as `number` does, or None."""
    return None if value is None else number(value)


def maybe_text(value: Any) -> str | None:
    """Return a text as `text` does, or None."""
    return None if value is None else text(value)
