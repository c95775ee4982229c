"""From two sides and a file of positions to what is shown of them."""

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import replace

from marginctl.core.notices import Notice
from marginctl.core.position import Asset
from marginctl.core.tier_diff import Kind, compare_venues
from marginctl.core.tier_effect import AccountEffect, effect_of
from marginctl.core.venue import Venue
from marginctl.load.account_drafts import AccountDraft
from marginctl.load.problems import InputError, Problem
from marginctl.load.reading import Overrides, Reading, read_account
from marginctl.load.tier_sides import Side, VenuePair, pairs
from marginctl.render.tier_changes import DiffView, SourceView, VenueDiff


def diff_view(
    old: Side, new: Side, drafted: Sequence[AccountDraft], *, everything: bool
) -> DiffView:
    """Compare two sides, and what they make of accounts.

    Where a side lists only some of a venue's assets, only those that both have are compared,
    unless ``everything`` is asked for.

    Raises:
        InputError: with every problem of the accounts.
    """
    compared = pairs(old, new)
    effects, notices = _effects(old, compared, drafted)
    return DiffView(
        SourceView(old.path, old.sha256),
        SourceView(new.path, new.sha256),
        tuple(_venue_diff(pair, everything=everything) for pair in compared),
        tuple(effects),
        tuple(notices),
    )


def _venue_diff(pair: VenuePair, *, everything: bool) -> VenueDiff:
    old, new = pair.venues
    changes = compare_venues(old, new) if old is not None and new is not None else []
    left_out = 0
    if pair.partial and not everything:
        kept = [change for change in changes if change.kind not in {Kind.ADDED, Kind.REMOVED}]
        changes, left_out = kept, len(changes) - len(kept)
    days = tuple(None if day is None else day.isoformat() for day in pair.as_of)
    return VenueDiff(old, new, (days[0], days[1]), tuple(changes), left_out)


def _effects(
    old: Side, compared: Sequence[VenuePair], drafted: Sequence[AccountDraft]
) -> tuple[list[AccountEffect], list[Notice]]:
    effects: list[AccountEffect] = []
    notices: list[Notice] = []
    problems: list[Problem] = []
    for draft in drafted:
        try:
            before, after = _pair_of(draft, old, compared)
            effect, found = _effect(draft, before, after)
        except InputError as error:
            problems.extend(error.problems)
            continue
        effects.append(effect)
        notices += [*found, *effect.notices]
    if problems:
        raise InputError(problems)
    return effects, notices


def _pair_of(draft: AccountDraft, old: Side, compared: Sequence[VenuePair]) -> tuple[Venue, Venue]:
    """Return the two venues that an account is evaluated on."""
    both = [
        (before, after)
        for before, after in (pair.venues for pair in compared)
        if before is not None and after is not None
    ]
    if len(compared) == 1 and both:
        return both[0]
    wanted = draft.venue or old.default
    for before, after in both:
        if before.name == wanted:
            return before, after
    hint = f"both have: {', '.join(before.name for before, _ in both)}" if both else None
    message = f"the venue {wanted!r} is not on both sides"
    raise InputError.of(message, hint, draft.origin.place("venue" if draft.venue else None))


def _effect(draft: AccountDraft, old: Venue, new: Venue) -> tuple[AccountEffect, list[Notice]]:
    known = replace(old, assets=ChainMap(dict(old.assets), dict(new.assets)))
    reading = read_account(draft, known, Overrides())
    fixed = {
        name: asset
        for name in {position.asset for position in reading.account.positions}
        if _is_fixed(asset := reading.venue.assets[name], old, new)
    }
    if not new.rules.has_cross and not all(p.isolated for p in reading.account.positions):
        message = f"{new.name} has no cross margin, and there are cross positions"
        raise InputError.of(message, None, draft.origin.place())
    return effect_of(reading.account, old, new, fixed), _notices(reading, set(fixed))


def _is_fixed(asset: Asset, old: Venue, new: Venue) -> bool:
    """Whether a record states terms of its own: the max leverage of neither side."""
    sides = [known for venue in (old, new) if (known := venue.assets.get(asset.name)) is not None]
    return all(asset.max_leverage != known.max_leverage for known in sides)


def _notices(reading: Reading, fixed: set[str]) -> list[Notice]:
    """Return what reading had to say, but for leverages that the new tiers explain."""
    ours = {"recorded_leverage", "unknown_asset"}
    return [
        notice for notice in reading.notices if notice.code not in ours or notice.asset in fixed
    ]
