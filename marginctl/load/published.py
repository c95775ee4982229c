"""Leverage tiers as exchanges publish them, symbol by symbol, as tables and assets of a venue.

Every form of an answer but Hyperliquid's becomes ladders, and ladders become tables and assets in
one way: bounds meet, equal tables are shared, published deductions are kept to be checked, and what
cannot be used is left out with its reason.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from marginctl.checks.problem import KeyPath
from marginctl.checks.stated import StatedAsset, StatedTier
from marginctl.core.notices import Notice
from marginctl.core.numbers import down_to_step, exactly, quotient
from marginctl.load.models import Model, validate
from marginctl.load.numbers import read_decimal
from marginctl.load.problems import Place, Problem, Source

_QUOTES = (
    *("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDE", "USD1", "USDH", "USDS", "RLUSD", "USD"),
    *("EUR", "TRY", "BRL", "BTC", "ETH", "BNB", "U"),
)
"""Currencies that end a symbol in one word; a longer one comes before its own end."""


class Market(NamedTuple):
    """The currencies of a market; ``settle`` is what margin and PnL are paid in."""

    base: str
    quote: str
    settle: str

    @property
    def unusable(self) -> str | None:
        """Why tiers of this market are no amounts of its quote currency; None where they are."""
        if self.settle == self.quote:
            return None
        if self.settle == self.base:
            return "inverse contracts, whose tiers are amounts of the base, not of the quote"
        return "quanto contracts, which settle in neither their quote nor their base"


def unified_market(symbol: str) -> Market | None:
    """Return the market of ccxt's ``BASE/QUOTE:SETTLE-EXPIRY``; None where it is none.

    Without a settle part the quote is what it settles in.
    """
    found = re.fullmatch(r"([^/]*)/([^:/]+)(?::([^-]+)(?:-.*)?)?", symbol)
    if found is None:
        return None
    base, quote, settle = found.groups()
    return Market(base, quote, settle or quote)


def exchange_market(symbol: str) -> Market | None:
    """Return the market of an exchange's own symbol: BTCUSDT, BTC_USDT, BTCPERP, BTCUSDZ26.

    One quoted in plain USD settles in its base; where no currency ends the symbol it is None.
    """
    word = re.sub(r"(?<=.)[_-](PERP|\d{6,8}|\d{1,2}[A-Z]{3}\d{2})$", "", symbol)
    word = re.sub(r"(?<=USD)[FGHJKMNQUVXZ]\d{2}$", "", word)
    if word == symbol and symbol.endswith("PERP"):
        base = symbol.removesuffix("PERP")
        return Market(base, "USDC", "USDC") if base else None
    parts = re.fullmatch(r"(.+?)[_/-](.+)", word)
    if parts is not None:
        base, quote = parts.groups()
    else:
        quote = next((end for end in _QUOTES if word.endswith(end) and word != end), "")
        base = word.removesuffix(quote)
    if not quote:
        return None
    return Market(base, quote, base if quote == "USD" else quote)


LONGEST_NAME = 200
"""The most characters of a name; far more cannot be a key to every reader of YAML."""
MAX_SIZE_DECIMALS = 99
"""The most decimals of a size; more are no decimals of any market."""
_FIRST_SURROGATE, _LAST_SURROGATE = "\ud800", "\udfff"
ABSURD_CAP = Decimal("1e15")
"""A cap from here on stands for none: exchanges write the largest number that they have."""
WIDEST_GAP = Decimal(1)
"""Some exchanges state inclusive bounds, so that a tier begins one above the end of the last."""
_HUNDREDTH = Decimal("0.01")
_HALF = Decimal("0.5")


def name_problem(name: str) -> str | None:
    """Return why a name cannot stand in a tier file, None where it can."""
    if not name.strip():
        return "a name is empty"
    if len(name) > LONGEST_NAME:
        return f"a name has more than {LONGEST_NAME} characters"
    if any(_FIRST_SURROGATE <= char <= _LAST_SURROGATE for char in name):
        return "a name has bytes that are not text"
    return None


@dataclass(frozen=True)
class ImportOptions:
    """What an exchange's file does not say of itself, and which of its assets are taken.

    ``only`` and ``exclude`` are patterns of names such as ``*/USDT:USDT``; ``strict`` makes an
    error of what is left out as unusable; ``today`` is the day in UTC.
    """

    venue: str | None = None
    rules: str | None = None
    quote: str | None = None
    as_of: date | None = None
    only: Sequence[str] = ()
    exclude: Sequence[str] = ()
    strict: bool = False
    today: date = date.max

    def takes(self, name: str) -> bool:
        """Whether an asset is asked for."""
        wanted = not self.only or any(fnmatchcase(name, pattern) for pattern in self.only)
        return wanted and not any(fnmatchcase(name, pattern) for pattern in self.exclude)


class FilePart(NamedTuple):
    """A part of one of the exchange's files, and the problems found in that file."""

    source: Source
    problems: list[Problem]

    def inside(self, *keys: str | int) -> "FilePart":
        """Return a part of this one."""
        return FilePart(self.source.inside(*keys), self.problems)

    def place(self) -> Place:
        """Return where it stands."""
        return self.source.place()

    def read(self, model: type[Model], value: Any) -> Model | None:
        """Return the value of this part as a model; None where there are problems."""
        return validate(model, value, self.source, self.problems)

    def problem(self, message: str, hint: str | None = None) -> None:
        """Take a problem of this part."""
        self.problems.append(Problem(message, hint, self.place()))


