"""Every step of an explanation, worked out again from its own formula."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.account import Account
from marginctl.core.costs import with_break_even
from marginctl.core.evaluation import evaluate
from marginctl.core.explanation import Step, explain_cross, explain_positions
from marginctl.core.position import AssetMode, Position
from marginctl.core.rules import Rules
from marginctl.venues.tiered import Tiered
from marginctl.venues.trado import Trado
from tests.building import DOGE, ETH, HYPERLIQUID, OF_TRADO, Rows, position, table, venue
from tests.comparing import worked_out

NEAR = Fraction(1, 10**40)


def steps_of(
    *held: Position,
    rows: Rows = ETH,
    rules: Rules = HYPERLIQUID,
    cash: str | None = None,
    mode: AssetMode = AssetMode.NORMAL,
    index: int = 0,
    fee_rate: Decimal | None = None,
) -> list[Step]:
    somewhere = venue({"ETH": table(rows)}, rules, mode)
    account = Account(held, None if cash is None else Decimal(cash))
    answer = evaluate(account, somewhere)
    if fee_rate is not None:
        answer = with_break_even(answer, fee_rate)
    return explain_positions(account, somewhere, answer, [index], fee_rate)[0]


def wrong(steps: list[Step]) -> list[str]:
    return [
        f"{step.field}: {step.formula}"
        for step in steps
        if step.result is None
        or abs(worked_out(step.formula, step.values) - Fraction(step.result))
        > NEAR * abs(Fraction(step.result))
    ]


LONG = position("10", "2500", "10", "2400")
CROSS = position("10", "2500", "10", "2400", cross=True)
RECORDED = LONG._replace(cost=Decimal("25000.01"), margin=Decimal(2500))


@pytest.mark.parametrize(
    ("sentence", "steps"),
    [
        ("a long", steps_of(LONG)),
        ("a short with odd leverage", steps_of(position("-7", "100", "3", "90"))),
        ("a stated margin", steps_of(position("10", "2500", "10", margin="2600.5"))),
        ("margin added since", steps_of(LONG._replace(added=Decimal(-5)))),
        ("many tiers", steps_of(position("25", "1000000", "3", "900000"), rows=DOGE)),
        ("trado", steps_of(position("1", "2500", "10"), rows=OF_TRADO, rules=Trado())),
        ("a fee", steps_of(LONG, fee_rate=Decimal("0.0005"))),
        ("a fee of a short", steps_of(position("-7", "100", "3"), fee_rate=Decimal("0.0005"))),
        ("a strict asset", steps_of(LONG, mode=AssetMode.STRICT)),
        ("a strict asset with margin to spare", steps_of(
            position("10", "2500", "10", equity="9000"), mode=AssetMode.STRICT)),
        ("a recorded cost", steps_of(RECORDED)),
        ("without equity", steps_of(position("10", "2500", "10", equity="-3"))),
        ("a cross position", steps_of(CROSS, cash="5000")),
        ("a cross one that pays to close, beside another", steps_of(
            CROSS, CROSS, cash="5000", rules=Tiered(Decimal("0.0005")))),
        ("a cross one among others", steps_of(LONG, CROSS, CROSS, cash="5000", index=2)),
    ],
)  # fmt: skip
def test_every_formula_gives_its_result(sentence: str, steps: list[Step]) -> None:
    assert steps, sentence
    assert wrong(steps) == [], sentence


def test_the_steps_of_a_long_are_in_the_order_of_its_report() -> None:
    fields = [step.field for step in steps_of(LONG)]
    assert list(dict.fromkeys(fields)) == [
        "notional",
        "cost",
        "unrealized_pnl",
        "return_on_equity",
        "margin",
        "equity",
        "effective_leverage",
        "margin_ratio",
        "initial_margin",
        "maintenance_margin",
        "liquidation_price",
        "liquidation_distance",
        "backstop_price",
        "bankruptcy_price",
        "transfer_margin_required",
        "max_removable",
        "loss_before_liquidation",
        "move_before_liquidation",
        "loss_before_backstop",
        "move_before_backstop",
    ]


def test_one_candidate_of_each_price_wins() -> None:
    steps = steps_of(position("25", "1000000", "3", "900000"), rows=DOGE)
    for field in ("liquidation_price", "backstop_price"):
        candidates = [step for step in steps if step.field == field]
        assert [step.tier for step in candidates] == [0, 1]
        assert [step.wins for step in candidates].count(True) == 1
        (winner,) = (step for step in candidates if step.wins)
        assert winner.result == max(step.result for step in candidates if step.result is not None)


def test_figures_that_are_missing_have_no_step() -> None:
    fields = {step.field for step in steps_of(position("10", "2500", "1", equity="0"))}
    assert not fields & {"effective_leverage", "margin_ratio"}
    fields = {step.field for step in steps_of(CROSS, cash="50000")}
    assert not fields & {"margin", "equity", "liquidation_distance", "max_removable"}


@pytest.mark.parametrize("cash", ["5000", "1000", "-3"])
def test_the_steps_of_the_cross_account_give_their_results(cash: str) -> None:
    somewhere = venue({"ETH": table(ETH)})
    account = Account((CROSS,), Decimal(cash))
    steps = explain_cross(account, somewhere, evaluate(account, somewhere))
    assert wrong(steps) == []
    ratio = {"margin_ratio"} if Decimal(cash) > 1000 else set()
    assert {step.field for step in steps} == ratio | {
        "account_value",
        "available",
        "transfer_margin_required",
        "max_removable",
    }


def test_the_steps_of_a_very_large_account_lose_no_digit() -> None:
    somewhere = venue({"ETH": table(ETH)})
    cash = Decimal("123456789012345678901234567890.123456")
    account = Account((CROSS,), cash)
    steps = explain_cross(account, somewhere, evaluate(account, somewhere))
    (value,) = (step for step in steps if step.field == "account_value")
    # 10 bought at 2,500 with a mark of 2,400
    assert value.values == {"cash": cash, "sum_of_unrealized_pnl": Decimal(-1000)}
    assert value.result == Decimal("123456789012345678901234566890.123456")


def test_what_it_costs_to_close_the_others_is_part_of_the_price() -> None:
    fee = Tiered(Decimal("0.0005"))
    steps = steps_of(CROSS, CROSS, cash="5000", rules=fee)
    (winner,) = (step for step in steps if step.field == "liquidation_price" and step.wins)
    # 5000 - 2000 + 10·(x - 2400) = 0.02·10·x + 480 + 0.0005·(10·x + 24000)
    assert winner.result is not None
    price = Fraction(21492) / Fraction("9.795")
    assert abs(Fraction(winner.result) - price) <= NEAR * price


def test_the_steps_of_a_fee_end_where_it_is_earned_back() -> None:
    steps = steps_of(LONG, fee_rate=Decimal("0.0005"))
    (step,) = (step for step in steps if step.field == "break_even_price")
    price = Fraction(25_000) * Fraction("1.0005") / (10 * Fraction("0.9995"))
    assert step.result is not None
    assert abs(Fraction(step.result) - price) <= NEAR * price


def test_what_resting_orders_hold_has_its_place_in_the_steps() -> None:
    somewhere = venue({"ETH": table(ETH)})
    account = Account((CROSS,), Decimal(5000), order_margin=Decimal(90))
    steps = explain_cross(account, somewhere, evaluate(account, somewhere))
    assert wrong(steps) == []
    # 4,000 of value, 2,400 of initial margin
    results = {step.field: step.result for step in steps}
    assert results["available"] == 4000 - 2400 - 90
    assert results["transfer_margin_required"] == 2400 + 90


def test_a_closing_fee_of_the_cross_account_has_its_step() -> None:
    somewhere = venue({"ETH": table(ETH)}, Tiered(Decimal("0.0005")))
    account = Account((CROSS,), Decimal(5000))
    steps = explain_cross(account, somewhere, evaluate(account, somewhere))
    assert wrong(steps) == []
    # 0.0005 of the 24,000
    assert {step.field: step.result for step in steps}["closing_fee"] == 12


def test_without_a_cross_account_there_is_nothing_to_explain() -> None:
    somewhere = venue({"ETH": table(ETH)})
    account = Account((LONG,))
    assert explain_cross(account, somewhere, evaluate(account, somewhere)) == []
