"""Rules about what keeps a file from being read, and about texts that another reader of YAML
takes for something else.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from marginctl.checks.problem import KeyPath, Scope, Violation, rule
from marginctl.checks.stated import Quoted, StatedFile
from marginctl.checks.text import named


@rule(Scope.FILE, fatal=True)
def unreadable(file: StatedFile) -> Iterable[Violation]:
    """The file cannot be read, or is not YAML.

    Such a file cannot be checked any further, so the exit code is 2 instead of 1. Tags, several
    documents in one file, nesting deeper than 32 levels and aliases that expand to more than
    200,000 values are refused too: no tier table needs them.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}

    Fails::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25
    """
    return file.violations.get("unreadable", ())


@rule(Scope.FILE, fatal=True)
def empty(file: StatedFile) -> Iterable[Violation]:
    """The file has no venue, or a venue has no assets.

    Passes::

        assets:
          ATOM: {max_leverage: 5}

    Fails::

        assets: {}
    """
    yield from file.violations.get("empty", ())
    for venue in file.venues:
        if not venue.assets and "assets" not in venue.unread:
            yield Violation((*venue.path, "assets"), "the venue has no assets", "name at least one")


@rule(Scope.FILE, fatal=True)
def duplicate_key(file: StatedFile) -> Iterable[Violation]:
    """A key appears twice in one mapping.

    Most YAML readers silently keep the last one, so the first can be seen in the file but has no
    effect.

    Passes::

        assets:
          ATOM: {max_leverage: 5}
          DYDX: {max_leverage: 10}

    Fails::

        assets:
          ATOM: {max_leverage: 5}
          ATOM: {max_leverage: 10}
    """
    for violation in file.violations.get("duplicate-key", ()):
        if not is_rest_of_number(file.tree, violation.path):
            yield violation


@rule(Scope.FILE, fatal=True)
def key_not_text(file: StatedFile) -> Iterable[Violation]:
    """A key is not a plain string: a merge key, or a list or mapping as a key.

    Merge keys (``<<``) are not part of YAML 1.2, and readers disagree on which value wins. An alias
    of a whole table is unambiguous.

    Passes::

        tables:
          eth: &eth
            - {lower_bound: 0, max_leverage: 25}
          btc: *eth

    Fails::

        assets:
          ATOM: &five {max_leverage: 5}
          DYDX:
            <<: *five
            max_leverage: 5
    """
    return file.violations.get("key-not-text", ())


@rule(Scope.FILE, fatal=True)
def unknown_key(file: StatedFile) -> Iterable[Violation]:
    """A key is not known here; most often it is a misspelt one.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}

    Fails::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25, maintenance_rate: 0.01}
    """
    no_texts = {violation.path for violation in file.violations.get("key-not-text", ())}
    for violation in file.violations.get("unknown-key", ()):
        if violation.path not in no_texts and not is_rest_of_number(file.tree, violation.path):
            yield violation


@rule(Scope.FILE, fatal=True)
def missing_key(file: StatedFile) -> Iterable[Violation]:
    """A required key is missing.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}

    Fails::

        tables:
          eth:
            - {lower_bound: 0}
    """
    return file.violations.get("missing-key", ())


@rule(Scope.FILE, fatal=True)
def wrong_value(file: StatedFile) -> Iterable[Violation]:
    """A value does not fit its key: not a number, not a date, or not one of the choices.

    Passes::

        assets:
          ATOM: {max_leverage: 5, margin_mode: strict, delisted: true}

    Fails::

        assets:
          ATOM: {max_leverage: five}
    """
    return file.violations.get("wrong-value", ())


@rule(Scope.FILE, fatal=True)
def unknown_default_venue(file: StatedFile) -> Iterable[Violation]:
    """The default venue is not one of the file's venues.

    Passes::

        default_venue: mine
        venues:
          mine:
            rules: hyperliquid
            quote: USDC
            as_of: 2026-01-14
            assets:
              ATOM: {max_leverage: 5}

    Fails::

        default_venue: yours
        venues:
          mine:
            rules: hyperliquid
            quote: USDC
            as_of: 2026-01-14
            assets:
              ATOM: {max_leverage: 5}
    """
    return file.violations.get("unknown-default-venue", ())


_NUMBERS = frozenset(
    {
        "lower_bound",
        "upper_bound",
        "max_leverage",
        "maintenance_margin_rate",
        "maintenance_deduction",
        "closing_fee_rate",
        "size_decimals",
    }
)
_NAMES = frozenset({"default_venue", "rules", "quote", "table"})
_NAMED = frozenset({"venues", "tables", "assets"})

_BOOLEAN = re.compile(r"(?i:yes|no|true|false|on|off)")
_NULL = re.compile(r"~|null|Null|NULL")
_SEXAGESIMAL = re.compile(r"[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?", re.ASCII)
_OCTAL = re.compile(r"[-+]?0o?[0-9_]*\d", re.ASCII)
_BASED = re.compile(r"[-+]?0(x[\da-fA-F_]+|b[01_]+)", re.ASCII)
_EXPONENT = re.compile(r"[-+]?(\d[\d_]*)?\.?\d*[eE][-+]?\d+", re.ASCII)
_SAME_EVERYWHERE = re.compile(r"[-+]?\d+\.\d*[eE][-+]\d+", re.ASCII)
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_UNDERSCORED = re.compile(r"[-+]?\d[\d_]*_[\d_]*(\.\d*)?", re.ASCII)
_LOSSY_DECIMAL = re.compile(r"[-+]?\d+\.\d*0|[-+]?\d+\.|[-+]?\.\d+", re.ASCII)
_PLUS = re.compile(r"\+\d+(\.\d+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_HARMLESS = re.compile(r"[1-9]\d*|0|\d+\.\d+", re.ASCII)
_LONGEST = 200
"""Longer texts are no typing errors, and other rules report what is wrong with them."""
_GROUP = 3
_DIGITS = re.compile(r"[-+]?\d{1,3}", re.ASCII)
_REST = re.compile(r"\d{1,60}(\.\d{1,60})?", re.ASCII)


@rule(Scope.FILE)
def misread_value(file: StatedFile) -> Iterator[Violation]:
    """A number or a name that YAML readers silently read as something else.

    Some readers take ``1:30`` for 90, ``010`` for 8, ``1e6`` for a string and ``ON`` for true; in
    braces, ``1,000`` becomes 1 and a key 000. Write numbers in plain digits (``1000000`` or
    ``1_000_000``), and quote a name that looks like something else.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}
            - {lower_bound: 1_000_000, max_leverage: 10}
        assets:
          "ON": {table: eth}

    Fails::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}
            - {lower_bound: 1e6, max_leverage: 10}

    Fails::

        assets:
          ON: {max_leverage: 5}
    """
    yield from _misread_values(file.tree, (), names=False)


def _misread_values(node: Any, path: KeyPath, *, names: bool) -> Iterator[Violation]:
    """Go through all values; ``names`` says that the keys of this mapping are names."""
    if isinstance(node, Mapping):
        yield from _misread_in_mapping(node, path, names=names)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _misread_values(item, (*path, index), names=False)


def _misread_in_mapping(
    node: Mapping[str, Any], path: KeyPath, *, names: bool
) -> Iterator[Violation]:
    cut = dict(_cut_numbers(node))
    for key, value in node.items():
        inside = (*path, key)
        if names and _is_plain(key) and (seen := _name_taken_for(key)):
            yield Violation(inside, f"{named(key)} {seen}", f'write "{key}"', at_key=True)
        if key in cut:
            yield _cut_number(value, cut[key], inside)
        elif not isinstance(value, str):
            yield from _misread_values(value, inside, names=key in _NAMED and len(path) in {0, 2})
        elif _is_plain(value):
            yield from _misread_scalar(key, value, inside)


def _cut_numbers(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the keys whose numbers YAML has cut at a comma, each with the rest of its number."""
    if None not in node.values():
        return
    for (key, value), (rest, nothing) in pairwise(node.items()):
        if nothing is None and _REST.fullmatch(rest) and _DIGITS.fullmatch(str(value)):
            yield key, rest


