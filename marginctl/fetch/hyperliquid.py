"""What Hyperliquid's information endpoint answers of an account and of its margin tiers.

Answers are passed on letter by letter: no number is read and written again on the way.
Requests and their answers: https://hyperliquid.gitbook.io/hyperliquid-docs (API, info endpoint).
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from marginctl.fetch.http import Endpoint, FetchError

URLS = {
    "mainnet": "https://api.hyperliquid.xyz/info",
    "testnet": "https://api.hyperliquid-testnet.xyz/info",
}
"""The information endpoint of each network."""

MAIN_DEX = ""
"""What the exchange calls its own dex, beside the named ones of builders (HIP-3)."""

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")

OnRequest = Callable[[int, int], object]
"""Is called before each request with its number from 1 and how many there are."""


class UnknownDexError(Exception):
    """A dex was asked for that the exchange does not have; holds its name and those it has."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.known = tuple(known)


def is_address(text: str) -> bool:
    """Return whether this is the address of an account: 0x and forty hexadecimal digits."""
    return _ADDRESS.fullmatch(text) is not None


def account_file(endpoint: Endpoint, address: str, dexes: Sequence[str], step: OnRequest) -> str:
    """Return an account file: the exchange's answers, keyed by the type of the request.

    It holds the account's mode, its spot state, the state of the main dex and of every other dex
    in which it has positions or money, and the metas of all dexes. ``dexes`` limits which are
    asked, beside the main one; empty for all.

    Raises:
        FetchError: the exchange cannot be reached, or answers with an error.
        UnknownDexError: it has no dex of a name that is asked for.
    """
    step(1, 0)
    known = _dex_names(endpoint)
    asked = [MAIN_DEX, *_chosen(dexes, known)]
    count = len(asked) + 4
    answers = {}
    for number, kind in enumerate(("userAbstraction", "spotClearinghouseState"), start=2):
        step(number, count)
        answers[kind], _ = _ask(endpoint, {"type": kind, "user": address})
    states = {}
    for number, dex in enumerate(asked, start=4):
        step(number, count)
        request = {"type": "clearinghouseState", "user": address, "dex": dex}
        text, state = _ask(endpoint, request)
        if dex == MAIN_DEX or _is_used(state):
            states[dex] = text
    answers["clearinghouseState"] = _object_text(states, "    ")
    step(count, count)
    answers["allPerpMetas"], _ = _ask(endpoint, {"type": "allPerpMetas"})
    return _object_text(answers, "  ") + "\n"


def tier_metas(endpoint: Endpoint, dexes: Sequence[str], step: OnRequest) -> str:
    """Return the metas, which hold the margin tables, of all dexes or of those named.

    Raises:
        FetchError: the exchange cannot be reached, or answers with an error.
        UnknownDexError: it has no dex of a name that is asked for.
    """
    if not dexes:
        step(1, 1)
        return _ask(endpoint, {"type": "allPerpMetas"})[0] + "\n"
    step(1, 0)
    chosen = _chosen(dexes, _dex_names(endpoint))
    metas = []
    for number, dex in enumerate(chosen, start=2):
        step(number, len(chosen) + 1)
        metas.append(_ask(endpoint, {"type": "meta", "dex": dex})[0])
    return "[\n  {}\n]\n".format(",\n  ".join(metas))


def _dex_names(endpoint: Endpoint) -> list[str]:
    """Return the names of the dexes beside the main one, which the answer has as null."""
    _, listed = _ask(endpoint, {"type": "perpDexs"})
    return [dex["name"] for dex in listed if dex is not None]


def _chosen(dexes: Sequence[str], known: Sequence[str]) -> list[str]:
    for name in dexes:
        if name not in known:
            raise UnknownDexError(name, known)
    return list(dict.fromkeys(dexes)) or list(known)


def _is_used(state: dict[str, Any]) -> bool:
    """Return whether an account has positions or money in a dex."""
    summary = state.get("marginSummary")
    value = summary.get("accountValue") if isinstance(summary, dict) else None
    return bool(state.get("assetPositions")) or str(value).strip("-0.") != ""


def _ask(endpoint: Endpoint, request: Mapping[str, str]) -> tuple[str, Any]:
    """Return the text of an answer, and its value.

    Raises:
        FetchError: there is none, or it does not have the exchange's format.
    """
    kind = request["type"]
    text = endpoint.ask(request)
    value = json.loads(text, parse_int=Decimal, parse_float=Decimal)
    if not _FORMATS[kind](value):
        raise FetchError(
            f"the answer of {endpoint.url} to {kind!r} does not have the exchange's format",
            "check --url",
        )
    return text, value


def _is_named(dex: Any) -> bool:
    return dex is None or (isinstance(dex, dict) and isinstance(dex.get("name"), str))


def _has_list(key: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and isinstance(value.get(key), list)


_is_meta = _has_list("universe")
_FORMATS: Mapping[str, Callable[[Any], bool]] = {
    "userAbstraction": lambda value: value is None or isinstance(value, str),
    "spotClearinghouseState": _has_list("balances"),
    "clearinghouseState": _has_list("assetPositions"),
    "perpDexs": lambda value: isinstance(value, list) and all(map(_is_named, value)),
    "allPerpMetas": lambda value: isinstance(value, list) and all(map(_is_meta, value)),
    "meta": _is_meta,
}
"""Whether an answer has the exchange's format, as far as it must, by the type of the request."""


def _object_text(members: dict[str, str], indent: str) -> str:
    """Return a JSON object of members whose values are JSON already."""
    lines = [f"{indent}{json.dumps(name)}: {text}" for name, text in members.items()]
    return "{\n" + ",\n".join(lines) + "\n" + indent[:-2] + "}"
