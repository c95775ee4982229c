"""Binance's rules, and recorded positions to their published digits."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from marginctl import InputError, new_position
from marginctl.core.account import Account
from marginctl.core.account_sweep import sweep_account
from marginctl.core.changes import Action, change_margin
from marginctl.core.evaluation import evaluate
from marginctl.core.goals import Goal, Obstacle, Target
from marginctl.core.position import AssetMode
from marginctl.core.solve import solve
from marginctl.core.sweep import EventKind, Over, Range, sweep_position
from marginctl.venues.binance import Binance
from tests.building import Rows, position, report, table, venue

RULES = Binance()
FLAT: Rows = [("0", "20", "1/250")]
BTC: Rows = [("0", "125", "0.004"), ("50000", "100", "0.005"), ("250000", "50", "0.01")]


@pytest.mark.parametrize(
    ("size", "entry", "wallet", "rows", "price"),
    [
        # positionRisk of a public repository (ccxt, its tests of positions); W = isolatedWallet
        ("-32", "0.16395", "0.88304001", [("0", "50", "0.005")], "0.19059204"),
        ("-0.010", "2468.49", "4.92463755", [("0", "50", "0.004")], "2949.15712649"),
        # the answer in Binance's own documentation: its isolatedMargin, 15517.54150468, has the
        # PnL of 2316.83423560 in it
        ("20", "6563.665", "13200.70726908", BTC, "5930.78"),
    ],
)
def test_recorded_liquidation_prices_to_the_published_digits(
    size: str, entry: str, wallet: str, rows: Rows, price: str
) -> None:
    figures = report(position(size, entry, "10", margin=wallet), rows, rules=RULES)
    assert figures.liquidation_price is not None
    expected = Decimal(price)
    assert figures.liquidation_price.quantize(expected) == expected


def test_an_equity_gives_the_same_price_as_its_wallet() -> None:
    held = position("20", "6563.665", "10", "6679.50671178", equity="15517.54150468")
    figures = report(held, BTC, rules=RULES)
    assert figures.unrealized_pnl == Decimal("2316.8342356")
    assert figures.margin == Decimal("13200.70726908")
    assert figures.liquidation_price is not None
    assert figures.liquidation_price.quantize(Decimal("0.01")) == Decimal("5930.78")


@pytest.mark.parametrize(
    ("sentence", "mark", "removable", "limit"),
    [
        # W = 7000; min(7000 - 0.004 · mark, 7000 + PnL - mark / 10)
        ("without profit", "60000", "1000", "initial_margin"),
        ("profit helps up to here", "66000", "6400", "initial_margin"),
        ("and then stays", "70000", "6720", "profit_stays"),
        ("all of it", "100000", "6600", "profit_stays"),
        ("a loss", "58000", "0", "initial_margin"),
    ],
)
def test_profit_stays(sentence: str, mark: str, removable: str, limit: str) -> None:
    figures = report(position("1", "60000", "10", mark, margin="7000"), FLAT, rules=RULES)
    assert figures.max_removable == Decimal(removable), sentence
    assert figures.binding_limit == limit, sentence
    assert figures.max_removable_exclusive is False


def test_profit_stays_in_the_cross_wallet() -> None:
    held = position("1", "60000", "10", "70000", cross=True)
    somewhere = venue({"ETH": table(FLAT)}, RULES)
    cross = evaluate(Account((held,), Decimal(7000)), somewhere).cross
    assert cross is not None
    # the wallet less 280 is below the equity less 7,000
    assert cross.max_removable == 6720
    assert cross.binding_limit == "profit_stays"
    assert cross.transfer_margin_required == 10280


def test_removal_opens_and_closes_where_the_moved_profit_says() -> None:
    held = position("1", "60000", "10", "62000", margin="7000")
    somewhere = venue({"ETH": table(FLAT)}, RULES)
    span = Range(Decimal(50000), Decimal(70000), 4)
    sweep = sweep_position(Account((held,)), somewhere, 0, Over.MARK, span)
    opens = [event.at for event in sweep.events if event.kind is EventKind.REMOVAL_OPENS]
    # 7000 + x - 60000 = x/10, and 7000 = 0.004 · x
    assert opens == [Fraction(53000 * 10, 9), Fraction(1_750_000)]
    assert round(float(opens[0]), 2) == 58888.89


def test_the_mark_that_makes_an_amount_removable_has_an_end_too() -> None:
    account = Account((position("1", "60000", "10", margin="7000"),))
    somewhere = venue({"ETH": table(FLAT)}, RULES)
    found = solve(account, somewhere, 0, Goal(Target.REMOVABLE, Decimal(6720)))
    # 7000 + x - 60000 - x/10 = 6720, and 7000 - 0.004 · x = 6720
    assert (found.answer, found.until) == (Fraction(59720 * 10, 9), Fraction(70000))
    never = solve(account, somewhere, 0, Goal(Target.REMOVABLE, Decimal(6800)))
    assert (never.possible, never.why) == (False, Obstacle.NEVER)
    # the two lines meet where 0.9 · x - 53000 = 7000 - 0.004 · x
    assert never.nearest is not None
    best = 7000 - Fraction(4, 1000) * 60000 / Fraction(904, 1000)
    assert 0 <= best - Fraction(never.nearest) < Fraction(1, 10**40)


def test_a_short_keeps_its_profit_too() -> None:
    account = Account((position("-1", "60000", "10", "40000", margin="7000"),))
    somewhere = venue({"ETH": table(FLAT)}, RULES)
    assert evaluate(account, somewhere).positions[0].max_removable == 7000 - 160
    found = solve(account, somewhere, 0, Goal(Target.REMOVABLE, Decimal(6840)))
    assert found.answer == 40000
    assert found.downward


def test_a_removal_up_to_the_limit_is_allowed_and_no_step_more() -> None:
    account = Account((position("1", "60000", "10", "70000", margin="7000"),))
    somewhere = venue({"ETH": table(FLAT)}, RULES)
    assert change_margin(account, somewhere, Action.REMOVE, 0, Decimal(6720)).allowed is True
    more = Decimal(6720) + RULES.amount_step
    assert change_margin(account, somewhere, Action.REMOVE, 0, more).allowed is False


def test_additions_come_out_of_what_the_cross_wallet_can_give() -> None:
    held = position("1", "60000", "10")
    figures = report(held, FLAT, rules=RULES, cash="250")
    assert figures.max_addable == 250
    assert figures.addition_limit == "cross_account"


def test_nothing_goes_where_a_tier_file_makes_an_asset_strict() -> None:
    held = position("1", "60000", "10")
    figures = report(held, FLAT, rules=RULES, mode=AssetMode.STRICT)
    assert figures.max_removable == 0
    assert figures.binding_limit == "strict_isolated"


MARKS: Rows = [("0", "5", "0.1")]


@pytest.mark.parametrize(
    ("wanted", "mark"),
    [
        # 60 + x - 120 of equity less x/2 rises to where 60 of the wallet less x/10 falls to it
        ("40", Fraction(200)),
        ("40.000001", None),
    ],
)
def test_the_most_that_can_ever_be_removed_is_at_one_mark(
    wanted: str, mark: Fraction | None
) -> None:
    account = Account((position("1", "120", "2", "120", margin="60"),))
    somewhere = venue({"ETH": table(MARKS)}, RULES)
    found = solve(account, somewhere, 0, Goal(Target.REMOVABLE, Decimal(wanted)))
    assert found.possible is (mark is not None)
    assert found.answer == mark


def test_a_long_at_1x_can_give_margin_back_up_to_where_maintenance_takes_it() -> None:
    # 150 of the wallet less 100 at any mark, and less 0.01 of the mark, which is more from 10,000
    account = Account((position("1", "100", "1", "20000", margin="150"),))
    somewhere = venue({"ETH": table([("0", "50", "0.01")])}, RULES)
    found = solve(account, somewhere, 0, Goal(Target.REMOVABLE, Decimal(50)))
    assert (found.possible, found.answer) == (True, Fraction(10_000))


def test_only_whole_leverages_can_be_chosen() -> None:
    # "leverage: target initial leverage: int from 1 to 125" in Binance's documentation
    somewhere = venue({"ETH": table(BTC)}, RULES)
    sizes: dict[str, Any] = {"asset": "ETH", "size": 1, "entry_price": 100}
    assert new_position(somewhere, leverage=2, **sizes).leverage == 2
    with pytest.raises(InputError, match="whole leverages"):
        new_position(somewhere, leverage="2.5", **sizes)


def test_a_sweep_of_the_account_never_counts_profit_as_removable() -> None:
    # 2,000 of cash less 0.005 · 61,000 - 50 of maintenance; 1,000 of profit stays
    held = position("1", "60000", "50", "61000", cross=True)
    somewhere = venue({"ETH": table(BTC)}, RULES)
    account = Account((held,), Decimal(2000))
    report_now = evaluate(account, somewhere).cross
    assert report_now is not None
    assert report_now.max_removable == 2000 - 255
    sweep = sweep_account(account, somewhere, Range(Decimal("-0.01"), Decimal("0.01"), 2))
    removable = {point.at: point.cross.max_removable for point in sweep.points if point.cross}
    assert removable[Decimal(0)] == 2000 - 255
    # at 61,610 maintenance is 258.05
    assert removable[Decimal("0.01")] == 2000 - Decimal("258.05")


def test_a_cross_wallet_takes_money_from_outside_without_a_limit() -> None:
    account = Account((position("1", "60000", "50", "61000", cross=True),), Decimal(2000))
    added = change_margin(account, venue({"ETH": table(BTC)}, RULES), Action.ADD, None, Decimal(5))
    assert (added.allowed, added.limit.known) == (True, True)
