"""Sweeps of a whole account: isolated positions die one by one, each for itself."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marginctl.core.account import Account, MissingCashError
from marginctl.core.account_sweep import (
    AccountSweep,
    ExcerptError,
    sweep_account,
)
from marginctl.core.evaluation import evaluate
from marginctl.core.pool import AccountMode, Pool
from marginctl.core.position import MarginMode, Position
from marginctl.core.sweep import EventKind, Range, UnreachableError
from tests.building import position
from tests.core.books import LADDERS, VENUE, Drawn, accounts, held, positions
from tests.core.brute import Book

SPAN = Range(Decimal("-0.4"), Decimal("0.6"), 5)


def isolated(asset: str, size: str, equity: str, leverage: str = "3") -> Position:
    return position(size, 100, leverage, asset=asset, equity=equity)


# of FLAT, 1/6 of the notional is kept; of ETH a fiftieth
LONG = isolated("FLAT", "10", "300")  # 300 + 1000·y = 1000/6·(1 + y): dies at -4/25
SHORT = isolated("ETH", "-10", "224")  # 224 - 1000·y = 20·(1 + y): dies at 1/5
CROSS = position(1, 100, 3, asset="ODD", cross=True)


def deaths(sweep: AccountSweep) -> list[tuple[int | None, Decimal]]:
    return [(one.position, one.at) for one in sweep.points if one.kind is EventKind.LIQUIDATION]


def test_isolated_positions_die_one_by_one_in_both_directions() -> None:
    sweep = sweep_account(Account((LONG, SHORT), None), VENUE, SPAN)
    assert deaths(sweep) == [(0, Decimal("-0.16")), (1, Decimal("0.2"))]
    gone = {point.at: point.liquidated for point in sweep.points}
    assert gone[Decimal("-0.2")] == (0,)
    assert gone[Decimal("-0.4")] == ()  # named where it went, and not again
    assert gone[Decimal("-0.16")] == ()  # equal to maintenance is not yet liquidated
    assert gone[Decimal("0.2")] == ()
    assert gone[Decimal("0.4")] == (1,)


def test_the_margin_of_what_has_died_is_not_counted_on() -> None:
    sweep = sweep_account(Account((LONG, SHORT), None), VENUE, SPAN)
    worth = {point.at: point.isolated_equity for point in sweep.points}
    assert worth[Decimal("-0.4")] == 224 + 400
    assert worth[Decimal(0)] == 300 + 224
    assert worth[Decimal("0.4")] == 300 + 400


def test_a_beta_moves_a_death_along_the_way() -> None:
    sweep = sweep_account(Account((LONG,), None), VENUE, SPAN, {"FLAT": Decimal("0.5")})
    assert deaths(sweep) == [(0, Decimal("-0.32"))]
    sweep = sweep_account(Account((LONG,), None), VENUE, SPAN, {"FLAT": Decimal(-1)})
    assert deaths(sweep) == [(0, Decimal("0.16"))]


def test_what_is_liquidatable_now_is_dead_on_the_whole_way() -> None:
    poor = isolated("FLAT", "10", "150")
    sweep = sweep_account(Account((poor,), None), VENUE, SPAN)
    assert {point.at: point.liquidated for point in sweep.points if point.liquidated} == {0: (0,)}
    assert {point.isolated_equity for point in sweep.points} == {0}
    assert deaths(sweep) == []


@pytest.mark.parametrize(
    ("low", "high", "first"), [("0.1", "0.3", "0.1"), ("-0.3", "-0.1", "-0.1")]
)
def test_without_a_row_at_rest_the_nearest_row_names_what_has_gone(
    low: str, high: str, first: str
) -> None:
    poor = isolated("FLAT", "10", "150")
    span = Range(Decimal(low), Decimal(high), 2)
    sweep = sweep_account(Account((poor,), None), VENUE, span)
    assert {point.at: point.liquidated for point in sweep.points if point.liquidated} == {
        Decimal(first): (0,)
    }


def test_the_cross_account_stays_untouched_by_the_deaths_of_isolated_positions() -> None:
    together = sweep_account(Account((LONG, CROSS, SHORT), Decimal(30)), VENUE, SPAN)
    without = sweep_account(Account((CROSS,), Decimal(30)), VENUE, SPAN)
    by_move = {point.at: point.cross for point in without.points}
    for point in together.points:
        assert point.at not in by_move or point.cross == by_move[point.at]
    lost = [event.at for event in without.events if event.kind is EventKind.LIQUIDATION]
    # 30 + 100·y = 100·(1 + y)/30
    assert lost == [(Fraction(100, 30) - 30) / (100 - Fraction(100, 30))]
    assert {
        event.position for event in together.events if event.kind is EventKind.TIER_BOUNDARY
    } == {1}


@settings(max_examples=40)
@given(
    drawn=accounts(),
    alone=st.sampled_from(sorted(LADDERS)).flatmap(
        lambda name: positions(name, MarginMode.ISOLATED)
    ),
    betas=st.sampled_from(["1", "0.5", "-1"]),
)
def test_an_isolated_position_is_dead_exactly_beyond_the_move_that_kills_it(
    drawn: Drawn, alone: Position, betas: str
) -> None:
    beta = Decimal(betas)
    account = drawn.account._replace(positions=(*drawn.account.positions, alone))
    by_asset = {**{held.asset: Decimal(0) for held in drawn.account.positions}, alone.asset: beta}
    sweep = sweep_account(account, VENUE, SPAN, by_asset)
    assert alone.margin is not None
    book = Book(Fraction(alone.margin), (held(alone, beta),))
    last = len(account.positions) - 1
    now = book.lacks_maintenance(Fraction(0)) > 0
    down = [point for point in reversed(sweep.points) if point.at < 0]
    up = [point for point in sweep.points if point.at >= 0]
    for way in (up[:1] + down, up):
        gone = [last in point.liquidated for point in way]
        for number, point in enumerate(way):
            if point.kind is EventKind.GRID:
                dead = now or book.lacks_maintenance(Fraction(point.at)) > 0
                assert any(gone[: number + 1]) == dead
        assert gone.count(True) <= 1


def test_an_excerpt_of_an_account_cannot_be_moved() -> None:
    with pytest.raises(ExcerptError):
        sweep_account(Account((CROSS,), Decimal(30), excerpt=True), VENUE, SPAN)


def test_a_cross_account_needs_its_cash() -> None:
    with pytest.raises(MissingCashError):
        sweep_account(Account((CROSS,), None), VENUE, SPAN)


def test_a_beta_that_would_take_a_price_to_zero_says_where() -> None:
    with pytest.raises(UnreachableError) as caught:
        sweep_account(Account((LONG,), None), VENUE, SPAN, {"FLAT": Decimal("2.5")})
    assert (caught.value.asset, caught.value.most) == ("FLAT", Decimal("-0.4"))
    assert caught.value.of_price


def test_removals_count_what_the_exchange_cuts_off_a_pool() -> None:
    pool = Pool(AccountMode.UNIFIED, "USDC", ("",), residue=Decimal("0.0000009"))
    account = Account((CROSS,), Decimal(40), pool=pool)
    sweep = sweep_account(account, VENUE, SPAN)
    (at_mark,) = (point.cross for point in sweep.points if point.kind is EventKind.MARK)
    cross = evaluate(account, VENUE).cross
    assert at_mark is not None
    assert cross is not None
    assert at_mark.max_removable == cross.max_removable
    # 40.0000009 + 100·y = (100 + 100·y)/3
    opens = [event.at for event in sweep.events if event.kind is EventKind.REMOVAL_OPENS]
    assert opens == [Fraction("-0.1000000135")]
