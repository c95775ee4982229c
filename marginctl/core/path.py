"""How the margin behind positions, and what they require, change as prices move.

A move y takes the price of each position from its mark to mark · (1 + beta · y). Everything is then
a straight line in y, but for maintenance, which bends where a notional comes into its next tier.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from marginctl.core.account import ONE_TO_ONE, Betas, CrossState, without_member
from marginctl.core.figures import MarginFigures
from marginctl.core.numbers import ZERO, exactly, finite, unit_for
from marginctl.core.position import Position
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


class MovingPosition(NamedTuple):
    """A position that moves: its figures, its side, its beta, and see `Pool.is_exempt`."""

    side: int
    beta: Decimal
    margin_figures: MarginFigures
    exempt: bool = False


class Segment(NamedTuple):
    """Maintenance between two breakpoints; None: without end."""

    start: Fraction | None
    end: Fraction | None
    maintenance: Line

    def holds(self, y: Fraction) -> bool:
        """Whether a move lies on this segment, its ends included."""
        return (self.start is None or self.start <= y) and (self.end is None or y <= self.end)


class Breakpoint(NamedTuple):
    """The move at which a position's notional is at a tier's lower bound."""

    y: Fraction
    moving_position: int
    tier: int


_move: Callable[[Breakpoint], Fraction] = attrgetter("y")


class PathEnd(NamedTuple):
    """The move ``y`` at which a position's moves end.

    ``of_price``: its price would reach zero there, and the move itself is too far. Else its tier
    table ends there.
    """

    moving_position: int
    y: Fraction
    of_price: bool


class MarginPath(NamedTuple):
    """How the margin behind some positions, and what they require, change with a move.

    ``value``, ``initial`` and the segments are in parts of 1/``unit``; ``notional`` and ``pnl``,
    the unrealized PnL, in the quote currency. ``orders`` is what is held back, ``fee`` what closing
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
    segments: tuple[Segment, ...]
    breakpoints: tuple[Breakpoint, ...]
    moving: tuple[MovingPosition, ...]
    exempt_notional: Line
    exempt_initial: Line
    unremovable: Line

    def path_ends(self, y: Fraction) -> list["PathEnd"]:
        """Return what keeps positions from a move: none where every one can move as far."""
        found = []
        for index, (_, exact_beta, figures, _) in enumerate(self.moving):
            beta, upper = Fraction(exact_beta), figures.terms.end
            factor, notional = 1 + beta * y, Fraction(figures.notional)
            if factor <= 0:
                found.append(PathEnd(index, -1 / beta, of_price=True))
            elif upper is not None and factor * notional > upper:
                end = y if not beta else (Fraction(upper) / notional - 1) / beta
                found.append(PathEnd(index, end, of_price=False))
        return found

    def segment_at(self, y: Fraction) -> Segment:
        """Return the segment that holds a move; at a breakpoint, the one above it."""
        return self.segments[bisect_right(self.breakpoints, y, key=_move)]

    def reaches(self, y: Fraction) -> bool:
        """Whether every price stays above zero, and every notional within its tier table."""
        return not self.path_ends(y)

    @exactly
    def spare_at(self, y: Fraction) -> Fraction:
        """Return value less maintenance and closing fee at a move, in the quote currency."""
        kept = self.segment_at(y).maintenance.at(y) + self.fee.at(y)
        return Fraction(self.value.at(y) - kept) / (self.unit * y.denominator)

    @exactly
    def with_more(self, amount: Fraction) -> "MarginPath":
        """Return this path with an amount of the quote currency more, or less, behind it.

        Its parts are then as many times smaller as the amount needs to be a finite decimal of them.
        """
        bottom = unit_for(amount)
        more = Line(ZERO, finite(amount * bottom) * self.unit)
        return self._replace(
            unit=self.unit * bottom,
            value=self.value.times(bottom).plus(more),
            initial=self.initial.times(bottom),
            orders=self.orders.times(bottom),
            exempt_initial=self.exempt_initial.times(bottom),
            unremovable=self.unremovable.times(bottom),
            fee=self.fee.times(bottom),
            segments=tuple(
                segment._replace(maintenance=segment.maintenance.times(bottom))
                for segment in self.segments
            ),
        )


@exactly
def path_of(
    moving: Sequence[MovingPosition],
    unit: int,
    value: Decimal,
    *,
    beside: Totals,
    fee_rate: Decimal = ZERO,
) -> MarginPath:
    """Return the path of positions that share one margin.

    ``value`` is what backs them now, in the quote currency times the unit; ``beside`` are totals
    that do not move. The figures of the moving positions are in parts of the same unit.
    """
    gain = exposure = initial = exempt_exposure = exempt_initial = ZERO
    totals = beside
    for side, beta, figures, exempt in moving:
        moved = beta * figures.notional
        gain += side * moved
        exposure += moved
        initial += beta * figures.initial
        if exempt:
            exempt_exposure += moved
            exempt_initial += beta * figures.initial
        totals = totals.plus(figures, exempt=exempt)
    notional = Line(exposure, totals.notional)
    breakpoints, segments = _segments(moving, beside.maintenance)
    return MarginPath(
        unit,
        Line(gain * unit, value),
        notional,
        Line(gain, totals.pnl),
        Line(initial, totals.initial),
        Line(ZERO, beside.orders),
        notional.times(fee_rate * unit),
        tuple(segments),
        tuple(breakpoints),
        tuple(moving),
        Line(exempt_exposure, totals.exempt_notional),
        Line(exempt_initial, totals.exempt_initial),
        Line(ZERO, beside.unremovable),
    )


