"""From what was read and flags to an account that can be evaluated."""

from collections import ChainMap
from collections.abc import Container, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import repeat
from typing import NamedTuple

from marginctl.core.account import Account, as_cash, beyond_listed, cash_of
from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO, down_to_step, exactly, finite, fraction_of, unit_for
from marginctl.core.position import Asset, AssetMode, Position
from marginctl.core.records import Record
from marginctl.core.rules import Totals, Venue, most_demanding
from marginctl.core.tiers import TierSpec, TierTable
from marginctl.load.inputs import (
    MAINTENANCE_STEP,
    NO_BACKING,
    NO_COLLATERAL,
    NO_INPUT,
    NOT_RECORDED,
    AccountFunds,
    AccountInput,
    CrossTotals,
    PositionInput,
    RecordedTerms,
    find_asset,
    make_position,
)
from marginctl.load.problems import (
    MOST_PROBLEMS,
    InputError,
    Place,
    Problem,
    Source,
    did_you_mean,
    stop_at_most,
)


def with_recorded_assets(
    venue: Venue, recorded: Sequence[RecordedTerms]
) -> tuple[Venue, list[Notice]]:
    """Return the venue with the tiers that a record's positions are margined by, and notes.

    The recorded max leverage takes the place of the first tier's; higher tiers stay as far as
    they allow less. A recorded cross position is one, whatever the tier file says. An asset that
    the tier file does not know has one tier of that leverage.
    """
    changed: dict[str, Asset] = {}
    notices = []
    for name, leverage, crossed in recorded:
        known = venue.assets.get(name)
        if known is None:
            changed[name] = Asset(name, TierTable.build([TierSpec(ZERO, leverage)]))
            message = (
                f"not in the tier file: one tier of {leverage:f}x is assumed, "
                "the max leverage in the account file"
            )
            notices.append(Notice("unknown_asset", name, message, leverage))
        elif known.max_leverage != leverage:
            changed[name] = known._replace(table=_with_first_leverage(known.table, leverage))
            message = (
                f"uses the account file's max leverage of {leverage:f}x; "
                f"the tier file has {known.max_leverage:f}x"
            )
            notices.append(Notice("recorded_leverage", name, message, leverage))
        if known is not None and crossed and known.mode is not AssetMode.NORMAL:
            changed[name] = changed.get(name, known)._replace(mode=AssetMode.NORMAL)
            message = (
                "a cross position in the account file; the tier file does not allow cross margin"
            )
            notices.append(Notice("recorded_cross", name, message, leverage))
    return venue._replace(assets=ChainMap(changed, dict(venue.assets))), notices


def with_exchange_assets(
    venue: Venue, assets: Sequence[Asset], held: Iterable[str | None]
) -> Venue:
    """Return the venue with the assets that its tier file does not know, those held among them."""
    more = {asset.name: asset for asset in assets if asset.name not in venue.assets}
    if not more:
        return venue
    beside = tuple(more[name] for name in dict.fromkeys(held) if name in more)
    return venue._replace(assets=ChainMap(more, dict(venue.assets)), beside=beside)


def _with_first_leverage(table: TierTable, leverage: Decimal) -> TierTable:
    higher = [
        TierSpec(tier.lower_bound, tier.max_leverage, tier.maintenance_margin_rate)
        for tier in table.tiers[1:]
        if tier.max_leverage < leverage
    ]
    return TierTable.build([TierSpec(ZERO, leverage), *higher], table.upper_bound)


EXCERPT_FROM = Decimal("0.01")
"""The notional, in the quote currency, by which totals differ from sums beyond mere rounding."""
_ONLY = (0,)


class AmbiguousAssetError(InputError):
    """An account has no position in the asset that was picked."""


class LoadedAccount(Record):
    """An account, the venue it is on, and what is known of it besides.

    ``selected`` are the places of the positions that were asked for. ``recorded_prices`` are the
    exchange's own liquidation prices, None where the account is not an exchange's record.
    ``rounding`` is by how much what is known of a recorded account may be off. ``collateral``
    and ``account_file`` are as in `RecordedAccount`.
    """

    account: Account
    venue: Venue
    selected: tuple[int, ...]
    notices: tuple[Notice, ...] = ()
    recorded_prices: tuple[Decimal | None, ...] | None = None
    withdrawable: Decimal | None = None
    rounding: Decimal = ZERO
    collateral: Mapping[str, str] = NO_COLLATERAL
    account_file: Place | None = None


