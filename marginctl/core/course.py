"""What happens to a margin while prices move: straight lines, and the moves at which they meet.

Let ``y`` be a move. Every price moves by the fraction b·y of itself, where b is that position's
beta. Then what backs the positions, their notional and their initial margin are straight lines in
y, and maintenance is a convex chain of straight lines with a corner at every tier boundary. So
the moves at which something is still covered form one stretch, and its two ends are found exactly
by looking at every straight piece. Margin that is added, with prices at rest, is the same with a
different y.
"""

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from marginctl.core.margin import Stake
from marginctl.core.numbers import ZERO, exactly
from marginctl.core.rules import Totals


class Line(NamedTuple):
    """slope · y + level, in parts."""

    slope: Decimal
    level: Decimal

    @exactly
    def at(self, y: Fraction) -> Decimal:
        """Return its value at y, times y's denominator: so it stays finite."""
        return self.slope * y.numerator + self.level * y.denominator

    @exactly
    def less(self, other: "Line") -> "Line":
        """Return this line minus another."""
        return Line(self.slope - other.slope, self.level - other.level)

    @exactly
    def times(self, factor: Decimal | int) -> "Line":
        """Return this line, a multiple of it."""
        return Line(self.slope * factor, self.level * factor)

    @exactly
    def plus(self, other: "Line") -> "Line":
        """Return the sum of this line and another."""
        return Line(self.slope + other.slope, self.level + other.level)


class Mover(NamedTuple):
    """A position that moves: its figures, its side, its beta, and see `Pool.is_exempt`."""

    side: int
    beta: Decimal
    stake: Stake
    exempt: bool = False


class Piece(NamedTuple):
    """Maintenance between two corners; None: without end."""

    start: Fraction | None
    end: Fraction | None
    maintenance: Line

    def holds(self, y: Fraction) -> bool:
        """Whether a move lies on this piece, its ends included."""
        return (self.start is None or self.start <= y) and (self.end is None or y <= self.end)


class Corner(NamedTuple):
    """The move at which a position's notional is at a tier's lower bound."""

    y: Fraction
    mover: int
    tier: int


class Barrier(NamedTuple):
    """The move ``y`` at which a position's moves end.

    ``of_price``: its price would reach zero there, and the move itself is too far. Else its tier
    table ends there.
    """

    mover: int
    y: Fraction
    of_price: bool


class Course(NamedTuple):
    """How what backs some positions, and what they need, go with a move.

    ``value``, ``initial`` and the pieces are in parts of 1/``unit``, ``notional`` and ``pnl``, the
    unrealized PnL, are in the quote currency. ``orders`` is what is held back, ``fee`` what closing
    all of it costs, where liquidation counts that. The exempt sums and ``unremovable`` are as in
    `Totals`.
    """

    unit: int
    value: Line
    notional: Line
    pnl: Line
    initial: Line
    orders: Line
    fee: Line
    pieces: tuple[Piece, ...]
    corners: tuple[Corner, ...]
    movers: tuple[Mover, ...]
    exempt_notional: Line
    exempt_initial: Line
    unremovable: Line

    def barriers(self, y: Fraction) -> list["Barrier"]:
        """Return what keeps positions from a move: none where every one can move as far."""
        found = []
        for index, mover in enumerate(self.movers):
            beta, upper = Fraction(mover.beta), mover.stake.terms.rungs[-1].tier.upper_bound
            factor, notional = 1 + beta * y, Fraction(mover.stake.notional)
            if factor <= 0:
                found.append(Barrier(index, -1 / beta, of_price=True))
            elif upper is not None and factor * notional > upper:
                end = y if not beta else (Fraction(upper) / notional - 1) / beta
                found.append(Barrier(index, end, of_price=False))
        return found

    def piece_at(self, y: Fraction) -> Piece:
        """Return the piece that holds a move; at a corner, the one above it: both meet there."""
        return self.pieces[bisect_right(self.corners, y, key=lambda corner: corner.y)]

    def reaches(self, y: Fraction) -> bool:
        """Whether every price stays above zero, and every notional within its tier table."""
        return not self.barriers(y)

    @exactly
    def with_more(self, amount: Fraction) -> "Course":
        """Return this course with an amount of the quote currency more behind the positions.

        All its parts are then as many times smaller as the amount's denominator says.
        """
        top, bottom = amount.numerator, amount.denominator
        more = Line(ZERO, Decimal(top * self.unit))
        return self._replace(
            unit=self.unit * bottom,
            value=self.value.times(bottom).plus(more),
            initial=self.initial.times(bottom),
            orders=self.orders.times(bottom),
            exempt_initial=self.exempt_initial.times(bottom),
            unremovable=self.unremovable.times(bottom),
            fee=self.fee.times(bottom),
            pieces=tuple(
                piece._replace(maintenance=piece.maintenance.times(bottom)) for piece in self.pieces
            ),
        )


