"""The pictures of a sweep: what is drawn where, in characters and as a vector file."""

from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from marginctl.cli.inputs import Tiers
from marginctl.cli.options import PositionFlags, TierFlags
from marginctl.cli.sweep import SpanFlags, read_question, sweep_views
from marginctl.core.sweep import EventKind
from marginctl.render.layout import text_of
from marginctl.render.picture import Curve, Picture, picture_of
from marginctl.render.plot import ASCII, BRAILLE, Glyphs, plot_lines
from marginctl.render.svg import svg_text, ticks
from tests.support import TIERS

SVG = "{http://www.w3.org/2000/svg}"


def flags(**said: str) -> PositionFlags:
    names = PositionFlags._fields
    return PositionFlags(**{name: said.get(name) for name in names})


LONG = flags(asset="ETH", size="10", entry="2500", leverage="10")
ON_A_BOUND = flags(asset="ETH", size="-50000", entry="1800", leverage="10", equity="12000000")
CROWDED = flags(asset="BTC", size="10", entry="60000", leverage="40", equity="9001")


def picture(held: PositionFlags, over: str, mark: str | None = None) -> Picture:
    tiers = Tiers(TierFlags(tiers=str(TIERS), venue=None))
    span = SpanFlags(f"mark={over}", None)
    now = held._replace(mark=mark)
    (view,) = sweep_views(read_question(None, now, tiers, span, None))
    return picture_of(view)


def drawn(shown: Picture, glyphs: Glyphs, width: int = 80) -> list[str]:
    return [text_of(line) for line in plot_lines(shown, width, 11, glyphs)]


PICTURES = {
    "a long": (LONG, "2000..2800", "2400"),
    "liquidation on a tier bound": (ON_A_BOUND, "1600..2100", None),
    "everything close together": (CROWDED, "50000..70000", None),
    "all of it lost": (LONG, "100..200", "2400"),
    "tiny prices": (
        flags(asset="DOGE", size="1e6", entry="0.00002", leverage="5"),
        "0.00001..0.00004",
        None,
    ),
}


@pytest.fixture(params=list(PICTURES.values()), ids=list(PICTURES))
def shown(request: pytest.FixtureRequest) -> Picture:
    return picture(*request.param)


@pytest.mark.parametrize("width", [80, 60, 120])
@pytest.mark.parametrize("glyphs", [BRAILLE, ASCII], ids=["braille", "ascii"])
def test_no_line_is_wider_than_the_terminal(shown: Picture, glyphs: Glyphs, width: int) -> None:
    assert max(map(len, drawn(shown, glyphs, width))) <= width


def test_ascii_is_ascii_but_for_what_the_title_has(shown: Picture) -> None:
    assert all(line.isascii() for line in drawn(shown, ASCII)[1:])


@pytest.mark.parametrize("glyphs", [BRAILLE, ASCII], ids=["braille", "ascii"])
def test_every_mark_inside_has_its_letter_in_its_own_column(shown: Picture, glyphs: Glyphs) -> None:
    lines = drawn(shown, glyphs)
    ruler = next(n for n, line in enumerate(lines) if line.strip().startswith(glyphs.break_at))
    begin = lines[ruler].index(glyphs.break_at) + 1
    columns = len(lines[ruler]) - begin
    below = lines[ruler + 1 : ruler + 4]
    for mark in shown.marks:
        if mark.inside:
            share = (mark.at - shown.low) / (shown.high - shown.low)
            column = begin + min(columns - 1, int(share * columns))
            assert mark.letter in {line[column] for line in below if len(line) > column}


def test_the_curves_cross_where_the_liquidation_is_marked() -> None:
    worth, kept = picture(LONG, "2000..2800", "2400").curves
    at = Decimal(22500) / Decimal("9.8")
    assert abs(worth.height(at) - kept.height(at)) < Decimal("1e-20")
    assert worth.height(Decimal(2000)) == -2500
    assert kept.height(Decimal(2800)) == 560


def test_a_curve_is_straight_between_its_points() -> None:
    curve = Curve("any", ((Decimal(0), Decimal(0)), (Decimal(4), Decimal(8))), solid=True)
    assert [curve.height(Decimal(at)) for at in (0, 1, 4)] == [0, 2, 8]


def test_what_is_lost_is_one_stretch_that_ends_at_the_liquidation() -> None:
    shown = picture(LONG, "2000..2800", "2400")
    ((begin, end),) = shown.lost
    (liquidation,) = (mark.at for mark in shown.marks if mark.kind is EventKind.LIQUIDATION)
    assert (begin, end) == (Decimal(2000), liquidation)


def labels(root: ET.Element) -> list[tuple[float, float, float]]:
    """Return begin, end and height of each label above the plot."""
    found = []
    for text in root.iter(f"{SVG}text"):
        if text.get("text-anchor") == "start" and text.get("fill") != "#1f2328":
            assert text.text is not None
            begin = float(text.attrib["x"])
            found.append((begin, begin + 6.4 * len(text.text), float(text.attrib["y"])))
    return found


def test_the_vector_file_is_valid_and_says_in_words_what_it_shows(shown: Picture) -> None:
    root = ET.fromstring(svg_text(shown).split("\n", 1)[1])  # noqa: S314 - our own output
    assert root.tag == f"{SVG}svg"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert title.text == shown.title
    for mark in shown.marks:
        assert mark.text in str(description.text)
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


def test_no_label_of_the_vector_file_covers_another_or_leaves_it(shown: Picture) -> None:
    root = ET.fromstring(svg_text(shown).split("\n", 1)[1])  # noqa: S314 - our own output
    found = labels(root)
    width = float(root.attrib["width"])
    assert all(begin >= 0 and end <= width for begin, end, _ in found)
    for height in {height for *_, height in found}:
        row = sorted(label for label in found if label[2] == height)
        assert all(left[1] < right[0] for left, right in pairwise(row))


def test_no_line_of_a_mark_goes_through_a_label(shown: Picture) -> None:
    root = ET.fromstring(svg_text(shown).split("\n", 1)[1])  # noqa: S314 - our own output
    uprights = [
        (float(line.attrib["x1"]), float(line.attrib["y1"]))
        for line in root.iter(f"{SVG}line")
        if line.get("x1") == line.get("x2") and line.get("stroke") != "#d1d9e0"
    ]
    for begin, end, height in labels(root):
        assert not any(begin <= x <= end and top <= height for x, top in uprights)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("0", "7", "0 1 2 3 4 5 6 7"),
        ("-2500", "5500", "-2000 0 2000 4000"),
        ("-0.5", "0.5", "-0.4 -0.2 0 0.2 0.4"),
        ("0.00001", "0.00004", "0.00001 0.000015 0.00002 0.000025 0.00003 0.000035 0.00004"),
    ],
)
def test_ticks_are_round_and_few(low: str, high: str, expected: str) -> None:
    assert ticks(Decimal(low), Decimal(high)) == [Decimal(tick) for tick in expected.split()]
