"""The largest size, and the size of a risk: what a position may be of."""

from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from marginctl.core.account import Account, as_cash
from marginctl.core.backing import Backing, available, backing_of
from marginctl.core.changes import replaced
from marginctl.core.crossings import for_removal, stretch
from marginctl.core.evaluation import evaluate
from marginctl.core.figures import margin_of, with_margin
from marginctl.core.goals import Goal, Obstacle, Solution, Variable
from marginctl.core.numbers import ZERO, decimal_of, up_to_step
from marginctl.core.path import Line, MarginPath
from marginctl.core.position import Position
from marginctl.core.records import Record
from marginctl.core.trade import scaled, trade

_SIZE_DIGITS = 12
"""Digits of a size where the tier file does not say in which steps an asset is traded."""


class NoFundsError(ValueError):
    """The largest size was asked for without saying which margin is there for it."""


class SizeBound(Record):
    """A size above which something forbids more, and what; ``exclusive``: at it already."""

    size: Fraction
    name: str
    exclusive: bool = False


def solve_size(backing: Backing, goal: Goal, *, opening: bool) -> Solution:
    """Return the largest size that the margin carries at the position's leverage and prices.

    Isolated: the margin that the position has (for one that is not held and says none, what the
    account has available) carries size · entry / leverage, and its equity the initial margin at
    the mark. Cross: the account's value carries the initial margins of all positions; a position
    that is held grows at the mark. The notional stays below the first tier that does not allow the
    leverage.
    """
    funds = _funds(backing, opening=opening)
    bounds = [*tier_bounds(backing), *_margin_bounds(backing, funds, opening=opening)]
    costs = _costs(backing, opening=opening)
    shown = _asked(backing, goal, decimal_of(funds), bounds, opening=opening)
    if not bounds:
        if funds < 0 and not all(costs):
            return shown._replace(why=Obstacle.NOTHING_TO_USE, nearest=ZERO)
        # a unit gains more at the mark than the margin it takes: any size carries itself
        return shown._replace(possible=True, why=Obstacle.ALWAYS)
    least = tightest(bounds)
    lots = in_lots(least, backing.asset.size_decimals)
    if least.size > 0 and any(Fraction(lots) * cost > funds for cost in costs):
        return shown._replace(why=Obstacle.NOTHING_TO_USE, nearest=ZERO)
    size = lots if least.exclusive else decimal_of(least.size, ROUND_FLOOR)
    # what gains more at the mark than the margin it takes uses none
    used = decimal_of(max(Fraction(0), *(Fraction(size) * cost for cost in costs)))
    found = _sized(shown, backing, least, lots, size)
    if found.after is None:
        return found
    if backing.account.pool.borrows:
        # it lets less be used than initial margins alone ask for
        found = found._replace(wanted=used)
    return found._replace(reached=used)


def _asked(
    backing: Backing, goal: Goal, wanted: Decimal | None, bounds: list[SizeBound], *, opening: bool
) -> Solution:
    """Return the question of a size, yet without an answer."""
    held = replaced(backing.account, backing.place, None) if opening else backing.account
    return Solution(
        goal,
        Variable.SIZE,
        backing.place,
        backing.position,
        None,
        None,
        possible=False,
        before=evaluate(held, backing.venue),
        after=None,
        wanted=wanted,
        limit=tightest(bounds).name if bounds else None,
        opening=opening,
    )


def _sized(
    asked: Solution, backing: Backing, bound: SizeBound, lots: Decimal, size: Decimal
) -> Solution:
    """Return the answer to the question of a size, or why no size will do.

    ``lots`` is the size that the bound allows in the asset's steps, ``size`` the one to show.
    """
    if bound.size <= 0 and bound.name == "tier_leverage":
        return asked._replace(why=Obstacle.TIER_LEVERAGE, nearest=backing.asset.max_leverage)
    if bound.size <= 0:
        return asked._replace(why=Obstacle.NOTHING_TO_USE, nearest=ZERO)
    if not lots:
        return asked._replace(why=Obstacle.BELOW_A_LOT, nearest=ZERO)
    account = resized(backing, size, opening=asked.opening)
    return asked._replace(
        answer=bound.size,
        rounded=lots,
        possible=True,
        after=evaluate(account, backing.venue),
        exclusive=bound.exclusive,
        cash=account.cash,
    )


def _funds(backing: Backing, *, opening: bool) -> Fraction:
    """Return the margin that there is for the position."""
    position = backing.position
    if not position.isolated:
        others = backing.amount(backing.others.initial + backing.others.orders)
        own = _pnl(position) if opening else Fraction(0)
        return backing.value - others - own
    if position.margin is not None or not opening:
        return margin_of(position)
    funds = available(backing.account, backing.venue)
    if funds is None:
        raise NoFundsError(position.asset)
    return funds


def _pnl(position: Position) -> Fraction:
    return Fraction(position.side * (position.notional - position.cost))


