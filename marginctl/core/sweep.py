"""A position over a range of prices, moves or margin, with a point where something happens."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.account import Account
from marginctl.core.backing import Backing, backing_of
from marginctl.core.crossings import (
    Limits,
    Shortfall,
    crossings,
    for_maintenance,
    for_portfolio,
    for_removal,
    for_share,
    for_solvency,
)
from marginctl.core.figures import margin_of
from marginctl.core.numbers import ZERO, decimal_of, exactly, quotient, quotient_down
from marginctl.core.path import (
    Breakpoint,
    MarginPath,
    addition_to,
    totals_at,
)
from marginctl.core.pool import ONE_DEX, Pool, is_liquidated
from marginctl.core.position import Position
from marginctl.core.records import ReadableEnum, Record
from marginctl.core.rules import Venue, most_demanding


class EventKind(StrEnum):
    """Why there is a row: the even grid, today's mark, or what happens exactly there."""

    GRID = "grid"
    MARK = "mark"
    LIQUIDATION = "liquidation"
    PORTFOLIO_LIMIT = "portfolio_limit"
    BACKSTOP = "backstop"
    BANKRUPTCY = "bankruptcy"
    TIER_BOUNDARY = "tier_boundary"
    REMOVAL_OPENS = "removal_opens"


class Event(NamedTuple):
    """Something that happens at a point, and to which position: None, to all of a margin.

    ``tier`` is the index of the tier whose lower bound is a tier boundary.
    """

    at: Fraction
    kind: EventKind
    position: int | None = None
    tier: int | None = None


class FiguresAt(NamedTuple):
    """What backs a position or an account somewhere on a path, and what it needs there.

    Amounts are in the quote currency, quotients of 50 digits; ``max_removable`` is rounded down.
    It and the shortfall are None where the venue's rules do not say.
    """

    notional: Decimal
    equity: Decimal
    maintenance_margin: Decimal
    closing_fee: Decimal
    margin_ratio: Decimal | None
    margin_rate: Decimal | None
    liquidatable: bool
    max_removable: Decimal | None
    shortfall: Decimal | None


class SweptMargin(NamedTuple):
    """How the margin behind a position changes with its price, and what limits removals from it.

    ``frozen``: nothing may be removed, whatever the limits. ``pool`` is what holds the collateral
    of a cross account.
    """

    margin_path: MarginPath
    limits: Limits
    frozen: bool = False
    pool: Pool = ONE_DEX


@exactly
def figures_at(y: Fraction, swept: SweptMargin, venue: Venue) -> FiguresAt:
    """Return the figures of what a path is about, at a move."""
    margin_path, rules = swept.margin_path, venue.rules
    # every amount is in parts of 1/unit times y's denominator, so that none is rounded
    unit = margin_path.unit * y.denominator
    totals = totals_at(margin_path, y)
    value, fee = margin_path.value.at(y), margin_path.fee.at(y)
    kept = totals.maintenance + fee
    binding = most_demanding(swept.limits(totals))
    removable = shortfall = None
    if binding is not None:
        # removals count what the exchange cuts off before it computes prices; the ratio does not,
        # so that it is 100% at liquidation
        spare = value + swept.pool.residue * unit - binding.parts
        removable = ZERO if swept.frozen or spare < 0 else quotient_down(spare, unit)
        shortfall = quotient(-spare, unit) if spare < 0 else ZERO
    return FiguresAt(
        notional=quotient(totals.notional, y.denominator),
        equity=quotient(value, unit),
        maintenance_margin=quotient(totals.maintenance, unit),
        closing_fee=quotient(fee, unit),
        margin_ratio=quotient(totals.maintenance, value) if value > 0 else None,
        margin_rate=quotient(value, kept) if kept > 0 else None,
        liquidatable=is_liquidated(swept.pool, rules, value, kept, unit),
        max_removable=removable,
        shortfall=shortfall,
    )


def events_along(swept: SweptMargin, venue: Venue) -> list[Event]:
    """Return the moves at which something happens to the margin behind some positions.

    The positions are counted as the path counts them.
    """
    margin_path, rules = swept.margin_path, venue.rules
    shortfalls: list[tuple[EventKind, MarginPath, Shortfall]] = [
        (EventKind.LIQUIDATION, margin_path, for_maintenance),
        (EventKind.BANKRUPTCY, margin_path, for_solvency),
    ]
    if swept.pool.borrows:
        shortfalls.append((EventKind.PORTFOLIO_LIMIT, margin_path, for_portfolio(swept.pool)))
    if rules.backstop_share is not None:
        shortfalls.append((EventKind.BACKSTOP, margin_path, for_share(rules.backstop_share)))
    if not swept.frozen and swept.limits(totals_at(margin_path, Fraction(0))):
        whole = margin_path.with_more(Fraction(swept.pool.residue))
        shortfalls.append((EventKind.REMOVAL_OPENS, whole, for_removal(swept.limits)))
    found = [Event(Fraction(0), EventKind.MARK)]
    for kind, path, shortfall in shortfalls:
        moves = dict.fromkeys(crossings(path, shortfall))
        found += [Event(y, kind) for y in moves if y is not None]
    found += [
        Event(point.y, EventKind.TIER_BOUNDARY, point.moving_position, point.tier)
        for point in _reached_breakpoints(margin_path)
    ]
    return sorted(found, key=lambda event: event.at)


