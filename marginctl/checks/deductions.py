"""Rules about the deductions that a table states, against those that follow from its figures."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from marginctl.checks.problem import Scope, Violation, rule
from marginctl.checks.stated import StatedTable
from marginctl.checks.text import exact, exact_grouped
from marginctl.core.numbers import finite

_KEY = "maintenance_deduction"
_ABSURD_BITS = 4000


@rule(Scope.TABLE, fatal=True)
def deduction_mismatch(table: StatedTable) -> Iterator[Violation]:
    """A deduction does not match the bounds and rates.

    The deduction of the first tier is 0. That of each later tier is the deduction before it plus
    lower_bound · (its rate - the rate before). The comparison is exact. Only the first wrong tier
    is reported, because the later deductions depend on it. The typing error can be in the deduction
    itself, in a bound, or in a rate. If a different rate would explain all deductions, the hint
    names it.

    Passes::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: 1%}
            - {lower_bound: 10_000, max_leverage: 20, maintenance_margin_rate: 2.5%,
               maintenance_deduction: 150}

    Fails::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: 1%}
            - {lower_bound: 10_000, max_leverage: 20, maintenance_margin_rate: 2%,
               maintenance_deduction: 150}
    """
    levels = _levels(table)
    index = _first_mismatch(levels)
    if index is None:
        return
    level = levels[index]
    assert level.stated is not None
    message = (
        f"the deduction {exact(level.stated)} does not match the bounds and rates, "
        f"which give {exact(level.derived)}"
    )
    hint = f"write {exact(level.derived)}"
    if "/" in hint:
        hint = "leave it out: the derived value has no finite decimal form"
    rate = _implied_rate(levels, index)
    if rate is not None:
        hint += f"; or correct the rate: this deduction belongs to a rate of {exact(rate)}"
    yield Violation((index, _KEY), message, hint)


@rule(Scope.TABLE)
def maintenance_discontinuous(table: StatedTable) -> Iterator[Violation]:
    """With the given deductions, the maintenance margin jumps where a tier begins.

    This is reported for tiers after the first wrong deduction, when deduction-mismatch does not
    explain the jump. Such a table has more than one error.

    Passes::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: 1%}
            - {lower_bound: 10_000, max_leverage: 20, maintenance_margin_rate: 2.5%,
               maintenance_deduction: 150}

    Fails (and breaks deduction-mismatch)::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: 1%}
            - {lower_bound: 10_000, max_leverage: 20, maintenance_margin_rate: 2.5%,
               maintenance_deduction: 160}
            - {lower_bound: 50_000, max_leverage: 10, maintenance_margin_rate: 5%,
               maintenance_deduction: 1_400}
            - {lower_bound: 90_000, max_leverage: 5, maintenance_margin_rate: 10%,
               maintenance_deduction: 5_800}
    """
    levels = _levels(table)
    first = _first_mismatch(levels)
    if first is None:
        return
    rate = _implied_rate(levels, first)
    for index, (before, level) in enumerate(pairwise(levels), start=1):
        if index <= first or before.stated is None or level.stated is None:
            continue
        jump = level.bound * (level.rate - before.rate) - (level.stated - before.stated)
        explained = index == first + 1 and (rate is not None or level.stated == level.derived)
        if jump and not explained:
            place = exact_grouped(finite(level.bound))
            message = f"the maintenance margin jumps by {exact(jump)} at {place}"
            fitting = exact(level.stated + jump)
            hint = f"to continue from the tier before, the deduction would be {fitting}"
            yield Violation((index, _KEY), message, hint)


@rule(Scope.TABLE)
def maintenance_negative(table: StatedTable) -> Iterator[Violation]:
    """A deduction makes the maintenance margin negative where its tier begins.

    Passes::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_deduction: 0}

    Fails (and breaks deduction-mismatch)::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_deduction: 10}
    """
    for index, tier in enumerate(table.tiers):
        bound, stated, rate = tier.lower_bound, tier.maintenance_deduction, tier.rate
        if bound is None or stated is None or rate is None or rate <= 0:
            continue
        amount = Fraction(bound) * rate - Fraction(stated)
        if amount < 0:
            message = f"the maintenance margin would be {exact(amount)} at {exact_grouped(bound)}"
            yield Violation((index, _KEY), message, "look for an extra or misplaced digit")


class _Level(NamedTuple):
    """A tier's figures, its stated deduction and the derived one."""

    bound: Fraction
    rate: Fraction
    stated: Fraction | None
    derived: Fraction


def _levels(table: StatedTable) -> list[_Level]:
    """Return the figures of a table, none where it states no deduction or its bounds are wrong."""
    levels: list[_Level] = []
    if all(tier.maintenance_deduction is None for tier in table.tiers):
        return []
    ended = None
    for tier in table.tiers:
        if tier.lower_bound is None or tier.rate is None:
            return []
        bound, rate, derived = Fraction(tier.lower_bound), tier.rate, Fraction(0)
        if levels:
            below = levels[-1]
            if bound <= below.bound:
                return []
            derived = below.derived + bound * (rate - below.rate)
            # rate-not-rising reports a fall and bounds-gap a gap, and what follows is wrong by it;
            # no stated decimal equals an absurd fraction, which takes ever longer
            reported = rate < below.rate or ended not in {None, tier.lower_bound}
            if reported or derived.denominator.bit_length() > _ABSURD_BITS:
                return levels
        elif bound:
            return []
        stated = tier.maintenance_deduction
        levels.append(_Level(bound, rate, None if stated is None else Fraction(stated), derived))
        ended = tier.upper_bound
    return levels


def _first_mismatch(levels: list[_Level]) -> int | None:
    for index, level in enumerate(levels):
        if level.stated is not None and level.stated != level.derived:
            return index
    return None


def _implied_rate(levels: list[_Level], index: int) -> Fraction | None:
    """Return the rate of one tier by which its deduction and the next tier's would be right."""
    if index == 0 or index + 1 == len(levels):
        return None
    below, level, above = levels[index - 1 : index + 2]
    assert level.stated is not None
    rate = below.rate + (level.stated - below.derived) / level.bound
    agrees = above.stated == level.stated + above.bound * (above.rate - rate)
    return rate if agrees and below.rate < rate <= above.rate else None
