"""What stands behind a position."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.account import Account
from marginctl.core.backing import standing
from marginctl.core.report import MissingCashError
from tests.deciding import position, venue

CROSS = position("1", "1800", mark="2000", cross=True)
BESIDE = position("-3", "100", "5", cross=True, asset="SOL")


def test_behind_a_cross_position_stands_the_value_of_its_account() -> None:
    stand = standing(Account((CROSS, BESIDE), Decimal(250)), venue(), 0)
    # 250 of cash and 200 of profit; the other keeps 300 / 5, and 300 / 50 of maintenance
    assert stand.equity == 450
    assert stand.amount(stand.others.initial) == 60
    assert stand.amount(stand.others.maintenance) == 6
    # max(200 + 60, 0.1 · 2300) must stay
    removable, rule = stand.removable()
    assert rule is not None
    assert (removable, rule.name) == (Fraction(190), "initial_margin")


def test_nothing_is_known_to_stand_behind_a_cross_position_without_cash() -> None:
    with pytest.raises(MissingCashError, match="ETH"):
        standing(Account((CROSS, BESIDE)), venue(), 0)
