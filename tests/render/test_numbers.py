"""How numbers are shown: decimals, percentages and their roundings."""

from decimal import Decimal

import pytest

from marginctl.render.layout import SheetRow, sheet, text_of
from marginctl.render.numbers import (
    amount_decimals,
    decimals_for,
    ellipsised,
    percent,
    ratio_percent,
    signed_percent,
)


@pytest.mark.parametrize(
    ("amounts", "decimals"),
    [
        ("", 2),
        ("0", 2),
        ("1000 2.5 0", 2),
        # three digits of the smallest
        ("1.5 0.123", 3),
        ("-0.0123", 4),
        # that matters beside the largest: down to a ten thousandth of its size
        ("100 0.0123", 4),
        ("1000 0.0123", 2),
        ("1000 0.123 0.0123", 3),
        # six at most
        ("0.5 0.0000123", 6),
        # but the largest is seen
        ("0.00000123", 8),
    ],
)
def test_one_number_of_decimals_shows_all_amounts(amounts: str, decimals: int) -> None:
    assert amount_decimals([None, *map(Decimal, amounts.split())]) == decimals


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        ("0", "0.00%"),
        ("0.0433", "4.33%"),
        ("0.043349", "4.33%"),
        ("-0.043351", "-4.34%"),
        ("0.00012345", "0.012%"),
        ("0.000000123456", "0.000012%"),
        # twelve decimals at most
        ("1e-14", "0.000000000001%"),
        ("1e-16", "0.000000000000%"),
        ("9.99999", "1,000.00%"),
        ("10.5", "1,050%"),
        ("-10", "-1,000%"),
        ("1234.5678", "123,457%"),
    ],
)
def test_a_percentage_has_two_decimals_more_where_it_is_small_none_where_it_is_large(
    fraction: str, shown: str
) -> None:
    assert percent(Decimal(fraction)) == shown


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        ("0.99994", "99.99%"),
        ("0.99999", "99.99%"),
        ("1", "100.00%"),
        ("1.00001", "100.00%"),
        ("0.5", "50.00%"),
    ],
)
def test_a_ratio_below_one_is_never_shown_as_the_whole(ratio: str, shown: str) -> None:
    assert ratio_percent(Decimal(ratio)) == shown


@pytest.mark.parametrize(
    ("move", "shown"),
    [("0.00999", "+0.99%"), ("0", "0.00%"), ("-0.049999", "-4.99%"), ("0.5", "+50.00%")],
)
def test_a_move_has_its_sign_and_is_rounded_toward_none(move: str, shown: str) -> None:
    assert signed_percent(Decimal(move)) == shown


@pytest.mark.parametrize(
    ("scale", "digits", "decimals"),
    [("0", 6, 2), ("2500", 6, 2), ("25", 6, 4), ("0.0025", 6, 8), ("99999", 5, 2)],
)
def test_decimals_for_so_many_digits_are_two_at_least(
    scale: str, digits: int, decimals: int
) -> None:
    assert decimals_for(Decimal(scale), digits) == decimals


def test_a_long_number_is_cut_and_not_rounded() -> None:
    assert ellipsised(Decimal("0.0999999"), 3) == "0.0999…"
    assert ellipsised(Decimal("0.0999"), 3) == "0.0999"
    assert ellipsised(Decimal("1.5")) == "1.5"
    assert ellipsised(Decimal("1.23456789012345678912")) == "1.2345678901234567891…"


def test_numbers_stand_below_their_labels_exactly_where_they_do_not_fit_beside_them() -> None:
    entries = [SheetRow("Notional", "24,000.00"), SheetRow("PnL", "-1,000.00")]
    beside = ["  Notional  24,000.00", "  PnL       -1,000.00"]
    width = len(beside[0])
    assert [text_of(line) for line in sheet(entries, width)] == beside
    below = [text_of(line).strip() for line in sheet(entries, width - 1)]
    assert below == ["Notional", "24,000.00", "PnL", "-1,000.00"]
