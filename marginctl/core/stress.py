"""Courses of the positions and the cross account of an account, and the moves that liquidate."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from marginctl.core.account import CrossState, Move, without_member
from marginctl.core.course import Course, Mover, course_of
from marginctl.core.margin import Stake, stake
from marginctl.core.meeting import ends, for_maintenance
from marginctl.core.numbers import ZERO, decimal_of, exactly
from marginctl.core.position import Asset, Position
from marginctl.core.rules import Totals

Betas = Mapping[str, Decimal]
"""By asset, how many times the common move its price moves; 1 where an asset is not named."""
ONE_TO_ONE: Betas = {}
ONE = Decimal(1)


@exactly
def account_course(
    state: CrossState, betas: Betas = ONE_TO_ONE, *, fee_rate: Decimal = ZERO
) -> Course:
    """Return how the cross account goes with a common move of all marks."""
    members, totals = state.members, state.totals
    exempt = [member for member in members if member.exempt]
    beside = totals._replace(
        notional=totals.notional - sum((member.stake.notional for member in members), ZERO),
        initial=totals.initial - sum((member.stake.initial for member in members), ZERO),
        maintenance=state.unlisted_maintenance,
        pnl=totals.pnl - sum((member.stake.pnl for member in members), ZERO),
        exempt_notional=totals.exempt_notional
        - sum((member.stake.notional for member in exempt), ZERO),
        exempt_initial=totals.exempt_initial
        - sum((member.stake.initial for member in exempt), ZERO),
    )
    movers = [
        Mover(
            member.position.side,
            betas.get(member.position.asset, ONE),
            member.stake,
            member.exempt,
        )
        for member in members
    ]
    return course_of(
        movers, totals.unit, state.value * totals.unit, beside=beside, fee_rate=fee_rate
    )


@exactly
def member_course(state: CrossState, number: int, fee_rate: Decimal) -> Course:
    """Return how the cross account goes with the price of one of its positions alone."""
    member, totals = state.members[number], state.totals
    beside = without_member(totals, member)
    mover = Mover(member.position.side, ONE, member.stake, member.exempt)
    return course_of(
        [mover], totals.unit, state.value * totals.unit, beside=beside, fee_rate=fee_rate
    )


@exactly
def isolated_course(
    position: Position, asset: Asset, fee_rate: Decimal, beta: Decimal = ONE
) -> Course:
    """Return how an isolated position goes with a move, ``beta`` times which its price moves."""
    figures = stake(position, asset.table)
    unit = figures.terms.unit
    assert figures.equity is not None
    beside = Totals(unit, ZERO, ZERO, ZERO)
    mover = Mover(position.side, beta, figures)
    return course_of([mover], unit, figures.equity, beside=beside, fee_rate=fee_rate)


def figures_of(course: Course) -> Stake:
    """Return the margin figures of the one position that a course is about."""
    return course.movers[0].stake


def liquidating_move(
    state: CrossState, betas: Betas = ONE_TO_ONE, *, fee_rate: Decimal = ZERO
) -> Move:
    """Return the common moves of all marks at which account value meets what must be kept.

    The account is liquidatable now when 0 lies outside of the two. Quotients of 50 digits.
    """
    down, up = ends(account_course(state, betas, fee_rate=fee_rate), for_maintenance)
    return Move(_decimal(down), _decimal(up))


def _decimal(move: Fraction | None) -> Decimal | None:
    return None if move is None else decimal_of(move)


def unnamed(betas: Betas, positions: Sequence[Position]) -> list[str]:
    """Return the assets of positions that betas do not name."""
    return [name for name in dict.fromkeys(held.asset for held in positions) if name not in betas]