def _is_plain(text: str) -> bool:
    return not isinstance(text, Quoted) and len(text) <= _LONGEST


def _misread_scalar(key: str, value: str, path: KeyPath) -> Iterator[Violation]:
    if key in _NUMBERS:
        if not _HARMLESS.fullmatch(value) and (seen := _number_taken_for(value)):
            yield Violation(path, f"{named(value)} {seen}", _plain_number_hint(value))
    elif key in _NAMES and (seen := _name_taken_for(value)):
        yield Violation(path, f"{named(value)} {seen}", f'write "{value}"')


def _number_taken_for(text: str) -> str | None:
    """Say what a number is taken for; None where every reader sees what stands there."""
    if _GROUPED.fullmatch(text):
        return "is a string to YAML, because of its comma"
    if _EXPONENT.fullmatch(text) and not _SAME_EVERYWHERE.fullmatch(text):
        return "is a number to some YAML readers and a string to others"
    return _text_taken_for(text)


def _name_taken_for(text: str) -> str | None:
    """Say what a name is taken for; None where readers get the name back, even if as a number."""
    if text[:1].isalpha() and text[0] not in "yYnNtTfFoO":
        return None
    if _HARMLESS.fullmatch(text) and not _LOSSY_DECIMAL.fullmatch(text):
        return None
    if _EXPONENT.fullmatch(text) or _UNDERSCORED.fullmatch(text) or _PLUS.fullmatch(text):
        return "is a number to YAML, so the name is not kept as written"
    if _LOSSY_DECIMAL.fullmatch(text) or _NOT_FINITE.fullmatch(text):
        return "is a number to YAML, so the name is not kept as written"
    return _text_taken_for(text)


