"""From the positions of an account to their reports."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from marginctl.core.account import (
    ONE_TO_ONE,
    Account,
    Betas,
    CrossState,
    MissingCashError,
    available_in,
    cross_state,
)
from marginctl.core.figures import margin_figures
from marginctl.core.liquidation import threshold_prices
from marginctl.core.notices import Notes
from marginctl.core.numbers import (
    ZERO,
    beyond_digits,
    exact_number,
    exactly,
    quotient,
    quotient_down,
)
from marginctl.core.pool import ORDER_HOLD, is_liquidated, portfolio_ratio
from marginctl.core.position import Asset, Position
from marginctl.core.report import (
    AccountReport,
    CrossReport,
    Exempt,
    PositionReport,
)
from marginctl.core.rules import UNLIMITED, Requirement, Venue, most_demanding

if TYPE_CHECKING:
    from marginctl.core.backing import Backing


class UncoveredNotionalError(ValueError):
    """A position's notional lies above the upper bound of its tier table."""

    def __init__(self, position: Position, upper_bound: Decimal) -> None:
        super().__init__(position.asset, position.notional, upper_bound)
        self.position = position
        self.upper_bound = upper_bound


class Asked(NamedTuple):
    """What of an isolated position's report is asked for: the rest of it is None, and not computed.

    ``margin_ratio``, ``ratios``, ``requirements``, ``margins``, ``thresholds`` and ``transfers``
    are the figures of `_PARTS`; ``unreported`` are the codes of the notices that are left out.
    """

    margin_ratio: bool = True
    ratios: bool = True
    requirements: bool = True
    margins: bool = True
    thresholds: bool = True
    transfers: bool = True
    unreported: frozenset[str] = frozenset()


EVERYTHING = Asked()
_PARTS = {
    "margin_ratio": {"margin_ratio"},  # what is most often watched
    "ratios": {"return_on_equity", "effective_leverage", "margin_rate"},
    "requirements": {"initial_margin", "maintenance_margin"},
    "margins": {"margin", "equity"},
    "thresholds": {"backstop_price", "bankruptcy_price"},
    "transfers": {
        "transfer_margin_required",
        "max_removable",
        "max_addable",
        "binding_limit",
        "addition_limit",
        "shortfall",
    },
}
"""The figures that are computed together, by the part of `Asked`; the others always are."""


def asked_for(fields: Iterable[str], unreported: frozenset[str]) -> Asked:
    """Return what has to be computed for the fields of these names."""
    wanted = set(fields)
    parts = {part: not wanted.isdisjoint(names) for part, names in _PARTS.items()}
    return Asked(**parts, unreported=unreported)


@exactly
def evaluate(account: Account, venue: Venue, betas: Betas = ONE_TO_ONE) -> AccountReport:
    """Return the figures of every position of an account, and of its cross account.

    ``betas`` say how far each asset moves in the common move that liquidates the account.

    Raises:
        KeyError: the venue does not know an asset.
        UncoveredNotionalError: a notional lies above the end of its table.
        MissingCashError: there is a cross position, and no cash or no cross margin on this venue.
        TypeError: an amount or a beta is a float, a boolean or a text, a side or a mode is none.
    """
    _check_kinds(account, betas)
    return reports_of(account, venue, betas)


@exactly
def reports_of(
    account: Account, venue: Venue, betas: Betas = ONE_TO_ONE, asked: Asked = EVERYTHING
) -> AccountReport:
    """Return what `evaluate` does of an account whose values are known to be of the right kinds.

    ``asked`` is which figures of isolated positions are needed.

    Raises:
        KeyError, UncoveredNotionalError, MissingCashError: as `evaluate`.
    """
    positions, cash = account.positions, account.cash
    pairs = []
    for position in positions:
        asset = venue.assets[position.asset]
        end = asset.table.upper_bound
        if end is not None and position.notional > end:
            raise UncoveredNotionalError(position, end)
        pairs.append((position, asset))
    notes = Notes(venue, asked.unreported)
    cross = None
    available = cash
    if cash is not None and venue.rules.has_cross:
        from marginctl.core.backing import shared_backings  # isolated positions do without it

        state = cross_state(account, [asset for _, asset in pairs])
        assert state is not None
        cross = _cross(state, venue, account, betas, notes)
        available = _givable(cross, account)
        shared = shared_backings(account, venue, state)
    reports = []
    for notes.place, (position, asset) in enumerate(pairs):
        if position.isolated:
            report = _isolated(position, asset, venue, available, notes, asked)
        elif cross is None:
            raise MissingCashError(position.asset)
        else:
            report = _crossed(next(shared), asset, notes, liquidatable=cross.liquidatable)
        reports.append(report)
    return AccountReport(tuple(reports), cross, tuple(notes.taken))


