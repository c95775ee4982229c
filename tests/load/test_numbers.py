"""Numbers are read from their text, exactly, or refused with the reason."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marginctl.load.numbers import read_decimal, read_own_decimal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2400", "2400"),
        ("2400.50", "2400.50"),
        ("-0.1", "-0.1"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        (" 5 ", "5"),
        ("1_000_000", "1000000"),
        ("1e6", "1000000"),
        ("1E-6", "0.000001"),
        ("1.5e3", "1500"),
        (
            "0.1234567890123456789012345678901234567890",
            "0.1234567890123456789012345678901234567890",
        ),
        ("9" * 30, "9" * 30),
        ("1e30", "1e30"),
        ("1e-30", "1e-30"),
        ("0e999999", "0"),
        ("-0", "0"),
    ],
)
def test_a_plain_number_is_read_exactly(text: str, expected: str) -> None:
    assert read_decimal(text) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "expected"), [("20%", "0.2"), ("0.06 %", "0.0006"), ("-10%", "-0.1"), ("0.5", "0.5")]
)
def test_a_percent_sign_is_read_where_a_fraction_is_meant(text: str, expected: str) -> None:
    assert read_decimal(text, fraction=True) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "missing"),
        ("abc", "is not a number"),
        ("1,000", "write 1000 or 1_000"),
        ("1,000,000.5", "write 1000000.5 or 1_000_000.5"),
        ("1.000.000", "is not a number"),
        ("nan", "not a finite number"),
        ("-Infinity", "not a finite number"),
        ("10%", "percent sign is not allowed"),
        ("1e31", "beyond 10^±30"),
        ("1e-31", "beyond 10^±30"),
        ("1e999999999", "beyond 10^±30"),
        ("1" * 31 + "e30", "beyond 10^±30"),
        ("1." + "1" * 60, "more than 60 digits"),
        ("1" * 100_000, "more than 60 digits"),
        ("0x10", "is not a number"),
        ("1__0", "is not a number"),
        ("_1", "is not a number"),
        ("١٢", "is not a number"),
        ("−5", "is not a number"),  # noqa: RUF001 - a typographic minus
        ("1 000", "is not a number"),
        ("--5", "is not a number"),
        ("5\n6", "is not a number"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        read_decimal(text)
    assert reason in str(raised.value)
    assert len(str(raised.value)) < 150


@given(st.decimals(min_value=-(10**30), max_value=10**30, places=25))
def test_what_a_number_prints_is_read_back(number: Decimal) -> None:
    assert read_decimal(f"{number:f}") == number


def test_a_percentage_keeps_every_digit() -> None:
    digits = "1." + "2345678901" * 5
    assert read_decimal(f"{digits}%", fraction=True) == Decimal(digits + "e-2")


@pytest.mark.parametrize("text", ["9" * 30 + "." + "9" * 30, "0." + "1" * 30, "1." + "1" * 59])
def test_a_number_of_up_to_sixty_digits_is_read_exactly(text: str) -> None:
    assert str(read_decimal(text)) == text


@pytest.mark.parametrize("text", ["0", "-1.5", "1e6", "7" * 61, f"0.{'7' * 300}", f"-{'9' * 91}"])
def test_a_number_of_an_answer_of_ours_is_read_with_every_digit(text: str) -> None:
    assert Fraction(read_own_decimal(text)) == Fraction(text)


@pytest.mark.parametrize("text", ["9" * 92, f"0.{'0' * 90}1", "x", "nan", "1e31", "9" * 101])
def test_no_answer_of_ours_has_such_a_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"beyond 10|is not a|has more than"):
        read_own_decimal(text)
