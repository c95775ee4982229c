"""The grammar of conditions, and that both sides are compared exactly."""

from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marginctl.load.conditions import read_conditions
from marginctl.load.numbers import MAX_DIGITS
from marginctl.load.problems import InputError

KNOWN = {
    "margin_ratio": "fraction",
    "size": "size",
    "cross.margin_ratio": "fraction",
    "liquidatable": "flag",
}


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("margin_ratio < 10%", "0.0999999999999999999999999999999999999999999999999", True),
        ("margin_ratio < 10%", "0.1", False),
        ("margin_ratio<=10%", "0.1", True),
        ("margin_ratio <= 10 %", "0.10000000000000000000000000000000000000000000000001", False),
        ("  margin_ratio   >0.8 ", "0.80000000000000000000000000000000000000000000000001", True),
        ("margin_ratio > 0.8", "0.8", False),
        ("margin_ratio >= 80%", "0.8", True),
        ("size == 1e-12", "0.000000000001", True),
        ("size != 1_000_000_000_000", "1000000000000", False),
        ("size != 1_000_000_000_000", "1000000000000.000000000001", True),
        ("size > -1", "0", True),
        ("cross.margin_ratio == .5", "0.50", True),
    ],
)
def test_a_condition_compares_exactly(text: str, value: str, holds: bool) -> None:
    (condition,) = read_conditions([text], KNOWN)
    assert condition.holds(Decimal(value)) is holds


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9))
def test_a_value_meets_exactly_the_comparisons_with_itself_that_say_so(value: Decimal) -> None:
    if abs(value) < Decimal("1e-25"):
        value = Decimal(0)
    value = Context(prec=MAX_DIGITS).plus(value)  # what has more digits is refused
    met = {
        symbol
        for symbol in ("<", "<=", ">", ">=", "==", "!=")
        if read_conditions([f"size {symbol} {value:f}"], KNOWN)[0].holds(value)
    }
    assert met == {"<=", ">=", "=="}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "margin < 1",
            ["'margin' is not a number or yes/no field", "margin_ratio"],
        ),
        ("zzz < 1", ["known: margin_ratio, size, cross.margin_ratio, liquidatable"]),
        ("size < 1%", ["a percent sign is not allowed here"]),
        ("size = 1", ["'=' is not a comparison", "write =="]),
        ("size <> 1", ["'<>' is not a comparison known: "]),
        ("size 1", ["a comparison is missing"]),
        ("size <", ["a number is missing"]),
        ("< 1", ["a field is missing"]),
        ("size < 1,000", ["ambiguous because of its comma"]),
        ("size < nan", ["is not a finite number"]),
        ("size < 1 and margin_ratio < 1", ["is not a number"]),
        ("", ["the condition is empty"]),
        ("margin_ratio > 20", ["20 is 2,000%", "did you mean 20%?", "2000%"]),
        ("margin_ratio > -1", ["-1 is -100%", "did you mean -1%?"]),
        ("liquidatable == 1", ["is a yes/no field and takes no comparison", "'liquidatable'"]),
        ("liquidatable yes", ["is a yes/no field and takes no comparison"]),
        ("margin_ratio", ["a comparison is missing", "write it like 'margin_ratio < 10%'"]),
        ("size", ["a comparison is missing", "write it like 'size < 100'"]),
        ("zzz ! x", ["'zzz'", "'!' is not a comparison", "'x' is not a number"]),
    ],
)
def test_what_is_no_condition_is_refused_with_every_reason(text: str, said: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        read_conditions([text], KNOWN)
    told = " | ".join(f"{problem.message} {problem.hint}" for problem in caught.value.problems)
    for words in said:
        assert words in told
    assert all(problem.place.path == f"--fail-if {text!r}" for problem in caught.value.problems)


@pytest.mark.parametrize("value", [True, False])
def test_a_yes_or_no_by_itself_holds_where_it_is_yes(value: bool) -> None:
    (condition,) = read_conditions([" liquidatable "], KNOWN)
    assert condition.holds(value) is value


def test_a_percent_sign_says_what_it_means() -> None:
    (condition,) = read_conditions(["margin_ratio > 1000%"], KNOWN)
    assert not condition.holds(Decimal(10))
    assert condition.holds(Decimal("10.01"))


def test_the_problems_of_all_conditions_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        read_conditions(["siz < 1", "size < 1", "size ~ 1"], KNOWN)
    assert {problem.place.path for problem in caught.value.problems} == {
        "--fail-if 'siz < 1'",
        "--fail-if 'size ~ 1'",
    }


@pytest.mark.parametrize("text", ["margin_ratio", "size", "zzz"])
def test_a_field_without_a_comparison_is_one_problem(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_conditions([text], KNOWN)
    assert len(caught.value.problems) == 1
