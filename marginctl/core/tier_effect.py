"""What other tiers make of an account: every figure before and after."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from marginctl.core.account import Account
from marginctl.core.evaluate import evaluate
from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO
from marginctl.core.position import Asset
from marginctl.core.report import AccountReport, PositionReport
from marginctl.core.venue import Venue


@dataclass(frozen=True, slots=True)
class PositionEffect:
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


@dataclass(frozen=True, slots=True)
class AccountEffect:
    """An account under the old and under the new tiers.

    ``wallet`` is the cash behind the positions where the new venue has no cross account.
    """

    before: AccountReport
    after: AccountReport
    positions: tuple[PositionEffect, ...]
    notices: tuple[Notice, ...]
    wallet: Decimal | None


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
        sides.append((evaluate(account, replace(venue, assets=assets)), missing))
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
        return f"its notional {notional:,f} lies above {upper:,f}, where its tiers end in"
    return None
