"""What was read of a position and of an account, before its meaning is checked.

An input has passed the checks of form. Here its meaning is checked against the venue: what is
missing, what contradicts itself, what the venue does not know. Every problem is found at once.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from marginctl.core.figures import with_margin
from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO, exactly
from marginctl.core.pool import ONE_DEX, Pool
from marginctl.core.position import Asset, AssetMode, MarginMode, Position, Side, position_at
from marginctl.core.rules import Venue
from marginctl.load.json_text import text
from marginctl.load.keys import (
    ACCOUNT,
    LONE_POSITION,
    POSITION,
    Readers,
    ReadValue,
    ValueKind,
    readers_of,
)
from marginctl.load.numbers import ONE, read_decimal, read_own_decimal
from marginctl.load.problems import InputError, Place, Problem, Source, did_you_mean

_JSON: Mapping[ValueKind, ReadValue] = {ValueKind.NUMBER: read_decimal, ValueKind.TEXT: text}
POSITION_READERS = readers_of(POSITION, _JSON)
ACCOUNT_READERS = readers_of(ACCOUNT, _JSON)
LONE_POSITION_READERS = readers_of(LONE_POSITION, _JSON)
_PREVIOUS: Mapping[ValueKind, ReadValue] = {**_JSON, ValueKind.NUMBER: read_own_decimal}
PREVIOUS_POSITION_READERS = readers_of(POSITION, _PREVIOUS)
PREVIOUS_ACCOUNT_READERS = readers_of(ACCOUNT, _PREVIOUS)
PREVIOUS_LONE_POSITION_READERS = readers_of(LONE_POSITION, _PREVIOUS)
"""The same in previous output, whose numbers may have more digits than those of others."""


def read_entry(
    readers: Readers, value: Any, source: Source, problems: list[Problem]
) -> tuple[dict[str, Any], frozenset[str]]:
    """Return what a mapping says by key, and the keys whose values cannot be read.

    So the rest can be checked for its meaning, and every problem of an input is reported at once.
    """
    read = quick_values(readers, value)
    if read is not None:
        return read, frozenset()
    from marginctl.load.models import MODELS, validate_each

    entry, unread = validate_each(MODELS[frozenset(readers)], value, source, problems)
    return ({}, frozenset(readers)) if entry is None else (dict(entry), unread)


def quick_values(readers: Readers, value: Any) -> dict[str, Any] | None:
    """Return what a mapping says by key, None where something is wrong with it."""
    try:
        return {
            key: None if item is None and key in readers else readers[key](item)
            for key, item in value.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


Wrong = Callable[..., None]
"""Takes a field, what is wrong with it and how to put it right."""

_ISOLATED = MarginMode.ISOLATED
_LONG, _SHORT = Side.LONG, Side.SHORT
_NEEDED = ("asset", "size", "entry_price", "leverage")


class PositionInput(NamedTuple):
    """What was read of a position; None where nothing was given.

    ``notional`` and ``cost`` are exact figures of an exchange record that its rounded prices do
    not give; they fall away when a flag overrides what they follow from. So does ``exact_margin``,
    which is the margin where no decimal can be. ``unread`` names what was given but could not be
    read, which is not the same as missing.
    """

    asset: str | None = None
    side: str | None = None
    size: Decimal | None = None
    entry_price: Decimal | None = None
    mark_price: Decimal | None = None
    leverage: Decimal | None = None
    margin_mode: str | None = None
    margin: Decimal | None = None
    equity: Decimal | None = None
    notional: Decimal | None = None
    cost: Decimal | None = None
    exact_margin: Fraction | None = None
    unread: frozenset[str] = frozenset()

    def overridden(self, flags: "PositionInput") -> "PositionInput":
        """Return this input with everything that flags give instead of what it has."""
        given = {
            field: value
            for field, value in flags._asdict().items()
            if field != "unread" and value is not None
        }
        changed = set(given)
        given["unread"] = self.unread - changed
        if changed & {"size", "mark_price"}:
            given["notional"] = None
        if changed & {"size", "entry_price"}:
            given["cost"] = None
        if changed & {"margin", "equity"}:
            given["exact_margin"] = None
        if "margin" in changed:
            given.setdefault("equity", None)
        if "equity" in changed:
            given.setdefault("margin", None)
        if "mark_price" in changed and not changed & {"margin", "equity"}:
            posted = self._posted_margin()
            if posted is not None:  # the equity that is stated is the one at the mark beside it
                given |= {"margin": posted, "equity": None}
        if "size" in changed and self.size is not None and "side" not in changed:
            # a signed size in the file must not contradict an unsigned one from a flag
            given["side"] = None if given["size"] < 0 else self.side or _side_word(self.size)
        return self._replace(**given)

    @exactly
    def _posted_margin(self) -> Decimal | None:
        """Return what is posted, equity - side · (notional - cost), where all of it is stated."""
        size, notional, cost = self.size, self.notional, self.cost
        if self.equity is None or size is None or (notional is None and self.mark_price is None):
            return None
        if notional is None:
            assert self.mark_price is not None
            notional = size.copy_abs() * self.mark_price
        if cost is None:
            if self.entry_price is None:
                return None
            cost = size.copy_abs() * self.entry_price
        short = size < 0 or self.side == "short"
        return self.equity - (cost - notional if short else notional - cost)


NO_INPUT = PositionInput()


def _side_word(size: Decimal) -> str:
    return "short" if size < 0 else "long"


def make_position(position_input: PositionInput, venue: Venue, source: Source) -> Position:
    """Return the position that an input describes. It belongs inside an `exactly`.

    Raises:
        InputError: with every problem of the input.
    """
    problems: list[Problem] = []

    def wrong(field: str, message: str, hint: str | None = None) -> None:
        problems.append(Problem(message, hint, source.place(field)))

    name, _, size, entry, mark, leverage, mode_word, margin, equity, notional, cost, fraction, _ = (
        position_input
    )
    if name is None or size is None or entry is None or leverage is None:
        problems += _missing(position_input, source)
    asset = None if name is None else find_asset(venue, name)
    if asset is None and name is not None:
        problems.append(unknown_asset(venue, name, source.place("asset")))
    side = _side(position_input, wrong)
    for field, price in (("entry_price", entry), ("mark_price", mark)):
        if price is not None and price <= ZERO:
            wrong(field, f"a price must be above zero, not {price:f}")
    check_leverage(leverage, venue, wrong)
    mode = _ISOLATED if mode_word is None else MarginMode(mode_word)
    if margin is not None or equity is not None or mode is not _ISOLATED:
        _check_margin(position_input, mode, venue, asset, wrong)
    if problems or asset is None or size is None or entry is None or leverage is None:
        raise InputError(problems)
    position = position_at(
        asset.name,
        side,
        size.copy_abs(),  # abs() would round to the context's digits
        entry,
        entry if mark is None else mark,
        leverage,
        notional,
        cost,
        mode,
        margin,
        equity,
    )
    if fraction is not None:
        position = with_margin(position, fraction)
    upper = asset.table.upper_bound
    if upper is not None and position.notional > upper:
        raise InputError.of(
            f"the notional {position.notional:f} is above {upper:f}, where the tiers of "
            f"{asset.name} end",
            "the tiers above it are unknown, and are not extrapolated",
            source.place("size"),
        )
    return position


def _missing(position_input: PositionInput, source: Source) -> list[Problem]:
    """Say what is needed and not there; what cannot be read has a problem of its own."""
    missing = [
        source.label(field)
        for field in _NEEDED
        if getattr(position_input, field) is None and field not in position_input.unread
    ]
    return [Problem(f"missing: {', '.join(missing)}", None, source.place())] if missing else []


def known_asset(venue: Venue, name: str, place: Place) -> Asset:
    """Return the asset of a name.

    Raises:
        InputError: the venue does not know it; the nearest names are suggested.
    """
    asset = find_asset(venue, name)
    if asset is None:
        raise InputError([unknown_asset(venue, name, place)])
    return asset


def unknown_asset(venue: Venue, name: str, place: Place) -> Problem:
    """Return what is wrong with the name of an asset that a venue does not have."""
    hint = _asset_hint(name, venue) or did_you_mean(name, venue.assets) or listing_hint(venue)
    return Problem(f"unknown asset {name!r} on {venue.name}", hint, place)


def listing_hint(venue: Venue) -> str:
    """Return the command that lists a venue's assets, as a hint that can be run as it is."""
    from shlex import quote

    command = f"see: marginctl tiers list --venue {quote(venue.name)}"
    return command if venue.tier_file is None else f"{command} --tiers {quote(venue.tier_file)}"