def _segments(
    moving: Sequence[MovingPosition], resting: Decimal
) -> tuple[list[Breakpoint], list[Segment]]:
    """Walk from the lowest move to the highest, from breakpoint to breakpoint.

    On the way a line is added up: at each breakpoint one position comes into its next tier, and
    its maintenance goes on along that tier's line, which meets the one before it there.
    """
    breakpoints: list[Breakpoint] = []
    steps: dict[tuple[int, int], Line] = {}
    maintenance = Line(ZERO, resting)
    for index, (_, beta, figures, _) in enumerate(moving):
        notional, scaled_tiers = figures.notional, figures.terms.scaled_tiers
        if not beta:
            maintenance = maintenance.plus(Line(ZERO, figures.maintenance))
            continue
        # with a beta below zero the notional falls as y rises: the walk begins in the top tier
        lowest = scaled_tiers[0] if beta > 0 else scaled_tiers[-1]
        maintenance = maintenance.plus(_tier_line(notional, beta, lowest.rate, lowest.deduction))
        for lower, upper in pairwise(scaled_tiers):
            y = (Fraction(upper.lower_bound) / Fraction(notional) - 1) / Fraction(beta)
            breakpoints.append(Breakpoint(y, index, upper.tier.index))
            step = _tier_line(
                notional, beta, upper.rate - lower.rate, upper.deduction - lower.deduction
            )
            steps[index, upper.tier.index] = step if beta > 0 else step.times(-1)
    breakpoints.sort()
    segments: list[Segment] = []
    start = None
    for y, index, tier in breakpoints:
        segments.append(Segment(start, y, maintenance))
        maintenance = maintenance.plus(steps[index, tier])
        start = y
    segments.append(Segment(start, None, maintenance))
    return breakpoints, segments


def _tier_line(notional: Decimal, beta: Decimal, rate: Decimal, deduction: Decimal) -> Line:
    """Return notional · (1 + beta · y) · rate - deduction."""
    return Line(notional * beta * rate, notional * rate - deduction)


def addition_to(margin_path: MarginPath) -> MarginPath:
    """Return the path over margin that is added while the prices of another path rest.

    Here y is an amount of the quote currency.
    """
    maintenance = Line(ZERO, totals_at(margin_path, Fraction(0)).maintenance)
    return MarginPath(
        margin_path.unit,
        Line(Decimal(margin_path.unit), margin_path.value.level),
        Line(ZERO, margin_path.notional.level),
        Line(ZERO, margin_path.pnl.level),
        Line(ZERO, margin_path.initial.level),
        margin_path.orders,
        Line(ZERO, margin_path.fee.level),
        (Segment(None, None, maintenance),),
        (),
        (),
        Line(ZERO, margin_path.exempt_notional.level),
        Line(ZERO, margin_path.exempt_initial.level),
        margin_path.unremovable,
    )


def totals_at(margin_path: MarginPath, y: Fraction) -> Totals:
    """Return notional, initial margin, maintenance and PnL at a move, times its denominator."""
    return totals_on(margin_path, margin_path.segment_at(y).maintenance, y)


def totals_on(margin_path: MarginPath, maintenance: Line, y: Fraction) -> Totals:
    """Return the totals at a move with maintenance on one of its lines, as `totals_at` does."""
    return Totals(
        margin_path.unit,
        margin_path.notional.at(y),
        margin_path.initial.at(y),
        maintenance.at(y),
        margin_path.orders.at(y),
        margin_path.exempt_notional.at(y),
        margin_path.exempt_initial.at(y),
        margin_path.unremovable.at(y),
        margin_path.pnl.at(y),
    )


ONE = Decimal(1)


@exactly
def account_path(
    state: CrossState, betas: Betas = ONE_TO_ONE, *, fee_rate: Decimal = ZERO
) -> MarginPath:
    """Return how the cross account changes with a common move of all marks."""
    members, totals = state.members, state.totals
    beside = reduce(without_member, members, totals)
    moving = [
        MovingPosition(
            member.position.side,
            betas.get(member.position.asset, ONE),
            member.margin_figures,
            member.exempt,
        )
        for member in members
    ]
    return path_of(moving, totals.unit, state.value * totals.unit, beside=beside, fee_rate=fee_rate)


def unnamed(betas: Betas, positions: Sequence[Position]) -> list[str]:
    """Return the assets of positions that betas do not name."""
    return [name for name in dict.fromkeys(held.asset for held in positions) if name not in betas]
