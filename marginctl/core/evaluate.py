"""From positions to their finished figures."""

from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from marginctl.core.account import Account, CrossState, cross_state
from marginctl.core.margin import Stake, stake
from marginctl.core.notices import Notes
from marginctl.core.numbers import ZERO, exactly, quotient
from marginctl.core.position import Asset, Position
from marginctl.core.prices import threshold_prices
from marginctl.core.report import (
    AccountReport,
    CrossReport,
    PositionReport,
    tier_report,
)
from marginctl.core.rules import most_demanding
from marginctl.core.stress import ONE_TO_ONE, Betas, liquidating_move
from marginctl.core.venue import Venue


class UncoveredNotionalError(ValueError):
    """A position's notional lies above the upper bound of its tier table."""

    def __init__(self, position: Position, upper_bound: Decimal) -> None:
        super().__init__(position.asset, position.notional, upper_bound)
        self.position = position
        self.upper_bound = upper_bound


class MissingCashError(ValueError):
    """A cross position came without the cash that it draws on."""


@exactly
def evaluate(account: Account, venue: Venue, betas: Betas = ONE_TO_ONE) -> AccountReport:
    """Return the figures of every position of an account, and of its cross account.

    ``betas`` say how far each asset moves in the common move that liquidates the account.

    Raises:
        KeyError: the venue does not know an asset.
        UncoveredNotionalError: a notional lies above the end of its table.
        MissingCashError: there is a cross position, and no cash or no cross margin on this venue.
    """
    assets = [venue.assets[position.asset] for position in account.positions]
    for position, asset in zip(account.positions, assets, strict=True):
        upper = asset.table.upper_bound
        if upper is not None and position.notional > upper:
            raise UncoveredNotionalError(position, upper)
    state = cross_state(account, assets) if venue.rules.has_cross else None
    notes = Notes()
    cross = None if state is None else _cross(state, venue, account.excerpt, betas, notes)
    available = account.cash if cross is None else cross.max_removable
    members = iter(() if state is None else state.members)
    reports = []
    for position, asset in zip(account.positions, assets, strict=True):
        if position.isolated:
            figures = stake(position, asset.table)
            backing = _own_backing(asset, figures, venue, available)
        elif state is None:
            raise MissingCashError(position.asset)
        else:
            member = next(members)
            figures = member.stake
            backing = _shared_backing(state, state.totals.maintenance - member.counted, venue)
        reports.append(_position(position, asset, figures, backing, venue, notes))
    return AccountReport(tuple(reports), cross, tuple(notes.taken))


class _Backing(NamedTuple):
    """What stands behind a position: margin of its own, or the account's (then most is None).

    ``equity`` and ``others``, the maintenance of other positions that it also carries, are parts.
    """

    equity: Decimal
    others: Decimal
    liquidatable: bool
    margin: Decimal | None = None
    effective_leverage: Decimal | None = None
    margin_ratio: Decimal | None = None
    margin_rate: Decimal | None = None
    transfer_margin_required: Decimal | None = None
    max_removable: Decimal | None = None
    max_addable: Decimal | None = None
    binding_limit: str | None = None
    addition_limit: str | None = None
    shortfall: Decimal | None = None
    frozen: bool = False
    available: Decimal | None = ZERO


def _own_backing(asset: Asset, figures: Stake, venue: Venue, available: Decimal | None) -> _Backing:
    """The margin of an isolated position, and how much of it may move."""
    margin, equity = figures.margin, figures.equity
    assert margin is not None
    assert equity is not None
    rules, unit = venue.rules, figures.terms.unit
    kept = figures.maintenance + rules.closing_fee_rate * figures.notional * unit
    removal, addition = (
        most_demanding(rules.limits(asset, figures)),
        rules.may_add(figures, equity, available),
    )
    spare = equity - removal.parts
    removable = ZERO if removal.frozen or spare < 0 else spare
    return _Backing(
        equity,
        ZERO,
        rules.liquidates(equity, kept),
        margin=quotient(margin, unit),
        effective_leverage=quotient(figures.notional * unit, equity) if equity > 0 else None,
        margin_ratio=quotient(figures.maintenance, equity) if equity > 0 else None,
        margin_rate=quotient(equity, kept),
        transfer_margin_required=quotient(removal.parts, unit),
        max_removable=quotient(removable, unit, ROUND_FLOOR),
        max_addable=None if addition.parts is None else quotient(addition.parts, unit, ROUND_FLOOR),
        binding_limit=removal.name,
        addition_limit=addition.name,
        shortfall=quotient(-spare, unit) if spare < 0 else ZERO,
        frozen=removal.frozen,
        available=available,
    )


