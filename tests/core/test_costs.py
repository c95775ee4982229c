"""Fees, funding, hours, sizes from risk and cushions, against the oracle.

Nothing of the package computes an expected value here: profit at a price, funding hour by hour,
the loss at a stop and what is removable at a mark are all computed again from the rules.
"""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from marginctl.core.account import Account
from marginctl.core.changes import Action, MoveMark, PayFunding, change_margin, cushion_objection
from marginctl.core.costs import break_even_price, funding_payment, with_break_even
from marginctl.core.evaluation import evaluate
from marginctl.core.goals import Goal, Obstacle, Target, Variable
from marginctl.core.position import MarginMode, Position
from marginctl.core.rules import Venue
from marginctl.core.solve import objection, solve
from marginctl.core.whatif import what_if
from marginctl.venues.hyperliquid import Hyperliquid
from marginctl.venues.trado import Trado
from tests.building import ETH, Market, position, report, table, venue
from tests.comparing import differences, near
from tests.drawing import Drawn, dice, draw_position
from tests.markets import SYNTHETIC, shipped
from tests.oracle import Holding, Table, hyperliquid_isolated, price_where

D = Decimal
ONE = Fraction(1)
MARKETS = [*shipped()[:4], *SYNTHETIC]
ETH_TABLE = Table.of([("0", "25"), ("100000000", "15")])


def drawn(market: Market, seed: int, times: int = 40) -> list[tuple[Random, Drawn]]:
    rng = dice(seed)
    found = [(rng, draw_position(rng, market)) for _ in range(times)]
    return [(rng, one) for rng, one in found if one is not None]


def profit(held: Holding, price: Fraction, fee: Fraction, funding: Fraction) -> Fraction:
    """Close everything at a price, and count what went in and what came out."""
    bought, sold = (held.entry, price) if held.side > 0 else (price, held.entry)
    fees = held.size * fee * held.entry + held.size * fee * price
    return held.size * sold - held.size * bought - fees - funding


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.name)
def test_at_the_break_even_price_everything_paid_is_earned_back(market: Market) -> None:
    somewhere = venue({market.name: market.core})
    for rng, one in drawn(market, 11):
        fee = D(rng.randint(0, 999)) / 100_000
        funding = D(rng.randint(-(10**6), 10**6)) / 1000
        shown = evaluate(Account((one.position,), None), somewhere).positions[0]
        actual = break_even_price(shown, fee, funding)
        # profit goes in a straight line with the price: its zero, from two points of it
        at_zero, at_one = (
            profit(one.holding, Fraction(price), Fraction(fee), Fraction(funding))
            for price in (0, 1)
        )
        root = at_zero / (at_zero - at_one)
        assert (actual is None) == (root <= 0)
        if actual is not None:
            assert near(actual, root)


def test_break_even_with_a_fee_on_one_side_is_binances_figure() -> None:
    # entry · 1.0002 for 0.02 % on one side: as much as half of it on both, but for the square
    price = break_even_price(report(position("1", "10000", "10")), D("0.0001"))
    assert near(price, Fraction(10000) * Fraction(10001, 9999))
    assert break_even_price(report(position("-3", "10000", "10")), D(0)) == 10000


def test_a_break_even_price_that_is_not_there_has_its_reason() -> None:
    held = position("1", "100", "10")
    answer = evaluate(Account((held,), None), venue({"ETH": table([("0", "25")])}))
    found = with_break_even(answer, D("0.001"), D(-101), 0)
    assert found.positions[0].break_even_price is None
    (notice,) = [one for one in found.notices if one.code == "no_break_even_price"]
    assert notice.asset == "ETH"
    other = with_break_even(answer, D("0.001"), D(-101), None)
    assert (
        other.positions[0].break_even_price
        == with_break_even(answer, D("0.001")).positions[0].break_even_price
    )


