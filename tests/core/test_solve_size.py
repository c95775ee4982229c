"""The largest size where a table ends, where it is held already, and what is not there yet."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.account import Account
from marginctl.core.goals import Goal, Obstacle, Solution, Target
from marginctl.core.solve import solve
from tests.building import ETH, STEEP, position, venue

D = Decimal
LARGEST = Goal(Target.MAX_SIZE)


def test_a_table_that_ends_before_the_margin_is_used_up_ends_the_size() -> None:
    # 400 carry 4000 at 10x, but the table ends at 3000 of notional
    account = Account((position("1", "2000", margin="400"),))
    solution = solve(account, venue(upper=3000), 0, LARGEST, opening=True)
    assert (solution.possible, solution.exclusive, solution.limit) == (True, False, "tier_end")
    assert (solution.answer, solution.rounded) == (Fraction(3, 2), D("1.5"))
    # 1.5 · 2000 / 10 of the 400
    assert (solution.wanted, solution.reached) == (D(400), D(300))
    assert solution.position_after is not None
    assert solution.position_after.notional == 3000


def cross(cash: str, *, opening: bool = False) -> Solution:
    account = Account((position("1", "1800", cross=True),), D(cash))
    return solve(account, venue(), 0, LARGEST, opening=opening)


def test_a_cross_position_that_is_as_large_as_can_be_stays_as_it_is() -> None:
    # 180 carry 1800 at 10x: just what is held
    solution = cross("180")
    assert (solution.answer, solution.reached, solution.cash) == (Fraction(1), D(180), D(180))
    assert solution.after == solution.before


def test_the_position_before_is_the_held_one_and_none_where_it_is_only_to_be_opened() -> None:
    held = cross("360").position_before
    assert held is not None
    assert (held.size, held.initial_margin) == (D(1), D(180))
    account = Account((position("1", "1800", cross=True),), D(360))
    assert solve(account, venue(), 0, LARGEST).opening is False
    opened = cross("360", opening=True)
    assert opened.position_before is None
    assert opened.before.positions == ()
    assert opened.position_after is not None
    assert (opened.position_after.size, opened.position_after.initial_margin) == (D(2), D(360))


@pytest.mark.parametrize("opening", [False, True])
@pytest.mark.parametrize("shared", [False, True], ids=["isolated", "cross"])
def test_where_the_tiers_of_a_leverage_end_below_one_size_step_there_is_no_size(
    *, opening: bool, shared: bool
) -> None:
    # 20x is allowed below 1000, which is half a coin at 2000; sizes are whole
    whole = venue(STEEP, size_decimals=0)
    account = Account((position("1", "2000", "20", cross=shared),), D(5000))
    solution = solve(account, whole, 0, LARGEST, opening=opening)
    assert (solution.possible, solution.why) == (False, Obstacle.BELOW_A_LOT)
    assert (solution.answer, solution.nearest, solution.after) == (None, D(0), None)


def test_a_cross_position_that_gains_more_than_it_takes_has_no_largest_size() -> None:
    # bought at 100 with a mark of 120: each unit takes 12 of margin at 10x, and has gained 20
    account = Account((position("1", "100", mark="120", cross=True),), D(1000))
    solution = solve(account, venue(), 0, LARGEST, opening=True)
    assert (solution.possible, solution.answer, solution.rounded) == (True, None, None)
    assert (solution.why, solution.limit) == (Obstacle.ALWAYS, None)
    # where a table ends, its end is the largest, and none of the margin is used
    ends = solve(account, venue(upper=12_000), 0, LARGEST, opening=True)
    assert (ends.answer, ends.limit, ends.reached) == (Fraction(100), "tier_end", D(0))


def test_an_account_that_is_short_has_no_margin_for_what_takes_none() -> None:
    # bought at 90 with a mark of 100, each unit gains at 10x just the 10 that it takes
    even = position("1", "90", mark="100", cross=True)
    solution = solve(Account((even,), D(-1)), venue(), 0, LARGEST, opening=True)
    assert (solution.possible, solution.why, solution.nearest) == (
        False,
        Obstacle.NOTHING_TO_USE,
        D(0),
    )
    enough = solve(Account((even,), D(0)), venue(), 0, LARGEST, opening=True)
    assert (enough.possible, enough.why) == (True, Obstacle.ALWAYS)


@pytest.mark.parametrize(("cash", "possible"), [("-800", True), ("-801", False)])
def test_gains_make_up_for_what_is_short_up_to_the_end_of_the_table(
    cash: str, possible: bool
) -> None:
    # bought at 100 with a mark of 120, each unit gains 20 and takes 12; 100 of them fit
    account = Account((position("1", "100", mark="120", cross=True),), D(cash))
    solution = solve(account, venue(upper=12_000), 0, LARGEST, opening=True)
    assert solution.possible is possible
    assert solution.rounded == (D(100) if possible else None)
    assert solution.why is (None if possible else Obstacle.NOTHING_TO_USE)


def test_a_margin_that_does_not_carry_one_size_step_carries_nothing() -> None:
    account = Account((position("1", "2000", margin="100"),))
    solution = solve(account, venue(ETH, size_decimals=0), 0, LARGEST, opening=True)
    assert (solution.possible, solution.why, solution.limit) == (
        False,
        Obstacle.BELOW_A_LOT,
        "margin",
    )


def test_what_resting_orders_hold_is_not_there_for_a_size() -> None:
    # 360 at 10x carry 3600, less what 90 for orders would
    account = Account((position("1", "1800", cross=True),), D(360), order_margin=D(90))
    solution = solve(account, venue(), 0, LARGEST, opening=False)
    assert (solution.wanted, solution.answer) == (D(270), Fraction(3, 2))


@pytest.mark.parametrize(
    ("margin", "size"), [("1000", "0.333333333333"), ("1000000000", "333333.333333")]
)
def test_where_no_size_step_is_known_a_size_has_twelve_digits(margin: str, size: str) -> None:
    # margin · 10 / 30,000: a third of something
    account = Account((position("1", "30000", margin=margin),))
    assert solve(account, venue(((0, 25),)), 0, LARGEST, opening=True).rounded == D(size)


def test_a_size_is_found_at_the_entry_and_the_margin_that_the_position_has() -> None:
    # a unit takes 240 at the mark and has lost 100: of the 2,500 of margin 7.35… units can do so
    held = position("1", "2500", mark="2400", margin="2500")
    solution = solve(Account((held,)), venue(size_decimals=2), 0, LARGEST)
    assert solution.answer == Fraction(2500, 340)
    after = solution.position_after
    assert after is not None
    assert solution.rounded == D("7.35")
    assert (after.entry_price, after.mark_price, after.margin) == (D(2500), D(2400), D(2500))
    loss = Fraction(after.unrealized_pnl) + 100 * Fraction(2500, 340)
    assert abs(loss) < Fraction(1, 10**40)


def test_a_cross_position_is_opened_at_its_entry_and_marked_at_its_mark() -> None:
    held = position("1", "2500", mark="2400", cross=True)
    solution = solve(Account((held,), D(3400)), venue(), 0, LARGEST, opening=True)
    assert (solution.answer, solution.cash) == (Fraction(10), D(3400))
    after = solution.position_after
    assert after is not None
    assert (after.size, after.entry_price, after.unrealized_pnl) == (D(10), D(2500), D(-1000))
