"""From a position as it was read to one that makes sense.

A draft has passed the checks of form. Here its meaning is checked against the venue: what is
missing, what contradicts itself, what the venue does not know. Every problem is found at once.
"""

import re
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import NamedTuple, Protocol

from marginctl.core.margin import with_margin
from marginctl.core.position import Asset, AssetMode, MarginMode, Position, Side
from marginctl.core.venue import Venue
from marginctl.load.problems import InputError, Place, Problem, did_you_mean


class Origin(Protocol):
    """Where a draft came from: what its fields are called there, and where they stand."""

    def label(self, field: str) -> str:
        """Return what the writer calls a field: a key, or a flag."""

    def place(self, field: str | None = None) -> Place:
        """Return the place of a field, or of the whole draft."""


Wrong = Callable[..., None]
"""Takes a field, what is wrong with it and how to put it right."""

_NEEDED = ("asset", "size", "entry_price", "leverage")


class Draft(NamedTuple):
    """What was read of a position; None where nothing was said.

    ``notional`` and ``cost`` are exact figures of an exchange record that its rounded prices do
    not give; they fall away when a flag overrides what they follow from. So does ``exact_margin``,
    which is the margin where no decimal can be. ``unread`` names what was said but could not be
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

    def overridden(self, flags: "Draft") -> "Draft":
        """Return this draft with everything that flags say in the place of what it said."""
        said = {
            field: value
            for field, value in flags._asdict().items()
            if field != "unread" and value is not None
        }
        changed = set(said)
        said["unread"] = self.unread - changed
        if changed & {"size", "mark_price"}:
            said["notional"] = None
        if changed & {"size", "entry_price"}:
            said["cost"] = None
        if changed & {"margin", "equity"}:
            said["exact_margin"] = None
        if "margin" in changed:
            said.setdefault("equity", None)
        if "equity" in changed:
            said.setdefault("margin", None)
        if "size" in changed and self.size is not None and "side" not in changed:
            # a signed size in the file must not contradict an unsigned one from a flag
            said["side"] = None if said["size"] < 0 else self.side or _side_word(self.size)
        return self._replace(**said)


NOTHING_SAID = Draft()


def _side_word(size: Decimal) -> str:
    return "short" if size < 0 else "long"


def make_position(draft: Draft, venue: Venue, origin: Origin) -> Position:
    """Return the position that a draft describes.

    Raises:
        InputError: with every problem of the draft.
    """
    problems: list[Problem] = []

    def wrong(field: str, message: str, hint: str | None = None) -> None:
        problems.append(Problem(message, hint, origin.place(field)))

    name, size, entry, leverage = draft.asset, draft.size, draft.entry_price, draft.leverage
    if name is None or size is None or entry is None or leverage is None:
        missing = [
            origin.label(field)
            for field in _NEEDED
            if getattr(draft, field) is None and field not in draft.unread
        ]
        if missing:
            problems.append(Problem(f"missing: {', '.join(missing)}", None, origin.place()))
    asset = None if name is None else find_asset(venue, name)
    if asset is None and name is not None:
        problems.append(unknown_asset(venue, name, origin.place("asset")))
    side = _side(draft, wrong)
    _check_price("entry_price", entry, wrong)
    _check_price("mark_price", draft.mark_price, wrong)
    check_leverage(leverage, venue, wrong)
    mode = MarginMode.ISOLATED
    if draft.margin_mode is not None:
        mode = MarginMode(draft.margin_mode)
    _check_margin(draft, mode, venue, asset, wrong)
    if problems or asset is None or size is None or entry is None or leverage is None:
        raise InputError(problems)
    position = Position.at_prices(
        asset.name,
        side,
        size.copy_abs(),  # abs() would round to the context's digits
        entry,
        leverage,
        mark_price=draft.mark_price,
        margin_mode=mode,
        margin=draft.margin,
        equity=draft.equity,
        notional=draft.notional,
        cost=draft.cost,
    )
    if draft.exact_margin is not None:
        position = with_margin(position, draft.exact_margin)
    upper = asset.table.upper_bound
    if upper is not None and position.notional > upper:
        raise InputError.of(
            f"the notional {position.notional:f} lies above {upper:f}, where the tiers of "
            f"{asset.name} end",
            "nothing is known above it, so nothing is extrapolated",
            origin.place("size"),
        )
    return position


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
    hint = _asset_in(name, venue) or did_you_mean(name, venue.assets)
    hint = hint or f"see: marginctl tiers list --venue {venue.name}"
    return Problem(f"unknown asset {name!r} on {venue.name}", hint, place)


_QUOTES = ("usdt", "usdc", "usd", "perp")
"""What exchanges and libraries put behind the name of an asset."""


def _asset_in(name: str, venue: Venue) -> str | None:
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


def _side(draft: Draft, wrong: Wrong) -> Side:
    size = draft.size
    if size is None:
        return Side.LONG
    if not size:
        wrong("size", "a size is not zero")
    if size < 0 and draft.side == "long":
        wrong("side", "the side is long but the size is negative", "drop one of the two")
    short = size < 0 or draft.side == "short"
    return Side.SHORT if short else Side.LONG


def _check_price(field: str, price: Decimal | None, wrong: Wrong) -> None:
    if price is not None and price <= 0:
        wrong(field, f"a price lies above zero, not at {price:f}")


def check_leverage(leverage: Decimal | None, venue: Venue, wrong: Wrong) -> None:
    """Find what is wrong with a leverage, on its own."""
    if leverage is None:
        return
    if leverage < 1:
        wrong("leverage", f"a leverage is at least 1, not {leverage:f}")
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
    draft: Draft, mode: MarginMode, venue: Venue, asset: Asset | None, wrong: Wrong
) -> None:
    if draft.margin is not None and draft.equity is not None:
        message = "margin and equity are both given, and each determines the other"
        wrong(
            "equity",
            message,
            "give the margin posted, or the equity with the PnL in it",
        )
    if mode is MarginMode.ISOLATED:
        return
    refusal = no_cross(venue, asset)
    if refusal is not None:
        wrong("margin_mode", refusal, "use isolated")
    for field in ("margin", "equity"):
        if getattr(draft, field) is not None:
            message = f"a cross position has no {field} of its own"
            wrong(field, message, "give the account's collateral or account value instead")
