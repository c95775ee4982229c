"""A table of tiers: whether the arithmetic can stand on it, and the table itself."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from marginctl.core.tiers import TierSpec, TierTable

if TYPE_CHECKING:
    from marginctl.load.sound_tiers import SoundTier
    from marginctl.load.tier_models import TierEntry

    Tier = TierEntry | SoundTier

Finding = tuple[int, str, str, str | None]
"""The tier's place in the list, the key, what is wrong, and how to mend it."""


def tier_spec(entry: "Tier") -> TierSpec:
    """Return a tier as the core knows it."""
    stated = entry.maintenance_margin_rate
    rate = None if stated is None else Fraction(stated)
    return TierSpec(entry.lower_bound, entry.max_leverage, rate)


def build_table(entries: Sequence["Tier"]) -> TierTable:
    """Return the table of entries in which `table_findings` finds nothing."""
    return TierTable.build(map(tier_spec, entries), entries[-1].upper_bound)


def table_findings(entries: Sequence["Tier"]) -> Iterator[Finding]:
    """Find what keeps maintenance from being continuous, convex and below the notional.

    Two tiers of equal rates are sound: they differ in the leverage that may be chosen.

    Deductions are compared once the rest is right: they follow from it.
    """
    before: Tier | None = None
    found = False
    for index, entry in enumerate(entries):
        for finding in _tier_findings(index, entry, before, last=index + 1 == len(entries)):
            found = True
            yield finding
        before = entry
    if not found:
        yield from _deduction_findings(entries)


def _tier_findings(
    index: int, entry: "Tier", before: "Tier | None", *, last: bool
) -> Iterator[Finding]:
    if entry.max_leverage < 1:
        yield index, "max_leverage", "a max leverage is at least 1", None
        return
    rate = tier_spec(entry).maintenance_rate
    if not 0 < rate < 1:
        yield index, "maintenance_margin_rate", "a rate lies between 0 and 1", None
    if before is None:
        if entry.lower_bound != 0:
            yield index, "lower_bound", "the first tier does not begin at 0", "write 0"
    else:
        if entry.lower_bound <= before.lower_bound:
            message = f"{entry.lower_bound:f} does not rise above {before.lower_bound:f}"
            yield index, "lower_bound", message, "order the tiers by lower bound"
        if before.max_leverage >= 1 and rate < tier_spec(before).maintenance_rate:
            key = "max_leverage" if entry.maintenance_margin_rate is None else _RATE
            message = "the maintenance rate falls from one tier to the next"
            yield index, key, message, "higher tiers keep at least as much as lower ones"
    if entry.upper_bound is not None:
        if not last:
            message = "only the last tier has an upper bound; the others end where the next begins"
            yield index, "upper_bound", message, "remove it"
        elif entry.upper_bound <= entry.lower_bound:
            message = f"{entry.upper_bound:f} does not lie above {entry.lower_bound:f}"
            yield index, "upper_bound", message, None


_RATE = "maintenance_margin_rate"


def _deduction_findings(entries: Sequence["Tier"]) -> Iterator[Finding]:
    for entry, tier in zip(entries, build_table(entries).tiers, strict=True):
        stated, derived = entry.maintenance_deduction, tier.maintenance_deduction
        if stated is not None and Fraction(stated) != derived:
            message = f"{stated:f} is not the deduction that follows from bounds and rates"
            yield (
                tier.index,
                "maintenance_deduction",
                message,
                f"it would be {_exact(derived)}",
            )
            return  # the deductions after it follow from it


def _exact(value: Fraction) -> str:
    from marginctl.core.numbers import finite

    try:
        return f"{finite(value):f}"
    except ValueError:
        return f"{value.numerator}/{value.denominator}"
