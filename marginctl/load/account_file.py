"""Account files: several of Hyperliquid's answers about an account, keyed by request type.

``webData2`` and the entries of ``subAccounts2`` hold the same under other names. In a standard
account each dex is an account of its own; in a unified account and in portfolio margin the spot
state holds the collateral, in pools.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from marginctl.core.notices import Notice
from marginctl.core.pool import AccountMode, dex_of
from marginctl.load.exchange_answer import ExchangeAnswer
from marginctl.load.hyperliquid_account import (
    AVAILABLE,
    COLLATERAL,
    MAIN_DEX,
    TOKENS,
    RecordedState,
    SpotState,
    dex_account,
    read_metas,
    read_spot,
    read_state,
)
from marginctl.load.inputs import AccountInput
from marginctl.load.other_forms import MODE, SPOT, STATE_KEYS, STATES
from marginctl.load.pools import MODE_WORDS, DexState, read_pools, token_names
from marginctl.load.problems import InputError, Problem, Source

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


def read_account_file(value: Mapping[str, Any], source: Source) -> list[AccountInput]:
    """Return the accounts of an account file: one per pool, or per dex of a standard account.

    Raises:
        InputError: with every problem of form, and its place; or the mode is a discontinued dex.
    """
    answer = ExchangeAnswer(value, source, [])
    _check_keys(answer, value)
    mode = _given_mode(answer)
    metas = read_metas(answer)
    states = _dex_states(answer, value)
    spot = read_spot(answer)
    if answer.problems or states is None:
        raise InputError(answer.problems)
    notices: list[Notice] = []
    given = mode
    if mode is None:
        mode = _inferred_mode(spot)
        if mode is not AccountMode.STANDARD:
            message = (
                "the account's mode is not given: "
                f"{MODE_WORDS[mode]} is assumed, from its spot state"
            )
            notices.append(Notice("account_mode", None, message))
    if mode is AccountMode.STANDARD:
        if not states:
            _refuse_stateless(answer, known=given is not None)
        used = _used_states(states)
        accounts = [dex_account(dex.state, source, dex.name) for dex in used]
        if not _in_use(used[0].state):
            notices.append(_empty_notice(spot))
    else:
        if spot is None:
            answer.wrong(
                f"{MODE_WORDS[mode]} keeps its collateral in the spot state, which is missing",
                hint="add spotClearinghouseState; marginctl fetch account prints all of it",
            )
            raise InputError(answer.problems)
        accounts = read_pools(mode, states, spot, metas, answer, source)
    if answer.problems:
        raise InputError(answer.problems)
    names = token_names(spot)
    collateral = {
        dex: names.get(token, f"token {token}")
        for dex, token in {**COLLATERAL, **metas.tokens}.items()
    }
    return [
        account.recording(
            notices=(*notices, *account.recorded.notices),
            assets=tuple(metas.assets.values()),
            collateral=collateral,
            account_file=source.place(),
        )
        for account in accounts
    ]


def _check_keys(answer: ExchangeAnswer, value: Mapping[str, Any]) -> None:
    """Find keys that are misspelled; others belong to answers that hold more than is needed."""
    known = {key.casefold(): key for key in _KEYS}
    for key in value:
        if key not in _KEYS and not key.startswith("_"):
            meant = get_close_matches(key.casefold(), known, 1, _MISSPELLED)
            if meant and known[meant[0]] not in value:
                answer.wrong(f"unknown key {key!r}", key, hint=f"did you mean {known[meant[0]]}?")


def _given_mode(answer: ExchangeAnswer) -> AccountMode | None:
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


def _inferred_mode(spot: SpotState | None) -> AccountMode:
    """Return the mode by the spot state: only pools have what is available after maintenance."""
    if spot is None or not spot.has_available:
        return AccountMode.STANDARD
    return AccountMode.PORTFOLIO_MARGIN if spot.portfolio_margin else AccountMode.UNIFIED


def _dex_states(answer: ExchangeAnswer, value: Mapping[str, Any]) -> list[DexState] | None:
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
        return [DexState(_dex_of_state(value, state), state, answer.source.inside(key))]
    states = [
        DexState(dex, read_state(inside), inside.source)
        for dex, inside in _answers_by_dex(answer, key, found)
    ]
    for dex in states:
        for position in dex.state.positions:
            if dex_of(position.coin) != dex.name:
                message = f"{position.coin!r} is not traded on the dex {dex.name!r}"
                answer.problems.append(Problem(message, None, position.source.place("asset")))
    return sorted(states, key=lambda dex: dex.name != MAIN_DEX)


def _answers_by_dex(
    answer: ExchangeAnswer, key: str, found: Any
) -> Iterator[tuple[str, ExchangeAnswer]]:
    """Yield the states under a key with their dexs: a mapping of them, or a list of pairs."""
    if isinstance(found, dict):
        inside = answer.inside(key)
        yield from ((dex, inside.inside(dex)) for dex in found)
        return
    seen: set[str] = set()
    for index, (dex, state) in enumerate(answer.named_pairs(key)):
        if dex in seen:
            answer.wrong(f"the dex {dex!r} appears twice", key, index)
        seen.add(dex)
        yield dex, state


def _refuse_stateless(answer: ExchangeAnswer, *, known: bool) -> None:
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


def _used_states(states: Sequence[DexState]) -> Sequence[DexState]:
    """Return the states in which there is something; the first where there is nothing in any."""
    return [dex for dex in states if _in_use(dex.state)] or states[:1]


def _in_use(state: RecordedState) -> bool:
    return bool(state.positions or state.account_value)


def _empty_notice(spot: SpotState | None) -> Notice:
    """Say that a standard account has nothing on any dex, and where its money is."""
    message = "this account has no positions and no money on any dex"
    balances = () if spot is None else spot.balances.values()
    held = [
        f"{balance.total:,.2f} {TOKENS[balance.token]}"
        for balance in balances
        if balance.token in TOKENS and balance.total > 0
    ]
    if held:
        message += (
            f"; the {' and '.join(held)} among its spot balances back no positions until they are "
            "transferred to a dex"
        )
    return Notice("empty_account", None, message)