def _check_kinds(account: Account, betas: Betas) -> None:
    """Refuse what would be computed with silently and wrongly, or not be understood half-way."""
    for name, amount in (("cash", account.cash), ("maintenance_step", account.maintenance_step)):
        if amount is not None and type(amount) is not Decimal:
            exact_number(amount, name)
    if type(account.order_margin) is not Decimal:
        exact_number(account.order_margin, "order_margin")
    for position in account.positions:
        position.check_kinds()
    for name, beta in betas.items():
        exact_number(beta, f"betas[{name!r}]")


def _givable(cross: CrossReport, account: Account) -> Decimal | None:
    """Return what the account can give to an isolated position: in portfolio margin, on credit."""
    return max(ZERO, cross.available) if account.pool.borrows else cross.max_removable


_TransferLimit = tuple[Decimal | None, Decimal | None, str | None, Decimal | None]
"""What must stay after a removal, what may go, the rule that asks for it, and what is missing."""
_UNKNOWN: _TransferLimit = (None, None, None, None)


def _transfer_limit(
    limits: Sequence[Requirement], equity: Decimal, unit: Decimal | int
) -> _TransferLimit:
    """Return what limits on removals come to for an equity in parts; amounts in quote currency.

    max_removable = max(0, equity - the highest limit), rounded down, 0 where nothing may go;
    shortfall = max(0, the highest limit - equity).
    """
    binding = most_demanding(limits)
    if binding is None:
        return _UNKNOWN
    name, parts, frozen = binding
    spare = equity - parts
    required = quotient(parts, unit)
    if spare < ZERO:
        return required, ZERO, name, quotient(-spare, unit)
    return required, quotient_down(spare, unit) if spare and not frozen else ZERO, name, ZERO


def _isolated(
    position: Position,
    asset: Asset,
    venue: Venue,
    available: Decimal | None,
    notes: Notes,
    asked: Asked,
) -> PositionReport:
    """Return the figures of a position with margin of its own; ``available`` is the account's."""
    rules = venue.rules
    margin_ratio, ratios, requirements, margins, thresholds, transfers, _ = asked
    name, side, size, entry, mark, chosen_leverage, _, _, mode, _, _, _ = position
    figures = margin_figures(position, asset.table)
    terms, scaled_tier, notional, cost, pnl, initial, maintenance, parts, equity = figures
    assert parts is not None
    assert equity is not None
    unit = terms.decimal_unit
    closing_fee, kept = ZERO, maintenance
    if rules.closing_fee_rate:
        closing_fee = rules.closing_fee_rate * notional
        kept += closing_fee * unit
    liquidatable = rules.liquidates(equity, kept)
    prices = threshold_prices(position, figures, equity, ZERO, rules, beyond_liquidation=thresholds)
    liquidation, distance, liquidation_tier, backstop, bankruptcy, _ = prices
    required, removable, limit, shortfall = _UNKNOWN
    addable, addition_limit = UNLIMITED
    if transfers:
        limits = rules.limits(asset, figures)
        required, removable, limit, shortfall = _transfer_limit(limits, equity, unit)
        addable, addition_limit = rules.may_add(figures, equity, available)
    margin = worth = exact_margin = None
    if margins:
        margin, worth = quotient(parts, unit), quotient(equity, unit)
        exact_margin = beyond_digits(margin, parts, terms.unit)
    initial_margin = maintenance_margin = None
    if requirements:
        initial_margin, maintenance_margin = quotient(initial, unit), quotient(maintenance, unit)
    return_on_equity = leverage = ratio = rate = None
    if ratios:
        return_on_equity = quotient(pnl * chosen_leverage, cost)
        rate = quotient(equity, kept)
        if equity > ZERO:
            leverage = quotient(notional * unit, equity)
    if margin_ratio and equity > ZERO:
        ratio = quotient(maintenance, equity)
    notes.about_position(position, asset, figures, prices, equity, liquidatable)
    notes.about_own_margin(position, figures, equity, limit, available)
    # by place: most positions of a stream are isolated, and names take three times as long
    return PositionReport._make(
        (
            name,
            side,
            size,
            entry,
            mark,
            chosen_leverage,
            mode,
            notional,
            pnl,
            return_on_equity,
            margin,
            worth,
            leverage,
            ratio,
            scaled_tier.report,
            initial_margin,
            maintenance_margin,
            closing_fee,
            rate,
            liquidatable,
            liquidation,
            distance,
            None if liquidation_tier is None else liquidation_tier.report,
            backstop,
            bankruptcy,
            required,
            removable,
            rules.removal_is_exclusive,
            None if addable is None else quotient_down(addable, unit),
            limit,
            addition_limit,
            shortfall,
            exact_margin,
            None,  # break_even_price
            None,  # portfolio_liquidation_price
        )
    )


