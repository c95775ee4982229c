"""What holds under the rules of every venue: inverses and crossings agree with the figures."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marginctl.core.account import Account
from marginctl.core.changes import Action, at_mark, change_margin, with_moved
from marginctl.core.evaluation import evaluate
from marginctl.core.goals import Goal, Obstacle, Solution, Target
from marginctl.core.numbers import decimal_of, exactly
from marginctl.core.position import MarginMode
from marginctl.core.report import CrossReport, PositionReport
from marginctl.core.rules import Rules, Venue
from marginctl.core.solve import solve
from marginctl.core.sweep import EventKind, Over, Range, sweep_position
from marginctl.venues import VENUE_RULES
from tests.building import position
from tests.building import venue as venue_of
from tests.comparing import near
from tests.strategies import decimals, isolated

LADDER = [("0", "50", "0.004"), ("1000", "40", "0.01"), ("20000", "20", "0.025")]
ALL = [
    *(make() for make in VENUE_RULES.values()),
    VENUE_RULES["tiered"](closing_fee_rate=Decimal("0.0005")),
]
BESIDE = position(-3, 50, 5, 57, asset="SOL", cross=True)


def on(rules: Rules) -> Venue:
    return venue_of(LADDER, rules)


@st.composite
def accounts(draw: st.DrawFn, rules: Rules) -> Account:
    """Draw an account whose first position is isolated, or shares the account with another."""
    held = draw(isolated())
    if not (rules.has_cross and draw(st.booleans())):
        return Account((held,))
    shared = held._replace(margin_mode=MarginMode.CROSS, margin=None)
    return Account((shared, BESIDE), draw(decimals("1", "9000", 6)))


@exactly
def moved(account: Account, mark: Decimal) -> Account:
    first = at_mark(account.positions[0], mark)
    return account._replace(positions=(first, *account.positions[1:]))


def behind(account: Account, venue: Venue) -> tuple[PositionReport | CrossReport, Fraction]:
    """Return the report of what stands behind the first position, and its equity."""
    answer = evaluate(account, venue)
    if answer.cross is None or account.positions[0].isolated:
        figures = answer.positions[0]
        assert figures.equity is not None
        return figures, Fraction(figures.equity)
    return answer.cross, Fraction(answer.cross.account_value)


def size_of(account: Account, venue: Venue) -> Fraction:
    """Return the scale against which amounts are compared."""
    found, equity = behind(account, venue)
    return Fraction(found.notional) + abs(equity) + 1


rules_of_every_venue = pytest.mark.parametrize("rules", ALL, ids=lambda rules: rules.name)


@rules_of_every_venue
@settings(max_examples=25)
@given(data=st.data())
def test_the_rows_of_a_sweep_are_what_the_figures_say_there(
    rules: Rules, data: st.DataObject
) -> None:
    venue, account = on(rules), data.draw(accounts(rules))
    mark = account.positions[0].mark_price
    span = Range(mark / 10, mark * 3, 7)
    for point in sweep_position(account, venue, 0, Over.MARK, span).points:
        if point.kind is not EventKind.GRID:
            continue
        # the mark has 50 digits, so all that follows from it is as near as that
        there, scale = moved(account, point.at), size_of(moved(account, point.at), venue)
        found, equity = behind(there, venue)
        assert near(point.figures.equity, equity, scale)
        assert near(point.figures.maintenance_margin, found.maintenance_margin, scale)
        assert near(point.figures.closing_fee, found.closing_fee, scale)
        assert point.figures.liquidatable is found.liquidatable
        for name in ("max_removable", "shortfall"):
            swept, direct = getattr(point.figures, name), getattr(found, name)
            assert (swept is None) is (direct is None) is (not rules.limits_transfers)
            assert swept is None or near(swept, direct, scale)


@rules_of_every_venue
@settings(max_examples=25)
@given(data=st.data())
def test_what_happens_along_a_sweep_happens_in_the_figures(
    rules: Rules, data: st.DataObject
) -> None:
    venue, account = on(rules), data.draw(accounts(rules))
    mark = account.positions[0].mark_price
    sweep = sweep_position(account, venue, 0, Over.MARK, Range(mark / 10, mark * 3, 3))
    for event in sweep.events:
        there = moved(account, decimal_of(event.at))
        scale = size_of(there, venue)
        found, equity = behind(there, venue)
        kept = Fraction(found.maintenance_margin)
        if event.kind is EventKind.LIQUIDATION:
            assert near(equity, kept + Fraction(found.closing_fee), scale)
        elif event.kind is EventKind.BACKSTOP:
            assert rules.backstop_share is not None
            assert near(equity, kept * Fraction(*rules.backstop_share), scale)
        elif event.kind is EventKind.BANKRUPTCY:
            assert near(equity, Fraction(0), scale)
        elif event.kind is EventKind.REMOVAL_OPENS:
            assert found.transfer_margin_required is not None
            assert near(equity, found.transfer_margin_required, scale)


@rules_of_every_venue
@settings(max_examples=40)
@given(data=st.data(), amount=decimals("0.01", "3000", 2))
def test_an_amount_is_removable_from_the_answer_on_and_not_before(
    rules: Rules, data: st.DataObject, amount: Decimal
) -> None:
    venue, account = on(rules), data.draw(accounts(rules))
    goal = Goal(Target.REMOVABLE, amount)
    if not rules.limits_transfers:
        with pytest.raises(ValueError, match="is not known"):
            solve(account, venue, 0, goal)
        return
    found = solve(account, venue, 0, goal)
    mark = account.positions[0].mark_price
    marks = [mark * step / 8 for step in range(1, 30)]
    if found.answer is None:
        assert found.why in {Obstacle.NEVER, Obstacle.ALWAYS}
        holds = found.why is Obstacle.ALWAYS
        assert all((removable(account, venue, at) >= amount) is holds for at in marks)
        if found.nearest is not None:
            best = max(removable(account, venue, at) for at in marks)
            assert best <= Fraction(found.nearest) + Fraction(1, 10**20)
        return
    for at in (at for at in marks if abs(Fraction(at) - found.answer) > Fraction(1, 10**20)):
        assert (removable(account, venue, at) >= amount) is inside(found, at)
    assert found.reached is not None
    scale = size_of(moved(account, Decimal(found.rounded or 0)), venue)
    assert near(found.reached, amount, scale)


def removable(account: Account, venue: Venue, at: Decimal) -> Decimal:
    found, _ = behind(moved(account, at), venue)
    assert found.max_removable is not None
    return found.max_removable


def inside(found: Solution, at: Decimal) -> bool:
    assert found.answer is not None
    if found.downward:
        return at <= found.answer
    return found.answer <= at and (found.until is None or at <= found.until)


@rules_of_every_venue
@settings(max_examples=40)
@given(data=st.data(), away=decimals("0.01", "0.9", 4))
def test_the_margin_for_a_distance_gives_it_as_far_as_the_venue_lets_it(
    rules: Rules, data: st.DataObject, away: Decimal
) -> None:
    venue, account = on(rules), data.draw(accounts(rules))
    found = solve(account, venue, 0, Goal(Target.DISTANCE, away))
    assert found.answer is not None
    after = evaluate(with_moved(account, 0, found.answer), venue).positions[0]
    assert after.liquidation_distance == found.reached
    if found.possible:
        assert found.reached is not None
        assert near(found.reached, away, Fraction(10**6))
    kept = change_margin(account, venue, Action.REMOVE, 0, abs(found.rounded or Decimal(0)))
    if found.possible and found.answer < 0 and rules.limits_transfers:
        assert kept.allowed
    if found.possible and found.answer < 0 and not rules.limits_transfers:
        assert kept.allowed is None
        assert not found.limit_known
