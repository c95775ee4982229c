"""Leverage tiers as ccxt returns them, and as freqtrade ships Binance's.

``fetchLeverageTiers`` is an object of symbols such as ``BTC/USDT:USDT`` with their tiers,
``fetchMarketLeverageTiers`` the list of one symbol. Under ``info`` stands the exchange's own entry
of a tier: its published deduction, and signs that its bounds are no amounts of the quote. Source:
the manual of ccxt (leverage tiers), its exchange modules, and the file
``binance_leverage_tiers.json`` of freqtrade.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainValidator

from marginctl.load.models import MaybeNumber, MaybeText
from marginctl.load.numbers import read_decimal
from marginctl.load.published import (
    ExchangeFile,
    FilePart,
    ImportOptions,
    Ladder,
    Published,
    PublishedTier,
    Recorded,
    leverage_at,
    publish,
    read_cap,
    unified_market,
)

_KEYS = frozenset({"minNotional", "maxNotional", "maintenanceMarginRate", "maxLeverage"})
_CCXT_KEYS = frozenset({"minNotional", "maxNotional", "tier", "info"})
"""Of these every tier of ccxt has some; MEXC's own contracts have none beside two of the others."""
_DEDUCTIONS = ("cum", "mmDeduction", "maintAmount", "deduction")
"""What exchanges call a deduction: Binance, Bybit, BingX, Gate."""
_INITIAL_RATES = ("initialMargin", "initial_rate", "initialMarginRate", "imr")
_PERCENT_RATE = "maintenanceMargin"
"""Phemex's rate, a text in percent, of which some versions of ccxt make null."""
_CONTRACT_BOUNDS = (("minSz", "maxSz"), ("min_size", "max_size"), ("contracts", ""))
"""Bounds in numbers of contracts: OKX, Huobi, Kraken."""
_CONTRACT_KEYS = frozenset({"maxVol", "riskIncrVol"})
"""MEXC's steps, in numbers of contracts."""
_BASE_BOUNDS = (("amount", "amount"), ("", "baseMaxBorrowableAmount"), ("", "maxBorrowableAmount"))
"""Bounds in units of the base: CoinEx, and what Bitget lends to traders on its spot markets."""
_EXCHANGES = (
    (frozenset({"cum"}), "binance"),
    (frozenset({"riskLimitValue"}), "bybit"),
)
"""Exchanges with rules of their own, by keys of what they say of a tier."""


def _rate(value: Any) -> Decimal | None:
    """Return a rate, a fraction or, as Phemex's are, a text in percent."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("expected a number")
    return read_decimal(value, fraction=True)


class CcxtTier(Recorded):
    """One tier."""

    symbol: MaybeText = None
    currency: MaybeText = None
    minNotional: MaybeNumber = None  # noqa: N815 - ccxt's spelling, as below
    maxNotional: Annotated[Decimal | None, BeforeValidator(read_cap)] = None  # noqa: N815
    maintenanceMarginRate: Annotated[Decimal | None, PlainValidator(_rate)] = None  # noqa: N815
    maxLeverage: MaybeNumber = None  # noqa: N815
    info: Any = None

    @property
    def rate(self) -> Decimal | None:
        """The maintenance rate; else that of the exchange's own entry, if in percent."""
        written = self.info.get(_PERCENT_RATE) if isinstance(self.info, dict) else None
        if self.maintenanceMarginRate is None and str(written).endswith("%"):
            return _maybe_number(written)
        return self.maintenanceMarginRate


def is_leverage_tiers(value: Any) -> bool:
    """Whether a JSON value is ccxt's, by the keys of any of its tiers."""
    rows: list[Any] = []
    if isinstance(value, list):
        rows = value
    elif isinstance(value, dict):
        lists = (tiers for tiers in value.values() if isinstance(tiers, list))
        rows = [tier for tiers in lists for tier in tiers]
    return any(
        isinstance(tier, dict) and len(_KEYS & tier.keys()) > 1 and _CCXT_KEYS & tier.keys()
        for tier in rows
    )


def read_leverage_tiers(files: Sequence[ExchangeFile], options: ImportOptions) -> Published:
    """Return the tiers of files; their problems are left with them."""
    rules, deduction = _rules_name(files), _deduction_key(files)
    published = Published(
        "leverage tiers of ccxt",
        "imported" if rules == "tiered" else rules,
        rules,
        keys={
            "lower_bound": ("minNotional",),
            "upper_bound": ("maxNotional",),
            "max_leverage": ("maxLeverage",),
            "maintenance_margin_rate": ("maintenanceMarginRate",),
            "maintenance_deduction": ("info", deduction),
        },
    )
    publish((ladder for file in files for ladder in _ladders(file)), published, options)
    return published


def _exchange_entries(files: Sequence[ExchangeFile]) -> Iterator[Mapping[str, Any]]:
    for file in files:
        for _, _, rows in _symbols(file):
            for _, row in rows:
                if isinstance(row, dict) and isinstance(row.get("info"), dict):
                    yield row["info"]


def _rules_name(files: Sequence[ExchangeFile]) -> str:
    """Return the name of the exchange's own rules, the neutral ones where it has none."""
    for info in _exchange_entries(files):
        for keys, name in _EXCHANGES:
            if keys <= info.keys():
                return name
    return "tiered"


