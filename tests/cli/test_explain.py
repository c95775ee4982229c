"""``--explain``: only where an explanation is printed."""

import json
from itertools import product

import pytest

from tests.support import invoke

ONE = {"asset": "ETH", "size": "10", "entry_price": "2500", "leverage": "10"}
SILENT = [
    ["-o", "ndjson"],
    ["-o", "csv"],
    ["-o", "md"],
    ["--raw", "--fields", "size"],
    ["--fields", "size"],
]


@pytest.mark.parametrize(("form", "lines"), list(product(SILENT, [1, 2])))
def test_an_explanation_is_refused_where_it_would_not_be_printed(
    form: list[str], lines: int
) -> None:
    stdin = f"{json.dumps(ONE)}\n".encode() * lines
    printed = invoke("show", "-", "--explain", *form, stdin=stdin)
    assert (printed.code, printed.stdout) == (2, "")
    assert "--explain" in printed.stderr
