"""The shipped tier file against what the exchange and the venues published."""

import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from marginctl.core.position import AssetMode
from marginctl.core.rules import Venue
from marginctl.load.problems import InputError
from marginctl.load.tier_file import BuiltTierFile, TierFile
from marginctl.load.tier_source import built_tree, bundled_path, load_tiers
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


def parts(venue: Venue) -> list[object]:
    listed = [
        (asset.name, asset.mode, asset.size_decimals, asset.delisted, asset.table.tiers)
        for asset in venue.assets.values()
    ]
    steps = [
        [
            (tier.lower_bound, tier.upper_bound, tier.max_leverage, tier.maintenance_deduction)
            for tier in tiers
        ]
        for *_, tiers in listed
    ]
    return [venue.name, venue.rules, venue.quote, [one[:4] for one in listed], steps]


def test_what_a_build_makes_of_the_file_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = TIERS.read_bytes()
    (tmp_path / "tiers.json").write_text(built_tree(data, "tiers.yaml"))
    monkeypatch.setattr("marginctl.load.tier_source.BUILT", tmp_path / "tiers.json")
    built = load_tiers()
    parsed = TierFile.parse(data, "tiers.yaml")
    assert isinstance(built.file, BuiltTierFile)
    assert built.sha256 == sha256(data).hexdigest()
    assert built.file.default_venue == parsed.default_venue
    assert built.file.venue_names == parsed.venue_names
    for name in parsed.venue_names:
        ours, theirs = built.file.venue(name), parsed.venue(name)
        assert ours._replace(venue=theirs.venue) == theirs
        assert parts(ours.venue) == parts(theirs.venue)
        assert built.file.stated_venue(name) == parsed.stated_venue(name)
    assert built.file.problems() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("max_leverage: 40", "max_leverage: 39"),  # made of other bytes
        lambda text: text[:-1],
        lambda _: "[]",
        lambda _: '{"yaml": 1}',
    ],
)
def test_what_was_built_of_other_bytes_does_not_count(
    change: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = change(built_tree(TIERS.read_bytes(), "tiers.yaml"))
    (tmp_path / "tiers.json").write_text(text)
    monkeypatch.setattr("marginctl.load.tier_source.BUILT", tmp_path / "tiers.json")
    file = load_tiers().file
    assert not isinstance(file, BuiltTierFile)
    assert file.venue().venue.assets["BTC"].max_leverage == 40


def test_a_broken_file_is_not_built() -> None:
    with pytest.raises(InputError):
        built_tree(b"venues: {x: {rules: hyperliquid}}", "tiers.yaml")
