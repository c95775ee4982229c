"""Whether an exchange's own answer and ours are the same, and what likely lies between them."""

from decimal import Decimal

from marginctl.core.notices import Notice
from marginctl.core.numbers import exactly, quotient
from marginctl.core.report import CrossReport, PositionReport
from marginctl.core.tiers import TierTable, maintenance_margin

PRICE_DIGITS = Decimal("1e-10")
"""Recorded prices are printed to ten decimals."""
MONEY_STEP = Decimal("0.000001")
"""Recorded amounts are cut to six decimals; a price is off by what that makes of it."""
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


@exactly
def price_notice(
    report: PositionReport,
    table: TierTable,
    recorded: Decimal | None,
    account_value: Decimal,
    rounding: Decimal,
) -> Notice | None:
    """Return what to say when a recorded liquidation price is not ours; None when they agree.

    ``account_value`` is that of the cross account, ``rounding`` the amount by which what is known
    of the account may be off.
    """
    ours = report.liquidation_price
    if recorded is None and ours is None:
        return None
    if recorded is None or ours is None:
        theirs = "no liquidation price" if recorded is None else f"{recorded:f}"
        message = f"the exchange's record has {theirs}: its account is not what the record shows"
        return Notice("exchange_differs", report.asset, message)
    missing = missing_equity(report, table, recorded)
    assert missing is not None
    close = abs(recorded - ours) <= PRICE_DIGITS
    if close or abs(missing) <= rounding:
        return None
    if report.margin is not None:
        message = (
            f"the exchange's record has {recorded:f} as liquidation price, which these tiers do "
            "not give: they may be of another day"
        )
    else:
        likely = (
            "the account probably draws on collateral outside of this record (a unified account)"
            if missing > 0
            else "something outside of this record probably draws on the account"
        )
        value = (account_value + missing) // MONEY_STEP * MONEY_STEP
        message = (
            f"the exchange's {recorded:f} needs {abs(missing):,.2f} "
            f"{'more' if missing > 0 else 'less'} account value than there is here: {likely}; "
            f"it fits with --account-value {value:f}"
        )
    return Notice("exchange_differs", report.asset, message)


@exactly
def withdrawable_notice(cross: CrossReport, withdrawable: Decimal) -> Notice | None:
    """Return what to say when the exchange would let less, or more, be withdrawn than we do."""
    if cross.max_removable is None:
        return None
    difference = cross.max_removable - withdrawable
    if abs(difference) < WITHDRAWABLE_FROM:
        return None
    if difference > 0:
        message = (
            f"the exchange's record has {withdrawable:,.2f} withdrawable, {difference:,.2f} less: "
            "resting orders probably hold margin too"
        )
    else:
        message = (
            f"the exchange's record has {withdrawable:,.2f} withdrawable, {-difference:,.2f} more"
        )
    return Notice("withdrawable_differs", None, message)
