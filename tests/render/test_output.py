"""Tables in plain text and in colour are the same but for the colours."""

import io
import re

import pytest

from marginctl.render.layout import Output, Rows
from marginctl.render.rich_output import ColorOutput

ROWS = Rows(
    "Title",
    (("Asset", False), ("Notional", True), ("PnL", True)),
    (("ETH", "1.50", "-2"), ("\u5e01\u5b89", "10.00", ""), ("A\x9bB", "0.25", "3")),
    ("", "danger", "caution"),
    spare="PnL",
)
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def printed(kind: type[Output], width: int | None, rows: Rows = ROWS) -> str:
    file = io.StringIO()
    kind(file, width=width).table(rows)
    return file.getvalue()


def lines_of(text: str) -> list[str]:
    return [line.rstrip() for line in text.split("\n")]


@pytest.mark.parametrize("width", [None, 80, 20, 19, 18, 17, 8])
def test_colours_are_all_that_differs(width: int | None) -> None:
    coloured = printed(ColorOutput, width)
    assert "\x1b[" in coloured
    assert lines_of(ESCAPES.sub("", coloured)) == lines_of(printed(Output, width))


def test_wide_characters_take_two_columns() -> None:
    lines = printed(Output, None).splitlines()
    assert lines[2:] == [
        "Asset   Notional  PnL",
        "─" * 21,
        "ETH         1.50   -2",
        "\u5e01\u5b89       10.00",
        "A\\x9bB      0.25    3",
    ]


@pytest.mark.parametrize(("width", "kept"), [(21, True), (19, True), (18, False)])
def test_the_spare_column_goes_exactly_where_it_does_not_fit(width: int, kept: bool) -> None:
    assert ("PnL" in printed(Output, width).splitlines()[2]) is kept


@pytest.mark.parametrize(
    ("width", "head"), [(21, "Asset   Notional  PnL"), (20, "Asset  Notional PnL")]
)
def test_columns_come_closer_before_one_goes(width: int, head: str) -> None:
    assert printed(Output, width).splitlines()[2] == head
