"""One venue of a tier file: from what its entry states to the core's venue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from marginctl.checks.stated import StatedTier, StatedVenue
from marginctl.core.numbers import ZERO
from marginctl.core.position import Asset, AssetMode
from marginctl.core.tiers import TierSpec, TierTable
from marginctl.core.venue import Venue
from marginctl.venues import RULES


@dataclass(frozen=True)
class LoadedVenue:
    """A venue, and what its file says of it.

    ``partial``: it lists only some of the venue's assets. ``archived``: it is kept for history.
    """

    venue: Venue
    as_of: date | None
    source: str | None
    partial: bool = False
    archived: bool = False


def build_venue(stated: StatedVenue) -> LoadedVenue:
    """Return a venue whose statements break no fatal rule."""
    make_rules = RULES[stated.rules_name or ""]
    fee_rate = stated.closing_fee_rate
    tables = {name: _table(tiers) for name, tiers in stated.tables.items()}
    of_one_tier: dict[object, TierTable] = {}
    assets = {}
    for name, asset in stated.assets.items():
        if asset.max_leverage is None:
            table = tables[asset.table or ""]
        elif asset.max_leverage in of_one_tier:
            table = of_one_tier[asset.max_leverage]
        else:
            table = TierTable.build([TierSpec(ZERO, asset.max_leverage)])
            of_one_tier[asset.max_leverage] = table
        mode = AssetMode(asset.margin_mode)
        assets[name] = Asset(name, table, mode, asset.size_decimals, asset.delisted)
    venue = Venue(
        stated.name,
        make_rules() if fee_rate is None else make_rules(closing_fee_rate=fee_rate),
        stated.quote or "",
        assets,
    )
    return LoadedVenue(venue, stated.as_of, stated.source, stated.partial, stated.archived)


def _table(tiers: Sequence[StatedTier]) -> TierTable:
    return TierTable.build(map(_spec, tiers), tiers[-1].upper_bound)


def _spec(tier: StatedTier) -> TierSpec:
    assert tier.lower_bound is not None
    assert tier.max_leverage is not None
    rate = None if tier.maintenance_margin_rate is None else tier.rate
    return TierSpec(tier.lower_bound, tier.max_leverage, rate)
