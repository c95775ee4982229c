"""Hyperliquid's ``meta``, ``metaAndAssetCtxs`` and ``allPerpMetas``: perpetuals, margin tables.

Each dex has a meta with margin tables of its own; the coins of all but the main one are named
after their dex, such as ``xyz:GOLD``. A margin table id below 50 means one tier with that max
leverage; such tables need not be listed.
Source: Hyperliquid documentation (perpetuals, meta), and responses recorded since 2024.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from pydantic import StrictBool

from marginctl.checks.stated import StatedAsset, StatedTier
from marginctl.load.models import MaybeNumber, MaybeText, Number, Text
from marginctl.load.published import (
    ExchangeFile,
    FilePart,
    ImportOptions,
    Published,
    Recorded,
    name_problem,
    read_size_decimals,
)

FIRST_LISTED_TABLE = 50
"""Margin table ids below this are a max leverage."""
Mode = Literal["normal", "no_cross", "strict"]
MODES: dict[str, Mode] = {"noCross": "no_cross", "strictIsolated": "strict"}
_USDC = "0"
_PAIR = 2


class RecordedCoin(Recorded):
    """One perpetual of the universe."""

    name: Text
    szDecimals: Number  # noqa: N815 - the exchange's spelling, as below
    maxLeverage: Number  # noqa: N815
    marginTableId: MaybeNumber = None  # noqa: N815
    marginMode: MaybeText = None  # noqa: N815
    onlyIsolated: StrictBool | None = None  # noqa: N815
    isDelisted: StrictBool | None = None  # noqa: N815


class RecordedTier(Recorded):
    """One tier of a margin table."""

    lowerBound: Number  # noqa: N815
    maxLeverage: Number  # noqa: N815


class RecordedTable(Recorded):
    """A margin table."""

    description: MaybeText = None
    marginTiers: list[RecordedTier]  # noqa: N815


class RecordedMeta(Recorded):
    """The response. Those of early 2024 have no margin tables."""

    universe: list[RecordedCoin]
    marginTables: list[tuple[Number, RecordedTable]] | None = None  # noqa: N815
    collateralToken: MaybeNumber = None  # noqa: N815


def is_meta(value: Any) -> bool:
    """Whether a JSON value is one meta, a ``metaAndAssetCtxs``, or the metas of all dexs."""
    return _is_one_meta(value) or _is_meta_with_contexts(value) or _are_metas(value)


def _is_one_meta(value: Any) -> bool:
    return isinstance(value, Mapping) and "universe" in value


def _is_meta_with_contexts(value: Any) -> bool:
    """Whether a value is a meta, and the list of its coins' contexts."""
    pair = isinstance(value, list) and len(value) == _PAIR and _is_one_meta(value[0])
    return pair and isinstance(value[1], list)


def _are_metas(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_one_meta, value))


def _metas(file: ExchangeFile) -> Iterator[tuple[Any, FilePart]]:
    """Yield the metas of a file with their places."""
    value = file.value
    if _is_one_meta(value):
        yield value, file.at
        return
    for index, meta in enumerate(value[:1] if _is_meta_with_contexts(value) else value):
        yield meta, file.at.inside(index)


def read_meta(files: Sequence[ExchangeFile], options: ImportOptions) -> Published:
    """Return the tiers of responses; their problems are left with them."""
    published = Published(
        "Hyperliquid's meta response",
        "hyperliquid",
        "hyperliquid",
        keys={"lower_bound": ("lowerBound",), "max_leverage": ("maxLeverage",)},
    )
    quotes: Counter[str] = Counter()
    for file in files:
        for value, at in _metas(file):
            reader = _Reader(at, published, options)
            coins = reader.read(value)
            quotes[reader.quote] += coins
    _take_quote(quotes, published, options)
    return published


def _take_quote(quotes: Counter[str], published: Published, options: ImportOptions) -> None:
    """Name the collateral of most coins, and mention the others."""
    taken = [(quote, count) for quote, count in quotes.most_common() if count]
    if not taken:
        return
    published.quote = taken[0][0]
    if published.quote != "USDC" and not options.quote:
        message = (
            f"amounts are in {published.quote}, a token known only by its index: "
            "name it with --quote"
        )
        published.note("quote_unnamed", message)
    published.remark_other_quotes(options.quote or published.quote, taken[1:])


