"""The forms of input that are not our own: recognised by their keys, unwrapped, or refused.

What is recognisably something else is refused in one message that says what it seems to be and
what to give instead, rather than by every one of its keys.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from marginctl.load.account_drafts import JsonOrigin
from marginctl.load.problems import InputError, Place
from marginctl.load.said import LONE_POSITION

STATE_KEYS = frozenset({"assetPositions", "crossMarginSummary", "marginSummary"})
"""Keys of a ``clearinghouseState``, by which it is recognised."""
_ENOUGH_KEYS = 2
"""As many of them make it one."""
STATES = ("clearinghouseState", "dexToClearinghouseState", "clearinghouseStates")
"""The names under which an account's states stand: in an account file, or in a frame."""
SPOT = ("spotClearinghouseState", "spotState")
MODE = ("userAbstraction", "abstraction")

_FETCH = "give what the exchange itself answers: marginctl fetch account ADDRESS"
_OWN = (
    "give positions with asset, size, entry_price and leverage as JSON, or what Hyperliquid "
    "answers: marginctl fetch account ADDRESS"
)


def is_record(value: Any) -> bool:
    """Whether a value is one dex's account as the exchange gives it."""
    return isinstance(value, dict) and len(STATE_KEYS & value.keys()) >= _ENOUGH_KEYS


def is_account_file(value: Any) -> bool:
    """Whether a value holds the exchange's answers about an account, by their names."""
    return isinstance(value, dict) and any(key in value for key in (*STATES, *SPOT, *MODE))


def unwrapped(value: Any, origin: JsonOrigin) -> tuple[Any, JsonOrigin]:
    """Return the account inside of websocket frames and of an array of one, and its place.

    Raises:
        InputError: an account stands in an array with more beside it.
    """
    while True:
        step = _step_inside(value)
        if step is None:
            if not isinstance(value, list) or not any(map(_is_account, value)):
                return value, origin
            if len(value) > 1:
                message = "an exchange's account stands in an array with more beside it"
                raise InputError.of(message, "give one account at a time", origin.place())
            step = 0
        value, origin = value[step], origin.inside((step,))


def _is_account(value: Any) -> bool:
    return is_record(value) or is_account_file(value) or _step_inside(value) is not None


def _step_inside(value: Any) -> str | int | None:
    """Return the key under which a frame has its content, None for what is no frame."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("channel"), str) and isinstance(value.get("data"), dict | list):
        return "data"
    if isinstance(value.get("response"), dict) and "payload" in value["response"]:
        return "response"
    if isinstance(value.get("type"), str) and isinstance(value.get("payload"), dict):
        return "payload"
    if isinstance(value.get("type"), str) and isinstance(value.get("data"), dict):
        return "data"
    return None


def refuse_other_text(text: str, place: Place) -> None:
    """Refuse a text that is no JSON but CSV or YAML.

    Raises:
        InputError: with what it seems to be, and what to give instead.
    """
    start = text.lstrip()
    if not start or start[0] in '{["':
        return
    first = start.partition("\n")[0].strip()
    if re.match(r"(---|- |[\w\"'-]+:(\s|$))", first):
        raise InputError.of("this seems to be YAML, and JSON is read here", _OWN, place)
    if re.fullmatch(r"[^,;\t]+([,;\t][^,;\t]*)+", first) and re.match(r"[\w\"']", first):
        raise InputError.of("this seems to be a CSV file, and JSON is read here", _OWN, place)


def refuse_other_forms(value: Any, origin: JsonOrigin) -> None:
    """Refuse a JSON value that is recognisably another answer of an exchange or a library.

    Raises:
        InputError: with what it seems to be, and what to give instead.
    """
    row = value[0] if isinstance(value, list) and value else value
    if not isinstance(row, dict) or row.keys() <= LONE_POSITION.keys():
        return
    for found, hint in _recognised(row, listed=isinstance(value, list)):
        _refuse(found, hint, origin)


def _refuse(found: str, hint: str, origin: JsonOrigin) -> NoReturn:
    raise InputError.of(f"this seems to be {found}, which is not read here", hint, origin.place())


def _recognised(row: Mapping[str, Any], *, listed: bool) -> Iterator[tuple[str, str]]:
    """Yield what a mapping, or the first one of a list, seems to be, and what to give instead."""
    keys = row.keys()
    inside = row.get("position")
    if listed and isinstance(inside, dict) and "szi" in inside:
        yield "the assetPositions of an account alone", _whole("crossMarginSummary beside them")
    if "assetPositions" in keys:
        yield "an account's assetPositions without its totals", _whole("crossMarginSummary in it")
    if "szi" in keys or (isinstance(inside, dict) and "szi" in inside):
        yield "one position of an account alone", _whole("all positions and crossMarginSummary")
    if "info" in keys and keys & {"contracts", "entryPrice", "marginMode"}:
        yield "what ccxt's fetchPositions returns", _FETCH
    if "info" in keys and keys & {"free", "used", "total"}:
        yield "what ccxt's fetchBalance returns", _FETCH
    if "positionAmt" in keys:
        yield "Binance's positionRisk", _OWN
    if keys & {"totalWalletBalance", "totalMarginBalance"}:
        yield "Binance's account", _OWN
    if "retCode" in keys and "result" in keys:
        yield "an answer of Bybit", _OWN
    if "instId" in keys or ("code" in keys and "data" in keys and "msg" in keys):
        yield "an answer of OKX", _OWN
    if "positionIM" in keys or ("positionValue" in keys and "symbol" in keys):
        yield "a position of Bybit", _OWN
    if "balances" in keys:
        yield "a spotClearinghouseState alone", _whole("clearinghouseState beside it")
    if "universe" in keys:
        yield "a meta of Hyperliquid", "for tiers: marginctl tiers import FILE"
    if {"coin", "px", "sz"} <= keys or {"coin", "limitPx"} <= keys:
        yield "a list of Hyperliquid's orders or fills", _FETCH
    if isinstance(row.get("channel"), str):
        yield f"a frame of the channel {row['channel'][:40]!r} without an account", _FETCH


def _whole(more: str) -> str:
    return f"give the whole answer, with {more}: marginctl fetch account ADDRESS prints it"
