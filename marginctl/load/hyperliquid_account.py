"""What Hyperliquid answers about an account: the states of its dexs, its spot state, and the metas.

Which field of a ``clearinghouseState`` means what was established on recorded responses: the
notional is exact and gives the mark; an isolated position's equity is rawUsd + signed notional;
prices, PnL and return on equity are rounded for display; the account's totals win over sums of what
is listed. What the spot state means was established on those of July to October 2026. A margin
table id that a meta does not list is the max leverage of its only tier.
Source: Hyperliquid documentation (perpetuals, meta and allPerpMetas).
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from marginctl.core.numbers import ZERO, exactly, fraction_of, quotient
from marginctl.core.pool import Pool, dex_of
from marginctl.core.position import Asset, AssetMode
from marginctl.core.tiers import TierSpec, TierTable
from marginctl.load.exchange_answer import ExchangeAnswer, nearest
from marginctl.load.inputs import (
    MAINTENANCE_STEP,
    AccountInput,
    CrossTotals,
    PositionInput,
    RecordedAccount,
    RecordedTerms,
)
from marginctl.load.other_forms import SPOT
from marginctl.load.problems import InputError, Problem, Source

MAIN_DEX = ""
COLLATERAL = {
    MAIN_DEX: 0,
    **dict.fromkeys(("xyz", "para", "mkts", "io", "abcd"), 0),
    **dict.fromkeys(("flx", "vntl", "km"), 360),
    "cash": 268,
    "hyna": 235,
}
"""The collateral token of the dexs known in October 2026; a meta's own wins."""
TOKENS = {0: "USDC", 360: "USDH", 268: "USDT0", 235: "USDE"}
"""The names of collateral tokens, by their number; the spot balances name others."""
_NUMBERS = {name: number for number, name in TOKENS.items()}

AVAILABLE = "tokenToAvailableAfterMaintenance"
TOKEN_STEP = Decimal("1e-8")
"""The step of token balances; what is printed is a binary float of it."""
_MODES = {"noCross": AssetMode.NO_CROSS, "strictIsolated": AssetMode.STRICT}
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


def collateral_token(dex: str, named: Mapping[str, str]) -> str | None:
    """Return the name of a dex's collateral token, None where it is not known.

    ``named`` are those that the account's own answers say.
    """
    token = COLLATERAL.get(dex)
    return named.get(dex, None if token is None else TOKENS[token])


ISOLATED, CROSS = "isolated", "cross"


class RecordedPosition(NamedTuple):
    """One position of a record; amounts are in the quote currency, to the micro-dollar.

    ``equity`` is that of an isolated position, None for a cross one.
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
    source: Source


class RecordedState(NamedTuple):
    """The state of one dex: its positions, and the totals of its cross account."""

    positions: tuple[RecordedPosition, ...]
    account_value: Decimal
    notional: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    withdrawable: Decimal | None


def read_record(value: Mapping[str, Any], source: Source) -> AccountInput:
    """Return the account of a record.

    Raises:
        InputError: with every problem of form, and its place.
    """
    problems: list[Problem] = []
    state = read_state(ExchangeAnswer(value, source, problems))
    if problems:
        raise InputError(problems)
    dexes = dict.fromkeys(dex_of(position.coin) for position in state.positions)
    return dex_account(state, source, *dexes)


def dex_account(state: RecordedState, source: Source, *dexes: str) -> AccountInput:
    """Return the account of dexs of a standard account; ``source`` is the whole input."""
    totals = CrossTotals(
        state.account_value,
        state.notional,
        fraction_of(state.initial_margin),
        fraction_of(state.maintenance_margin),
        MAINTENANCE_STEP,
        withdrawable=state.withdrawable,
    )
    return recorded_account(state.positions, source, totals, Pool(dexes=dexes))


def recorded_account(
    positions: Sequence[RecordedPosition], source: Source, totals: CrossTotals, pool: Pool
) -> AccountInput:
    """Return an account of recorded positions, with the exchange's totals and terms."""
    return AccountInput(
        tuple(_position_input(position) for position in positions),
        tuple(position.source for position in positions),
        source,
        recorded=RecordedAccount(
            totals,
            tuple(
                RecordedTerms(position.coin, position.max_leverage, position.mode == CROSS)
                for position in positions
            ),
            tuple(position.liquidation_price for position in positions),
            pool=pool,
        ),
    )


@exactly
def read_state(answer: ExchangeAnswer) -> RecordedState:
    """Return the state of a dex. Rows of size zero are no positions, and are passed over.

    Some records repeat an isolated position in the cross account's totals: it is taken out.
    """
    positions = []
    for row in answer.rows("assetPositions"):
        position = row.inside("position")
        if not _is_flat(position):
            positions.append(_position(position))
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


