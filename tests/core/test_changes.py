"""What if margin is added or removed."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.account import Account, MissingCashError
from marginctl.core.changes import Action, Limit, MarginChange, change_margin
from marginctl.core.position import AssetMode, Position
from marginctl.core.rules import Rules
from marginctl.venues.trado import Trado
from tests.building import HYPERLIQUID, OF_TRADO, position, table, venue
from tests.comparing import same

STEP = Decimal("0.000001")


def change(
    action: Action,
    amount: str | None,
    *held: Position,
    cash: str | None = None,
    index: int | None = 0,
    rules: Rules | None = None,
    mode: AssetMode = AssetMode.NORMAL,
) -> MarginChange:
    rows = [("0", "25")] if rules is None else OF_TRADO
    tables = {one.asset: table(rows) for one in held}
    account = Account(held, None if cash is None else Decimal(cash))
    wanted = None if amount is None else Decimal(amount)
    somewhere = venue(tables, HYPERLIQUID if rules is None else rules, mode)
    return change_margin(account, somewhere, action, index, wanted)


@pytest.mark.parametrize(
    ("sentence", "limit", "amount", "allowed"),
    [
        ("nothing known limits it", Limit(None, None), "1e30", True),
        ("up to the limit", Limit(Decimal(5), "x"), "5", True),
        ("not above it", Limit(Decimal(5), "x"), "5.000001", False),
        ("not the limit itself", Limit(Decimal(5), "x", exclusive=True), "5", False),
        ("all below it", Limit(Decimal(5), "x", exclusive=True), "4.999999", True),
    ],
)
def test_a_limit_allows(sentence: str, limit: Limit, amount: str, allowed: bool) -> None:
    assert limit.allows(Decimal(amount)) is allowed, sentence


@pytest.mark.parametrize(
    ("sentence", "amount", "exclusive", "most"),
    [
        ("nothing known limits it", None, False, None),
        ("a limit on a step", "5", False, "5"),
        ("a limit between steps", "5.0000019", False, "5.000001"),
        ("one step less where the limit is just too much", "5", True, "4.999999"),
        ("down to the step where it is not on one", "5.0000019", True, "5.000001"),
        ("nothing of nothing", "0", False, "0"),
        ("never less than nothing", "0", True, "0"),
        ("a limit below a step", "0.0000009", False, "0"),
    ],
)
def test_the_most_of_a_limit(
    sentence: str, amount: str | None, exclusive: bool, most: str | None
) -> None:
    limit = Limit(None if amount is None else Decimal(amount), "x", exclusive)
    assert limit.most(STEP) == (None if most is None else Decimal(most)), sentence


HELD = position("10", "2500", "10", "2400", equity="3000")


@pytest.mark.parametrize(
    ("action", "amount", "allowed", "equity"),
    [
        (Action.REMOVE, "600", True, "2400"),
        (Action.REMOVE, "600.000001", False, "2399.999999"),
        (Action.REMOVE, "0", False, "3000"),
        (Action.REMOVE, "-1", False, "3001"),
        (Action.ADD, "1e9", True, "1000003000"),
        (Action.ADD, "0", False, "3000"),
    ],
)
def test_margin_moves_within_the_limits(
    action: Action, amount: str, allowed: bool, equity: str
) -> None:
    done = change(action, amount, HELD)
    assert done.allowed is allowed
    assert done.amount == Decimal(amount)
    assert done.position_before is not None
    assert done.position_after is not None
    assert done.position_before.equity == 3000
    assert done.position_after.equity == Decimal(equity)
    assert done.position_after.margin == Decimal(equity) + 1000


def test_less_margin_brings_liquidation_nearer_by_its_share() -> None:
    done = change(Action.REMOVE, "98", HELD)
    before, after = done.position_before, done.position_after
    assert before is not None
    assert after is not None
    # 98 over 10·0.98
    assert before.liquidation_price is not None
    assert after.liquidation_price is not None
    moved = Fraction(after.liquidation_price) - Fraction(before.liquidation_price)
    assert abs(moved - 10) < Fraction(1, 10**45)


def test_the_most_is_removed_down_to_a_step() -> None:
    done = change(Action.REMOVE, None, position("1", "100", "7", equity="20"))
    assert done.amount == Decimal("5.714285")
    assert done.allowed is True
    assert done.position_after is not None
    left = done.position_after.max_removable
    assert same(left, Fraction(40, 7) - Fraction("5.714285"))
    assert done.limit.name == "initial_margin"


def test_the_most_on_trado_is_a_step_less_than_the_bound() -> None:
    held = position("0.04", "2500", "10", equity="6")
    done = change(Action.REMOVE, None, held, rules=Trado())
    assert done.limit == Limit(Decimal(5), "max_leverage", exclusive=True)
    assert done.amount == Decimal("4.999999")
    assert done.allowed is True
    assert change(Action.REMOVE, "5", held, rules=Trado()).allowed is False
    after = done.position_after
    assert after is not None
    assert after.effective_leverage is not None
    assert after.effective_leverage < 100


def test_nothing_can_be_removed_from_a_strict_asset_or_one_that_is_short() -> None:
    for held, mode in (
        (HELD, AssetMode.STRICT),
        (position("10", "2500", "10", equity="1"), AssetMode.NORMAL),
    ):
        done = change(Action.REMOVE, None, held, mode=mode)
        assert done.amount == 0
        assert done.allowed is False
        assert change(Action.REMOVE, "0.000001", held, mode=mode).allowed is False


def test_the_most_that_may_be_added_is_what_the_account_can_give() -> None:
    done = change(Action.ADD, None, HELD, cash="123.4567891")
    assert done.amount == Decimal("123.456789")
    assert done.limit == Limit(Decimal("123.4567891"), "cross_account")
    assert done.after.cross is not None
    assert done.after.cross.account_value == Decimal("0.0000001")
    assert change(Action.ADD, "123.456790", HELD, cash="123.4567891").allowed is False


def test_the_most_of_something_without_a_limit_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"^nothing known limits this amount$"):
        change(Action.ADD, None, HELD)


def test_margin_comes_out_of_the_cash_and_goes_back_into_it() -> None:
    beside = position("1", "100", "5", asset="SOL", cross=True)
    done = change(Action.REMOVE, "100", HELD, beside, cash="50")
    assert done.before.cross is not None
    assert done.after.cross is not None
    assert done.after.cross.account_value - done.before.cross.account_value == 100
    assert done.after.positions[1].liquidation_price is None
    back = change(Action.ADD, "30", HELD, beside, cash="50")
    assert back.allowed is True
    assert back.after.cross is not None
    assert back.after.cross.account_value == 20


@pytest.mark.parametrize("index", [None, 0])
def test_money_of_a_cross_position_is_the_accounts(index: int | None) -> None:
    held = position("10", "2400", "10", cross=True)
    done = change(Action.REMOVE, "600", held, cash="3000", index=index)
    assert done.limit == Limit(Decimal(600), "initial_margin")
    assert done.allowed is True
    assert done.after.cross is not None
    assert done.after.cross.account_value == 2400
    assert done.after.cross.max_removable == 0
    assert (done.position_before is None) is (index is None)
    assert (done.position_after is None) is (index is None)
    added = change(Action.ADD, "5", held, cash="3000", index=index)
    assert added.limit == Limit(None, None)
    assert added.allowed is True
    assert added.after.cross is not None
    assert added.after.cross.account_value == 3005
    assert change(Action.REMOVE, "600.1", held, cash="3000", index=index).allowed is False


def test_an_account_without_cash_has_nothing_to_move() -> None:
    with pytest.raises(MissingCashError):
        change(Action.REMOVE, "1", HELD, index=None)
