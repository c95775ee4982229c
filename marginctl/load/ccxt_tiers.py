"""Leverage tiers as ccxt returns them (``fetchLeverageTiers``), and as freqtrade ships Binance's.

An object of symbols such as ``BTC/USDT:USDT`` with their tiers. Binance's own entry of a tier,
under ``info``, has the deduction as ``cum``. Source: the manual of ccxt (leverage tiers), and the
file ``binance_leverage_tiers.json`` of freqtrade.
"""

from collections import Counter
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, RootModel

from marginctl.load.imported import JsonSource, Published
from marginctl.load.json_fields import MaybeText, Number
from marginctl.load.numbers import read_decimal
from marginctl.load.tier_models import AssetEntry, TierEntry
from marginctl.load.validation import validate

ABSURD_CAP = Decimal("1e15")
"""A cap from here on stands for none: exchanges write the largest number that they have."""
WIDEST_GAP = Decimal(1)
"""Some exchanges state inclusive bounds, so that a tier begins one above the end of the last."""

_KEYS = frozenset({"minNotional", "maxNotional", "maintenanceMarginRate", "maxLeverage"})


def _cap(value: Any) -> Decimal | None:
    """Return the notional at which a tier ends, None where nothing ends it."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("a number is expected here")
    try:
        if Decimal(value) >= ABSURD_CAP:
            return None
    except InvalidOperation:
        pass  # told by the reader of numbers
    return read_decimal(value)


def _deduction(info: Any) -> Decimal | None:
    """Return Binance's ``cum`` of what the exchange itself said of a tier."""
    stated = info.get("cum") if isinstance(info, dict) else None
    if stated is None:
        return None
    if not isinstance(stated, str):
        raise ValueError("cum is no number")
    try:
        return read_decimal(stated)
    except ValueError as error:
        raise ValueError(f"cum: {error}") from None


class CcxtTier(BaseModel):
    """One tier; what is not needed here is let through."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    currency: MaybeText = None
    minNotional: Number  # noqa: N815 - ccxt's spelling, as below
    maxNotional: Annotated[Decimal | None, BeforeValidator(_cap)] = None  # noqa: N815
    maintenanceMarginRate: Number  # noqa: N815
    maxLeverage: Number  # noqa: N815
    info: Annotated[Decimal | None, BeforeValidator(_deduction)] = None


class CcxtTiers(RootModel[dict[str, list[CcxtTier]]]):
    """All tiers by symbol."""


def is_leverage_tiers(value: Any) -> bool:
    """Whether a JSON value is ccxt's, by the keys of any of its tiers."""
    if not isinstance(value, dict):
        return False
    lists = [tiers for tiers in value.values() if isinstance(tiers, list)]
    return any(
        isinstance(tier, dict) and len(_KEYS & tier.keys()) > 1 for tiers in lists for tier in tiers
    )


def read_leverage_tiers(source: JsonSource) -> Published:
    """Return the tiers of a file; its problems are left with the source."""
    published = Published(
        "leverage tiers of ccxt",
        "imported",
        keys={
            "lower_bound": ("minNotional",),
            "upper_bound": ("maxNotional",),
            "max_leverage": ("maxLeverage",),
            "maintenance_margin_rate": ("maintenanceMarginRate",),
            "maintenance_deduction": ("info", "cum"),
        },
    )
    found = validate(CcxtTiers, source.value, (), source.locate, source.problems)
    if found is None:
        return published
    named: dict[tuple[Any, ...], str] = {}
    gaps = 0
    for symbol, tiers in found.root.items():
        _refuse_inverse(symbol, source)
        gaps += _check_bounds(symbol, tiers, source)
        entries = _entries(tiers)
        # many symbols have the same tiers: they share the table of the first
        content = tuple(tuple(entry.__dict__.values()) for entry in entries)
        name = named.setdefault(content, symbol)
        published.tables.setdefault(name, entries)
        published.table_paths.setdefault(name, (symbol,))
        published.asset_paths[symbol] = (symbol,)
        published.assets[symbol] = AssetEntry.model_construct(table=name)
        published.deductions += sum(tier.info is not None for tier in tiers)
    _take_quote(found, published)
    _take_remarks(published, gaps)
    return published


def _entries(tiers: list[CcxtTier]) -> list[TierEntry]:
    """Return tiers as a tier file has them; each begins where the one before ends."""
    entries = []
    end: Decimal | None = None
    for index, tier in enumerate(tiers):
        leverage, rate = tier.maxLeverage, tier.maintenanceMarginRate
        usual = leverage > 0 and Fraction(rate) == 1 / (2 * Fraction(leverage))
        last = index + 1 == len(tiers)
        entries.append(
            TierEntry.model_construct(
                lower_bound=tier.minNotional if end is None else end,
                max_leverage=leverage,
                maintenance_margin_rate=None if usual else rate,
                maintenance_deduction=tier.info,
                upper_bound=tier.maxNotional if last else None,
            )
        )
        end = tier.maxNotional
    return entries


def _check_bounds(symbol: str, tiers: list[CcxtTier], source: JsonSource) -> int:
    """Find tiers that do not begin where the last ended, and count the gaps that are let pass."""
    gaps = 0
    for index, (before, tier) in enumerate(pairwise(tiers), start=1):
        end, begin = before.maxNotional, tier.minNotional
        if end is None or begin == end:
            continue
        if end < begin <= end + WIDEST_GAP:
            gaps += 1
            continue
        kind = "a gap" if begin > end else "an overlap"
        message = f"{kind}: the tier before ends at {end:f}, this one begins at {begin:f}"
        source.problem(message, None, symbol, index, "minNotional")
    return gaps


def _refuse_inverse(symbol: str, source: JsonSource) -> None:
    base, _, rest = symbol.partition("/")
    quote, _, settled = rest.partition(":")
    if settled.partition("-")[0] == base != quote:
        message = f"an inverse contract: its tiers are amounts of {base}, not notionals in {quote}"
        source.problem(message, "import linear contracts only", symbol)


def _take_quote(found: CcxtTiers, published: Published) -> None:
    currencies = Counter(
        currency
        for symbol, tiers in found.root.items()
        for tier in tiers[:1]
        if (currency := tier.currency or _settled(symbol))
    )
    if not currencies:
        return
    (published.quote, _), *others = currencies.most_common()
    if others:
        words = ", ".join(f"{count} in {currency}" for currency, count in others)
        message = f"amounts are taken as {published.quote}, but of the assets {words}"
        published.note("several_quotes", message)
        published.remarks.append(message)


def _settled(symbol: str) -> str:
    return symbol.partition("/")[2].partition(":")[2].partition("-")[0]


def _take_remarks(published: Published, gaps: int) -> None:
    if gaps:
        message = (
            f"of the tiers {gaps:,} begin up to {WIDEST_GAP} above the end of the one before: "
            "taken to begin where that ends"
        )
        published.note("gaps", message)
    message = (
        "maintenance and the liquidation prices of isolated positions follow from these tiers; "
        "transfer limits and the backstop are those of the rules named, not this exchange's"
    )
    published.note("rules_not_of_exchange", message)
    published.remarks.append(message)
