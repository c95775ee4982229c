"""From flags and files to accounts, and whether a file is a stream."""

import os
import re
import stat
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeGuard

from marginctl.cli.options import PositionFlags, StreamFlags, TierFlags
from marginctl.cli.surroundings import today
from marginctl.core.account import Account, Betas
from marginctl.core.notices import Notice
from marginctl.core.numbers import exactly
from marginctl.core.rules import Venue
from marginctl.load.account import AmbiguousAssetError, LoadedAccount, Overrides, read_account
from marginctl.load.files import STDIN, InputFile
from marginctl.load.inputs import (
    NO_BACKING,
    NO_INPUT,
    AccountFunds,
    AccountInput,
    PositionInput,
    find_asset,
)
from marginctl.load.numbers import read_decimal
from marginctl.load.problems import InputError, Place, Problem, Source, did_you_mean, stop_at_most
from marginctl.load.tier_source import VENUE_VARIABLE, TierSource, find_tiers, load_tiers, user_file
from marginctl.render.data import TiersView

LoadedAccounts = list[tuple[LoadedAccount, TiersView]]
"""Accounts that were read, each with the tier file that is used for it."""


def is_stream(source: InputFile | None, form: str, flags: StreamFlags) -> TypeGuard[InputFile]:
    """Whether a file is to be answered line by line: NDJSON in, and NDJSON out.

    Raises:
        InputError: it is not, and flags for streams are given.
    """
    if source is not None and form == "ndjson":
        from marginctl.load.files import has_lines

        if has_lines(source):
            return True
    for given, flag in ((flags.keep_going, "--keep-going"), (flags.jobs is not None, "--jobs")):
        if given:
            message = "this is for streams (one position per line), and this is not one"
            hint = "give an NDJSON file, and -o ndjson"
            raise InputError.of(message, hint, Place(path=flag))
    return False


OLD_AFTER_DAYS = 90
"""Days after which tiers are likely to have changed."""

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
FLAGS = Source.of_arguments({field: (flag,) for field, flag in _FLAGS.items()})
"""The flags of a position, as its source."""


class Tiers:
    """The tier file that is meant, and its venues."""

    def __init__(self, flags: TierFlags) -> None:
        self.source: TierSource = load_tiers(*find_tiers(flags.tiers, os.environ))
        self.old: dict[str, Notice] = {}
        """By venue, the notice that its tiers are likely to have changed."""
        self._flag = flags.venue
        self._venues: dict[str | None, tuple[Venue, TiersView]] = {}

    def venue(self, of_file: str | None = None) -> tuple[Venue, TiersView]:
        """Return the venue that is meant: by flag, by the positions' file, by environment."""
        if of_file not in self._venues:
            name = self._flag or of_file or os.environ.get(VENUE_VARIABLE) or None
            known = self.source.file.venue_names
            if name is not None and name not in known:
                named_by = "--venue" if self._flag else "venue" if of_file else VENUE_VARIABLE
                hint = did_you_mean(name, known) or (
                    f"known: {', '.join(known)}; marginctl tiers import adds others"
                )
                message = f"{self.source.path} has no venue {name!r}"
                raise InputError.of(message, hint, Place(path=named_by))
            self._venues[of_file] = self._read(name)
        return self._venues[of_file]

    def _read(self, name: str | None) -> tuple[Venue, TiersView]:
        loaded = self.source.file.venue(name)
        as_of = None if loaded.as_of is None else loaded.as_of.isoformat()
        source = self.source
        if loaded.as_of is not None and not loaded.archived:
            days = (today() - loaded.as_of).days
            if days > OLD_AFTER_DAYS:
                self.old[loaded.venue.name] = _age_notice(loaded.venue, days, source)
        venue = loaded.venue
        if source.origin == "option":
            venue = venue._replace(tier_file=source.path)
        return venue, TiersView(source.path, source.origin, as_of, source.sha256)