_QUOTES = ("usdt", "usdc", "usd", "perp")
"""What exchanges and libraries put behind the name of an asset."""


def _asset_hint(name: str, venue: Venue) -> str | None:
    """Return a hint to the asset inside a market's name: ETH in ETH-PERP, ETHUSDT, ETH/USD:USD."""
    base = re.split(r"[-_/:]", name.strip())[0]
    shorter = [base[: -len(quote)] for quote in _QUOTES if base.casefold().endswith(quote)]
    candidates = [base, *shorter]
    found = [asset.name for text in candidates if (asset := find_asset(venue, text)) is not None]
    return f"did you mean {found[0]}?" if found else None


def find_asset(venue: Venue, name: str) -> Asset | None:
    """Return the asset of a name, its case forgiven when that is unambiguous."""
    asset = venue.assets.get(name)
    if asset is None:
        folded = name.casefold()
        matches = [known for known in venue.assets if known.casefold() == folded]
        if len(matches) == 1:
            asset = venue.assets[matches[0]]
    return asset


def _side(position_input: PositionInput, wrong: Wrong) -> Side:
    size, word = position_input.size, position_input.side
    if size is None:
        return _LONG
    if not size:
        wrong("size", "a size must not be zero")
    if size < ZERO:
        if word == "long":
            wrong("side", "the side is long but the size is negative", "drop one of the two")
        return _SHORT
    return _SHORT if word == "short" else _LONG


