"""What happens to a margin while prices move: straight lines, and the moves at which they meet.

Let ``y`` be a move. Every price moves by the fraction b·y of itself, where b is that position's
beta. Then what backs the positions, their notional and their initial margin are straight lines in
y, and maintenance is a convex chain of straight lines with a corner at every tier boundary. So
the moves at which something is still covered form one stretch, and its two ends are found exactly
by looking at every straight piece. Margin that is added, with prices at rest, is the same with a
different y.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from marginctl.core.margin import Stake
from marginctl.core.numbers import ZERO, exactly
from marginctl.core.rules import Requirement, Totals


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
    """A position that moves: its figures, its side, and its beta."""

    side: int
    beta: Decimal
    stake: Stake


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


class Ends(NamedTuple):
    """The moves at which something begins and stops to be covered; None: at no move."""

    down: Fraction | None
    up: Fraction | None


class Course(NamedTuple):
    """How what backs some positions, and what they need, go with a move.

    ``value``, ``initial`` and the pieces are in parts of 1/``unit``, ``notional`` is in the quote
    currency. ``fee`` is what closing costs, where liquidation counts it.
    """

    unit: int
    value: Line
    notional: Line
    initial: Line
    fee: Line
    pieces: tuple[Piece, ...]
    corners: tuple[Corner, ...]
    movers: tuple[Mover, ...]

    def reaches(self, y: Fraction) -> bool:
        """Whether every price stays above zero, and every notional within its tier table."""
        for mover in self.movers:
            factor = 1 + Fraction(mover.beta) * y
            upper = mover.stake.terms.rungs[-1].tier.upper_bound
            if factor <= 0:
                return False
            if upper is not None and factor * Fraction(mover.stake.notional) > upper:
                return False
        return True

    def shifted(self, parts: Line) -> "Course":
        """Return this course with so much more behind the positions."""
        return self._replace(value=self.value.plus(parts))


Lacking = Callable[[Course, Piece], Sequence[Line]]
"""What is lacking on one piece of a course: above zero where the highest of the lines is."""
Limits = Callable[[Totals], Sequence[Requirement]]
"""What must stay, by each rule that limits removals."""


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
    pnl = sum((mover.side * mover.beta * mover.stake.notional for mover in movers), ZERO)
    notional = sum((mover.stake.notional for mover in movers), ZERO)
    line = Line(exposure, notional + beside.notional)
    corners, pieces = _pieces(movers, beside.maintenance)
    return Course(
        unit,
        Line(pnl * unit, value),
        line,
        Line(initial, sum((mover.stake.initial for mover in movers), beside.initial)),
        Line(exposure, notional).times(fee_rate * unit),
        tuple(pieces),
        tuple(corners),
        tuple(movers),
    )


def _pieces(movers: Sequence[Mover], resting: Decimal) -> tuple[list[Corner], list[Piece]]:
    """Walk from the lowest move to the highest, from corner to corner."""
    corners: list[Corner] = []
    steps: dict[tuple[int, int], Line] = {}
    start_at = Line(ZERO, resting)
    for index, (_, beta, stake) in enumerate(movers):
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
        Line(ZERO, course.initial.level),
        Line(ZERO, course.fee.level),
        (Piece(None, None, maintenance),),
        (),
        (),
    )


def ends(course: Course, lacking: Lacking) -> Ends:
    """Return the two ends of the stretch of moves at which nothing is lacking.

    Where that is a single move, both are it. None where the end lies at a price that is not
    positive, or above the notional at which a tier table ends.
    """
    down = up = None
    for piece in course.pieces:
        lines = lacking(course, piece)
        for line in lines:
            if not line.slope:
                continue
            y = Fraction(-line.level) / Fraction(line.slope)
            if not piece.holds(y) or any(other.at(y) > 0 for other in lines):
                continue
            if line.slope < 0:
                down = y
            else:
                up = y
    return Ends(_reached(course, down), _reached(course, up))


def _reached(course: Course, y: Fraction | None) -> Fraction | None:
    return y if y is not None and course.reaches(y) else None


def for_maintenance(course: Course, piece: Piece) -> list[Line]:
    """What is lacking not to be liquidated: maintenance and the fee to close, less the value."""
    return [piece.maintenance.plus(course.fee).less(course.value)]


def for_share(share: tuple[int, int]) -> Lacking:
    """What is lacking to have a share (numerator, denominator) of maintenance."""
    top, bottom = share
    return lambda course, piece: [piece.maintenance.times(top).less(course.value.times(bottom))]


def for_solvency(course: Course, piece: Piece) -> list[Line]:  # noqa: ARG001 - as the others
    """What is lacking to be worth something."""
    return [course.value.times(-1)]


def for_removal(limits: Limits) -> Lacking:
    """What is lacking before margin can be removed, by each of the limits.

    Each limit is a sum of multiples of notional, initial margin and maintenance, so it is a line
    on every piece, known by its values at y = 0 and y = 1.
    """

    def lacking(course: Course, piece: Piece) -> list[Line]:
        at_0, at_1 = (
            [limit.parts for limit in limits(_totals(course, piece.maintenance, Fraction(y)))]
            for y in (0, 1)
        )
        pairs = zip(at_0, at_1, strict=True)
        return [_through(low, high).less(course.value) for low, high in pairs]

    return lacking


@exactly
def _through(at_0: Decimal, at_1: Decimal) -> Line:
    return Line(at_1 - at_0, at_0)


def totals_at(course: Course, y: Fraction) -> Totals:
    """Return notional, initial margin and maintenance at a move, times its denominator."""
    lines = [piece.maintenance for piece in course.pieces]
    return _totals(course, max(lines, key=lambda line: line.at(y)), y)


def _totals(course: Course, maintenance: Line, y: Fraction) -> Totals:
    return Totals(course.unit, course.notional.at(y), course.initial.at(y), maintenance.at(y))
