"""A whole account over a common move of all its prices.

The cross positions go together; isolated ones die one by one along the way, each for itself. What
has been liquidated on the way stays so: the margin that it then had is not counted on.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.account import ONE_TO_ONE, Account, Betas, cross_state
from marginctl.core.crossings import crossings, for_maintenance
from marginctl.core.numbers import decimal_of, exactly
from marginctl.core.path import ONE, MarginPath, account_path
from marginctl.core.report import MissingCashError
from marginctl.core.rules import Venue
from marginctl.core.sweep import (
    Behind,
    Event,
    FiguresAt,
    Kind,
    Range,
    UnreachableError,
    behind_isolated,
    events_along,
    rows_of,
    spot_at,
)

REST = Fraction(0)


class ExcerptError(ValueError):
    """An account holds more than is listed, so that a common move of all of it is unknown."""


@dataclass(frozen=True, slots=True)
class AccountPoint:
    """A row of the sweep of an account.

    ``at`` is the move as a fraction. ``position`` is whose event it is, None the cross account's.
    ``cross`` is as if nothing had been liquidated on the way, None where there is no cross
    account. ``isolated_equity`` is that of the isolated positions still alive. ``liquidated`` are
    those that went since the row before it on the way from rest; at rest, and at the row nearest to
    it where rest is outside of the range, those that had gone by then. ``cross_liquidated`` says
    whether the cross account has gone.
    """

    at: Decimal
    kind: Kind
    position: int | None
    tier: int | None
    cross: FiguresAt | None
    cross_liquidated: bool
    isolated_equity: Decimal
    liquidated: tuple[int, ...]


class Life(NamedTuple):
    """An isolated position along a common move, and the moves between which it lives."""

    position: int
    margin_path: MarginPath
    down: Fraction | None
    up: Fraction | None
    dead_now: bool

    def dead_at(self, y: Fraction, venue: Venue) -> bool:
        """Whether it has been liquidated on the way from rest to a move."""
        return self.dead_now or _is_lost(self.margin_path, y, venue)


@dataclass(frozen=True, slots=True)
class AccountSweep:
    """The rows of a sweep in rising order, everything that happens, and the isolated lives."""

    range: Range
    points: tuple[AccountPoint, ...]
    events: tuple[Event, ...]
    lives: tuple[Life, ...]


class Row(NamedTuple):
    """A row, the isolated positions that go there, and the equity of those still alive."""

    event: Event
    liquidated: tuple[int, ...]
    isolated_equity: Fraction


@exactly
def sweep_account(
    account: Account, venue: Venue, span: Range, betas: Betas = ONE_TO_ONE
) -> AccountSweep:
    """Sweep an account over a common move; every price moves by its beta times the move.

    Raises:
        ExcerptError: the account holds more than is listed.
        MissingCashError: there are cross positions, and the account's cash is unknown.
        UnreachableError: the range goes to where nothing is known of a position.
    """
    if account.excerpt:
        raise ExcerptError
    assets = [venue.assets[position.asset] for position in account.positions]
    places = [index for index, held in enumerate(account.positions) if not held.isolated]
    state = cross_state(account, assets) if venue.rules.has_cross else None
    if state is None and places:
        raise MissingCashError(account.positions[places[0]].asset)
    cross = None
    if state is not None:
        cross = Behind(
            account_path(state, betas, fee_rate=venue.rules.closing_fee_rate),
            venue.rules.account_limits,
            pool=account.pool,
        )
        _check(cross.margin_path, span, places, account)
    lives = [
        _life(account, venue, index, betas, span)
        for index, held in enumerate(account.positions)
        if held.isolated
    ]
    events = [Event(REST, Kind.MARK)]
    if cross is not None and places:
        events = [
            event if event.position is None else event._replace(position=places[event.position])
            for event in events_along(cross, venue)
        ]
    for life in lives:
        # one that is liquidatable now is dead on the whole way
        ends_of_it = () if life.dead_now else dict.fromkeys((life.down, life.up))
        deaths = [y for y in ends_of_it if y is not None]
        events += [Event(y, Kind.LIQUIDATION, life.position) for y in deaths]
    events.sort(key=lambda event: event.at)
    dead_now = cross is not None and spot_at(REST, cross, venue).liquidatable
    points = [
        _point(row, cross, venue, cross_dead_now=dead_now)
        for row in _rows(rows_of(span, events), lives, venue)
    ]
    return AccountSweep(span, tuple(points), tuple(events), tuple(lives))


def _life(account: Account, venue: Venue, index: int, betas: Betas, span: Range) -> Life:
    position = account.positions[index]
    beta = betas.get(position.asset, ONE)
    margin_path = behind_isolated(position, venue.assets[position.asset], venue, beta).margin_path
    _check(margin_path, span, [index], account)
    down, up = crossings(margin_path, for_maintenance)
    return Life(index, margin_path, down, up, _is_lost(margin_path, REST, venue))


def _check(margin_path: MarginPath, span: Range, places: list[int], account: Account) -> None:
    for end in (span.low, span.high):
        for path_end in margin_path.path_ends(Fraction(end)):
            asset = account.positions[places[path_end.moving_position]].asset
            raise UnreachableError(asset, decimal_of(path_end.y), of_price=path_end.of_price)


def _point(row: Row, cross: Behind | None, venue: Venue, *, cross_dead_now: bool) -> AccountPoint:
    y = row.event.at
    spot = None if cross is None else spot_at(y, cross, venue)
    return AccountPoint(
        at=decimal_of(y),
        kind=row.event.kind,
        position=row.event.position,
        tier=row.event.tier,
        cross=spot,
        cross_liquidated=spot is not None and (cross_dead_now or spot.liquidatable),
        isolated_equity=decimal_of(row.isolated_equity),
        liquidated=row.liquidated,
    )


def _rows(events: list[Event], lives: Sequence[Life], venue: Venue) -> list[Row]:
    """Return a row for each event, with what goes there.

    From rest each position goes at one move in each direction: so both ways are walked once.
    """
    at_rest = bisect_left(events, REST, key=lambda event: event.at)
    down, up = events[:at_rest][::-1], events[at_rest:]
    # what has gone at rest is named by the row there, and not again on the way down
    rest_is_a_row = bool(up) and up[0].at == REST
    left = [life for life in lives if not (rest_is_a_row and life.dead_now)]
    below = _walk(down, sorted(left, key=lambda life: _when(life, life.down)), venue)
    above = _walk(up, sorted(lives, key=lambda life: _when(life, life.up)), venue)
    return [*below[::-1], *above]


def _when(life: Life, end: Fraction | None) -> tuple[bool, bool, Fraction]:
    """What is liquidatable now comes first, and last what no move liquidates."""
    return not life.dead_now, end is None, REST if end is None else abs(end)


def _walk(events: Sequence[Event], lives: Sequence[Life], venue: Venue) -> list[Row]:
    """Walk along events away from rest; the lives are in the order of their ends."""
    slope, level = _equity(lives)
    ahead = deque(lives)
    rows = []
    for event in events:
        gone = []
        while ahead and ahead[0].dead_at(event.at, venue):
            gone.append(ahead.popleft())
        lost_slope, lost_level = _equity(gone)
        slope, level = slope - lost_slope, level - lost_level
        places = tuple(sorted(life.position for life in gone))
        rows.append(Row(event, places, slope * event.at + level))
    return rows


def _equity(lives: Iterable[Life]) -> tuple[Fraction, Fraction]:
    """Return slope and level of the equity of positions, in the quote currency."""
    slope = level = REST
    for life in lives:
        slope += Fraction(life.margin_path.value.slope) / life.margin_path.unit
        level += Fraction(life.margin_path.value.level) / life.margin_path.unit
    return slope, level


def _is_lost(margin_path: MarginPath, y: Fraction, venue: Venue) -> bool:
    kept = margin_path.piece_at(y).maintenance.at(y) + margin_path.fee.at(y)
    return venue.rules.liquidates(margin_path.value.at(y), kept)
