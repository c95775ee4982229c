"""A position over a range of prices, of moves of its price, or of its margin.

Beside an even grid there is a row exactly where something happens, with the figures that it has
there: even at a price that no decimal can state.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.account import Account, cross_state
from marginctl.core.course import Course, addition_to
from marginctl.core.evaluate import MissingCashError
from marginctl.core.margin import margin_of
from marginctl.core.meeting import ends, for_maintenance
from marginctl.core.numbers import decimal_of, exactly
from marginctl.core.position import Position
from marginctl.core.spots import Behind, Event, Kind, Spot, behind_isolated, happenings, spot_at
from marginctl.core.stress import member_course
from marginctl.core.venue import Venue


class Over(StrEnum):
    """What is swept over: the mark price, the fraction it moves by, or the margin.

    That of an isolated position is its own, that of a cross position the account's cash.
    """

    MARK = "mark"
    MOVE = "move"
    MARGIN = "margin"


class Range(NamedTuple):
    """From ``low`` to ``high`` in so many even steps."""

    low: Decimal
    high: Decimal
    steps: int

    @exactly
    def grid(self) -> list[Fraction]:
        """Return the points of the grid, both ends among them."""
        low, width = Fraction(self.low), Fraction(self.high) - Fraction(self.low)
        return [low + width * step / self.steps for step in range(self.steps + 1)]

    def holds(self, at: Fraction) -> bool:
        """Whether a point lies in the range, its ends included."""
        return Fraction(self.low) <= at <= Fraction(self.high)


@dataclass(frozen=True, slots=True)
class Point:
    """A row of the sweep of one position.

    ``at`` is the mark price, the move as a fraction, or the margin. Equity and what it is compared
    with are those of the margin behind the position: its own, or the cross account's. ``tier`` is
    the index of the tier that begins or ends there.
    """

    at: Decimal
    kind: Kind
    tier: int | None
    mark_price: Decimal
    unrealized_pnl: Decimal
    liquidation_price: Decimal | None
    liquidation_distance: Decimal | None
    spot: Spot


@dataclass(frozen=True, slots=True)
class Sweep:
    """The rows of a sweep in rising order, and everything that happens, also outside of it."""

    over: Over
    range: Range
    points: tuple[Point, ...]
    events: tuple[Event, ...]


class UnreachableError(ValueError):
    """A range goes to where a price is not above zero, or where a tier table ends.

    ``most`` is the point at which that begins.
    """

    def __init__(self, asset: str, most: Decimal, *, of_price: bool) -> None:
        super().__init__(asset, most)
        self.asset = asset
        self.most = most
        self.of_price = of_price


@exactly
def sweep_position(account: Account, venue: Venue, index: int, over: Over, span: Range) -> Sweep:
    """Sweep one position of an account; all other marks stay where they are.

    Raises:
        MissingCashError: it is a cross position, and the account's cash is unknown.
        UnreachableError: the range goes to where nothing is known of the position.
    """
    position = account.positions[index]
    behind = prices = _behind(account, venue, index)
    if over is Over.MARGIN:
        behind = prices._replace(course=addition_to(prices.course))
    mark = Fraction(position.notional) / Fraction(position.size)

    # along the course, a margin is what it has more than now
    margin = margin_behind(account, index) if over is Over.MARGIN else Fraction(0)

    def move_to(at: Fraction) -> Fraction:
        return at / mark - 1 if over is Over.MARK else at - margin

    for end in (span.low, span.high):
        for barrier in behind.course.barriers(move_to(Fraction(end))):
            most = mark * (1 + barrier.y) if over is Over.MARK else barrier.y + margin
            raise UnreachableError(position.asset, decimal_of(most), of_price=barrier.of_price)
    events = tuple(
        event._replace(at=mark * (1 + event.at) if over is Over.MARK else event.at + margin)
        for event in happenings(behind, venue)
    )
    liquidation = _liquidation(prices.course)
    points = []
    for event in rows_of(span, events):
        y = move_to(event.at)
        if over is Over.MARGIN:
            liquidation = _liquidation(prices.course.with_more(y))
        move = Fraction(0) if over is Over.MARGIN else y
        spot = spot_at(y, behind, venue)
        points.append(_point(event, position, move, liquidation, spot))
    return Sweep(over, span, tuple(points), events)


def margin_behind(account: Account, index: int) -> Fraction:
    """Return the margin that a sweep is over: the position's own, else the account's cash."""
    position = account.positions[index]
    if position.isolated:
        return margin_of(position)
    if account.cash is None:
        raise MissingCashError(position.asset)
    return Fraction(account.cash)


def rows_of(span: Range, events: Iterable[Event]) -> list[Event]:
    """Return the events within a range and the points of its grid where nothing happens."""
    within = [event for event in events if span.holds(event.at)]
    taken = {event.at for event in within}
    grid = [Event(at, Kind.GRID) for at in span.grid() if at not in taken]
    return sorted([*within, *grid], key=lambda event: event.at)


def _behind(account: Account, venue: Venue, index: int) -> Behind:
    position = account.positions[index]
    asset = venue.assets[position.asset]
    if position.isolated:
        return behind_isolated(position, asset, venue)
    state = cross_state(account, [venue.assets[held.asset] for held in account.positions])
    if state is None:
        raise MissingCashError(position.asset)
    number = sum(not held.isolated for held in account.positions[:index])
    course = member_course(state, number, venue.rules.closing_fee_rate)
    return Behind(course, venue.rules.account_limits, pool=account.pool)


def _liquidation(prices: Course) -> Fraction | None:
    """Return the move of a position's own price that liquidates it."""
    return next((end for end in ends(prices, for_maintenance) if end is not None), None)


def _point(
    event: Event,
    position: Position,
    move: Fraction,
    liquidation: Fraction | None,
    spot: Spot,
) -> Point:
    notional, factor = Fraction(position.notional), 1 + move
    mark = notional / Fraction(position.size)
    price = distance = None
    if liquidation is not None:
        price = decimal_of(mark * (1 + liquidation))
        distance = decimal_of(position.side * (move - liquidation) / factor)
    return Point(
        at=decimal_of(event.at),
        kind=event.kind,
        tier=event.tier,
        mark_price=decimal_of(mark * factor),
        unrealized_pnl=decimal_of(position.side * (notional * factor - Fraction(position.cost))),
        liquidation_price=price,
        liquidation_distance=distance,
        spot=spot,
    )
