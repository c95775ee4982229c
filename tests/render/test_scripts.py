"""JSON that is written in pieces is the JSON that is written as a whole."""

from typing import Any

import pytest

from marginctl.render.numbers import NumberText
from marginctl.render.scripts import csv_lines, json_pieces, json_text

VALUES: list[Any] = [
    {},
    {"a": 1},
    {"a": [], "b": {}, "c": None, "d": [1, [2, {"x": "line\nbreak \x9b"}]]},
    {"a": NumberText("1.50"), "b": [{"c": NumberText("-2")}, {"c": None}]},
]


@pytest.mark.parametrize("numbers", [False, True])
@pytest.mark.parametrize("data", VALUES)
def test_pieces_are_the_whole(data: dict[str, Any], numbers: bool) -> None:
    lazy = {key: iter(value) if isinstance(value, list) else value for key, value in data.items()}
    assert "".join(json_pieces(lazy, numbers=numbers)) == json_text(data, numbers=numbers)


def test_csv_lines_quote_as_csv_does() -> None:
    rows: list[list[object]] = [['a "quoted"', "b,c"], [None, True]]
    assert list(csv_lines(["x", "y"], rows)) == ["x,y", '"a ""quoted""","b,c"', ",true"]
