"""Lines and tables in plain text; nothing is cut or wrapped."""

from collections.abc import Iterable, Sequence
from typing import Any

from marginctl.render.layout import Entry, Line, Rows, sheet, text_of
from marginctl.render.numbers import cell_count, escape_control

_GAP, _NARROW_GAP = 2, 1
"""Spaces between columns; fewer where the table does not fit otherwise."""


class Output:
    """Prints what the renderers lay out; ``width`` None is without limit."""

    def __init__(self, file: Any, *, width: int | None) -> None:
        self.width = width
        self._file = file

    def lines(self, lines: Iterable[Line]) -> None:
        """Print lines as they are."""
        self._file.write("".join(f"{escape_control(text_of(line))}\n" for line in lines))

    def table(self, rows: Rows) -> None:
        """Print a table; where it is too wide, closer, without its spare column or as sheets."""
        if rows.title:
            self.lines([((rows.title, "title"),), ()])
        candidates = [rows] if rows.spare is None else [rows, rows.without_spare()]
        for candidate in candidates:
            columns = columns_of(candidate)
            for gap in (_GAP, _NARROW_GAP):
                if self.width is None or width_of(columns, gap) <= self.width:
                    self._draw(columns, candidate.styles, gap)
                    if candidate is not rows:
                        self.lines([((f"Left out to fit the width: {rows.spare}", "note"),)])
                    return
        self._stacked(rows)

    def _draw(
        self,
        columns: Sequence[Sequence[str]],
        styles: Sequence[str],  # noqa: ARG002 - plain text has none
        gap: int,
    ) -> None:
        """Print the columns of a table, each with its head, with a gap between them."""
        head, *rows = lines_of(columns, gap)
        lines = [head, "─" * width_of(columns, gap), *rows]
        self._file.write("".join(f"{line}\n" for line in lines))

    def _stacked(self, rows: Rows) -> None:
        heads = [head for head, _ in rows.heads]
        for number, (cells, style) in enumerate(zip(rows.cells, rows.styles, strict=True)):
            (_, name), *rest = zip(heads, cells, strict=True)
            entries = [Entry(head, cell.strip(), "", style) for head, cell in rest]
            blank = [()] if number else []
            self.lines([*blank, ((name, "title"),), *sheet(entries, self.width)])


def columns_of(rows: Rows) -> list[list[str]]:
    """Return the columns of a table, each with its head; numbers have their spaces before them."""
    columns = []
    for (head, number), *cells in zip(rows.heads, *rows.cells, strict=True):
        texts = [head, *map(escape_control, cells)]
        columns.append(_padded(texts, before=True) if number else texts)
    return columns


def lines_of(columns: Sequence[Sequence[str]], gap: int) -> list[str]:
    """Return the lines of a table: that of the heads, and one for each row."""
    padded = (_padded(column, before=False) for column in columns)
    return [(" " * gap).join(cells).rstrip() for cells in zip(*padded, strict=True)]


def _padded(texts: Sequence[str], *, before: bool) -> list[str]:
    counts = [cell_count(text) for text in texts]
    width = max(1, *counts)
    spaces = [" " * (width - count) for count in counts]
    pairs = zip(texts, spaces, strict=True)
    return [space + text if before else text + space for text, space in pairs]


def width_of(columns: Sequence[Sequence[str]], gap: int) -> int:
    """Return how wide a table of these columns is; an empty one takes room for one character."""
    widths = [max(1, *map(cell_count, column)) for column in columns]
    return sum(widths) + gap * (len(widths) - 1)