@exactly
def course_of(
    movers: Sequence[Mover],
    unit: int,
    value: Decimal,
    *,
    beside: Totals,
    fee_rate: Decimal = ZERO,
) -> Course:
    """Return the course of positions that share one margin.

    ``value`` is what backs them now, in the quote currency times the unit; ``beside`` are totals
    that do not move. The figures of the movers are in parts of the same unit.
    """
    exposure = sum((mover.beta * mover.stake.notional for mover in movers), ZERO)
    initial = sum((mover.beta * mover.stake.initial for mover in movers), ZERO)
    gain = sum((mover.side * mover.beta * mover.stake.notional for mover in movers), ZERO)
    pnl = sum((mover.stake.pnl for mover in movers), beside.pnl)
    notional = sum((mover.stake.notional for mover in movers), ZERO)
    line = Line(exposure, notional + beside.notional)
    corners, pieces = _pieces(movers, beside.maintenance)
    return Course(
        unit,
        Line(gain * unit, value),
        line,
        Line(gain, pnl),
        Line(initial, sum((mover.stake.initial for mover in movers), beside.initial)),
        Line(ZERO, beside.orders),
        line.times(fee_rate * unit),
        tuple(pieces),
        tuple(corners),
        tuple(movers),
        *_exempt_lines(movers, beside),
        Line(ZERO, beside.unremovable),
    )


def _exempt_lines(movers: Sequence[Mover], beside: Totals) -> tuple[Line, Line]:
    """Return the exempt part of notional and initial margin."""
    exempt = [mover for mover in movers if mover.exempt]
    exposure = sum((mover.beta * mover.stake.notional for mover in exempt), ZERO)
    notional = sum((mover.stake.notional for mover in exempt), beside.exempt_notional)
    slope = sum((mover.beta * mover.stake.initial for mover in exempt), ZERO)
    initial = sum((mover.stake.initial for mover in exempt), beside.exempt_initial)
    return Line(exposure, notional), Line(slope, initial)


def _pieces(movers: Sequence[Mover], resting: Decimal) -> tuple[list[Corner], list[Piece]]:
    """Walk from the lowest move to the highest, from corner to corner."""
    corners: list[Corner] = []
    steps: dict[tuple[int, int], Line] = {}
    start_at = Line(ZERO, resting)
    for index, (_, beta, stake, _) in enumerate(movers):
        notional, rungs = stake.notional, stake.terms.rungs
        if not beta:
            start_at = start_at.plus(Line(ZERO, stake.maintenance))
            continue
        # with a beta below zero the notional falls as y rises: the walk begins in the top tier
        lowest = rungs[0] if beta > 0 else rungs[-1]
        start_at = start_at.plus(_rung_line(notional, beta, lowest.rate, lowest.deduction))
        for lower, upper in pairwise(rungs):
            y = (Fraction(upper.lower_bound) / Fraction(notional) - 1) / Fraction(beta)
            corners.append(Corner(y, index, upper.tier.index))
            step = _rung_line(
                notional, beta, upper.rate - lower.rate, upper.deduction - lower.deduction
            )
            steps[index, upper.tier.index] = step if beta > 0 else step.times(-1)
    corners.sort()
    pieces: list[Piece] = []
    maintenance, start = start_at, None
    for corner in corners:
        pieces.append(Piece(start, corner.y, maintenance))
        maintenance = maintenance.plus(steps[corner.mover, corner.tier])
        start = corner.y
    pieces.append(Piece(start, None, maintenance))
    return corners, pieces


def _rung_line(notional: Decimal, beta: Decimal, rate: Decimal, deduction: Decimal) -> Line:
    """Return notional · (1 + beta · y) · rate - deduction."""
    return Line(notional * beta * rate, notional * rate - deduction)


def addition_to(course: Course) -> Course:
    """Return the course over margin that is added while the prices of another course rest.

    Here y is an amount of the quote currency.
    """
    maintenance = Line(ZERO, totals_at(course, Fraction(0)).maintenance)
    return Course(
        course.unit,
        Line(Decimal(course.unit), course.value.level),
        Line(ZERO, course.notional.level),
        Line(ZERO, course.pnl.level),
        Line(ZERO, course.initial.level),
        course.orders,
        Line(ZERO, course.fee.level),
        (Piece(None, None, maintenance),),
        (),
        (),
        Line(ZERO, course.exempt_notional.level),
        Line(ZERO, course.exempt_initial.level),
        course.unremovable,
    )


def totals_at(course: Course, y: Fraction) -> Totals:
    """Return notional, initial margin, maintenance and PnL at a move, times its denominator."""
    return totals_on(course, course.piece_at(y).maintenance, y)


def totals_on(course: Course, maintenance: Line, y: Fraction) -> Totals:
    """Return the totals at a move with maintenance on one of its lines, as `totals_at` does."""
    return Totals(
        course.unit,
        course.notional.at(y),
        course.initial.at(y),
        maintenance.at(y),
        course.orders.at(y),
        course.exempt_notional.at(y),
        course.exempt_initial.at(y),
        course.unremovable.at(y),
        course.pnl.at(y),
    )
