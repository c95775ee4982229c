"""Raw answers about leverage tiers: Binance, Bybit, Gate, and Lighter's markets.

Sources, read in 2026: Binance USD-M futures, Notional and Leverage Brackets; Bybit v5, Get Risk
Limit; Gate API v4, List risk limit tiers; Lighter, orderBookDetails.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator

from marginctl.core.numbers import ZERO, quotient
from marginctl.load.models import MaybeNumber, MaybeText, Number, Text
from marginctl.load.published import (
    ExchangeFile,
    FilePart,
    ImportOptions,
    Ladder,
    Market,
    Published,
    PublishedTier,
    Recorded,
    exchange_market,
    leverage_at,
    publish,
    read_cap,
    read_size_decimals,
)

Cap = Annotated[Decimal | None, BeforeValidator(read_cap)]
BracketRow = TypeVar("BracketRow", bound=BaseModel)

_BASIS_POINTS = Decimal(10_000)
_CLOSEOUT = (2, 3)
_LIGHTER = "order_book_details"
_INVERSE = Market("", "USD", "").unusable


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


Deduction = Annotated[MaybeNumber, BeforeValidator(_empty_is_none)]
"""A published deduction; Bybit leaves that of the first tier empty."""


class BinanceBracket(Recorded):
    """A bracket of ``leverageBracket``."""

    initialLeverage: Number  # noqa: N815 - the exchange's spelling, as below
    notionalCap: Cap = None  # noqa: N815
    notionalFloor: Number  # noqa: N815
    maintMarginRatio: Number  # noqa: N815
    cum: Deduction = None
    notionalCoef: MaybeNumber = None  # noqa: N815


class BinanceSymbol(Recorded):
    """The brackets of a symbol."""

    symbol: Text
    notionalCoef: MaybeNumber = None  # noqa: N815
    brackets: list[BinanceBracket]


class BybitLimit(Recorded):
    """A row of ``risk-limit``: a tier that ends at ``riskLimitValue``."""

    symbol: Text
    riskLimitValue: Number  # noqa: N815
    maintenanceMargin: Number  # noqa: N815
    maxLeverage: Number  # noqa: N815
    mmDeduction: Deduction = None  # noqa: N815
    isLowestRisk: MaybeNumber = None  # noqa: N815


class GateTier(Recorded):
    """A row of ``risk_limit_tiers``: a tier that ends at ``risk_limit``."""

    contract: MaybeText = None
    risk_limit: Number
    leverage_max: Number
    maintenance_rate: Number
    deduction: Deduction = None


class LighterMarket(Recorded):
    """A market of ``orderBookDetails``, its margin fractions in basis points."""

    symbol: Text
    market_type: MaybeText = None
    status: MaybeText = None
    min_initial_margin_fraction: MaybeNumber = None
    maintenance_margin_fraction: MaybeNumber = None
    closeout_margin_fraction: MaybeNumber = None
    size_decimals: MaybeNumber = None


def is_binance(value: Any) -> bool:
    """Whether a JSON value is Binance's ``leverageBracket``, of all symbols or of one."""
    rows = value if isinstance(value, list) else [value]
    return any(isinstance(row, dict) and isinstance(row.get("brackets"), list) for row in rows)


def is_bybit(value: Any) -> bool:
    """Whether a JSON value is Bybit's ``risk-limit``, even an empty page or an error."""
    rows = _bybit_rows(value)
    if isinstance(value, dict) and "retCode" in value:
        if rows is None:
            return bool(value["retCode"] != "0")
        return isinstance(rows, list) and all(
            isinstance(row, dict) and "riskLimitValue" in row for row in rows
        )
    return isinstance(rows, list) and _any_has(rows, "riskLimitValue")


def is_gate(value: Any) -> bool:
    """Whether a JSON value is Gate's ``risk_limit_tiers``."""
    return isinstance(value, list) and _any_has(value, "risk_limit", "maintenance_rate")


def is_lighter(value: Any) -> bool:
    """Whether a JSON value is Lighter's ``orderBookDetails``."""
    return isinstance(value, dict) and isinstance(value.get(_LIGHTER), list)


def _any_has(rows: Sequence[Any], *keys: str) -> bool:
    return any(isinstance(row, dict) and row.keys() >= set(keys) for row in rows)


def read_binance(files: Sequence[ExchangeFile], options: ImportOptions) -> Published:
    """Return the tiers of ``leverageBracket``; problems are left with the files."""
    published = Published(
        "Binance's leverage brackets",
        "binance",
        "binance",
        keys={
            "lower_bound": ("notionalFloor",),
            "upper_bound": ("notionalCap",),
            "max_leverage": ("initialLeverage",),
            "maintenance_margin_rate": ("maintMarginRatio",),
            "maintenance_deduction": ("cum",),
        },
    )
    publish(_binance_ladders(files, published), published, options)
    return published


