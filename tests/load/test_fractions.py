"""A fraction that is written like a percentage is refused with a question, and says what it is."""

from decimal import Decimal

import pytest

from marginctl.load.numbers import RATE_BARE_BELOW, BareFractionError, read_fraction


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.999999999999999999999", "0.999999999999999999999"),
        ("-0.5", "-0.5"),
        ("1%", "0.01"),
        ("100%", "1"),
        (" 1000 % ", "10"),
        ("-250%", "-2.5"),
    ],
)
def test_what_is_plainly_a_fraction_is_read(text: str, value: str) -> None:
    assert read_fraction(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("10", "10 is 1,000%", "did you mean 10%? If not, write 1000%"),
        ("1", "1 is 100%", "did you mean 1%? If not, write 100%"),
        ("-15", "-15 is -1,500%", "did you mean -15%? If not, write -1500%"),
        ("2.50", "2.50 is 250%", "did you mean 2.50%? If not, write 250%"),
        ("1e1", "1e1 is 1,000%", "did you mean 1e1%?"),
    ],
)
def test_from_1_on_a_percent_sign_is_needed(text: str, message: str, hint: str) -> None:
    with pytest.raises(BareFractionError) as caught:
        read_fraction(text)
    assert str(caught.value) == message
    assert caught.value.hint.startswith(hint)


def test_a_rate_needs_its_percent_sign_from_1_percent_on() -> None:
    assert read_fraction("0.00999", bare_below=RATE_BARE_BELOW) == Decimal("0.00999")
    assert read_fraction("4.5%", bare_below=RATE_BARE_BELOW) == Decimal("0.045")
    for text in ("0.01", "-0.01", "0.045"):
        with pytest.raises(BareFractionError, match=f"{text} is -?[14.5]+%"):
            read_fraction(text, bare_below=RATE_BARE_BELOW)
