"""No digit is lost between what is typed and what is printed."""

import json

from tests.support import invoke


def test_a_long_size_is_printed_as_it_was_typed() -> None:
    size = "1.0000000000000000000000000000000000000000001"
    answer = invoke("show", "-a", "ETH", "-q", size, "-e", "2500", "-l", "10", "-o", "json")
    (position,) = json.loads(answer.stdout)["positions"]
    assert position["size"] == size
    assert position["notional"] == "2500.00000000000000000000000000000000000000025"