def _binance_ladders(files: Sequence[ExchangeFile], published: Published) -> Iterator[Ladder]:
    for file in files:
        several = isinstance(file.value, list)
        for index, value in enumerate(file.value if several else [file.value]):
            at = file.at.inside(index) if several else file.at
            # coin-margined brackets are quantities, and need not be read
            if isinstance(value, dict) and (reason := _why_coin_margined(value)):
                name = str(value.get("symbol") or value.get("pair") or "")
                yield Ladder(name, at, (), None, reason)
                continue
            found = at.read(BinanceSymbol, value)
            if found is None:
                continue
            for coefficient in _coefficients(found):
                message = (
                    f"notionalCoef {coefficient:f}: brackets adjusted for one account; "
                    "their bounds are used unchanged"
                )
                published.remark("notional_coefficient", f"{found.symbol}: {message}")
            tiers = [
                PublishedTier(
                    row.notionalFloor,
                    row.notionalCap,
                    row.initialLeverage,
                    row.maintMarginRatio,
                    row.cum,
                    at.inside("brackets", number),
                )
                for number, row in enumerate(found.brackets)
            ]
            tiers.sort(key=lambda tier: tier.lower_bound)
            yield _ladder_of_symbol(found.symbol, at, tiers)


def _coefficients(found: BinanceSymbol) -> list[Decimal]:
    """Return the coefficients of a symbol and of its brackets, each once; 1 changes nothing."""
    stated = [found.notionalCoef, *(row.notionalCoef for row in found.brackets)]
    return [value for value in dict.fromkeys(stated) if value is not None and value != 1]


def _why_coin_margined(value: dict[str, Any]) -> str | None:
    rows = value.get("brackets")
    if isinstance(rows, list) and any(isinstance(row, dict) and "qtyCap" in row for row in rows):
        return "the bounds of their tiers are quantities, not amounts of the quote"
    return None


def read_bybit(files: Sequence[ExchangeFile], options: ImportOptions) -> Published:
    """Return the tiers of the pages of ``risk-limit``; problems are left with the files."""
    published = Published(
        "Bybit's risk limits",
        "bybit",
        "bybit",
        keys={
            "lower_bound": ("riskLimitValue",),
            "upper_bound": ("riskLimitValue",),
            "max_leverage": ("maxLeverage",),
            "maintenance_margin_rate": ("maintenanceMargin",),
            "maintenance_deduction": ("mmDeduction",),
        },
    )
    inverse = False
    for file in files:
        answer = file.value if isinstance(file.value, dict) else {}
        if answer.get("retCode", "0") != "0":
            message = f"the exchange answered with an error: {str(answer.get('retMsg'))[:200]}"
            file.at.problem(message, "fetch it again")
        inside = answer.get("result", answer)
        inverse = inverse or (isinstance(inside, dict) and inside.get("category") == "inverse")
    _note_missing_pages(files, published)
    rows = [found for file in files for found in _bybit_page(file)]
    ladders = _ladders_by_ends(
        rows,
        lambda row: row.symbol,
        lambda row: row.riskLimitValue,
        lambda row: (row.maxLeverage, row.maintenanceMargin, row.mmDeduction),
        lambda row: _INVERSE if inverse else _why_incomplete(row),
    )
    publish(ladders, published, options)
    return published


def _why_incomplete(lowest: BybitLimit) -> str | None:
    """Return why the tiers from this one up cannot be used: it is not the symbol's first."""
    return "their first tier is on another page" if lowest.isLowestRisk == 0 else None


def _bybit_rows(value: Any) -> Any:
    if isinstance(value, dict):
        inside = value.get("result", value)
        return inside.get("list") if isinstance(inside, dict) else None
    return value


def _bybit_page(file: ExchangeFile) -> Iterator[tuple[BybitLimit, FilePart]]:
    at = file.at
    if isinstance(file.value, dict):
        at = at.inside("result", "list") if "result" in file.value else at.inside("list")
    return _rows_of(BybitLimit, _bybit_rows(file.value) or (), at)


def _note_missing_pages(files: Sequence[ExchangeFile], published: Published) -> None:
    """Note that the last page is not among the files: some symbols are missing then."""
    cursors = [
        inside.get("nextPageCursor")
        for file in files
        if isinstance(file.value, dict)
        and isinstance(inside := file.value.get("result", file.value), dict)
    ]
    if cursors and all(cursors):
        published.remark(
            "pages_missing",
            "more pages follow (nextPageCursor): give their files too, or symbols are missing",
        )