class ExchangeFile(NamedTuple):
    """An exchange's JSON: the name of its file, its value, and where that stands."""

    file: str
    value: Any
    at: FilePart


class Recorded(BaseModel):
    """A part of an exchange's answer; what is not needed here is let through."""

    model_config = ConfigDict(extra="ignore", frozen=True)


@dataclass
class Published:
    """Tiers as an exchange's file has them; the places are paths inside that file.

    ``keys`` are the exchange's names for the keys of a tier.
    """

    exchange: str
    """What the form is called, for the source."""
    venue: str
    """What the venue is called unless an option says otherwise."""
    rules: str = "tiered"
    """The exchange's own rules, the neutral ones where there are none."""
    quote: str | None = None
    tables: dict[str, list[StatedTier]] = field(default_factory=dict)
    assets: dict[str, StatedAsset] = field(default_factory=dict)
    tier_places: dict[str, list[FilePart]] = field(default_factory=dict)
    """Where the tiers of each table stand."""
    asset_places: dict[str, FilePart] = field(default_factory=dict)
    keys: dict[str, KeyPath] = field(default_factory=dict)
    table_remarks: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    left_out: dict[str, list[tuple[str, FilePart]]] = field(default_factory=dict)
    """Assets that cannot be used, with their places, by the reason."""
    names_seen: int = 0
    """How many assets the file has, asked for or not."""
    deductions: int = 0
    """How many deductions the file states."""

    def note(self, code: str, message: str, asset: str | None = None) -> None:
        """Take a notice."""
        self.notices.append(Notice(code, asset, message))

    def remark(self, code: str, message: str) -> None:
        """Take a notice that the written file repeats as a comment."""
        self.note(code, message)
        self.remarks.append(message)

    def remark_other_quotes(
        self, quote: str | None, others: Iterable[tuple[str | None, int]]
    ) -> None:
        """Mention that amounts of other currencies, each of so many assets, are read as one."""
        counts = [f"{count:,} in {name}" for name, count in others]
        if quote and counts:
            self.remark(
                "several_quotes",
                f"all amounts are read as {quote}, but some assets use others: {', '.join(counts)}",
            )

    def leave_out(self, name: str, reason: str, at: FilePart) -> None:
        """Take an asset that cannot be used."""
        self.left_out.setdefault(reason, []).append((name, at))


def read_size_decimals(decimals: Decimal, at: FilePart) -> int | None:
    """Return the decimals of a size; None, with the problem taken, where they make no sense."""
    if decimals != decimals.to_integral_value() or not 0 <= decimals <= MAX_SIZE_DECIMALS:
        at.problem(f"{decimals:f} is not a valid number of decimals")
        return None
    return int(decimals)


class PublishedTier(NamedTuple):
    """One tier, its amounts in the quote currency; ``at`` is its place in the exchange's file.

    ``max_leverage`` is None where the exchange does not say it.
    """

    lower_bound: Decimal
    upper_bound: Decimal | None
    max_leverage: Decimal | None
    rate: Decimal
    deduction: Decimal | None
    at: FilePart


@dataclass(frozen=True)
class Ladder:
    """The tiers of one symbol; ``unusable`` is why they cannot be taken, None where they can."""

    name: str
    at: FilePart
    tiers: Sequence[PublishedTier]
    quote: str | None = None
    unusable: str | None = None
    size_decimals: int | None = None
    delisted: bool = False


