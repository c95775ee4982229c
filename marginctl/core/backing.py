"""What stands behind a position of an account: its own equity, or the whole account's."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.account import (
    Account,
    CrossState,
    MissingCashError,
    available_in,
    state_of,
    without_member,
)
from marginctl.core.figures import MarginFigures, margin_figures
from marginctl.core.numbers import ZERO, exactly
from marginctl.core.path import ONE, MarginPath, MovingPosition, path_of
from marginctl.core.pool import ONE_DEX, Pool, portfolio_minimum
from marginctl.core.position import Asset, Position
from marginctl.core.rules import Requirement, Totals, Venue, most_demanding


class Backing(NamedTuple):
    """A position of an account, and what stands behind it.

    ``equity`` is the position's own or the account's value, in parts of its figures' unit, and so
    are the ``others``: the sums over the account's other cross positions, zero for an isolated one.
    ``state`` is the cross account of which the position is a member, None for an isolated one.
    """

    account: Account
    venue: Venue
    place: int
    margin_figures: MarginFigures
    equity: Decimal
    others: Totals
    state: CrossState | None

    @property
    def position(self) -> Position:
        """The position itself."""
        return self.account.positions[self.place]

    @property
    def asset(self) -> Asset:
        """The terms that its asset is traded on."""
        return self.venue.assets[self.position.asset]

    @property
    def pool(self) -> Pool:
        """What holds the collateral behind it."""
        return ONE_DEX if self.state is None else self.account.pool

    @property
    def exempt(self) -> bool:
        """See `Pool.is_exempt`."""
        return self.pool.is_exempt(self.position.asset)

    def amount(self, parts: Decimal) -> Fraction:
        """Return parts as an amount of the quote currency."""
        return Fraction(parts) / self.margin_figures.terms.unit

    @property
    def value(self) -> Fraction:
        """The equity behind it, in the quote currency."""
        return self.amount(self.equity)

    @property
    def removable_value(self) -> Fraction:
        """The equity that removals count: with what the exchange cuts off a pool for its prices."""
        return self.value + Fraction(self.pool.residue)

    @property
    def usable(self) -> Fraction:
        """The equity that may carry its initial margin, in the quote currency.

        That of an isolated position is its own; behind a cross one stands what the account has but
        for the initial margins of the others and what is held back.
        """
        if self.state is None:
            return self.value
        left = available_in(self.state, self.venue.rules)
        return self.amount(left + self.margin_figures.initial)

    @property
    def notional(self) -> Fraction:
        """The position's notional, size · mark price."""
        return Fraction(self.position.notional)

    @property
    def mark(self) -> Fraction:
        """The mark price, exactly: notional / size."""
        return self.notional / Fraction(self.position.size)

    @exactly
    def totals(self) -> Totals:
        """Return the sums over the position and the others."""
        return self.others.plus(self.margin_figures, exempt=self.exempt)

    def limits(self, totals: Totals) -> Sequence[Requirement]:
        """Return what must stay behind it by each rule on removals, were these the sums."""
        if self.state is not None:
            return self.venue.rules.account_limits(totals)
        moved = self.margin_figures._replace(
            notional=totals.notional,
            initial=totals.initial,
            maintenance=totals.maintenance,
            pnl=totals.pnl,
        )
        return self.venue.rules.limits(self.asset, moved)

    def required(self) -> Requirement | None:
        """Return the rule that limits removals now; None where the venue's rules do not say."""
        return most_demanding(self.limits(self.totals()))

    @exactly
    def removable(self) -> Fraction | None:
        """Return how much may be removed, in the quote currency; None where it is not known."""
        required = self.required()
        if required is None:
            return None
        spare = self.removable_value - self.amount(required.parts)
        return Fraction(0) if required.frozen else max(Fraction(0), spare)

    @exactly
    def kept_at_mark(self) -> Fraction:
        """Return the equity below which liquidation comes at the mark, in the quote currency.

        Maintenance as the account counts it, and the closing fee.
        """
        figures, state = self.margin_figures, self.state
        maintenance = figures.maintenance if state is None else state.totals.maintenance
        notional = Fraction(figures.notional + self.others.notional)
        kept = self.amount(maintenance) + Fraction(self.venue.rules.closing_fee_rate) * notional
        return portfolio_minimum(self.pool, kept) if self.pool.borrows else kept

    def path(self, beta: Decimal = ONE) -> MarginPath:
        """Return how the margin behind it changes as its price moves by ``beta`` times a move.

        The prices of the others rest.
        """
        figures = self.margin_figures
        moving = MovingPosition(self.position.side, beta, figures, self.exempt)
        fee_rate = self.venue.rules.closing_fee_rate
        return path_of(
            [moving], figures.terms.unit, self.equity, beside=self.others, fee_rate=fee_rate
        )

    @exactly
    def equity_at(self, price: Fraction) -> Fraction:
        """Return the equity with which liquidation is at this price, in the quote currency.

        maintenance(size · price) + others' maintenance + closing fee - side · size · (price -
        mark): the condition for liquidation, solved for the equity at the mark.
        """
        return self.value - self.path().spare_at(price / self.mark - 1)

    @exactly
    def equity_to_outlast(self, price: Fraction) -> Fraction:
        """Return the equity with which the position is liquidated at this price.

        In portfolio margin that is more than `equity_at`: its liquidation price is the exchange's
        own, and liquidation comes before it, at the limit of the portfolio margin ratio.
        """
        equity = self.equity_at(price)
        if not self.pool.borrows:
            return equity
        gain = self.position.side * (Fraction(self.position.size) * price - self.notional)
        return portfolio_minimum(self.pool, equity + gain) - gain


