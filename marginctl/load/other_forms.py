"""The forms of input that are not our own: recognised by their keys, unwrapped, or refused.

What is recognisably something else than positions, or than a tier file, is refused in one message
that says what it looks like and what to give instead, rather than by every one of its keys.
"""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from marginctl.checks.problem import Violation
from marginctl.load.keys import LONE_POSITION
from marginctl.load.problems import InputError, Place, Source, did_you_mean

STATE_KEYS = frozenset({"assetPositions", "crossMarginSummary", "marginSummary"})
"""Keys of a ``clearinghouseState``, by which it is recognised."""
_ENOUGH_KEYS = 2
"""As many of them make it one."""
STATES = ("clearinghouseState", "dexToClearinghouseState", "clearinghouseStates")
"""The names under which an account's states stand: in an account file, or in a frame."""
SPOT = ("spotClearinghouseState", "spotState")
MODE = ("userAbstraction", "abstraction")

_POSITION_RISK_KEYS = frozenset({"symbol", "positionAmt", "entryPrice", "markPrice"})
_HEAD = 4096
"""The characters of a text by which it is recognised."""
_CELL_WORDS = 3
"""The most words of a column's name: what has more is prose."""
_FETCH = "give the exchange's own answer: marginctl fetch account ADDRESS"
_OWN = (
    "give positions with asset, size, entry_price and leverage as JSON, or what Hyperliquid "
    "answers: marginctl fetch account ADDRESS"
)
AGAIN = "ask it again, and give what it answers then"
"""What to do about an exchange's error."""
_BY_HAND = (
    "give its collateral and its positions, each with asset, side, size, entry_price, mark_price, "
    "leverage and margin_mode: marginctl help positions"
)


_ENVELOPES = ("data", "result", "response", "body", "account", "subAccounts")
"""The names under which an account stands alone in what keeps answers."""


_ERROR_TEXTS = ("msg", "message", "error", "response", "detail")
_ERROR_KEYS = frozenset({*_ERROR_TEXTS, "code", "label", "status", "success"})
_SHOWN_ERROR = 200
"""The most characters of an exchange's error that are repeated."""


def error_of(value: Any) -> str | None:
    """Return what an exchange says instead of an answer, in a sentence; None for anything else."""
    if not isinstance(value, dict) or not value.keys() <= _ERROR_KEYS:
        return None
    texts = (value.get(key) for key in _ERROR_TEXTS)
    found = next((text for text in texts if isinstance(text, str)), None)
    return None if found is None else f"the exchange answered with an error: {found[:_SHOWN_ERROR]}"


def is_record(value: Any) -> bool:
    """Whether a value is one dex's account as the exchange gives it."""
    return isinstance(value, dict) and len(STATE_KEYS & value.keys()) >= _ENOUGH_KEYS


def is_account_file(value: Any) -> bool:
    """Whether a value holds the exchange's answers about an account, by their names."""
    return isinstance(value, dict) and any(key in value for key in (*STATES, *SPOT, *MODE))


def is_position_risk(value: Any) -> bool:
    """Whether a value is Binance's answer to ``positionRisk``."""
    rows = value if isinstance(value, list) else []
    return any(isinstance(row, dict) and row.keys() >= _POSITION_RISK_KEYS for row in rows[:1])


def unwrapped(value: Any, source: Source) -> tuple[Any, Source]:
    """Return the account inside of websocket frames and of an array of one, and its place.

    Raises:
        InputError: an account stands in an array has an exchange's account and other entries.
    """
    while True:
        step = _key_of_content(value)
        if step is None:
            if not isinstance(value, list) or not any(map(_is_account, value)):
                return value, source
            if len(value) > 1:
                message = "this array has an exchange's account and other entries"
                hint = "give one account at a time: jq '.[0]' FILE | marginctl show -"
                raise InputError.of(message, hint, source.place())
            step = 0
        value, source = value[step], source.inside(step)


def _is_account(value: Any) -> bool:
    return _is_bare_account(value) or _key_of_content(value) is not None


def _is_bare_account(value: Any) -> bool:
    return is_record(value) or is_account_file(value)


