"""Deductions are compared exactly: right ones never alarm, a wrong one always does, once."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from marginctl.checks.deductions import (
    deduction_mismatch,
    maintenance_discontinuous,
    maintenance_negative,
)
from marginctl.checks.problem import Violation
from marginctl.checks.stated import StatedTable, StatedTier
from marginctl.core.numbers import finite

Ladder = list[tuple[Decimal, Decimal]]


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """Draw bounds from 0 on and rates, both rising, of up to twelve decimals."""
    count = draw(st.integers(min_value=2, max_value=8))
    bounds = st.decimals("0.000000000001", "1000000000000", places=12)
    rates = st.decimals("0.0001", "0.5", places=6)
    starts = sorted(draw(st.sets(bounds, min_size=count - 1, max_size=count - 1)))
    steps = sorted(draw(st.sets(rates, min_size=count, max_size=count)))
    return list(zip([Decimal(0), *starts], steps, strict=True))


def deductions(ladder: Ladder) -> list[Fraction]:
    """Return what makes maintenance continuous: at each bound both tiers give one amount."""
    found = [Fraction(0)]
    for (_, below), (bound, rate) in pairwise(ladder):
        amount = Fraction(bound) * Fraction(below) - found[-1]
        found.append(Fraction(bound) * Fraction(rate) - amount)
    return found


def table(ladder: Ladder, stated: list[Fraction]) -> StatedTable:
    tiers = [
        StatedTier.of(
            lower_bound=bound,
            max_leverage=Decimal(1),
            maintenance_margin_rate=rate,
            maintenance_deduction=finite(amount),
        )
        for (bound, rate), amount in zip(ladder, stated, strict=True)
    ]
    return StatedTable((), tiers, (), None)


def violations_of(stated: StatedTable) -> list[Violation]:
    rules = (deduction_mismatch, maintenance_discontinuous)
    return [violation for rule in rules for violation in rule(stated)]


@given(ladders())
def test_derived_deductions_are_never_told(ladder: Ladder) -> None:
    stated = table(ladder, deductions(ladder))
    assert violations_of(stated) == []
    assert list(maintenance_negative(stated)) == []


@given(ladders(), st.data())
def test_one_wrong_deduction_is_told_once_at_its_tier(ladder: Ladder, data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=len(ladder) - 1))
    error = data.draw(st.sampled_from(["0.000000000000000001", "-1", "1000000"]))
    stated = deductions(ladder)
    stated[index] += Fraction(error)
    (violation,) = violations_of(table(ladder, stated))
    assert violation.path == (index, "maintenance_deduction")


def test_a_wrong_rate_is_named_where_it_explains_every_deduction() -> None:
    right = [(Decimal(0), Decimal("0.01")), (Decimal(10_000), Decimal("0.025"))]
    right.append((Decimal(50_000), Decimal("0.05")))
    wrong = [(bound, Decimal("0.02") if bound == 10_000 else rate) for bound, rate in right]
    (violation,) = violations_of(table(wrong, deductions(right)))
    assert violation.path == (1, "maintenance_deduction")
    assert (
        violation.hint
        == "write 100; or correct the rate: this deduction belongs to a rate of 0.025"
    )


def test_deductions_beyond_a_gap_are_not_told_beside_it() -> None:
    """With the bound as it was meant, both deductions are right: the gap is the one finding."""
    ladder = [(Decimal(0), Decimal("0.01")), (Decimal(80_000), Decimal("0.025"))]
    meant = deductions([ladder[0], (Decimal(8_000), ladder[1][1])])
    first, second = table(ladder, meant).tiers
    assert len(violations_of(table(ladder, meant))) == 1
    gap = [first._replace(upper_bound=Decimal(8_000)), second]
    assert violations_of(StatedTable((), gap, (), None)) == []
