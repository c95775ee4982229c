"""The largest size, and the size of a risk: what a position may be of."""

from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from marginctl.core.account import Account
from marginctl.core.backing import Backing, standing
from marginctl.core.figures import margin_of, with_margin
from marginctl.core.goals import Goal, Obstacle, Solution, Variable
from marginctl.core.numbers import ZERO, decimal_of
from marginctl.core.position import Position
from marginctl.core.records import Record
from marginctl.core.report import evaluate
from marginctl.core.solve_price import stay_lines
from marginctl.core.trade import as_cash, scaled, trade
from marginctl.core.whatif import available, replaced

_SIZE_DIGITS = 12
"""Digits of a size where the tier file does not say in which steps an asset is traded."""


class NoFundsError(ValueError):
    """The largest size was asked for without saying which margin is there for it."""


class Bound(Record):
    """A size above which something forbids more, and what; ``exclusive``: at it already."""

    size: Fraction
    name: str
    exclusive: bool = False


def solve_size(stand: Backing, goal: Goal, *, opening: bool) -> Solution:
    """Return the largest size that the margin carries at the position's leverage and prices.

    Isolated: the margin that the position has (for one that is not held and says none, what the
    account has available) carries size · entry / leverage, and its equity the initial margin at
    the mark. Cross: the account's value
    carries the initial margins of all positions; a position that is held grows at the mark. The
    notional stays below the first tier that does not allow the leverage.
    """
    held = replaced(stand.account, stand.index, None) if opening else stand.account
    before = evaluate(held, stand.venue)
    funds = _funds(stand, opening=opening)
    bounds = [*tier_bounds(stand), *_margin_bounds(stand, funds, opening=opening)]
    least = min(bounds, key=lambda bound: (bound.size, not bound.exclusive), default=None)
    costs = _costs(stand, opening=opening)
    shown = Solution(
        goal,
        Variable.SIZE,
        stand.index,
        stand.position,
        None,
        None,
        possible=False,
        before=before,
        after=None,
        wanted=decimal_of(funds),
        limit=None if least is None else least.name,
        opening=opening,
    )
    if least is None:
        if funds < 0 and not all(costs):
            return shown._replace(why=Obstacle.NOTHING_TO_USE, nearest=ZERO)
        # a unit gains more at the mark than the margin it takes: any size carries itself
        return shown._replace(possible=True, why=Obstacle.ALWAYS)
    if least.size <= 0:
        tier = least.name == "tier_leverage"
        highest = stand.asset.max_leverage
        why, nearest = (
            (Obstacle.TIER_LEVERAGE, highest) if tier else (Obstacle.NOTHING_TO_USE, ZERO)
        )
        return shown._replace(why=why, nearest=nearest)
    rounded = in_lots(least, stand.asset.size_decimals)
    if any(Fraction(rounded) * cost > funds for cost in costs):
        return shown._replace(why=Obstacle.NOTHING_TO_USE, nearest=ZERO)
    if not rounded:
        return shown._replace(why=Obstacle.BELOW_A_LOT, nearest=ZERO)
    size = rounded if least.exclusive else decimal_of(least.size, ROUND_FLOOR)
    account = resized(stand, size, opening=opening)
    after = evaluate(account, stand.venue)
    # what gains more at the mark than the margin it takes uses none
    used = max(Fraction(0), *(Fraction(size) * cost for cost in costs))
    if stand.account.pool.borrows:
        # it lets less be used than initial margins alone ask for
        shown = shown._replace(wanted=decimal_of(used))
    return shown._replace(
        answer=least.size,
        rounded=rounded,
        possible=True,
        after=after,
        exclusive=least.exclusive,
        reached=decimal_of(used),
        cash=account.cash,
    )


def _funds(stand: Backing, *, opening: bool) -> Fraction:
    """Return the margin that there is for the position."""
    position = stand.position
    if not position.isolated:
        others = stand.amount(stand.others.initial + stand.others.orders)
        own = _pnl(position) if opening else Fraction(0)
        return stand.equity - others - own
    if position.margin is not None or not opening:
        return margin_of(position)
    funds = available(stand.account, stand.venue)
    if funds is None:
        raise NoFundsError(position.asset)
    return funds


def _pnl(position: Position) -> Fraction:
    return Fraction(position.side * (position.notional - position.cost))


def _costs(stand: Backing, *, opening: bool) -> list[Fraction]:
    """Return what each unit of size takes of the margin; those above zero bind."""
    position, mark = stand.position, stand.mark
    leverage = Fraction(position.leverage)
    if not position.isolated and not opening:
        return [mark / leverage]
    entry = Fraction(position.cost) / Fraction(position.size)
    at_mark_cost = mark / leverage - position.side * (mark - entry)
    return [at_mark_cost, entry / leverage] if position.isolated else [at_mark_cost]


def _margin_bounds(stand: Backing, funds: Fraction, *, opening: bool) -> list[Bound]:
    costs = [cost for cost in _costs(stand, opening=opening) if cost > 0]
    bounds = [Bound(funds / cost, "margin") for cost in costs]
    if stand.account.pool.borrows and not stand.position.isolated:
        bounds += _portfolio_bounds(stand)
    return bounds


def _portfolio_bounds(stand: Backing) -> list[Bound]:
    """Return where portfolio margin lets no more be used: a removal's limits hold for it too."""
    usable = stand.removable_equity + stand.amount(stand.others.unremovable)
    return [
        Bound((usable - constant) / rate / stand.mark, "margin")
        for rate, constant in stay_lines(stand)
        if rate > 0
    ]