def check_leverage(leverage: Decimal | None, venue: Venue, wrong: Wrong) -> None:
    """Find what is wrong with a leverage, on its own."""
    if leverage is None:
        return
    if leverage < ONE:
        wrong("leverage", f"a leverage must be at least 1, not {leverage:f}")
    elif venue.rules.whole_leverage and leverage != leverage.to_integral_value():
        message = f"{venue.name} takes only whole leverages, not {leverage:f}"
        # not `//`, which fails where the whole part has more digits than the context
        lower = leverage.to_integral_value(ROUND_FLOOR)
        upper = leverage.to_integral_value(ROUND_CEILING)
        wrong("leverage", message, f"choose {lower:f} or {upper:f}")


def no_cross(venue: Venue, asset: Asset | None) -> str | None:
    """Return why there is no cross position in an asset of a venue, None where there may be."""
    if not venue.rules.has_cross:
        return f"{venue.name} has no cross margin"
    if asset is not None and asset.mode is not AssetMode.NORMAL:
        return f"{asset.name} is traded with isolated margin only"
    return None


def _check_margin(
    position_input: PositionInput, mode: MarginMode, venue: Venue, asset: Asset | None, wrong: Wrong
) -> None:
    if position_input.margin is not None and position_input.equity is not None:
        message = "margin and equity are both given, but each determines the other"
        wrong(
            "equity",
            message,
            "give either the posted margin, or the equity including PnL",
        )
    if mode is MarginMode.ISOLATED:
        return
    refusal = no_cross(venue, asset)
    if refusal is not None:
        wrong("margin_mode", refusal, "use isolated")
    for field in ("margin", "equity"):
        if getattr(position_input, field) is not None:
            message = f"a cross position has no separate {field}"
            wrong(field, message, "give the account's collateral or account value instead")


MAINTENANCE_STEP = Decimal("0.000001")
"""The exchange cuts each position's maintenance to this before it sums [recorded]."""


class AccountFunds(NamedTuple):
    """What backs an account: the cash, or the account value with the PnL in it."""

    collateral: Decimal | None = None
    account_value: Decimal | None = None

    def overridden(self, flags: "AccountFunds") -> "AccountFunds":
        """Return what flags say, or this where they say nothing."""
        given = flags.collateral is not None or flags.account_value is not None
        return flags if given else self


NO_BACKING = AccountFunds()


NO_COLLATERAL: Mapping[str, str] = {}


class CrossTotals(NamedTuple):
    """Totals of a cross account that win over the sums of what is listed, quote currency.

    ``maintenance_step`` is that to which each position's maintenance was cut before it was summed.
    ``withdrawable`` is what the exchange lets go. A pool and previous output have
    ``order_margin`` instead, what is held back by resting orders, and the ``exempt`` parts of the
    sums, as in `marginctl.core.rules.Totals`.
    """

    account_value: Decimal
    notional: Decimal
    initial_margin: Fraction
    maintenance_margin: Fraction
    maintenance_step: Decimal | None = None
    withdrawable: Decimal | None = None
    order_margin: Decimal = ZERO
    exempt_notional: Decimal = ZERO
    exempt_initial: Fraction = Fraction(0)


class RecordedTerms(NamedTuple):
    """The max leverage that an exchange states for an asset in an account's record.

    ``crossed``: the record has it as a cross position.
    """

    asset: str
    max_leverage: Decimal
    crossed: bool = False


class RecordedAccount(NamedTuple):
    """What an exchange's answers say of an account beyond its positions, also by way of previous
    output. ``prices`` are its own liquidation prices of the positions, in their order.
    """

    totals: CrossTotals | None = None
    terms: tuple[RecordedTerms, ...] = ()
    prices: tuple[Decimal | None, ...] | None = None
    notices: tuple[Notice, ...] = ()
    pool: Pool = ONE_DEX
    assets: tuple[Asset, ...] = ()
    """What the exchange's metas say of assets, where they come with the account."""
    account_file: Place | None = None
    """Where the account file begins that this account is a part of, if any."""
    made_with: str | None = None
    """The fingerprint of the tier file that previous output was computed with."""
    collateral: Mapping[str, str] = NO_COLLATERAL
    """The collateral token of every dex that is known, by its name."""
    rounding: Decimal = ZERO
    """By how much, in the quote currency, a record without totals may be off."""
    rules: str | None = None
    """The rules under which the positions of a record are held, where these are not given."""


NOT_RECORDED = RecordedAccount()


class AccountInput(NamedTuple):
    """Positions as they were read, with their sources, and what backs them.

    ``problems`` are those of form: they are reported together with those of meaning.
    """

    position_inputs: tuple[PositionInput, ...]
    sources: tuple[Source, ...]
    source: Source
    backing: AccountFunds = NO_BACKING
    venue: str | None = None
    problems: Sequence[Problem] = ()
    recorded: RecordedAccount = NOT_RECORDED

    def recording(self, **changes: Any) -> "AccountInput":
        """Return the same with some fields of what is recorded changed."""
        return self._replace(recorded=self.recorded._replace(**changes))