def _costs(backing: Backing, *, opening: bool) -> list[Fraction]:
    """Return what each unit of size takes of the margin; those above zero bind."""
    position, mark = backing.position, backing.mark
    leverage = Fraction(position.leverage)
    if not position.isolated and not opening:
        return [mark / leverage]
    entry = Fraction(position.cost) / Fraction(position.size)
    at_mark_cost = mark / leverage - position.side * (mark - entry)
    return [at_mark_cost, entry / leverage] if position.isolated else [at_mark_cost]


def _margin_bounds(backing: Backing, funds: Fraction, *, opening: bool) -> list[SizeBound]:
    costs = [cost for cost in _costs(backing, opening=opening) if cost > 0]
    bounds = [SizeBound(funds / cost, "margin") for cost in costs]
    if backing.pool.borrows:
        bounds.append(_portfolio_bound(backing))
    return bounds


def _portfolio_bound(backing: Backing) -> SizeBound:
    """Return where portfolio margin lets no more be used: a removal's limits hold for it too."""
    more = Fraction(backing.pool.residue + backing.account.pool.unremovable)
    growing = _growing(backing).with_more(more)
    _, up = stretch(growing, for_removal(backing.limits))
    assert up is not None, "initial margin grows with the size"
    return SizeBound(Fraction(backing.position.size) * (1 + up), "margin")


def _growing(backing: Backing) -> MarginPath:
    """Return the path of a position that grows at its mark, and gains nothing by that."""
    path = backing.path()
    return path._replace(value=Line(ZERO, path.value.level))


def money_bounds(backing: Backing) -> list[SizeBound]:
    """Return the sizes of a position to be opened that its margin, or the account, carries.

    None where nothing is known of either.
    """
    try:
        funds = _funds(backing, opening=True)
    except NoFundsError:
        return []
    return _margin_bounds(backing, funds, opening=True)


def tier_bounds(backing: Backing) -> list[SizeBound]:
    """Return where the tiers forbid more: the first that does not allow the leverage, the end."""
    table, mark = backing.asset.table, backing.mark
    found = [
        SizeBound(Fraction(tier.lower_bound) / mark, "tier_leverage", exclusive=True)
        for tier in table.tiers
        if tier.max_leverage < backing.position.leverage
    ]
    if table.upper_bound is not None:
        found.append(SizeBound(Fraction(table.upper_bound) / mark, "tier_end"))
    return found


def tightest(bounds: list[SizeBound]) -> SizeBound:
    """Return the bound that binds."""
    return min(bounds, key=lambda bound: (bound.size, not bound.exclusive))


def in_lots(bound: SizeBound, decimals: int | None) -> Decimal:
    """Return the largest allowed multiple of the asset's size step."""
    if decimals is None:
        decimals = _SIZE_DIGITS - 1 - decimal_of(bound.size).adjusted()
    step = Fraction(10) ** -decimals
    whole = bound.size // step
    if bound.exclusive and whole * step == bound.size:
        whole -= 1
    return Decimal(whole).scaleb(-decimals)


def resized(backing: Backing, size: Decimal, *, opening: bool) -> Account:
    """Return the account with the position at another size."""
    account, position = backing.account, backing.position
    if not position.isolated and not opening:
        return _traded(account, backing.place, size)
    margin = margin_of(position)
    grown = position._replace(
        size=size,
        notional=scaled(position.notional, position.mark_price, position.size, size),
        cost=scaled(position.cost, position.entry_price, position.size, size),
    )
    if not position.isolated:
        return replaced(account, backing.place, grown)
    if opening and position.margin is None:
        posted = Fraction(grown.cost) / Fraction(grown.leverage)
        if account.cash is not None:
            account = account._replace(cash=account.cash - as_cash(posted))
        margin = posted
    return replaced(account, backing.place, with_margin(grown, margin))


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


def solve_risk(backing: Backing, goal: Goal) -> Solution:
    """Return the size of a position to be opened whose loss at its stop is a given amount.

    size = risk / `loss_at_stop`, but no more than the tiers and the money allow; down to the size
    step. ``margin_for_stop`` says whether the stop comes before liquidation, with the size in
    steps, and how much margin it takes.
    """
    assert goal.value is not None
    loss = loss_at_stop(backing.position, goal)
    risk = SizeBound(Fraction(goal.value) / loss, "risk")
    bounds = [risk, *tier_bounds(backing), *money_bounds(backing)]
    least = tightest(bounds)
    lots = in_lots(least, backing.asset.size_decimals)
    asked = _asked(backing, goal, goal.value, bounds, opening=True)
    found = _sized(asked, backing, least, lots, lots)
    if found.after is None:
        return found
    account = resized(backing, lots, opening=True)
    return found._replace(
        reached=decimal_of(Fraction(lots) * loss),
        margin_for_stop=_margin_for_stop(
            backing_of(account, backing.venue, backing.place), goal.stop
        ),
    )


def _margin_for_stop(backing: Backing, stop: Decimal | None) -> Decimal | None:
    """Return the least margin to add, in steps, that puts liquidation beyond the stop."""
    assert stop is not None
    upper = backing.asset.table.upper_bound
    if upper is not None and backing.position.size * stop > upper:
        return None
    missing = backing.equity_to_outlast(Fraction(stop)) - backing.value
    if missing < 0:
        return ZERO
    return up_to_step(missing, backing.venue.rules.amount_step, beyond=True)