def hourly(held: Holding, rate: Fraction, hours: int) -> Holding:
    """Pay funding hour by hour at a standing mark."""
    worth = held.worth
    for _ in range(hours):
        worth -= held.side * held.notional * rate
    return replace(held, margin=None, equity=worth)


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.name)
def test_funding_of_an_isolated_position_is_the_oracles_hour_by_hour(market: Market) -> None:
    somewhere = venue({market.name: market.core})
    for rng, one in drawn(market, 12):
        rate, hours = D(rng.randint(-500, 500) or 1) / 1_000_000, rng.randint(1, 60)
        account = Account((one.position,), D(1000))
        result = what_if(account, somewhere, 0, [PayFunding(rate, D(hours))])
        paid = hourly(one.holding, Fraction(rate), hours)
        expected = hyperliquid_isolated(paid, market.oracle, available=Fraction(1000))
        assert differences(result.after.positions[0], expected) == [], one
        assert Fraction(result.funding_paid) == one.holding.worth - paid.worth
        assert result.cash == 1000
        assert result.allowed is not expected["liquidatable"]
        assert result.liquidated_after == (1 if expected["liquidatable"] else None)


@pytest.mark.parametrize("size", ["10", "-10"])
@pytest.mark.parametrize("rate", ["0.0001", "-0.0001"])
def test_a_long_pays_what_a_short_receives(size: str, rate: str) -> None:
    held = position(size, "2500", "10", "2400")
    payment = funding_payment(held, D(rate), D(8))
    pays = (D(size) > 0) == (D(rate) > 0)
    assert payment == (D("19.2") if pays else D("-19.2"))


def test_funding_of_a_cross_position_comes_out_of_the_cash_and_may_liquidate_all() -> None:
    on = venue({"ETH": table([("0", "25")]), "BTC": table([("0", "40")])})
    held = (
        position("10", "2500", "10", cross=True),
        position("-1", "50000", "20", asset="BTC", cross=True),
    )
    # 2000 of value, 500 + 625 of maintenance: 875 to spare, 25 an hour
    account = Account(held, D(2000))
    lasts = what_if(account, on, 0, [PayFunding(D("0.001"), D(35))])
    assert lasts.cash == 2000 - 875
    assert lasts.allowed is True
    gone = what_if(account, on, 0, [PayFunding(D("0.001"), D("35.01"))])
    assert gone.allowed is False
    assert gone.liquidated_after == 1
    solution = solve(account, on, 0, Goal(Target.FUNDING_RATE, D("0.001")))
    assert solution.answer == solution.rounded == 35
    assert solution.after is not None
    assert solution.after.cross is not None
    assert solution.after.cross.account_value == solution.after.cross.maintenance_margin


def test_funding_is_paid_on_the_mark_and_the_size_of_then() -> None:
    on = venue({"ETH": table([("0", "25")])})
    held = position("10", "2500", "10")
    result = what_if(
        Account((held,), None), on, 0, [PayFunding(D("0.001"), D(2)), MoveMark(mark=D(2600))]
    )
    assert result.funding_paid == 10 * 2600 * D("0.001") * 2


@pytest.mark.parametrize("fee", ["0", "0.0006"])
@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.name)
def test_the_hours_until_liquidation_are_where_paying_hour_by_hour_ends(
    market: Market, fee: str
) -> None:
    trado = fee != "0"
    rules = Trado(D(fee)) if trado else Hyperliquid()
    somewhere = venue({market.name: market.core}, rules)
    solved = 0
    for rng, one in drawn(market, 13):
        held = one.holding
        rate = D(rng.randint(-900, 900) or 1) / 100_000
        account = Account((one.position,), None)
        solution = solve(account, somewhere, 0, Goal(Target.FUNDING_RATE, rate))
        kept = market.oracle.maintenance(held.notional) + Fraction(fee) * held.notional

        def dead(
            hours: int, held: Holding = held, kept: Fraction = kept, rate: Decimal = rate
        ) -> bool:
            worth = hourly(held, Fraction(rate), hours).worth
            return worth <= kept if trado else worth < kept

        assert solution.means is Variable.HOURS
        if held.side * rate <= 0:
            assert (solution.answer, solution.why) == (None, Obstacle.RECEIVES)
            continue
        assert solution.answer is not None
        assert solution.rounded is not None
        if dead(0):
            assert solution.answer == 0
            continue
        solved += 1
        whole = int(solution.rounded)
        if whole < 5000:
            assert not dead(whole)
            assert dead(whole + 1)
        assert solution.answer == (held.worth - kept) / abs(held.notional * Fraction(rate))
        price = solution.reached
        if price is not None:
            assert near(price, held.mark)
    assert solved