def _text_taken_for(text: str) -> str | None:
    if _BOOLEAN.fullmatch(text):
        return "is true or false to YAML"
    if _NULL.fullmatch(text):
        return "is null to YAML"
    if _SEXAGESIMAL.fullmatch(text):
        return f"is {_of_sixties(text)} to YAML (a base-60 number)"
    if _OCTAL.fullmatch(text):
        return "begins with a zero, which YAML reads as octal"
    if _BASED.fullmatch(text):
        return "is a hexadecimal or binary number to YAML"
    return None


def _of_sixties(text: str) -> str:
    whole = 0
    *parts, last = text.lstrip("+-").replace("_", "").split(":")
    for part in parts:
        whole = whole * 60 + int(part)
    seconds, dot, rest = last.partition(".")
    return f"{'-' * text.startswith('-')}{whole * 60 + int(seconds)}{dot}{rest}"


def _plain_number_hint(text: str) -> str | None:
    if _GROUPED.fullmatch(text):
        return f"write {text.replace(',', '')} or {text.replace(',', '_')}"
    if _OCTAL.fullmatch(text):
        return f"write {text.replace('o', '').lstrip('+-0') or '0'}"
    return "write the number in plain digits"


def _cut_number(first: str, rest: str, path: KeyPath) -> Violation:
    message = f"{first},{rest} in braces is {first} and a key {rest} to YAML"
    if len(rest.partition(".")[0]) == _GROUP:
        return Violation(path, message, "write the number without commas, or with _ instead")
    return Violation(path, message, f"write {first}.{rest}")


def cut_keys(node: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Return the keys of a mapping whose numbers are cut, and those that are their rests."""
    cut = dict(_cut_numbers(node))
    return set(cut), set(cut.values())


def is_rest_of_number(tree: Any, path: KeyPath) -> bool:
    """Whether the key at a path is what became of the rest of a number such as 1,000."""
    if not path or not _REST.fullmatch(str(path[-1])):
        return False
    node = tree
    for step in path[:-1]:
        if isinstance(node, Mapping) or (isinstance(step, int) and step < len(node or "")):
            node = node.get(step) if isinstance(node, Mapping) else node[step]
        else:
            return False
    return isinstance(node, Mapping) and path[-1] in cut_keys(node)[1]
