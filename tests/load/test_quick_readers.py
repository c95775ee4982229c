"""What is read of positions without pydantic is what its models read."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from marginctl.load.inputs import (
    ACCOUNT_READERS,
    LONE_POSITION_READERS,
    POSITION_READERS,
    PositionInput,
    read_entry,
)
from marginctl.load.json_text import JsonNumber
from marginctl.load.keys import Readers
from marginctl.load.models import MODELS
from marginctl.load.problems import ARGUMENTS

if TYPE_CHECKING:
    from marginctl.load.problems import Problem

FORMS = [POSITION_READERS, ACCOUNT_READERS, LONE_POSITION_READERS]
TEXTS = ["ETH", "long", "isolated", "cross", "short", "5", "5.50", "-5", "1e6", "1_000", "", "nan"]
VALUES = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(["5", "-0", "0.10", "1e400", "NaN", "9" * 61]).map(JsonNumber),
    st.none(),
    st.booleans(),
    st.lists(st.none(), max_size=1),
    st.dictionaries(st.just("a"), st.none(), max_size=1),
)


def test_an_input_begins_with_the_fields_of_a_position() -> None:
    assert PositionInput._fields[: len(POSITION_READERS)] == tuple(POSITION_READERS)


@pytest.mark.parametrize("form", FORMS)
def test_there_is_a_model_to_say_what_is_wrong_with_each_form(form: Readers) -> None:
    assert frozenset(form) in MODELS


@pytest.mark.parametrize("form", FORMS)
@given(st.data())
def test_what_is_said_is_what_the_model_reads(form: Readers, data: st.DataObject) -> None:
    value: dict[str, Any] = data.draw(
        st.dictionaries(st.sampled_from([*form, "surprise"]), VALUES, max_size=4)
    )
    problems: list[Problem] = []
    said, unread = read_entry(form, value, ARGUMENTS, problems)
    try:
        expected = dict(MODELS[frozenset(form)].model_validate(value))
    except ValidationError as error:
        wrong = {str(found["loc"][0]) for found in error.errors()}
        assert unread == wrong
        assert len(problems) == len(wrong)
        assert {name for name in said if said[name] is not None} <= value.keys() - wrong
    else:
        assert not problems
        assert not unread
        assert {name: said.get(name) for name in form} == expected


@pytest.mark.parametrize("value", [None, 5, "ETH", ["ETH"]])
def test_something_else_than_a_mapping_says_nothing(value: Any) -> None:
    problems: list[Problem] = []
    assert read_entry(POSITION_READERS, value, ARGUMENTS, problems) == (
        {},
        frozenset(POSITION_READERS),
    )
    assert [problem.message for problem in problems] == ["expected a mapping of keys to values"]
