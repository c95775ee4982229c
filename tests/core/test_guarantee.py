"""How much is lost at least after a transfer."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.account import Account
from marginctl.core.evaluation import evaluate
from marginctl.core.explanation import explain_positions, guarantees
from marginctl.core.position import Side
from marginctl.core.rules import Rules
from marginctl.core.tiers import TierSpec, TierTable
from marginctl.venues.hyperliquid import Hyperliquid
from tests.building import HYPERLIQUID, ONE, TRADO, position, venue

TWENTY = venue(((0, 20),))
TIER = TWENTY.assets["ETH"].table.tiers[0]


class OfTheWiki(Hyperliquid):
    transfer_ratio: Decimal | None = Decimal("0.2")


class WithoutBackstop(Hyperliquid):
    backstop_share: tuple[int, int] | None = None


OF_THE_WIKI = OfTheWiki()


def figures(side: Side, rules: Rules, leverage: int = 20) -> dict[str, Decimal]:
    return {one.field: one.result for one in guarantees(side, Decimal(leverage), TIER, rules)}


@pytest.mark.parametrize(
    ("sentence", "rules", "percent"),
    [
        ("the wiki's 18.3 % belongs to a ratio of 20 %", OF_THE_WIKI, Fraction(55, 300)),
        ("today's 10 % give 8.33 %", HYPERLIQUID, Fraction(25, 300)),
    ],
)
def test_loss_before_the_backstop(sentence: str, rules: Rules, percent: Fraction) -> None:
    found = Fraction(figures(Side.LONG, rules)["loss_before_backstop"])
    assert abs(found - percent) < Fraction(1, 10**49), sentence


@pytest.mark.parametrize(
    ("leverage", "percent"),
    [
        # what stays is 1 / leverage, but never less than 10 %; 2/3 of 2.5 % until the backstop
        (1, Fraction(295, 300)),
        (5, Fraction(55, 300)),
        (9, Fraction(1, 9) - Fraction(5, 300)),
        (10, Fraction(25, 300)),
        (20, Fraction(25, 300)),
    ],
)
def test_a_low_leverage_leaves_its_initial_margin(leverage: int, percent: Fraction) -> None:
    found = Fraction(figures(Side.LONG, HYPERLIQUID, leverage)["loss_before_backstop"])
    assert abs(found - percent) < Fraction(1, 10**49)


def test_nothing_is_guaranteed_where_maintenance_is_just_what_stays() -> None:
    # 5x in a tier of 2.5x: a fifth of the notional stays, and a fifth is maintenance
    tier = TierTable.build([TierSpec(Decimal(0), Decimal("2.5"))]).tiers[0]
    found = guarantees(Side.LONG, Decimal(5), tier, HYPERLIQUID)
    assert {one.field for one in found} == {"loss_before_backstop", "move_before_backstop"}


def test_the_move_of_the_price_differs_by_side() -> None:
    # t = 0.1, m = 0.025: 0.075 / 0.975 down, 0.075 / 1.025 up
    down = figures(Side.LONG, HYPERLIQUID)["move_before_liquidation"]
    up = figures(Side.SHORT, HYPERLIQUID)["move_before_liquidation"]
    assert abs(Fraction(down) - Fraction(75, 975)) < Fraction(1, 10**49)
    assert abs(Fraction(up) - Fraction(75, 1025)) < Fraction(1, 10**49)


@pytest.mark.parametrize("side", [Side.LONG, Side.SHORT])
def test_a_position_at_the_ratio_is_liquidated_after_just_that_move(side: Side) -> None:
    held = position(str(side * 10), "100", "20", margin="100")
    report = evaluate(Account((held,)), TWENTY).positions[0]
    moves = figures(side, HYPERLIQUID)
    assert report.max_removable == 0
    assert report.liquidation_distance == moves["move_before_liquidation"]
    assert report.backstop_price is not None
    moved = side * (1 - Fraction(report.backstop_price) / 100)
    assert abs(moved - Fraction(moves["move_before_backstop"])) < Fraction(1, 10**45)


def test_nothing_is_guaranteed_where_maintenance_is_above_the_ratio() -> None:
    tier = venue(((0, 3),)).assets["ETH"].table.tiers[0]
    assert guarantees(Side.LONG, Decimal(20), tier, HYPERLIQUID) == []


def test_a_venue_without_a_ratio_guarantees_nothing() -> None:
    assert guarantees(Side.LONG, Decimal(20), TIER, TRADO) == []


def test_a_venue_without_a_backstop_guarantees_only_what_comes_before_liquidation() -> None:
    # t = 0.1, m = 0.025, short: 0.075, and 0.075 / 1.025 as a move
    found = figures(Side.SHORT, WithoutBackstop())
    assert set(found) == {"loss_before_liquidation", "move_before_liquidation"}
    assert found["loss_before_liquidation"] == Decimal("0.075")
    move = Fraction(found["move_before_liquidation"])
    assert abs(move - Fraction(75, 1025)) < Fraction(1, 10**49)


def test_it_is_a_step_of_the_explanation_of_isolated_positions_only() -> None:
    held = position("10", "100", "20"), position("1", "100", "20", cross=True, asset="SOL")
    account = Account(held, Decimal(1000))
    answer = evaluate(account, TWENTY)
    isolated, cross = (
        {step.field for step in explain_positions(account, TWENTY, answer, [index])[0]}
        for index in (0, 1)
    )
    assert {"loss_before_liquidation", "loss_before_backstop"} <= isolated
    assert not {field for field in cross if field.startswith("loss_before")}


def test_trado_explains_none() -> None:
    account, somewhere = Account((position("10", "100", "20"),)), venue(ONE, TRADO)
    steps = explain_positions(account, somewhere, evaluate(account, somewhere), [0])[0]
    assert not [step for step in steps if step.field.startswith(("loss_", "move_"))]
