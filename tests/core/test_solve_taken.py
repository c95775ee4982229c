"""What a solution says in steps is taken as it stands, and keeps what was asked for."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from marginctl.core.account import Account
from marginctl.core.changes import Action, at_mark, change_margin
from marginctl.core.evaluation import UncoveredNotionalError, evaluate
from marginctl.core.figures import margin_of
from marginctl.core.goals import Goal, Obstacle, Solution, Target
from marginctl.core.numbers import exactly
from marginctl.core.position import MarginMode, Position, Side
from marginctl.core.rules import Venue
from marginctl.core.solve import objection, solve
from marginctl.core.tiers import tier_at
from marginctl.render.solution import proof_words, solution_message, stop_warning
from tests.building import DOGE, HYPERLIQUID, ONE, STEEP, TRADO, position, venue
from tests.strategies import decimals, isolated

D = Decimal
P = position("10", "2500", mark="2400")
MARGIN_TARGETS = (
    Target.LIQUIDATION_PRICE,
    Target.DISTANCE,
    Target.EFFECTIVE_LEVERAGE,
    Target.STOP,
)


def solved(
    held: Position, target: Target, value: str, *, cash: str | None = None, on: Venue | None = None
) -> Solution:
    account = Account((held,), None if cash is None else D(cash))
    return solve(account, on or venue(), 0, Goal(target, D(value)))


@pytest.mark.parametrize(
    ("sentence", "target", "value", "cash", "nearest"),
    [
        ("a step more than 940 puts it beyond", Target.STOP, "2200", "940", "940"),
        ("half of it is there", Target.STOP, "2200", "500", "500"),
        (
            "24000 / 15.9 - 1500 rounds up",
            Target.EFFECTIVE_LEVERAGE,
            "15.9",
            "9.4339625",
            "9.433962",
        ),
    ],
)
def test_what_the_steps_put_above_the_limit_is_impossible(
    sentence: str, target: Target, value: str, cash: str, nearest: str
) -> None:
    solution = solved(P, target, value, cash=cash)
    assert (solution.possible, solution.why) == (False, Obstacle.ADDITION_LIMIT), sentence
    assert (solution.rounded, solution.answer) == (D(nearest), Fraction(nearest))
    assert f"(add {nearest} USDC)" in solution_message(solution, venue())


def test_with_the_step_itself_it_is_possible() -> None:
    solution = solved(P, Target.STOP, "2200", cash="940.000001")
    assert (solution.possible, solution.rounded) == (True, D("940.000001"))


def test_a_change_below_a_step_is_none() -> None:
    held = position("1", "2000", margin="400")
    solution = solved(held, Target.LIQUIDATION_PRICE, "1632.653062")
    assert solution.answer is not None
    assert -D("0.000001") < solution.answer < 0
    assert solution_message(solution, venue()).startswith("Nothing to add or remove (0.00000076")


def test_a_short_may_remove_up_to_the_end_of_its_table() -> None:
    held = position("-50", "100", "2", equity="12000")
    solution = solved(held, Target.REMOVABLE, "1000", on=venue(upper=10_000))
    # at 200: 12,000 - 5,000 of equity, less half of 10,000
    assert solution.possible
    assert (solution.answer, solution.reached) == (Fraction(200), D(2000))
    words = solution_message(solution, venue())
    assert words.startswith("At a mark of 200 or below, where the tier table ends: 1,000 USDC")
    assert "at least as much as asked" in proof_words(solution)


@pytest.mark.parametrize(
    ("sign", "entry", "rounded", "words"),
    [
        # equity 250 + (x - 2500), of which a tenth of x stays: 2250 / 0.9 + 1 / 0.9
        (
            "",
            "2500",
            "2501.1111111111111111111111111111111111111111111112",
            "2,501.11111112 or above",
        ),
        # 250 + (2500 - x) less a tenth of x: 2749 / 1.1
        (
            "-",
            "2500",
            "2499.0909090909090909090909090909090909090909090909",
            "2,499.09090909 or below",
        ),
    ],
)
def test_a_price_is_rounded_to_where_as_much_is_removable(
    sign: str, entry: str, rounded: str, words: str
) -> None:
    solution = solved(position(f"{sign}1", entry), Target.REMOVABLE, "1")
    assert solution.rounded == D(rounded)
    assert words in solution_message(solution, venue())


def test_where_the_most_is_just_too_much_the_price_lies_beyond() -> None:
    on = venue(ONE, TRADO)
    solution = solved(P, Target.REMOVABLE, "500", on=on)
    # 2500 + 10 · (x - 2500) less x / 10 is 500 at 23,000 / 9.9
    assert solution.answer == Fraction(230_000, 99)
    assert solution.rounded == D("2323.23232324")
    assert solution_message(solution, venue(rules=TRADO)).startswith("Above a mark of 2,323.2")
    assert "less than" not in solution_message(solution, venue(rules=TRADO))


@st.composite
def targets(draw: st.DrawFn) -> tuple[Account, Venue, Goal]:
    """Draw an account of one position, a venue, and any target but the largest size."""
    trado = draw(st.booleans())
    upper = draw(st.none() | st.sampled_from([21_000, 60_000]))
    rows = draw(st.sampled_from([STEEP, DOGE])) if not trado else ONE
    held = draw(isolated())
    cash = draw(st.none() | decimals("0", "20000", 7))
    if not trado and draw(st.booleans()):
        held = held._replace(margin_mode=MarginMode.CROSS, margin=None)
        cash = cash or D(0)
    target = draw(st.sampled_from([*MARGIN_TARGETS, Target.REMOVABLE]))
    value = {
        Target.LIQUIDATION_PRICE: decimals("0.01", "400", 3),
        Target.STOP: decimals("0.01", "400", 3),
        Target.DISTANCE: decimals("-0.1", "1.5", 4),
        Target.EFFECTIVE_LEVERAGE: decimals("0.2", "60", 2),
        Target.REMOVABLE: decimals("0", "9000", 6),
    }[target]
    on = venue(rows, TRADO if trado else HYPERLIQUID, upper=None if rows is DOGE else upper)
    return Account((held,), cash), on, Goal(target, draw(value))


def keeps(report_value: Decimal | None, goal: Goal, side: Side) -> bool:
    """Whether a figure is at least as safe as was asked for; none at all is the safest."""
    assert goal.value is not None
    if report_value is None:
        return goal.target is not Target.EFFECTIVE_LEVERAGE
    if goal.target is Target.STOP:
        return side * (goal.value - report_value) > 0
    if goal.target is Target.LIQUIDATION_PRICE:
        return side * (goal.value - report_value) >= -D("1e-40")
    if goal.target is Target.DISTANCE:
        return report_value >= goal.value - D("1e-40")
    return report_value <= goal.value + D("1e-40")


def figure(account: Account, on: Venue, target: Target) -> Decimal | None:
    (report,) = evaluate(account, on).positions
    if target is Target.EFFECTIVE_LEVERAGE:
        return report.effective_leverage
    return report.liquidation_distance if target is Target.DISTANCE else report.liquidation_price


@exactly
def check_margin(account: Account, on: Venue, solution: Solution) -> None:
    """``add`` or ``remove`` takes the rounded amount, and where possible the target holds."""
    amount, words = solution.rounded, solution_message(solution, on)
    assert amount is not None
    held = account.positions[0]
    if amount:
        action = Action.ADD if amount > 0 else Action.REMOVE
        assert change_margin(account, on, action, 0, abs(amount)).allowed, words
    if not solution.possible:
        assert words.startswith("Impossible")
        return
    lead = "Add " if amount > 0 else "Remove " if amount < 0 else "Nothing"
    assert words.startswith(lead)
    if held.isolated:
        changed = account._replace(positions=(held._replace(added=held.added + amount),))
    else:
        assert account.cash is not None
        changed = account._replace(cash=account.cash + amount)
    reached = figure(changed, on, solution.goal.target)
    assert keeps(reached, solution.goal, held.side), (words, reached)


@exactly
def removable(account: Account, on: Venue, mark: Decimal, amount: Decimal) -> bool:
    """Whether an amount can be removed at a mark."""
    moved = account._replace(positions=(at_mark(account.positions[0], mark),))
    return not amount or change_margin(moved, on, Action.REMOVE, 0, amount).allowed is True


@exactly
def check_mark(account: Account, on: Venue, solution: Solution) -> None:
    """The amount can be removed at the rounded price and on the better side of it."""
    wanted, held = solution.wanted, account.positions[0]
    assert wanted is not None
    words = solution_message(solution, on)
    if solution.rounded is not None:
        assert removable(account, on, solution.rounded, wanted), words
        better = solution.rounded * (1 + D("0.01") * held.side)
        if tier_covers(on, held.size * better):
            assert removable(account, on, better, wanted), words
    elif solution.possible:
        assert words.startswith("At every price")
        assert removable(account, on, D("0.001"), wanted), words
    else:
        assert words.startswith("Impossible")
        assert not wanted or not removable(account, on, held.mark_price, wanted), words


def tier_covers(on: Venue, notional: Decimal) -> bool:
    upper = on.assets["ETH"].table.upper_bound
    return upper is None or notional <= upper


@settings(deadline=None, max_examples=400)
@given(drawn=targets())
def test_the_venue_takes_what_a_solution_says(drawn: tuple[Account, Venue, Goal]) -> None:
    account, on, goal = drawn
    try:
        assume(objection(account.positions[0], goal) is None)
        solution = solve(account, on, 0, goal)
    except UncoveredNotionalError:
        assume(condition=False)
    proof_words(solution)
    stop_warning(solution)
    check = check_mark if goal.target is Target.REMOVABLE else check_margin
    check(account, on, solution)


@settings(deadline=None, max_examples=200)
@given(
    held=isolated(),
    cash=decimals("0", "20000", 6),
    rows=st.sampled_from([STEEP, DOGE, ONE]),
    upper=st.none() | st.integers(30_000, 90_000),
    cross=st.booleans(),
    lots=st.none() | st.integers(0, 4),
)
def test_the_largest_size_can_be_opened(
    *,
    held: Position,
    cash: Decimal,
    rows: tuple[tuple[int, int], ...],
    upper: int | None,
    cross: bool,
    lots: int | None,
) -> None:
    on = venue(rows, upper=None if rows is DOGE else upper, size_decimals=lots)
    if cross:
        held = held._replace(margin_mode=MarginMode.CROSS, margin=None)
    # a size that stands in for the wanted one, as the command line takes it
    tiny = D("1e-30")
    stands_in = held._replace(
        size=tiny, notional=tiny * held.mark_price, cost=tiny * held.entry_price
    )
    solution = solve(Account((stands_in,), cash), on, 0, Goal(Target.MAX_SIZE), opening=True)
    words = solution_message(solution, on)
    proof_words(solution)
    assert words.startswith("Impossible") is not solution.possible
    if solution.rounded is None:
        return
    size = solution.rounded
    assert size > 0
    notional, cost = size * held.mark_price, size * held.entry_price
    assert tier_covers(on, notional)
    assert tier_at(on.assets["ETH"].table, notional).max_leverage >= held.leverage
    initial = Fraction(notional) / Fraction(held.leverage)
    gain = held.side * (Fraction(notional) - Fraction(cost))
    if cross:
        assert Fraction(cash) + gain >= initial
        return
    margin = Fraction(cash) if held.margin is None else margin_of(stands_in)
    assert margin >= Fraction(cost) / Fraction(held.leverage)
    if held.margin is not None:
        assert margin + gain >= initial
