"""Replacing one venue in the text of a tier file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marginctl.load.problems import InputError
from marginctl.load.yaml_edit import with_venue
from marginctl.load.yaml_text import read_yaml

NEW = ("b:", "  rules: new", "  assets: {}")

BEFORE = """\
# a file of mine
default_venue: a  # the usual one

venues:
  # the first
  a:
    rules: hyperliquid
    assets: {X: {max_leverage: 3}}

  # the second, which changes
  b:  # old
    rules: hyperliquid
    # a comment inside
    assets:
      # and one more
      Y: {max_leverage: 3}
      # the last of b

  # the third
  c:
    rules: trado
    assets: {Z: {max_leverage: 3}}
# the end
"""

AFTER = """\
# a file of mine
default_venue: a  # the usual one

venues:
  # the first
  a:
    rules: hyperliquid
    assets: {X: {max_leverage: 3}}

  # the second, which changes
  b:
    rules: new
    assets: {}

  # the third
  c:
    rules: trado
    assets: {Z: {max_leverage: 3}}
# the end
"""


def write(indent: int) -> list[str]:
    return [" " * indent + line for line in NEW]


def spliced(text: str, name: str = "b") -> str:
    data = text.encode()
    lines = [line.replace("b:", f"{name}:") for line in NEW]
    return with_venue(
        data, "t.yaml", name, lambda indent: [" " * indent + line for line in lines]
    ).decode()


def test_a_venue_is_replaced_and_everything_else_stays() -> None:
    assert spliced(BEFORE) == AFTER


def test_replacing_it_again_changes_nothing() -> None:
    assert spliced(AFTER) == AFTER


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff" + BEFORE.replace("\n", "\r\n")
    assert spliced(text) == "\ufeff" + AFTER.replace("\n", "\r\n")


def test_a_new_venue_comes_after_the_last_one() -> None:
    before = "venues:\n  a:\n    rules: x\n    assets: {}\n    # of a\n# the end\n"
    assert spliced(before, "d") == (
        "venues:\n  a:\n    rules: x\n    assets: {}\n    # of a\n"
        "\n  d:\n    rules: new\n    assets: {}\n# the end\n"
    )


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n...\n", "\n# end", "\n  # end\n"])
def test_the_last_venue_may_end_the_file_in_any_way(end: str) -> None:
    head = "venues:\n  b:\n"
    assert spliced(f"{head}    rules: old{end}") == f"{head}    rules: new\n    assets: {{}}{end}"


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_new_venue_goes_behind_one_that_ends_the_file(end: str) -> None:
    assert spliced(f"venues:\n  a:\n    rules: x{end}", "d") == (
        "venues:\n  a:\n    rules: x\n\n  d:\n    rules: new\n    assets: {}\n"
    )


def test_keys_after_the_venues_stay_where_they_are() -> None:
    before = "venues:\n  b:\n    rules: old\n\n# which one\ndefault_venue: b\n"
    assert spliced(before) == (
        "venues:\n  b:\n    rules: new\n    assets: {}\n\n# which one\ndefault_venue: b\n"
    )


def test_the_indentation_of_the_file_is_kept() -> None:
    before = "venues:\n      a:\n        rules: x\n      b: {rules: old}\n"
    assert spliced(before) == (
        "venues:\n      a:\n        rules: x\n      b:\n        rules: new\n        assets: {}\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "{venues: {a: {rules: x}, b: {rules: y}}}\n",
        "venues: {a: {rules: x}, b: {rules: y}}\n",
        "venues: {\n  a: {rules: x},\n  b: {rules: y}}\n",
        "venues:\n  ? b\n  : {rules: x}\n",
        "venues:\n  b: &shared\n    rules: x\n  c: *shared\n",
        "x: &v\n  b: {rules: x}\nvenues: *v\n",
        '{"venues": {"b": {"rules": "x"}}}\n',
    ],
    ids=["flow", "flow venues", "flow lines", "question mark", "anchor", "alias", "json"],
)
def test_a_layout_in_which_a_venue_does_not_stand_alone_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        spliced(text)
    assert caught.value.problems[0].hint is not None


@pytest.mark.parametrize(
    "text", ["a: [", "- a", "venues: {}", "venues:", "x: 1", "venues:\n  b: 1\n  b: 2\n", "\x00"]
)
def test_what_is_no_tier_file_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        spliced(text)


def test_another_encoding_is_refused() -> None:
    with pytest.raises(InputError, match="not UTF-8"):
        with_venue(BEFORE.encode("utf-16"), "t.yaml", "b", write)


@given(
    names=st.lists(st.sampled_from("abcdef"), min_size=1, unique=True),
    gaps=st.lists(st.sampled_from(["", "\n", "  # c\n", "    # deep\n", "# top\n"]), min_size=7),
    name=st.sampled_from("abcdefg"),
)
def test_only_the_named_venue_ever_changes(names: list[str], gaps: list[str], name: str) -> None:
    blocks = [
        f"  {known}:\n    rules: r{known}\n{gap}" for known, gap in zip(names, gaps, strict=False)
    ]
    text = f"# head\nvenues:\n{gaps[-1]}{''.join(blocks)}tail: 1\n"
    before = read_yaml(text.encode(), "f").root["venues"]
    after = read_yaml(spliced(text.replace("tail: 1\n", ""), name).encode(), "f").root["venues"]
    expected = {known: dict(value) for known, value in before.items()}
    expected[name] = {"rules": "new", "assets": {}}
    assert after == expected
    assert list(after) == list(expected)
