"""What differs between two versions of a venue's tiers, in the terms of a risk reviewer."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.position import Asset
from marginctl.core.tiers import Tier, TierTable
from marginctl.core.venue import Venue


class Kind(StrEnum):
    """What became of an asset, or of a part of its tiers."""

    REMOVED = "removed"
    DELISTED = "delisted"
    CHANGED = "changed"
    RELISTED = "relisted"
    ADDED = "added"


class Stretch(NamedTuple):
    """A range of notionals, and the tiers that apply in it before and after.

    It reaches from ``above`` up to ``below``, None without end. A tier is None where its table has
    ended. Both tiers' deductions and rates hold in the whole stretch.
    """

    above: Decimal
    below: Decimal | None
    old: Tier | None
    new: Tier | None


@dataclass(frozen=True, slots=True)
class Change:
    """One difference of one asset; ``stretch`` is set where its tiers differ.

    For a change of the asset itself, such as its margin mode, it is None. Decimals of a size that
    only one side states are no difference.
    """

    kind: Kind
    asset: str
    old: Asset | None
    new: Asset | None
    stretch: Stretch | None = None


def compare_venues(old: Venue, new: Venue) -> list[Change]:
    """Return every difference between the assets of two venues, in the order of the files.

    Assets of the old venue come first, then those that only the new one has.
    """
    changes: list[Change] = []
    for name, before in old.assets.items():
        after = new.assets.get(name)
        if after is None:
            changes.append(Change(Kind.REMOVED, name, before, None))
        else:
            changes += _asset_changes(before, after)
    for name, asset in new.assets.items():
        if name not in old.assets:
            changes.append(Change(Kind.ADDED, name, None, asset))
    return changes


def _asset_changes(old: Asset, new: Asset) -> Iterator[Change]:
    if old.delisted != new.delisted:
        yield Change(Kind.DELISTED if new.delisted else Kind.RELISTED, old.name, old, new)
    resized = None not in {old.size_decimals, new.size_decimals}
    if old.mode is not new.mode or (resized and old.size_decimals != new.size_decimals):
        yield Change(Kind.CHANGED, old.name, old, new)
    for stretch in compare_tables(old.table, new.table):
        yield Change(Kind.CHANGED, old.name, old, new, stretch)


def compare_tables(old: TierTable, new: TierTable) -> list[Stretch]:
    """Return the stretches of notionals in which maintenance or max leverage differ.

    Maintenance differs where rate or deduction do: above a bound that moved the rates may be the
    same again, and the amount is not. Neighbouring stretches of the same difference are one.
    """
    if old is new:
        return []
    bounds = sorted({bound for table in (old, new) for bound in _bounds(table)})
    found: list[Stretch] = []
    for index, above in enumerate(bounds):
        below = bounds[index + 1] if index + 1 < len(bounds) else None
        stretch = Stretch(above, below, _tier_from(old, above), _tier_from(new, above))
        if _terms(stretch.old) == _terms(stretch.new):
            continue
        last = found[-1] if found else None
        if last is not None and last.below == above and _both(last) == _both(stretch):
            found[-1] = last._replace(below=below)
        else:
            found.append(stretch)
    return found


def maintenance_change(stretch: Stretch) -> Fraction | None:
    """Return by how much more maintenance a stretch keeps, where that is the same in all of it.

    In the quote currency. None where the rates differ, so that it grows with the notional, or
    where one of the tables has ended.
    """
    old, new = stretch.old, stretch.new
    if old is None or new is None or old.maintenance_margin_rate != new.maintenance_margin_rate:
        return None
    return old.maintenance_deduction - new.maintenance_deduction


def _bounds(table: TierTable) -> list[Decimal]:
    bounds = [tier.lower_bound for tier in table.tiers]
    return bounds if table.upper_bound is None else [*bounds, table.upper_bound]


def _tier_from(table: TierTable, bound: Decimal) -> Tier | None:
    """Return the tier that applies from a bound upwards."""
    if table.upper_bound is not None and bound >= table.upper_bound:
        return None
    return next(tier for tier in reversed(table.tiers) if tier.lower_bound <= bound)


def _terms(tier: Tier | None) -> tuple[Fraction, Fraction, Decimal] | None:
    if tier is None:
        return None
    return tier.maintenance_margin_rate, tier.maintenance_deduction, tier.max_leverage


def _both(stretch: Stretch) -> tuple[object, object]:
    return _terms(stretch.old), _terms(stretch.new)
