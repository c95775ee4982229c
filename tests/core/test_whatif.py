"""What-ifs: what changes, in which order, and what the venue would say."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marginctl.core.account import Account
from marginctl.core.changes import AddMargin, Change, MoveMark, SetLeverage, Trade, in_order
from marginctl.core.evaluation import UncoveredNotionalError, evaluate
from marginctl.core.figures import margin_of
from marginctl.core.position import AssetMode, Position
from marginctl.core.report import AccountReport
from marginctl.core.rules import Venue
from marginctl.core.whatif import Outcome, WhatIf, nearest_to_liquidation, what_if
from tests.building import DOGE, ONE, STEEP, TRADO, position, venue
from tests.oracle import Table
from tests.strategies import decimals, isolated

D = Decimal
LONG = position("1", "2000", margin="400")


def asked(
    held: Position, *changes: Change, cash: str | None = None, rows: Venue | None = None
) -> WhatIf:
    account = Account((held,), None if cash is None else D(cash))
    return what_if(account, venue() if rows is None else rows, 0, changes)


def only(result: WhatIf) -> Outcome:
    (outcome,) = result.outcomes
    return outcome


def test_changes_are_applied_marks_first_and_money_out_last() -> None:
    everything: list[Change] = [
        AddMargin(D(-5)),
        Trade(D(1)),
        SetLeverage(D(5)),
        AddMargin(D(5)),
        MoveMark(mark=D(9)),
        MoveMark(move=D("-0.1"), everywhere=True),
    ]
    assert in_order(everything) == everything[::-1]


def test_a_move_multiplies_the_mark_and_keeps_the_liquidation_price() -> None:
    result = asked(LONG, MoveMark(move=D("-0.1")))
    before, after = result.position_before, result.position_after
    assert after is not None
    assert before is not None
    assert (after.mark_price, after.equity) == (D(1800), D(200))
    assert after.liquidation_price == before.liquidation_price
    assert result.allowed


def test_a_mark_is_that_of_the_asset_and_not_of_others() -> None:
    account = Account(
        (
            position("1", "2000", cross=True),
            position("-2", "2000"),
            position("1", "100", cross=True, asset="SOL"),
        ),
        D(5000),
    )
    after = what_if(account, venue(), 0, [MoveMark(mark=D(1500))]).after
    assert [one.mark_price for one in after.positions] == [D(1500), D(1500), D(100)]


def test_raising_the_leverage_moves_no_margin_and_frees_some() -> None:
    result = asked(LONG, SetLeverage(D(20)))
    after = result.position_after
    assert result.allowed
    assert after is not None
    # initial margin is 100 now, so the tenth of the notional is what must stay
    assert (after.margin, after.initial_margin, after.max_removable) == (D(400), D(100), D(200))
    assert after.binding_limit == "transfer_ratio"


def test_a_margin_that_was_implied_by_the_old_leverage_stays() -> None:
    result = asked(position("1", "100", "3"), SetLeverage(D(9)))
    assert result.position_after is not None
    assert Fraction(1, 10**45) > abs(Fraction(result.position_after.margin or 0) - Fraction(100, 3))


@pytest.mark.parametrize(
    ("sentence", "leverage", "name", "limit", "short"),
    [
        ("above the tier", "26", "tier_leverage", "25", None),
        ("lower than the margin carries", "4", "initial_margin", "5", Fraction(100)),
    ],
)
def test_a_leverage_that_the_venue_refuses(
    sentence: str, leverage: str, name: str, limit: str, short: Fraction | None
) -> None:
    result = asked(LONG, SetLeverage(D(leverage)))
    outcome = only(result)
    assert not result.allowed, sentence
    assert (outcome.limit.name, outcome.limit.amount) == (name, D(limit))
    assert outcome.short == short


def test_lowering_is_allowed_exactly_down_to_what_the_equity_carries() -> None:
    assert asked(LONG, SetLeverage(D(5))).allowed


def test_margin_put_in_counts_for_a_lower_leverage() -> None:
    assert asked(LONG, SetLeverage(D(4)), AddMargin(D(100))).allowed


def test_margin_is_taken_out_after_the_leverage_is_raised() -> None:
    held = position("1", "2000", "5", margin="400")
    assert not asked(held, AddMargin(D(-200))).allowed
    assert asked(held, AddMargin(D(-200)), SetLeverage(D(10))).allowed


def test_lowering_a_cross_leverage_needs_the_account() -> None:
    held = position("1", "2000", "10", cross=True)
    assert asked(held, SetLeverage(D(5)), cash="400").allowed
    refused = only(asked(held, SetLeverage(D(5)), cash="399"))
    assert (refused.short, refused.limit.amount) == (Fraction(1), D(6))


def test_a_trade_into_a_tier_that_does_not_allow_the_leverage() -> None:
    held = position("190000", "100", "10")
    somewhere = venue(DOGE)
    assert asked(held, Trade(D("9999.9")), rows=somewhere).allowed
    outcome = only(asked(held, Trade(D(10_000)), rows=somewhere))
    assert (outcome.allowed, outcome.limit.name, outcome.limit.amount) == (
        False,
        "tier_leverage",
        D(5),
    )


@pytest.mark.parametrize(
    ("sentence", "held", "cash", "size", "short"),
    [
        ("isolated: the added part takes 100", LONG, "100", "0.5", None),
        ("isolated: one short", LONG, "99", "0.5", Fraction(1)),
        ("isolated, turned: 400 come back, 300 are needed", LONG, "0", "-2.5", None),
        ("isolated, turned too far", LONG, "0", "-3.5", Fraction(100)),
        ("cross: 300 for both", position("1", "2000", cross=True), "300", "0.5", None),
        ("cross: one short", position("1", "2000", cross=True), "299", "0.5", Fraction(1)),
    ],
)
def test_a_trade_needs_margin(
    sentence: str, held: Position, cash: str, size: str, short: Fraction | None
) -> None:
    outcome = only(asked(held, Trade(D(size)), cash=cash))
    assert outcome.allowed is (short is None), sentence
    assert outcome.short == short


def test_without_an_account_the_money_for_a_trade_is_not_checked() -> None:
    outcome = only(asked(LONG, Trade(D(5))))
    assert outcome.allowed
    assert not outcome.funds_known


def test_a_reduction_asks_for_nothing() -> None:
    held = position("1", "2000", "10", cross=True)
    assert only(asked(held, Trade(D("-0.5")), cash="10")).allowed


def test_a_delisted_asset_can_be_reduced_only() -> None:
    somewhere = venue(delisted=True)
    assert asked(LONG, Trade(D("-0.5")), rows=somewhere).allowed
    assert only(asked(LONG, Trade(D("0.5")), rows=somewhere)).limit.name == "delisted"


def test_a_trade_that_is_liquidatable_at_once_is_refused() -> None:
    # bought at 3000 with the mark at 2000: 300 of margin and 1000 of loss
    outcome = only(asked(LONG, Trade(D(1), D(3000))))
    assert outcome.limit.name == "maintenance_margin"


def test_nothing_follows_a_position_that_is_closed() -> None:
    result = asked(LONG, Trade(D(-1)), AddMargin(D(-5)), cash="7")
    assert result.closed
    assert result.position_after is None
    assert [one.limit.name for one in result.outcomes] == [None, "closed"]
    assert result.after.cross is not None
    assert result.after.cross.account_value == D(407)


def test_a_closed_position_keeps_the_others_in_their_places() -> None:
    sol = position("1", "100", asset="SOL")
    account = Account((LONG, sol), D(100))
    result = what_if(account, venue(), 0, [Trade(D(-1))])
    assert [(old.asset, new and new.asset) for old, new in result.pairs] == [
        ("ETH", None),
        ("SOL", "SOL"),
    ]


def test_funding_is_held_to_the_limits_of_add_and_remove() -> None:
    assert asked(LONG, AddMargin(D(-200))).allowed
    assert not asked(LONG, AddMargin(D("-200.000001"))).allowed
    assert not asked(LONG, AddMargin(D(101)), cash="100").allowed
    strict = venue(mode=AssetMode.STRICT)
    assert only(asked(LONG, AddMargin(D(-1)), rows=strict)).limit.name == "strict_isolated"


def test_trado_takes_trades_out_of_the_wallet_at_fractions_of_leverage() -> None:
    held = position("1", "2000", "12.5")
    somewhere = venue(ONE, TRADO)
    assert asked(held, Trade(D(1)), cash="160", rows=somewhere).allowed
    outcome = only(asked(held, Trade(D(1)), cash="159", rows=somewhere))
    assert (outcome.limit.name, outcome.short) == ("available", Fraction(1))
    assert only(asked(held, SetLeverage(D("100.5")), rows=somewhere)).limit.amount == D(100)


def test_a_trade_beyond_the_end_of_the_tiers_is_an_error() -> None:
    with pytest.raises(UncoveredNotionalError):
        asked(position("1", "100"), Trade(D(10)), rows=venue(upper=1000))


def test_which_position_is_nearest_to_liquidation_changes_with_the_prices() -> None:
    account = Account((position("1", "2000", "10"), position("-1", "100", "5", asset="SOL")), D(0))
    result = what_if(account, venue(), None, [MoveMark(move=D("0.1"), everywhere=True)])
    before, after = nearest_to_liquidation(result.before), nearest_to_liquidation(result.after)
    assert before is not None
    assert after is not None
    assert (before.asset, after.asset) == ("ETH", "SOL")


def test_nothing_is_nearest_where_nothing_can_be_liquidated() -> None:
    held = position("1", "100", margin="100")
    assert nearest_to_liquidation(evaluate(Account((held,)), venue())) is None


@settings(deadline=None, max_examples=60)
@given(
    held=isolated((2, 3, 7)),
    others=st.lists(isolated((2, 3, 7)), max_size=2),
    size=decimals("-600", "600", 2).filter(bool),
    leverage=st.integers(1, 25),
    fund=decimals("-50", "50", 2).filter(bool),
    move=decimals("-0.9", "0.9", 3),
    cash=decimals("0", "9000", 2),
)
def test_no_action_makes_or_loses_money_but_by_prices(
    held: Position,
    others: list[Position],
    size: Decimal,
    leverage: int,
    fund: Decimal,
    move: Decimal,
    cash: Decimal,
) -> None:
    changes: list[Change] = [
        MoveMark(move=move),
        SetLeverage(D(leverage)),
        Trade(size),
        AddMargin(fund),
    ]
    result = what_if(Account((held, *others), cash), venue(STEEP), 0, changes)

    def wealth(report: AccountReport) -> Fraction:
        assert report.cross is not None
        held = sum((Fraction(one.equity or 0) for one in report.positions), Fraction(0))
        return held + Fraction(report.cross.account_value)

    exposed = sum(Fraction(one.notional) * one.side for one in (held, *others))
    grown = wealth(result.before) + exposed * Fraction(move)
    assert abs(wealth(result.after) - grown) < Fraction(1, 10**35)


@settings(deadline=None, max_examples=60)
@given(held=isolated(), leverage=st.integers(1, 25))
def test_a_leverage_is_taken_as_the_plain_rule_says(held: Position, leverage: int) -> None:
    notional = Fraction(held.notional)
    equity = margin_of(held) + held.side * (notional - Fraction(held.cost))
    steep = Table.of(STEEP)
    highest = steep.slices[steep.index_at(notional)].max_leverage
    expected = leverage <= highest and (leverage >= held.leverage or equity >= notional / leverage)
    outcome = only(asked(held, SetLeverage(D(leverage)), rows=venue(STEEP)))
    assert outcome.allowed is expected


@pytest.mark.parametrize(
    ("sentence", "changes", "after", "allowed"),
    [
        # 1 at 2000 with 400: liquidated below 1600 / 0.98 = 1632.65
        ("a fall", [MoveMark(mark=D(1600))], 1, [True]),
        ("a fall to a safe mark", [MoveMark(mark=D(1700))], None, [True]),
        (
            "what comes after it is refused, also what would have saved it",
            [MoveMark(mark=D(1600)), AddMargin(D(100)), Trade(D("-0.5"))],
            1,
            [True, False, False],
        ),
        (
            "the end is safe, the way there not",
            [MoveMark(mark=D(1600)), AddMargin(D(900))],
            1,
            None,
        ),
        ("a refused removal would", [AddMargin(D(-390))], 1, [False]),
        ("closing it is too late", [MoveMark(mark=D(1600)), Trade(D(-1))], 1, [True, False]),
        ("the second step", [AddMargin(D(10)), Trade(D(1), D(9000))], 2, [True, False]),
    ],
)
def test_a_what_if_is_judged_after_every_step(
    sentence: str, changes: list[Change], after: int | None, allowed: list[bool] | None
) -> None:
    result = asked(LONG, *changes)
    assert result.liquidated_after == after, sentence
    assert (result.liquidated is None) is (after is None)
    assert result.allowed is (after is None)
    if allowed is not None:
        assert [outcome.allowed for outcome in result.outcomes] == allowed
    late = result.outcomes[after or len(result.outcomes) :]
    assert {outcome.limit.name for outcome in late} <= {"liquidated"}


def test_what_is_saved_by_the_first_step_is_not_liquidated_after_it() -> None:
    held = position("1", "2000", mark="1600", margin="400")
    assert asked(held, AddMargin(D(100))).liquidated_after is None
    assert asked(held, AddMargin(D(1))).liquidated_after == 1


def test_leverage_and_size_are_not_those_of_an_account() -> None:
    for change in (SetLeverage(D(5)), Trade(D(1))):
        with pytest.raises(ValueError, match=r"^leverage and size are those of one position$"):
            what_if(Account((LONG,)), venue(), None, [change])


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