class Overrides(NamedTuple):
    """What flags say: of the positions picked from a file, and of what backs the account.

    ``asset`` picks; ``position_input`` has no asset, and ``source`` is where each is given.
    """

    asset: str | None = None
    position_input: PositionInput = NO_INPUT
    backing: AccountFunds = NO_BACKING
    source: Source | None = None


def read_account(account_input: AccountInput, venue: Venue, overrides: Overrides) -> LoadedAccount:
    """Return the account that an input and overrides describe. It belongs inside an `exactly`.

    Raises:
        InputError: with every problem of meaning.
    """
    position_inputs, _, source, backing, _, problems, recorded = account_input
    if problems and not position_inputs:
        raise InputError(problems)
    notices: list[Notice] = []
    if recorded is not NOT_RECORDED:
        venue, notices = _recorded_venue(account_input, venue)
    selected = _selected_places(account_input, venue, overrides)
    changed = overrides.position_input != NO_INPUT
    if changed:
        position_inputs = tuple(
            position_input.overridden(overrides.position_input)
            if index in selected
            else position_input
            for index, position_input in enumerate(position_inputs)
        )
        account_input = _placed_by(account_input, overrides, selected)
    backing = backing.overridden(overrides.backing)
    totals = recorded.totals
    try:
        positions = _made_positions(position_inputs, account_input, venue)
    except InputError as error:
        crossed = (
            any(position_input.margin_mode == "cross" for position_input in position_inputs)
            and totals is None
        )
        missing = _backing_problems(backing, venue, source, crossed=crossed)
        raise InputError([*error.problems, *missing]) from None
    for index in selected:
        if position_inputs[index].mark_price is None:
            message = "no mark price given: the entry price is used"
            asset = positions[index].asset
            notices.append(Notice("mark_from_entry", asset, message, place=index))
    # a changed position is no longer the one that the exchange answered for
    prices = None if changed else recorded.prices
    if totals is None:
        valued = positions
        if overrides.position_input.mark_price is not None and overrides.backing == NO_BACKING:
            # an account value that a file states is the one at its own marks
            at_own = _at_own_marks(position_inputs, account_input)
            valued = _made_positions(at_own, account_input, venue)
        return LoadedAccount(
            Account(positions, cash_behind(backing, valued, venue, source)),
            venue,
            selected,
            tuple(notices),
            None if recorded.rules is None else prices,
            None,
            recorded.rounding,
        )
    listed = _made_positions(account_input.position_inputs, account_input, venue)
    account = Account(listed, maintenance_step=totals.maintenance_step, pool=recorded.pool)
    account = _totalled_account(totals, account, venue, overrides.backing, notices)
    return LoadedAccount(
        account._replace(positions=positions),
        venue,
        selected,
        tuple(notices),
        prices,
        totals.withdrawable if overrides == Overrides(overrides.asset) else None,
        # each recorded amount is cut to a step; a value given by hand is good to the cent
        MAINTENANCE_STEP * (len(positions) + 1)
        if overrides.backing == NO_BACKING
        else EXCERPT_FROM,
        recorded.collateral,
        recorded.account_file,
    )


def each_alone(loaded: LoadedAccount) -> list[LoadedAccount]:
    """Return each position of an account of isolated ones, of which no cash is known, by itself."""
    noted: dict[int | None, list[Notice]] = {}
    for notice in loaded.notices:
        noted.setdefault(notice.place, []).append(notice.about(0))
    return [
        LoadedAccount(Account((position,)), loaded.venue, _ONLY, tuple(noted.get(place, ())))
        for place, position in enumerate(loaded.account.positions)
    ]


