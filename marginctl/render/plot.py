"""The picture of a sweep in characters: dots of braille, or plain ASCII."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from marginctl.core.numbers import exactly, quotient
from marginctl.core.sweep import EventKind
from marginctl.render.layout import (
    CAUTION,
    DANGER,
    INDENT,
    LABEL,
    NOTE,
    SAFE,
    TITLE,
    StyledText,
    TextLine,
    styled_lines,
)
from marginctl.render.picture import AxisMark, Curve, Picture, PositionSpan, axis_number


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters that a picture is drawn with; ``dots`` across and down make a cell."""

    dots: tuple[int, int]
    ruler: str
    lost: str
    tick: str
    break_at: str
    edge: str
    zero: str
    uprights: dict[EventKind, str]
    safe: str
    liquidated: str
    liquidation: str
    keys: tuple[str, str]


BRAILLE = Glyphs(
    dots=(2, 4),
    ruler="─",
    lost="═",
    tick="┴",
    break_at="└",
    edge="┤",
    zero="╌",
    uprights={EventKind.MARK: "│", EventKind.LIQUIDATION: "┃", EventKind.TIER_BOUNDARY: "┊"},
    safe="━",
    liquidated="·",
    liquidation="╳",  # noqa: RUF001 - a cross that is drawn
    keys=("⠒⠒⠒", "⠂⠂⠂"),
)
ASCII = Glyphs(
    dots=(1, 1),
    ruler="-",
    lost="=",
    tick="+",
    break_at="+",
    edge="|",
    zero="-",
    uprights={EventKind.MARK: ":", EventKind.LIQUIDATION: "|", EventKind.TIER_BOUNDARY: "'"},
    safe="~",
    liquidated=".",
    liquidation="X",
    keys=("***", "..."),
)
_ASCII_INK = {True: "*", False: "."}
_BRAILLE = 0x2800
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_STYLES = {EventKind.MARK: "", EventKind.LIQUIDATION: DANGER, EventKind.TIER_BOUNDARY: NOTE}
_MOST_COLUMNS, _LEAST_COLUMNS = 120, 24

Cell = tuple[str, str]


def plot_lines(picture: Picture, width: int | None, rows: int, glyphs: Glyphs) -> list[TextLine]:
    """Return a picture as lines that fit a width; 80 columns where there is none."""
    room = min(_MOST_COLUMNS, width or 80)
    labels = [axis_number(picture.top), "0", axis_number(picture.bottom)] if picture.curves else []
    left = max(len(text) for text in [*labels, *(span.name for span in picture.spans), ""])
    columns = max(_LEAST_COLUMNS, room - left - 4)
    canvas = _Canvas(picture, columns, rows, glyphs)
    lines: list[TextLine] = styled_lines(picture.title, TITLE, room)
    lines += styled_lines(_subtitle(picture), NOTE, room)
    if picture.curves:
        lines += canvas.lines(left)
    lines += canvas.lifelines(left)
    lines += canvas.axis(left)
    return [*lines, *_legend(picture, room, glyphs)]


def _subtitle(picture: Picture) -> str:
    if not picture.curves:
        return f"Isolated positions over the {picture.axis}"
    worth, kept = picture.curves
    return f"{worth.name.capitalize()} against {kept.name}, over the {picture.axis}"


