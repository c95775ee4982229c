"""A whole account over a common move of all its prices.

The cross positions go together; isolated ones are liquidated one by one along the way, each for
itself. What has been liquidated on the way stays so: the margin that it then had is not counted on.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.account import ONE_TO_ONE, Account, Betas, MissingCashError, state_of
from marginctl.core.backing import own_backing
from marginctl.core.crossings import crossings, for_maintenance
from marginctl.core.numbers import decimal_of, exactly
from marginctl.core.path import ONE, MarginPath, account_path
from marginctl.core.records import Record
from marginctl.core.rules import Venue
from marginctl.core.sweep import (
    Event,
    EventKind,
    FiguresAt,
    Range,
    SweptMargin,
    UnreachableError,
    events_along,
    figures_at,
    rows_of,
)

REST = Fraction(0)


class ExcerptError(ValueError):
    """An account holds more than is listed, so that a common move of all of it is unknown."""


class AccountPoint(Record):
    """A row of the sweep of an account.

    ``at`` is the move as a fraction. ``position`` is whose event it is, None the cross account's.
    ``cross`` is as if nothing had been liquidated on the way, None where there is no cross
    account. ``isolated_equity`` is that of the isolated positions that are left. ``liquidated`` are
    those that are liquidated after the row before it, on the way from today's marks; at these, and
    at the row nearest to them where they are outside of the range, all that are liquidated by then.
    ``cross_liquidated`` says whether the cross account has been liquidated.
    """

    at: Decimal
    kind: EventKind
    position: int | None
    tier: int | None
    cross: FiguresAt | None
    cross_liquidated: bool
    isolated_equity: Decimal
    liquidated: tuple[int, ...]


class SweptPosition(NamedTuple):
    """An isolated position along a common move, and the moves between which it survives."""

    position: int
    margin_path: MarginPath
    down: Fraction | None
    up: Fraction | None
    liquidated_now: bool

    def liquidated_at(self, y: Fraction, venue: Venue) -> bool:
        """Whether it has been liquidated on the way from rest to a move."""
        return self.liquidated_now or _is_liquidated(self.margin_path, y, venue)


class AccountSweep(Record):
    """The rows of a sweep in rising order, everything that happens, and the isolated positions."""

    range: Range
    points: tuple[AccountPoint, ...]
    events: tuple[Event, ...]
    isolated: tuple[SweptPosition, ...]


class AccountSweepRow(NamedTuple):
    """A row, the isolated positions liquidated there, and the equity of those that are left."""

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
    places = [index for index, held in enumerate(account.positions) if not held.isolated]
    state = state_of(account, venue) if venue.rules.has_cross else None
    if state is None and places:
        raise MissingCashError(account.positions[places[0]].asset)
    cross = None
    if state is not None:
        cross = SweptMargin(
            account_path(state, betas, fee_rate=venue.rules.closing_fee_rate),
            venue.rules.account_limits,
            pool=account.pool,
        )
        _check(cross.margin_path, span, places, account)
    isolated = [
        _swept_position(account, venue, index, betas, span)
        for index, held in enumerate(account.positions)
        if held.isolated
    ]
    events = [Event(REST, EventKind.MARK)]
    if cross is not None and places:
        events = [
            event if event.position is None else event._replace(position=places[event.position])
            for event in events_along(cross, venue)
        ]
    for swept in isolated:
        # one that is liquidatable now is liquidated on the whole way
        ends_of_it = () if swept.liquidated_now else dict.fromkeys((swept.down, swept.up))
        liquidations = [y for y in ends_of_it if y is not None]
        events += [Event(y, EventKind.LIQUIDATION, swept.position) for y in liquidations]
    events.sort(key=lambda event: event.at)
    liquidated_now = cross is not None and figures_at(REST, cross, venue).liquidatable
    points = [
        _point(row, cross, venue, cross_liquidated_now=liquidated_now)
        for row in _rows(rows_of(span, events), isolated, venue)
    ]
    return AccountSweep(span, tuple(points), tuple(events), tuple(isolated))


def _swept_position(
    account: Account, venue: Venue, index: int, betas: Betas, span: Range
) -> SweptPosition:
    beta = betas.get(account.positions[index].asset, ONE)
    margin_path = own_backing(account, venue, index).path(beta)
    _check(margin_path, span, [index], account)
    down, up = crossings(margin_path, for_maintenance)
    return SweptPosition(index, margin_path, down, up, _is_liquidated(margin_path, REST, venue))


def _check(margin_path: MarginPath, span: Range, places: list[int], account: Account) -> None:
    for end in (span.low, span.high):
        for path_end in margin_path.path_ends(Fraction(end)):
            asset = account.positions[places[path_end.moving_position]].asset
            raise UnreachableError(asset, decimal_of(path_end.y), of_price=path_end.of_price)


def _point(
    row: AccountSweepRow, cross: SweptMargin | None, venue: Venue, *, cross_liquidated_now: bool
) -> AccountPoint:
    y = row.event.at
    figures = None if cross is None else figures_at(y, cross, venue)
    return AccountPoint(
        at=decimal_of(y),
        kind=row.event.kind,
        position=row.event.position,
        tier=row.event.tier,
        cross=figures,
        cross_liquidated=figures is not None and (cross_liquidated_now or figures.liquidatable),
        isolated_equity=decimal_of(row.isolated_equity),
        liquidated=row.liquidated,
    )


def _rows(
    events: list[Event], isolated: Sequence[SweptPosition], venue: Venue
) -> list[AccountSweepRow]:
    """Return a row for each event, with what is liquidated there.

    From rest each position is liquidated at one move in each direction: so it is enough to walk
    both ways once.
    """
    at_rest = bisect_left(events, REST, key=lambda event: event.at)
    down, up = events[:at_rest][::-1], events[at_rest:]
    # what is liquidatable at rest is named by the row there, and not again on the way down
    rest_is_a_row = bool(up) and up[0].at == REST
    left = [swept for swept in isolated if not (rest_is_a_row and swept.liquidated_now)]
    below = _walk(down, sorted(left, key=lambda swept: _when(swept, swept.down)), venue)
    above = _walk(up, sorted(isolated, key=lambda swept: _when(swept, swept.up)), venue)
    return [*below[::-1], *above]


def _when(swept: SweptPosition, end: Fraction | None) -> tuple[bool, bool, Fraction]:
    """What is liquidatable now comes first, and last what no move liquidates."""
    return not swept.liquidated_now, end is None, REST if end is None else abs(end)


def _walk(
    events: Sequence[Event], isolated: Sequence[SweptPosition], venue: Venue
) -> list[AccountSweepRow]:
    """Walk along events away from rest; the positions are in the order of their ends."""
    slope, level = _equity(isolated)
    ahead = deque(isolated)
    rows = []
    for event in events:
        liquidated = []
        while ahead and ahead[0].liquidated_at(event.at, venue):
            liquidated.append(ahead.popleft())
        lost_slope, lost_level = _equity(liquidated)
        slope, level = slope - lost_slope, level - lost_level
        places = tuple(sorted(swept.position for swept in liquidated))
        rows.append(AccountSweepRow(event, places, slope * event.at + level))
    return rows


def _equity(isolated: Iterable[SweptPosition]) -> tuple[Fraction, Fraction]:
    """Return slope and level of the equity of positions, in the quote currency."""
    slope = level = REST
    for swept in isolated:
        slope += Fraction(swept.margin_path.value.slope) / swept.margin_path.unit
        level += Fraction(swept.margin_path.value.level) / swept.margin_path.unit
    return slope, level


def _is_liquidated(margin_path: MarginPath, y: Fraction, venue: Venue) -> bool:
    kept = margin_path.segment_at(y).maintenance.at(y) + margin_path.fee.at(y)
    return venue.rules.liquidates(margin_path.value.at(y), kept)
