"""Exact sums, and quotients that round once."""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    Inexact,
    getcontext,
    localcontext,
)
from fractions import Fraction
from typing import Any

import pytest

from marginctl.core.numbers import (
    Divide,
    decimal_of,
    down_to_step,
    exactly,
    finite,
    fraction_of,
    quotient,
    quotient_down,
    unit_for,
    up_to_step,
)


@exactly
def product(left: Decimal, right: Decimal) -> Decimal:
    return left * right


@exactly
def precision() -> int:
    return getcontext().prec


@exactly
def outer_precision() -> int:
    return precision()


@pytest.mark.parametrize(
    ("sentence", "divide", "expected"),
    [
        ("half to even", quotient, ("0." + 49 * "6" + "7", "-0." + 49 * "6" + "7")),
        ("to the floor", quotient_down, ("0." + 50 * "6", "-0." + 49 * "6" + "7")),
    ],
)
def test_a_quotient_has_fifty_digits_and_rounds(
    sentence: str, divide: Divide, expected: tuple[str, str]
) -> None:
    three = Decimal(3)
    assert tuple(str(divide(dividend, three)) for dividend in (2, -2)) == expected, sentence


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        (ROUND_HALF_EVEN, "-0." + 49 * "6" + "7"),
        (ROUND_DOWN, "-0." + 50 * "6"),
        (ROUND_FLOOR, "-0." + 49 * "6" + "7"),
        (ROUND_CEILING, "-0." + 50 * "6"),
    ],
)
def test_a_fraction_rounds_in_the_direction_that_is_asked_for(rounding: str, expected: str) -> None:
    assert str(decimal_of(Fraction(-2, 3), rounding)) == expected


def test_a_long_dividend_is_not_rounded_before_it_is_divided() -> None:
    # half way but for its last digit: rounded first, it would go the other way
    dividend = Decimal("1" + 49 * "0" + "50000000001")
    assert quotient(dividend, 1) == Decimal("1" + 48 * "0" + "1e11")
    assert quotient(Decimal("1" + 49 * "0" + "5"), 1) == Decimal("1e50")


def test_a_quotient_does_not_depend_on_the_callers_context() -> None:
    with localcontext(Context(prec=3, Emax=2)):
        digits = str(quotient(Decimal(10**9), 7))
    assert digits == "142857142.85714285714285714285714285714285714285714"


def test_dividing_by_zero_is_an_error() -> None:
    with pytest.raises(DivisionByZero):
        quotient(Decimal(1), 0)


def test_a_fraction_becomes_a_decimal_of_fifty_digits() -> None:
    assert str(decimal_of(Fraction(1, 30))) == "0.0" + 50 * "3"
    assert str(decimal_of(Fraction(1, 30), ROUND_CEILING)) == "0.0" + 49 * "3" + "4"
    assert decimal_of(Fraction(-5, 4)) == Decimal("-1.25")


@pytest.mark.parametrize(
    ("rates", "unit"),
    [
        ((), 1),
        (("0",), 1),
        (("1/50",), 1),
        (("1/30",), 3),
        (("1/14", "1/6"), 21),
        (("1/9", "1/6", "1/360"), 9),
        (("3/7", "12/1250"), 7),
    ],
)
def test_the_unit_is_the_least_that_makes_every_rate_terminate(
    rates: tuple[str, ...], unit: int
) -> None:
    assert unit_for(*map(Fraction, rates)) == unit


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [
        ("0", "0"),
        ("1", "1"),
        ("-7/8", "-0.875"),
        ("1/1024", "0.0009765625"),
        ("1/3125", "0.00032"),
        ("123456789/640", "192901.2328125"),
        ("1000000000000", "1000000000000"),
    ],
)
def test_a_finite_fraction_becomes_that_very_decimal(fraction: str, expected: str) -> None:
    assert finite(Fraction(fraction)) == Decimal(expected)
    assert Fraction(finite(Fraction(fraction))) == Fraction(fraction)


@pytest.mark.parametrize("fraction", ["1/3", "-1/30", "22/7"])
def test_a_fraction_without_an_end_is_refused(fraction: str) -> None:
    with pytest.raises(ValueError, match="has no finite decimal form"):
        finite(Fraction(fraction))


def test_products_of_long_numbers_keep_every_digit() -> None:
    left, right = Decimal("9" * 60 + "e-30"), Decimal("9" * 60 + "e30")
    with localcontext(Context(prec=5)):
        assert product(left, right) == Decimal((10**60 - 1) ** 2)


def test_a_rounding_inside_is_an_exception() -> None:
    with pytest.raises(Inexact):
        product(Decimal(10**99_999 + 1), Decimal(10**99_999 + 1))


def test_one_exact_function_calls_another_in_the_same_context() -> None:
    before = getcontext().prec
    assert outer_precision() == precision() == 100_000
    assert getcontext().prec == before


def test_floats_are_refused_even_where_the_callers_trap_is_off() -> None:
    any_float: Any = 0.1
    context = getcontext().copy()
    context.traps[FloatOperation] = False
    with localcontext(context):
        with pytest.raises(TypeError):
            quotient(any_float, 3)
        with pytest.raises(TypeError):
            quotient(3, any_float)
        with pytest.raises(TypeError):
            product(any_float, Decimal(1))
        with pytest.raises(FloatOperation):
            fraction_of(any_float)


def test_a_decimal_becomes_its_fraction() -> None:
    assert fraction_of(Decimal("0.1")) == Fraction(1, 10)
    assert fraction_of(Decimal("-1E+30")) == -(10**30)


@pytest.mark.parametrize(
    ("amount", "down", "up"),
    [
        ("0", "0", "0"),
        ("5", "5", "5"),
        ("5.0000014", "5.000001", "5.000002"),
        ("0.0000001", "0", "0.000001"),
        ("1" + 40 * "0" + ".00000001", "1" + 40 * "0", "1" + 40 * "0" + ".000001"),
    ],
)
def test_an_amount_is_rounded_to_a_step_down_or_up(amount: str, down: str, up: str) -> None:
    step = Decimal("0.000001")
    assert down_to_step(Decimal(amount), step) == Decimal(down)
    assert up_to_step(Decimal(amount), step) == Decimal(up)


def test_a_fraction_is_rounded_up_to_a_step_or_beyond_it() -> None:
    step = Decimal("0.000001")
    assert up_to_step(Fraction(1, 3), step) == Decimal("0.333334")
    assert up_to_step(Fraction(-1, 3), step) == Decimal("-0.333333")
    assert up_to_step(Fraction(2), step) == 2
    assert up_to_step(Fraction(2), step, beyond=True) == Decimal("2.000001")
    assert up_to_step(Fraction(1, 3), step, beyond=True) == Decimal("0.333334")


@pytest.mark.parametrize("kind", [Decimal, Fraction])
def test_decimals_and_fractions_are_rounded_up_alike(kind: type[Decimal] | type[Fraction]) -> None:
    step = Decimal("0.000001")
    assert up_to_step(kind("-5.0000014"), step) == Decimal("-5.000001")
    assert up_to_step(kind("-5"), step, beyond=True) == Decimal("-4.999999")
    assert up_to_step(kind("2"), step, beyond=True) == Decimal("2.000001")
    assert up_to_step(kind("2.0000014"), step, beyond=True) == Decimal("2.000002")
