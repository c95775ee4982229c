"""A cross account: positions that share one margin."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from marginctl.core.margin import Stake, stake
from marginctl.core.numbers import ZERO, exactly, finite, unit_for
from marginctl.core.position import Asset, Position
from marginctl.core.rules import Totals
from marginctl.core.tiers import terms


@dataclass(frozen=True, slots=True)
class Unlisted:
    """What an exchange's totals hold beyond the positions it lists, in the quote currency."""

    notional: Decimal = ZERO
    initial: Fraction = Fraction(0)
    maintenance: Fraction = Fraction(0)


class Account(NamedTuple):
    """Positions, and the cash that backs the cross ones.

    ``cash`` excludes unrealized PnL and the margin of isolated positions; None when unknown.
    ``maintenance_step`` is set for exchange records: the exchange cuts each position's
    maintenance and initial margin to it before it sums. ``excerpt`` says that the totals hold
    more than is listed. ``order_margin`` is what resting orders hold of the cross account's
    value: it is neither removable nor available.
    """

    positions: tuple[Position, ...]
    cash: Decimal | None = None
    unlisted: Unlisted = Unlisted()
    maintenance_step: Decimal | None = None
    excerpt: bool = False
    order_margin: Decimal = ZERO


class Member(NamedTuple):
    """One cross position in its account; ``counted`` is the maintenance the account sums."""

    position: Position
    stake: Stake
    counted: Decimal


class CrossState(NamedTuple):
    """The cross account at the marks. ``value`` is in the quote currency, totals in parts."""

    value: Decimal
    totals: Totals
    members: tuple[Member, ...]
    unlisted_maintenance: Decimal


class Move(NamedTuple):
    """The common moves of all marks, fractions, at which the account is liquidated.

    The account is safe between them. None: no move in that direction does it.
    """

    down: Decimal | None
    up: Decimal | None


@exactly
def cross_state(account: Account, assets: Sequence[Asset]) -> CrossState | None:
    """Return the sums over the cross positions, or None when the cash is unknown.

    account value = cash + sum of unrealized PnL; ``assets`` belong to the positions in order.
    Exact: positions are brought to one common unit before they are added.
    """
    if account.cash is None:
        return None
    cross = [pair for pair in zip(account.positions, assets, strict=True) if not pair[0].isolated]
    unlisted = account.unlisted
    unit = lcm(
        unit_for(unlisted.initial, unlisted.maintenance),
        *(terms(asset.table, position.leverage).unit for position, asset in cross),
    )
    members = []
    pnl, notional = ZERO, unlisted.notional
    initial = finite(unlisted.initial * unit)
    maintenance = unlisted_maintenance = finite(unlisted.maintenance * unit)
    for position, asset in cross:
        figures = stake(position, asset.table, unit)
        counted = _cut(figures.maintenance, account.maintenance_step, unit)
        members.append(Member(position, figures, counted))
        pnl += figures.pnl
        notional += figures.notional
        initial += _cut(figures.initial, account.maintenance_step, unit)
        maintenance += counted
    totals = Totals(unit, notional, initial, maintenance, account.order_margin * unit, pnl)
    return CrossState(account.cash + pnl, totals, tuple(members), unlisted_maintenance)


@exactly
def cash_of(account_value: Decimal, positions: Sequence[Position]) -> Decimal:
    """Return the cash that makes an account of positions worth this, in the quote currency.

    account value = cash + sum of the cross positions' unrealized PnL.
    """
    pnls = (p.side * (p.notional - p.cost) for p in positions if not p.isolated)
    return account_value - sum(pnls, ZERO)


@exactly
def beyond_listed(
    account: Account,
    assets: Sequence[Asset],
    notional: Decimal,
    initial: Fraction,
    maintenance: Fraction,
) -> Unlisted:
    """Return what given totals hold beyond the cross positions of an account."""
    state = cross_state(account._replace(cash=ZERO), assets)
    assert state is not None
    listed = state.totals
    return Unlisted(
        notional - listed.notional,
        initial - Fraction(listed.initial) / listed.unit,
        maintenance - Fraction(listed.maintenance) / listed.unit,
    )


def _cut(parts: Decimal, step: Decimal | None, unit: int) -> Decimal:
    if step is None:
        return parts
    whole_steps = parts // (step * unit)
    return whole_steps * step * unit
