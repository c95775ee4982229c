"""Venues of which little more than the tiers is known: tiered, Bybit, Lighter."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.account import Account
from marginctl.core.changes import Action, MarginChange, change_margin
from marginctl.core.evaluation import evaluate
from marginctl.core.explanation import explain_cross, explain_positions
from marginctl.core.goals import Goal, Obstacle, Target
from marginctl.core.position import AssetMode, Position
from marginctl.core.rules import Rules
from marginctl.core.solve import solve
from marginctl.venues import VENUE_RULES as BY_NAME
from marginctl.venues.bybit import Bybit
from marginctl.venues.lighter import Lighter
from marginctl.venues.tiered import Tiered
from tests.building import Rows, position, report, table, venue

ROWS: Rows = [("0", "62.5", "0.005"), ("50000", "62.5", "0.01"), ("250000", "20", "0.025")]
UNKNOWN = [rules for rules in (make() for make in BY_NAME.values()) if not rules.limits_transfers]
FEE = Decimal("0.0005")


@pytest.mark.parametrize("rules", UNKNOWN, ids=lambda rules: rules.name)
def test_what_the_rules_do_not_say_is_null_with_that_reason(rules: Rules) -> None:
    account = Account((position("1", "60000", "12.5", "61000"),), Decimal(5000))
    somewhere = venue({"ETH": table(ROWS)}, rules)
    answer = evaluate(account, somewhere)
    figures, cross = answer.positions[0], answer.cross
    assert cross is not None
    for found in (figures, cross):
        assert found.max_removable is None
        assert found.transfer_margin_required is None
        assert found.shortfall is None
        assert found.binding_limit is None
    assert (figures.max_addable, figures.addition_limit) == (None, None)
    reasons = {(notice.code, notice.asset) for notice in answer.notices}
    assert {("limits_unknown", "ETH"), ("limits_unknown", None)} <= reasons
    assert "partial_liquidation" not in {code for code, _ in reasons}
    steps = explain_positions(account, somewhere, answer, [0])[0]
    steps += explain_cross(account, somewhere, answer)
    names = {step.field for step in steps}
    assert not names & {"transfer_margin_required", "max_removable", "loss_before_liquidation"}


@pytest.mark.parametrize("rules", UNKNOWN, ids=lambda rules: rules.name)
@pytest.mark.parametrize("cross", [False, True])
@pytest.mark.parametrize("action", Action)
def test_a_change_is_shown_and_only_refused_where_it_liquidates(
    rules: Rules, cross: bool, action: Action
) -> None:
    held = position("1", "60000", "12.5", "61000", margin=None if cross else "4800", cross=cross)
    account = Account((held,), Decimal(4800) if cross else None)
    somewhere = venue({"ETH": table(ROWS)}, rules)
    # equity is 5,800, and 0.01 · 61,000 - 250 = 360 are kept
    small = change_margin(account, somewhere, action, 0, Decimal(5440))
    assert small.allowed is None
    assert (small.limit.amount, small.limit.known) == (None, False)
    if action is Action.REMOVE:
        large = change_margin(account, somewhere, action, 0, Decimal("5440.000001"))
        assert large.allowed is False
        assert large.limit.name == "maintenance_margin"
        with pytest.raises(ValueError, match="nothing known limits"):
            change_margin(account, somewhere, action, 0, None)


@pytest.mark.parametrize("rules", UNKNOWN, ids=lambda rules: rules.name)
def test_a_change_with_a_cushion_is_only_refused_where_it_liquidates_after_the_move(
    rules: Rules,
) -> None:
    held = position("1", "60000", "12.5", "61000", margin="4800")
    somewhere = venue({"ETH": table(ROWS)}, rules)
    # 5 % lower, at 57,950, equity is 2,750, and 0.01 · 57,950 - 250 = 329.5 are kept

    def removed(amount: str) -> MarginChange:
        cushion = Decimal("0.05")
        return change_margin(
            Account((held,)), somewhere, Action.REMOVE, 0, Decimal(amount), cushion
        )

    assert removed("2420.5").allowed is None
    refused = removed("2420.500001")
    assert (refused.allowed, refused.limit.name) == (False, "maintenance_margin")


def test_strict_isolated_is_the_tier_files_own_word() -> None:
    figures = report(position("1", "60000", "10"), ROWS, rules=Tiered(), mode=AssetMode.STRICT)
    assert figures.max_removable == 0
    assert figures.binding_limit == "strict_isolated"


def test_a_wish_that_liquidates_is_had_as_nearly_as_can_be() -> None:
    account = Account((position("1", "60000", "12.5", "61000"),))
    somewhere = venue({"ETH": table(ROWS)}, Tiered())
    goal = Goal(Target.EFFECTIVE_LEVERAGE, Decimal(300))
    found = solve(account, somewhere, 0, goal)
    assert (found.possible, found.why, found.limit_known) == (False, Obstacle.BEYOND_MARK, False)
    # as much as leaves just the 360 that are kept
    assert found.answer == -5440
    fine = solve(account, somewhere, 0, Goal(Target.EFFECTIVE_LEVERAGE, Decimal(20)))
    assert fine.answer == 3050 - 5800
    assert fine.possible
    assert not fine.limit_known
    with pytest.raises(ValueError, match="is not known"):
        solve(account, somewhere, 0, Goal(Target.REMOVABLE, Decimal(1)))


@pytest.mark.parametrize("rules", UNKNOWN, ids=lambda rules: rules.name)
@pytest.mark.parametrize(
    ("target", "value", "answer"),
    [
        # maintenance at 50,000 is 0.005 · 50,000, so the equity there must be 250
        (Target.LIQUIDATION_PRICE, "50000", "5450"),
        (Target.STOP, "50000", "5450"),
        # 61,000 / 6.1 is 10,000, and the equity is 5,800
        (Target.EFFECTIVE_LEVERAGE, "6.1", "4200"),
        # 61,000 less a half is 30,500, of which 152.5 is kept
        (Target.DISTANCE, "0.5", "24852.5"),
    ],
)
def test_margin_can_be_added_where_no_limit_is_known(
    rules: Rules, target: Target, value: str, answer: str
) -> None:
    held = position("1", "60000", "12.5", "61000")
    rows = ROWS if rules.max_tiers("ETH") is None else ROWS[:1]
    somewhere = venue({"ETH": table(rows)}, rules)
    found = solve(Account((held,)), somewhere, 0, Goal(target, Decimal(value)))
    assert (found.answer, found.possible, found.why) == (Fraction(answer), True, None)
    assert not found.limit_known


def moved(held: Position, to: Decimal) -> Position:
    return held._replace(mark_price=to, notional=held.size * to)


def test_a_closing_fee_counts_in_cross_totals() -> None:
    held = (
        position("1", "60000", "12.5", cross=True),
        position("-10", "2000", "10", asset="SOL", cross=True),
    )
    somewhere = venue({"ETH": table(ROWS), "SOL": table(ROWS)}, Tiered(FEE))
    # kept: 350 and 100, and 0.0005 · 80,000 to close
    edge, below = Decimal(490), Decimal("489.999999")
    at_the_edge = evaluate(Account(held, edge), somewhere).cross
    assert at_the_edge is not None
    assert at_the_edge.closing_fee == 40
    assert not at_the_edge.liquidatable
    fallen = evaluate(Account(held, below), somewhere)
    assert fallen.cross is not None
    assert fallen.cross.liquidatable
    assert all(figures.liquidatable for figures in fallen.positions)
    # at the edge the mark is every liquidation price, and no move is left
    answer = evaluate(Account(held, edge), somewhere)
    assert [figures.liquidation_price for figures in answer.positions] == [60000, 2000]
    assert answer.cross is not None
    assert answer.cross.liquidating_move is not None
    assert answer.cross.liquidating_move.down == 0


def test_the_closing_fees_of_others_count_in_a_price_and_in_its_inverse() -> None:
    held = (
        position("1", "60000", "12.5", cross=True),
        position("-10", "2000", "10", asset="SOL", cross=True),
    )
    account = Account(held, Decimal(9000))
    somewhere = venue({"ETH": table(ROWS), "SOL": table(ROWS)}, Tiered(FEE))
    price = evaluate(account, somewhere).positions[0].liquidation_price
    assert price is not None
    # 9000 + x - 60000 = 0.01 · x - 250 + 100 + 0.0005 · (x + 20000)
    assert Fraction(price) == pytest.approx(Fraction(50860) / Fraction(9895, 10000), abs=1e-40)
    gone, safe = (
        evaluate(account._replace(positions=(moved(held[0], to), held[1])), somewhere).cross
        for to in (price - Decimal("1e-20"), price + Decimal("1e-20"))
    )
    assert gone is not None
    assert safe is not None
    assert (gone.liquidatable, safe.liquidatable) == (True, False)
    goal = Goal(Target.LIQUIDATION_PRICE, Decimal(52000))
    found = solve(account, somewhere, 0, goal)
    assert found.reached == 52000


def test_bybits_example_of_2026() -> None:
    """1 BTC at 40,000 and 50x, 3,000 more margin at a taker fee of 0.055 %, rate 0.5 %.

    Source: Bybit help centre, liquidation price of USDT contracts.
    """
    margin = 800 + 3000 / (1 - Decimal("0.00055"))
    held = position("1", "40000", "50", margin=str(margin))
    found = report(held, [("0", "100", "0.005")], rules=Bybit())
    assert found.liquidation_price is not None
    assert found.liquidation_price.quantize(Decimal("0.01")) == Decimal("36380.25")


def test_lighter_closes_out_at_two_thirds_of_maintenance() -> None:
    held = position("10", "3000", "10")
    found = report(held, [("0", "50", "0.012")], rules=Lighter())
    # 3,000 + 10 · (x - 3,000) = share · 0.12 · x
    for price, expected in (
        (found.liquidation_price, Fraction(27000 * 100, 988)),
        (found.backstop_price, Fraction(27000 * 100, 992)),
    ):
        assert price is not None
        assert abs(Fraction(price) - expected) < Fraction(1, 10**40)
    assert Lighter().max_tiers("ETH") == 1


@pytest.mark.parametrize("name", sorted(set(BY_NAME) - {"hyperliquid", "trado"}))
def test_no_venue_speaks_for_another(name: str) -> None:
    rules = BY_NAME[name]()
    held = position("100", "60000", "20", "61000")
    answer = evaluate(Account((held,), Decimal(10**6)), venue({"ETH": table(ROWS)}, rules))
    told = " ".join(notice.message for notice in answer.notices)
    for word in ("vault", "would start with", "tenth", "hyperliquid", "limited to"):
        assert word not in told.casefold()
