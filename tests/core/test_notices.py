"""What is said beside the figures."""

import pickle
from decimal import Decimal
from functools import partial

import pytest

from marginctl.core.account import Account
from marginctl.core.evaluation import evaluate
from marginctl.core.notices import Notice
from marginctl.core.position import AssetMode, Position
from marginctl.core.rules import Rules
from marginctl.venues.trado import Trado
from tests.building import ETH, HYPERLIQUID, OF_TRADO, Rows, position, table, venue

UNCHECKED = "no account balance is given, so additions are not limited here"
ASSUMED = (
    "assumed, as Trado does not publish it: leverage is taken on the mark notional, and remaining "
    "margin includes unrealized PnL"
)
OF_THE_ACCOUNT = "margin, equity and transfer limits belong to the cross account"
ABOUT_THE_END = {"backstop", "partial_liquidation", "loss_limited"}
"""How a liquidation would go is said of nearly every position; it has tests of its own."""
NO_CROSS_POSITIONS = "there are no cross positions, so no move of the marks liquidates the account"
"""Said of every account with cash and isolated positions only: see the test of cash alone."""
FLAT = [("0", "25")]
"""One tier: 2 % of the notional are kept."""
ALONE = "cannot be liquidated by this price alone"


def notices(
    *held: Position,
    cash: str | None = "1e6",
    rows: Rows = ETH,
    upper: str | None = None,
    rules: Rules = HYPERLIQUID,
    mode: AssetMode = AssetMode.NORMAL,
    delisted: bool = False,
    excerpt: bool = False,
) -> tuple[Notice, ...]:
    somewhere = venue({"ETH": table(rows, upper)}, rules, mode, delisted=delisted)
    account = Account(held, None if cash is None else Decimal(cash), excerpt=excerpt)
    found = evaluate(account, somewhere).notices
    return tuple(
        notice
        for notice in found
        if notice.code not in ABOUT_THE_END and notice.message != NO_CROSS_POSITIONS
    )


def test_an_ordinary_position_needs_no_words() -> None:
    assert notices(position("10", "2500", "10", "2400")) == ()


def test_the_highest_leverage_of_a_tier_needs_no_words() -> None:
    assert notices(position("10", "2500", "25", "2500")) == ()


def test_equity_of_exactly_nothing_is_not_above_zero() -> None:
    codes = [notice.code for notice in notices(position("10", "2500", "10", equity="0"))]
    assert codes == ["liquidatable", "no_equity"]
    codes = [notice.code for notice in notices(position("-1", "5", "1", cross=True), cash="0")]
    assert codes[:2] == ["liquidatable", "no_equity"]


@pytest.mark.parametrize(
    ("sentence", "found", "code", "message"),
    [
        (
            "leverage above the tier of the notional",
            notices(position("50000", "2000", "20", equity="6e6")),
            "leverage_above_tier",
            "20x is above the 15x that this notional allows: the venue would not open it",
        ),
        (
            "a delisted asset",
            notices(position("10", "2500", "10"), delisted=True),
            "delisted",
            "delisted: no new positions",
        ),
        (
            "a strict isolated asset",
            notices(position("10", "2500", "10"), mode=AssetMode.STRICT),
            "strict_isolated",
            "strict isolated: no margin can be removed",
        ),
        (
            "nothing known of the account",
            notices(position("10", "2500", "10"), cash=None),
            "additions_not_checked",
            UNCHECKED,
        ),
        (
            "below maintenance",
            notices(position("10", "2500", "10", equity="499.99")),
            "liquidatable",
            "already liquidatable at the mark",
        ),
        (
            "out of reach",
            notices(position("10", "2500", "1")),
            "no_liquidation_price",
            ALONE,
        ),
        (
            "beyond the tiers",
            notices(position("-10", "2500", "1"), rows=[("0", "25")], upper="40000"),
            "no_liquidation_price",
            "would be liquidated above the notional at which the tier table ends",
        ),
    ],
)
def test_a_notice_about_a_position(
    sentence: str, found: tuple[Notice, ...], code: str, message: str
) -> None:
    assert Notice(code, "ETH", message) in found, sentence
    assert {notice.code for notice in found} <= {code, "venue"}, sentence