class _Canvas:
    """A grid of cells that is drawn on from the back to the front."""

    def __init__(self, picture: Picture, columns: int, rows: int, glyphs: Glyphs) -> None:
        self._picture = picture
        self._columns = columns
        self._rows = rows
        self._glyphs = glyphs

    def lines(self, left: int) -> list[TextLine]:
        """Return the rows of the plot with their labels."""
        picture, glyphs = self._picture, self._glyphs
        cells: list[list[Cell]] = [[(" ", "")] * self._columns for _ in range(self._rows)]
        zero = self._row_of(Decimal(0), 1)
        if picture.bottom < 0:
            cells[zero] = [(glyphs.zero, NOTE)] * self._columns
        for mark in sorted(self._inside(), key=lambda mark: mark.kind is EventKind.LIQUIDATION):
            upright = glyphs.uprights.get(mark.kind)
            if upright:  # that of the liquidation last, so that no other covers it
                for row in cells:
                    row[self.column(mark.at)] = (upright, _STYLES[mark.kind])
        self._ink(cells)
        labels = {zero: "0", self._rows - 1: axis_number(picture.bottom)}
        labels[0] = axis_number(picture.top)
        if picture.bottom < 0 and zero in {0, self._rows - 1}:
            labels[zero] = "0"
        return [
            ((f" {labels.get(number, '').rjust(left)} {glyphs.edge}", NOTE), *_segments(row))
            for number, row in enumerate(cells)
        ]

    def lifelines(self, left: int) -> list[TextLine]:
        """Return a row for each isolated position: safe, liquidated, and where that begins."""
        lines: list[TextLine] = []
        for span in self._picture.spans:
            row = [self._span_cell(span, number) for number in range(self._columns)]
            for at, _ in span.liquidations:
                row[self.column(at)] = (self._glyphs.liquidation, DANGER)
            lines.append(((f" {span.name.rjust(left)}  ", LABEL), *_segments(row)))
        return lines

    def axis(self, left: int) -> list[TextLine]:
        """Return the axis, the letters below it, and its ends."""
        glyphs, marks = self._glyphs, self._inside()
        ruler = [(glyphs.ruler, NOTE)] * self._columns
        for begin, end in self._picture.lost:
            for column in range(self.column(begin), self.column(end) + 1):
                ruler[column] = (glyphs.lost, DANGER)
        for mark in marks:
            ruler[self.column(mark.at)] = (glyphs.tick, NOTE)
        pad = " " * (left + 2)
        lines: list[TextLine] = [((f"{pad}{glyphs.break_at}", NOTE), *_segments(ruler))]
        lines += [((f"{pad} {row}", LABEL),) for row in self._letters(marks)]
        return [*lines, ((f"{pad} {self._ends()}", NOTE),)]

    def column(self, at: Decimal, dots: int = 1) -> int:
        """Return the column of a place on the axis."""
        wide = self._columns * dots
        return min(wide - 1, int(_share(at, self._picture.low, self._picture.high, wide)))

    def _inside(self) -> list[AxisMark]:
        return [mark for mark in self._picture.marks if mark.inside]

    def _row_of(self, height: Decimal, dots: int) -> int:
        tall = self._rows * dots
        up = int(_share(height, self._picture.bottom, self._picture.top, tall))
        return tall - 1 - min(tall - 1, up)

    def _ink(self, cells: list[list[Cell]]) -> None:
        across, down = self._glyphs.dots
        bits: dict[tuple[int, int], int] = {}
        front: dict[tuple[int, int], tuple[str, str]] = {}
        for curve in reversed(self._picture.curves):
            above: int | None = None
            for dot in range(self._columns * across):
                row = self._row_of(curve.height(self._place(dot, across)), down)
                if not curve.solid and across > 1 and dot % across:
                    continue
                steep = range(row, row + 1)
                if curve.solid and above is not None and abs(above - row) > 1:
                    steep = range(min(row, above + 1), max(row + 1, above))
                above = row
                for row in steep:
                    key = (row // down, dot // across)
                    bits[key] = bits.get(key, 0) | _BITS[row % down][dot % across]
                    front[key] = (_ASCII_INK[curve.solid], self._style(curve, dot, across))
        for (row, column), value in bits.items():
            ink, style = front[row, column]
            cells[row][column] = (ink if across == 1 else chr(_BRAILLE + value), style)

    def _style(self, curve: Curve, dot: int, across: int) -> str:
        if not curve.solid:
            return CAUTION
        at = self._place(dot, across)
        lost = any(begin <= at <= end for begin, end in self._picture.lost)
        return DANGER if lost else SAFE

    @exactly
    def _place(self, dot: int, across: int) -> Decimal:
        """The place on the axis in the middle of a column of dots."""
        low, high = self._picture.low, self._picture.high
        return low + quotient((high - low) * (2 * dot + 1), 2 * self._columns * across)

    def _span_cell(self, span: PositionSpan, number: int) -> Cell:
        if span.safe is not None:
            begin, end = span.safe
            if self.column(begin) <= number <= self.column(end):
                return (self._glyphs.safe, SAFE)
        return (self._glyphs.liquidated, NOTE)

    def _letters(self, marks: Sequence[AxisMark]) -> list[str]:
        """Letters in as many rows as it takes for none to cover another."""
        rows: list[list[str]] = []
        for mark in marks:
            column = self.column(mark.at)
            for row in rows:
                if row[column] == " ":
                    break
            else:
                row = [" "] * self._columns
                rows.append(row)
            row[column] = mark.letter
        return ["".join(row).rstrip() for row in rows]

    def _ends(self) -> str:
        picture = self._picture
        left, right = picture.text(picture.low), picture.text(picture.high)
        return left + right.rjust(self._columns - len(left))


@exactly
def _share(value: Decimal, low: Decimal, high: Decimal, parts: int) -> Decimal:
    return quotient((value - low) * parts, high - low)


def _segments(cells: Sequence[Cell]) -> list[StyledText]:
    found = [
        ("".join(char for char, _ in group), style)
        for style, group in groupby(cells, key=lambda cell: cell[1])
    ]
    text, style = found[-1]
    return [*found[:-1], (text.rstrip(), style)]


def _legend(picture: Picture, room: int, glyphs: Glyphs) -> list[TextLine]:
    lines: list[TextLine] = []
    if picture.curves:
        keys = zip(glyphs.keys, picture.curves, (SAFE, CAUTION), strict=True)
        line: list[StyledText] = []
        for key, curve, style in keys:
            line += [(INDENT, ""), (key, style), (f" {curve.name}", NOTE)]
        if picture.lost:
            line += [(INDENT, ""), (glyphs.lost * 3, DANGER), (" liquidated", NOTE)]
        lines.append(tuple(line))
    entries = [
        (mark.letter, mark.name, mark.text, mark.beside if mark.inside else "outside")
        for mark in picture.marks
    ]
    entries += [(glyphs.liquidation, span.name, span.text, "") for span in picture.spans]
    return [*lines, *_columns_of(_entry_texts(entries), room)]


def _entry_texts(entries: Sequence[tuple[str, str, str, str]]) -> list[str]:
    names = max((len(name) for _, name, _, _ in entries), default=0)
    texts = max((len(text) for _, _, text, _ in entries), default=0)
    return [
        f"{letter} {name.ljust(names)}  {text.rjust(texts)}  {beside}".rstrip()
        for letter, name, text, beside in entries
    ]


def _columns_of(texts: Sequence[str], room: int) -> list[TextLine]:
    """Put texts into two columns where they fit, else into one."""
    widest = max((len(text) for text in texts), default=0)
    if 2 * widest + 2 * len(INDENT) + 1 > room:
        return [((INDENT + text, NOTE),) for text in texts]
    half = (len(texts) + 1) // 2
    pairs = [(texts[row], *texts[row + half : row + half + 1]) for row in range(half)]
    return [
        ((INDENT + (INDENT + " ").join(text.ljust(widest) for text in pair).rstrip(), NOTE),)
        for pair in pairs
    ]