def _deduction_key(files: Sequence[ExchangeFile]) -> str:
    keys = (key for info in _exchange_entries(files) for key in _DEDUCTIONS if key in info)
    return next(keys, _DEDUCTIONS[0])


_Rows = list[tuple[FilePart, Any]]


def _symbols(file: ExchangeFile) -> Iterator[tuple[str, FilePart, _Rows]]:
    """Yield the symbols of a file, each with its place and its tiers with theirs."""
    if isinstance(file.value, dict):
        for symbol, tiers in file.value.items():
            if isinstance(tiers, list):
                at = file.at.inside(symbol)
                yield symbol, at, [(at.inside(index), row) for index, row in enumerate(tiers)]
        return
    by_symbol: dict[str, _Rows] = {}
    for index, row in enumerate(file.value):
        name = row.get("symbol") if isinstance(row, dict) else None
        rows = by_symbol.setdefault(name if isinstance(name, str) else "", [])
        rows.append((file.at.inside(index), row))
    for symbol, found in by_symbol.items():
        yield symbol, found[0][0], found


def _ladders(file: ExchangeFile) -> Iterator[Ladder]:
    if isinstance(file.value, dict):
        for symbol, tiers in file.value.items():
            if not isinstance(tiers, list):
                file.at.inside(symbol).problem("expected a list")
    for symbol, at, rows in _symbols(file):
        read = [(row_at, row_at.read(CcxtTier, row)) for row_at, row in rows]
        tiers = [(row_at, tier) for row_at, tier in read if tier is not None]
        if len(tiers) == len(rows):
            yield _ladder(symbol, at, tiers)


def _ladder(symbol: str, at: FilePart, tiers: Sequence[tuple[FilePart, CcxtTier]]) -> Ladder:
    market = unified_market(symbol)
    quote = market.settle if market else next((tier.currency for _, tier in tiers), None)
    unusable = (None if market is None else market.unusable) or _why_unusable([t for _, t in tiers])
    published = [] if unusable else [_published_tier(tier, tier_at) for tier_at, tier in tiers]
    return Ladder(symbol, at, published, quote, unusable)


def _published_tier(tier: CcxtTier, at: FilePart) -> PublishedTier:
    assert tier.minNotional is not None
    assert tier.rate is not None
    info = tier.info if isinstance(tier.info, dict) else {}
    return PublishedTier(
        tier.minNotional,
        tier.maxNotional,
        _stated_leverage(info) if tier.maxLeverage is None else tier.maxLeverage,
        tier.rate,
        _published_deduction(info, at),
        at,
    )


def _why_unusable(tiers: Sequence[CcxtTier]) -> str | None:
    """Return why the tiers of a symbol cannot be used, None where they can."""
    if any(_bounds_in_contracts(tier) for tier in tiers):
        return "the bounds of their tiers are numbers of contracts, not amounts"
    if any(_bounds_equal(tier, keys) for tier in tiers for keys in _BASE_BOUNDS):
        return "the bounds of their tiers are amounts of the base, not of the quote"
    if any(tier.minNotional is None or tier.rate is None for tier in tiers):
        return "their bounds or rates are null"
    return None


def _bounds_in_contracts(tier: CcxtTier) -> bool:
    if not isinstance(tier.info, dict):
        return False
    counted = any(_bounds_equal(tier, keys) for keys in _CONTRACT_BOUNDS)
    return counted or not _CONTRACT_KEYS.isdisjoint(tier.info)


def _bounds_equal(tier: CcxtTier, keys: tuple[str, str]) -> bool:
    """Whether a bound of a tier is the number that the exchange has under one of two keys.

    A first bound of zero proves nothing, unless it is the only one.
    """
    if not isinstance(tier.info, dict):
        return False
    low, high = (_maybe_number(tier.info.get(key)) for key in keys)
    proves = low is not None and (low != 0 or tier.maxNotional is None)
    return (proves and low == tier.minNotional) or (high is not None and high == tier.maxNotional)


def _maybe_number(value: Any) -> Decimal | None:
    try:
        return read_decimal(value, fraction=True) if isinstance(value, str) else None
    except ValueError:
        return None


def _stated_leverage(info: Mapping[str, Any]) -> Decimal | None:
    """Return the max leverage by the initial margin rate that the exchange itself states."""
    rates = (_maybe_number(info.get(key)) for key in _INITIAL_RATES)
    rate = next((rate for rate in rates if rate is not None and 0 < rate <= 1), None)
    return None if rate is None else leverage_at(rate)


def _published_deduction(info: Mapping[str, Any], at: FilePart) -> Decimal | None:
    """Return what the exchange itself published as the deduction of a tier; empty is none."""
    key = next((key for key in _DEDUCTIONS if info.get(key) not in (None, "")), None)
    if key is None:
        return None
    place = at.inside("info", key)
    if not isinstance(info[key], str):
        place.problem(f"{key} is not a number")
        return None
    try:
        return read_decimal(info[key])
    except ValueError as error:
        place.problem(f"{key}: {error}")
        return None
