"""From flags and files to accounts."""

import os
from dataclasses import replace
from decimal import Decimal

from marginctl.cli.options import PositionFlags, TierFlags
from marginctl.core.notices import Notice
from marginctl.core.venue import Venue
from marginctl.load.account_drafts import AccountDraft
from marginctl.load.entries import LonePosition
from marginctl.load.files import display_name, read_bytes
from marginctl.load.numbers import read_decimal
from marginctl.load.positions import backing_of, draft_of, read_accounts
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.reading import Overrides, Reading, read_account
from marginctl.load.tier_source import TierSource, find_tiers, load_tiers
from marginctl.load.validation import Path, validate_each
from marginctl.render.view import TiersView

VENUE_VARIABLE = "MARGINCTL_VENUE"

_FLAGS = {
    "asset": "--asset",
    "side": "--side",
    "size": "--size",
    "entry_price": "--entry",
    "mark_price": "--mark",
    "leverage": "--leverage",
    "margin": "--margin",
    "equity": "--equity",
    "margin_mode": "--mode",
    "collateral": "--collateral",
    "account_value": "--account-value",
}


class FlagOrigin:
    """Flags, as the origin of a draft."""

    def label(self, field: str) -> str:
        """Return the flag of a field."""
        return _FLAGS[field]

    def place(self, field: str | None = None) -> Place:
        """Return the flag as the place."""
        return Place(path=None if field is None else _FLAGS[field])


class Tiers:
    """The tier file that is meant, and its venues."""

    def __init__(self, flags: TierFlags) -> None:
        self.source: TierSource = load_tiers(*find_tiers(flags.tiers, os.environ))
        self._flag = flags.venue

    def venue(self, of_file: str | None = None) -> tuple[Venue, TiersView]:
        """Return the venue that is meant: by flag, by the positions' file, by environment."""
        name = self._flag or of_file or os.environ.get(VENUE_VARIABLE) or None
        loaded = self.source.file.venue(name)
        as_of = None if loaded.as_of is None else loaded.as_of.isoformat()
        source = self.source
        return loaded.venue, TiersView(source.path, source.origin, as_of, source.sha256)


def read_readings(
    file: str | None, flags: PositionFlags, tiers: Tiers
) -> list[tuple[Reading, TiersView]]:
    """Return the accounts that a file and flags describe; without a file, that of the flags.

    Raises:
        InputError: with every problem.
    """
    problems: list[Problem] = []
    entry, unread = _entry(flags, problems)
    draft, backing = draft_of(entry, unread), backing_of(entry)
    if file is None:
        origin = FlagOrigin()
        drafted = [AccountDraft((draft,), (origin,), origin, backing, problems=problems)]
        overrides = Overrides()
    elif problems:
        raise InputError(problems)
    else:
        drafted = read_accounts(read_bytes(file), display_name(file))
        overrides = Overrides(draft.asset, replace(draft, asset=None), backing)
    readings = []
    problems = []
    for account in drafted:
        venue, view = tiers.venue(account.venue)
        try:
            reading = read_account(account, venue, overrides)
        except InputError as error:
            problems.extend(error.problems)
            continue
        if account.made_with not in {None, view.sha256}:
            message = "the answer that was fed in came from other tiers: it is computed anew"
            notices = (*reading.notices, Notice("other_tiers", None, message))
            reading = replace(reading, notices=notices)
        readings.append((reading, view))
    if problems:
        raise InputError(problems)
    return readings


def _entry(flags: PositionFlags, problems: list[Problem]) -> tuple[LonePosition, frozenset[str]]:
    said = {
        "asset": flags.asset,
        "side": flags.side and flags.side.lower(),
        "size": flags.size,
        "entry_price": flags.entry,
        "mark_price": flags.mark,
        "leverage": flags.leverage and flags.leverage.removesuffix("x"),
        "margin": flags.margin,
        "equity": flags.equity,
        "margin_mode": flags.mode and flags.mode.lower(),
        "collateral": flags.collateral,
        "account_value": flags.account_value,
    }
    entry, unread = validate_each(LonePosition, said, _flag_place, problems)
    assert entry is not None
    return entry, unread


def _flag_place(path: Path, key: bool) -> Place:  # noqa: ARG001 - as every locator
    return Place(path=_FLAGS[str(path[0])])


def read_amount(text: str, *, most_allowed: bool) -> Decimal | None:
    """Return an amount above zero; None for ``max``.

    Raises:
        InputError: it is no amount.
    """
    place = Place(path="AMOUNT")
    if text.lower() == "max":
        if most_allowed:
            return None
        raise InputError.of("max says nothing here", "name the amount to add", place)
    try:
        amount = read_decimal(text)
    except ValueError as error:
        hint = "or max for the most that is allowed" if most_allowed else None
        raise InputError.of(str(error), hint, place) from None
    if amount <= 0:
        other = "marginctl add puts margin in, marginctl remove takes it out"
        raise InputError.of(f"an amount lies above zero, not at {amount:f}", other, place)
    return amount
