"""Where a value stands in a JSON text. Only errors ask, so the reader need not keep track."""

import json
import re
from collections.abc import Iterator
from itertools import chain, pairwise

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)

Path = tuple[str | int, ...]


def find_value(text: str, path: Path) -> tuple[int, int]:
    """Return the line and column, from 1, at which the value of a path begins in valid JSON.

    Where the path leads to something missing: those of the innermost value that is there.
    """
    found, depth = 0, -1
    for here, start in _values(text):
        if len(here) > depth and here == path[: len(here)]:
            found, depth = start, len(here)
            if depth == len(path):
                break
    return _line_and_column(text, found)


class Places:
    """Where every value of a JSON text stands, found once: for readers with many problems."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: dict[Path, int] = {}

    def find(self, path: Path) -> tuple[int, int]:
        """Return what `find_value` does."""
        if not self._starts:
            self._starts = dict(_values(self._text))
        while path and path not in self._starts:
            path = path[:-1]
        return _line_and_column(self._text, self._starts.get(path, 0))


def duplicate_keys(text: str) -> Iterator[tuple[Path, int, int]]:
    """Yield the path, line and column of every value whose key its object has had before."""
    seen: set[Path] = set()
    for path, start in _values(text):
        if path in seen:
            yield (path, *_line_and_column(text, start))
        seen.add(path)


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - (text.rfind("\n", 0, index) + 1) + 1


def _values(text: str) -> Iterator[tuple[Path, int]]:
    """Yield every value's path and where it begins."""
    here: list[str | int] = []
    tokens = ((match.group(), match.start()) for match in _TOKEN.finditer(text))
    for (token, start), (following, _) in pairwise(chain(tokens, [("", len(text))])):
        if following == ":":
            here[-1] = json.loads(token)
        elif token in {"}", "]"}:
            here.pop()
        elif token == ",":
            last = here[-1]
            here[-1] = last + 1 if isinstance(last, int) else ""
        elif token != ":":
            yield tuple(here), start
            if token in {"{", "["}:
                here.append("" if token == "{" else 0)
