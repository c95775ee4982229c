"""The assets of an exchange's record: the leverage that the exchange states for each wins."""

from collections import ChainMap
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO
from marginctl.core.position import Asset, AssetMode
from marginctl.core.tiers import TierSpec, TierTable
from marginctl.core.venue import Venue
from marginctl.load.account_drafts import RecordedTerms


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
            message = f"not in the tier file: taken as one tier of {leverage:f}x, as recorded"
            notices.append(Notice("unknown_asset", name, message, leverage))
        elif known.max_leverage != leverage:
            changed[name] = replace(known, table=_with_first(known.table, leverage))
            message = (
                f"margined by the recorded max leverage of {leverage:f}x; "
                f"the tier file has {known.max_leverage:f}x"
            )
            notices.append(Notice("recorded_leverage", name, message, leverage))
        if known is not None and crossed and known.mode is not AssetMode.NORMAL:
            changed[name] = replace(changed.get(name, known), mode=AssetMode.NORMAL)
            message = "a cross position by the record, which the tier file does not allow"
            notices.append(Notice("recorded_cross", name, message, leverage))
    return replace(venue, assets=ChainMap(changed, dict(venue.assets))), notices


def with_exchange_assets(
    venue: Venue, assets: Sequence[Asset], held: Iterable[str | None]
) -> Venue:
    """Return the venue with the assets that its tier file does not know, those held among them."""
    more = {asset.name: asset for asset in assets if asset.name not in venue.assets}
    if not more:
        return venue
    beside = tuple(more[name] for name in dict.fromkeys(held) if name in more)
    return replace(venue, assets=ChainMap(more, dict(venue.assets)), beside=beside)


def _with_first(table: TierTable, leverage: Decimal) -> TierTable:
    higher = [
        TierSpec(tier.lower_bound, tier.max_leverage, tier.maintenance_margin_rate)
        for tier in table.tiers[1:]
        if tier.max_leverage < leverage
    ]
    return TierTable.build([TierSpec(ZERO, leverage), *higher], table.upper_bound)
