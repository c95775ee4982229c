"""The shipped tier file against what the exchange and the venues published."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from marginctl.core.position import AssetMode
from marginctl.core.rules import Venue
from marginctl.load.tier_source import bundled_path, load_tiers
from tests.support import DATA, TIERS

FILE = load_tiers(str(TIERS), "bundled").file
META = json.loads((DATA / "meta-2026-10.json").read_text())
MODES = {None: AssetMode.NORMAL, "strictIsolated": AssetMode.STRICT, "noCross": AssetMode.NO_CROSS}

DOGE_GROUP = (
    "DOGE kPEPE SUI WLD TRUMP LTC ENA POPCAT WIF AAVE kBONK LINK CRV AVAX ADA UNI NEAR TIA APT BCH"
)
OP_GROUP = "OP ARB LDO TON MKR ONDO JUP INJ kSHIB SEI TRX BNB DOT"


def steps(venue: Venue, asset: str) -> list[tuple[Decimal, Decimal]]:
    return [(tier.lower_bound, tier.max_leverage) for tier in venue.assets[asset].table.tiers]


def test_the_file_has_no_problem() -> None:
    assert FILE.problems() == []


def test_the_checkout_ships_the_file_at_its_root() -> None:
    assert bundled_path().read_bytes() == TIERS.read_bytes()


def test_hyperliquid_is_the_default_venue() -> None:
    assert FILE.default_venue == "hyperliquid"
    assert FILE.venue_names == ["hyperliquid", "hyperliquid-2025-06", "trado"]


def test_hyperliquid_has_the_recorded_assets_in_the_recorded_order() -> None:
    recorded = [asset["name"] for asset in META["universe"]]
    assert list(FILE.venue().venue.assets) == recorded
    assert len(recorded) == 234


@pytest.mark.parametrize("recorded", META["universe"], ids=lambda asset: str(asset["name"]))
def test_an_asset_is_as_recorded(recorded: dict[str, Any]) -> None:
    venue = FILE.venue().venue
    asset = venue.assets[recorded["name"]]
    tables = dict(META["marginTables"])
    table = tables.get(recorded["marginTableId"])
    if table is None:  # ids below 50 mean one tier of that leverage
        expected = [(Decimal(0), Decimal(recorded["marginTableId"]))]
    else:
        expected = [
            (Decimal(tier["lowerBound"]), Decimal(tier["maxLeverage"]))
            for tier in table["marginTiers"]
        ]
    assert steps(venue, asset.name) == expected
    assert asset.max_leverage == recorded["maxLeverage"]
    assert asset.size_decimals == recorded["szDecimals"]
    assert asset.mode is MODES[recorded.get("marginMode")]
    assert asset.delisted is recorded.get("isDelisted", False)


@pytest.mark.parametrize(
    ("names", "bound"), [(DOGE_GROUP, 20_000_000), (OP_GROUP, 3_000_000)], ids=["DOGE", "OP"]
)
def test_the_lists_of_mid_2025_are_as_published(names: str, bound: int) -> None:
    venue = FILE.venue("hyperliquid-2025-06").venue
    for name in names.split():
        assert steps(venue, name) == [(Decimal(0), Decimal(10)), (Decimal(bound), Decimal(5))]
    assert set(venue.assets) == {*DOGE_GROUP.split(), *OP_GROUP.split()}


def test_trado_keeps_half_a_percent_at_100x_and_counts_the_closing_fee() -> None:
    venue = FILE.venue("trado").venue
    assert set(venue.assets) == {"BTC", "ETH"}
    for asset in venue.assets.values():
        (tier,) = asset.table.tiers
        assert tier.max_leverage == 100
        assert tier.maintenance_margin_rate == Fraction(5, 1000)
    assert venue.rules.closing_fee_rate == Decimal("0.0006")
    assert venue.quote == "USDX"
