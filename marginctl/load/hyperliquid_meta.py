"""Hyperliquid's ``meta`` and ``metaAndAssetCtxs``: its perpetuals and their margin tables.

A margin table id below 50 means one tier with that max leverage; such tables need not be listed.
Source: Hyperliquid documentation (perpetuals, meta), and responses recorded since 2024.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, StrictBool

from marginctl.core.numbers import ZERO
from marginctl.load.imported import JsonSource, Published
from marginctl.load.json_fields import MaybeNumber, MaybeText, Number, Text
from marginctl.load.tier_models import AssetEntry, TierEntry
from marginctl.load.validation import Path, validate

FIRST_LISTED_TABLE = 50
"""Margin table ids below this are a max leverage."""
Mode = Literal["normal", "no_cross", "strict"]
MODES: dict[str, Mode] = {"noCross": "no_cross", "strictIsolated": "strict"}
_USDC = "0"
_MAX_DECIMALS = 99
_PAIR = 2


class _Recorded(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class RecordedCoin(_Recorded):
    """One perpetual of the universe."""

    name: Text
    szDecimals: Number  # noqa: N815 - the exchange's spelling, as below
    maxLeverage: Number  # noqa: N815
    marginTableId: MaybeNumber = None  # noqa: N815
    marginMode: MaybeText = None  # noqa: N815
    onlyIsolated: StrictBool | None = None  # noqa: N815
    isDelisted: StrictBool | None = None  # noqa: N815


class RecordedTier(_Recorded):
    """One tier of a margin table."""

    lowerBound: Number  # noqa: N815
    maxLeverage: Number  # noqa: N815


class RecordedTable(_Recorded):
    """A margin table."""

    description: MaybeText = None
    marginTiers: list[RecordedTier]  # noqa: N815


class RecordedMeta(_Recorded):
    """The response. Those of early 2024 have no margin tables."""

    universe: list[RecordedCoin]
    marginTables: list[tuple[Number, RecordedTable]] | None = None  # noqa: N815
    collateralToken: MaybeNumber = None  # noqa: N815


def is_meta(value: Any) -> bool:
    """Whether a JSON value is a ``meta``, or a ``metaAndAssetCtxs`` with one as its first half."""
    meta = _meta_of(value)
    return isinstance(meta, Mapping) and "universe" in meta


def _meta_of(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == _PAIR else value


def read_meta(source: JsonSource) -> Published:
    """Return the tiers of a response; its problems are left with the source."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: JsonSource) -> None:
        self._source = source
        self._root: Path = (0,) if isinstance(source.value, list) else ()
        self._published = Published(
            "Hyperliquid's meta response",
            "hyperliquid",
            keys={"lower_bound": ("lowerBound",), "max_leverage": ("maxLeverage",)},
        )
        self._tables: dict[Decimal, RecordedTable] = {}

    def read(self) -> Published:
        source, published = self._source, self._published
        meta = validate(
            RecordedMeta, _meta_of(source.value), self._root, source.locate, source.problems
        )
        if meta is None:
            return published
        published.quote = self._quote(meta)
        self._take_tables(meta)
        for index, coin in enumerate(meta.universe):
            self._take_coin(coin, index)
        return published

    def _quote(self, meta: RecordedMeta) -> str:
        token = "0" if meta.collateralToken is None else f"{meta.collateralToken:f}"
        if token == _USDC:
            return "USDC"
        name = f"token-{token}"
        message = f"amounts are in the token of index {token}: name it with --quote"
        self._published.note("quote_unnamed", message)
        return name

    def _take_tables(self, meta: RecordedMeta) -> None:
        published = self._published
        for index, (number, table) in enumerate(meta.marginTables or []):
            path: Path = (*self._root, "marginTables", index)
            if number in self._tables:
                message = f"the margin table {number:f} stands here a second time"
                self._source.problem(message, "keep one of the two", *path)
            self._tables[number] = table
            name = _table_name(number)
            published.table_paths[name] = (*path, 1, "marginTiers")
            if table.description:
                published.table_remarks[name] = table.description

    def _take_coin(self, coin: RecordedCoin, index: int) -> None:
        published = self._published
        path: Path = (*self._root, "universe", index)
        if coin.name in published.assets:
            message = f"{coin.name!r} stands here a second time"
            self._source.problem(message, "keep one of the two", *path, "name")
        decimals = coin.szDecimals
        if decimals != decimals.to_integral_value() or not 0 <= decimals <= _MAX_DECIMALS:
            message = f"{decimals:f} is not a number of decimals"
            self._source.problem(message, None, *path, "szDecimals")
            decimals = ZERO
        table, leverage = self._terms(coin, path)
        published.asset_paths[coin.name] = path
        published.assets[coin.name] = AssetEntry.model_construct(
            table=table,
            max_leverage=leverage,
            size_decimals=int(decimals),
            margin_mode=self._mode(coin, path),
            delisted=bool(coin.isDelisted),
        )

    def _terms(self, coin: RecordedCoin, path: Path) -> tuple[str | None, Decimal | None]:
        """Return the name of the coin's table, or the max leverage of its only tier."""
        number = coin.marginTableId
        if number is None:
            return None, coin.maxLeverage
        listed = self._tables.get(number)
        if listed is None:
            if number >= FIRST_LISTED_TABLE:
                message = f"the margin table {number:f} is not among the marginTables"
                self._source.problem(message, None, *path, "marginTableId")
                return None, coin.maxLeverage
            self._compare(coin, number)
            return None, number
        tiers = listed.marginTiers
        if tiers:
            self._compare(coin, tiers[0].maxLeverage)
        if len(tiers) == 1 and tiers[0].lowerBound == 0:
            return None, tiers[0].maxLeverage
        name = _table_name(number)
        self._published.tables[name] = [
            TierEntry.model_construct(lower_bound=tier.lowerBound, max_leverage=tier.maxLeverage)
            for tier in tiers
        ]
        return name, None

    def _compare(self, coin: RecordedCoin, leverage: Decimal) -> None:
        if coin.maxLeverage != leverage:
            message = (
                f"its maxLeverage is {coin.maxLeverage:f}, its margin table begins with "
                f"{leverage:f}: the table is taken"
            )
            self._published.note("max_leverage_differs", message, coin.name)

    def _mode(self, coin: RecordedCoin, path: Path) -> Mode:
        if coin.marginMode is not None:
            if coin.marginMode not in MODES:
                message = f"the margin mode {coin.marginMode[:40]!r} is not known"
                self._source.problem(message, f"known: {', '.join(MODES)}", *path, "marginMode")
            return MODES.get(coin.marginMode, "normal")
        if coin.onlyIsolated:
            message = "isolated only, and its margin mode is not said: taken as strict isolated"
            self._published.note("margin_mode_assumed", message, coin.name)
            return "strict"
        return "normal"


def _table_name(number: Decimal) -> str:
    return f"table-{number:f}"
