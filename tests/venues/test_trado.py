"""Trado's rules."""

from decimal import Decimal

import pytest

from marginctl.core.account import Account, MissingCashError
from marginctl.core.evaluation import evaluate
from marginctl.core.position import AssetMode
from marginctl.core.rules import Totals, most_demanding
from marginctl.venues import VENUE_RULES as BY_NAME
from marginctl.venues.hyperliquid import Hyperliquid
from marginctl.venues.trado import CLOSING_FEE_RATE, Trado
from tests.building import OF_TRADO, Rows, position, report, table, venue

VENUE_RULES = Trado()


def test_what_trado_decides() -> None:
    assert VENUE_RULES.name == "trado"
    assert VENUE_RULES.amount_step == Decimal("0.000001")
    assert VENUE_RULES.closing_fee_rate == CLOSING_FEE_RATE == Decimal("0.0006")
    assert VENUE_RULES.backstop_share is None
    assert not VENUE_RULES.whole_leverage
    assert not VENUE_RULES.has_cross
    assert VENUE_RULES.removal_is_exclusive
    assert VENUE_RULES.removal_formula == "max(maintenance_margin, notional / max_leverage)"


def test_rules_are_found_by_the_name_in_a_tier_file() -> None:
    assert BY_NAME["hyperliquid"] is Hyperliquid
    assert BY_NAME["trado"] is Trado
    assert all(make().name == name for name, make in BY_NAME.items())
    vip = BY_NAME["trado"](closing_fee_rate=Decimal("0.00054"))
    assert vip.closing_fee_rate == Decimal("0.00054")


@pytest.mark.parametrize(
    ("equity", "liquidated"), [("1", True), ("1." + 50 * "0" + "1", False), ("0.9", True)]
)
def test_a_margin_rate_of_one_is_liquidated(equity: str, liquidated: bool) -> None:
    assert VENUE_RULES.liquidates(Decimal(equity), Decimal(1)) is liquidated


def test_the_published_position_of_100_at_10x() -> None:
    figures = report(position("0.04", "2500", "10", "2400"), OF_TRADO, rules=VENUE_RULES)
    assert figures.margin == 10
    assert figures.unrealized_pnl == -4
    assert figures.equity == 6
    assert figures.closing_fee == Decimal("0.0576")
    # six over 0.48 and 0.0576
    assert figures.margin_rate == Decimal("11.160714" + "285714" * 7)
    assert figures.liquidatable is False


def test_liquidation_of_500_at_20x_costs_the_500() -> None:
    figures = report(position("4", "2500", "20"), OF_TRADO, rules=VENUE_RULES, cash="500")
    assert figures.margin == 500
    # 500 + 4·(x - 2,500) = 0.0056·4·x
    assert figures.liquidation_price == Decimal(
        "2388.3748994368463395012067578439259855189058728882"
    )


@pytest.mark.parametrize(
    ("sentence", "rows", "required", "limit", "removable"),
    [
        ("leverage must stay below 100x", OF_TRADO, "1", "max_leverage", "5"),
        ("or maintenance binds", [("0", "100", "1/50")], "2", "maintenance_margin", "4"),
        ("the same of both", [("0", "100", "1/100")], "1", "max_leverage", "5"),
        ("nothing to spare", [("0", "10", "1/200")], "10", "max_leverage", "0"),
    ],
)
def test_what_must_stay_and_a_bit_more(
    sentence: str, rows: Rows, required: str, limit: str, removable: str
) -> None:
    figures = report(position("0.04", "2500", "10", equity="6"), rows, rules=VENUE_RULES)
    assert figures.transfer_margin_required == Decimal(required), sentence
    assert figures.binding_limit == limit, sentence
    assert figures.max_removable == Decimal(removable), sentence
    assert figures.max_removable_exclusive is True
    assert figures.shortfall == max(0, Decimal(required) - 6)


@pytest.mark.parametrize(
    ("sentence", "rows", "equity", "required", "shortfall"),
    [
        ("a hundredth of 100 stays", OF_TRADO, "6", "1", "0"),
        ("or maintenance", [("0", "100", "1/50")], "6", "2", "0"),
        ("which may be lacking", [("0", "100", "1/50")], "1.5", "2", "0.5"),
    ],
)
def test_nothing_may_go_where_a_tier_file_makes_an_asset_strict(
    sentence: str, rows: Rows, equity: str, required: str, shortfall: str
) -> None:
    held = position("0.04", "2500", "10", equity=equity)
    figures = report(held, rows, rules=VENUE_RULES, mode=AssetMode.STRICT)
    assert figures.binding_limit == "strict_isolated", sentence
    assert figures.max_removable == 0
    assert figures.transfer_margin_required == Decimal(required)
    assert figures.shortfall == Decimal(shortfall)


@pytest.mark.parametrize(
    ("sentence", "equity", "cash", "addable", "limit"),
    [
        ("down to 1x", "6", None, "94", "min_leverage"),
        ("down to 1x when the wallet is rich", "6", "1000", "94", "min_leverage"),
        ("down to 1x when the wallet has just that", "6", "94", "94", "min_leverage"),
        ("what the wallet holds", "6", "93.999999", "93.999999", "wallet"),
        ("an empty wallet gives nothing", "6", "0", "0", "wallet"),
        ("an overdrawn wallet gives nothing", "6", "-5", "0", "wallet"),
        ("nothing at 1x", "100", "50", "0", "min_leverage"),
        ("nothing below 1x", "120", "50", "0", "min_leverage"),
        ("a loss may be made up for", "-20", None, "120", "min_leverage"),
    ],
)
def test_what_may_be_added(
    sentence: str, equity: str, cash: str | None, addable: str, limit: str
) -> None:
    held = position("0.04", "2500", "10", equity=equity)
    figures = report(held, OF_TRADO, rules=VENUE_RULES, cash=cash)
    assert figures.max_addable == Decimal(addable), sentence
    assert figures.addition_limit == limit, sentence


def test_there_is_no_cross_account() -> None:
    totals = Totals(1, Decimal(200), Decimal(20), Decimal(7))
    assert most_demanding(VENUE_RULES.account_limits(totals)) is None
    trado = venue({"ETH": table(OF_TRADO)}, VENUE_RULES)
    alone = Account((position("1", "2500", "10"),), Decimal(100))
    assert evaluate(alone, trado).cross is None
    shared = Account((position("1", "2500", "10", cross=True),), Decimal(100))
    with pytest.raises(MissingCashError, match="ETH"):
        evaluate(shared, trado)


def test_what_trado_does_not_publish_is_said() -> None:
    (note,) = VENUE_RULES.notes()
    assert note == (
        "assumed, as Trado does not publish it: leverage is taken on the mark notional, and "
        "remaining margin includes unrealized PnL"
    )