def _crossed(
    backing: "Backing", asset: Asset, notes: Notes, *, liquidatable: bool
) -> PositionReport:
    """Return the figures of a position that shares the account's margin.

    Margin, equity and transfer limits are the account's, so it has none; it is ``liquidatable``
    where the account is.
    """
    position, figures, others = backing.position, backing.margin_figures, backing.others
    rules, unit, equity = backing.venue.rules, figures.terms.unit, backing.equity
    other_fees = rules.closing_fee_rate * others.notional * unit
    prices = threshold_prices(position, figures, equity, others.maintenance, rules, other_fees)
    notes.about_position(position, asset, figures, prices, equity, liquidatable)
    notes.about_shared_margin(position)
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
        margin=None,
        equity=None,
        effective_leverage=None,
        margin_ratio=None,
        tier=figures.scaled_tier.report,
        initial_margin=quotient(figures.initial, unit),
        maintenance_margin=quotient(figures.maintenance, unit),
        closing_fee=rules.closing_fee_rate * figures.notional,
        margin_rate=None,
        liquidatable=liquidatable,
        liquidation_price=prices.liquidation,
        liquidation_distance=prices.distance,
        liquidation_tier=None if prices.scaled_tier is None else prices.scaled_tier.report,
        backstop_price=prices.backstop,
        bankruptcy_price=prices.bankruptcy,
        transfer_margin_required=None,
        max_removable=None,
        max_removable_exclusive=rules.removal_is_exclusive,
        max_addable=None,
        binding_limit=None,
        addition_limit=None,
        shortfall=None,
        portfolio_liquidation_price=_portfolio_price(backing),
    )


def _portfolio_price(backing: "Backing") -> Decimal | None:
    if not backing.pool.borrows:
        return None
    from marginctl.core.crossings import portfolio_price

    return portfolio_price(backing)


def _cross(
    state: CrossState, venue: Venue, account: Account, betas: Betas, notes: Notes
) -> CrossReport:
    from marginctl.core.crossings import liquidating_move, portfolio_liquidating_move

    totals, unit, pool = state.totals, state.totals.unit, account.pool
    value = state.value * unit
    whole_value = value + pool.residue * unit
    rules = venue.rules
    limits = rules.account_limits(totals)
    required, removable, limit, shortfall = _transfer_limit(limits, whole_value, unit)
    closing_fee = rules.closing_fee_rate * totals.notional
    kept = totals.maintenance + closing_fee * unit
    liquidatable = is_liquidated(pool, rules, value, kept, unit)
    # an excerpt lists only some of the positions that a common move would move
    move = (
        None if account.excerpt else liquidating_move(state, betas, fee_rate=rules.closing_fee_rate)
    )
    portfolio_move = None
    if pool.borrows and move is not None:
        portfolio_move = portfolio_liquidating_move(state, betas, fee_rate=rules.closing_fee_rate)
    notes.about_account(value, move, liquidatable, bool(state.members))
    orders = account.order_margin - pool.unusable
    return CrossReport(
        account_mode=pool.mode,
        token=pool.token,
        dexes=pool.dexes,
        account_value=state.value,
        notional=totals.notional,
        initial_margin=quotient(totals.initial, unit),
        maintenance_margin=quotient(totals.maintenance, unit),
        closing_fee=closing_fee,
        margin_ratio=quotient(totals.maintenance, whole_value) if whole_value > 0 else None,
        portfolio_margin_ratio=portfolio_ratio(pool, value, totals.maintenance, unit)
        if pool.borrows
        else None,
        liquidatable=liquidatable,
        available=quotient(available_in(state, rules), unit),
        order_margin=quotient(orders, ORDER_HOLD) if pool.shared else orders,
        transfer_margin_required=required,
        max_removable=removable,
        binding_limit=limit,
        shortfall=shortfall,
        liquidating_move=move,
        portfolio_liquidating_move=portfolio_move,
        maintenance_step=account.maintenance_step,
        exact={
            name: exact
            for name, parts in (
                ("initial_margin", totals.initial),
                ("maintenance_margin", totals.maintenance),
                ("exempt_initial_margin", totals.exempt_initial),
            )
            if (exact := beyond_digits(quotient(parts, unit), parts, unit)) is not None
        },
        pool=pool,
        held_back=account.order_margin,
        exempt=Exempt(totals.exempt_notional, quotient(totals.exempt_initial, unit)),
    )