def read_gate(files: Sequence[ExchangeFile], options: ImportOptions) -> Published:
    """Return the tiers of ``risk_limit_tiers``; problems are left with the files."""
    published = Published(
        "Gate's risk limit tiers",
        "gate",
        keys={
            "lower_bound": ("risk_limit",),
            "upper_bound": ("risk_limit",),
            "max_leverage": ("leverage_max",),
            "maintenance_margin_rate": ("maintenance_rate",),
            "maintenance_deduction": ("deduction",),
        },
    )
    rows = [found for file in files for found in _rows_of(GateTier, file.value, file.at)]
    for row, at in rows:
        if not row.contract:
            hint = "fetch the tiers of all contracts, whose rows have names, or add the key"
            at.problem("the row does not name its contract", hint)
            return published
    ladders = _ladders_by_ends(
        rows,
        lambda row: row.contract or "",
        lambda row: row.risk_limit,
        lambda row: (row.leverage_max, row.maintenance_rate, row.deduction),
    )
    publish(ladders, published, options)
    return published


def read_lighter(files: Sequence[ExchangeFile], options: ImportOptions) -> Published:
    """Return the markets of ``orderBookDetails``; problems are left with the files."""
    published = Published(
        "Lighter's order book details",
        "lighter",
        "lighter",
        "USDC",
        keys={
            "max_leverage": ("min_initial_margin_fraction",),
            "maintenance_margin_rate": ("maintenance_margin_fraction",),
        },
    )
    markets = (
        (row, at)
        for file in files
        for row, at in _rows_of(LighterMarket, file.value[_LIGHTER], file.at.inside(_LIGHTER))
        if row.market_type != "spot"
    )
    publish((_lighter_ladder(row, at, published) for row, at in markets), published, options)
    return published


def _lighter_ladder(row: LighterMarket, at: FilePart, published: Published) -> Ladder:
    initial, kept = row.min_initial_margin_fraction, row.maintenance_margin_fraction
    if not initial or not kept or initial < 0:
        return Ladder(row.symbol, at, (), None, "their margin fractions are none")
    closeout = row.closeout_margin_fraction
    taken, of = _CLOSEOUT
    # both are whole basis points: two thirds of 2000 are published as 1333
    if closeout is not None and abs(closeout * of - kept * taken) >= of:
        message = f"its close-out margin is not {taken}/{of} of maintenance, which is assumed here"
        published.note("closeout_differs", message, row.symbol)
    tier = PublishedTier(
        ZERO,
        None,
        leverage_at(quotient(initial, _BASIS_POINTS)),
        quotient(kept, _BASIS_POINTS),
        None,
        at,
    )
    return Ladder(
        row.symbol,
        at,
        [tier],
        size_decimals=(
            None
            if row.size_decimals is None
            else read_size_decimals(row.size_decimals, at.inside("size_decimals"))
        ),
        delisted=row.status == "inactive",
    )


def _rows_of(
    model: type[BracketRow], rows: Any, at: FilePart
) -> Iterator[tuple[BracketRow, FilePart]]:
    """Yield the rows of a list that can be read, each with its place."""
    for index, value in enumerate(rows):
        row_at = at.inside(index)
        row = row_at.read(model, value)
        if row is not None:
            yield row, row_at


def _ladders_by_ends(
    rows: Iterable[tuple[BracketRow, FilePart]],
    name_of: Callable[[BracketRow], str],
    end_of: Callable[[BracketRow], Decimal],
    terms_of: Callable[[BracketRow], tuple[Decimal, Decimal, Decimal | None]],
    unusable_from: Callable[[BracketRow], str | None] = lambda _: None,
) -> Iterator[Ladder]:
    """Yield the ladders of rows that each state where a tier ends: it begins at the end before.

    ``unusable_from`` says of the lowest row of a ladder why it cannot be used, None where it can.
    """
    by_name: dict[str, list[tuple[BracketRow, FilePart]]] = {}
    for row, at in rows:
        by_name.setdefault(name_of(row), []).append((row, at))
    for name, found in by_name.items():
        found.sort(key=lambda row_at: end_of(row_at[0]))
        tiers: list[PublishedTier] = []
        begin = ZERO
        for row, at in found:
            leverage, rate, deduction = terms_of(row)
            end = end_of(row)
            tiers.append(PublishedTier(begin, end, leverage, rate, deduction, at))
            begin = end
        lowest, place = found[0]
        yield _ladder_of_symbol(name, place, tiers, unusable_from(lowest))


def _ladder_of_symbol(
    name: str, at: FilePart, tiers: Sequence[PublishedTier], unusable: str | None = None
) -> Ladder:
    """Return a ladder with what its exchange's symbol says of it."""
    market = exchange_market(name)
    if market is None:
        return Ladder(name, at, tiers, None, unusable)
    return Ladder(name, at, tiers, market.settle, unusable or market.unusable)
