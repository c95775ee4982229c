"""Hyperliquid's ``clearinghouseState``, as the exchange returns it.

Which field means what was established on recorded responses: the notional is exact and gives the
mark; an isolated position's equity is rawUsd + signed notional; prices, PnL and return on equity
are rounded for display; the account's totals win over sums of what is listed.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from marginctl.core.numbers import ZERO, exactly, fraction_of, quotient
from marginctl.core.pool import Pool, dex_of
from marginctl.load.account_drafts import (
    MAINTENANCE_STEP,
    AccountDraft,
    CrossTotals,
    JsonOrigin,
    RecordedTerms,
)
from marginctl.load.drafts import Draft
from marginctl.load.exchange_answer import Answer
from marginctl.load.problems import InputError, Place, Problem

ISOLATED, CROSS = "isolated", "cross"


class RecordedPosition(NamedTuple):
    """One position of a record; amounts are in the quote currency, to the micro-dollar.

    ``equity`` is that of an isolated position, None for a cross one. ``row`` is the place
    of its row in the record.
    """

    coin: str
    signed_size: Decimal
    leverage: Decimal
    mode: str
    equity: Decimal | None
    entry_price: Decimal
    notional: Decimal
    unrealized_pnl: Decimal
    max_leverage: Decimal
    liquidation_price: Decimal | None
    row: int


class RecordedState(NamedTuple):
    """The state of one dex: its positions, and the totals of its cross account."""

    positions: tuple[RecordedPosition, ...]
    account_value: Decimal
    notional: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    withdrawable: Decimal | None


def read_record(value: Mapping[str, Any], origin: JsonOrigin) -> AccountDraft:
    """Return the account of a record.

    Raises:
        InputError: with every problem of form, and its place.
    """
    problems: list[Problem] = []
    state = read_state(Answer(value, origin, (), problems))
    if problems:
        raise InputError(problems)
    dexes = dict.fromkeys(dex_of(position.coin) for position in state.positions)
    return dex_account(state, origin, (), *dexes)


def dex_account(
    state: RecordedState, origin: JsonOrigin, path: tuple[str | int, ...], *dexes: str
) -> AccountDraft:
    """Return the account of a dex of a standard account; ``path`` leads to its state."""
    return AccountDraft(
        tuple(draft_of_recorded(position) for position in state.positions),
        tuple(RecordedOrigin(origin, path, position.row) for position in state.positions),
        origin,
        totals=CrossTotals(
            state.account_value,
            state.notional,
            fraction_of(state.initial_margin),
            fraction_of(state.maintenance_margin),
            MAINTENANCE_STEP,
            withdrawable=state.withdrawable,
        ),
        terms=tuple(terms_of(position) for position in state.positions),
        recorded_prices=tuple(position.liquidation_price for position in state.positions),
        pool=Pool(dexes=dexes),
    )


@exactly
def read_state(answer: Answer) -> RecordedState:
    """Return the state of a dex. Rows of size zero are no positions, and are passed over.

    Some records repeat an isolated position in the cross account's totals: it is taken out.
    """
    positions = []
    for index, row in enumerate(answer.rows("assetPositions")):
        position = row.inside("position")
        if not _is_flat(position):
            positions.append(_position(position, index))
    summary = answer.inside("crossMarginSummary")
    state = RecordedState(
        tuple(positions),
        summary.dollars("accountValue"),
        summary.dollars("totalNtlPos"),
        summary.dollars("totalMarginUsed"),
        answer.dollars("crossMaintenanceMarginUsed"),
        answer.maybe_dollars("withdrawable"),
    )
    return _without_isolated(state)


def terms_of(position: RecordedPosition) -> RecordedTerms:
    """Return how the exchange margins the asset of a position."""
    return RecordedTerms(position.coin, position.max_leverage, position.mode == CROSS)


@exactly
def draft_of_recorded(position: RecordedPosition) -> Draft:
    """Return a position as the other readers give it."""
    short = position.signed_size < 0
    size, notional = abs(position.signed_size), position.notional
    signed_pnl = -position.unrealized_pnl if short else position.unrealized_pnl
    return Draft(
        asset=position.coin,
        side="short" if short else "long",
        size=size,
        entry_price=position.entry_price,
        mark_price=quotient(notional, size),
        leverage=position.leverage,
        margin_mode=position.mode,
        equity=position.equity,
        notional=notional,
        # the recorded PnL has more digits than the recorded entry price
        cost=notional - signed_pnl if signed_pnl < notional else None,
    )


class RecordedOrigin:
    """A position of the record, with the exchange's names for its fields."""

    _NAMES: Mapping[str | None, tuple[str, ...]] = {
        "asset": ("coin",),
        "size": ("szi",),
        "entry_price": ("entryPx",),
        "mark_price": ("positionValue",),
        "leverage": ("leverage", "value"),
        "margin_mode": ("leverage", "type"),
        "equity": ("leverage", "rawUsd"),
    }

    def __init__(self, origin: JsonOrigin, state: tuple[str | int, ...], index: int) -> None:
        self._origin = origin
        self._path = (*state, "assetPositions", index, "position")

    def label(self, field: str) -> str:
        """Return the exchange's name of a field."""
        return ".".join(self._NAMES.get(field, (field,)))

    def place(self, field: str | None = None) -> Place:
        """Return the place of a field, or of the whole position."""
        return self._origin.at((*self._path, *self._NAMES.get(field, ())))


def _is_flat(position: Answer) -> bool:
    try:
        return Decimal(str(position.value("szi"))) == 0
    except ArithmeticError:
        return False


@exactly
def _position(answer: Answer, index: int) -> RecordedPosition:
    leverage = answer.inside("leverage")
    mode = leverage.text("type")
    if mode not in {CROSS, ISOLATED, ""}:
        leverage.wrong(f"{mode[:40]!r} is not one of 'cross' or 'isolated'", "type")
    size, notional = answer.number("szi"), answer.dollars("positionValue")
    raw = leverage.maybe_dollars("rawUsd")
    if notional <= 0 and answer.has("positionValue"):
        answer.wrong("a notional is above zero", "positionValue")
    if mode == ISOLATED and raw is None:
        message = "an isolated position's rawUsd is missing, so its equity is unknown"
        answer.wrong(message, "leverage", "type")
    highest = answer.number("maxLeverage")
    if highest < 1 and answer.has("maxLeverage"):
        answer.wrong("a max leverage is at least 1", "maxLeverage")
    signed = -notional if size < 0 else notional
    return RecordedPosition(
        answer.text("coin"),
        size,
        leverage.number("value"),
        mode,
        None if raw is None or mode != ISOLATED else raw + signed,
        answer.number("entryPx"),
        notional,
        answer.dollars("unrealizedPnl"),
        highest,
        answer.maybe_number("liquidationPx"),
        index,
    )


def _without_isolated(state: RecordedState) -> RecordedState:
    """Take isolated positions out of cross totals that repeat them.

    So it is where the totals hold just the isolated notionals beyond the cross ones.
    """
    isolated = [position for position in state.positions if position.equity is not None]
    cross_notional = sum((p.notional for p in state.positions if p.equity is None), ZERO)
    isolated_notional = sum((position.notional for position in isolated), ZERO)
    if not isolated or state.notional != cross_notional + isolated_notional:
        return state
    equity = sum((position.equity or ZERO for position in isolated), ZERO)
    return state._replace(
        account_value=state.account_value - equity,
        notional=cross_notional,
        initial_margin=state.initial_margin - equity,
    )
