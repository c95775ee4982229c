"""Inverses, against halving an interval on the exact condition."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from marginctl.core.account import Account
from marginctl.core.backing import backing_of
from marginctl.core.crossings import for_removal, missing_at
from marginctl.core.figures import equity_of
from marginctl.core.goals import Goal, Obstacle, Solution, Target
from marginctl.core.position import AssetMode, Position
from marginctl.core.rules import Venue
from marginctl.core.solve import objection, solve
from marginctl.core.solve_size import NoFundsError
from tests.building import DOGE, ETH, ONE, STEEP, TRADO, position, venue
from tests.comparing import halved, near
from tests.oracle import Table
from tests.strategies import decimals, isolated

D = Decimal
LONG = position("1", "2000", margin="400")
SHORT = position("-50000", "1800", "20", margin="8000000")
CROSS = position("1", "1800", cross=True)
FEE = Fraction(TRADO.closing_fee_rate)


def solved(
    held: Position,
    target: Target,
    value: str | Decimal | None = None,
    *,
    cash: str | None = None,
    on: Venue | None = None,
    opening: bool = False,
) -> Solution:
    account = Account((held,), None if cash is None else D(cash))
    goal = Goal(target, None if value is None else D(value))
    return solve(account, on or venue(), 0, goal, opening=opening)


@pytest.mark.parametrize(
    ("sentence", "held", "target", "value", "cash", "answer"),
    [
        # 2000 - 1500 - 0.02·1500·(-1): need 530 of equity, 400 are there
        ("liquidation at 1500", LONG, Target.LIQUIDATION_PRICE, "1500", None, "130"),
        ("15 % away: 334 are enough", LONG, Target.DISTANCE, "0.15", None, "-66"),
        ("effective 3x", LONG, Target.EFFECTIVE_LEVERAGE, "3", None, "800/3"),
        # the table's own boundary: 2000 · 50000 is where 15x begins
        ("on the boundary", SHORT, Target.LIQUIDATION_PRICE, "2000", None, "4000000"),
        # beyond it: 105M/30 - 1.333..M of deduction, and 15M of loss, less 8M
        ("beyond it", SHORT, Target.LIQUIDATION_PRICE, "2100", None, "27500000/3"),
        ("cross, for the account", CROSS, Target.LIQUIDATION_PRICE, "1500", "250", "80"),
        ("a stop that liquidation would precede", LONG, Target.STOP, "1500", None, "130"),
        ("a stop that comes first", LONG, Target.STOP, "1700", None, "0"),
        # equity 400 + (x - 2000) less x/10 is 500 at 7000/3
        ("500 removable", LONG, Target.REMOVABLE, "500", None, "7000/3"),
        ("where removal opens", LONG, Target.REMOVABLE, "0", None, "16000/9"),
        ("cross: 500 out of the account", CROSS, Target.REMOVABLE, "500", "250", "20500/9"),
    ],
)
def test_answers(
    sentence: str, held: Position, target: Target, value: str, cash: str | None, answer: str
) -> None:
    solution = solved(held, target, value, cash=cash)
    assert solution.possible, sentence
    assert solution.answer == Fraction(answer)
    if target is not Target.STOP:
        assert near(solution.reached, Fraction(value), max(Fraction(1), Fraction(value)))


@pytest.mark.parametrize(
    ("sentence", "held", "target", "value", "cash", "why", "nearest", "answer"),
    [
        (
            "removal stops at the initial margin",
            LONG,
            Target.EFFECTIVE_LEVERAGE,
            "11",
            None,
            Obstacle.REMOVAL_LIMIT,
            "10",
            "-200",
        ),
        (
            "liquidation past the mark",
            LONG,
            Target.LIQUIDATION_PRICE,
            "2100",
            None,
            Obstacle.BEYOND_MARK,
            "90000/49",
            "-200",
        ),
        (
            "the wallet holds only 30 of 130",
            LONG,
            Target.LIQUIDATION_PRICE,
            "1500",
            "30",
            Obstacle.ADDITION_LIMIT,
            "78500/49",
            "30",
        ),
        (
            "a long has no distance of 100 %",
            LONG,
            Target.DISTANCE,
            "1",
            None,
            Obstacle.BELOW_ZERO,
            "1",
            "1600",
        ),
        (
            "a distance below zero is past the mark",
            LONG,
            Target.DISTANCE,
            "-0.1",
            None,
            Obstacle.BEYOND_MARK,
            "4/49",
            "-200",
        ),
        (
            "a liquidatable long gets to the mark by margin",
            position("1", "2000", margin="10"),
            Target.LIQUIDATION_PRICE,
            "2001",
            None,
            Obstacle.BEYOND_MARK,
            "2000",
            "30",
        ),
    ],
)
def test_impossible_wishes_name_the_nearest(
    sentence: str,
    held: Position,
    target: Target,
    value: str,
    cash: str | None,
    why: Obstacle,
    nearest: str,
    answer: str,
) -> None:
    solution = solved(held, target, value, cash=cash)
    assert (solution.possible, solution.why) == (False, why), sentence
    assert solution.answer == Fraction(answer)
    assert near(solution.nearest, Fraction(nearest), Fraction(10**6))


def test_nothing_is_removable_of_a_strict_asset_at_any_price() -> None:
    solution = solved(LONG, Target.REMOVABLE, "1", on=venue(mode=AssetMode.STRICT))
    assert (solution.why, solution.nearest, solution.answer) == (Obstacle.STRICT, D(0), None)


def test_a_long_at_1x_gains_what_must_stay() -> None:
    held = position("1", "2000", "1", margin="2050")
    assert solved(held, Target.REMOVABLE, "50").why is Obstacle.ALWAYS
    solution = solved(held, Target.REMOVABLE, "51")
    assert (solution.possible, solution.why, solution.nearest) == (False, Obstacle.NEVER, D(50))


def test_a_short_gains_no_more_than_its_notional() -> None:
    held = position("-1", "2000", margin="400")
    solution = solved(held, Target.REMOVABLE, "2400")
    assert (solution.possible, solution.why, solution.nearest) == (False, Obstacle.NEVER, D(2400))
    assert solved(held, Target.REMOVABLE, "2399").possible


def test_the_bound_itself_is_excluded_on_trado() -> None:
    # 2000 at 100x keeps 20 of equity, and that is just too little
    held, somewhere = position("1", "2000", margin="400"), venue(ONE, TRADO)
    solution = solved(held, Target.EFFECTIVE_LEVERAGE, "100", on=somewhere)
    assert (solution.possible, solution.answer) == (False, Fraction("-379.999999"))
    assert solved(held, Target.EFFECTIVE_LEVERAGE, "99.9", on=somewhere).possible


def test_a_table_that_ends_below_the_wish() -> None:
    somewhere = venue(ETH, upper=3000)
    solution = solved(position("-1", "2000"), Target.LIQUIDATION_PRICE, "3500", on=somewhere)
    assert (solution.why, solution.nearest) == (Obstacle.BEYOND_TIERS, D(3000))
    assert solved(LONG, Target.REMOVABLE, "5000", on=somewhere).why is Obstacle.BEYOND_TIERS


def test_a_stop_asks_for_a_step_more_where_the_answer_is_a_step() -> None:
    solution = solved(LONG, Target.STOP, "1500")
    assert (solution.rounded, solution.exclusive) == (D("130.000001"), True)
    assert not solved(LONG, Target.STOP, "1700").exclusive


def test_wishes_that_make_no_sense() -> None:
    assert objection(CROSS, Goal(Target.EFFECTIVE_LEVERAGE, D(3))) is not None
    assert objection(LONG, Goal(Target.STOP, D(2000))) is not None
    assert objection(SHORT, Goal(Target.STOP, D(1800))) is not None
    assert objection(LONG, Goal(Target.STOP, D(1999))) is None
    assert objection(LONG, Goal(Target.EFFECTIVE_LEVERAGE, D(3))) is None
    assert objection(CROSS, Goal(Target.LIQUIDATION_PRICE, D(9999))) is None


@pytest.mark.parametrize(
    ("sentence", "held", "cash", "size", "limit"),
    [
        ("400 at 10x and 2000", LONG, None, "2", "margin"),
        ("out of the wallet", position("1", "2000"), "150", "3/4", "margin"),
        (
            "a tier that does not allow 20x begins at 100M",
            position("1", "2000", "20", margin="8e6"),
            None,
            "50000",
            "tier_leverage",
        ),
        (
            "at a mark below the entry the loss counts too",
            position("1", "2000", mark="1900", margin="580"),
            None,
            "2",
            "margin",
        ),
        ("cross", CROSS, "360", "2", "margin"),
    ],
)
def test_the_largest_size_to_open(
    sentence: str, held: Position, cash: str | None, size: str, limit: str
) -> None:
    solution = solved(held, Target.MAX_SIZE, cash=cash, opening=True)
    assert solution.possible, sentence
    assert (solution.answer, solution.limit) == (Fraction(size), limit)


def test_a_size_below_a_boundary_is_rounded_to_the_venues_steps() -> None:
    held = position("1", "2000", "20", margin="8e6")
    solution = solved(held, Target.MAX_SIZE, on=venue(size_decimals=4), opening=True)
    assert (solution.rounded, solution.exclusive) == (D("49999.9999"), True)
    after = solution.position_after
    assert after is not None
    assert after.tier.max_leverage == D(25)


def test_a_leverage_above_all_tiers_has_no_size() -> None:
    solution = solved(position("1", "2000", "26"), Target.MAX_SIZE, cash="9", opening=True)
    assert (solution.why, solution.nearest) == (Obstacle.TIER_LEVERAGE, D(25))


def test_no_money_has_no_size() -> None:
    assert solved(position("1", "2"), Target.MAX_SIZE, cash="0", opening=True).why is (
        Obstacle.NOTHING_TO_USE
    )
    with pytest.raises(NoFundsError):
        solved(position("1", "2"), Target.MAX_SIZE, opening=True)


def test_a_held_cross_position_grows_at_the_mark() -> None:
    held = position("1", "1000", "10", "2000", cross=True)
    # 500 of cash and 1000 of profit carry 15000 of notional
    solution = solved(held, Target.MAX_SIZE, cash="500")
    assert solution.answer == Fraction("7.5")
    after = solution.after
    assert after is not None
    assert after.cross is not None
    assert after.cross.available == 0
    assert after.cross.account_value == 1500


VENUES: list[tuple[Venue, Table, Fraction]] = [
    (venue(STEEP), Table.of(STEEP), Fraction(0)),
    (venue(DOGE), Table.of(DOGE), Fraction(0)),
    (venue(ONE, TRADO), Table.of(ONE), FEE),
    (venue(STEEP, TRADO), Table.of(STEEP), FEE),
]
anywhere = st.sampled_from(VENUES)


def survival(
    held: Position, tiers: Table, fee: Fraction, price: Fraction
) -> Callable[[Fraction], bool]:
    """Return whether an isolated position survives at a price after a change of its margin."""
    notional = Fraction(held.size) * price
    gain = held.side * (notional - Fraction(held.notional))

    def survives(change: Fraction) -> bool:
        return equity_of(held) + change + gain >= tiers.maintenance(notional) + fee * notional

    return survives


def margin_by_halving(alive: Callable[[Fraction], bool]) -> Fraction:
    """The least change of margin with which a condition holds."""
    wide = Fraction(10**6)
    return halved(alive, -wide, wide)


@settings(deadline=None, max_examples=60)
@given(held=isolated(), where=anywhere, price=decimals("1", "400", 3))
def test_the_margin_for_a_liquidation_price_is_the_one_found_by_halving(
    held: Position, where: tuple[Venue, Table, Fraction], price: Decimal
) -> None:
    somewhere, tiers, fee = where
    target = Fraction(price)
    assume(held.side * (Fraction(held.mark_price) - target) > 0)
    solution = solved(held, Target.LIQUIDATION_PRICE, price, on=somewhere)
    found = margin_by_halving(survival(held, tiers, fee, target))
    if solution.possible:
        assert near(solution.answer, found, Fraction(10**6))
        assert solution.reached is not None
        assert near(solution.reached, target, target)
        assert abs(Fraction(solution.reached) - target) <= target / 10**45
    else:
        assert solution.why in {Obstacle.REMOVAL_LIMIT, Obstacle.ADDITION_LIMIT}
        assert solution.answer is not None
        if solution.why is Obstacle.REMOVAL_LIMIT:
            assert found < solution.answer <= 0
        else:
            assert found > solution.answer >= 0


@settings(deadline=None, max_examples=60)
@given(held=isolated(), where=anywhere, stop=decimals("1", "400", 3))
def test_the_margin_for_a_stop_is_the_least_that_survives_until_it(
    held: Position, where: tuple[Venue, Table, Fraction], stop: Decimal
) -> None:
    somewhere, tiers, fee = where
    target = Fraction(stop)
    assume(held.side * (Fraction(held.mark_price) - target) > 0)
    solution = solved(held, Target.STOP, stop, on=somewhere)
    alive = survival(held, tiers, fee, target)
    if alive(Fraction(0)):
        assert solution.answer == 0
    elif solution.possible:
        assert near(solution.answer, margin_by_halving(alive), Fraction(10**6))
        assert solution.rounded is not None
        assert solution.answer is not None
        beyond = Fraction(solution.rounded)
        assert alive(beyond)
        assert 0 < beyond - solution.answer <= Fraction(1, 10**6)


@settings(deadline=None, max_examples=60)
@given(held=isolated(), distance=decimals("0.001", "0.999", 4))
def test_a_distance_is_a_price_seen_from_the_mark(held: Position, distance: Decimal) -> None:
    solution = solved(held, Target.DISTANCE, distance, on=venue(STEEP))
    if solution.possible:
        assert near(solution.reached, Fraction(distance), Fraction(1))
    price = Fraction(held.mark_price) * (1 - held.side * Fraction(distance))
    by_price = solved(
        held, Target.LIQUIDATION_PRICE, D(str(price.numerator)) / price.denominator, on=venue(STEEP)
    )
    assert by_price.possible is solution.possible


@settings(deadline=None, max_examples=60)
@given(held=isolated(), where=anywhere, leverage=decimals("0.5", "60", 3))
def test_the_margin_for_an_effective_leverage_gives_it(
    held: Position, where: tuple[Venue, Table, Fraction], leverage: Decimal
) -> None:
    solution = solved(held, Target.EFFECTIVE_LEVERAGE, leverage, on=where[0])
    if solution.possible:
        assert solution.answer == Fraction(held.notional) / Fraction(leverage) - equity_of(held)
        assert near(solution.reached, Fraction(leverage), Fraction(leverage))
    else:
        assert solution.nearest is not None or solution.position_after is not None


def stays(rules: str, held: Position, tiers: Table, notional: Fraction) -> Fraction:
    if rules == "trado":
        return max(tiers.maintenance(notional), notional / tiers.slices[0].max_leverage)
    return max(notional / Fraction(held.leverage), notional / 10)


@settings(deadline=None, max_examples=60)
@given(held=isolated(), where=anywhere, amount=decimals("0", "5000", 2))
def test_the_price_at_which_an_amount_is_removable_is_the_one_found_by_halving(
    held: Position, where: tuple[Venue, Table, Fraction], amount: Decimal
) -> None:
    somewhere, tiers, _ = where
    solution = solved(held, Target.REMOVABLE, amount, on=somewhere)

    def spare(price: Fraction) -> Fraction:
        notional = Fraction(held.size) * price
        equity = equity_of(held) + held.side * (notional - Fraction(held.notional))
        return equity - stays(somewhere.rules.name, held, tiers, notional) - Fraction(amount)

    far = Fraction(10**9)
    if solution.answer is None:
        # everywhere, or nowhere: at both ends of all prices
        assert (spare(Fraction(1, 10**9)) >= 0) is (solution.why is Obstacle.ALWAYS)
        if held.leverage == 1:
            assert (spare(far) >= 0) is (solution.why is Obstacle.ALWAYS)
        return
    if held.side > 0:
        found = halved(lambda price: spare(price) >= 0, Fraction(0), far)
    else:
        found = halved(lambda price: spare(price) < 0, Fraction(0), far)
    assert near(solution.answer, found, far)
    assert solution.reached is not None
    assert near(solution.reached, Fraction(amount), Fraction(10**6))


@settings(deadline=None, max_examples=60)
@given(held=isolated((2, 3, 5, 7, 10, 20)), cash=decimals("1", "9000", 2))
def test_the_largest_size_is_the_one_found_by_halving(held: Position, cash: Decimal) -> None:
    solution = solved(held, Target.MAX_SIZE, cash=str(cash), on=venue(STEEP), opening=True)
    funds = Fraction(cash if held.margin is None else held.margin)
    entry, mark = Fraction(held.entry_price), Fraction(held.mark_price)
    leverage, steep = Fraction(held.leverage), Table.of(STEEP)

    def too_large(size: Fraction) -> bool:
        notional = size * mark
        allowed = steep.slices[steep.index_at(notional)].max_leverage
        equity = funds + held.side * size * (mark - entry)
        return leverage > allowed or size * entry / leverage > funds or equity < notional / leverage

    found = halved(too_large, Fraction(0), Fraction(10**9))
    assert near(solution.answer, found, Fraction(10**9))
    assert solution.rounded is not None
    assert not too_large(Fraction(solution.rounded))


@settings(deadline=None, max_examples=60)
@given(
    size=decimals("-300", "300", 2).filter(bool),
    other=decimals("-300", "300", 2).filter(bool),
    marks=st.tuples(decimals("1", "200", 3), decimals("1", "200", 3)),
    cash=decimals("100", "90000", 2),
    price=decimals("1", "400", 3),
)
def test_a_cross_account_is_solved_with_what_its_other_positions_keep(
    size: Decimal,
    other: Decimal,
    marks: tuple[Decimal, Decimal],
    cash: Decimal,
    price: Decimal,
) -> None:
    held = position(str(size), "100", "3", str(marks[0]), cross=True)
    beside = position(str(other), "100", "3", str(marks[1]), cross=True, asset="SOL")
    target = Fraction(price)
    assume(held.side * (Fraction(marks[0]) - target) > 0)
    account = Account((held, beside), cash)
    solution = solve(account, venue(STEEP), 0, Goal(Target.LIQUIDATION_PRICE, price))
    value = Fraction(cash) + sum(
        one.side * (Fraction(one.notional) - Fraction(one.cost)) for one in (held, beside)
    )
    at_target = Fraction(held.size) * target
    steep = Table.of(STEEP)
    needed = steep.maintenance(at_target) + steep.maintenance(Fraction(beside.notional))

    def alive(change: Fraction) -> bool:
        moved = held.side * (at_target - Fraction(held.notional))
        return value + change + moved >= needed

    found = margin_by_halving(alive)
    if solution.possible:
        assert near(solution.answer, found, Fraction(10**6))
        assert near(solution.reached, target, target)
    else:
        assert solution.why is Obstacle.REMOVAL_LIMIT
        assert solution.answer is not None
        assert found < solution.answer <= 0


@settings(deadline=None, max_examples=40)
@given(held=isolated(), where=anywhere, price=decimals("1", "400", 3))
def test_what_must_stay_is_known_at_every_price(
    held: Position, where: tuple[Venue, Table, Fraction], price: Decimal
) -> None:
    somewhere, tiers, _ = where
    backing = backing_of(Account((held,)), somewhere, 0)
    move = Fraction(price) / backing.mark - 1
    gain = held.side * backing.notional * move
    missing = missing_at(backing.path(), for_removal(backing.limits), move)
    notional = Fraction(held.size) * Fraction(price)
    assert backing.value + gain + missing == stays(somewhere.rules.name, held, tiers, notional)
