"""The margin behind positions on its course: its figures at a spot, and where something happens."""

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.course import Corner, Course, totals_at
from marginctl.core.meeting import (
    Lacking,
    Limits,
    ends,
    for_maintenance,
    for_removal,
    for_share,
    for_solvency,
)
from marginctl.core.numbers import ZERO, exactly, quotient, quotient_down
from marginctl.core.pool import ONE_DEX, Pool, is_liquidated
from marginctl.core.position import Asset, Position
from marginctl.core.rules import Requirement, Totals, most_demanding
from marginctl.core.stress import ONE, figures_of, isolated_course
from marginctl.core.venue import Venue


class Kind(StrEnum):
    """Why there is a row: the even grid, today's mark, or what happens exactly there."""

    GRID = "grid"
    MARK = "mark"
    LIQUIDATION = "liquidation"
    BACKSTOP = "backstop"
    BANKRUPTCY = "bankruptcy"
    TIER_BOUNDARY = "tier_boundary"
    REMOVAL_OPENS = "removal_opens"


class Event(NamedTuple):
    """Something that happens at a point, and to which position: None, to all of a margin.

    ``tier`` is the index of the tier whose lower bound is a tier boundary.
    """

    at: Fraction
    kind: Kind
    position: int | None = None
    tier: int | None = None


class Spot(NamedTuple):
    """What backs a position or an account somewhere on a course, and what it needs there.

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


class Behind(NamedTuple):
    """How the margin behind a position goes with its price, and what limits removals from it.

    ``frozen``: nothing may be removed, whatever the limits. ``pool`` is what holds the collateral
    of a cross account.
    """

    course: Course
    limits: Limits
    frozen: bool = False
    pool: Pool = ONE_DEX


def behind_isolated(position: Position, asset: Asset, venue: Venue, beta: Decimal = ONE) -> Behind:
    """Return how the margin of an isolated position goes with a move of its price."""
    course = isolated_course(position, asset, venue.rules.closing_fee_rate, beta)
    figures = figures_of(course)

    def limits(totals: Totals) -> list[Requirement]:
        moved = figures._replace(
            notional=totals.notional,
            initial=totals.initial,
            maintenance=totals.maintenance,
            pnl=totals.pnl,
        )
        return list(venue.rules.limits(asset, moved))

    binding = most_demanding(venue.rules.limits(asset, figures))
    return Behind(course, limits, binding is not None and binding.frozen)


@exactly
def spot_at(y: Fraction, behind: Behind, venue: Venue) -> Spot:
    """Return the figures of what a course is about, at a move."""
    course, rules = behind.course, venue.rules
    # every amount is in parts of 1/unit times y's denominator, so that none is rounded
    unit = course.unit * y.denominator
    totals = totals_at(course, y)
    value, fee = course.value.at(y), course.fee.at(y)
    kept = totals.maintenance + fee
    binding = most_demanding(behind.limits(totals))
    removable = shortfall = None
    if binding is not None:
        spare = value - binding.parts
        removable = ZERO if behind.frozen or spare < 0 else quotient_down(spare, unit)
        shortfall = quotient(-spare, unit) if spare < 0 else ZERO
    return Spot(
        notional=quotient(totals.notional, y.denominator),
        equity=quotient(value, unit),
        maintenance_margin=quotient(totals.maintenance, unit),
        closing_fee=quotient(fee, unit),
        margin_ratio=quotient(totals.maintenance, value) if value > 0 else None,
        margin_rate=quotient(value, kept) if kept > 0 else None,
        liquidatable=is_liquidated(behind.pool, rules, value, kept, unit),
        max_removable=removable,
        shortfall=shortfall,
    )


def happenings(behind: Behind, venue: Venue) -> list[Event]:
    """Return the moves at which something happens to the margin behind some positions.

    The positions are counted as the course counts them.
    """
    course, rules = behind.course, venue.rules
    lackings: list[tuple[Kind, Lacking]] = [
        (Kind.LIQUIDATION, for_maintenance),
        (Kind.BANKRUPTCY, for_solvency),
    ]
    if rules.backstop_share is not None:
        lackings.append((Kind.BACKSTOP, for_share(rules.backstop_share)))
    if not behind.frozen and behind.limits(totals_at(course, Fraction(0))):
        lackings.append((Kind.REMOVAL_OPENS, for_removal(behind.limits)))
    found = [Event(Fraction(0), Kind.MARK)]
    for kind, lacking in lackings:
        moves = dict.fromkeys(ends(course, lacking))
        found += [Event(y, kind) for y in moves if y is not None]
    found += [
        Event(corner.y, Kind.TIER_BOUNDARY, corner.mover, corner.tier)
        for corner in _reached_corners(course)
    ]
    return sorted(found, key=lambda event: event.at)


def _reached_corners(course: Course) -> Sequence[Corner]:
    """Return the corners that every position can move to.

    Whether a move can be reached is asked of every position, and what can be reached is one
    stretch: so its two ends are looked for, and not every corner is asked about.
    """
    corners = course.corners
    rest = bisect_left(corners, Fraction(0), key=lambda corner: corner.y)
    first = bisect_left(corners, True, hi=rest, key=lambda corner: course.reaches(corner.y))
    end = bisect_left(corners, True, lo=rest, key=lambda corner: not course.reaches(corner.y))
    return corners[first:end]