def _age_notice(venue: Venue, days: int, source: TierSource) -> Notice:
    """Return the warning that a venue's tiers are so old, with what refreshes them."""
    from shlex import quote  # only old tiers need it

    refresh = "compare them with the exchange's and update as_of"
    if venue.rules.name == "hyperliquid":
        name = quote(venue.name)
        refresh = (
            "to update: marginctl fetch tiers | "
            f"marginctl tiers import - --into {_target(source)} --venue {name}"
        )
    message = f"the tiers of {venue.name} are {days:,} days old; {refresh}"
    return Notice("tiers_old", None, message)


def _target(source: TierSource) -> str:
    """Return the file to write newer tiers into: the user's own instead of the shipped one."""
    from shlex import quote

    if source.origin != "bundled":
        return quote(source.path)
    own, home = user_file(os.environ), os.environ.get("HOME")
    if own is None:
        return "tiers.yaml"
    if home and own.is_relative_to(home):
        return f"~/{quote(own.relative_to(home).as_posix())}"
    return quote(str(own))


def load_accounts(
    file: str | InputFile | None, flags: PositionFlags, tiers: Tiers
) -> LoadedAccounts:
    """Return the accounts that a file and flags describe; without a file, that of the flags.

    Raises:
        InputError: with every problem.
    """
    problems: list[Problem] = []
    if file is None:
        if not any(flags):
            raise _nothing_given()
        position_input, backing = _read_flags(flags, problems)
        account_input = [
            AccountInput((position_input,), (FLAGS,), FLAGS, backing, problems=problems)
        ]
        overrides = Overrides()
    else:
        overrides = overrides_of(flags)
        account_input = read_file(file, tiers)
    return apply_flags(account_input, tiers, overrides)


def read_file(file: str | InputFile, tiers: Tiers) -> list[AccountInput]:
    """Return the accounts of a file, or of standard input.

    Raises:
        InputError: with every problem of form.
    """
    from marginctl.load.positions import read_accounts

    source = source_named(file, tiers) if isinstance(file, str) else file
    assert source is not None
    return read_accounts(source.rest(), source.name)


@exactly
def apply_flags(
    account_input: Sequence[AccountInput], tiers: Tiers, overrides: Overrides
) -> LoadedAccounts:
    """Return the accounts of which flags say something: where they pick, those that have it.

    Raises:
        InputError: with every problem.
    """
    accounts = []
    problems: list[Problem] = []
    nothing_picked: AmbiguousAssetError | None = None
    noted: dict[Place | None, Notice] = {}
    if overrides.backing != NO_BACKING and overrides.asset is None:
        flag = "--account-value" if overrides.backing.collateral is None else "--collateral"
        _check_one_backing(account_input, flag)
    for number, account in enumerate(account_input):
        stop_at_most(problems, len(account_input) - number, account.source.place)
        venue, view = tiers.venue(account.venue)
        try:
            loaded = read_account(account, venue, overrides)
        except AmbiguousAssetError as error:
            # of the accounts of one file, the one with positions names the likely ones
            nothing_picked = (
                error if account.position_inputs or nothing_picked is None else nothing_picked
            )
            continue
        except InputError as error:
            problems.extend(error.problems)
            continue
        recorded = account.recorded
        if recorded.made_with not in {None, view.sha256}:
            message = "the input was computed with other tiers: it is recomputed"
            notices = (*loaded.notices, Notice("other_tiers", None, message))
            loaded = loaded._replace(notices=notices)
        # noted once, however many lines there are; of one file by whichever account is meant
        notice = noted.get(recorded.account_file) or tiers.old.pop(venue.name, None)
        if notice is not None:
            loaded = loaded._replace(notices=(*loaded.notices, notice))
            if recorded.account_file is not None:
                noted = {recorded.account_file: notice}
        accounts.append((loaded, view))
    if problems:
        raise InputError(problems)
    if nothing_picked is not None and not accounts:
        raise nothing_picked
    return accounts