def read_cap(value: Any) -> Decimal | None:
    """Return the notional at which a tier ends, None where nothing ends it.

    Raises:
        ValueError: it is not a number.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("expected a number")
    try:
        if Decimal(value) >= ABSURD_CAP:
            return None
    except InvalidOperation:
        pass  # reported by the reader of numbers
    return read_decimal(value)


def leverage_at(initial_rate: Decimal) -> Decimal:
    """Return 1/initial margin rate as a leverage, rounded down to a hundredth, at least 1."""
    return max(Decimal(1), down_to_step(quotient(Decimal(1), initial_rate), _HUNDREDTH))


def publish(ladders: Iterable[Ladder], published: Published, options: ImportOptions) -> None:
    """Take the usable ladders as tables and assets; problems are left with their sources."""
    publisher = _Publisher(published)
    for ladder in ladders:
        published.names_seen += 1
        if options.takes(ladder.name):
            publisher.take(ladder)
    publisher.finish(options)


class _Publisher:
    def __init__(self, published: Published) -> None:
        self._published = published
        self._tables: dict[tuple[Any, ...], str] = {}
        self._quotes: Counter[str | None] = Counter()
        self._gaps = 0
        self._assumed = 0

    def take(self, ladder: Ladder) -> None:
        published = self._published
        at = ladder.at
        reason = ladder.unusable or name_problem(ladder.name)
        if reason is None and not ladder.tiers:
            reason = "no tiers are published for them"
        if reason is not None:
            published.leave_out(ladder.name, reason, at)
            return
        if ladder.name in published.assets:
            message = f"{ladder.name[:40]!r} appears twice"
            at.problem(message, "keep one of the two")
            return
        self._check_bounds(ladder)
        entries, places = self._stated_tiers(ladder)
        # many symbols have the same tiers: they share the table of the first
        content = tuple(entries)
        name = self._tables.setdefault(content, ladder.name)
        if name not in published.tables:
            published.tables[name] = entries
            published.tier_places[name] = places
        published.asset_places[ladder.name] = at
        published.assets[ladder.name] = StatedAsset(
            table=name, size_decimals=ladder.size_decimals, delisted=ladder.delisted
        )
        published.deductions += sum(tier.deduction is not None for tier in ladder.tiers)
        self._quotes[ladder.quote] += 1

    @exactly
    def _stated_tiers(self, ladder: Ladder) -> tuple[list[StatedTier], list[FilePart]]:
        """Return tiers as a tier file has them; each begins where the one before ends."""
        entries: list[StatedTier] = []
        places: list[FilePart] = []
        end: Decimal | None = None
        meets = True
        for tier in ladder.tiers:
            meets = meets and (end is None or end <= tier.lower_bound <= end + WIDEST_GAP)
            entry = self._stated_tier(tier, tier.lower_bound if end is None else end)
            if not meets:  # the bounds are reported, and not the deductions that follow from them
                entry = entry._replace(maintenance_deduction=None)
            end = tier.upper_bound
            if entries and _continues(entries[-1], entry):
                continue
            entries.append(entry)
            places.append(tier.at)
        entries[-1] = entries[-1]._replace(upper_bound=end)
        return entries, places

    def _stated_tier(self, tier: PublishedTier, begin: Decimal) -> StatedTier:
        leverage, rate = tier.max_leverage, tier.rate
        if leverage is None:
            self._assumed += 1
            # half of the initial margin rate is what most exchanges keep
            leverage = leverage_at(2 * rate) if 0 < rate <= _HALF else Decimal(1)
        if leverage == leverage.to_integral_value():
            leverage = leverage.to_integral_value()  # Bybit writes 100.00
        usual = leverage > 0 and Fraction(rate) == 1 / (2 * Fraction(leverage))
        return StatedTier.of(
            lower_bound=begin,
            max_leverage=leverage,
            maintenance_margin_rate=None if usual else rate,
            maintenance_deduction=tier.deduction,
        )

    @exactly
    def _check_bounds(self, ladder: Ladder) -> None:
        """Find tiers that do not begin where the last ended, and count gaps that are let pass."""
        for before, tier in pairwise(ladder.tiers):
            end, begin = before.upper_bound, tier.lower_bound
            if end is None or begin == end:
                continue
            if end < begin <= end + WIDEST_GAP:
                self._gaps += 1
                continue
            kind = "a gap" if begin > end else "an overlap"
            message = f"{kind}: the tier before ends at {end:f}, this one begins at {begin:f}"
            key = self._published.keys.get("lower_bound", ())
            hint = f"leave it out with --exclude '{ladder.name}'"
            tier.at.inside(*key).problem(message, hint)

    def finish(self, options: ImportOptions) -> None:
        """Name the quote, and note what was assumed."""
        published = self._published
        unknown = self._quotes.pop(None, 0)
        if self._quotes and published.quote is None:
            published.quote = self._quotes.most_common(1)[0][0]
        quote = options.quote or published.quote
        published.remark_other_quotes(
            quote, ((name, count) for name, count in self._quotes.most_common() if name != quote)
        )
        if self._quotes and unknown:
            published.remark(
                "quote_assumed",
                f"all amounts are read as {quote}, but "
                f"{_counted(unknown, 'symbol does', 'symbols do')} not say the currency",
            )
        if self._gaps:
            published.note(
                "gaps",
                f"{_counted(self._gaps, 'tier begins', 'tiers begin')} up to {WIDEST_GAP} above "
                "the end of the tier before: read as beginning where it ends",
            )
        if self._assumed:
            published.remark(
                "max_leverage_assumed",
                f"{_counted(self._assumed, 'tier has', 'tiers have')} no max leverage: "
                "1/(2 · maintenance rate) is used",
            )


def _counted(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


def _continues(before: StatedTier, entry: StatedTier) -> bool:
    """Whether a tier has the terms of the one before it, and nothing published tells them apart."""
    begun, begins = before.lower_bound, entry.lower_bound
    assert begun is not None
    assert begins is not None
    return (
        before.max_leverage == entry.max_leverage
        and before.maintenance_margin_rate == entry.maintenance_margin_rate
        and entry.maintenance_deduction is None
        and begins > begun
    )
