"""Messages are bounded, however much is wrong."""

import json
import re

import pytest

from marginctl.cli.messages import print_problems
from marginctl.load.problems import Problem
from tests.support import invoke


@pytest.mark.parametrize(
    ("wrong", "last"),
    [
        (100, None),
        (101, "the entry after it was not checked"),
        (1100, "1,000 entries after it were not checked"),
    ],
)
def test_a_hundred_problems_are_shown_and_how_much_was_not_checked(
    wrong: int, last: str | None
) -> None:
    # an unknown key each, in positions that are right otherwise
    position = {"asset": "ETH", "size": "1", "entry_price": "2500", "leverage": 10, "bogus": 1}
    answer = invoke("show", "-", stdin=json.dumps([position] * wrong).encode())
    assert answer.code == 2
    assert answer.stderr.count("unknown key") == 100
    assert (last is not None) == ("not checked" in answer.stderr)
    assert "more problem" not in answer.stderr
    end = f"error: {last}\n   at: <stdin>:1:ROW, [100]\n hint: fix the earlier ones first\n"
    assert last is None or re.sub(r":1:\d+", ":1:ROW", answer.stderr).endswith(end)


@pytest.mark.parametrize(
    ("wrong", "shown", "rest"),
    [(100, 100, None), (101, 101, None), (102, 100, "2 more problems in this input")],
)
def test_what_was_checked_is_shown_up_to_a_hundred_and_the_others_are_counted(
    wrong: int, shown: int, rest: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    print_problems([Problem(f"problem {number}") for number in range(wrong)])
    told = capsys.readouterr().err
    assert told.count("error: problem ") == shown
    assert ("more problems" in told) is (rest is not None)
    assert rest is None or rest in told


def test_bad_lines_stay_one_line_for_every_reader() -> None:
    line = '{"asset":"E\u2028T\x85H\x9b","size":1,"entry_price":1,"leverage":1}\n'.encode()
    answer = invoke("show", "-", "-o", "ndjson", "--keep-going", stdin=line)
    assert answer.code == 2
    assert len(answer.stdout.splitlines()) == 1
