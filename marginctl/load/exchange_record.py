"""Hyperliquid's ``clearinghouseState``, as the exchange returns it, read key by key.

Which field means what was established on recorded responses: the notional is exact and gives the
mark; an isolated position's equity is rawUsd + signed notional; prices, PnL and return on equity
are rounded for display; the account's totals win over sums of what is listed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple, TypeVar

from marginctl.core.numbers import ZERO, exactly, fraction_of, quotient
from marginctl.core.pool import Pool, dex_of
from marginctl.load.inputs import (
    MAINTENANCE_STEP,
    AccountInput,
    CrossTotals,
    PositionInput,
    RecordedTerms,
)
from marginctl.load.json_text import filled_text, number
from marginctl.load.problems import InputError, Place, Problem, stop_at_most
from marginctl.load.sources import Source

T = TypeVar("T")

_PAIR = 2
DOLLAR_STEP = Decimal("0.000001")
"""The exchange holds amounts in whole micro-dollars; what it prints is a binary float of one."""


_MISSING = object()


class Answer:
    """A mapping inside an exchange's answer. Problems are collected, each with its place.

    What is missing, or no mapping, is told once, and not for every key that would stand in it.
    """

    def __init__(self, value: Any, source: Source, problems: list[Problem]) -> None:
        self._source = source
        self.problems = problems
        self._value: Mapping[str, Any] = {}
        self._lost = value is _MISSING
        if isinstance(value, Mapping):
            self._value = value
        elif not self._lost:
            self.wrong("expected a mapping of keys to values")
            self._lost = True

    def has(self, key: str) -> bool:
        """Whether there is something under a key."""
        return self._value.get(key) is not None

    def place(self, *keys: str | int) -> Place:
        """Return the place of a key, or of this mapping."""
        return self._source.place(*keys)

    def wrong(self, message: str, *keys: str | int, hint: str | None = None) -> None:
        """Collect a problem of a key, or of this mapping."""
        self.problems.append(Problem(message, hint, self.place(*keys)))

    def number(self, key: str) -> Decimal:
        """Return the number of a key; one that cannot be read is collected, and zero here."""
        return self._read(key, number) or Decimal(0)

    def maybe_number(self, key: str) -> Decimal | None:
        """Return the number of a key, None where there is none."""
        return self.number(key) if self.has(key) else None

    def dollars(self, key: str) -> Decimal:
        """Return an amount of a key to its micro-dollar."""
        return micro_dollars(self.number(key))

    def maybe_dollars(self, key: str) -> Decimal | None:
        """Return an amount of a key to its micro-dollar, None where there is none."""
        return self.dollars(key) if self.has(key) else None

    def text(self, key: str) -> str:
        """Return the text of a key; one that cannot be read is collected, and empty here."""
        return self._read(key, filled_text) or ""

    def inside(self, key: str) -> "Answer":
        """Return the mapping under a key."""
        if key not in self._value:
            self._miss(key)
            return Answer(_MISSING, self._source, self.problems)
        return Answer(self._value[key], self._source.inside(key), self.problems)

    def rows(self, key: str) -> Iterator["Answer"]:
        """Yield the mappings of the list under a key."""
        rows = self._value.get(key)
        if key not in self._value:
            self._miss(key)
        elif not isinstance(rows, list):
            self.wrong("expected a list", key)
        else:
            for index, row in enumerate(rows):
                stop_at_most(self.problems, len(rows) - index, partial(self.place, key, index))
                yield Answer(row, self._source.inside(key, index), self.problems)

    def named_pairs(self, key: str) -> Iterator[tuple[str, "Answer"]]:
        """Yield the names and mappings of the list of pairs under a key."""
        for index, (name, value) in self._pairs(key):
            inside = Answer(value, self._source.inside(key, index, 1), self.problems)
            if isinstance(name, str):
                yield name, inside
            else:
                self.wrong("expected a name", key, index, 0)

    def pairs(self, key: str) -> Iterator[tuple[Decimal, "Answer"]]:
        """Yield the numbers and mappings of the list of pairs under a key, if it is there."""
        for index, (name, value) in self._pairs(key):
            inside = Answer(value, self._source.inside(key, index, 1), self.problems)
            try:
                yield number(name), inside
            except ValueError as error:
                self.wrong(str(error), key, index, 0)

    def number_pairs(self, key: str) -> Iterator[tuple[Decimal, Decimal]]:
        """Yield the numbers of the list of pairs under a key, if it is there."""
        for index, pair in self._pairs(key):
            try:
                yield number(pair[0]), number(pair[1])
            except ValueError as error:
                self.wrong(str(error), key, index)

    def _pairs(self, key: str) -> Iterator[tuple[int, Sequence[Any]]]:
        pairs = self._value.get(key)
        if pairs is None:
            return
        if not isinstance(pairs, list):
            self.wrong("expected a list of pairs", key)
            return
        for index, pair in enumerate(pairs):
            if isinstance(pair, list) and len(pair) == _PAIR:
                yield index, pair
            else:
                self.wrong("expected a pair", key, index)

    def value(self, key: str) -> Any:
        """Return what is under a key as it is, None where nothing is."""
        return self._value.get(key)

    def _read(self, key: str, read: Callable[[Any], T]) -> T | None:
        if key not in self._value:
            self._miss(key)
            return None
        try:
            return read(self._value[key])
        except ValueError as error:
            self.wrong(str(error), key)
            return None

    def _miss(self, key: str) -> None:
        if not self._lost:
            self.wrong(f"the key {key!r} is missing")


def micro_dollars(amount: Decimal) -> Decimal:
    """Return an amount to the nearest micro-dollar: "253780.8200000002" is 253,780.82."""
    return round(Fraction(amount) / Fraction(DOLLAR_STEP)) * DOLLAR_STEP


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


def read_record(value: Mapping[str, Any], origin: Source) -> AccountInput:
    """Return the account of a record.

    Raises:
        InputError: with every problem of form, and its place.
    """
    problems: list[Problem] = []
    state = read_state(Answer(value, origin, problems))
    if problems:
        raise InputError(problems)
    dexes = dict.fromkeys(dex_of(position.coin) for position in state.positions)
    return dex_account(state, origin, (), *dexes)


def dex_account(
    state: RecordedState, origin: Source, path: tuple[str | int, ...], *dexes: str
) -> AccountInput:
    """Return the account of a dex of a standard account; ``path`` leads to its state."""
    return AccountInput(
        tuple(draft_of_recorded(position) for position in state.positions),
        tuple(recorded_source(origin, path, position.row) for position in state.positions),
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
def draft_of_recorded(position: RecordedPosition) -> PositionInput:
    """Return a position as the other readers give it."""
    short = position.signed_size < 0
    size, notional = abs(position.signed_size), position.notional
    signed_pnl = -position.unrealized_pnl if short else position.unrealized_pnl
    return PositionInput(
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


_NAMES = {
    "asset": ("coin",),
    "size": ("szi",),
    "entry_price": ("entryPx",),
    "mark_price": ("positionValue",),
    "leverage": ("leverage", "value"),
    "margin_mode": ("leverage", "type"),
    "equity": ("leverage", "rawUsd"),
    # the record has neither: the position as a whole is the place
    "side": (),
    "margin": (),
}


def recorded_source(origin: Source, state: tuple[str | int, ...], row: int) -> Source:
    """Return a row of a state as the source of a position, with the exchange's names."""
    return origin.inside(*state, "assetPositions", row, "position").naming(_NAMES)


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
        answer.wrong("a notional must be above zero", "positionValue")
    if mode == ISOLATED and raw is None:
        message = "an isolated position's rawUsd is missing, so its equity is unknown"
        answer.wrong(message, "leverage", "type")
    highest = answer.number("maxLeverage")
    if highest < 1 and answer.has("maxLeverage"):
        answer.wrong("a max leverage must be at least 1", "maxLeverage")
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
