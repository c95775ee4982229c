"""An account as several of the exchange's answers give it: its mode, its spot state, its dexs.

An account file is keyed by request type; ``webData2`` and the entries of ``subAccounts2`` hold the
same under other names. In a standard account each dex is an account of its own. In a unified
account and in portfolio margin the spot state holds the collateral, one pool for each collateral
token, and what a dex says of its own account value is a figure of a sub-ledger: it is not used.
Formulas: established on recorded responses of July to October 2026.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NamedTuple

from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO, exactly, finite, fraction_of
from marginctl.core.pool import AccountMode, Pool, dex_of, portfolio_ratio
from marginctl.load.exchange_record import (
    Answer,
    RecordedState,
    dex_account,
    draft_of_recorded,
    read_state,
    recorded_source,
    terms_of,
)
from marginctl.load.forms import MODE, SPOT, STATE_KEYS, STATES
from marginctl.load.inputs import (
    MAINTENANCE_STEP,
    AccountInput,
    CrossTotals,
)
from marginctl.load.meta_assets import Metas, read_metas
from marginctl.load.problems import InputError
from marginctl.load.sources import Source
from marginctl.load.spot_state import AVAILABLE, TOKEN_STEP, TOKENS, Balance, SpotState, read_spot

MAIN_DEX = ""
COLLATERAL = {
    MAIN_DEX: 0,
    **dict.fromkeys(("xyz", "para", "mkts", "io", "abcd"), 0),
    **dict.fromkeys(("flx", "vntl", "km"), 360),
    "cash": 268,
    "hyna": 235,
}
"""The collateral token of the dexs known in October 2026; a meta's own wins."""

_METAS = ("allPerpMetas", "meta")
_KEYS = (*STATES, *SPOT, *MODE, *_METAS)
_MISSPELLED = 0.85
"""How alike two keys are of which one is likely meant for the other."""
_MODES = {
    "unifiedAccount": AccountMode.UNIFIED,
    "portfolioMargin": AccountMode.PORTFOLIO_MARGIN,
    "disabled": AccountMode.STANDARD,
    "default": AccountMode.STANDARD,
}
_SAME_MOMENT = 2 * TOKEN_STEP
"""By how much figures of one moment may differ: two floats were rounded to their step."""
_ORDERS_FROM = Decimal("0.00001")
"""What is held beyond the positions' margin, above what rounding alone leaves."""
_RATIO_DIGITS = Decimal("1e-10")
"""The digits to which the exchange prints the portfolio margin ratio."""


class DexState(NamedTuple):
    """The state of one dex and where it stands in the file."""

    dex: str
    state: RecordedState
    path: tuple[str | int, ...]


def collateral_token(dex: str, named: Mapping[str, str]) -> str | None:
    """Return the name of a dex's collateral token, None where it is not known.

    ``named`` are those that the account's own answers say.
    """
    token = COLLATERAL.get(dex)
    return named.get(dex, None if token is None else TOKENS[token])


def read_account_file(value: Mapping[str, Any], origin: Source) -> list[AccountInput]:
    """Return the accounts of an account file: one a pool, or of a standard account one a dex.

    Raises:
        InputError: with every problem of form, and its place; or the mode is a discontinued one.
    """
    answer = Answer(value, origin, [])
    _check_keys(answer, value)
    mode = _mode(answer)
    metas = read_metas(answer)
    states = _states(answer, value)
    spot = read_spot(answer)
    if answer.problems or states is None:
        raise InputError(answer.problems)
    notices: list[Notice] = []
    given = mode
    if mode is None:
        mode = _inferred(spot)
        if mode is not AccountMode.STANDARD:
            message = (
                "the account's mode is not given: "
                f"{_MODE_WORDS[mode]} is assumed, from its spot state"
            )
            notices.append(Notice("account_mode", None, message))
    if mode is AccountMode.STANDARD:
        if not states:
            _refuse_stateless(answer, known=given is not None)
        used = _used(states)
        account_input = [dex_account(one.state, origin, one.path, one.dex) for one in used]
        if not _in_use(used[0].state):
            notices.append(_nothing_there(spot))
    else:
        if spot is None:
            answer.wrong(
                f"{_MODE_WORDS[mode]} keeps its collateral in the spot state, which is missing",
                hint="add spotClearinghouseState; marginctl fetch account prints all of it",
            )
            raise InputError(answer.problems)
        account_input = _pools(mode, states, spot, metas, answer, origin)
    if answer.problems:
        raise InputError(answer.problems)
    names = _token_names(spot)
    collateral = {
        dex: names.get(token, f"token {token}")
        for dex, token in {**COLLATERAL, **metas.tokens}.items()
    }
    return [
        account._replace(
            notices=(*notices, *account.notices),
            assets=tuple(metas.assets.values()),
            collateral=collateral,
            account_file=origin.place(),
        )
        for account in account_input
    ]