def test_a_short_that_owes_more_than_it_sold_for() -> None:
    assert notices(position("-10", "2500", "1", equity="-26000")) == (
        Notice("liquidatable", "ETH", "already liquidatable at the mark"),
        Notice(
            "no_liquidation_price",
            "ETH",
            "liquidatable at every price, so there is no liquidation price",
        ),
        Notice(
            "no_equity",
            "ETH",
            "equity is not above zero: no effective leverage and no margin ratio",
        ),
    )


def test_a_long_that_can_be_liquidated_but_not_bankrupt() -> None:
    # worth 1 cent at a price of zero; keeps more only because others do
    held = position("10", "2500", "10", cross=True)
    other = position("1", "100", "10", cross=True)
    found = notices(held, other, cash="25000.5")
    about_eth = [notice.code for notice in found if notice.asset == "ETH"]
    assert about_eth.count("no_bankruptcy_price") == 1
    assert about_eth.count("no_liquidation_price") == 1
    assert (
        Notice("no_bankruptcy_price", "ETH", "this price alone cannot use up the equity") in found
    )
    assert "no_backstop_price" not in about_eth


def test_a_long_that_can_be_liquidated_but_not_taken_by_the_backstop() -> None:
    held = position("10", "2500", "10", cross=True)
    other = position("1", "100", "10", cross=True)
    found = notices(held, other, cash="25001.5")
    assert Notice("no_backstop_price", "ETH", "this price alone cannot reach the backstop") in found


def test_trado_says_what_it_assumes_and_that_it_has_no_backstop() -> None:
    assert notices(position("1", "2500", "10"), cash=None, rows=OF_TRADO, rules=Trado()) == (
        Notice("venue", "ETH", ASSUMED),
        Notice("no_backstop", "ETH", "trado rules state no backstop price"),
        Notice("additions_not_checked", "ETH", UNCHECKED),
    )


def test_a_cross_account_of_one_long() -> None:
    assert notices(position("10", "2500", "10", cross=True), cash="2500") == (
        Notice(
            "no_liquidating_move",
            None,
            "no common rise of all marks that the tier tables cover liquidates the account",
        ),
        Notice("cross_position", "ETH", OF_THE_ACCOUNT),
    )


def test_a_cross_account_that_owes_money() -> None:
    found = notices(position("-10", "2500", "10", cross=True), cash="-1")
    assert found == (
        Notice("liquidatable", None, "the cross account is already liquidatable"),
        Notice("no_equity", None, "account value is not above zero: no margin ratio"),
        Notice(
            "no_liquidating_move",
            None,
            "no common fall of all marks that the tier tables cover liquidates the account",
        ),
        Notice("liquidatable", "ETH", "already liquidatable at the mark"),
        Notice("cross_position", "ETH", OF_THE_ACCOUNT),
    )


def test_an_excerpt_is_called_one() -> None:
    found = notices(position("10", "2500", "10", cross=True), cash="2500", excerpt=True)
    assert found[0] == Notice(
        "excerpt",
        None,
        (
            "the account holds more than the positions listed: its totals are used, and the common "
            "move that liquidates it is unknown"
        ),
    )
    assert "no_liquidating_move" not in {notice.code for notice in found}


def test_an_account_of_cash_alone_cannot_be_liquidated() -> None:
    nothing = evaluate(Account((), Decimal(5)), venue({"ETH": table(ETH)})).notices
    assert nothing == (Notice("no_liquidating_move", None, NO_CROSS_POSITIONS),)


def words_of(code: str, found: tuple[Notice, ...]) -> str:
    (message,) = (notice.message for notice in found if notice.code == code)
    return message


def all_notices(
    held: Position, *, cash: str | None = None, rules: Rules = HYPERLIQUID, rows: Rows = FLAT
) -> tuple[Notice, ...]:
    somewhere = venue({"ETH": table(rows)}, rules)
    account = Account((held,), None if cash is None else Decimal(cash))
    return evaluate(account, somewhere).notices