def money_bounds(stand: Backing) -> list[Bound]:
    """Return the sizes of a position to be opened that its margin, or the account, carries.

    None where nothing is known of either.
    """
    try:
        funds = _funds(stand, opening=True)
    except NoFundsError:
        return []
    return _margin_bounds(stand, funds, opening=True)


def tier_bounds(stand: Backing) -> list[Bound]:
    """Return where the tiers forbid more: the first that does not allow the leverage, the end."""
    table, mark = stand.asset.table, stand.mark
    found = [
        Bound(Fraction(tier.lower_bound) / mark, "tier_leverage", exclusive=True)
        for tier in table.tiers
        if tier.max_leverage < stand.position.leverage
    ]
    if table.upper_bound is not None:
        found.append(Bound(Fraction(table.upper_bound) / mark, "tier_end"))
    return found


def in_lots(bound: Bound, decimals: int | None) -> Decimal:
    """Return the largest allowed multiple of the asset's size step."""
    if decimals is None:
        decimals = _SIZE_DIGITS - 1 - decimal_of(bound.size).adjusted()
    step = Fraction(10) ** -decimals
    whole = bound.size // step
    if bound.exclusive and whole * step == bound.size:
        whole -= 1
    return Decimal(whole).scaleb(-decimals)


def resized(stand: Backing, size: Decimal, *, opening: bool) -> Account:
    """Return the account with the position at another size."""
    account, position = stand.account, stand.position
    if not position.isolated and not opening:
        return _traded(account, stand.index, size)
    margin = margin_of(position)
    grown = position._replace(
        size=size,
        notional=scaled(position.notional, position.mark_price, position.size, size),
        cost=scaled(position.cost, position.entry_price, position.size, size),
    )
    if not position.isolated:
        return replaced(account, stand.index, grown)
    if opening and position.margin is None:
        posted = Fraction(grown.cost) / Fraction(grown.leverage)
        if account.cash is not None:
            account = account._replace(cash=account.cash - as_cash(posted))
        margin = posted
    return replaced(account, stand.index, with_margin(grown, margin))


def _traded(account: Account, index: int, size: Decimal) -> Account:
    """Return the account with a cross position brought to a size at its mark."""
    position = account.positions[index]
    change = position.side * (size - position.size)
    made = trade(position, change, position.mark_price, ZERO) if change else None
    if made is None or made.position is None:
        return account
    assert account.cash is not None
    cash = account.cash + as_cash(made.received)
    return replaced(account, index, made.position)._replace(cash=cash)


def loss_at_stop(position: Position, goal: Goal) -> Fraction:
    """Return what a unit of size loses at the stop, fees included, in the quote currency.

    side · (entry - stop) + fee rate · (entry + stop).
    """
    assert goal.stop is not None
    entry = Fraction(position.cost) / Fraction(position.size)
    stop = Fraction(goal.stop)
    return position.side * (entry - stop) + Fraction(goal.fee_rate) * (entry + stop)


def solve_risk(stand: Backing, goal: Goal) -> Solution:
    """Return the size of a position to be opened whose loss at its stop is a given amount.

    size = risk / `loss_at_stop`, but no more than the tiers and the money allow; down to the size
    step. ``margin_for_stop`` says whether the stop comes before liquidation, with the size in
    steps, and how much margin it takes.
    """
    assert goal.value is not None
    held = replaced(stand.account, stand.index, None)
    loss = loss_at_stop(stand.position, goal)
    bounds = [
        Bound(Fraction(goal.value) / loss, "risk"),
        *tier_bounds(stand),
        *money_bounds(stand),
    ]
    least = min(bounds, key=lambda bound: (bound.size, not bound.exclusive))
    shown = Solution(
        goal,
        Variable.SIZE,
        stand.index,
        stand.position,
        None,
        None,
        possible=False,
        before=evaluate(held, stand.venue),
        after=None,
        wanted=goal.value,
        limit=least.name,
        opening=True,
    )
    if least.size <= 0:
        if least.name == "tier_leverage":
            return shown._replace(why=Obstacle.TIER_LEVERAGE, nearest=stand.asset.max_leverage)
        return shown._replace(why=Obstacle.NOTHING_TO_USE, nearest=ZERO)
    size = in_lots(least, stand.asset.size_decimals)
    if not size:
        return shown._replace(why=Obstacle.BELOW_A_LOT, nearest=ZERO)
    account = resized(stand, size, opening=True)
    return shown._replace(
        answer=least.size,
        rounded=size,
        possible=True,
        after=evaluate(account, stand.venue),
        exclusive=least.exclusive,
        reached=decimal_of(Fraction(size) * loss),
        cash=account.cash,
        margin_for_stop=_margin_for_stop(standing(account, stand.venue, stand.index), goal.stop),
    )


def _margin_for_stop(stand: Backing, stop: Decimal | None) -> Decimal | None:
    """Return the least margin to add, in steps, that puts liquidation beyond the stop."""
    assert stop is not None
    upper = stand.asset.table.upper_bound
    if upper is not None and stand.position.size * stop > upper:
        return None
    missing = stand.equity_to_outlast(Fraction(stop)) - stand.equity
    if missing < 0:
        return ZERO
    step = Fraction(stand.venue.rules.amount_step)
    return (missing // step + 1) * stand.venue.rules.amount_step
