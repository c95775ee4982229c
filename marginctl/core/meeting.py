"""The moves at which what backs positions begins, or stops, to cover what they need."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.course import Course, Line, Piece, totals_on
from marginctl.core.numbers import exactly
from marginctl.core.rules import Requirement, Totals

Lacking = Callable[[Course, Piece], Sequence[Line]]
"""What is lacking on one piece of a course: above zero where the highest of the lines is."""
Limits = Callable[[Totals], Sequence[Requirement]]
"""What must stay, by each rule that limits removals."""


class Ends(NamedTuple):
    """The moves at which something begins and stops to be covered; None: at no move."""

    down: Fraction | None
    up: Fraction | None


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
            [limit.parts for limit in limits(totals_on(course, piece.maintenance, Fraction(y)))]
            for y in (0, 1)
        )
        pairs = zip(at_0, at_1, strict=True)
        return [_through(low, high).less(course.value) for low, high in pairs]

    return lacking


@exactly
def _through(at_0: Decimal, at_1: Decimal) -> Line:
    return Line(at_1 - at_0, at_0)