def test_a_large_position_is_liquidated_in_parts_at_its_price() -> None:
    # 1,000 at 2,250 / 0.98 = 2,295.918367…: a fifth of that notional first
    found = all_notices(position("1000", "2500", "10", "2400"))
    assert words_of("partial_liquidation", found) == (
        "a liquidation at its liquidation price would start with 200 of 1,000 (459,183.67 USDC), "
        "because 2,295,918.37 USDC is above 100,000; if that is not enough, the other 800 "
        "(1,836,734.69 USDC) can follow at once during the next 30 s"
    )


@pytest.mark.parametrize(
    ("sentence", "held", "cash"),
    [
        ("liquidatable already", position("50", "2500", "10", "2400", equity="1"), None),
        ("cross", position("50", "2500", "10", "2400", cross=True), "10000"),
    ],
)
def test_the_parts_are_those_at_the_mark(sentence: str, held: Position, cash: str | None) -> None:
    words = words_of("partial_liquidation", all_notices(held, cash=cash))
    expected = "a liquidation at the mark would start with 10 of 50 (24,000.00 USDC)"
    assert words.startswith(expected), sentence


@pytest.mark.parametrize(
    ("sentence", "held", "parts"),
    [
        ("exactly 100,000 at the mark", position("40", "2500", "10", equity="1"), False),
        ("a cent more", position("40", "2500.00025", "10", equity="1"), True),
        # flat 25x: liquidated where 40 · 2500 · 0.02 of equity is left, at exactly 2,500
        ("exactly at its price", position("40", "3000", "10", equity="22000"), False),
        ("just above it", position("40", "3000", "10", equity="21999.99"), True),
    ],
)
def test_100_000_itself_goes_whole(sentence: str, held: Position, *, parts: bool) -> None:
    codes = {notice.code for notice in all_notices(held)}
    assert ("partial_liquidation" in codes) is parts, sentence


def test_a_size_of_many_digits_is_told_whole() -> None:
    size = f"100{'0' * 20}.{'0' * 29}5"
    found = all_notices(position(size, "2500", "10", "2400"))
    words = words_of("partial_liquidation", found)
    assert f"start with 2,{'000,' * 6}000.{'0' * 29}1 of 10,{'000,' * 6}000.{'0' * 29}5 " in words


@pytest.mark.parametrize(
    ("sentence", "held", "cash", "left", "takes"),
    [
        # at 6,750 / 2.96 = 2,280.405405… ten have lost 1,195.945946 of 1,500
        ("isolated", position("10", "2500", "10", "2400"), None, "304.05", "the position"),
        # the account of 2,500 + 10·(2,400 - 2,500) has the same equity
        (
            "cross",
            position("10", "2500", "10", "2400", cross=True),
            "2500",
            "304.05",
            "all cross positions",
        ),
        # at 8,250 / 3.04 = 2,713.815789… ten have lost 3,138.157895 of 3,500
        ("short", position("-10", "2500", "10", "2400"), None, "361.84", "the position"),
    ],
)
def test_the_backstop_takes_what_is_left(
    sentence: str, held: Position, cash: str | None, left: str, takes: str
) -> None:
    words = words_of("backstop", all_notices(held, cash=cash))
    assert words == (
        f"at the backstop price equity is down to {left} USDC, 2/3 of maintenance: the liquidator "
        f"vault takes {takes}, and nothing is returned"
    ), sentence


@pytest.mark.parametrize(
    ("cash", "untouched"),
    [(None, ""), ("1234.5", "; the 1,234.50 USDC in the wallet is safe")],
)
def test_a_loss_is_limited_to_the_margin_on_trado(cash: str | None, untouched: str) -> None:
    found = all_notices(
        position("10", "2500", "10", "2400"), cash=cash, rules=Trado(), rows=OF_TRADO
    )
    words = words_of("loss_limited", found)
    assert words == f"the loss is limited to the position's margin, 2,500.00 USDC{untouched}"


def test_notices_that_tell_the_same_are_the_same_however_they_are_worded() -> None:
    told = Notice("code", "ETH", "ten of 100")
    worded = Notice("code", "ETH", partial("{} of {}".format, "ten", 100))
    assert worded == told == pickle.loads(pickle.dumps(worded))  # noqa: S301 - our own
    assert len({told, worded}) == 1
    assert repr(worded) == repr(told) == "Notice('code', 'ETH', 'ten of 100')"
    assert worded != Notice("code", "ETH", "eleven of 100")
