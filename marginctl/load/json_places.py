"""Where a value stands in a JSON text. Only errors ask, so the reader need not keep track."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)

Path = tuple[str | int, ...]


class Places:
    """Where the values of a valid JSON text stand: found once, when the first is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    def find(self, path: Path) -> tuple[int, int]:
        """Return the line and column, from 1, at which the value of a path begins.

        Where the path leads to something missing: those of the innermost value that is there.
        """
        while path and path not in self._starts:
            path = path[:-1]
        return self._lines.place(self._starts.get(path, 0))

    @cached_property
    def _starts(self) -> dict[Path, int]:
        return dict(_values(self._text))

    @cached_property
    def _lines(self) -> "_Lines":
        return _Lines(self._text)


def duplicate_keys(text: str) -> Iterator[tuple[Path, int, int]]:
    """Yield the path, line and column of every value whose key its object has had before."""
    lines = _Lines(text)
    seen: set[Path] = set()
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


def _values(text: str) -> Iterator[tuple[Path, int]]:
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