def test_hours_of_a_liquidatable_position_are_none_left() -> None:
    held = position("10", "2500", "10", "2200")
    on = venue({"ETH": table([("0", "25")])})
    solution = solve(Account((held,), None), on, 0, Goal(Target.FUNDING_RATE, D("0.001")))
    assert solution.answer == solution.rounded == 0
    assert not solution.exclusive


def opened(side: int, entry: Decimal, leverage: str, margin: str | None = None) -> Position:
    tiny = "0.000000000000000000000000000001"
    return position(tiny if side > 0 else f"-{tiny}", f"{entry:f}", leverage, margin=margin)


def lots(decimals: int | None) -> Venue:
    return venue(ETH, size_decimals=decimals)


@pytest.mark.parametrize("seed", range(60))
def test_a_size_from_risk_loses_no_more_and_one_step_more_would(seed: int) -> None:
    rng = dice(100 + seed)
    side = rng.choice([1, -1])
    entry = D(rng.randint(100, 10**6)) / 100
    stop = entry * (1 - side * D(rng.randint(5, 300)) / 1000)
    fee, risk = D(rng.randint(0, 90)) / 100_000, D(rng.randint(1, 10**5))
    leverage = str(rng.randint(1, 25))
    on, goal = lots(4), Goal(Target.RISK, risk, stop, fee)
    held = opened(side, entry, leverage)
    assert objection(held, goal) is None
    solution = solve(Account((held,), None), on, 0, goal, opening=True)

    def loss(size: Fraction) -> Fraction:
        one = Holding(side, size, Fraction(entry), Fraction(entry), Fraction(leverage))
        return -profit(one, Fraction(stop), Fraction(fee), Fraction(0))

    step = Fraction(1, 10**4)
    if not solution.possible:
        assert solution.why is Obstacle.BELOW_A_LOT
        assert loss(step) > risk
        return
    assert solution.answer is not None
    assert solution.rounded is not None
    assert loss(solution.answer) == risk
    size = Fraction(solution.rounded)
    assert loss(size) <= risk < loss(size + step)
    assert near(solution.reached, loss(size))
    # which comes first, by the oracle's liquidation price, and that the margin just prevents it
    after = Holding(side, size, Fraction(entry), Fraction(entry), Fraction(leverage))

    def liquidation(more: Fraction) -> Fraction | None:
        worth = after.worth + more
        return price_where(after, ETH_TABLE, worth, share=ONE, others=Fraction(0), fee=0)

    def stop_first(more: Fraction) -> bool:
        price = liquidation(more)
        return price is None or side * (Fraction(stop) - price) > 0

    needed = solution.margin_for_stop
    assert needed is not None
    assert stop_first(Fraction(needed))
    assert bool(needed) != stop_first(Fraction(0))
    if needed:
        assert not stop_first(Fraction(needed) - Fraction(1, 10**6))


def test_a_size_from_risk_keeps_within_the_tiers_and_the_money() -> None:
    on = lots(2)
    goal = Goal(Target.RISK, D(10**7), D(2400))
    by_tier = solve(Account((opened(1, D(2500), "25"),), None), on, 0, goal, opening=True)
    # below 100,000,000 / 2500, as at that notional 25x is no longer allowed
    assert (by_tier.limit, by_tier.rounded) == ("tier_leverage", D("39999.99"))
    by_margin = solve(
        Account((opened(1, D(2500), "10", margin="1000"),), None), on, 0, goal, opening=True
    )
    assert (by_margin.limit, by_margin.rounded) == ("margin", D(4))
    by_cash = solve(Account((opened(1, D(2500), "10"),), D(1000)), on, 0, goal, opening=True)
    assert (by_cash.limit, by_cash.rounded, by_cash.cash) == ("margin", D(4), D(0))
    too_high = solve(Account((opened(1, D(2500), "50"),), None), on, 0, goal, opening=True)
    assert (too_high.possible, too_high.why) == (False, Obstacle.TIER_LEVERAGE)
    nothing = solve(Account((opened(1, D(2500), "10"),), D(0)), on, 0, goal, opening=True)
    assert (nothing.possible, nothing.why, nothing.limit) == (
        False,
        Obstacle.NOTHING_TO_USE,
        "margin",
    )