def _check_one_backing(account_input: Sequence[AccountInput], flag: str) -> None:
    files = {account.recorded.account_file for account in account_input}
    if len(account_input) > 1 and len(files) == 1 and None not in files:
        message = "the file has several accounts, so this flag is ambiguous"
        hint = "pick a position of it with --asset"
        raise InputError.of(message, hint, Place(path=flag))


_EXAMPLE = "marginctl show -a ETH -q 10 -e 2500 -m 2400 -l 10"


def _nothing_given() -> InputError:
    """Return how to begin, where there is neither a file nor a flag of a position."""
    piped = sys.stdin is not None and not sys.stdin.isatty()
    with suppress(OSError, ValueError):
        piped = piped and stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode)
    if piped:
        message, hint = (
            "input is piped in, but no FILE is given",
            "read it with -: marginctl show -",
        )
        return InputError.of(message, hint)
    message = "no position given: describe one with flags, or name a file"
    return InputError.of(message, f"for example: {_EXAMPLE}")


_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")


def source_named(path: str | None, tiers: Tiers) -> InputFile | None:
    """Return the file of a name, None without one.

    Raises:
        InputError: it cannot be opened; where an asset has this name, that is what was meant.
    """
    if path is None:
        return None
    if path != STDIN and not os.path.lexists(path):
        if _ADDRESS.fullmatch(path):
            hint = f"did you mean marginctl fetch account {path} | marginctl show -?"
            raise InputError.of(f"there is no file {path!r}", hint, Place(path="FILE"))
        asset = find_asset(tiers.venue()[0], path)
        if asset is not None:
            message = f"there is no file {path!r}"
            raise InputError.of(message, f"did you mean -a {asset.name}?", Place(path="FILE"))
    return InputFile(path)


def overrides_of(flags: PositionFlags) -> Overrides:
    """Return what flags say of the positions of a file.

    Raises:
        InputError: with every problem.
    """
    problems: list[Problem] = []
    position_input, backing = _read_flags(flags, problems)
    if problems:
        raise InputError(problems)
    rest = position_input._replace(asset=None)
    if rest == NO_INPUT:
        return Overrides(position_input.asset, backing=backing)
    return Overrides(position_input.asset, rest, backing, FLAGS)


def _read_flags(
    flags: PositionFlags, problems: list[Problem]
) -> tuple[PositionInput, AccountFunds]:
    """Read the flags about a position and about what backs it."""
    texts = {
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
    values: dict[str, Any] = {}
    for field, text in texts.items():
        if text is not None:
            try:
                values[field] = _READERS.get(field, read_decimal)(text)
            except ValueError as error:
                problems.append(Problem(str(error), None, Place(path=_FLAGS[field])))
    unread = {field for field, text in texts.items() if text is not None} - values.keys()
    backing = AccountFunds(values.pop("collateral", None), values.pop("account_value", None))
    return PositionInput(**values, unread=frozenset(unread)), backing


def _one_of(*words: str, **synonyms: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        word = synonyms.get(text.lower(), text.lower())
        if word in words:
            return word
        known = " or ".join(map(repr, words))
        raise ValueError(f"{text[:40]!r} is not one of {known}")

    return read


_READERS: dict[str, Callable[[str], Any]] = {
    "asset": str,
    "side": _one_of("long", "short", buy="long", sell="short"),
    "margin_mode": _one_of("isolated", "cross"),
}
"""How a flag is read that is not a number."""


def read_betas(path: str | None, accounts: LoadedAccounts) -> Betas | None:
    """Return the multiples of a beta file, None without one.

    Raises:
        InputError: with every problem of the file.
    """
    if path is None:
        return None
    from marginctl.load.sweep_request import load_betas

    return load_betas(path, accounts[0][0].venue)


def beta_notices(betas: Betas, account: Account) -> list[Notice]:
    """Say which assets move one to one, because the beta file does not name them."""
    from marginctl.core.path import unnamed

    return [
        Notice("beta_assumed", asset, "not in the beta file, so it moves one to one")
        for asset in unnamed(betas, account.positions)
    ]
