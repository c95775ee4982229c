"""A line drawn in characters: how maintenance grows with notional."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from marginctl.core.numbers import quotient
from marginctl.render.layout import LABEL, NOTE, Line

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def area_chart(
    height_at: Callable[[Decimal], Decimal],
    end: Decimal,
    marks: Sequence[tuple[Decimal, str]],
    *,
    columns: int,
    rows: int,
    label: Callable[[Decimal], str],
) -> list[Line]:
    """Return a filled curve over 0..end, its highest value at the left, marks below the axis.

    ``marks`` are places on the axis with what to write there. Heights are drawn in eighths of a
    row, rounded down.
    """
    heights = [
        height_at(quotient(end * (2 * column + 1), 2 * columns)) for column in range(columns)
    ]
    top = height_at(end)
    axis = label(top)
    lines: list[Line] = []
    for row in reversed(range(rows)):
        cells = []
        for height in heights:
            eighths = int(quotient(height * rows * 8, top)) - row * 8
            cells.append(_EIGHTHS[max(0, min(8, eighths))])
        left = axis if row == rows - 1 else "0" if row == 0 else ""
        lines.append(((f"  {left.rjust(len(axis))} ┤", NOTE), ("".join(cells).rstrip(), "")))
    pad = len(axis) + 3
    ticks, texts = list("─" * columns), [" "] * (columns + 40)
    for place, text in marks:
        column = min(columns - 1, int(quotient(place * columns, end)))
        ticks[column] = "┴"
        texts[column : column + len(text)] = text
    lines.append(((f"{' ' * pad}└{''.join(ticks)}", NOTE),))
    lines.append(((f"{' ' * (pad + 1)}{''.join(texts).rstrip()}", LABEL),))
    return lines
