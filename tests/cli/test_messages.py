"""Messages are bounded, however much is wrong."""

import json

import pytest

from tests.support import invoke


@pytest.mark.parametrize(
    ("wrong", "last"),
    [(100, None), (101, "1 more problem of this input"), (1100, "1,000 more problems of this")],
)
def test_a_hundred_problems_are_shown_and_the_others_counted(wrong: int, last: str | None) -> None:
    # an unknown key each, in positions that are right otherwise
    position = {"asset": "ETH", "size": "1", "entry_price": "2500", "leverage": 10, "bogus": 1}
    answer = invoke("show", "-", stdin=json.dumps([position] * wrong).encode())
    assert answer.code == 2
    assert answer.stderr.count("unknown key") == 100
    assert (last is not None) == ("more problem" in answer.stderr)
    assert last is None or last in answer.stderr


def test_bad_lines_stay_one_line_for_every_reader() -> None:
    line = '{"asset":"E\u2028T\x85H\x9b","size":1,"entry_price":1,"leverage":1}\n'.encode()
    answer = invoke("show", "-", "-o", "ndjson", "--keep-going", stdin=line)
    assert answer.code == 2
    assert len(answer.stdout.splitlines()) == 1
