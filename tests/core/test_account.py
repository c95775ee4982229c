"""Cross accounts: sums, and the common moves that liquidate."""

from decimal import Decimal
from fractions import Fraction

import pytest

from marginctl.core.account import (
    Account,
    CrossState,
    Move,
    Unlisted,
    beyond_listed,
    cash_of,
    cross_state,
)
from marginctl.core.crossings import liquidating_move
from marginctl.core.position import Asset, Position
from marginctl.core.rules import Totals
from tests.building import DOGE, ETH, Rows, position, table
from tests.comparing import same

FLAT: Rows = [("0", "25")]


def cross(size: str, entry: str, leverage: str = "10", mark: str | None = None) -> Position:
    return position(size, entry, leverage, mark, cross=True)


def state_of(
    account: Account, rows: Rows = FLAT, upper: str | None = None, *more: Rows
) -> CrossState:
    tables = [table(rows, upper), *map(table, more)]
    tables += tables[-1:] * (len(account.positions) - len(tables))
    assets = [Asset("ETH", tiers) for tiers in tables[: len(account.positions)]]
    state = cross_state(account, assets)
    assert state is not None
    return state


def test_without_cash_there_is_no_cross_account() -> None:
    assert cross_state(Account((cross("1", "1"),)), [Asset("ETH", table(ETH))]) is None


def test_the_sums_of_a_hedged_account() -> None:
    held = cross("10", "2500", "10", "2400"), cross("-4", "100", "7", "110")
    state = state_of(Account(held, Decimal(5000)), FLAT, None, [("0", "15")])
    unit = state.totals.unit
    assert unit == 21
    assert state.value == 5000 - 1000 - 40
    assert state.totals.notional == 24_440
    assert Fraction(state.totals.initial) / unit == 2400 + Fraction(440, 7)
    assert Fraction(state.totals.maintenance) / unit == 480 + Fraction(440, 30)
    assert [member.position for member in state.members] == list(held)


def test_isolated_positions_neither_lend_nor_borrow() -> None:
    alone = Account((cross("10", "2500"),), Decimal(5000))
    beside = Account((position("-3", "100", "2", "900"), cross("10", "2500")), Decimal(5000))
    assert state_of(alone).totals == state_of(beside).totals
    assert state_of(alone).value == state_of(beside).value == 5000


def test_an_account_without_positions_is_its_cash() -> None:
    state = state_of(Account((), Decimal("-3.5")))
    assert state.value == Decimal("-3.5")
    assert state.totals == Totals(1, Decimal(0), Decimal(0), Decimal(0))
    assert liquidating_move(state) == Move(None, None)


def test_each_positions_maintenance_is_cut_to_a_step_before_it_is_summed() -> None:
    held = (cross("1", "100"), cross("-1", "200"))
    step = Decimal("0.000001")
    state = state_of(Account(held, Decimal(5000), maintenance_step=step), [("0", "15")])
    parts = state.totals.unit
    assert parts == 3
    assert [member.counted / parts for member in state.members] == [
        Decimal("3.333333"),
        Decimal("6.666666"),
    ]
    assert state.totals.maintenance / parts == Decimal("9.999999")
    assert [member.margin_figures.maintenance for member in state.members] == [10, 20]


def test_each_positions_initial_margin_is_cut_to_a_step_before_it_is_summed() -> None:
    # 10/3 and 20/3 at 3x: cut they are 3.333333 and 6.666666, and their exact sum is 10
    held = cross("1", "10", "3"), cross("-2", "10", "3")
    exact = state_of(Account(held, Decimal(50))).totals
    assert exact.initial == 10 * exact.unit
    cut = state_of(Account(held, Decimal(50), maintenance_step=Decimal("0.000001"))).totals
    assert cut.initial == Decimal("9.999999") * cut.unit


def test_what_totals_hold_beyond_the_list_is_part_of_the_sums() -> None:
    account = Account((cross("1", "100"),), Decimal(50))
    assets = [Asset("ETH", table([("0", "15")]))]
    unlisted = beyond_listed(account, assets, Decimal(110), Fraction(12), Fraction("4.5"))
    assert unlisted == Unlisted(Decimal(10), Fraction(2), Fraction("4.5") - Fraction(10, 3))
    whole = Account(account.positions, account.cash, unlisted)
    state = cross_state(whole, assets)
    assert state is not None
    unit = state.totals.unit
    assert state.totals == Totals(unit, Decimal(110), Decimal(12 * unit), Decimal("4.5") * unit)
    (member,) = state.members
    assert Fraction(state.totals.maintenance - member.counted) / unit == unlisted.maintenance


def test_the_cash_is_what_the_pnl_of_cross_positions_leaves_of_the_value() -> None:
    held = [
        cross("10", "2500", "10", "2400"),
        cross("-1", "5", "1", "4"),
        position("1", "1", "1", "9"),
    ]
    assert cash_of(Decimal(1), held) == 1000
    assert cash_of(Decimal(1), []) == 1