def _recorded_venue(account_input: AccountInput, venue: Venue) -> tuple[Venue, list[Notice]]:
    """Return the venue with the assets and tiers that a record has, and notes.

    Raises:
        InputError: the record is of another venue.
    """
    recorded = account_input.recorded
    notices = [*recorded.notices]
    if recorded.rules is not None and venue.rules.name != recorded.rules:
        message = f"these are positions of {recorded.rules}, and {venue.name} has other rules"
        hint = f"name a venue with rules: {recorded.rules} by --venue, its file by --tiers"
        raise InputError.of(message, hint, account_input.source.place())
    if recorded.assets:
        held = (position_input.asset for position_input in account_input.position_inputs)
        venue = with_exchange_assets(venue, recorded.assets, held)
    if recorded.terms:
        venue, found = with_recorded_assets(venue, recorded.terms)
        notices += found
    return venue, notices


def _selected_places(
    account_input: AccountInput, venue: Venue, overrides: Overrides
) -> tuple[int, ...]:
    """Return the places of the positions that are asked for."""
    everything = (
        _ONLY
        if len(account_input.position_inputs) == 1
        else tuple(range(len(account_input.position_inputs)))
    )
    picked = everything
    if overrides.asset is not None:
        names = [position_input.asset or "" for position_input in account_input.position_inputs]
        asset = find_asset(venue, overrides.asset)
        wanted = (overrides.asset if asset is None else asset.name).casefold()
        picked = tuple(index for index in everything if names[index].casefold() == wanted)
        if not picked:
            hint = did_you_mean(overrides.asset, names)
            if hint is None:
                held = ", ".join(dict.fromkeys(names))
                hint = f"the positions are in {held}" if held else "there are no positions at all"
            message = f"there is no position in {overrides.asset!r}"
            raise AmbiguousAssetError.of(message, hint, account_input.source.place())
    if len(picked) != 1 and overrides.position_input != NO_INPUT:
        message = "position flags change one position, but there are several"
        hint = (
            "pick one with --asset" if overrides.asset is None else "give a file with one of them"
        )
        if not picked:
            message = "position flags change a position, but this account has none"
            hint = "drop them, or describe a position without a file"
        raise InputError.of(message, hint, account_input.source.place())
    return picked


def _made_positions(
    position_inputs: Sequence[PositionInput], account_input: AccountInput, venue: Venue
) -> tuple[Position, ...]:
    sources = account_input.sources
    if not account_input.problems:
        try:
            right = tuple(map(make_position, position_inputs, repeat(venue), sources))
            if not netted(right, sources):
                return right  # nearly always all of them are right
        except InputError:
            if len(position_inputs) == 1:
                raise  # what is wrong with it is all there is
    positions: list[Position] = []
    made: list[Source] = []
    problems: list[Problem] = list(account_input.problems)
    if len(problems) >= MOST_PROBLEMS:  # those of form are as many as are shown
        raise InputError(problems)
    pairs = zip(position_inputs, sources, strict=True)
    for number, (position_input, source) in enumerate(pairs):
        if problems:
            stop_at_most(problems, len(position_inputs) - number, source.place)
        try:
            positions.append(make_position(position_input, venue, source))
            made.append(source)
        except InputError as error:
            problems.extend(error.problems)
    problems += netted(positions, made)
    if problems:
        raise InputError(problems)
    return tuple(positions)


def _placed_by(
    account_input: AccountInput, overrides: Overrides, selected: Container[int]
) -> AccountInput:
    """Return an input in which what flags say of the selected positions is placed at the flags."""
    flags = overrides.source
    if flags is None:
        return account_input
    given = {
        name for name, value in overrides.position_input._asdict().items() if value is not None
    }
    sources = tuple(
        source.but(given, flags) if index in selected else source
        for index, source in enumerate(account_input.sources)
    )
    return account_input._replace(sources=sources)


def _at_own_marks(
    position_inputs: Sequence[PositionInput], account_input: AccountInput
) -> list[PositionInput]:
    """Return positions at the marks of their file, as far as it has them."""
    return [
        given if own.mark_price is None else given._replace(mark_price=own.mark_price)
        for given, own in zip(position_inputs, account_input.position_inputs, strict=True)
    ]