_MODE_WORDS = {
    AccountMode.STANDARD: "a standard account",
    AccountMode.UNIFIED: "a unified account",
    AccountMode.PORTFOLIO_MARGIN: "portfolio margin",
}


def _check_keys(answer: Answer, value: Mapping[str, Any]) -> None:
    """Find keys that are misspelled; others belong to answers that hold more than is needed."""
    known = {key.casefold(): key for key in _KEYS}
    for key in value:
        if key not in _KEYS and not key.startswith("_"):
            meant = get_close_matches(key.casefold(), known, 1, _MISSPELLED)
            if meant and known[meant[0]] not in value:
                answer.wrong(f"unknown key {key!r}", key, hint=f"did you mean {known[meant[0]]!r}?")


def _mode(answer: Answer) -> AccountMode | None:
    """Return the mode that the answers give, None where they give none."""
    for key in MODE:
        if not answer.has(key):
            continue
        word = answer.text(key)
        if word == "dexAbstraction":
            answer.wrong(
                "the account is in dexAbstraction, which the exchange has discontinued: how it "
                "moves collateral between dexs is not known well enough to compute it",
                key,
                hint="switch the account to unified or standard on the exchange and fetch it again",
            )
        elif word and word not in _MODES:
            known = ", ".join(_MODES)
            answer.wrong(f"{word[:40]!r} is not an account mode", key, hint=f"known: {known}")
        return _MODES.get(word)
    return None


def _inferred(spot: SpotState | None) -> AccountMode:
    """Return the mode by the spot state: only pools have what is available after maintenance."""
    if spot is None or not spot.has_available:
        return AccountMode.STANDARD
    return AccountMode.PORTFOLIO_MARGIN if spot.portfolio_margin else AccountMode.UNIFIED


def _states(answer: Answer, value: Mapping[str, Any]) -> list[DexState] | None:
    """Return the states of the dexs, the main one first; None where there are none."""
    key = next((key for key in STATES if answer.has(key)), None)
    if key is None:
        answer.wrong(
            "the account's positions are missing: there is no clearinghouseState",
            hint="add it for each dex; marginctl fetch account prints all of it",
        )
        return None
    found = value[key]
    if isinstance(found, dict) and (STATE_KEYS & found.keys()):
        state = read_state(answer.inside(key))
        return [DexState(_dex_of_state(value, state), state, (key,))]
    if isinstance(found, dict):
        inside = answer.inside(key)
        states = [DexState(dex, read_state(inside.inside(dex)), (key, dex)) for dex in found]
    else:
        states = []
        for index, (dex, inside) in enumerate(answer.named_pairs(key)):
            if any(dex == known.dex for known in states):
                answer.wrong(f"the dex {dex!r} appears twice", key, index)
            states.append(DexState(dex, read_state(inside), (key, index, 1)))
    for one in states:
        for position in one.state.positions:
            if dex_of(position.coin) != one.dex:
                message = f"{position.coin!r} is not traded on the dex {one.dex!r}"
                answer.wrong(message, *one.path, "assetPositions", position.row, "position", "coin")
    return sorted(states, key=lambda one: one.dex != MAIN_DEX)


def _refuse_stateless(answer: Answer, *, known: bool) -> None:
    """Refuse a standard account without a state: of a pool it says that there is no position."""
    key = next(key for key in STATES if answer.has(key))
    hint = "marginctl fetch account prints the state of each dex"
    if not known:
        hint = f"give the account's mode, or the spot state with {AVAILABLE}"
    answer.wrong("there is no state of any dex in it", key, hint=hint)
    raise InputError(answer.problems)


def _dex_of_state(value: Mapping[str, Any], state: RecordedState) -> str:
    """Return the dex of the only state: as it is named beside it, else as its coins are."""
    named = value.get("dex")
    if isinstance(named, str):
        return named
    return next((dex_of(position.coin) for position in state.positions), MAIN_DEX)


def _used(states: Sequence[DexState]) -> Sequence[DexState]:
    """Return the states in which there is something; the first where there is nothing in any."""
    return [one for one in states if _in_use(one.state)] or states[:1]


def _in_use(state: RecordedState) -> bool:
    return bool(state.positions or state.account_value)


def _nothing_there(spot: SpotState | None) -> Notice:
    """Say that a standard account has nothing on any dex, and where its money is."""
    message = "this account has no positions and no money on any dex"
    balances = () if spot is None else spot.balances.values()
    held = [
        f"{one.total:,.2f} {TOKENS[one.token]}"
        for one in balances
        if one.token in TOKENS and one.total > 0
    ]
    if held:
        message += (
            f"; the {' and '.join(held)} among its spot balances back no positions until they are "
            "transferred to a dex"
        )
    return Notice("empty_account", None, message)


