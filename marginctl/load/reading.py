"""From drafts and flags to an account that can be evaluated."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.account import Account, beyond_listed, cash_of
from marginctl.core.notices import Notice
from marginctl.core.numbers import (
    ZERO,
    down_to_step,
    exactly,
    finite,
    fraction_of,
    unit_for,
)
from marginctl.core.position import Position
from marginctl.core.rules import Totals, most_demanding
from marginctl.core.trade import as_cash
from marginctl.core.venue import Venue
from marginctl.load.account_drafts import (
    MAINTENANCE_STEP,
    NO_BACKING,
    NO_COLLATERAL,
    AccountDraft,
    Backing,
    CrossTotals,
)
from marginctl.load.drafts import NOTHING_SAID, Draft, Origin, find_asset, make_position
from marginctl.load.problems import (
    MOST_PROBLEMS,
    InputError,
    Place,
    Problem,
    did_you_mean,
    stop_at_most,
)
from marginctl.load.recorded_assets import with_exchange_assets, with_recorded_assets

EXCERPT_FROM = Decimal("0.01")
"""The notional, in the quote currency, by which totals differ from sums beyond mere rounding."""
_ONLY = (0,)


class NotPickedError(InputError):
    """An account has no position in the asset that was picked."""


class Reading(NamedTuple):
    """An account, the venue it is on, and what is known of it besides.

    ``selected`` are the places of the positions that were asked for. ``recorded_prices`` are the
    exchange's own liquidation prices, None where the account is not an exchange's record.
    ``rounding`` is by how much what is known of a recorded account may be off. ``collateral``
    and ``account_file`` are as in `AccountDraft`.
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

    ``asset`` picks; ``draft`` says nothing of the asset.
    """

    asset: str | None = None
    draft: Draft = NOTHING_SAID
    backing: Backing = NO_BACKING


def read_account(drafted: AccountDraft, venue: Venue, overrides: Overrides) -> Reading:
    """Return the account that drafts and overrides describe.

    Raises:
        InputError: with every problem of meaning.
    """
    if drafted.problems and not drafted.drafts:
        raise InputError(drafted.problems)
    notices = [*drafted.notices]
    totals = drafted.totals
    if drafted.rules is not None and venue.rules.name != drafted.rules:
        message = f"these are positions of {drafted.rules}, and {venue.name} has other rules"
        hint = f"name a venue with rules: {drafted.rules} by --venue, its file by --tiers"
        raise InputError.of(message, hint, drafted.origin.place())
    if drafted.assets:
        held = (draft.asset for draft in drafted.drafts)
        venue = with_exchange_assets(venue, drafted.assets, held)
    if drafted.terms:
        venue, found = with_recorded_assets(venue, drafted.terms)
        notices += found
    selected = _selected(drafted, venue, overrides)
    drafts: Sequence[Draft] = drafted.drafts
    if overrides.draft != NOTHING_SAID:
        drafts = [
            draft.overridden(overrides.draft) if index in selected else draft
            for index, draft in enumerate(drafts)
        ]
    backing = drafted.backing.overridden(overrides.backing)
    try:
        positions = _positions(drafts, drafted, venue)
    except InputError as error:
        crossed = any(draft.margin_mode == "cross" for draft in drafts) and totals is None
        missing = _backing_problems(backing, venue, drafted.origin, crossed=crossed)
        raise InputError([*error.problems, *missing]) from None
    for index in selected:
        if drafts[index].mark_price is None:
            message = "no mark price was given: it is taken to be the entry price"
            notices.append(Notice("mark_from_entry", positions[index].asset, message))
    if totals is not None:
        listed = _positions(drafted.drafts, drafted, venue)
        account = Account(listed, maintenance_step=totals.maintenance_step)
        account = account._replace(pool=drafted.pool)
        account = _totalled_account(totals, account, venue, overrides.backing, notices)
        return Reading(
            account._replace(positions=positions),
            venue,
            selected,
            tuple(notices),
            # a changed position is no longer the one that the exchange answered for
            drafted.recorded_prices if overrides.draft == NOTHING_SAID else None,
            totals.withdrawable if overrides == Overrides(overrides.asset) else None,
            # each recorded amount is cut to a step; a value given by hand is good to the cent
            MAINTENANCE_STEP * (len(positions) + 1)
            if overrides.backing == NO_BACKING
            else EXCERPT_FROM,
            drafted.collateral,
            drafted.account_file,
        )
    cash = cash_behind(backing, positions, venue, drafted.origin)
    # a changed position is no longer the one that the exchange answered for
    as_recorded = drafted.rules is not None and overrides.draft == NOTHING_SAID
    return Reading(
        Account(positions, cash),
        venue,
        selected,
        tuple(notices),
        drafted.recorded_prices if as_recorded else None,
        rounding=drafted.rounding,
    )


def _selected(drafted: AccountDraft, venue: Venue, overrides: Overrides) -> tuple[int, ...]:
    """Return the places of the positions that are asked for."""
    everything = _ONLY if len(drafted.drafts) == 1 else tuple(range(len(drafted.drafts)))
    picked = everything
    if overrides.asset is not None:
        names = [draft.asset or "" for draft in drafted.drafts]
        asset = find_asset(venue, overrides.asset)
        wanted = (overrides.asset if asset is None else asset.name).casefold()
        picked = tuple(index for index in everything if names[index].casefold() == wanted)
        if not picked:
            hint = did_you_mean(overrides.asset, names)
            hint = hint or f"it has {', '.join(dict.fromkeys(names)) or 'no positions at all'}"
            message = f"there is no position in {overrides.asset!r}"
            raise NotPickedError.of(message, hint, drafted.origin.place())
    if len(picked) != 1 and overrides.draft != NOTHING_SAID:
        message = "flags that describe a position are for one, and several are meant"
        hint = (
            "pick one with --asset" if overrides.asset is None else "give a file with one of them"
        )
        if not picked:
            message = "flags that describe a position change one, and there is none in this account"
            hint = "drop them, or describe a position without a file"
        raise InputError.of(message, hint, drafted.origin.place())
    return picked


def _positions(
    drafts: Sequence[Draft], drafted: AccountDraft, venue: Venue
) -> tuple[Position, ...]:
    positions: list[Position] = []
    made: list[Origin] = []
    problems: list[Problem] = list(drafted.problems)
    if len(problems) >= MOST_PROBLEMS:  # those of form are as many as are shown
        raise InputError(problems)
    pairs = zip(drafts, drafted.origins, strict=True)
    for number, (draft, origin) in enumerate(pairs):
        stop_at_most(problems, len(drafts) - number, origin.place())
        try:
            positions.append(make_position(draft, venue, origin))
            made.append(origin)
        except InputError as error:
            problems.extend(error.problems)
    problems += netted(positions, made)
    if problems:
        raise InputError(problems)
    return tuple(positions)


def netted(positions: Sequence[Position], origins: Sequence[Origin]) -> list[Problem]:
    """Return a problem for every cross position in an asset that has one already."""
    problems: list[Problem] = []
    if len(positions) == 1:
        return problems
    seen: set[str] = set()
    for position, origin in zip(positions, origins, strict=True):
        if position.isolated:
            continue
        if position.asset in seen:
            message = f"a second cross position in {position.asset}: the venue nets them into one"
            problems.append(Problem(message, "give the net position", origin.place("asset")))
        seen.add(position.asset)
    return problems


def cash_behind(
    backing: Backing, positions: Sequence[Position], venue: Venue, origin: Origin
) -> Decimal | None:
    """Return the cash that backs the cross positions, None when nothing is said of it.

    Raises:
        InputError: too much is said of it, or too little.
    """
    crossed = not all(position.isolated for position in positions)
    if backing == NO_BACKING and not crossed:
        return None
    problems = _backing_problems(backing, venue, origin, crossed=crossed)
    if problems:
        raise InputError(problems)
    value = backing.account_value
    return backing.collateral if value is None else cash_of(value, positions)


def _backing_problems(
    backing: Backing, venue: Venue, origin: Origin, *, crossed: bool
) -> list[Problem]:
    """Find what is wrong with what is said of the money behind positions, cross ones or not."""
    if backing.collateral is not None and backing.account_value is not None:
        message = "collateral and account value are both given, and each determines the other"
        return [Problem(message, "give one of them", origin.place("account_value"))]
    if backing.account_value is not None and not venue.rules.has_cross:
        message = f"{venue.name} has no cross account, so there is no account value"
        hint = "give the wallet as collateral"
        return [Problem(message, hint, origin.place("account_value"))]
    if crossed and backing == NO_BACKING:
        labels = f"{origin.label('collateral')} or {origin.label('account_value')}"
        message = f"a cross position draws on the account: {labels} is missing"
        return [Problem(message, None, origin.place())]
    return []


@exactly
def _totalled_account(
    totals: CrossTotals,
    account: Account,
    venue: Venue,
    backing: Backing,
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
            "the record's maintenance margin is not what these tiers give: "
            "they may be of another day"
        )
        notices.append(Notice("tiers_differ", None, message))
    orders = totals.order_margin
    if totals.withdrawable is not None and venue.rules.has_cross:
        orders = _order_margin(totals, totals.withdrawable, venue)
        if orders:
            message = (
                f"the exchange's record has {totals.withdrawable:,.2f} withdrawable, "
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
