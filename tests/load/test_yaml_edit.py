"""Writing other values into a YAML file."""

import pytest

from marginctl.load.problems import InputError
from marginctl.load.yaml_edit import Edit, edited
from marginctl.load.yaml_text import read_yaml

TEXT = """\
# über alles
a: {x: 1, y: '2', z: "3"}   # ü 1
b:
  - 4.50   # four and a half
  - null
  - ~
  -   1_000
  - ''
  - &anchor 7
  - *anchor
"""


def edits(*changes: tuple[tuple[str | int, ...], str]) -> bytes:
    document = read_yaml(TEXT.encode(), "f.yaml")
    found = []
    for path, new in changes:
        place = document.place(*path)
        node = document.root
        for step in path:
            node = node[step]
        assert place.line is not None
        assert place.column is not None
        mark = type(document.root_at)(place.line, place.column)
        found.append(Edit(mark, node, new, place.path or ""))
    return edited(TEXT.encode(), found, "f.yaml")


def test_values_are_exchanged_and_comments_stay() -> None:
    result = edits(
        (("a", "x"), "10"),
        (("a", "y"), "20"),
        (("a", "z"), "null"),
        (("b", 0), "-4"),
        (("b", 1), "5"),
        (("b", 2), "6"),
        (("b", 3), "1_001"),
    ).decode()
    assert result.splitlines()[:7] == [
        "# über alles",
        "a: {x: 10, y: 20, z: null}   # ü 1",
        "b:",
        "  - -4   # four and a half",
        "  - 5",
        "  - 6",
        "  -   1_001",
    ]


@pytest.mark.parametrize("index", [5, 6])
def test_what_is_not_a_value_of_its_own_is_refused(index: int) -> None:
    with pytest.raises(InputError, match="cannot be rewritten"):
        edits((("b", index), "8"))


def test_two_wishes_for_one_value_are_refused() -> None:
    with pytest.raises(InputError, match="want 8 and 9"):
        edits((("b", 0), "8"), (("b", 0), "9"))
