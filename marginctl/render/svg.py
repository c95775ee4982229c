"""The picture of a sweep as a vector file.

Clean XML from the standard library: a dozen kinds of elements need no drawing library, and none
then has to be installed, kept up or loaded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from xml.etree import ElementTree as ET

from marginctl.core.numbers import ZERO, exactly, quotient
from marginctl.core.sweep import EventKind
from marginctl.render.numbers import escape_control, plain
from marginctl.render.picture import AxisMark, Curve, Picture, PositionSpan, axis_number

_WIDTH, _LEFT, _RIGHT = 860, 96, 28
_HEAD, _PLOT, _SPAN, _ROW = 66, 320, 22, 16
_CHARACTER = Decimal("6.4")
"""The width of a character of 12 pixels, on the generous side."""
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
_INK, _FAINT, _LINE = "#1f2328", "#59636e", "#d1d9e0"
_GREEN, _RED, _AMBER = "#1a7f37", "#cf222e", "#bc4c00"
_COLOURS = {
    EventKind.MARK: _INK,
    EventKind.LIQUIDATION: _RED,
    EventKind.PORTFOLIO_LIMIT: _RED,
    EventKind.BACKSTOP: _RED,
    EventKind.BANKRUPTCY: _RED,
    EventKind.TIER_BOUNDARY: _FAINT,
    EventKind.REMOVAL_OPENS: _GREEN,
}
_DASHES = {EventKind.LIQUIDATION: None, EventKind.MARK: "6 3"}
_MOST_TICKS = 8


def svg_text(picture: Picture) -> str:
    """Return a picture as an SVG document."""
    return _Drawing(picture).text()


@dataclass(frozen=True, slots=True)
class _Label:
    """A mark's label: it begins beside the mark's line, in a row above the plot, 0 the lowest."""

    mark: AxisMark
    text: str
    begin: Decimal
    row: int

    @property
    def end(self) -> Decimal:
        """Where the text ends."""
        return self.begin + _wide(self.text)


class _Drawing:
    """Draws from the top down; heights follow from how much there is."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._labels = self._placed([mark for mark in picture.marks if mark.inside])
        rows = 1 + max((label.row for label in self._labels), default=0)
        self._top = _HEAD + _ROW * rows + 6
        right = max((label.end + 8 for label in self._labels), default=ZERO)
        self._width = max(_WIDTH, int(right), int(_wide(picture.title) * 3 / 2) + 40)
        self._bottom = self._top + (_PLOT if picture.curves else 0)
        self._end = self._bottom + _SPAN * len(picture.spans)
        self._height = self._end + 62
        self._svg = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {self._width} {self._height}",
                "width": str(self._width),
                "height": str(self._height),
                "role": "img",
                "aria-labelledby": "title desc",
                "font-family": _FONT,
                "font-size": "12",
            },
        )

    def text(self) -> str:
        """Return the document."""
        picture = self._picture
        self._add("title", {"id": "title"}, picture.title)
        self._add("desc", {"id": "desc"}, _description(picture))
        self._add("rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
        self._write(picture.title, 20, 26, size=16, weight="600")
        self._lost()
        self._across()
        if picture.curves:
            self._up()
        self._marks()
        self._curves()
        for number, span in enumerate(picture.spans):
            self._span(span, self._bottom + _SPAN * number + _SPAN // 2)
        self._write(picture.axis, (_LEFT + _WIDTH - _RIGHT) // 2, self._height - 14, middle=True)
        ET.indent(self._svg)
        body = ET.tostring(self._svg, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'

    def _lost(self) -> None:
        for begin, end in self._picture.lost:
            left, right = self._x(begin), self._x(end)
            size = {"width": _number(right - left), "height": str(self._bottom - self._top)}
            place = {"x": _number(left), "y": str(self._top)}
            self._add("rect", {**place, **size, "fill": _RED, "fill-opacity": "0.07"})

    def _across(self) -> None:
        """The axis of what is swept over, with round numbers."""
        picture = self._picture
        for at in ticks(picture.low, picture.high):
            x = self._x(at)
            self._line(x, self._top, x, self._end, _LINE)
            self._write(picture.text(at), x, self._end + 18, middle=True, colour=_FAINT)
        self._line(_LEFT, self._end, _WIDTH - _RIGHT, self._end, _FAINT)

    def _up(self) -> None:
        """The axis of amounts, and the key of the curves."""
        picture = self._picture
        for height in ticks(picture.bottom, picture.top):
            y = self._y(height)
            self._line(_LEFT, y, _WIDTH - _RIGHT, y, _LINE if height else _FAINT)
            text = axis_number(height)
            self._write(text, _LEFT - 8, y + 4, colour=_FAINT, anchor="end")
        x = Decimal(20)
        for curve, colour, dash in self._styled():
            self._line(x, Decimal(45), x + 26, Decimal(45), colour, width="2.5", dash=dash)
            self._write(curve.name, x + 34, 49)
            x += 34 + _wide(curve.name) + 24
        if picture.lost:
            box = {"x": _number(x), "y": "39", "width": "26", "height": "12"}
            self._add("rect", {**box, "fill": _RED, "fill-opacity": "0.15"})
            self._write("liquidated", x + 34, 49)

    def _marks(self) -> None:
        for label in self._labels:
            mark = label.mark
            x, y = self._x(mark.at), self._top - 8 - _ROW * label.row
            colour = _COLOURS[mark.kind]
            dash = _DASHES.get(mark.kind, "2 3")
            self._line(x, y - 10, x, self._end, colour, dash=dash)
            self._write(label.text, label.begin, y, colour=colour)

    def _curves(self) -> None:
        for curve, colour, dash in self._styled():
            points = " ".join(
                f"{_number(self._x(at))},{_number(self._y(height))}" for at, height in curve.points
            )
            style = {"fill": "none", "stroke": colour, "stroke-width": "2.5"}
            if dash:
                style["stroke-dasharray"] = dash
            line = self._add("polyline", {"points": points, **style, "stroke-linejoin": "round"})
            ET.SubElement(line, "title").text = curve.name

    def _styled(self) -> list[tuple[Curve, str, str | None]]:
        styles = ((_GREEN, None), (_AMBER, "7 4"))
        pairs = zip(self._picture.curves, styles, strict=False)
        return [(curve, colour, dash) for curve, (colour, dash) in pairs]

    def _span(self, span: PositionSpan, y: int) -> None:
        self._write(span.name, _LEFT - 8, y + 4, anchor="end")
        self._line(_LEFT, y, _WIDTH - _RIGHT, y, _LINE, width="2", dash="1 4")
        if span.safe is not None:
            begin, end = (self._x(at) for at in span.safe)
            self._line(begin, y, end, y, _GREEN, width="4")
        else:
            self._write(span.text, _LEFT + 10, y + 4, colour=_RED)
        for at, text in span.liquidations:
            x = self._x(at)
            if at < 0 and x - 12 - _wide(text) > _LEFT:
                self._write(text, x - 12, y + 4, anchor="end", colour=_RED)
            elif at > 0 and x + 12 + _wide(text) < _WIDTH - _RIGHT:
                self._write(text, x + 12, y + 4, colour=_RED)
            for slope in (-1, 1):
                self._line(x - 5, y - 5 * slope, x + 5, y + 5 * slope, _RED, width="2.5")

    def _placed(self, marks: Sequence[AxisMark]) -> list[_Label]:
        """Put each label to the right of its line, above all lines and labels that it spans.

        From the right to the left: so no line goes through a label.
        """
        placed: list[_Label] = []
        for mark in sorted(marks, key=lambda mark: mark.at, reverse=True):
            label = _Label(mark, f"{mark.name} {mark.text}".rstrip(), self._x(mark.at) + 4, 0)
            spanned = [other.row for other in placed if other.begin - 8 < label.end + 8]
            placed.append(replace(label, row=max(spanned, default=-1) + 1))
        return placed

    def _x(self, at: Decimal) -> Decimal:
        picture = self._picture
        at = min(max(at, picture.low), picture.high)
        return _LEFT + _part(at, picture.low, picture.high, _WIDTH - _RIGHT - _LEFT)

    def _y(self, height: Decimal) -> Decimal:
        picture = self._picture
        tall = self._bottom - self._top
        return self._bottom - _part(height, picture.bottom, picture.top, tall)

    def _add(self, tag: str, attributes: dict[str, str], text: str | None = None) -> ET.Element:
        element = ET.SubElement(self._svg, tag, attributes)
        element.text = None if text is None else escape_control(text)
        return element

    def _line(
        self,
        x1: Decimal | int,
        y1: Decimal | int,
        x2: Decimal | int,
        y2: Decimal | int,
        colour: str,
        *,
        width: str = "1",
        dash: str | None = None,
    ) -> None:
        ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        places = {name: _number(Decimal(value)) for name, value in ends.items()}
        style = {"stroke": colour, "stroke-width": width}
        if dash:
            style["stroke-dasharray"] = dash
        self._add("line", {**places, **style})

    def _write(
        self,
        text: str,
        x: Decimal | int,
        y: Decimal | int,
        *,
        middle: bool = False,
        anchor: str = "start",
        colour: str = _INK,
        size: int = 12,
        weight: str = "400",
    ) -> None:
        style = {"text-anchor": "middle" if middle else anchor, "fill": colour}
        if size != 12:  # noqa: PLR2004 - the size of the whole drawing
            style |= {"font-size": str(size), "font-weight": weight}
        self._add("text", {"x": _number(Decimal(x)), "y": _number(Decimal(y)), **style}, text)


def ticks(low: Decimal, high: Decimal) -> list[Decimal]:
    """Return round numbers in a range, at most eight: steps of 1, 2 or 5 times a power of ten."""
    width = high - low
    step = Decimal(1).scaleb(width.adjusted() - 1)
    for factor in (1, 2, 5, 10, 20, 50, 100):
        if width <= step * factor * (_MOST_TICKS - 1):
            step *= factor
            break
    first = -((-low) // step)
    count = int((high - first * step) // step) + 1
    return [(first + number) * step for number in range(count)]


def _description(picture: Picture) -> str:
    marks = [f"{mark.name} {mark.text} {mark.beside}".strip() for mark in picture.marks]
    spans = [f"{span.name} liquidated at {span.text}" for span in picture.spans]
    curves = " and ".join(curve.name for curve in picture.curves) or "isolated positions"
    return f"{curves} over the {picture.axis}. {'; '.join([*marks, *spans])}."


@exactly
def _wide(text: str) -> Decimal:
    return len(text) * _CHARACTER


@exactly
def _part(value: Decimal, low: Decimal, high: Decimal, length: int) -> Decimal:
    return quotient((value - low) * length, high - low)


def _number(value: Decimal) -> str:
    """Show a coordinate to a hundredth of a pixel."""
    return plain(round(value, 2))
