"""Lines and tables on a rich console: colour where it is wanted, nothing cut or wrapped."""

from collections.abc import Iterable
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from marginctl.render.layout import Entry, Line, sheet
from marginctl.render.rows import Rows
from marginctl.render.text import visible

_STYLES = {
    "": "",
    "title": "bold",
    "label": "",
    "note": "dim",
    "danger": "bold red",
    "caution": "yellow",
    "safe": "green",
}
_UNLIMITED = 100_000


class Output:
    """Prints what the renderers lay out; ``width`` None is without limit."""

    def __init__(self, file: Any, *, width: int | None, color: bool) -> None:
        self.width = width
        self._file = file
        self._console = Console(
            file=file,
            width=width or _UNLIMITED,
            force_terminal=color,
            color_system="standard" if color else None,
            no_color=not color,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    def lines(self, lines: Iterable[Line]) -> None:
        """Print lines as they are."""
        for line in lines:
            text = Text(no_wrap=True, overflow="ignore", end="")
            for part, style in line:
                text.append(visible(part), _STYLES[style])
            self._console.print(text, soft_wrap=True)

    def table(self, rows: Rows) -> None:
        """Print a table; where it is too wide, without its spare column or as sheets."""
        if rows.title:
            self.lines([((rows.title, "title"),), ()])
        candidates = [rows] if rows.spare is None else [rows, rows.without_spare()]
        for candidate in candidates:
            table = _table(candidate)
            if self._fits(table):
                with self._console.capture() as capture:
                    self._console.print(table)
                for line in capture.get().splitlines():
                    self._file.write(f"{line.rstrip()}\n")
                if candidate is not rows:
                    self.lines([((f"Left out to fit the width: {rows.spare}", "note"),)])
                return
        self._stacked(rows)

    def _fits(self, table: Table) -> bool:
        unlimited = self._console.options.update(max_width=_UNLIMITED)
        return table.__rich_measure__(self._console, unlimited).maximum <= self._console.width

    def _stacked(self, rows: Rows) -> None:
        heads = [head for head, _ in rows.heads]
        for number, (cells, style) in enumerate(zip(rows.cells, rows.styles, strict=True)):
            (_, name), *rest = zip(heads, cells, strict=True)
            entries = [Entry(head, cell.strip(), "", style) for head, cell in rest]
            blank = [()] if number else []
            self.lines([*blank, ((name, "title"),), *sheet(entries, self.width)])


def _table(rows: Rows) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    columns = zip(*([visible(cell) for cell in cells] for cells in rows.cells), strict=True)
    padded = []
    for (head, number), cells in zip(rows.heads, columns, strict=True):
        width = max(map(len, (head, *cells)))
        # rich would right-justify without the spaces that keep the decimal points in line
        shown = [cell.rjust(width) if number else cell for cell in cells]
        table.add_column(head.rjust(width) if number else head, no_wrap=True, overflow="ignore")
        padded.append(shown)
    for cells, style in zip(zip(*padded, strict=True), rows.styles, strict=True):
        table.add_row(*(Text(cell, _STYLES[style]) for cell in cells))
    return table
