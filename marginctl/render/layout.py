"""Lines and tables of styled text: measured, aligned and printed so that no number is ever cut."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from marginctl.render.numbers import cell_count, escape_control

StyledText = tuple[str, str]
"""A text and the name of its style; an empty name is plain."""


TextLine = tuple[StyledText, ...]


TITLE, LABEL, NOTE, DANGER, CAUTION, SAFE = "title", "label", "note", "danger", "caution", "safe"


INDENT = "  "


SEPARATOR = " · "
"""Between the parts of a title."""


GAP = "    "


class SheetRow(NamedTuple):
    """A row of a sheet: what it is, its number, and what to say beside it."""

    label: str
    number: str
    note: str = ""
    style: str = ""


BLANK = SheetRow("", "")
"""Separates groups of a sheet."""


class Rows(NamedTuple):
    """A table: a title, column heads with whether they hold numbers, rows and their styles."""

    title: str
    heads: tuple[tuple[str, bool], ...]
    cells: tuple[tuple[str, ...], ...]
    styles: tuple[str, ...]
    spare: str | None = None
    """The head of a column that may be left out where the rest fits then."""

    def without_spare(self) -> "Rows":
        """Return the table without the column that may be left out."""
        kept = [index for index, (head, _) in enumerate(self.heads) if head != self.spare]
        return self._replace(
            heads=tuple(self.heads[index] for index in kept),
            cells=tuple(tuple(row[index] for index in kept) for row in self.cells),
            spare=None,
        )


def text_of(line: TextLine) -> str:
    """Return a line without its styles."""
    return "".join(text for text, _ in line)


def headline(left: Sequence[StyledText], right: str, width: int | None) -> list[TextLine]:
    """Put one text at each end of a line, or on two lines where they do not fit."""
    length = sum(len(text) for text, _ in left)
    room = (width or 80) - length - len(right)
    if room >= len(GAP):
        return [(*left, (" " * room + right, NOTE))]
    return [*title_lines(left, width), ((right, NOTE),)]


def title_lines(parts: Sequence[StyledText], width: int | None) -> list[TextLine]:
    """Put a title on one line; where it does not fit, its first part on a line before the rest."""
    if width is None or sum(len(text) for text, _ in parts) <= width:
        return [tuple(parts)]
    first, *rest = parts
    text = "".join(text for text, _ in rest).removeprefix(SEPARATOR)
    head, *others = text.split(SEPARATOR)
    lines = [head]
    for part in others:
        candidate = f"{lines[-1]}{SEPARATOR}{part}"
        lines[-1:] = [candidate] if len(candidate) <= width else [lines[-1], part]
    return [(first,), *(((line, ""),) for line in lines)]


def sheet(entries: Sequence[SheetRow], width: int | None) -> list[TextLine]:
    """Lay out a sheet with its numbers aligned on the decimal point.

    Where the numbers alone do not fit into the width they stand below their labels, and where a
    note does not fit it stands below its number.
    """
    numbers = aligned([entry.number for entry in entries])
    labels = max((len(entry.label) for entry in entries), default=0)
    stacked = width is not None and len(INDENT) + labels + 2 + len(numbers[0]) > width
    lines: list[TextLine] = []
    for entry, number in zip(entries, numbers, strict=True):
        if entry == BLANK:
            lines.append(())
            continue
        label = (INDENT + entry.label.ljust(labels), LABEL)
        if stacked:
            lines += [_trimmed((label,)), ((GAP + entry.number, entry.style),)]
            lines += _notes(entry, width, GAP)
            continue
        line: TextLine = (label, ("  " + number, entry.style))
        room = None if width is None else width - len(text_of(line)) - len(GAP)
        if entry.note and (room is None or len(entry.note) <= room):
            lines.append((*line, (GAP + entry.note, NOTE)))
        else:
            lines.append(_trimmed(line))
            lines += _notes(entry, width, " " * (len(INDENT) + labels + 2))
    return lines


def wrapped(text: str, width: int | None, indent: str = "") -> list[str]:
    """Break a sentence at spaces so that it fits; words stay whole."""
    if width is None:
        return [indent + text]
    lines = [""]
    for word in text.split(" "):
        candidate = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and len(indent) + len(candidate) > width:
            lines.append(word)
        else:
            lines[-1] = candidate
    return [indent + line for line in lines]


def styled_lines(text: str, style: str, width: int | None, indent: str = "") -> list[TextLine]:
    """Return a sentence in one style, broken at spaces where it does not fit."""
    return [((line, style),) for line in wrapped(text, width, indent)]


def verdict_lines(message: str, style: str, width: int | None) -> list[TextLine]:
    """Return a verdict; what stands before its colon has the style."""
    lead = message.partition(":")[0]
    first, *others = wrapped(message, width)
    head = first[: len(lead) + 1]
    return [((head, style), (first[len(head) :], "")), *(((line, ""),) for line in others)]


def aligned(numbers: Sequence[str]) -> list[str]:
    """Pad numbers to one width with their decimal points below each other."""
    before = max((len(_whole(number)) for number in numbers), default=0)
    after = max((len(number) - len(_whole(number)) for number in numbers), default=0)
    return [
        (whole := _whole(number)).rjust(before) + number[len(whole) :].ljust(after)
        for number in numbers
    ]


def _notes(entry: SheetRow, width: int | None, indent: str) -> list[TextLine]:
    if not entry.note:
        return []
    return styled_lines(entry.note, NOTE, width, indent)


def _trimmed(line: TextLine) -> TextLine:
    *rest, (text, style) = line
    return (*rest, (text.rstrip(), style))


def _whole(number: str) -> str:
    """The part of a number that stands left of the decimal point's column."""
    end = next((i for i, char in enumerate(number) if char in ".x%"), len(number))
    return number[:end].rstrip()


_GAP, _NARROW_GAP = 2, 1
"""Spaces between columns; fewer where the table does not fit otherwise."""


class Output:
    """Prints what the renderers lay out; ``width`` None is without limit."""

    def __init__(self, file: Any, *, width: int | None) -> None:
        self.width = width
        self._file = file

    def lines(self, lines: Iterable[TextLine]) -> None:
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
            entries = [SheetRow(head, cell.strip(), "", style) for head, cell in rest]
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
