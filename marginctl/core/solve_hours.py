"""The hours of funding after which a position at a standing mark is liquidated."""

from decimal import Decimal
from fractions import Fraction

from marginctl.core.backing import Backing
from marginctl.core.costs import funding_payment, pay_funding
from marginctl.core.goals import Goal, Obstacle, Solution, Variable
from marginctl.core.numbers import ZERO
from marginctl.core.report import evaluate


def solve_hours(stand: Backing, goal: Goal) -> Solution:
    """Return the hours until liquidation at a funding rate per hour, all marks standing still.

    hours = (equity - maintenance - closing fee) / (size · mark · |rate|), zero when it is
    liquidatable already. There is no answer where the position receives. ``rounded`` are the whole
    hours that it lasts.
    Derived from: equity falls by the payment each hour, and liquidation is where it meets what
    must be kept.
    """
    assert goal.value is not None
    account, venue = stand.account, stand.venue
    before = evaluate(account, venue)
    payment = funding_payment(stand.position, goal.value, Decimal(1))
    spare = stand.equity - stand.kept_at_mark()
    rules = venue.rules
    # where equity that just meets what must be kept still carries it, liquidation comes after that
    portfolio = account.pool.borrows and not stand.position.isolated
    exclusive = portfolio or not rules.liquidates(ZERO, ZERO)
    answer = after = rounded = why = reached = cash = None
    if payment <= 0:
        why = Obstacle.RECEIVES
    else:
        answer = max(Fraction(0), spare) / Fraction(payment)
        whole = answer // 1
        if not exclusive and whole == answer and whole:
            whole -= 1
        rounded = Decimal(whole)
        paid = pay_funding(account, stand.index, max(Fraction(0), spare))
        after, cash = evaluate(paid, venue), paid.cash
        reached = after.positions[stand.index].liquidated_at
    return Solution(
        goal,
        Variable.HOURS,
        stand.index,
        stand.position,
        answer,
        rounded,
        possible=True,
        before=before,
        after=after,
        wanted=goal.value,
        exclusive=exclusive and bool(answer),
        why=why,
        reached=reached,
        cash=cash,
        payment=payment,
    )
