"""Where something begins and stops to be covered along a path: liquidation, a removal."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.account import ONE_TO_ONE, Betas, CrossState, Move
from marginctl.core.backing import Backing
from marginctl.core.numbers import ZERO, decimal_of, exactly
from marginctl.core.path import Line, MarginPath, Segment, account_path, totals_on
from marginctl.core.pool import PORTFOLIO_LIMIT, Pool
from marginctl.core.rules import Requirement, Totals

Shortfall = Callable[[MarginPath, Segment], Sequence[Line]]
"""What is missing on one segment of a path: above zero where the highest of the lines is."""
Limits = Callable[[Totals], Sequence[Requirement]]
"""What must stay, by each rule that limits removals."""


class Crossings(NamedTuple):
    """The moves at which something begins and stops to be covered; None: at no move."""

    down: Fraction | None
    up: Fraction | None


def crossings(margin_path: MarginPath, shortfall: Shortfall) -> Crossings:
    """Return the two ends of the stretch of moves at which nothing is missing.

    Where that is a single move, both are it. None where the end lies at a price that is not
    positive, or above the notional at which a tier table ends.
    """
    reached = (
        y if y is not None and margin_path.reaches(y) else None
        for y in stretch(margin_path, shortfall)
    )
    return Crossings(*reached)


def stretch(margin_path: MarginPath, shortfall: Shortfall) -> Crossings:
    """Return the ends as `crossings` does, also where no price or no tier is so far out."""
    down = up = None
    for segment in margin_path.segments:
        lines = shortfall(margin_path, segment)
        for line in lines:
            if not line.slope:
                continue
            # the root of one line is an end only on its own segment, and only where no other line
            # is still above zero there: what is missing is the highest of them
            y = Fraction(-line.level) / Fraction(line.slope)
            if not segment.holds(y) or any(other.at(y) > 0 for other in lines):
                continue
            # what is missing falls to zero as y rises: nothing is missing from here on
            if line.slope < 0:
                down = y
            else:
                up = y
    return Crossings(down, up)


@exactly
def missing_at(margin_path: MarginPath, shortfall: Shortfall, y: Fraction) -> Fraction:
    """Return what is missing at a move, in the quote currency; below zero what is to spare."""
    lines = shortfall(margin_path, margin_path.segment_at(y))
    return Fraction(max(line.at(y) for line in lines)) / (margin_path.unit * y.denominator)


def for_maintenance(margin_path: MarginPath, segment: Segment) -> list[Line]:
    """What is missing not to be liquidated: maintenance and the fee to close, less the value."""
    return [segment.maintenance.plus(margin_path.fee).less(margin_path.value)]


def for_portfolio(pool: Pool) -> Shortfall:
    """What is missing to stay at a portfolio margin ratio of at most the limit t.

    The ratio is above t = 0.95 where maintenance exceeds t · value; or, as much is borrowed as
    maintenance exceeds the token's own equity, where (2 - t) · maintenance + (1 - t) · other
    collateral exceeds value: see `marginctl.core.pool.portfolio_minimum`. Amounts are times the
    limit's denominator, so that nothing is rounded.
    """
    top, bottom = PORTFOLIO_LIMIT

    def shortfall(margin_path: MarginPath, segment: Segment) -> list[Line]:
        kept = segment.maintenance.plus(margin_path.fee)
        other = Line(ZERO, pool.other_collateral * margin_path.unit * (bottom - top))
        borrowing = kept.times(2 * bottom - top).plus(other)
        return [
            kept.times(bottom).less(margin_path.value.times(top)),
            borrowing.less(margin_path.value.times(bottom)),
        ]

    return shortfall


def for_share(share: tuple[int, int]) -> Shortfall:
    """What is missing to have a share (numerator, denominator) of maintenance."""
    top, bottom = share
    return lambda margin_path, segment: [
        segment.maintenance.times(top).less(margin_path.value.times(bottom))
    ]


def for_solvency(margin_path: MarginPath, segment: Segment) -> list[Line]:  # noqa: ARG001 - as the others
    """What is missing to be worth something."""
    return [margin_path.value.times(-1)]


def for_removal(limits: Limits) -> Shortfall:
    """What is missing before margin can be removed, by each of the limits.

    Each limit is a sum of multiples of notional, initial margin and maintenance, so it is a line
    on every segment, known by its values at y = 0 and y = 1.
    """

    def shortfall(margin_path: MarginPath, segment: Segment) -> list[Line]:
        at_0, at_1 = (
            [
                limit.parts
                for limit in limits(totals_on(margin_path, segment.maintenance, Fraction(y)))
            ]
            for y in (0, 1)
        )
        pairs = zip(at_0, at_1, strict=True)
        return [_through(low, high).less(margin_path.value) for low, high in pairs]

    return shortfall


@exactly
def _through(at_0: Decimal, at_1: Decimal) -> Line:
    return Line(at_1 - at_0, at_0)


def liquidating_move(
    state: CrossState, betas: Betas = ONE_TO_ONE, *, fee_rate: Decimal = ZERO
) -> Move:
    """Return the common moves of all marks at which account value meets what must be kept.

    The account is liquidatable now when 0 lies outside of the two. Quotients of 50 digits.
    """
    down, up = crossings(account_path(state, betas, fee_rate=fee_rate), for_maintenance)
    return Move(_decimal(down), _decimal(up))


def portfolio_liquidating_move(
    state: CrossState, betas: Betas = ONE_TO_ONE, *, fee_rate: Decimal = ZERO
) -> Move:
    """Return the common moves of all marks at which the portfolio margin ratio is the limit.

    They come before those at which account value meets maintenance. Quotients of 50 digits.
    """
    margin_path = account_path(state, betas, fee_rate=fee_rate)
    down, up = crossings(margin_path, for_portfolio(state.pool))
    return Move(_decimal(down), _decimal(up))


@exactly
def portfolio_price(backing: Backing) -> Decimal | None:
    """Return the price of a cross position at which the portfolio margin ratio is the limit.

    mark · (1 + y) with the move y of its price alone at which that is so, to 50 digits; None where
    no price above zero that its tiers cover does it.
    """
    found = crossings(backing.path(), for_portfolio(backing.pool))
    y = next((end for end in found if end is not None), None)
    return None if y is None else decimal_of(backing.mark * (1 + y))


def _decimal(move: Fraction | None) -> Decimal | None:
    return None if move is None else decimal_of(move)
