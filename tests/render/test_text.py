"""No control character of a text from outside reaches a terminal."""

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from marginctl.render.numbers import escape_control
from marginctl.render.scripts import json_text, ndjson_line

HOSTILE = "\u202e\x7f\x85\x9b\u2028\x1b\U000e0001"
TEXTS = st.text(max_size=8) | st.text(HOSTILE, max_size=8)


def controls(text: str) -> list[str]:
    return [char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"}]


@given(TEXTS)
def test_json_shows_no_control_character_and_keeps_the_text(text: str) -> None:
    for written in (json_text({text: text}).replace("\n", ""), ndjson_line({text: text})):
        assert controls(written) == []
        assert json.loads(written) == {text: text}


def test_json_escapes_control_characters_in_its_own_way() -> None:
    assert ndjson_line("a\x9b\u202e") == r'"a\u009b\u202e"'


@given(TEXTS)
def test_other_outputs_show_none_either(text: str) -> None:
    assert controls(escape_control(text)) == []