def _key_of_content(value: Any) -> str | int | None:
    """Return the key under which a frame has its content, None for what is no frame."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("channel"), str) and isinstance(value.get("data"), dict | list):
        return "data"
    if isinstance(value.get("response"), dict) and "payload" in value["response"]:
        return "response"
    if isinstance(value.get("type"), str):
        for key in ("payload", "data", "response"):
            if isinstance(value.get(key), dict | list):
                return key
    # what keeps answers of a server beside its status, or a library's answer
    for key in _ENVELOPES:
        inside = value.get(key)
        if any(map(_is_bare_account, inside if isinstance(inside, list) else [inside])):
            return key
    return None


def refuse_other_text(text: str, place: Place) -> None:
    """Refuse a text that is no JSON but CSV or YAML.

    Raises:
        InputError: with what it looks like, and what to give instead.
    """
    start = text.lstrip()
    if not start or start[0] in '{["':
        return
    lines = [line.strip() for line in start[:_HEAD].split("\n")]
    first, *more = [line for line in lines if line and not line.startswith("#")] or [""]
    if re.match(r"(---|- |[\w\"'-]+:(\s|$))", first):
        raise InputError.of("this looks like YAML, but JSON is expected", _OWN, place)
    cells = re.split(r"[,;\t]", first)
    prose = any(len(cell.split()) > _CELL_WORDS for cell in cells)
    if more and not prose and any(first.count(mark) == more[0].count(mark) > 0 for mark in ",;\t"):
        raise InputError.of("this looks like a CSV file, but JSON is expected", _OWN, place)


def refuse_other_forms(value: Any, source: Source) -> None:
    """Refuse a JSON value that is recognisably another answer of an exchange or a library.

    Raises:
        InputError: with what it looks like, and what to give instead.
    """
    listed = isinstance(value, list)
    row = value[0] if listed and value else value
    if not isinstance(row, dict | list):
        return
    error = error_of(row)
    if error is not None:
        raise InputError.of(error, AGAIN, source.place())
    if isinstance(row, dict) and (row.keys() <= LONE_POSITION.keys() or "schema" in row):
        return
    found = _name_and_hint(row, listed=listed)
    if found is not None:
        name, hint = found
        raise InputError.of(
            f"this looks like {name}, which this command does not read", hint, source.place()
        )


def _name_and_hint(row: dict[str, Any] | list[Any], *, listed: bool) -> tuple[str, str] | None:
    """Return what a value, or the first of a list, looks like, and what to give instead."""
    inside = list(row.values() if isinstance(row, dict) else row)
    if any(map(is_record, inside)):
        return "the states of dexs alone", _whole_answer_hint("these under clearinghouseState")
    if any(map(_is_account, inside)):
        hint = "give one of them at a time: jq .NAME FILE | marginctl show -"
        return "several answers about accounts under their names", hint
    if isinstance(row, list):
        return None
    if isinstance(row.get("position"), dict) and "szi" in row["position"]:
        return _RECORDED_ROWS if listed else _RECORDED_ROW
    if isinstance(row.get("channel"), str):
        return f"a frame of the channel {row['channel'][:40]!r} without an account", _FETCH
    form = _form_of_tiers(row) or next((form for form in _OTHERS if form.fits(row.keys())), None)
    return None if form is None else (form.name, form.hint)


class _Form(NamedTuple):
    """Another form: the keys it has, any of which it has, and what to give instead of it."""

    keys: frozenset[str]
    any_of: frozenset[str]
    name: str
    hint: str

    def fits(self, keys: AbstractSet[str]) -> bool:
        """Whether a mapping with these keys has this form."""
        return self.keys <= keys and (not self.any_of or not self.any_of.isdisjoint(keys))


def _form(keys: str, name: str, hint: str, any_of: str = "") -> _Form:
    return _Form(frozenset(keys.split()), frozenset(any_of.split()), name, hint)


_IMPORT = "it is read by marginctl tiers import FILE"
_CCXT_TIERS = _form("maintenanceMarginRate maxLeverage", "leverage tiers of ccxt", _IMPORT)
_RISK_LIMITS = _form("riskLimitValue maintenanceMargin", "risk limits of Bybit", _IMPORT)


def _form_of_tiers(row: dict[str, Any]) -> _Form | None:
    """Return the form of an answer that holds lists of tiers: ccxt has one for each symbol."""
    if any(_are_tiers(value, _CCXT_TIERS) for value in row.values()):
        return _CCXT_TIERS
    result = row.get("result")
    paged = isinstance(result, dict) and _are_tiers(result.get("list"), _RISK_LIMITS)
    return _RISK_LIMITS if paged else None


def _are_tiers(value: Any, form: _Form) -> bool:
    tiers = value if isinstance(value, list) else []
    return any(isinstance(tier, dict) and form.fits(tier.keys()) for tier in tiers[:1])


def _whole_answer_hint(more: str) -> str:
    return f"give the whole answer, with {more}: marginctl fetch account ADDRESS prints it"


_RECORDED_ROWS = (
    "the assetPositions of an account alone",
    _whole_answer_hint("crossMarginSummary"),
)
_RECORDED_ROW = (
    "one position of an account alone",
    _whole_answer_hint("all positions and crossMarginSummary"),
)
_OTHERS = (
    _form(
        "assetPositions",
        "an account's assetPositions without its totals",
        _whole_answer_hint("crossMarginSummary"),
    ),
    _form("szi", *_RECORDED_ROW),
    _form("info", "what ccxt's fetchPositions returns", _FETCH, "contracts entryPrice marginMode"),
    _form("info", "what ccxt's fetchBalance returns", _FETCH, "free used total"),
    _form(
        "positionAmt",
        "one position of Binance's positionRisk",
        "give the whole array, as Binance answers it, to marginctl",
    ),
    _form("", "Binance's account", _OWN, "totalWalletBalance totalMarginBalance"),
    _form("retCode result", "an answer of Bybit", _OWN),
    _form("symbol positionValue", "a position of Bybit", _OWN),
    _form("code data msg", "an answer of OKX", _OWN),
    _form("instId", "a position of OKX", _OWN),
    _form("code accounts", "an account of Lighter", _BY_HAND),
    _form("account_index positions", "an account of Lighter", _BY_HAND),
    _form("market_id avg_entry_price", "a position of Lighter", _BY_HAND),
    _form("balances", "a spotClearinghouseState alone", _whole_answer_hint("clearinghouseState")),
    _form("perpDexStates", "a webData3 without positions", _FETCH),
    _form("universe", "a meta of Hyperliquid", _IMPORT),
    _form("symbol brackets", "leverage brackets of Binance", _IMPORT),
    _form("order_book_details", "markets of Lighter", _IMPORT),
    _CCXT_TIERS,
    _RISK_LIMITS,
    _form("risk_limit maintenance_rate", "risk limit tiers of Gate", _IMPORT),
    _form("coin", "a list of Hyperliquid's orders or fills", _FETCH, "limitPx px"),
)


_OF_VENUE = frozenset({"rules", "quote", "as_of", "source", "tables", "assets"})
_OF_ANSWERS = frozenset(
    {
        "universe",
        "marginTables",
        "brackets",
        "retCode",
        "order_book_details",
        "risk_limit_tiers",
        "maintenanceMarginRate",
    }
)
_BEGIN = "marginctl tiers init prints a file to begin with"
_CASES = Violation(
    (),
    "this is a case file, not a tier file",
    "marginctl tiers test runs it; its tier file is the one that it names under 'tiers'",
)
_ANSWER = Violation(
    (),
    "this looks like an exchange's answer, not a tier file",
    "marginctl tiers import turns it into a tier file",
)
TIER_FILE = Violation(
    (),
    "this is a tier file, not a case file",
    "marginctl tiers check checks it; a case file has the key 'cases'",
)


def instead_of_tiers(root: Any) -> Violation | None:
    """Return what a file without venues is, None where a key of it may be ``venues`` misspelt."""
    if _is_tier_answer(root[0] if isinstance(root, list) and root else root):
        return _ANSWER
    if not isinstance(root, Mapping):
        return Violation((), "expected a mapping with the key 'venues'", _BEGIN)
    if "cases" in root:
        return _CASES
    if any(did_you_mean(key, ["venues"]) for key in root):
        return None
    return _misplaced(root)


def _is_tier_answer(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    if not _OF_ANSWERS.isdisjoint(value):
        return True
    # ccxt has a list of tiers for each symbol
    first = next(iter(value.values()), None)
    return isinstance(first, list) and bool(first) and _is_tier_answer(first[0])


def _misplaced(root: Mapping[str, Any]) -> Violation | None:
    """Return the violation for what stands at the top, and belongs some levels lower."""
    first = next((key for key in root if key != "default_venue"), None)
    if first is None:
        return None
    if not _OF_VENUE.isdisjoint(root):
        message = "a venue is at the top of the file, without its name"
        return Violation(
            (), message, "write venues: and, below it, the venue's name: with the rest indented"
        )
    if all(_is_venue(value) for key, value in root.items() if key != "default_venue"):
        message = "venues are at the top of the file"
        return Violation(
            (first,), message, "write venues: above them, and indent them", at_key=True
        )
    kind = "tables" if _is_table(root[first]) else "assets"
    message = f"{kind} are at the top of the file, outside any venue"
    hint = f"they belong to a venue, under its key '{kind}': {_BEGIN}"
    return Violation((first,), message, hint, at_key=True)


def _is_venue(value: Any) -> bool:
    return isinstance(value, Mapping) and not _OF_VENUE.isdisjoint(value)


def _is_table(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
