"""From an account to its finished figures."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.account import Account, MissingCashError, Move
from marginctl.core.evaluation import UncoveredNotionalError, evaluate
from marginctl.core.report import PositionReport
from tests.building import BTC, DOGE, ETH, account_report, position, report, table, venue
from tests.comparing import same


def exact(figures: PositionReport, expected: dict[str, str | None]) -> list[str]:
    """Return the names of figures that are not as expected."""
    return [
        name
        for name, text in expected.items()
        if not same(getattr(figures, name), None if text is None else Fraction(text))
    ]


def test_the_worked_sheet_of_a_long() -> None:
    figures = report(position("10", "2500", "10", "2400"))
    expected = {
        "notional": "24000",
        "unrealized_pnl": "-1000",
        "return_on_equity": "-0.4",
        "margin": "2500",
        "equity": "1500",
        "effective_leverage": "16",
        "margin_ratio": "0.32",
        "initial_margin": "2400",
        "maintenance_margin": "480",
        "closing_fee": "0",
        "liquidation_price": "112500/49",
        "liquidation_distance": "51/1176",
        "backstop_price": "168750/74",
        "bankruptcy_price": "2250",
        "transfer_margin_required": "2400",
        "max_removable": "0",
        "max_addable": None,
        "shortfall": "900",
    }
    assert exact(figures, expected) == []
    assert figures.liquidatable is False
    assert figures.tier.index == 0
    assert figures.tier.max_leverage == 25
    assert figures.tier.upper_bound == 100_000_000
    assert figures.tier.maintenance_margin_rate == Decimal("0.02")
    assert figures.binding_limit == "initial_margin"


@pytest.mark.parametrize("equity", ["0", "-3"])
def test_without_equity_there_are_no_ratios_and_it_is_liquidatable(equity: str) -> None:
    figures = report(position("10", "2500", "10", equity=equity))
    assert figures.effective_leverage is None
    assert figures.margin_ratio is None
    assert figures.liquidatable is True
    assert figures.equity == Decimal(equity)
    assert figures.shortfall == 2500 - Decimal(equity)


def test_a_margin_ratio_of_one_is_the_edge_of_liquidation() -> None:
    figures = report(position("10", "2500", "10", equity="500"))
    assert figures.margin_ratio == 1
    assert figures.liquidatable is False
    assert figures.liquidation_price == 2500
    assert figures.liquidation_distance == 0


def test_a_short_of_a_million_climbs_into_the_next_tier() -> None:
    held = position("-1400", "100000", "10", "100000")
    figures = report(held, BTC)
    # 154,000,000 - 1,400·x = 1,400·x/40 - 1,875,000
    assert same(figures.liquidation_price, Fraction(155_875_000) / 1435)
    assert figures.tier.index == 0
    assert figures.liquidation_tier is not None
    assert figures.liquidation_tier.index == 1
    assert figures.liquidation_tier.maintenance_deduction == 1_875_000


def test_removable_and_addable_amounts_are_rounded_down_and_the_rest_to_even() -> None:
    figures = report(position("1", "100", "7", equity="20"), cash="50")
    assert figures.max_removable == Decimal("5." + "714285" * 8 + "7")  # 40/7
    assert figures.initial_margin == Decimal("14." + "285714" * 8)  # 100/7
    short = report(position("1", "100", "3", equity="20"))
    assert short.shortfall == Decimal("13." + 48 * "3")
    exclusive = report(position("1", "200", "3", equity="100"))
    assert exclusive.max_removable == Decimal("33." + 48 * "3")
    assert exclusive.transfer_margin_required == Decimal("66." + 47 * "6" + "7")


def test_an_unknown_asset_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="DOGE"):
        evaluate(Account((position("1", "1", "1", asset="DOGE"),)), venue({"ETH": table(ETH)}))


def test_a_notional_above_the_end_of_its_table_is_refused() -> None:
    somewhere = venue({"ETH": table(ETH, "200000000")})
    inside = Account((position("200000", "1000", "1"),))
    assert evaluate(inside, somewhere).positions[0].tier.index == 1
    outside = position("200000", "1000.000001", "1")
    with pytest.raises(UncoveredNotionalError) as raised:
        evaluate(Account((outside,)), somewhere)
    assert raised.value.position is outside
    assert raised.value.upper_bound == 200_000_000


def test_a_cross_position_needs_the_accounts_cash() -> None:
    with pytest.raises(MissingCashError, match="ETH"):
        evaluate(Account((position("1", "1", "1", cross=True),)), venue({"ETH": table(ETH)}))


def test_the_cross_account_and_its_positions() -> None:
    long = position("10", "2500", "10", "2400", cross=True)
    short = position("-100000", "100", "20", "110", asset="SOL", cross=True)
    answer = account_report("2000000", long, short)
    cross = answer.cross
    assert cross is not None
    assert cross.account_value == 2_000_000 - 1000 - 1_000_000 == 999_000
    assert cross.notional == 11_024_000
    assert cross.initial_margin == 2400 + 550_000
    assert cross.maintenance_margin == 480 + 220_000
    assert same(cross.margin_ratio, Fraction(220_480, 999_000))
    assert cross.available == 999_000 - 552_400
    assert cross.transfer_margin_required == 1_102_400
    assert cross.binding_limit == "transfer_ratio"
    assert cross.max_removable == 0
    assert cross.shortfall == 103_400
    assert cross.liquidatable is False
    first, second = answer.positions
    # the other's maintenance comes first: 999,000 + 10·(x - 2,400) = 0.2·x + 220,000
    assert first.liquidation_price is None
    assert same(second.liquidation_price, Fraction(999_000 + 11_000_000 - 480) / 102_000)
    for name in ("margin", "equity", "max_removable", "max_addable", "margin_rate", "shortfall"):
        assert getattr(first, name) is None


def test_rich_accounts_let_money_out_and_poor_ones_say_how_poor() -> None:
    held = position("10", "2400", "5", cross=True)
    rich = account_report("10000", held).cross
    poor = account_report("-5", held).cross
    assert rich is not None
    assert poor is not None
    assert rich.max_removable == 10_000 - 4800
    assert (rich.shortfall, rich.binding_limit) == (Decimal(0), "initial_margin")
    assert poor.margin_ratio is None
    assert poor.liquidatable is True
    assert poor.max_removable == 0
    assert poor.shortfall == 4805
    assert poor.available == -4805


def test_equity_of_exactly_maintenance_keeps_an_account() -> None:
    held = position("1", "100", "5", cross=True)
    edge = account_report("2", held)
    assert edge.cross is not None
    assert edge.cross.liquidatable is False
    assert edge.cross.liquidating_move == Move(Decimal(0), None)
    assert edge.positions[0].liquidatable is False
    below = account_report("1." + 45 * "9", held)
    assert below.cross is not None
    assert below.cross.liquidatable is below.positions[0].liquidatable is True


def test_an_isolated_position_may_take_what_the_cross_account_can_give() -> None:
    isolated = position("1", "100", "5", asset="SOL")
    shared = position("10", "2400", "5", cross=True)
    answer = account_report("10000", isolated, shared)
    assert answer.positions[0].max_addable == 5200
    assert answer.positions[0].addition_limit == "cross_account"
    alone = account_report("10000", isolated)
    assert alone.positions[0].max_addable == 10_000
    assert alone.cross is not None
    assert alone.cross.notional == 0


def test_an_excerpt_has_no_common_move() -> None:
    held = position("1", "100", "5", cross=True)
    account = Account((held,), Decimal(50), excerpt=True)
    answer = evaluate(account, venue({"ETH": table(ETH)}))
    assert answer.cross is not None
    assert answer.cross.liquidating_move is None
    assert "excerpt" in {notice.code for notice in answer.notices}


def test_a_cut_maintenance_counts_for_the_others_but_not_for_the_position_itself() -> None:
    held = (
        position("1", "100", "5", cross=True),
        position("-1", "200", "5", asset="SOL", cross=True),
    )
    thirds = table([("0", "15")])
    account = Account(held, Decimal(50), maintenance_step=Decimal("0.000001"))
    answer = evaluate(account, venue({"ETH": thirds, "SOL": thirds}))
    assert answer.cross is not None
    assert answer.cross.maintenance_margin == Decimal("9.999999")
    first = answer.positions[0]
    assert same(first.maintenance_margin, Fraction(10, 3))
    # 50 + x - 100 = x/30 + 6.666666
    expected = (50 + Fraction("6.666666")) / (1 - Fraction(1, 30))
    assert same(first.liquidation_price, expected)


def test_maintenance_is_the_published_one_across_the_boundary() -> None:
    for millions, kept in (("19", 950_000), ("20", 1_000_000), ("21", 1_100_000)):
        figures = report(position(millions, "1000000", "5"), DOGE)
        assert figures.maintenance_margin == kept
