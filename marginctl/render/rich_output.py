"""The same lines and tables in colour, on a rich console."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from marginctl.render.layout import Output, TextLine, lines_of, width_of
from marginctl.render.numbers import escape_control

_STYLES = {
    "": "",
    "title": "bold",
    "label": "",
    "note": "dim",
    "danger": "bold red",
    "caution": "yellow",
    "safe": "green",
}
_STYLED = {name: Style.parse(style) for name, style in _STYLES.items()}
_UNLIMITED = 100_000


class ColorOutput(Output):
    """Prints in colour."""

    def __init__(self, file: Any, *, width: int | None) -> None:
        super().__init__(file, width=width)
        self._console = Console(
            file=file,
            width=width or _UNLIMITED,
            force_terminal=True,
            color_system="standard",
            no_color=False,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    def lines(self, lines: Iterable[TextLine]) -> None:
        """Print lines as they are.

        Past the console, whose layout of a line takes ten times as long: there may be a million.
        """
        for line in lines:
            parts = (
                _STYLED[style].render(escape_control(part), color_system=ColorSystem.STANDARD)
                for part, style in line
            )
            self._file.write(f"{''.join(parts)}\n")

    def _draw(self, columns: Sequence[Sequence[str]], styles: Sequence[str], gap: int) -> None:
        # a row has one style, so it is one cell: rich takes as long for each as for a whole line
        head, *rows = lines_of(columns, gap)
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=0)
        table.add_column(head, no_wrap=True, overflow="ignore", width=width_of(columns, gap))
        for row, style in zip(rows, styles, strict=True):
            table.add_row(Text(row, _STYLES[style]))
        with self._console.capture() as capture:
            self._console.print(table)
        self._file.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))
