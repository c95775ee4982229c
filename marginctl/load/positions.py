"""Reading positions from JSON: the own format, one position a line, or an exchange's record."""

import json
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from marginctl.load.account_drafts import AccountDraft, Backing, JsonOrigin
from marginctl.load.drafts import Draft
from marginctl.load.entries import (
    AccountEntry,
    AccountFile,
    LonePosition,
    PositionEntry,
)
from marginctl.load.exchange_record import is_record, read_record
from marginctl.load.json_text import decode_utf8, parse_json
from marginctl.load.problems import InputError, Problem
from marginctl.load.validation import validate

Model = TypeVar("Model", bound=BaseModel)


def read_accounts(data: bytes, file: str) -> list[AccountDraft]:
    """Return the accounts of a file: one, or for NDJSON one a line.

    Raises:
        InputError: with every problem of form, and its place.
    """
    text = decode_utf8(data, file)
    if _is_one_a_line(text):
        return _read_lines(text, file)
    return [_read_document(text, file, 1)]


def _is_one_a_line(text: str) -> bool:
    """Whether the first line is a JSON object by itself, and more follows it."""
    first, _, rest = text.lstrip().partition("\n")
    if not rest.strip():
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _read_lines(text: str, file: str) -> list[AccountDraft]:
    accounts: list[AccountDraft] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                accounts.append(_read_document(line, file, number))
            except InputError as error:
                problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return accounts


def _read_document(text: str, file: str, line: int) -> AccountDraft:
    value = parse_json(text, file, line)
    origin = JsonOrigin(text, file, (), line)
    if isinstance(value, list):
        return _read_array(value, text, file, line)
    if not isinstance(value, dict):
        raise InputError.of(
            "a position, an array of positions or an account is expected here",
            None,
            origin.place(),
        )
    if is_record(value):
        return read_record(value, origin)
    if "positions" in value:
        account = _valid(AccountFile, value, origin)
        origins = [
            JsonOrigin(text, file, ("positions", index), line)
            for index in range(len(account.positions))
        ]
        return _account(account.positions, origins, account, origin)
    alone = _valid(LonePosition, value, origin)
    return _account([alone], [origin], alone, origin)


def _read_array(items: list[Any], text: str, file: str, line: int) -> AccountDraft:
    entries: list[PositionEntry] = []
    problems: list[Problem] = []
    origins = [JsonOrigin(text, file, (index,), line) for index in range(len(items))]
    for item, origin in zip(items, origins, strict=True):
        try:
            entries.append(_valid(PositionEntry, item, origin))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return _account(entries, origins, AccountEntry(), JsonOrigin(text, file, (), line))


def _valid(model: type[Model], value: Any, origin: JsonOrigin) -> Model:
    problems: list[Problem] = []
    valid = validate(model, value, (), lambda path, key: origin.at(path), problems)
    if valid is None:
        raise InputError(problems)
    return valid


def _account(
    entries: list[Any],
    origins: list[JsonOrigin],
    account: AccountEntry,
    origin: JsonOrigin,
) -> AccountDraft:
    if not entries:
        raise InputError.of("there are no positions in it", None, origin.place())
    return AccountDraft(
        tuple(_draft(entry) for entry in entries),
        tuple(origins),
        origin,
        Backing(account.collateral, account.account_value),
        account.venue,
    )


def _draft(entry: PositionEntry) -> Draft:
    return Draft(**{name: getattr(entry, name) for name in PositionEntry.model_fields})
