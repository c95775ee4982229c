"""The size whose loss at a stop is the risk that is accepted."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from marginctl.core.evaluate import evaluate
from marginctl.core.numbers import ZERO, decimal_of
from marginctl.core.position import Position
from marginctl.core.solve_size import Bound, in_lots, money_bounds, resized, tier_bounds
from marginctl.core.standing import Standing, standing
from marginctl.core.whatif import replaced
from marginctl.core.wishes import Means, Solution, Why, Wish


def loss_at_stop(position: Position, wish: Wish) -> Fraction:
    """Return what a unit of size loses at the stop, fees included, in the quote currency.

    side · (entry - stop) + fee rate · (entry + stop).
    """
    assert wish.stop is not None
    entry = Fraction(position.cost) / Fraction(position.size)
    stop = Fraction(wish.stop)
    return position.side * (entry - stop) + Fraction(wish.fee_rate) * (entry + stop)


def solve_risk(stand: Standing, wish: Wish) -> Solution:
    """Return the size of a position to be opened whose loss at its stop is a given amount.

    size = risk / `loss_at_stop`, but no more than the tiers and the money allow; down to the size
    step. ``margin_for_stop`` says whether the stop comes before liquidation, with the size in
    steps, and how much margin it takes.
    """
    assert wish.value is not None
    held = replaced(stand.account, stand.index, None)
    loss = loss_at_stop(stand.position, wish)
    bounds = [
        Bound(Fraction(wish.value) / loss, "risk"),
        *tier_bounds(stand),
        *money_bounds(stand),
    ]
    least = min(bounds, key=lambda bound: (bound.size, not bound.exclusive))
    shown = Solution(
        wish,
        Means.SIZE,
        stand.index,
        stand.position,
        None,
        None,
        possible=False,
        before=evaluate(held, stand.venue),
        after=None,
        wanted=wish.value,
        limit=least.name,
        opening=True,
    )
    if least.size <= 0:
        if least.name == "tier_leverage":
            return replace(shown, why=Why.TIER_LEVERAGE, nearest=stand.asset.max_leverage)
        return replace(shown, why=Why.NOTHING_TO_USE, nearest=ZERO)
    size = in_lots(least, stand.asset.size_decimals)
    if not size:
        return replace(shown, why=Why.BELOW_A_LOT, nearest=ZERO)
    account = resized(stand, size, opening=True)
    return replace(
        shown,
        answer=least.size,
        rounded=size,
        possible=True,
        after=evaluate(account, stand.venue),
        exclusive=least.exclusive,
        reached=decimal_of(Fraction(size) * loss),
        cash=account.cash,
        margin_for_stop=_margin_for_stop(standing(account, stand.venue, stand.index), wish.stop),
    )


def _margin_for_stop(stand: Standing, stop: Decimal | None) -> Decimal | None:
    """Return the least margin to add, in steps, that puts liquidation beyond the stop."""
    assert stop is not None
    upper = stand.asset.table.upper_bound
    if upper is not None and stand.position.size * stop > upper:
        return None
    missing = stand.equity_for(Fraction(stop)) - stand.equity
    if missing < 0:
        return ZERO
    step = Fraction(stand.venue.rules.amount_step)
    return (missing // step + 1) * stand.venue.rules.amount_step
