"""What JSON says of a position or an account.

Millions of lines are right; pydantic's models are there to tell what is wrong with the one that
is not, and are imported for it. What is read here is what they read, and the rest is left to them.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from marginctl.load.json_values import maybe_number, maybe_own_number, maybe_text
from marginctl.load.problems import Problem

if TYPE_CHECKING:
    from marginctl.load.validation import Locate

Readers = Mapping[str, Callable[[Any], Any]]
"""How the value of each key is read. Everything is optional: flags may add what is left out."""


def _one_of(*words: str) -> Callable[[Any], str | None]:
    known: dict[str | None, str | None] = {word: word for word in (None, *words)}
    return known.__getitem__


POSITION: Readers = {
    "asset": maybe_text,
    "side": _one_of("long", "short"),
    "size": maybe_number,
    "entry_price": maybe_number,
    "mark_price": maybe_number,
    "leverage": maybe_number,
    "margin_mode": _one_of("isolated", "cross"),
    "margin": maybe_number,
    "equity": maybe_number,
}
ACCOUNT: Readers = {
    "venue": maybe_text,
    "collateral": maybe_number,
    "account_value": maybe_number,
}
LONE_POSITION: Readers = {**ACCOUNT, **POSITION}


def _of_ours(readers: Readers) -> Readers:
    return {
        key: maybe_own_number if reader is maybe_number else reader
        for key, reader in readers.items()
    }


OWN_POSITION = _of_ours(POSITION)
OWN_ACCOUNT = _of_ours(ACCOUNT)
OWN_LONE_POSITION = _of_ours(LONE_POSITION)
"""The same in answers of ours, whose numbers may have more digits than those of others."""


def read_entry(
    readers: Readers, value: Any, locate: "Locate", problems: list[Problem]
) -> tuple[dict[str, Any], frozenset[str]]:
    """Return what a mapping says by key, and the keys whose values cannot be read.

    So the rest can be checked for its meaning, and every problem of an input is told at once.
    """
    said = _sound(readers, value)
    if said is not None:
        return said, frozenset()
    from marginctl.load.entries import MODELS
    from marginctl.load.validation import validate_each

    entry, unread = validate_each(MODELS[frozenset(readers)], value, locate, problems)
    return ({}, frozenset(readers)) if entry is None else (dict(entry), unread)


def _sound(readers: Readers, value: Any) -> dict[str, Any] | None:
    try:
        return {key: readers[key](item) for key, item in value.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