def _token_names(spot: SpotState | None) -> dict[int, str]:
    named = {} if spot is None else {one.token: one.coin for one in spot.balances.values()}
    return {**TOKENS, **{token: coin for token, coin in named.items() if coin}}


def _pools(
    mode: AccountMode,
    states: Sequence[DexState],
    spot: SpotState,
    metas: Metas,
    answer: Answer,
    origin: Source,
) -> list[AccountInput]:
    """Return an account for every collateral token whose dexs hold positions, USDC's first."""
    by_token: dict[int, list[DexState]] = {}
    for one in states:
        token = metas.tokens.get(one.dex, COLLATERAL.get(one.dex))
        if token is not None:
            by_token.setdefault(token, []).append(one)
        elif one.state.positions:
            answer.wrong(
                f"the collateral token of the dex {one.dex!r} is not known",
                *one.path,
                hint="add its meta, or allPerpMetas; marginctl fetch account prints them",
            )
    held = {
        token: dexes
        for token, dexes in sorted(by_token.items())
        if any(one.state.positions for one in dexes)
    }
    if not held:
        first = min(by_token, default=0)
        held = {first: by_token.get(first, [])}
    names = _token_names(spot)
    account_input = [
        _PoolReading(mode, token, names.get(token, f"token {token}"), dexes, spot).account(
            answer, origin
        )
        for token, dexes in held.items()
    ]
    if len(account_input) == 1 and mode is AccountMode.PORTFOLIO_MARGIN:
        account_input = [_with_ratio_checked(account_input[0], spot)]
    return account_input


class _PoolReading:
    """One pool: the dexs of a collateral token, and the token's row of the spot state."""

    def __init__(
        self,
        mode: AccountMode,
        token: int,
        name: str,
        dexes: Sequence[DexState],
        spot: SpotState,
    ) -> None:
        self._mode = mode
        self._name = name
        self._dexes = dexes
        self._spot = spot
        nothing = Balance(token, name, ZERO, None, None, ZERO, None)
        self._balance = spot.balances.get(token, nothing)
        states = [one.state for one in dexes]
        self._isolated = _sum(
            position.equity or ZERO for state in states for position in state.positions
        )
        self._maintenance = _sum(state.maintenance_margin for state in states)
        # the exchange sums what is kept of the notional on the main dex only
        self._required = _sum(
            max(one.state.initial_margin, one.state.notional / 10)
            if one.dex == MAIN_DEX
            else one.state.initial_margin
            for one in dexes
        )

    @exactly
    def account(self, answer: Answer, origin: Source) -> AccountInput:
        """Return the account of the pool."""
        balance = self._balance
        equity = balance.total - self._isolated
        whole_value = equity
        if self._mode is AccountMode.PORTFOLIO_MARGIN:
            if balance.available is None:
                key = next(key for key in SPOT if answer.has(key))
                answer.wrong(
                    f"portfolio margin needs {AVAILABLE} of {self._name}, which is missing",
                    key,
                    hint="give spotClearinghouseState as the exchange answers it",
                )
            whole_value = (balance.available or ZERO) + self._maintenance
        value = whole_value // MAINTENANCE_STEP * MAINTENANCE_STEP
        residue = whole_value - value
        pool = Pool(
            self._mode,
            self._name,
            tuple(one.dex for one in self._dexes),
            residue,
            other_collateral=value - equity if self._mode is AccountMode.PORTFOLIO_MARGIN else ZERO,
        )
        # the exchange lets total - hold be used: what is missing up to it is held back
        held_back, orders = ZERO, ZERO
        if balance.hold is not None:
            held_back = whole_value - self._required - (balance.total - balance.hold)
            pool, orders = self._with_holds(pool, held_back, balance.hold)
        exempt = [one.state for one in self._dexes if one.dex != MAIN_DEX]
        states = [one.state for one in self._dexes]
        positions = [(one, position) for one in self._dexes for position in one.state.positions]
        return AccountInput(
            tuple(draft_of_recorded(position) for _, position in positions),
            tuple(recorded_source(origin, one.path, position.row) for one, position in positions),
            origin,
            totals=CrossTotals(
                value,
                _sum(state.notional for state in states),
                fraction_of(_sum(state.initial_margin for state in states)),
                fraction_of(self._maintenance),
                MAINTENANCE_STEP,
                order_margin=held_back,
                exempt_notional=_sum(state.notional for state in exempt),
                exempt_initial=fraction_of(_sum(state.initial_margin for state in exempt)),
            ),
            terms=tuple(terms_of(position) for _, position in positions),
            recorded_prices=tuple(position.liquidation_price for _, position in positions),
            notices=tuple(self._notices(equity, orders)),
            pool=pool,
        )

    def _with_holds(self, pool: Pool, held_back: Decimal, hold: Decimal) -> tuple[Pool, Decimal]:
        """Return the pool with what backs no position, and what resting orders hold."""
        balance = self._balance
        if not pool.borrows:
            orders = held_back if held_back > _ORDERS_FROM else ZERO
            return pool._replace(unusable=held_back - orders), orders
        spot_hold = hold if balance.spot_hold is None else balance.spot_hold
        # the exchange caps this hold at the balance: what orders hold is then not to be seen
        orders = spot_hold - self._required - self._isolated
        if spot_hold >= balance.total or orders <= _ORDERS_FROM:
            orders = ZERO
        unusable = held_back - orders
        unremovable = spot_hold - hold
        if spot_hold >= balance.total:
            unremovable = max(unremovable, pool.other_collateral + pool.residue - unusable)
        return pool._replace(unusable=unusable, unremovable=max(ZERO, unremovable)), orders

    def _notices(self, equity: Decimal, orders: Decimal) -> list[Notice]:
        """Return what is to be known of the pool; of torn answers not what orders seem to hold."""
        differing = self._check(equity)
        return [*differing, *self._notes(ZERO if differing else orders)]

    def _check(self, equity: Decimal) -> list[Notice]:
        """Compare what is available after maintenance with the exchange's own figure."""
        available = self._balance.available
        if self._mode is not AccountMode.UNIFIED or (available is None and equity >= 0):
            return []
        if available is None:
            message = (
                f"the isolated positions have {-equity:,.6f} {self._name} more margin than the "
                "balance it is taken from: the answers are from different moments"
            )
            return [Notice("answers_differ", None, message)]
        ours = equity - self._maintenance
        difference = available - ours
        if abs(difference) <= _SAME_MOMENT:
            return []
        direction = "more" if difference > 0 else "less"
        message = (
            f"the exchange has {available:,.6f} {self._name} available after maintenance, "
            f"{abs(difference):,.6f} {direction} than these answers give: the state of a dex is "
            "missing, or the answers are from different moments; the figures are off by that amount"
        )
        return [Notice("answers_differ", None, message)]

    def _notes(self, orders: Decimal) -> list[Notice]:
        notices = []
        if orders:
            message = (
                f"resting orders hold {orders:,.2f} {self._name} of the pool, which is neither "
                "removable nor available"
            )
            notices.append(Notice("resting_orders", None, message))
        if self._mode is AccountMode.PORTFOLIO_MARGIN:
            notices += _portfolio_notes(self._spot, self._name)
        return notices


