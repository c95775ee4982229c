"""Hundreds of cross accounts, against the oracle."""

from fractions import Fraction

import pytest

from marginctl.core.account import Account
from marginctl.core.evaluation import evaluate
from marginctl.core.rules import Venue
from tests.building import Market, venue
from tests.comparing import differences
from tests.drawing import Drawn, dice, draw_account
from tests.markets import SYNTHETIC, shipped
from tests.oracle_account import cross_account

GROUPS = {
    "shipped": [market for market in shipped() if not market.name.startswith("trado")],
    "synthetic": SYNTHETIC,
    "tables that end": [market for market in SYNTHETIC if market.core.upper_bound is not None],
    "one of many tiers": SYNTHETIC[:1],
}


def the_same(account: Account, drawn: list[Drawn], somewhere: Venue) -> int:
    """Compare an account with the oracle's; return how many of its moves there are."""
    assert account.cash is not None
    held = [(one.holding, one.market.oracle) for one in drawn]
    expected, positions = cross_account(Fraction(account.cash), held)
    report = evaluate(account, somewhere)
    assert report.cross is not None
    assert differences(report.cross, expected) == [], account
    for actual, figures in zip(report.positions, positions, strict=True):
        assert differences(actual, figures) == [], account
    move = report.cross.liquidating_move
    assert move is not None
    return sum(end is not None for end in move)


@pytest.mark.parametrize("name", GROUPS)
def test_cross_accounts_are_the_oracles(name: str) -> None:
    rng = dice(3)
    markets: list[Market] = GROUPS[name]
    somewhere = venue({market.name: market.core for market in markets})
    moves = [the_same(*draw_account(rng, markets), somewhere) for _ in range(120)]
    # none, one or two moves liquidate: every kind of account was among them
    assert set(moves) >= ({0, 1} if name == "tables that end" else {0, 1, 2})