@exactly
def _position_input(position: RecordedPosition) -> PositionInput:
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


def _is_flat(position: ExchangeAnswer) -> bool:
    try:
        return Decimal(str(position.value("szi"))) == 0
    except ArithmeticError:
        return False


@exactly
def _position(answer: ExchangeAnswer) -> RecordedPosition:
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
        answer.source.naming(_NAMES),
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


class Balance(NamedTuple):
    """A token's row of the spot state: amounts in the token; ``available`` after maintenance.

    ``hold`` is None where it is not given.
    """

    token: int
    coin: str
    total: Decimal
    hold: Decimal | None
    spot_hold: Decimal | None
    borrowed: Decimal
    available: Decimal | None


class SpotState(NamedTuple):
    """The balances of an account by their token's number, and the ratio of portfolio margin."""

    balances: Mapping[int, Balance]
    has_available: bool
    portfolio_margin: bool
    portfolio_ratio: Decimal | None


def read_spot(answer: ExchangeAnswer) -> SpotState | None:
    """Return the spot state beside an account's other answers, None where it is not given."""
    key = next((key for key in SPOT if answer.has(key)), None)
    if key is None:
        return None
    spot = answer.inside(key)
    # entries of subAccounts2 have it beside the spot state
    source = spot if spot.has(AVAILABLE) else answer
    available = {
        int(token): nearest(amount, TOKEN_STEP) for token, amount in source.number_pairs(AVAILABLE)
    }
    balances = {}
    for row in spot.rows("balances"):
        token = _token(row)
        if token is None:
            continue  # a share in an outcome, which is no collateral
        balances[token] = Balance(
            token,
            row.text("coin"),
            nearest(row.number("total"), TOKEN_STEP),
            _maybe_amount(row, "hold"),
            _maybe_amount(row, "spotHold"),
            _maybe_amount(row, "borrowed") or ZERO,
            available.get(token),
        )
    for token, amount in available.items():
        if token not in balances:
            balances[token] = Balance(token, "", ZERO, None, None, ZERO, amount)
    return SpotState(
        balances,
        source.has(AVAILABLE),
        spot.value("portfolioMarginEnabled") is True,
        spot.maybe_number("portfolioMarginRatio"),
    )


def _maybe_amount(row: ExchangeAnswer, key: str) -> Decimal | None:
    """Return an amount of a row's token to its step, None where it is not given."""
    return nearest(row.number(key), TOKEN_STEP) if row.has(key) else None


def _token(row: ExchangeAnswer) -> int | None:
    """Return the number of a row's token; some programs keep only its name."""
    if row.has("token"):
        return int(row.number("token"))
    return _NUMBERS.get(str(row.value("coin")))


class Metas(NamedTuple):
    """Collateral tokens by dex, by their number, and assets by name."""

    tokens: Mapping[str, int]
    assets: Mapping[str, Asset]


def read_metas(answer: ExchangeAnswer) -> Metas:
    """Return what ``allPerpMetas`` or ``meta`` of an account file say; neither need be there."""
    tokens: dict[str, int] = {}
    assets: dict[str, Asset] = {}
    for meta in _metas(answer):
        tables = _tables(meta)
        found = [_asset(coin, tables) for coin in meta.rows("universe")]
        assets |= {asset.name: asset for asset in found if asset.name}
        if found and meta.has("collateralToken"):
            tokens[dex_of(found[0].name)] = int(meta.number("collateralToken"))
    return Metas(tokens, assets)


def _metas(answer: ExchangeAnswer) -> Iterator[ExchangeAnswer]:
    if answer.has("allPerpMetas"):
        yield from answer.rows("allPerpMetas")
    if answer.has("meta"):
        yield answer.inside("meta")


def _tables(meta: ExchangeAnswer) -> dict[Decimal, TierTable]:
    tables = {}
    for number, table in meta.pairs("marginTables"):
        specs = [
            TierSpec(tier.number("lowerBound"), max(Decimal(1), tier.number("maxLeverage")))
            for tier in table.rows("marginTiers")
        ]
        if specs:
            tables[number] = TierTable.build(specs)
    return tables


def _asset(coin: ExchangeAnswer, tables: Mapping[Decimal, TierTable]) -> Asset:
    table = tables.get(coin.number("marginTableId")) if coin.has("marginTableId") else None
    if table is None:
        table = TierTable.build([TierSpec(ZERO, max(Decimal(1), coin.number("maxLeverage")))])
    mode = _MODES.get(str(coin.value("marginMode")), AssetMode.NORMAL)
    if mode is AssetMode.NORMAL and coin.value("onlyIsolated") is True:
        mode = AssetMode.STRICT
    decimals = int(coin.number("szDecimals")) if coin.has("szDecimals") else None
    return Asset(coin.text("name"), table, mode, decimals, coin.value("isDelisted") is True)