@exactly
def backing_of(account: Account, venue: Venue, place: int) -> Backing:
    """Return what stands behind the position at a place of an account.

    Raises:
        MissingCashError: it is a cross position, and the cash is unknown.
    """
    position = account.positions[place]
    if position.isolated:
        return own_backing(account, venue, place)
    state = state_of(account, venue)
    if state is None:
        raise MissingCashError(position.asset)
    shared = shared_backings(account, venue, state)
    (backing,) = (backing for backing in shared if backing.place == place)
    return backing


@exactly
def backings(account: Account, venue: Venue) -> list[Backing]:
    """Return what stands behind each position of an account whose cash is known, as `backing_of`.

    The cross account is summed up once.
    """
    state = state_of(account, venue)
    shared = iter(()) if state is None else shared_backings(account, venue, state)
    return [
        own_backing(account, venue, place) if position.isolated else next(shared)
        for place, position in enumerate(account.positions)
    ]


@exactly
def own_backing(account: Account, venue: Venue, place: int) -> Backing:
    """Return what stands behind an isolated position: its own margin and PnL."""
    position = account.positions[place]
    figures = margin_figures(position, venue.assets[position.asset].table)
    assert figures.equity is not None
    nothing = Totals(figures.terms.unit, ZERO, ZERO, ZERO)
    return Backing(account, venue, place, figures, figures.equity, nothing, None)


def shared_backings(account: Account, venue: Venue, state: CrossState) -> Iterator[Backing]:
    """Yield what stands behind each cross position of an account: the account, of this state."""
    totals, members = state.totals, iter(state.members)
    equity = state.value * totals.unit
    for place, position in enumerate(account.positions):
        if not position.isolated:
            member = next(members)
            others = without_member(totals, member)
            yield Backing(account, venue, place, member.margin_figures, equity, others, state)


def available(account: Account, venue: Venue) -> Fraction | None:
    """Return what the account has for new positions, in the quote currency; None when unknown.

    account value - sum of initial margins - margin of resting orders; where there is no cross
    account, the wallet.
    """
    if account.cash is None:
        return None
    if not venue.rules.has_cross:
        return Fraction(account.cash)
    state = state_of(account, venue)
    assert state is not None
    return Fraction(available_in(state, venue.rules)) / state.totals.unit
