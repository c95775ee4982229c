"""Tier tables: which leverage is allowed and which maintenance is kept at which notional."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from marginctl.core.numbers import decimal_of, exactly, finite, fraction_of, unit_for


class TierSpec(NamedTuple):
    """One tier as a table states it, before the deduction is derived.

    ``lower_bound`` is a notional in the quote currency. ``rate`` is the maintenance margin rate;
    without one it is half of the initial margin rate at max leverage, 1/(2·max_leverage).
    """

    lower_bound: Decimal
    max_leverage: Decimal
    rate: Fraction | None = None

    @property
    def maintenance_rate(self) -> Fraction:
        """The maintenance margin rate, exactly [docs]."""
        return 1 / (2 * fraction_of(self.max_leverage)) if self.rate is None else self.rate


_Number = TypeVar("_Number", bound=Fraction | Decimal)


class _AnyTier(Generic[_Number]):
    """What every tier has; its maintenance rate and deduction are fractions or decimals."""

    __slots__ = (
        "index",
        "lower_bound",
        "maintenance_deduction",
        "maintenance_margin_rate",
        "max_leverage",
        "upper_bound",
    )

    def __init__(
        self,
        index: int,
        lower_bound: Decimal,
        upper_bound: Decimal | None,
        max_leverage: Decimal,
        maintenance_margin_rate: _Number,
        maintenance_deduction: _Number,
    ) -> None:
        self.index = index
        self.lower_bound = lower_bound
        self.upper_bound = upper_bound
        self.max_leverage = max_leverage
        self.maintenance_margin_rate = maintenance_margin_rate
        self.maintenance_deduction = maintenance_deduction


class Tier(_AnyTier[Fraction]):
    """One tier of a table; it applies to lower_bound <= notional < upper_bound.

    The deduction, in the quote currency, makes maintenance continuous at the lower bound. Tiers
    and tables are compared by identity, which makes them cheap keys of caches.
    """

    __slots__ = ()


class TierReport(_AnyTier[Decimal]):
    """A tier with its rate and deduction as decimals of 50 digits. Compared by identity."""

    __slots__ = ()


class ScaledTier:
    """A tier's rates and deduction in parts of 1/unit: all of them are finite decimals.

    ``initial_rate`` is the least the tier allows, unit / max_leverage. ``report`` is the tier as it
    is reported.
    """

    __slots__ = ("deduction", "initial_rate", "lower_bound", "rate", "report", "tier")

    def __init__(
        self, tier: Tier, rate: Decimal, deduction: Decimal, initial_rate: Decimal
    ) -> None:
        self.tier = tier
        self.lower_bound = tier.lower_bound
        self.rate = rate
        self.deduction = deduction
        self.initial_rate = initial_rate
        self.report = tier_report(tier)


@lru_cache(maxsize=4096)
def tier_report(tier: Tier) -> TierReport:
    """Return a tier with its fractions as decimals of 50 digits."""
    return TierReport(
        tier.index,
        tier.lower_bound,
        tier.upper_bound,
        tier.max_leverage,
        decimal_of(tier.maintenance_margin_rate),
        decimal_of(tier.maintenance_deduction),
    )


class TierTable:
    """The tiers of an asset, ordered by lower bound.

    A table with an ``upper_bound`` says nothing of notionals above it: nothing is extrapolated.
    """

    __slots__ = ("tiers", "unit", "upper_bound")

    def __init__(
        self,
        tiers: tuple[Tier, ...],
        unit: int,
    ) -> None:
        self.tiers = tiers
        self.unit = unit
        self.upper_bound = tiers[-1].upper_bound

    @classmethod
    @exactly
    def build(cls, specs: Iterable[TierSpec], upper_bound: Decimal | None = None) -> "TierTable":
        """Derive the deductions of an ordered list of tiers.

        deduction_0 = 0, deduction_k = deduction_{k-1} + lower_bound_k · (rate_k - rate_{k-1}).
        Source: Hyperliquid documentation, margin tiers.
        """
        ordered = list(specs)
        bounds = [spec.lower_bound for spec in ordered]
        tiers: list[Tier] = []
        rate_below = deduction = Fraction(0)
        for index, spec in enumerate(ordered):
            rate = spec.maintenance_rate
            if tiers:
                deduction += fraction_of(spec.lower_bound) * (rate - rate_below)
            rate_below = rate
            upper = bounds[index + 1] if index + 1 < len(bounds) else upper_bound
            tiers.append(Tier(index, bounds[index], upper, spec.max_leverage, rate, deduction))
        unit = unit_for(
            *(tier.maintenance_margin_rate for tier in tiers),
            *(tier.maintenance_deduction for tier in tiers),
            *(1 / fraction_of(tier.max_leverage) for tier in tiers),
        )
        return cls(tuple(tiers), unit)


class RatesAtLeverage:
    """The rates that apply to one leverage on one table, times ``unit``.

    ``end`` is the notional above which the table says nothing, or None. ``decimal_unit`` is the
    unit again, for arithmetic with amounts, which converts a whole number each time. Compared by
    identity, as tiers are.
    """

    __slots__ = ("decimal_unit", "end", "initial_rate", "scaled_tiers", "unit")

    def __init__(
        self,
        unit: int,
        initial_rate: Decimal,
        scaled_tiers: tuple[ScaledTier, ...],
        end: Decimal | None,
    ) -> None:
        self.unit = unit
        self.decimal_unit = Decimal(unit)
        self.initial_rate = initial_rate
        self.scaled_tiers = scaled_tiers
        self.end = end


@lru_cache(maxsize=4096)
def terms(table: TierTable, leverage: Decimal, multiple_of: int = 1) -> RatesAtLeverage:
    """Return the initial margin rate 1/leverage and the tiers in one common unit.

    ``multiple_of`` widens the unit, for sums over positions with other tables and leverages.
    """
    initial = 1 / fraction_of(leverage)
    # the least common multiple, by way of fractions whose denominators are the units
    unit = unit_for(initial, Fraction(1, table.unit), Fraction(1, multiple_of))
    scaled_tiers = tuple(
        ScaledTier(
            tier,
            finite(tier.maintenance_margin_rate * unit),
            finite(tier.maintenance_deduction * unit),
            finite(unit / Fraction(tier.max_leverage)),
        )
        for tier in table.tiers
    )
    return RatesAtLeverage(unit, finite(initial * unit), scaled_tiers, table.upper_bound)


def scaled_tier_at(scaled_tiers: tuple[ScaledTier, ...], notional: Decimal) -> ScaledTier:
    """Return the scaled tier that applies to a notional; exactly on a boundary, the higher one."""
    found = scaled_tiers[0]
    for scaled_tier in scaled_tiers[1:]:
        if notional < scaled_tier.lower_bound:
            break
        found = scaled_tier
    return found


@exactly
def maintenance_margin(table: TierTable, notional: Decimal) -> Fraction:
    """Return notional · rate - deduction of the tier of the notional, in the quote currency."""
    tier = tier_at(table, notional)
    return fraction_of(notional) * tier.maintenance_margin_rate - tier.maintenance_deduction


def tier_at(table: TierTable, notional: Decimal) -> Tier:
    """Return the tier that applies to a notional; exactly on a boundary, the higher one."""
    return scaled_tier_at(terms(table, Decimal(1)).scaled_tiers, notional).tier
