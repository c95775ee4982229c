"""What stands behind a position."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.account import Account, MissingCashError
from marginctl.core.backing import backing_of
from marginctl.core.changes import with_moved
from marginctl.core.pool import AccountMode, Pool
from tests import building
from tests.building import position, venue

CROSS = position("1", "1800", mark="2000", cross=True)
BESIDE = position("-3", "100", "5", cross=True, asset="SOL")


def test_behind_a_cross_position_stands_the_value_of_its_account() -> None:
    backing = backing_of(Account((CROSS, BESIDE), Decimal(250)), venue(), 0)
    # 250 of cash and 200 of profit; the other keeps 300 / 5, and 300 / 50 of maintenance
    assert backing.value == 450
    assert backing.amount(backing.others.initial) == 60
    assert backing.amount(backing.others.maintenance) == 6
    # max(200 + 60, 0.1 · 2300) must stay
    required = backing.required()
    assert required is not None
    assert (backing.removable(), required.name) == (Fraction(190), "initial_margin")


def test_margin_moves_in_and_out_of_an_account_to_the_last_digit() -> None:
    cash, step = "123456789012345678901234567890.123456", Fraction(1, 10**6)
    isolated = position("1", "1800", mark="2000")
    for held, cash_after in ((CROSS, "457"), (isolated, "455")):
        changed = with_moved(Account((held,), Decimal(cash)), 0, step)
        # into the account of a cross position, out of it for an isolated one
        assert changed.cash == Decimal(f"123456789012345678901234567890.123{cash_after}")


def test_nothing_is_known_to_stand_behind_a_cross_position_without_cash() -> None:
    with pytest.raises(MissingCashError, match="ETH"):
        backing_of(Account((CROSS, BESIDE)), venue(), 0)


def test_ten_percent_of_a_notional_need_not_stay_for_another_dex_in_a_pool() -> None:
    tables = {name: building.table([("0", "25")]) for name in ("ETH", "xyz:NVDA")}
    held = (
        position("1", "2000", "20", cross=True),
        position("10", "300", "20", cross=True, asset="xyz:NVDA"),
    )
    pool = Pool(AccountMode.UNIFIED, "USDC", ("", "xyz"))

    def removable(pool: Pool) -> Fraction | None:
        account = Account(held, Decimal(1000), pool=pool)
        return backing_of(account, building.venue(tables), 1).removable()

    # 10 % of the 2000 on the main dex, and a twentieth of the 3000 on the other
    assert removable(pool) == 1000 - 200 - 150
    # in one account of its own 10 % of both stay
    assert removable(Pool()) == 1000 - 500
