"""What changed between two versions of tiers, and what it does to positions."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.account import Account
from marginctl.core.evaluation import evaluate
from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO
from marginctl.core.position import Asset
from marginctl.core.records import Record
from marginctl.core.report import AccountReport, PositionReport
from marginctl.core.rules import Venue
from marginctl.core.tiers import Tier, TierTable


class DifferenceKind(StrEnum):
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


class Difference(Record):
    """One difference of one asset; ``stretch`` is set where its tiers differ.

    For a change of the asset itself, such as its margin mode, it is None. Decimals of a size that
    only one side states are no difference.
    """

    kind: DifferenceKind
    asset: str
    old: Asset | None
    new: Asset | None
    stretch: Stretch | None = None


def compare_venues(old: Venue, new: Venue) -> list[Difference]:
    """Return every difference between the assets of two venues, in the order of the files.

    Assets of the old venue come first, then those that only the new one has.
    """
    changes: list[Difference] = []
    for name, before in old.assets.items():
        after = new.assets.get(name)
        if after is None:
            changes.append(Difference(DifferenceKind.REMOVED, name, before, None))
        else:
            changes += _asset_changes(before, after)
    for name, asset in new.assets.items():
        if name not in old.assets:
            changes.append(Difference(DifferenceKind.ADDED, name, None, asset))
    return changes


def _asset_changes(old: Asset, new: Asset) -> Iterator[Difference]:
    if old.delisted != new.delisted:
        yield Difference(
            DifferenceKind.DELISTED if new.delisted else DifferenceKind.RELISTED, old.name, old, new
        )
    resized = None not in {old.size_decimals, new.size_decimals}
    if old.mode is not new.mode or (resized and old.size_decimals != new.size_decimals):
        yield Difference(DifferenceKind.CHANGED, old.name, old, new)
    for stretch in compare_tables(old.table, new.table):
        yield Difference(DifferenceKind.CHANGED, old.name, old, new, stretch)


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


class PositionEffect(Record):
    """A position under the old and under the new tiers; None where these do not cover it.

    ``venue`` is that of the new tiers.
    """

    venue: str
    asset: str
    before: PositionReport | None
    after: PositionReport | None

    @property
    def becomes_liquidatable(self) -> bool:
        """Whether the new tiers would have it liquidated, and the old ones did not."""
        if self.after is None or not self.after.liquidatable:
            return False
        return self.before is None or not self.before.liquidatable


class AccountEffect(Record):
    """An account under the old and under the new tiers.

    ``wallet`` is the cash behind the positions where the new venue has no cross account.
    """

    before: AccountReport
    after: AccountReport
    positions: tuple[PositionEffect, ...]
    notices: tuple[Notice, ...]
    wallet: Decimal | None


class DiffSource(Record):
    """One side of a comparison: its file, the fingerprint of that, and what is left out of it."""

    path: str
    sha256: str
    warnings: tuple[str, ...] = ()


class VenueDiff(Record):
    """A venue before and after, None where a side does not have it, and what differs.

    ``left_out`` counts the assets that only one side has, where a side lists only some.
    """

    old: Venue | None
    new: Venue | None
    as_of: tuple[str | None, str | None]
    changes: tuple[Difference, ...]
    left_out: int = 0

    @property
    def name(self) -> str:
        """What the venue is called: by its new name, where it has one."""
        venue = self.new or self.old
        assert venue is not None
        return venue.name

    @property
    def terms(self) -> list[tuple[str, str, str]]:
        """The terms of the venue itself that differ: their names, before, after."""
        if self.old is None or self.new is None:
            return []
        both = [_venue_terms(venue) for venue in (self.old, self.new)]
        return [
            (name, both[0][name], both[1][name])
            for name in both[0]
            if both[0][name] != both[1][name]
        ]

    @property
    def differs(self) -> bool:
        """Whether anything differs."""
        return self.old is None or self.new is None or bool(self.changes or self.terms)


class TierDiff(Record):
    """What differs between two versions of tiers, venue by venue, and what it does to accounts."""

    old: DiffSource
    new: DiffSource
    venues: tuple[VenueDiff, ...]
    effects: tuple[AccountEffect, ...]
    notices: tuple[Notice, ...]

    @property
    def differs(self) -> bool:
        """Whether anything differs."""
        return any(venue.differs for venue in self.venues)


def _venue_terms(venue: Venue) -> dict[str, str]:
    return {
        "rules": venue.rules.name,
        "quote": venue.quote,
        "closing_fee_rate": f"{venue.rules.closing_fee_rate.normalize():f}",
    }


def effect_of(
    account: Account, old: Venue, new: Venue, fixed: Mapping[str, Asset]
) -> AccountEffect:
    """Evaluate an account under two venues; money, sizes and marks stay as they are.

    ``fixed`` are assets whose terms follow from neither venue, such as those that an exchange's
    record states for one account. Where a venue does not cover a position, the other's tiers
    stand in for the sake of the cross account's sums, its own figures are None, and a notice
    says so.

    Raises:
        KeyError: neither venue knows an asset, and it is not fixed.
        MissingCashError: there is a cross position, and the new venue has no cross margin.
    """
    sides: list[tuple[AccountReport, set[str]]] = []
    notices: list[Notice] = []
    largest: dict[str, Decimal] = {}
    for position in account.positions:
        largest[position.asset] = max(position.notional, largest.get(position.asset, ZERO))
    for venue, other, word in ((old, new, "OLD"), (new, old, "NEW")):
        assets: dict[str, Asset] = {}
        missing: set[str] = set()
        for name, notional in largest.items():
            why = None if name in fixed else _why_not_covered(name, notional, venue)
            if why is not None:
                missing.add(name)
                message = f"{why} {word}: it has no figures there"
                notices.append(Notice("not_covered", name, message))
            source = other if why is not None else venue
            assets[name] = fixed[name] if name in fixed else source.assets[name]
        sides.append((evaluate(account, venue._replace(assets=assets)), missing))
    (before, not_before), (after, not_after) = sides
    positions = tuple(
        PositionEffect(
            new.name,
            position.asset,
            None if position.asset in not_before else was,
            None if position.asset in not_after else becomes,
        )
        for position, was, becomes in zip(
            account.positions, before.positions, after.positions, strict=True
        )
    )
    wallet = None if new.rules.has_cross else account.cash
    return AccountEffect(before, after, positions, tuple(notices), wallet)


def _why_not_covered(name: str, notional: Decimal, venue: Venue) -> str | None:
    asset = venue.assets.get(name)
    if asset is None:
        return "not in"
    upper = asset.table.upper_bound
    if upper is not None and notional > upper:
        return f"its notional {notional:,f} is above {upper:,f}, where its tiers end in"
    return None