def _reached_breakpoints(margin_path: MarginPath) -> Sequence[Breakpoint]:
    """Return the breakpoints that every position can move to.

    Whether a move can be reached is asked of every position, and what can be reached is one
    stretch: so its two ends are looked for, and not every breakpoint is asked about.
    """
    breakpoints = margin_path.breakpoints
    rest = bisect_left(breakpoints, Fraction(0), key=lambda point: point.y)
    first = bisect_left(breakpoints, True, hi=rest, key=lambda point: margin_path.reaches(point.y))
    end = bisect_left(
        breakpoints, True, lo=rest, key=lambda point: not margin_path.reaches(point.y)
    )
    return breakpoints[first:end]


class Over(StrEnum, metaclass=ReadableEnum):
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


class Point(Record):
    """A row of the sweep of one position.

    ``at`` is the mark price, the move as a fraction, or the margin. Equity and what it is compared
    with are those of the margin behind the position: its own, or the cross account's. ``tier`` is
    the index of the tier that begins or ends there.
    """

    at: Decimal
    kind: EventKind
    tier: int | None
    mark_price: Decimal
    unrealized_pnl: Decimal
    liquidation_price: Decimal | None
    liquidation_distance: Decimal | None
    figures: FiguresAt


class Sweep(Record):
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
    backing = backing_of(account, venue, index)
    position, mark = backing.position, backing.mark
    swept = prices = _swept_margin(backing)
    if over is Over.MARGIN:
        swept = prices._replace(margin_path=addition_to(prices.margin_path))

    # along the path, a margin is what it has more than now
    margin = margin_behind(account, index) if over is Over.MARGIN else Fraction(0)

    def move_to(at: Fraction) -> Fraction:
        return at / mark - 1 if over is Over.MARK else at - margin

    for end in (span.low, span.high):
        for path_end in swept.margin_path.path_ends(move_to(Fraction(end))):
            most = mark * (1 + path_end.y) if over is Over.MARK else path_end.y + margin
            raise UnreachableError(position.asset, decimal_of(most), of_price=path_end.of_price)
    events = tuple(
        event._replace(at=mark * (1 + event.at) if over is Over.MARK else event.at + margin)
        for event in events_along(swept, venue)
    )
    liquidation = _liquidation(prices.margin_path)
    points = []
    for event in rows_of(span, events):
        y = move_to(event.at)
        if over is Over.MARGIN:
            liquidation = _liquidation(prices.margin_path.with_more(y))
        move = Fraction(0) if over is Over.MARGIN else y
        figures = figures_at(y, swept, venue)
        points.append(_point(event, position, move, liquidation, figures))
    return Sweep(over, span, tuple(points), events)


def margin_behind(account: Account, index: int) -> Fraction:
    """Return the margin that a sweep is over: the position's own, else the account's cash."""
    position = account.positions[index]
    if position.isolated:
        return margin_of(position)
    assert account.cash is not None, "nothing is behind a cross position without it"
    return Fraction(account.cash)


def rows_of(span: Range, events: Iterable[Event]) -> list[Event]:
    """Return the events within a range and the points of its grid where nothing happens."""
    within = [event for event in events if span.holds(event.at)]
    taken = {event.at for event in within}
    grid = [Event(at, EventKind.GRID) for at in span.grid() if at not in taken]
    return sorted([*within, *grid], key=lambda event: event.at)


def _swept_margin(backing: Backing) -> SweptMargin:
    required = backing.required()
    frozen = required is not None and required.frozen
    return SweptMargin(backing.path(), backing.limits, frozen, backing.pool)


def _liquidation(prices: MarginPath) -> Fraction | None:
    """Return the move of a position's own price that liquidates it."""
    return next((end for end in crossings(prices, for_maintenance) if end is not None), None)


def _point(
    event: Event,
    position: Position,
    move: Fraction,
    liquidation: Fraction | None,
    figures: FiguresAt,
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
        figures=figures,
    )