@pytest.mark.parametrize(
    ("margin", "needed"),
    [("147.999999", "0.000002"), ("148", "0.000001"), ("148.000001", "0"), ("149", "0")],
)
def test_a_liquidation_at_the_stop_itself_comes_too_soon(margin: str, needed: str) -> None:
    # 1 at 2,500 that loses 100 by 2,400 must keep 0.02 · 2,400 there: liquidated at 2,400 with 148
    held = opened(1, D(2500), "20", margin=margin)
    on = venue({"ETH": table([("0", "25")])})
    solution = solve(Account((held,)), on, 0, Goal(Target.RISK, D(100), D(2400)), opening=True)
    assert (solution.rounded, solution.margin_for_stop) == (D(1), D(needed))


def test_which_comes_first_is_not_known_where_the_tiers_end_before_the_stop() -> None:
    ends = venue({"ETH": table([("0", "25")], upper="10000")})
    goal = Goal(Target.RISK, D(4000), D(3500))
    solution = solve(Account((opened(-1, D(2500), "10"),), None), ends, 0, goal, opening=True)
    assert solution.possible
    assert solution.margin_for_stop is None


def test_a_stop_that_loses_nothing_is_no_stop() -> None:
    held = position("1", "2300", "10", "2500")
    assert "below the entry" in str(objection(held, Goal(Target.RISK, D(1), D(2400))))
    assert "below its mark" in str(objection(held, Goal(Target.RISK, D(1), D(2600))))


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.name)
def test_the_most_with_a_cushion_is_what_both_marks_allow(market: Market) -> None:
    somewhere = venue({market.name: market.core})
    step, seen = D("0.000001"), 0
    for rng, one in drawn(market, 14):
        cushion = D(rng.randint(1, 400)) / 1000
        held = one.holding
        moved = replace(
            held,
            mark=held.mark * (1 - held.side * Fraction(cushion)),
            margin=held.worth - held.pnl,
            equity=None,
        )
        if not market.oracle.reaches(moved.notional):
            continue
        allowed = []
        for at in (held, moved):
            removable = hyperliquid_isolated(at, market.oracle)["max_removable"]
            assert isinstance(removable, Fraction)
            allowed.append(removable)
        most = min(allowed)
        account = Account((one.position,), None)
        change = change_margin(account, somewhere, Action.REMOVE, 0, None, cushion)
        assert change.amount == most // Fraction(step) * step
        assert change.allowed == (change.amount > 0)
        more = change_margin(account, somewhere, Action.REMOVE, 0, change.amount + step, cushion)
        assert more.allowed is False
        seen += most > 0
    assert seen


def test_a_cushion_of_an_account_that_is_an_excerpt_is_not_known() -> None:
    account = Account((position("10", "2000", "10", cross=True),), D(20000), excerpt=True)
    assert cushion_objection(account, None, D("0.1")) == (
        "the account holds more than the positions listed, so their common move is unknown"
    )
    # the move of one mark is known, whatever else there is
    assert cushion_objection(account, 0, D("0.1")) is None


def test_a_cushion_of_a_whole_price_is_none_for_a_long() -> None:
    long = position("10", "2000", "10", cross=True)
    short = position("-1", "50000", "10", asset="BTC", cross=True)
    both = Account((long, short), D(20000))
    # only what is asked for counts: the short, which may be moved against without end
    assert cushion_objection(both, 1, D(1)) is None
    for index in (0, None):
        assert "cannot fall by 100%" in str(cushion_objection(both, index, D(1)))
        assert cushion_objection(both, index, D("0.999")) is None
    assert cushion_objection(Account((short,), D(20000)), None, D(3)) is None


def test_a_cushion_of_a_cross_account_moves_every_mark_against_its_position() -> None:
    on = venue({"ETH": table([("0", "25")]), "BTC": table([("0", "40")])})
    held = (
        position("10", "2000", "10", cross=True),
        position("-1", "50000", "10", asset="BTC", cross=True),
    )
    account = Account(held, D(20000))
    # 10 % against both: 2000 and 5000 lost, notionals of 18,000 and 55,000 at 10x
    change = change_margin(account, on, Action.REMOVE, None, None, D("0.1"))
    assert change.amount == 20000 - 7000 - 7300
    # only one mark moves where one position is meant: 18,000 and 50,000
    one = change_margin(account, on, Action.REMOVE, 0, None, D("0.1"))
    assert one.amount == 20000 - 2000 - 6800
    assert held[0].margin_mode is MarginMode.CROSS
