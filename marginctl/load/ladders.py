"""Leverage tiers as exchanges publish them, symbol by symbol, as tables of a venue.

Every form of an answer becomes ladders, and ladders become tables and assets in one way: bounds
meet, equal tables are shared, published deductions are kept to be checked, and what cannot be
used is left out with its reason.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from marginctl.checks.stated import StatedAsset, StatedTier
from marginctl.core.numbers import down_to_step, quotient
from marginctl.load.imported import At, ImportOptions, Published, name_problem
from marginctl.load.numbers import read_decimal

ABSURD_CAP = Decimal("1e15")
"""A cap from here on stands for none: exchanges write the largest number that they have."""
WIDEST_GAP = Decimal(1)
"""Some exchanges state inclusive bounds, so that a tier begins one above the end of the last."""
_HUNDREDTH = Decimal("0.01")
_HALF = Decimal("0.5")


class PublishedTier(NamedTuple):
    """One tier, its amounts in the quote currency; ``at`` is its place in the exchange's file.

    ``max_leverage`` is None where the exchange does not say it.
    """

    lower_bound: Decimal
    upper_bound: Decimal | None
    max_leverage: Decimal | None
    rate: Decimal
    deduction: Decimal | None
    at: At


@dataclass(frozen=True)
class Ladder:
    """The tiers of one symbol; ``unusable`` is why they cannot be taken, None where they can."""

    name: str
    at: At
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
        pass  # told by the reader of numbers
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
    publisher.tell(options)


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
        entries, places = self._entries(ladder)
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

    def _entries(self, ladder: Ladder) -> tuple[list[StatedTier], list[At]]:
        """Return tiers as a tier file has them; each begins where the one before ends."""
        entries: list[StatedTier] = []
        places: list[At] = []
        end: Decimal | None = None
        meets = True
        for tier in ladder.tiers:
            meets = meets and (end is None or end <= tier.lower_bound <= end + WIDEST_GAP)
            entry = self._entry(tier, tier.lower_bound if end is None else end)
            if not meets:  # the bounds are told, and the deductions that follow from them are not
                entry = entry._replace(maintenance_deduction=None)
            end = tier.upper_bound
            if entries and _goes_on(entries[-1], entry):
                continue
            entries.append(entry)
            places.append(tier.at)
        entries[-1] = entries[-1]._replace(upper_bound=end)
        return entries, places

    def _entry(self, tier: PublishedTier, begin: Decimal) -> StatedTier:
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

    def tell(self, options: ImportOptions) -> None:
        """Name the quote, and note what was assumed."""
        published = self._published
        unknown = self._quotes.pop(None, 0)
        if self._quotes and published.quote is None:
            published.quote = self._quotes.most_common(1)[0][0]
        quote = options.quote or published.quote
        others = [
            f"{count:,} in {name}" for name, count in self._quotes.most_common() if name != quote
        ]
        if quote and others:
            published.remark(
                "several_quotes",
                f"all amounts are read as {quote}, but some assets use others: {', '.join(others)}",
            )
        if self._quotes and unknown:
            published.remark(
                "quote_assumed",
                f"all amounts are read as {quote}, but "
                f"{_of_them(unknown, 'symbol does', 'symbols do')} not say the currency",
            )
        if self._gaps:
            published.note(
                "gaps",
                f"{_of_them(self._gaps, 'tier begins', 'tiers begin')} up to {WIDEST_GAP} above "
                "the end of the tier before: read as beginning where it ends",
            )
        if self._assumed:
            published.remark(
                "max_leverage_assumed",
                f"{_of_them(self._assumed, 'tier has', 'tiers have')} no max leverage: "
                "1/(2 · maintenance rate) is used",
            )


def _of_them(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


def _goes_on(before: StatedTier, entry: StatedTier) -> bool:
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
