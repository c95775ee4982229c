"""What stands behind one position of an account, exactly: its own margin, or the account's."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from marginctl.core.account import Account, cross_state, without_member
from marginctl.core.figures import MarginFigures, margin_figures, margin_of, with_margin
from marginctl.core.numbers import exactly
from marginctl.core.pool import portfolio_minimum
from marginctl.core.position import Asset, Position
from marginctl.core.records import Record
from marginctl.core.report import MissingCashError
from marginctl.core.rules import Requirement, Totals, Venue, most_demanding
from marginctl.core.tiers import TierTable
from marginctl.core.trade import as_cash


class Backing(Record):
    """A position with what stands behind it.

    ``equity`` is its own or the account's value, in the quote currency. ``others`` are the sums
    over the account's other cross positions, zero for an isolated one.
    """

    account: Account
    venue: Venue
    index: int  # type: ignore[assignment] # and not what a tuple has by that name
    asset: Asset
    margin_figures: MarginFigures
    equity: Fraction
    others: Totals

    @property
    def position(self) -> Position:
        """The position itself."""
        return self.account.positions[self.index]

    @property
    def notional(self) -> Fraction:
        """The position's notional, size · mark price."""
        return Fraction(self.position.notional)

    @property
    def mark(self) -> Fraction:
        """The mark price, exactly: notional / size."""
        return self.notional / Fraction(self.position.size)

    @property
    def removable_equity(self) -> Fraction:
        """The equity that removals count: with what the exchange cuts off a pool for its prices."""
        residue = 0 if self.position.isolated else Fraction(self.account.pool.residue)
        return self.equity + residue

    def amount(self, parts: Decimal) -> Fraction:
        """Return parts as an amount of the quote currency."""
        return Fraction(parts) / self.margin_figures.terms.unit

    @exactly
    def equity_for(self, price: Fraction) -> Fraction:
        """Return the equity with which liquidation is at this price, in the quote currency.

        maintenance(size · price) + others' maintenance + closing fee - side · size · (price -
        mark): the condition for liquidation, solved for the equity at the mark.
        """
        position = self.position
        at_price = Fraction(position.size) * price
        kept = maintenance_at(self.asset.table, at_price) + self.amount(self.others.maintenance)
        fee_rate = Fraction(self.venue.rules.closing_fee_rate)
        fee = fee_rate * (at_price + Fraction(self.others.notional))
        return kept + fee - position.side * (at_price - self.notional)

    @exactly
    def equity_to_outlast(self, price: Fraction) -> Fraction:
        """Return the equity with which the position is liquidated at this price.

        In portfolio margin that is more than `equity_for`: its liquidation price is the exchange's
        own, and liquidation comes before it, at the limit of the portfolio margin ratio.
        """
        equity, pool = self.equity_for(price), self.account.pool
        if self.position.isolated or not pool.borrows:
            return equity
        position = self.position
        gain = position.side * (Fraction(position.size) * price - self.notional)
        return portfolio_minimum(pool, equity + gain) - gain

    @exactly
    def kept_at_mark(self) -> Fraction:
        """Return the equity below which liquidation comes at the mark, in the quote currency.

        Maintenance as the account counts it, and the closing fee.
        """
        fee_rate = Fraction(self.venue.rules.closing_fee_rate)
        if self.position.isolated:
            return self.amount(self.margin_figures.maintenance) + fee_rate * self.notional
        assets = [self.venue.assets[held.asset] for held in self.account.positions]
        state = cross_state(self.account, assets)
        assert state is not None
        totals, pool = state.totals, self.account.pool
        kept = Fraction(totals.maintenance) / totals.unit + fee_rate * Fraction(totals.notional)
        return portfolio_minimum(pool, kept) if pool.borrows else kept

    @exactly
    def removable(self) -> tuple[Fraction, Requirement] | tuple[None, None]:
        """Return how much may be removed, exactly, and the rule that limits it.

        None, None where the venue's rules do not say.
        """
        rules = self.venue.rules
        if self.position.isolated:
            required = most_demanding(rules.limits(self.asset, self.margin_figures))
        else:
            required = most_demanding(rules.account_limits(self.totals()))
        if required is None:
            return None, None
        spare = self.removable_equity - self.amount(required.parts)
        return Fraction(0) if required.frozen else max(Fraction(0), spare), required

    def totals(self, moved: MarginFigures | None = None) -> Totals:
        """Return the sums over this cross position and the others, with other figures of it."""
        figures = self.margin_figures if moved is None else moved
        exempt = self.account.pool.is_exempt(self.position.asset)
        return together(figures, self.others, exempt=exempt)

    @exactly
    def with_change(self, change: Fraction) -> Account:
        """Return the account with margin moved in, or out below zero: see `with_moved`."""
        cash = self.account.cash
        if not self.position.isolated:
            assert cash is not None
            return self.account._replace(cash=cash + as_cash(change))
        positions = list(self.account.positions)
        positions[self.index] = with_margin(self.position, margin_of(self.position) + change)
        cash = None if cash is None else cash - as_cash(change)
        return self.account._replace(positions=tuple(positions), cash=cash)


def maintenance_at(table: TierTable, notional: Fraction) -> Fraction:
    """Return the maintenance margin of a notional: the highest of the tiers' lines."""
    return max(
        notional * tier.maintenance_margin_rate - tier.maintenance_deduction for tier in table.tiers
    )


@exactly
def standing(account: Account, venue: Venue, index: int) -> Backing:
    """Return what stands behind a position.

    Raises:
        MissingCashError: it is a cross position, and the cash is unknown.
    """
    position = account.positions[index]
    asset = venue.assets[position.asset]
    if position.isolated:
        figures = margin_figures(position, asset.table)
        assert figures.equity is not None
        unit = figures.terms.unit
        nothing = Totals(unit, Decimal(0), Decimal(0), Decimal(0))
        equity = Fraction(figures.equity) / unit
        return Backing(account, venue, index, asset, figures, equity, nothing)
    return _in_account(account, venue, index, [venue.assets[p.asset] for p in account.positions])


def _in_account(account: Account, venue: Venue, index: int, assets: Sequence[Asset]) -> Backing:
    state = cross_state(account, assets)
    if state is None:
        raise MissingCashError(account.positions[index].asset)
    position, totals = account.positions[index], state.totals
    member = next(member for member in state.members if member.position is position)
    others = without_member(totals, member)
    value = Fraction(state.value)
    return Backing(account, venue, index, assets[index], member.margin_figures, value, others)


def together(figures: MarginFigures, others: Totals, *, exempt: bool) -> Totals:
    """Return the sums over a position and the others of its account."""
    totals = others._replace(
        notional=others.notional + figures.notional,
        initial=others.initial + figures.initial,
        maintenance=others.maintenance + figures.maintenance,
        pnl=others.pnl + figures.pnl,
    )
    if not exempt:
        return totals
    return totals._replace(
        exempt_notional=others.exempt_notional + figures.notional,
        exempt_initial=others.exempt_initial + figures.initial,
    )
