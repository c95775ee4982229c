"""What is not asked for is not computed, and what is asked for is the same as ever."""

from decimal import Decimal

import pytest

from marginctl.core.account import Account
from marginctl.core.evaluation import EVERYTHING, asked_for, evaluate, reports_of
from marginctl.core.report import PositionReport
from marginctl.core.rules import Rules
from marginctl.venues.hyperliquid import Hyperliquid
from marginctl.venues.tiered import Tiered
from marginctl.venues.trado import Trado
from tests.building import position, table, venue

ROWS = [("0", "25"), ("10000", "20")]
ALWAYS = {
    "asset",
    "side",
    "size",
    "notional",
    "tier",
    "liquidatable",
    "liquidation_price",
    "liquidation_distance",
}
HELD = position(10, 2500, 15, 2400)


@pytest.mark.parametrize("rules", [Hyperliquid(), Trado(), Tiered()], ids=lambda one: one.name)
@pytest.mark.parametrize(
    "name", [name for name in PositionReport._fields if name != "exact_margin"]
)
def test_a_field_is_the_same_whatever_else_is_asked_for(rules: Rules, name: str) -> None:
    somewhere = venue({"ETH": table(ROWS)}, rules)
    account = Account((HELD,), Decimal(1000))
    whole = evaluate(account, somewhere)
    part = reports_of(account, somewhere, asked=asked_for([name], frozenset()))
    assert getattr(part.positions[0], name) == getattr(whole.positions[0], name)
    for always in ALWAYS:
        assert getattr(part.positions[0], always) == getattr(whole.positions[0], always)
    if name == "margin":
        assert part.positions[0].exact_margin == whole.positions[0].exact_margin
    assert part.cross == whole.cross


def test_what_nobody_is_told_is_not_noted() -> None:
    somewhere = venue({"ETH": table(ROWS)}, Hyperliquid())
    account = Account((HELD,))
    codes = {notice.code for notice in evaluate(account, somewhere).notices}
    assert {"backstop", "additions_not_checked"} <= codes
    unreported = EVERYTHING._replace(unreported=frozenset({"backstop"}))
    found = reports_of(account, somewhere, asked=unreported)
    assert {notice.code for notice in found.notices} == codes - {"backstop"}
    assert found.positions == evaluate(account, somewhere).positions