def _shared_backing(state: CrossState, others: Decimal, venue: Venue) -> _Backing:
    """The account behind a cross position."""
    equity = state.value * state.totals.unit
    return _Backing(equity, others, venue.rules.liquidates(equity, state.totals.maintenance))


def _position(
    position: Position,
    asset: Asset,
    figures: Stake,
    backing: _Backing,
    venue: Venue,
    notes: Notes,
) -> PositionReport:
    unit = figures.terms.unit
    prices = threshold_prices(position, figures, backing.equity, backing.others, venue.rules)
    notes.about_terms(position, asset, figures, venue)
    notes.about_prices(position, prices, backing.liquidatable, venue)
    notes.about_the_end(position, figures, prices, backing.equity, backing.liquidatable, venue)
    if backing.margin is not None:
        notes.about_the_loss(position, backing.margin, backing.available, venue)
    notes.about_backing(
        position,
        backing.equity,
        frozen=backing.frozen,
        available_known=backing.available is not None,
    )
    return PositionReport(
        asset=position.asset,
        side=position.side,
        size=position.size,
        entry_price=position.entry_price,
        mark_price=position.mark_price,
        leverage=position.leverage,
        margin_mode=position.margin_mode,
        notional=figures.notional,
        unrealized_pnl=figures.pnl,
        return_on_equity=quotient(figures.pnl * position.leverage, figures.cost),
        margin=backing.margin,
        equity=quotient(backing.equity, unit) if position.isolated else None,
        effective_leverage=backing.effective_leverage,
        margin_ratio=backing.margin_ratio,
        tier=tier_report(figures.rung.tier),
        initial_margin=quotient(figures.initial, unit),
        maintenance_margin=quotient(figures.maintenance, unit),
        closing_fee=venue.rules.closing_fee_rate * figures.notional,
        margin_rate=backing.margin_rate,
        liquidatable=backing.liquidatable,
        liquidation_price=prices.liquidation,
        liquidation_distance=prices.distance,
        liquidation_tier=None if prices.tier is None else tier_report(prices.tier),
        backstop_price=prices.backstop,
        bankruptcy_price=prices.bankruptcy,
        transfer_margin_required=backing.transfer_margin_required,
        max_removable=backing.max_removable,
        max_removable_exclusive=venue.rules.removal_is_exclusive,
        max_addable=backing.max_addable,
        binding_limit=backing.binding_limit,
        addition_limit=backing.addition_limit,
        shortfall=backing.shortfall,
    )


def _cross(
    state: CrossState, venue: Venue, excerpt: bool, betas: Betas, notes: Notes
) -> CrossReport:
    totals, unit = state.totals, state.totals.unit
    value = state.value * unit
    requirement = most_demanding(venue.rules.account_limits(totals))
    spare = value - requirement.parts
    liquidatable = venue.rules.liquidates(value, totals.maintenance)
    # an excerpt lists only some of the positions that a common move would move
    move = None if excerpt else liquidating_move(state, betas)
    notes.about_account(value, move, liquidatable, bool(state.members))
    return CrossReport(
        account_value=state.value,
        notional=totals.notional,
        initial_margin=quotient(totals.initial, unit),
        maintenance_margin=quotient(totals.maintenance, unit),
        margin_ratio=quotient(totals.maintenance, value) if value > 0 else None,
        liquidatable=liquidatable,
        available=quotient(value - totals.initial, unit),
        transfer_margin_required=quotient(requirement.parts, unit),
        max_removable=quotient(spare, unit, ROUND_FLOOR) if spare > 0 else ZERO,
        binding_limit=requirement.name,
        shortfall=quotient(-spare, unit) if spare < 0 else ZERO,
        liquidating_move=move,
    )
