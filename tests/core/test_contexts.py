"""What core computes hangs on no decimal context of who calls it, function by function."""

from collections.abc import Callable
from decimal import ROUND_UP, Context, Decimal, localcontext
from fractions import Fraction

import pytest

from marginctl.core.account import Account, cross_state
from marginctl.core.agreement import (
    compare_range,
    compare_value,
    missing_equity,
    withdrawable_notices,
)
from marginctl.core.backing import backing_of, backings, own_backing
from marginctl.core.evaluation import evaluate
from marginctl.core.explanation import explain_cross, explain_positions
from marginctl.core.goals import Goal, Target
from marginctl.core.path import Line, MarginPath, account_path
from marginctl.core.position import Asset, MarginMode, Position, Side
from marginctl.core.rules import Venue
from marginctl.core.solve import objection, solve
from marginctl.core.tiers import TierSpec, TierTable
from marginctl.venues.hyperliquid import Hyperliquid

D = Decimal
ROUNDS = Context(prec=3, rounding=ROUND_UP, traps=[])
TABLE = TierTable.build([TierSpec(D(0), D(25)), TierSpec(D("1234567.89"), D(15))])
VENUE = Venue("venue", Hyperliquid(), "USDC", {name: Asset(name, TABLE) for name in ("A", "B")})


def held(asset: str, mode: MarginMode, size: str) -> Position:
    return Position.at_prices(
        asset,
        Side.LONG,
        D(size),
        D("2500.12345"),
        D(7),
        mark_price=D("2412.34567"),
        margin_mode=mode,
    )


ACCOUNT = Account(
    (
        held("A", MarginMode.CROSS, "12.345678"),
        held("B", MarginMode.CROSS, "1.2345678"),
        held("A", MarginMode.ISOLATED, "3.4567891"),
    ),
    D("123456.789012"),
)
REPORT = evaluate(ACCOUNT, VENUE)
BACKINGS = backings(ACCOUNT, VENUE)
PRICE = Fraction(D("1234.56789"))
ONE, OTHER = Line(D("123.456789"), D("98765.4321")), Line(D("1.23456789"), D("0.123456789"))
STOP = Goal(Target.STOP, D("1234.56789"))


def path() -> MarginPath:
    state = cross_state(ACCOUNT, [VENUE.assets[one.asset] for one in ACCOUNT.positions])
    assert state is not None
    return account_path(state, fee_rate=D("0.00045"))


QUESTIONS: dict[str, Callable[[], object]] = {
    "evaluate": lambda: evaluate(ACCOUNT, VENUE),
    "backings": lambda: backings(ACCOUNT, VENUE),
    "backing_of, cross": lambda: backing_of(ACCOUNT, VENUE, 0),
    "backing_of, isolated": lambda: backing_of(ACCOUNT, VENUE, 2),
    "own_backing": lambda: own_backing(ACCOUNT, VENUE, 2),
    "totals": lambda: [one.totals() for one in BACKINGS],
    "removable": lambda: [one.removable() for one in BACKINGS],
    "kept_at_mark": lambda: [one.kept_at_mark() for one in BACKINGS],
    "equity_at": lambda: [one.equity_at(PRICE) for one in BACKINGS],
    "equity_to_outlast": lambda: [one.equity_to_outlast(PRICE) for one in BACKINGS],
    "explain_positions": lambda: explain_positions(ACCOUNT, VENUE, REPORT, (0, 2)),
    "explain_cross": lambda: explain_cross(ACCOUNT, VENUE, REPORT),
    "missing_equity": lambda: [
        missing_equity(one, TABLE, D("1234.56789")) for one in REPORT.positions
    ],
    "compare_value": lambda: compare_value(D("1.23456"), D("1.23455"), D("0.00001")),
    "compare_range": lambda: [
        compare_range(D("1.23456"), D("1.3"), None),
        compare_range(D("1.23456"), None, D("0.12345")),
    ],
    "withdrawable_notices": lambda: (
        None if REPORT.cross is None else withdrawable_notices(REPORT.cross, D("234567.891"))
    ),
    "at": lambda: ONE.at(Fraction(12345, 678)),
    "less": lambda: ONE.less(OTHER),
    "plus": lambda: ONE.plus(OTHER),
    "times": lambda: ONE.times(D("1.23456")),
    "account_path": path,
    "spare_at": lambda: path().spare_at(Fraction(-123, 4567)),
    "with_more, terminating": lambda: path().with_more(Fraction("123.456789")),
    "with_more": lambda: path().with_more(Fraction(12345, 678)),
    "objection": lambda: objection(ACCOUNT.positions[2], STOP),
    "solve": lambda: solve(ACCOUNT, VENUE, 2, STOP),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_context_that_rounds_changes_no_answer(question: Callable[[], object]) -> None:
    expected = question()
    with localcontext(ROUNDS):
        answer = question()
    assert answer == expected
