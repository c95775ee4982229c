"""Whatever the readers are given, they answer or refuse with a problem, and raise nothing else.

MARGINCTL_FUZZ is the number of examples of each test where many are wanted.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marginctl.load.json_text import decode_utf8, parse_json
from marginctl.load.problems import InputError
from marginctl.load.yaml_text import read_yaml
from tests.support import invoke

EXAMPLES = int(os.environ.get("MARGINCTL_FUZZ", "60"))
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
JSON_TOKENS = [
    *"{}[]:,",
    '"asset"',
    '"size"',
    '"leverage"',
    '"entry_price"',
    '"positions"',
    '"ETH"',
    "1",
    "-0",
    "1e400",
    "23456789012345678901234567890.9",
    "null",
    "true",
    "NaN",
    '""',
    '"\\ud800"',
    '"\\u202e"',
    '"\x9b"',
    "\x01",
    " ",
    "\n",
    "\ufeff",
]
YAML_TOKENS = [
    *"{}[]:,-?&*!|>#%@~",
    "a",
    "<<",
    ": ",
    "- ",
    "? ",
    "\n",
    "  ",
    "venues:",
    "cases:",
    "1_000",
    "'",
    '"',
    "&a",
    "*a",
    "---",
    "\x85",
    "\u2028",
    "\x01",
    "\t",
]
JSON = st.lists(st.sampled_from(JSON_TOKENS), max_size=24).map("".join)
YAML = st.lists(st.sampled_from(YAML_TOKENS), max_size=24).map("".join)
COMMANDS = [
    ("show",),
    ("show", "-o", "ndjson"),
    ("sweep", "--over", "move=-10%..10%"),
    ("tiers", "import"),
]


def _refuses_or_answers(read: Callable[[], object]) -> None:
    with suppress(InputError):
        read()


@FUZZ
@given(JSON)
def test_json_is_read_or_refused(text: str) -> None:
    _refuses_or_answers(lambda: parse_json(decode_utf8(text.encode(), "f"), "f"))


@FUZZ
@given(st.binary(max_size=40) | YAML.map(str.encode))
def test_yaml_is_read_or_refused(data: bytes) -> None:
    _refuses_or_answers(lambda: read_yaml(data, "f"))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@FUZZ
@given(text=JSON)
def test_commands_answer_or_refuse_json(
    command: tuple[str, ...], text: str, tmp_path: Path
) -> None:
    file = tmp_path / "input.json"
    file.write_bytes(text.encode())
    assert invoke(*command, str(file)).code in {0, 1, 2}


@pytest.mark.parametrize("command", [("tiers", "check"), ("tiers", "test")], ids=" ".join)
@FUZZ
@given(text=YAML)
def test_commands_answer_or_refuse_yaml(
    command: tuple[str, ...], text: str, tmp_path: Path
) -> None:
    file = tmp_path / "input.yaml"
    file.write_bytes(text.encode())
    assert invoke(*command, str(file)).code in {0, 1, 2}
