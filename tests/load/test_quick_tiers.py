"""What is read without pydantic is what its models read, or nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from marginctl.load.tier_file import quick_venue
from marginctl.load.tier_models import VenueEntry, state_entry
from marginctl.load.yaml_text import read_yaml
from tests.support import TIERS


def assert_agrees(tree: Any) -> None:
    ours = quick_venue("venue", tree)
    if ours is not None:
        assert ours == state_entry("venue", VenueEntry.model_validate(tree))


@pytest.mark.parametrize("name", ["hyperliquid", "trado"])
def test_the_shipped_venues_are_sound(name: str) -> None:
    tree = read_yaml(TIERS.read_bytes(), "tiers.yaml").root["venues"][name]
    assert quick_venue("venue", tree) is not None
    assert_agrees(tree)


NUMBERS = [
    "0",
    "5",
    "05",
    "0_5",
    "1_0",
    "1__0",
    "10_000",
    "1_00",
    "100_000.5",
    "1.",
    ".5",
    "1e6",
    "20%",
    "0.5%",
    "%",
    "-3",
    "+3",
    chr(0x661),  # a digit, but none of ours
]
WORDS = ["true", "false", "True", "null", "no", "strict", "normal", "cross", "hyperliquid"]
DAYS = ["2026-01-14", "2026-1-4", "2026-02-30"]
TEXTS = st.sampled_from([*NUMBERS, *WORDS, *DAYS, "", "1\n", "1 "])
VALUES = st.one_of(TEXTS, st.none(), st.lists(TEXTS, max_size=1))


def fields(*names: str) -> st.SearchStrategy[Any]:
    return st.one_of(st.dictionaries(st.sampled_from([*names, "other"]), VALUES), VALUES)


TIER = fields("lower_bound", "max_leverage", "maintenance_margin_rate", "upper_bound")
ASSET = fields("table", "max_leverage", "size_decimals", "margin_mode", "delisted")
VENUE = st.fixed_dictionaries(
    {
        "rules": TEXTS,
        "quote": TEXTS,
        "assets": st.one_of(st.dictionaries(TEXTS, ASSET, max_size=2), VALUES),
    },
    optional={
        "as_of": VALUES,
        "source": VALUES,
        "closing_fee_rate": VALUES,
        "tables": st.one_of(
            st.dictionaries(TEXTS, st.one_of(st.lists(TIER, max_size=2), VALUES), max_size=2),
            VALUES,
        ),
        "other": VALUES,
    },
)


@given(VENUE)
def test_whatever_is_taken_for_sound_the_models_read_alike(tree: Any) -> None:
    assert_agrees(tree)


@pytest.mark.parametrize("tree", [None, [], "text", {}, {"rules": "trado"}])
def test_what_is_no_venue_is_left_to_the_models(tree: Any) -> None:
    assert quick_venue("venue", tree) is None
    with pytest.raises(ValidationError):
        VenueEntry.model_validate(tree)
