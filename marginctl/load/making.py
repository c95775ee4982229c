"""Positions and accounts from Python values, checked as those from files and flags are."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from marginctl.core.account import Account
from marginctl.core.position import Position
from marginctl.core.venue import Venue
from marginctl.load.drafts import make_position
from marginctl.load.positions import backing_of, draft_of, read_accounts
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.reading import Overrides, Reading, cash_behind, netted, read_account
from marginctl.load.said import ACCOUNT, POSITION, read_entry
from marginctl.load.tier_source import TierSource

Number = Decimal | int | str
"""A number that is exact. Floats are not: 0.1 + 0.2 is none of them."""


class _Arguments:
    """Arguments of a call, as the origin of a draft."""

    def label(self, field: str) -> str:
        return field

    def place(self, field: str | None = None) -> Place:
        return Place(path=field)

    def locate(self, path: tuple[str | int, ...], key: bool) -> Place:  # noqa: ARG002 - as every locator
        return Place(path=str(path[0]))


_ARGUMENTS = _Arguments()


def new_position(
    venue: Venue,
    *,
    asset: str,
    size: Number,
    entry_price: Number,
    leverage: Number,
    side: str | None = None,
    mark_price: Number | None = None,
    margin_mode: str | None = None,
    margin: Number | None = None,
    equity: Number | None = None,
) -> Position:
    """Return a position; the names, units and defaults are those of a position in a file.

    ``size`` is in units of the asset, negative for a short unless ``side`` says so; prices,
    ``margin`` (PnL excluded) and ``equity`` (PnL included) are in the quote currency.

    Raises:
        InputError: with every problem: an unknown asset, a price of zero, a contradiction.
        TypeError: a number is a float.
    """
    said = {
        "asset": asset,
        "side": side,
        "size": size,
        "entry_price": entry_price,
        "mark_price": mark_price,
        "leverage": leverage,
        "margin_mode": margin_mode,
        "margin": margin,
        "equity": equity,
    }
    problems: list[Problem] = []
    read, unread = read_entry(POSITION, _exact(said), _ARGUMENTS.locate, problems)
    try:
        position = make_position(draft_of(read, unread), venue, _ARGUMENTS)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    return position


def new_account(
    venue: Venue,
    positions: Sequence[Position],
    *,
    collateral: Number | None = None,
    account_value: Number | None = None,
) -> Account:
    """Return an account of positions.

    ``collateral`` is the cash behind cross positions and additions, ``account_value`` the value
    of the cross account with the PnL in it; at most one is given, and one where a position is
    cross.

    Raises:
        InputError: with every problem.
        TypeError: a number is a float.
    """
    said = {"collateral": collateral, "account_value": account_value}
    problems: list[Problem] = []
    read, _ = read_entry(ACCOUNT, _exact(said), _ARGUMENTS.locate, problems)
    problems += netted(positions, [_ARGUMENTS] * len(positions))
    if problems:
        raise InputError(problems)
    return Account(tuple(positions), cash_behind(backing_of(read), positions, venue, _ARGUMENTS))


def read_positions(
    data: bytes | str, tiers: TierSource, *, venue: str | None = None
) -> list[Reading]:
    """Return the accounts of a JSON text: the own format, NDJSON, an exchange's record, or an
    answer of ours; each with the venue that the text, else ``venue``, else the tier file names.

    Raises:
        InputError: with every problem and its place.
    """
    text = data.encode() if isinstance(data, str) else data
    return [
        read_account(drafted, tiers.venue(drafted.venue or venue), Overrides())
        for drafted in read_accounts(text, "<data>")
    ]


def _exact(said: dict[str, Any]) -> dict[str, Any]:
    """Return arguments in the form that files have: numbers as their texts."""
    for name, value in said.items():
        if isinstance(value, float):
            raise TypeError(f"{name}: a float is not exact; give a Decimal, an int or a text")
    return {
        name: f"{value:f}" if isinstance(value, Decimal) else str(value)
        for name, value in said.items()
        if value is not None
    }
