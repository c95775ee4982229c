"""What-ifs of the account as a whole, of those that stay, and in the leverages of a venue."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.account import Account
from marginctl.core.changes import SetLeverage, Trade
from marginctl.core.rules import Venue
from marginctl.core.whatif import what_if
from tests.building import ONE, TRADO, position, venue

D = Decimal
LONG = position("1", "2000", margin="400")


def test_leverage_and_size_are_not_those_of_an_account() -> None:
    for action in (SetLeverage(D(5)), Trade(D(1))):
        with pytest.raises(ValueError, match=r"^leverage and size are those of one position$"):
            what_if(Account((LONG,)), venue(), None, [action])


def test_a_position_that_stays_is_paired_with_itself() -> None:
    sol = position("1", "100", asset="SOL")
    result = what_if(Account((LONG, sol)), venue(), 0, [Trade(D("-0.5"))])
    assert [(old.size, new and new.size) for old, new in result.pairs] == [
        (D(1), D("0.5")),
        (D(1), D(1)),
    ]


@pytest.mark.parametrize(
    ("sentence", "on", "least"),
    [("whole leverages only", venue(ONE), "13"), ("any leverage", venue(ONE, TRADO), "12.5")],
)
def test_the_least_leverage_that_equity_carries_is_in_the_venues_steps(
    sentence: str, on: Venue, least: str
) -> None:
    # 2000 / 160 = 12.5, and 10x needs 200
    held = position("1", "2000", "20", margin="160")
    (outcome,) = what_if(Account((held,)), on, 0, [SetLeverage(D(10))]).outcomes
    assert (outcome.allowed, outcome.limit.name) == (False, "initial_margin"), sentence
    assert (outcome.limit.amount, outcome.short) == (D(least), Fraction(40))


def test_no_leverage_is_carried_by_equity_below_zero() -> None:
    held = position("1", "2000", "10", equity="-10")
    (outcome,) = what_if(Account((held,)), venue(), 0, [SetLeverage(D(5))]).outcomes
    # 2000 / 5, and the 10 that are owed
    assert (outcome.allowed, outcome.limit.name) == (False, "initial_margin")
    assert (outcome.limit.amount, outcome.short) == (None, Fraction(410))