class _Reader:
    """Reads the meta of one dex."""

    def __init__(self, at: FilePart, published: Published, options: ImportOptions) -> None:
        self._at = at
        self._published = published
        self._options = options
        self._dex = ""
        self._tables: dict[Decimal, RecordedTable] = {}
        self._tiers_at: dict[Decimal, FilePart] = {}
        self._names: dict[Decimal, str] = {}
        self.quote = "USDC"

    def read(self, value: Any) -> int:
        """Take the coins that are asked for, and return how many these are."""
        published = self._published
        meta = self._at.read(RecordedMeta, value)
        if meta is None:
            return 0
        self.quote = self._quote(meta)
        self._dex = next((c.name.partition(":")[0] for c in meta.universe if ":" in c.name), "")
        self._take_tables(meta)
        before = len(published.assets)
        for index, coin in enumerate(meta.universe):
            published.names_seen += 1
            if self._options.takes(coin.name):
                self._take_coin(coin, index)
        return len(published.assets) - before

    @staticmethod
    def _quote(meta: RecordedMeta) -> str:
        token = "0" if meta.collateralToken is None else f"{meta.collateralToken:f}"
        return "USDC" if token == _USDC else f"token-{token}"

    def _take_tables(self, meta: RecordedMeta) -> None:
        for index, (number, table) in enumerate(meta.marginTables or []):
            at = self._at.inside("marginTables", index)
            if number in self._tables:
                at.problem(f"the margin table {number:f} appears twice", "keep one of the two")
            self._tables[number] = table
            self._tiers_at[number] = at.inside(1, "marginTiers")

    def _take_coin(self, coin: RecordedCoin, index: int) -> None:
        published = self._published
        at = self._at.inside("universe", index)
        if reason := name_problem(coin.name):
            published.leave_out(coin.name, reason, at)
            return
        if coin.name in published.assets:
            at.inside("name").problem(f"{coin.name!r} appears twice", "keep one of the two")
        table, leverage = self._table_or_leverage(coin, at)
        published.asset_places[coin.name] = at
        published.assets[coin.name] = StatedAsset(
            table=table,
            max_leverage=leverage,
            size_decimals=read_size_decimals(coin.szDecimals, at.inside("szDecimals")),
            margin_mode=self._mode(coin, at),
            delisted=bool(coin.isDelisted),
        )

    def _table_or_leverage(
        self, coin: RecordedCoin, at: FilePart
    ) -> tuple[str | None, Decimal | None]:
        """Return the name of the coin's table, or the max leverage of its only tier."""
        number = coin.marginTableId
        if number is None:
            return None, coin.maxLeverage
        listed = self._tables.get(number)
        if listed is None:
            if number >= FIRST_LISTED_TABLE:
                message = f"the margin table {number:f} is not among the marginTables"
                at.inside("marginTableId").problem(message)
                return None, coin.maxLeverage
            self._compare_leverage(coin, number)
            return None, number
        tiers = listed.marginTiers
        if tiers:
            self._compare_leverage(coin, tiers[0].maxLeverage)
        if len(tiers) == 1 and tiers[0].lowerBound == 0:
            return None, tiers[0].maxLeverage
        if number not in self._names:
            self._names[number] = self._free_name(number)
            self._take_table(number, listed)
        return self._names[number], None

    def _take_table(self, number: Decimal, table: RecordedTable) -> None:
        published, name = self._published, self._names[number]
        published.tables[name] = [
            StatedTier.of(lower_bound=tier.lowerBound, max_leverage=tier.maxLeverage)
            for tier in table.marginTiers
        ]
        tiers = self._tiers_at[number]
        published.tier_places[name] = [tiers.inside(i) for i in range(len(table.marginTiers))]
        if table.description:
            published.table_remarks[name] = table.description

    def _free_name(self, number: Decimal) -> str:
        """Return a name for a table, led by its dex, that no other meta's table has."""
        name = f"{self._dex}-table-{number:f}" if self._dex else f"table-{number:f}"
        known = self._published.tables
        others = (f"{name}-{count}" for count in range(2, len(known) + 3))
        return name if name not in known else next(other for other in others if other not in known)

    def _compare_leverage(self, coin: RecordedCoin, leverage: Decimal) -> None:
        if coin.maxLeverage != leverage:
            message = (
                f"its maxLeverage is {coin.maxLeverage:f}, its margin table begins with "
                f"{leverage:f}: the table is used"
            )
            self._published.note("max_leverage_differs", message, coin.name)

    def _mode(self, coin: RecordedCoin, at: FilePart) -> Mode:
        if coin.marginMode is not None:
            if coin.marginMode not in MODES:
                message = f"the margin mode {coin.marginMode[:40]!r} is not known"
                at.inside("marginMode").problem(message, f"known: {', '.join(MODES)}")
            return MODES.get(coin.marginMode, "normal")
        if coin.onlyIsolated:
            message = "isolated only, without a margin mode: treated as strict isolated"
            self._published.note("margin_mode_assumed", message, coin.name)
            return "strict"
        return "normal"