@pytest.mark.parametrize(
    ("sentence", "held", "cash", "down", "up"),
    [
        # value 1,000 + 24,000·z - 24,000; keeps 480·z
        ("a long falls", [cross("10", "2400")], "1000", "23000/23520 - 1", None),
        # value 1,000 - 24,000·z + 24,000; keeps 480·z
        ("a short rises", [cross("-10", "2400")], "1000", None, "25000/24480 - 1"),
        ("a rich long cannot fall enough", [cross("10", "2400")], "24000", None, None),
        # value 1,200 whatever the marks; keeps 960·z
        (
            "a hedge rises",
            [cross("10", "2400"), cross("-10", "2400")],
            "1200",
            None,
            "1200/960 - 1",
        ),
        ("a hedge without anything", [cross("10", "2400"), cross("-10", "2400")], "0", None, None),
        # already below maintenance: safe only from a rise on
        ("a poor long rises to safety", [cross("10", "2400")], "100", "23900/23520 - 1", None),
        ("a poor short falls to safety", [cross("-10", "2400")], "100", None, "24100/24480 - 1"),
    ],
)
def test_moves_on_one_tier(
    sentence: str, held: list[Position], cash: str, down: str | None, up: str | None
) -> None:
    state = state_of(Account(tuple(held), Decimal(cash)))
    check_move(liquidating_move(state), down, up, sentence)


def check_move(move: Move, down: str | None, up: str | None, sentence: str) -> None:
    for actual, expected in zip(move, (down, up), strict=True):
        value = None if expected is None else Fraction(expected.removesuffix(" - 1")) - 1
        assert same(actual, value), sentence


@pytest.mark.parametrize(
    ("sentence", "held", "cash", "down", "up"),
    [
        (
            "an almost even book rises into the second tiers",
            [cross("13", "1000000"), cross("-12", "1000000")],
            "1500000",
            None,
            # in millions, above z = 20/12: 1.5 + (z - 1) = 0.1·25·z - 2
            "2500000/1500000 - 1",
        ),
        (
            "a book with a clear lean falls only",
            [cross("26", "1000000"), cross("-13", "1000000")],
            "2000000",
            # in millions, above z = 20/26: 2 + 13·(z - 1) = 0.1·26·z - 1 + 0.05·13·z
            "10000000/9750000 - 1",
            None,
        ),
        (
            # it gains 1 million where 1.35 million more are kept
            "an even book below maintenance everywhere",
            [cross("14", "1000000"), cross("-13", "1000000")],
            "0.5",
            None,
            None,
        ),
    ],
)
def test_moves_across_boundaries(
    sentence: str, held: list[Position], cash: str, down: str | None, up: str | None
) -> None:
    state = state_of(Account(tuple(held), Decimal(cash)), DOGE)
    check_move(liquidating_move(state), down, up, sentence)


def test_an_account_may_have_a_move_in_both_directions() -> None:
    # value 75·z - 50 with 1,000·z long and 925·z short
    held = cross("1000", "1"), cross("-925", "1")
    state = state_of(Account(held, Decimal(25)), [("0", "50"), ("1200", "1")])
    # falling: 75·z - 50 = 19.25·z; rising: 75·z - 50 = 0.5·1,000·z - 588 + 9.25·z
    check_move(liquidating_move(state), "200/223 - 1", "2152/1737 - 1", "both")


@pytest.mark.parametrize(
    ("long", "short", "cash", "move"),
    [
        ("1000", "-925", "8.1", "6/5 - 1"),
        ("1100", "-1034", "17.28", "12/11 - 1"),  # this corner does not terminate
    ],
)
def test_an_account_that_is_safe_only_at_a_corner_has_the_same_move_twice(
    long: str, short: str, cash: str, move: str
) -> None:
    state = state_of(
        Account((cross(long, "1"), cross(short, "1")), Decimal(cash)), [("0", "50"), ("1200", "1")]
    )
    check_move(liquidating_move(state), move, move, "a corner")


def test_exactly_at_the_end_of_a_table_the_move_is_still_known() -> None:
    # a short of 3 at 1 with a cash of 201 meets 2 % of 200 at a notional of 200, times 66.67
    account = Account((cross("-3", "1", "1"),), Decimal(201))
    assert same(liquidating_move(state_of(account, FLAT, "200")).up, Fraction(197, 3))
    assert liquidating_move(state_of(account, FLAT, "199." + 40 * "9")).up is None


def test_a_table_that_ends_does_not_hide_a_fall() -> None:
    account = Account((cross("10", "2400"),), Decimal(1000))
    move = liquidating_move(state_of(account, FLAT, "24000"))
    assert same(move.down, Fraction(-520, 23520))
    assert move.up is None


def test_boundaries_that_differ_in_the_sixtieth_digit_are_told_apart() -> None:
    bound = "100." + 55 * "0" + "1"
    rows = [("0", "50"), (bound, "1")]
    # a short of 100 that, exactly at the boundary, has the 1 % of it that it keeps
    cash = "1." + 55 * "0" + "101"
    assert Fraction(cash) == Fraction(bound) * Fraction("1.01") - 100
    state = state_of(Account((cross("-100", "1", "1"),), Decimal(cash)), rows)
    assert same(liquidating_move(state).up, Fraction(bound) / 100 - 1)
