"""Whether a figure is what was expected."""

from decimal import Decimal

import pytest

from marginctl.core.expectation import Actual, Verdict, compare_range, compare_value

D = Decimal


@pytest.mark.parametrize(
    ("actual", "expected", "tolerance", "verdict"),
    [
        (D(1), D("1.0"), "0", Verdict(True, D(0))),
        (D(1), D("1.000000000000000000000000000000000000000000000000000001"), "0", None),
        (D("1.01"), D(1), "0.01", Verdict(True, D("0.01"))),
        (D("0.99"), D(1), "0.01", Verdict(True, D("-0.01"))),
        (D("1.0100000000001"), D(1), "0.01", Verdict(False, D("0.0100000000001"))),
        ("true", "true", "0", Verdict(True)),
        ("true", "false", "0", Verdict(False)),
        (None, None, "0", Verdict(True)),
        (None, D(0), "0", Verdict(False)),
        (D(0), None, "0", Verdict(False)),
        (D(1), "1x", "0", Verdict(False)),
    ],
)
def test_one_value(actual: Actual, expected: Actual, tolerance: str, verdict: Verdict) -> None:
    found = compare_value(actual, expected, D(tolerance))
    assert found == (verdict or Verdict(False, D("-1e-54")))


@pytest.mark.parametrize(
    ("actual", "least", "most", "verdict"),
    [
        (D(1), D(1), D(2), Verdict(True, D(0))),
        (D(2), D(1), D(2), Verdict(True, D(0))),
        (D("0.5"), D(1), D(2), Verdict(False, D("-0.5"))),
        (D("2.5"), D(1), D(2), Verdict(False, D("0.5"))),
        (D(9), D(1), None, Verdict(True, D(0))),
        (D(-9), None, D(1), Verdict(True, D(0))),
        (None, D(1), None, Verdict(False)),
        ("true", D(1), None, Verdict(False)),
    ],
)
def test_a_range(actual: Actual, least: Actual, most: Actual, verdict: Verdict) -> None:
    assert compare_range(actual, least, most) == verdict  # type: ignore[arg-type]
