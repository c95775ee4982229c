"""Lines of styled text, aligned by measuring them first, so that no number is ever cut."""

from collections.abc import Sequence
from typing import NamedTuple

Segment = tuple[str, str]
"""A text and the name of its style; an empty name is plain."""
Line = tuple[Segment, ...]

TITLE, LABEL, NOTE, DANGER, CAUTION, SAFE = "title", "label", "note", "danger", "caution", "safe"
INDENT = "  "
SEPARATOR = " · "
"""Between the parts of a title."""

GAP = "    "


class Entry(NamedTuple):
    """A row of a sheet: what it is, its number, and what to say beside it."""

    label: str
    number: str
    note: str = ""
    style: str = ""


BLANK = Entry("", "")
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


def text_of(line: Line) -> str:
    """Return a line without its styles."""
    return "".join(text for text, _ in line)


def headline(left: Sequence[Segment], right: str, width: int | None) -> list[Line]:
    """Put one text at each end of a line, or on two lines where they do not fit."""
    length = sum(len(text) for text, _ in left)
    room = (width or 80) - length - len(right)
    if room >= len(GAP):
        return [(*left, (" " * room + right, NOTE))]
    return [*title_lines(left, width), ((right, NOTE),)]


def title_lines(parts: Sequence[Segment], width: int | None) -> list[Line]:
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


def sheet(entries: Sequence[Entry], width: int | None) -> list[Line]:
    """Lay out a sheet with its numbers aligned on the decimal point.

    Where the numbers alone do not fit into the width they stand below their labels, and where a
    note does not fit it stands below its number.
    """
    numbers = aligned([entry.number for entry in entries])
    labels = max((len(entry.label) for entry in entries), default=0)
    stacked = width is not None and len(INDENT) + labels + 2 + len(numbers[0]) > width
    lines: list[Line] = []
    for entry, number in zip(entries, numbers, strict=True):
        if entry == BLANK:
            lines.append(())
            continue
        label = (INDENT + entry.label.ljust(labels), LABEL)
        if stacked:
            lines += [label_line(label), ((GAP + entry.number, entry.style),)]
            lines += _notes(entry, width, GAP)
            continue
        line: Line = (label, ("  " + number, entry.style))
        room = None if width is None else width - len(text_of(line)) - len(GAP)
        if entry.note and (room is None or len(entry.note) <= room):
            lines.append((*line, (GAP + entry.note, NOTE)))
        else:
            lines.append(_trimmed(line))
            lines += _notes(entry, width, " " * (len(INDENT) + labels + 2))
    return lines


def label_line(label: Segment) -> Line:
    """Return a line of a label alone."""
    return ((label[0].rstrip(), label[1]),)


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


def aligned(numbers: Sequence[str]) -> list[str]:
    """Pad numbers to one width with their decimal points below each other."""
    before = max((len(_whole(number)) for number in numbers), default=0)
    after = max((len(number) - len(_whole(number)) for number in numbers), default=0)
    return [
        (whole := _whole(number)).rjust(before) + number[len(whole) :].ljust(after)
        for number in numbers
    ]


def _notes(entry: Entry, width: int | None, indent: str) -> list[Line]:
    if not entry.note:
        return []
    return [((line, NOTE),) for line in wrapped(entry.note, width, indent)]


def _trimmed(line: Line) -> Line:
    *rest, (text, style) = line
    return (*rest, (text.rstrip(), style))


def _whole(number: str) -> str:
    """The part of a number that stands left of the decimal point's column."""
    end = next((i for i, char in enumerate(number) if char in ".x%"), len(number))
    return number[:end].rstrip()
