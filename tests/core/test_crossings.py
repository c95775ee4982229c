"""The common moves that liquidate, backstop, bankrupt and open removal, against brute force."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings

from marginctl.core.account import Account, cross_state
from marginctl.core.crossings import (
    Shortfall,
    crossings,
    for_maintenance,
    for_removal,
    for_share,
    for_solvency,
)
from marginctl.core.evaluation import evaluate
from marginctl.core.path import MarginPath, account_path, unnamed
from marginctl.core.position import Position
from marginctl.core.sweep import SweptMargin, figures_at
from tests.building import position
from tests.core.books import VENUE, Drawn, accounts
from tests.core.brute import Book, changes_seen

BACKSTOP = for_share((2, 3))
REMOVAL = for_removal(VENUE.rules.account_limits)
WHAT: list[tuple[Shortfall, Callable[[Book], Callable[[Fraction], Fraction]]]] = [
    (for_maintenance, lambda book: book.lacks_maintenance),
    (BACKSTOP, lambda book: book.lacks_backstop),
    (for_solvency, lambda book: lambda y: -book.value(y)),
    (REMOVAL, lambda book: book.lacks_removal),
]
NAMES = ["liquidation", "backstop", "bankruptcy", "removal"]


def margin_path(drawn: Drawn) -> MarginPath:
    assets = [VENUE.assets[held.asset] for held in drawn.account.positions]
    state = cross_state(drawn.account, assets)
    assert state is not None
    return account_path(state, drawn.betas)


@pytest.mark.parametrize(("shortfall", "brute"), WHAT, ids=NAMES)
@given(drawn=accounts())
def test_at_an_end_exactly_nothing_is_lacking_and_beyond_it_something_is(
    shortfall: Shortfall, brute: Callable[[Book], Callable[[Fraction], Fraction]], drawn: Drawn
) -> None:
    lacks = brute(drawn.book)
    found = crossings(margin_path(drawn), shortfall)
    little = Fraction(1, 10**30)
    for end, outward in ((found.down, -1), (found.up, 1)):
        if end is not None:
            assert lacks(end) == 0
            assert lacks(end + outward * little) > 0
    if found.down is not None and found.up is not None:
        assert lacks((found.down + found.up) / 2) <= 0


@pytest.mark.parametrize(("shortfall", "brute"), WHAT, ids=NAMES)
@settings(max_examples=40)
@given(drawn=accounts())
def test_every_change_that_a_dense_search_sees_is_an_end(
    shortfall: Shortfall, brute: Callable[[Book], Callable[[Fraction], Fraction]], drawn: Drawn
) -> None:
    low = drawn.book.lowest()
    high = drawn.book.highest()
    begin = Fraction(-3) if low is None else low * Fraction(999_999, 1_000_000)
    end = Fraction(3) if high is None else high * Fraction(999_999, 1_000_000)
    found = crossings(margin_path(drawn), shortfall)
    for left, right in changes_seen(brute(drawn.book), begin, end):
        assert any(y is not None and left <= y <= right for y in found)


def cross(asset: str, size: str, mark: str, leverage: str = "3") -> Position:
    return position(size, mark, leverage, asset=asset, cross=True)


def moves(cash: str, *held: Position, **betas: str) -> tuple[Decimal | None, Decimal | None]:
    by_asset = {asset: Decimal(beta) for asset, beta in betas.items()}
    report = evaluate(Account(held, Decimal(cash)), VENUE, by_asset)
    assert report.cross is not None
    move = report.cross.liquidating_move
    assert move is not None
    return move.down, move.up


def test_a_long_falls_to_where_its_value_meets_maintenance() -> None:
    # 300 + 1000·y = 1000·(1 + y)/6, so y = (1000/6 - 300)/(1000 - 1000/6) = -4/25
    assert moves("300", cross("FLAT", "10", "100")) == (Decimal("-0.16"), None)


def test_with_a_beta_of_two_half_the_move_liquidates() -> None:
    assert moves("300", cross("FLAT", "10", "100"), FLAT="2") == (Decimal("-0.08"), None)


def test_with_a_beta_below_zero_the_other_direction_liquidates() -> None:
    assert moves("300", cross("FLAT", "10", "100"), FLAT="-1") == (None, Decimal("0.16"))


def test_with_a_beta_of_zero_no_move_liquidates() -> None:
    assert moves("300", cross("FLAT", "10", "100"), FLAT="0") == (None, None)


def test_assets_that_betas_do_not_name_are_found_once_each_in_the_order_held() -> None:
    held = [cross("ETH", "1", "9"), cross("FLAT", "1", "9"), cross("STEEP", "1", "9")]
    assert unnamed({"FLAT": Decimal(2)}, [*held, *held]) == ["ETH", "STEEP"]
    assert unnamed({}, held[:1]) == ["ETH"]
    assert unnamed({"ETH": Decimal(0)}, held[:1]) == []


def close(found: Decimal | None, exact: Fraction) -> bool:
    return found is not None and abs(Fraction(found) - exact) <= abs(exact) / 10**45


def test_a_hedged_book_falls_with_its_maintenance_and_is_only_lost_far_above() -> None:
    # 1000 long and 1000 short: 400 = (1000/6 + 1000/50)·(1 + y)
    book = cross("FLAT", "10", "100"), cross("ETH", "-10", "100")
    down, up = moves("400", *book)
    assert down is None
    assert close(up, Fraction(8, 7))


def test_a_beta_parts_the_legs_of_a_hedged_book() -> None:
    # the short at twice the pace: 400 - 1000·y = 1000/6·(1 + y) + 20·(1 + 2y)
    down, up = moves("400", cross("FLAT", "10", "100"), cross("ETH", "-10", "100"), ETH="2")
    assert down is None
    assert close(up, (400 - Fraction(1000, 6) - 20) / (1000 + Fraction(1000, 6) + 40))


def test_a_book_can_be_liquidated_by_a_fall_and_by_a_rise() -> None:
    # long 200 of STEEP, whose upper tiers keep a half of each unit; short 120 of ETH
    kept = (
        Fraction("99.5") / 100
        + Fraction("0.5") / 74
        + Fraction("0.25") / 22
        + Fraction("0.75") / 18
        + Fraction(99) / 2
        + Fraction("2.4")
    )
    down, up = moves("54", cross("STEEP", "2", "100"), cross("ETH", "-1.2", "100"))
    # below 99.5 of STEEP: 54 + 80·y = (2 + 2.4)·(1 + y)
    assert close(down, Fraction(-124, 189))
    # in its highest tier: 54 + 80·y = kept + (100 + 2.4)·y
    assert close(up, (54 - kept) / Fraction("22.4"))


def test_a_move_ends_where_another_price_would_be_zero() -> None:
    # the long alone would be lost at -50 %, where the other price has already reached zero
    book = cross("FLAT", "10", "100"), cross("ETH", "0.0001", "100")
    down, _ = moves("583.333", *book)
    assert down is not None
    assert moves("583.333", *book, ETH="2.5")[0] is None


@given(drawn=accounts())
def test_the_figures_at_any_move_are_those_of_the_book(drawn: Drawn) -> None:
    path = SweptMargin(margin_path(drawn), VENUE.rules.account_limits)
    for y in (Fraction(0), Fraction(1, 3), Fraction(-1, 7), Fraction(2, 11)):
        if not path.margin_path.reaches(y):
            continue
        figures = figures_at(y, path, VENUE)
        book = drawn.book
        spare = book.value(y) - book.must_stay(y)
        expected = {
            "equity": book.value(y),
            "maintenance_margin": book.maintenance(y),
            "max_removable": max(Fraction(0), spare),
            "shortfall": max(Fraction(0), -spare),
        }
        for name, exact in expected.items():
            shown = Fraction(getattr(figures, name))
            assert abs(shown - exact) <= abs(exact) / 10**45
        assert figures.liquidatable == (book.value(y) < book.maintenance(y))
