"""Whether our figures are those that somebody else has, and what likely lies between them.

Somebody else is an exchange with its own answer, or a case file with what it expects.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO, exactly, quotient
from marginctl.core.report import CrossReport, PositionReport
from marginctl.core.rules import Rules
from marginctl.core.tiers import TierTable, maintenance_margin

PRICE_DIGITS = Decimal("1e-10")
"""Recorded prices are printed to ten decimals."""
MONEY_STEP = Decimal("0.000001")
"""Recorded amounts are cut to six decimals; a price is off by what that makes of it."""
CENT = Decimal("0.01")
FLOAT_NOISE = Decimal("1e-14")
"""The part of a recorded price that a binary float of it leaves open."""
WITHDRAWABLE_FROM = Decimal("0.01")
"""The difference of withdrawable amounts that is more than rounding."""


@exactly
def missing_equity(report: PositionReport, table: TierTable, price: Decimal) -> Decimal | None:
    """Return the equity that the account would need besides, to be liquidated at this price.

    With our own price x0 and the given x: maintenance(size·x) - maintenance(size·x0)
    - side·size·(x - x0), in the quote currency, to 50 digits; None when we have no price.
    Derived from the condition for liquidation, which holds at both prices.
    """
    ours = report.liquidation_price
    if ours is None:
        return None
    kept = maintenance_margin(table, report.size * price) - maintenance_margin(
        table, report.size * ours
    )
    moved = report.side * report.size * (price - ours)
    return quotient(kept.numerator, kept.denominator) - moved


class ComparedPrice(NamedTuple):
    """A position's report, the tiers it is margined by, and the exchange's own price."""

    report: PositionReport
    table: TierTable
    recorded: Decimal | None


@exactly
def price_notices(
    compared: Sequence[ComparedPrice],
    account_value: Decimal,
    rounding: Decimal,
    rules: Rules,
    *,
    pooled: bool = False,
) -> list[Notice]:
    """Return what to say of recorded liquidation prices that are not ours.

    ``account_value`` is that of the cross account, ``rounding`` the amount by which what is known
    of the account may be off. Cross positions share one account: where all of their recorded
    prices follow from one other account value, the account draws on money outside the record.
    Where a position alone differs, its tiers are others than those known here.
    """
    differing = [one for one in compared if not _agrees(one, rounding)]
    shared = [one for one in compared if one.report.margin is None]
    missing = _missing_of_account(shared, differing, rounding)
    notices = []
    for report, _, recorded in differing:
        if report.margin is None and missing is not None:
            likely = _IN_A_POOL
            if not pooled:
                likely = rules.collateral_elsewhere if missing > 0 else _DRAWN_ON
            message = _elsewhere(missing, account_value, likely)
        elif recorded is None or report.liquidation_price is None:
            theirs = "no liquidation price" if recorded is None else f"{recorded:f}"
            message = f"the exchange reports {theirs}: its account differs from the one in the file"
        else:
            message = (
                f"the exchange reports a liquidation price of {recorded:f}, which these tiers do "
                "not give: it uses other tiers for this position"
            )
        notices.append(Notice("exchange_differs", report.asset, message))
    return notices


def _agrees(compared: ComparedPrice, rounding: Decimal) -> bool:
    report, table, recorded = compared
    ours = report.liquidation_price
    if recorded is None or ours is None:
        return recorded is ours
    missing = missing_equity(report, table, recorded)
    assert missing is not None
    return abs(recorded - ours) <= PRICE_DIGITS or abs(missing) <= rounding


def _missing_of_account(
    shared: Sequence[ComparedPrice], differing: Sequence[ComparedPrice], rounding: Decimal
) -> Decimal | None:
    """Return the account value that is missing by every cross position alike, None without one."""
    priced = [
        one
        for one in shared
        if one.recorded is not None and one.report.liquidation_price is not None
    ]
    if not priced or not all(one in differing for one in priced):
        return None
    found = []
    for report, table, recorded in priced:
        assert recorded is not None
        missing = missing_equity(report, table, recorded)
        assert missing is not None
        # what the digits of a printed price and the steps of amounts leave open
        found.append((missing, max(rounding, CENT, report.size * recorded * FLOAT_NOISE)))
    first = found[0][0]
    alike = all(abs(missing - first) <= found[0][1] + room for missing, room in found[1:])
    return first if alike else None


_DRAWN_ON = "something outside this file uses the account"
_IN_A_POOL = "the state of a dex is missing, or the answers are from different moments"


def _elsewhere(missing: Decimal, account_value: Decimal, likely: str) -> str:
    value = (account_value + missing) // MONEY_STEP * MONEY_STEP
    return (
        f"the exchange's liquidation prices imply {abs(missing):,.2f} "
        f"{'more' if missing > 0 else 'less'} account value than the file has: {likely}; "
        f"they match with --account-value {value:f}"
    )


@exactly
def withdrawable_notices(cross: CrossReport, withdrawable: Decimal) -> list[Notice]:
    """Return what to say when the exchange would let more be withdrawn than we do.

    That it lets less be withdrawn is what resting orders do, which count already.
    """
    if cross.max_removable is None:
        return []
    difference = withdrawable - cross.max_removable
    if difference < WITHDRAWABLE_FROM:
        return []
    message = f"the exchange reports {withdrawable:,.2f} withdrawable, {difference:,.2f} more"
    return [Notice("withdrawable_differs", None, message)]


Actual = Decimal | str | None
"""A number, a word such as true or initial_margin, or nothing."""


class ExpectationVerdict(NamedTuple):
    """Whether it passed, and by how much it is off; None where that is not a number.

    The difference is actual - expected, and for a range how far it lies outside of it.
    """

    passed: bool
    difference: Decimal | None = None


@exactly
def compare_value(
    actual: Actual, expected: Actual, tolerance: Decimal = ZERO
) -> ExpectationVerdict:
    """Compare with one value; numbers may be off by the tolerance, itself included."""
    if isinstance(actual, Decimal) and isinstance(expected, Decimal):
        difference = actual - expected
        return ExpectationVerdict(abs(difference) <= tolerance, difference)
    return ExpectationVerdict(actual == expected)


@exactly
def compare_range(
    actual: Actual, least: Decimal | None, most: Decimal | None
) -> ExpectationVerdict:
    """Compare with a range, its ends included; None where an end is open."""
    if not isinstance(actual, Decimal):
        return ExpectationVerdict(passed=False)
    if least is not None and actual < least:
        return ExpectationVerdict(False, actual - least)
    if most is not None and actual > most:
        return ExpectationVerdict(False, actual - most)
    return ExpectationVerdict(True, ZERO)
