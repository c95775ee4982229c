"""The metas beside an exchange account's states: the dexs' collateral tokens, and their assets.

A margin table id that is not listed is the max leverage of its only tier.
Source: Hyperliquid documentation (perpetuals, meta and allPerpMetas).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from marginctl.core.numbers import ZERO
from marginctl.core.pool import dex_of
from marginctl.core.position import Asset, AssetMode
from marginctl.core.tiers import TierSpec, TierTable
from marginctl.load.exchange_record import Answer

_MODES = {"noCross": AssetMode.NO_CROSS, "strictIsolated": AssetMode.STRICT}


class Metas(NamedTuple):
    """Collateral tokens by dex, by their number, and assets by name."""

    tokens: Mapping[str, int]
    assets: Mapping[str, Asset]


def read_metas(answer: Answer) -> Metas:
    """Return what ``allPerpMetas`` or ``meta`` of an account file say; neither need be there."""
    tokens: dict[str, int] = {}
    assets: dict[str, Asset] = {}
    for meta in _metas(answer):
        tables = _tables(meta)
        found = [_asset(coin, tables) for coin in meta.rows("universe")]
        assets |= {asset.name: asset for asset in found if asset.name}
        if found and meta.has("collateralToken"):
            tokens[dex_of(found[0].name)] = int(meta.number("collateralToken"))
    return Metas(tokens, assets)


def _metas(answer: Answer) -> Iterator[Answer]:
    if answer.has("allPerpMetas"):
        yield from answer.rows("allPerpMetas")
    if answer.has("meta"):
        yield answer.inside("meta")


def _tables(meta: Answer) -> dict[Decimal, TierTable]:
    tables = {}
    for number, table in meta.pairs("marginTables"):
        specs = [
            TierSpec(tier.number("lowerBound"), max(Decimal(1), tier.number("maxLeverage")))
            for tier in table.rows("marginTiers")
        ]
        if specs:
            tables[number] = TierTable.build(specs)
    return tables


def _asset(coin: Answer, tables: Mapping[Decimal, TierTable]) -> Asset:
    table = tables.get(coin.number("marginTableId")) if coin.has("marginTableId") else None
    if table is None:
        table = TierTable.build([TierSpec(ZERO, max(Decimal(1), coin.number("maxLeverage")))])
    mode = _MODES.get(str(coin.value("marginMode")), AssetMode.NORMAL)
    if mode is AssetMode.NORMAL and coin.value("onlyIsolated") is True:
        mode = AssetMode.STRICT
    decimals = int(coin.number("szDecimals")) if coin.has("szDecimals") else None
    return Asset(coin.text("name"), table, mode, decimals, coin.value("isDelisted") is True)