def netted(positions: Sequence[Position], sources: Sequence[Source]) -> list[Problem]:
    """Return a problem for every cross position in an asset that has one already."""
    problems: list[Problem] = []
    if len(positions) == 1:
        return problems
    seen: set[str] = set()
    for position, source in zip(positions, sources, strict=True):
        if position.isolated:
            continue
        if position.asset in seen:
            message = f"a second cross position in {position.asset}: the venue nets them into one"
            problems.append(Problem(message, "give the net position", source.place("asset")))
        seen.add(position.asset)
    return problems


def cash_behind(
    backing: AccountFunds, positions: Sequence[Position], venue: Venue, source: Source
) -> Decimal | None:
    """Return the cash that backs the cross positions, None when nothing is given.

    Raises:
        InputError: too much is given, or too little.
    """
    crossed = [position for position in positions if not position.isolated]
    if not crossed and backing == NO_BACKING:
        return None
    problems = _backing_problems(backing, venue, source, crossed=bool(crossed))
    if problems:
        raise InputError(problems)
    value = backing.account_value
    return backing.collateral if value is None else cash_of(value, positions)


def _backing_problems(
    backing: AccountFunds, venue: Venue, source: Source, *, crossed: bool
) -> list[Problem]:
    """Find what is wrong with what is given as the money behind positions, cross ones or not."""
    if backing.collateral is not None and backing.account_value is not None:
        message = "collateral and account value are both given, but each determines the other"
        return [Problem(message, "give only one of them", source.place("account_value"))]
    if backing.account_value is not None and not venue.rules.has_cross:
        message = f"{venue.name} has no cross account, so there is no account value"
        hint = "give the wallet balance as collateral"
        return [Problem(message, hint, source.place("account_value"))]
    if crossed and backing == NO_BACKING:
        labels = f"{source.label('collateral')} or {source.label('account_value')}"
        message = f"a cross position needs {labels}"
        return [Problem(message, None, source.place())]
    return []


@exactly
def _totalled_account(
    totals: CrossTotals,
    account: Account,
    venue: Venue,
    backing: AccountFunds,
    notices: list[Notice],
) -> Account:
    """Return an account with its cash; its totals win over the sums of what it lists."""
    value = totals.account_value
    cash = cash_of(value, account.positions)
    if backing.account_value is not None:
        cash += backing.account_value - value
    elif backing.collateral is not None:
        cash = backing.collateral
    account = account._replace(cash=cash)
    unlisted = beyond_listed(
        account,
        [venue.assets[position.asset] for position in account.positions],
        totals.notional,
        totals.initial_margin,
        totals.maintenance_margin,
        totals.exempt_notional,
        totals.exempt_initial,
    )
    excerpt = abs(unlisted.notional) > EXCERPT_FROM
    if not excerpt and abs(unlisted.maintenance) > EXCERPT_FROM:
        message = (
            "the maintenance margin in the account file differs from what these tiers give: "
            "they may be from another day"
        )
        notices.append(Notice("tiers_differ", None, message))
    orders = totals.order_margin
    if totals.withdrawable is not None and venue.rules.has_cross:
        orders = _order_margin(totals, totals.withdrawable, venue)
        if orders:
            message = (
                f"the exchange reports {totals.withdrawable:,.2f} withdrawable, "
                f"{orders:,.2f} less than without orders: resting orders hold that margin"
            )
            notices.append(Notice("resting_orders", None, message))
    return account._replace(unlisted=unlisted, excerpt=excerpt, order_margin=orders)


def _order_margin(totals: CrossTotals, withdrawable: Decimal, venue: Venue) -> Decimal:
    """Return what resting orders hold: what is missing from the exchange's withdrawable amount.

    By its rules, account value - max(sum of initial margins, 0.1 · notional) could go.
    """
    unit = unit_for(totals.initial_margin, totals.maintenance_margin)
    sums = Totals(
        unit,
        totals.notional,
        finite(totals.initial_margin * unit),
        finite(totals.maintenance_margin * unit),
    )
    binding = most_demanding(venue.rules.account_limits(sums))
    if binding is None:
        return ZERO
    free = fraction_of(totals.account_value) - Fraction(binding.parts) / unit
    held = down_to_step(as_cash(max(Fraction(0), free)), MAINTENANCE_STEP) - withdrawable
    return held if held > MAINTENANCE_STEP else ZERO
