"""Sweeps of one position: its rows against brute force, and exactly what happens at each."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marginctl.core.account import Account, MissingCashError
from marginctl.core.evaluation import evaluate
from marginctl.core.position import AssetMode, MarginMode, Position
from marginctl.core.sweep import (
    EventKind,
    Over,
    Point,
    Range,
    Sweep,
    UnreachableError,
    sweep_position,
)
from tests import building
from tests.building import OF_TRADO, TRADO, venue
from tests.comparing import near
from tests.core.books import LADDERS, VENUE, Drawn, accounts, held, positions
from tests.core.brute import Book

ISOLATED = st.sampled_from(sorted(LADDERS)).flatmap(
    lambda name: positions(name, MarginMode.ISOLATED)
)


def span(low: str, high: str, steps: int = 4) -> Range:
    return Range(Decimal(low), Decimal(high), steps)


def alone(position: Position) -> Book:
    """Return the margin of an isolated position as a book of its own."""
    assert position.margin is not None
    return Book(Fraction(position.margin), (held(position),))


def rows(sweep: Sweep, kind: EventKind) -> list[Point]:
    return [point for point in sweep.points if point.kind is kind]


def long_eth(mark: str = "2400") -> Account:
    return Account((building.position(10, 2500, 10, mark),), None)


def test_a_long_over_its_mark_has_a_row_where_each_thing_happens() -> None:
    sweep = sweep_position(long_eth(), VENUE, 0, Over.MARK, span("1500", "3100", 2))
    assert [(point.kind, point.at.quantize(Decimal("0.0001"))) for point in sweep.points] == [
        (EventKind.GRID, Decimal(1500)),
        (EventKind.BANKRUPTCY, Decimal(2250)),  # 2400 - 1500/10
        (EventKind.BACKSTOP, Decimal("2280.4054")),  # 22500/(10·(1 - 2/150))
        (EventKind.LIQUIDATION, Decimal("2295.9184")),  # 22500/(10·(1 - 1/50))
        (EventKind.GRID, Decimal(2300)),
        (EventKind.MARK, Decimal(2400)),
        (EventKind.REMOVAL_OPENS, Decimal(2500)),  # 22500/(10·(1 - 1/10))
        (EventKind.GRID, Decimal(3100)),
    ]


def test_a_breakpoint_takes_the_place_of_a_grid_point_and_two_at_one_place_both_stay() -> None:
    sweep = sweep_position(long_eth(), VENUE, 0, Over.MARK, span("2400", "2500", 1))
    assert [point.kind for point in sweep.points] == [EventKind.MARK, EventKind.REMOVAL_OPENS]
    short = building.position(-50_000, 1800, 10, equity=12_000_000)
    sweep = sweep_position(Account((short,), None), VENUE, 0, Over.MARK, span("1900", "2000", 1))
    assert [point.kind for point in sweep.points if point.at == 2000] == [
        EventKind.LIQUIDATION,
        EventKind.TIER_BOUNDARY,
    ]


@settings(max_examples=60)
@given(position=ISOLATED)
def test_each_breakpoint_of_a_price_is_sharp(position: Position) -> None:
    low, high = position.mark_price / 50, position.mark_price * 3
    sweep = sweep_position(Account((position,), None), VENUE, 0, Over.MARK, Range(low, high, 3))
    book, mark = alone(position), Fraction(position.mark_price)
    for event in sweep.events:
        y = event.at / mark - 1
        if event.kind is EventKind.LIQUIDATION:
            assert book.lacks_maintenance(y) == 0
        elif event.kind is EventKind.BACKSTOP:
            assert book.lacks_backstop(y) == 0
        elif event.kind is EventKind.BANKRUPTCY:
            assert book.value(y) == 0
        elif event.kind is EventKind.REMOVAL_OPENS:
            assert book.lacks_removal(y) == 0
        elif event.kind is EventKind.TIER_BOUNDARY:
            assert event.tier is not None
            bound = VENUE.assets[position.asset].table.tiers[event.tier].lower_bound
            assert book.held[0].notional(y) == Fraction(bound)


@settings(max_examples=60)
@given(position=ISOLATED)
def test_every_row_over_the_mark_has_the_figures_of_its_price(position: Position) -> None:
    low, high = position.mark_price / 50, position.mark_price * 3
    sweep = sweep_position(Account((position,), None), VENUE, 0, Over.MARK, Range(low, high, 7))
    book, mark = alone(position), Fraction(position.mark_price)
    places = {(event.kind, event.at) for event in sweep.events if sweep.range.holds(event.at)}
    places |= {(EventKind.GRID, at) for at in sweep.range.grid()}
    for point in sweep.points:
        at = min(
            (at for kind, at in places if kind is point.kind),
            key=lambda at: abs(at - Fraction(point.at)),
        )
        y = at / mark - 1
        assert near(point.figures.equity, book.value(y))
        assert near(point.figures.maintenance_margin, book.maintenance(y))
        spare = max(Fraction(0), book.value(y) - book.must_stay(y))
        assert point.figures.max_removable is not None
        assert near(point.figures.max_removable, spare)
        assert Fraction(point.figures.max_removable) <= spare
        assert point.figures.liquidatable == (book.value(y) < book.maintenance(y))


@settings(max_examples=60)
@given(position=ISOLATED)
def test_the_row_of_the_mark_says_what_the_report_says(position: Position) -> None:
    account = Account((position,), None)
    report = evaluate(account, VENUE).positions[0]
    assert position.margin is not None
    for over, now, reach in (
        (Over.MOVE, Decimal(0), Decimal("0.5")),
        (Over.MARGIN, position.margin, Decimal(1)),
    ):
        around = Range(now - reach, now + reach, 10)
        (point,) = rows(sweep_position(account, VENUE, 0, over, around), EventKind.MARK)
        assert point.at == now
        assert point.figures.equity == report.equity
        assert point.figures.maintenance_margin == report.maintenance_margin
        assert point.figures.margin_ratio == report.margin_ratio
        assert point.figures.max_removable == report.max_removable
        assert point.figures.shortfall == report.shortfall
        assert point.figures.liquidatable == report.liquidatable
        assert point.unrealized_pnl == report.unrealized_pnl
        if report.liquidation_price is None:
            assert point.liquidation_price is None
        else:
            assert point.liquidation_price is not None
            assert near(point.liquidation_price, Fraction(report.liquidation_price))


@settings(max_examples=60)
@given(position=ISOLATED, amount=st.integers(1, 10**6))
def test_added_margin_moves_the_liquidation_price_as_a_richer_position_has_it(
    position: Position, amount: int
) -> None:
    assert position.margin is not None
    top = Decimal(amount) / 100
    sweep = sweep_position(
        Account((position,), None),
        VENUE,
        0,
        Over.MARGIN,
        Range(position.margin, position.margin + top, 3),
    )
    richer = position._replace(margin=position.margin + top)
    expected = evaluate(Account((richer,), None), VENUE).positions[0]
    last = sweep.points[-1]
    assert last.figures.equity == expected.equity
    assert last.figures.max_removable == expected.max_removable
    if expected.liquidation_price is None:
        assert last.liquidation_price is None
    else:
        assert last.liquidation_price is not None
        assert near(last.liquidation_price, Fraction(expected.liquidation_price))


def test_over_margin_removal_opens_at_the_shortfall() -> None:
    # the position has 2500 of margin and an equity of 1500 now
    sweep = sweep_position(long_eth(), VENUE, 0, Over.MARGIN, span("500", "3500", 1))
    found = {point.kind: point.at for point in sweep.points}
    assert found[EventKind.MARK] == 2500
    assert found[EventKind.REMOVAL_OPENS] == 2500 + 900
    assert found[EventKind.LIQUIDATION] == 2500 + 480 - 1500
    assert found[EventKind.BACKSTOP] == 2500 + 320 - 1500
    assert found[EventKind.BANKRUPTCY] == 2500 - 1500
    (liquidation,) = rows(sweep, EventKind.LIQUIDATION)
    assert liquidation.liquidation_price == 2400
    assert liquidation.liquidation_distance == 0


@settings(max_examples=40)
@given(drawn=accounts())
def test_a_cross_position_is_swept_against_the_account_with_other_marks_still(
    drawn: Drawn,
) -> None:
    report = evaluate(drawn.account, VENUE).positions[0]
    sweep = sweep_position(drawn.account, VENUE, 0, Over.MOVE, span("-0.9", "2"))
    liquidations = [event for event in sweep.events if event.kind is EventKind.LIQUIDATION]
    if report.liquidation_price is None:
        assert not liquidations
    else:
        (event,) = liquidations
        price = Fraction(report.mark_price) * (1 + event.at)
        assert near(report.liquidation_price, price)
    others = drawn.book.held[1:]
    for event in liquidations:
        first = drawn.book.held[0]
        moved = Book(drawn.book.cash, (first,))
        rest = Fraction(0)
        own = event.at / first.beta if first.beta else None
        if own is None:
            continue
        value = moved.value(own) + sum(one.pnl(rest) for one in others)
        kept = moved.maintenance(own) + sum((one.maintenance(rest) for one in others), Fraction(0))
        assert value == kept


def test_a_strict_asset_never_opens_removal() -> None:
    strict = venue(LADDERS["ETH"], mode=AssetMode.STRICT)
    sweep = sweep_position(long_eth(), strict, 0, Over.MARK, span("1500", "3000"))
    assert not rows(sweep, EventKind.REMOVAL_OPENS)
    assert all(point.figures.max_removable == 0 for point in sweep.points)


def test_on_trado_liquidation_counts_the_closing_fee_and_comes_at_the_price_itself() -> None:
    sweep = sweep_position(long_eth(), venue(OF_TRADO, TRADO), 0, Over.MARK, span("2000", "2800"))
    (liquidation,) = rows(sweep, EventKind.LIQUIDATION)
    # 1500 + 10·(x - 2400) = (0.005 + 0.0006)·10·x
    assert near(liquidation.at, Fraction(22500) / (10 * (1 - Fraction("0.0056"))))
    figures = liquidation.figures
    assert near(
        figures.equity, Fraction(figures.maintenance_margin) + Fraction(figures.closing_fee)
    )
    assert figures.margin_rate == 1
    assert figures.liquidatable
    # removal opens above a hundredth of the notional: 1500 + 10·(x - 2400) = 0.1·x
    (opens,) = rows(sweep, EventKind.REMOVAL_OPENS)
    assert near(opens.at, Fraction(22500) / Fraction("9.9"))
    assert not rows(sweep, EventKind.BACKSTOP)


def test_a_range_beyond_the_tiers_says_where_they_end() -> None:
    ending = venue([(0, 25)], upper=30_000)
    with pytest.raises(UnreachableError) as caught:
        sweep_position(long_eth(), ending, 0, Over.MARK, span("2000", "3001"))
    assert (caught.value.most, caught.value.of_price) == (Decimal(3000), False)
    sweep_position(long_eth(), ending, 0, Over.MARK, span("2000", "3000"))


def shared(cash: str | None) -> Account:
    isolated = building.position(10, 100, 3)
    cross = building.position(10, 100, 3, asset="FLAT", cross=True)
    return Account((isolated, cross), None if cash is None else Decimal(cash))


def test_a_cross_position_is_liquidated_where_the_account_meets_maintenance() -> None:
    sweep = sweep_position(shared("300"), VENUE, 1, Over.MOVE, span("-0.2", "0", 1))
    (liquidation,) = rows(sweep, EventKind.LIQUIDATION)
    # 300 + 1000·y = 1000·(1 + y)/6
    assert liquidation.at == Decimal("-0.16")
    assert liquidation.mark_price == 84
    assert liquidation.liquidation_price == 84
    assert liquidation.figures.equity == liquidation.figures.maintenance_margin == 140


def test_a_cross_position_whose_account_outlasts_its_fall_has_no_liquidation_price() -> None:
    sweep = sweep_position(shared("2000"), VENUE, 1, Over.MOVE, span("-0.2", "0", 1))
    assert not [event for event in sweep.events if event.kind is EventKind.LIQUIDATION]
    assert {point.liquidation_price for point in sweep.points} == {None}
    assert {point.liquidation_distance for point in sweep.points} == {None}


def test_a_cross_position_cannot_be_swept_without_the_cash_of_its_account() -> None:
    with pytest.raises(MissingCashError, match="FLAT"):
        sweep_position(shared(None), VENUE, 1, Over.MOVE, span("-0.1", "0.1"))
