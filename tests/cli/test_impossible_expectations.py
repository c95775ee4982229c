"""Expectations of cases that no report can meet are errors of the case, each with its place."""

import json
from pathlib import Path

import pytest

from tests.support import invoke

CASE = """cases:
  - name: one
    position: {asset: BTC, size: 1, entry_price: 100, leverage: 3}
    expect:
"""


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("equity: NaN", "'NaN' is not a finite number"),
        ("equity: inf", "'inf' is not a finite number"),
        ("equity: 1e999999", "'1e999999' is beyond"),
        ("equity: {value: nan, tolerance: 1}", "'nan' is not a finite number"),
        ("tier.index: none", "'none' is not a number"),
        ("liquidatable: 1", "liquidatable is true or false"),
        ("side: {min: 3}", "side is not a number"),
        ("binding_limit: {value: x, tolerance: 1}", "binding_limit is not a number"),
    ],
)
@pytest.mark.parametrize("form", ["full", "json"])
def test_it_is_an_error_of_the_case(tmp_path: Path, line: str, message: str, form: str) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(f"{CASE}      {line}\n")
    answer = invoke("tiers", "test", str(path), "-o", form)
    assert answer.code == 2
    assert message in answer.stderr
    assert "cases.yaml:5:" in answer.stderr
    if form == "json":
        report = json.loads(answer.stdout, parse_constant=pytest.fail)
        assert (report["passed"], report["failed"], report["errors"]) == (0, 0, 1)
        (problem,) = report["cases"][0]["problems"]
        assert message in problem["message"]
        assert problem["line"] == 5
    else:
        assert not answer.stdout


def test_a_null_is_a_value_that_a_number_may_have(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(f"{CASE}      max_addable: null\n")
    assert invoke("tiers", "test", str(path)).code == 0