def _portfolio_notes(spot: SpotState, token: str) -> list[Notice]:
    """Return what is not modelled of portfolio margin, and what the account owes."""
    message = (
        "portfolio margin is liquidated at a portfolio margin ratio of 95%, before the exchange's "
        "own liquidation prices shown here, at which the account value is the maintenance margin; "
        "its caps and its order of liquidation are not modelled"
    )
    notices = [Notice("portfolio_margin", None, message)]
    others = [
        one.coin for one in spot.balances.values() if one.coin not in {"", token} and one.total > 0
    ]
    if others:
        message = (
            f"{', '.join(others)} as collateral is valued at today's prices, even when the price "
            "of a position in it moves"
        )
        notices.append(Notice("collateral_at_todays_prices", None, message))
    notices += [
        Notice("debt", None, f"the account owes {one.borrowed:,.2f} {one.coin} it has borrowed")
        for one in spot.balances.values()
        if one.borrowed > 0
    ]
    return notices


def _with_ratio_checked(account_input: AccountInput, spot: SpotState) -> AccountInput:
    """Compare the portfolio margin ratio with the exchange's own."""
    recorded, totals = spot.portfolio_ratio, account_input.totals
    if recorded is None or totals is None:
        return account_input
    maintenance = finite(totals.maintenance_margin)
    ours = portfolio_ratio(account_input.pool, totals.account_value, maintenance)
    if ours is not None and abs(ours - recorded) <= _RATIO_DIGITS:
        return account_input
    shown = "none" if ours is None else f"{ours.scaleb(2):.6f}%"
    message = (
        f"the exchange has a portfolio margin ratio of {recorded.scaleb(2):.6f}%, these answers "
        f"give {shown}: the state of a dex is missing, or the answers are from different moments"
    )
    return account_input._replace(
        notices=(Notice("answers_differ", None, message), *account_input.notices)
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
