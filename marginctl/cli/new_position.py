"""A position that is not there yet, opened by a what-if's trade in an account that is."""

from collections.abc import Sequence

from marginctl.cli.inputs import (
    FLAGS,
    LoadedAccounts,
    Tiers,
    apply_flags,
    load_accounts,
    overrides_of,
    read_file,
)
from marginctl.cli.options import PositionFlags
from marginctl.core.changes import Open, Trade
from marginctl.core.numbers import exactly
from marginctl.core.pool import dex_of
from marginctl.core.position import Position
from marginctl.core.rules import Venue
from marginctl.load.account import AmbiguousAssetError, LoadedAccount, Overrides
from marginctl.load.arguments import Texts
from marginctl.load.change_request import read_changes
from marginctl.load.hyperliquid_account import collateral_token
from marginctl.load.inputs import AccountInput, PositionInput, known_asset, make_position
from marginctl.load.problems import InputError, Place, Problem
from marginctl.render.data import TiersView

_BACKING = frozenset({"collateral", "account_value"})
_OF_AN_ORDER = frozenset({"asset", "mark", "leverage", "mode"})
_BEFORE = ("--set-mark", "--move", "--fund", "--set-leverage")


def read_or_open(
    file: str | None, flags: PositionFlags, texts: Texts, tiers: Tiers
) -> tuple[LoadedAccounts, Open | None]:
    """Return the accounts that are meant, and the order that opens a position in them, if any.

    A trade in an asset of which the account has no position opens one.

    Raises:
        InputError: with every problem.
    """
    opens = texts["--trade"] is not None and flags.asset is not None
    if file is None and opens and flags.size is None and flags.entry is None:
        return _with_order([_empty(flags)], flags, texts, tiers)
    if file is None:
        return load_accounts(None, flags, tiers), None
    account_input = read_file(file, tiers)
    try:
        return apply_flags(account_input, tiers, overrides_of(flags)), None
    except AmbiguousAssetError:
        if not opens:
            raise
    return _with_order(account_input, flags, texts, tiers)


def _empty(flags: PositionFlags) -> AccountInput:
    """Return an account without positions, that only the flags describe."""
    return AccountInput((), (), FLAGS, overrides_of(_only(flags, _BACKING)).backing)


def _only(flags: PositionFlags, kept: frozenset[str]) -> PositionFlags:
    others = set(flags._fields) - kept
    return flags._replace(**dict.fromkeys(others))


def _with_order(
    account_input: Sequence[AccountInput], flags: PositionFlags, texts: Texts, tiers: Tiers
) -> tuple[LoadedAccounts, Open]:
    _check_flags(flags, texts)
    backing = overrides_of(_only(flags, _BACKING)).backing
    sources = apply_flags(account_input, tiers, Overrides(backing=backing))
    assert flags.asset is not None
    loaded, view = _account_for(flags.asset, sources)
    trade = next(
        change for change in read_changes(texts, loaded.venue) if isinstance(change, Trade)
    )
    position = _ordered(flags, trade, loaded.venue)
    if not position.isolated and loaded.account.cash is None:
        message = "a cross position needs the account behind it"
        raise InputError.of(message, "give --collateral or --account-value")
    loaded = loaded._replace(venue=_with_asset(loaded.venue, position.asset, tiers))
    order = Open(
        position.asset,
        trade.size,
        position.entry_price,
        position.leverage,
        position.margin_mode,
        position.mark_price,
        trade.fee_rate,
    )
    return [(loaded, view)], order


def _check_flags(flags: PositionFlags, texts: Texts) -> None:
    """Find flags that have no meaning for a position which a trade opens."""
    problems = []
    for name, given in flags._asdict().items():
        if name not in _OF_AN_ORDER | _BACKING and given is not None:
            message = "the position does not exist yet: --trade gives its size and side"
            if name in {"margin", "equity"}:
                message = "the position does not exist yet: its margin is size · price / leverage"
            problems.append(Problem(message, "drop it", Place(path=f"--{name}")))
    for flag in _BEFORE:
        text = texts[flag]
        if text is not None and not (flag == "--fund" and text.strip().startswith("-")):
            message = "the position does not exist yet: nothing can change before it is opened"
            hint = "drop it; -m is the mark now, -l the leverage"
            problems.append(Problem(message, hint, Place(path=flag)))
    if problems:
        raise InputError(problems)


def _account_for(name: str, sources: LoadedAccounts) -> tuple[LoadedAccount, TiersView]:
    """Return the account in which a position in an asset would be.

    Raises:
        InputError: none of them is on the dex of the asset, or shares its collateral.
    """
    if len(sources) == 1 and not sources[0][0].account.pool.dexes:
        return sources[0]
    dex = dex_of(name)
    for loaded, view in sources:
        if dex in loaded.account.pool.dexes:
            return loaded, view
    for loaded, view in sources:
        pool = loaded.account.pool
        if pool.shared and collateral_token(dex, loaded.collateral) == pool.token:
            return loaded, view
    if len(sources) > 1 and sources[0][0].account_file is None:
        raise InputError.of("each line is a separate account", "give a file with one of them")
    where = f"dex {dex!r}" if dex else "main dex"
    message = f"{name} would be on the {where}, whose state is missing"
    hint = "add its clearinghouseState; marginctl fetch account prints it"
    if not sources[0][0].account.pool.shared and sources[0][0].account_file is not None:
        message = f"{name} would be on the {where}, where the file has no money of the account"
        hint = "a standard account needs money on each dex: add the clearinghouseState of this one"
    raise InputError.of(message, hint, Place(path="--asset"))


@exactly
def _ordered(flags: PositionFlags, trade: Trade, venue: Venue) -> Position:
    """Return the position that a trade opens.

    Raises:
        InputError: with every problem.
    """
    position_input = overrides_of(_only(flags, _OF_AN_ORDER - {"asset"})).position_input
    price = position_input.mark_price if trade.price is None else trade.price
    problems = []
    if price is None:
        message = "the price of the trade is missing: the account has no position in this asset"
        problems.append(Problem(message, "give --at, or the mark now with -m", Place(path="--at")))
    if position_input.leverage is None:
        message = "the leverage of the new position is missing"
        problems.append(Problem(message, "give -l", Place(path="--leverage")))
    assert flags.asset is not None
    try:
        asset = known_asset(venue, flags.asset, Place(path="--asset"))
    except InputError as error:
        hint = (
            "its tiers are not known: marginctl fetch account prints them with the account, "
            "marginctl fetch tiers for a tier file"
        )
        found = error.problems
        if dex_of(flags.asset):
            found = tuple(problem._replace(hint=hint) for problem in found)
        raise InputError([*problems, *found]) from None
    if problems:
        raise InputError(problems)
    wanted = PositionInput(
        asset=asset.name,
        size=trade.size,
        entry_price=price,
        mark_price=position_input.mark_price,
        leverage=position_input.leverage,
        margin_mode=position_input.margin_mode,
    )
    return make_position(wanted, venue, FLAGS)


def _with_asset(venue: Venue, name: str, tiers: Tiers) -> Venue:
    """Return the venue with an asset that only the account's metas know named beside its own."""
    known, _ = tiers.venue(venue.name)
    if name in known.assets or any(asset.name == name for asset in venue.beside):
        return venue
    return venue._replace(beside=(*venue.beside, venue.assets[name]))
