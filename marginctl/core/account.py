"""A cross account: positions that share one margin."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from marginctl.core.figures import MarginFigures, margin_figures
from marginctl.core.numbers import ZERO, decimal_of, exactly, finite, unit_for
from marginctl.core.pool import ONE_DEX, Pool
from marginctl.core.position import Asset, Position
from marginctl.core.records import Record
from marginctl.core.rules import Rules, Totals, Venue, most_demanding
from marginctl.core.tiers import terms

Betas = Mapping[str, Decimal]
"""By asset, how many times the common move its price moves; 1 where an asset is not named."""
ONE_TO_ONE: Betas = {}


class Unlisted(NamedTuple):
    """What an exchange's totals hold beyond the positions it lists, in the quote currency.

    The exempt sums are parts of the others, as in `Totals`.
    """

    notional: Decimal = ZERO
    initial: Fraction = Fraction(0)
    maintenance: Fraction = Fraction(0)
    exempt_notional: Decimal = ZERO
    exempt_initial: Fraction = Fraction(0)


class Account(Record):
    """Positions, and the cash that backs the cross ones.

    ``cash`` excludes unrealized PnL and the margin of isolated positions; None when unknown.
    ``maintenance_step`` is set for exchange records: the exchange cuts each position's
    maintenance and initial margin to it before it sums. ``excerpt`` says that the totals hold
    more than is listed. ``order_margin`` is what resting orders hold of the cross account's
    value: it is neither removable nor available. ``pool`` is what holds the collateral.
    """

    positions: tuple[Position, ...]
    cash: Decimal | None = None
    unlisted: Unlisted = Unlisted()
    maintenance_step: Decimal | None = None
    excerpt: bool = False
    order_margin: Decimal = ZERO
    pool: Pool = ONE_DEX


class MissingCashError(ValueError):
    """A cross position came without the cash that it draws on."""


class Member(NamedTuple):
    """One cross position in its account.

    ``counted`` is the maintenance that the account sums; ``exempt``: see `Pool.is_exempt`.
    """

    position: Position
    margin_figures: MarginFigures
    counted: Decimal
    exempt: bool = False


class CrossState(NamedTuple):
    """The cross account at the marks. ``value`` is in the quote currency, totals in parts."""

    value: Decimal
    totals: Totals
    members: tuple[Member, ...]
    pool: Pool = ONE_DEX


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
        unit_for(unlisted.initial, unlisted.maintenance, unlisted.exempt_initial),
        *(terms(asset.table, position.leverage).unit for position, asset in cross),
    )
    pool, members = account.pool, []
    pnl, notional = ZERO, unlisted.notional
    initial = finite(unlisted.initial * unit)
    maintenance = finite(unlisted.maintenance * unit)
    exempt_notional = unlisted.exempt_notional
    exempt_initial = finite(unlisted.exempt_initial * unit)
    for position, asset in cross:
        figures = margin_figures(position, asset.table, unit)
        counted = _cut(figures.maintenance, account.maintenance_step, unit)
        exempt = pool.is_exempt(position.asset)
        members.append(Member(position, figures, counted, exempt))
        pnl += figures.pnl
        notional += figures.notional
        own_initial = _cut(figures.initial, account.maintenance_step, unit)
        initial += own_initial
        maintenance += counted
        if exempt:
            exempt_notional += figures.notional
            exempt_initial += own_initial
    totals = Totals(
        unit,
        notional,
        initial,
        maintenance,
        account.order_margin * unit,
        exempt_notional,
        exempt_initial,
        pool.unremovable * unit,
        pnl,
    )
    return CrossState(account.cash + pnl, totals, tuple(members), pool)


def state_of(account: Account, venue: Venue) -> CrossState | None:
    """Return `cross_state` with the venue's assets."""
    return cross_state(account, [venue.assets[position.asset] for position in account.positions])


@exactly
def available_in(state: CrossState, rules: Rules) -> Decimal:
    """Return what a cross account has for new positions, in parts of its unit.

    account value - sum of initial margins - what is held back. In portfolio margin it is, as the
    exchange has it, what could be removed if nothing had to be borrowed for it.
    """
    totals = state.totals
    value = (state.value + state.pool.residue) * totals.unit
    binding = most_demanding(rules.account_limits(totals)) if state.pool.borrows else None
    if binding is not None:
        return value - binding.parts + totals.unremovable
    return value - totals.initial - totals.orders


@exactly
def without_member(totals: Totals, member: Member) -> Totals:
    """Return the sums over the other cross positions of an account."""
    figures = member.margin_figures
    exempt_notional, exempt_initial = totals.exempt_notional, totals.exempt_initial
    if member.exempt:
        exempt_notional -= figures.notional
        exempt_initial -= figures.initial
    return Totals(
        totals.unit,
        totals.notional - figures.notional,
        totals.initial - figures.initial,
        totals.maintenance - member.counted,
        totals.orders,
        exempt_notional,
        exempt_initial,
        totals.unremovable,
        totals.pnl - figures.pnl,
    )


@exactly
def cash_of(account_value: Decimal, positions: Sequence[Position]) -> Decimal:
    """Return the cash that makes an account of positions worth this, in the quote currency.

    account value = cash + sum of the cross positions' unrealized PnL.
    """
    pnls = (p.side * (p.notional - p.cost) for p in positions if not p.isolated)
    return account_value - sum(pnls, ZERO)


def as_cash(amount: Fraction) -> Decimal:
    """Return an amount as a decimal: exact where it terminates, else 50 digits rounded down."""
    return finite(amount) if unit_for(amount) == 1 else decimal_of(amount, ROUND_FLOOR)


@exactly
def beyond_listed(
    account: Account,
    assets: Sequence[Asset],
    notional: Decimal,
    initial: Fraction,
    maintenance: Fraction,
    exempt_notional: Decimal = ZERO,
    exempt_initial: Fraction = Fraction(0),
) -> Unlisted:
    """Return what given totals hold beyond the cross positions of an account."""
    state = cross_state(account._replace(cash=ZERO), assets)
    assert state is not None
    listed = state.totals
    return Unlisted(
        notional - listed.notional,
        initial - Fraction(listed.initial) / listed.unit,
        maintenance - Fraction(listed.maintenance) / listed.unit,
        exempt_notional - listed.exempt_notional,
        exempt_initial - Fraction(listed.exempt_initial) / listed.unit,
    )


def _cut(parts: Decimal, step: Decimal | None, unit: int) -> Decimal:
    if step is None:
        return parts
    whole_steps = parts // (step * unit)
    return whole_steps * step * unit
