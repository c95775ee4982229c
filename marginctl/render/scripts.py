"""The formats for scripts: JSON, NDJSON, CSV, Markdown and bare values."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

from marginctl.render.numbers import (
    NumberText,
    escape_control,
    escape_json,
    names_text,
    strip_zeros,
)

Data = dict[str, Any]
_ONE_LINE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
Names = Sequence[str]
Rows = Iterable[Sequence[Any]]


def json_text(data: Any, *, numbers: bool = False) -> str:
    """Return an object, or a list of them, as indented JSON.

    ``numbers``: what is a number is one in JSON too, with the same digits, and not its text.
    """
    if numbers:
        return _unquoted(escape_json(json.dumps(_marked(data), ensure_ascii=False, indent=2)))
    return escape_json(json.dumps(data, ensure_ascii=False, indent=2))


def json_pieces(data: Data, *, numbers: bool = False) -> Iterator[str]:
    """Yield the pieces of the text that `json_text` returns of an object.

    A value that is an iterator is a list whose items are written as they come: so what is large
    is never there as a whole.
    """
    for number, (key, value) in enumerate(data.items()):
        yield f"{',' if number else '{'}\n  {json_text(key)}: "
        if isinstance(value, Iterator):
            yield from _list_pieces(value, numbers=numbers)
        else:
            yield _indented(value, "  ", numbers=numbers)
    yield "\n}" if data else "{}"


def _list_pieces(items: Iterator[Any], *, numbers: bool) -> Iterator[str]:
    before, end = "[\n    ", "[]"
    for item in items:
        yield f"{before}{_indented(item, '    ', numbers=numbers)}"
        before, end = ",\n    ", "\n  ]"
    yield end


def _indented(value: Any, indent: str, *, numbers: bool) -> str:
    # the line ends inside of texts are escapes, so all there are stand between values
    return json_text(value, numbers=numbers).replace("\n", f"\n{indent}")


def ndjson_line(data: Any, *, numbers: bool = False) -> str:
    """Return a value as one line of JSON; ``numbers`` as in `json_text`."""
    return (
        _unquoted(escape_json(_ONE_LINE(_marked(data))))
        if numbers
        else escape_json(_ONE_LINE(data))
    )


_MARK = "\0"
"""Stands before the text of a number while JSON is written: in JSON, as no text of ours has it."""
_MARKED = re.compile(r'"\\u0000(-?[0-9.]+)"')


def _marked(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _marked(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_marked(value) for value in data]
    return f"{_MARK}{data}" if isinstance(data, NumberText) else data


def _unquoted(text: str) -> str:
    return _MARKED.sub(r"\1", text)


class _Returning:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def csv_lines(names: Names, rows: Rows) -> Iterator[str]:
    """Yield a header line and a line for each row, as CSV; what is missing is empty."""
    import csv

    # what writes a row returns what its file returns
    writer = csv.writer(_Returning(), lineterminator="")
    return map(writer.writerow, chain([names], _texts(rows)))


def markdown_lines(names: Names, rows: Rows) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    for cells in chain([names, ["---"] * len(names)], _texts(rows)):
        yield f"| {' | '.join(_escaped(cell) for cell in cells)} |"


def raw_lines(_names: Names, rows: Rows) -> Iterator[str]:
    """Yield the bare values, a row a line, separated by tabs."""
    return ("\t".join(row) for row in _texts(rows))


LINES = {"csv": csv_lines, "md": markdown_lines, "raw": raw_lines}
"""The formats of rows by name."""


def _texts(rows: Rows) -> Iterator[list[str]]:
    return (
        [
            # what `plain` returns; most texts are tidy
            (
                text
                if (text := str(value))[-1] != "0" and "E" not in text
                else strip_zeros(text, value)
            )
            if type(value) is Decimal
            else _cell(value)
            for value in row
        ]
        for row in rows
    )


def _cell(value: Any) -> str:
    """Return what is no decimal number as rows have it."""
    if value is None:
        return ""
    if type(value) is NumberText:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape_control(names_text(value) if isinstance(value, list) else str(value))


def _escaped(cell: str) -> str:
    return cell.replace("\\", "\\\\").replace("|", "\\|")
