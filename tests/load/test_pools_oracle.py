"""Invented pooled accounts against a second calculation in fractions, from the rules alone."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from marginctl.core.evaluation import evaluate
from marginctl.core.numbers import fraction_of
from marginctl.core.report import AccountReport, CrossReport, PositionReport
from marginctl.load.account import Overrides, read_account
from marginctl.load.positions import read_accounts
from marginctl.load.tier_source import load_tiers
from tests.pooled import STEP, Row, account_file, as_bytes, balance, cut
from tests.support import TIERS

VENUE = load_tiers(str(TIERS), "bundled").file.venue().venue
Bounds = list[tuple[Fraction, int]]

COINS: dict[str, tuple[str, Bounds]] = {
    "BTC": ("", [(Fraction(0), 40), (Fraction(150_000_000), 20)]),
    "DOGE": ("", [(Fraction(0), 10), (Fraction(20_000_000), 5)]),
    "xyz:TSLA": ("xyz", [(Fraction(0), 20)]),
    "io:ANTH": ("io", [(Fraction(0), 6)]),
    "flx:GOLD": ("flx", [(Fraction(0), 15)]),
}
"""The tiers of some assets, as the shipped tier file and the account files have them."""


def tiers_of(coin: str) -> list[tuple[Fraction, Fraction]]:
    """Rates and deductions, by the recurrence."""
    bounds = COINS[coin][1]
    found = [(Fraction(1, 2 * bounds[0][1]), Fraction(0))]
    for (_, _), (lower, leverage) in pairwise(bounds):
        rate = Fraction(1, 2 * leverage)
        found.append((rate, found[-1][1] + lower * (rate - found[-1][0])))
    return found


def kept(coin: str, notional: Fraction) -> Fraction:
    return max(notional * rate - deduction for rate, deduction in tiers_of(coin))


def price_of(row: Row, value: Fraction, others: Fraction) -> Fraction | None:
    """The price at which account value meets maintenance: found by every tier's root."""
    size, side = abs(row.size), 1 if row.size > 0 else -1
    roots = [
        (others - deduction - value + side * row.notional) / (size * (side - rate))
        for rate, deduction in tiers_of(row.coin)
    ]
    root = max(roots) if side > 0 else min(roots)
    return root if root > 0 else None


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    chosen = draw(st.lists(st.sampled_from(sorted(COINS)), min_size=1, unique=True))
    made = []
    for coin in chosen:
        size = Fraction(draw(st.integers(1, 10**7)), 1000) * draw(st.sampled_from((1, -1)))
        mark = Fraction(draw(st.integers(1, 10**8)), 1000)
        most = COINS[coin][1][0][1]
        row = Row(coin, size, mark, draw(st.integers(1, most)), most, Fraction(0))
        if not row.notional:
            row = row._replace(mark=Fraction(10**6))
        equity = None
        if draw(st.booleans()):
            equity = cut(row.notional * draw(st.integers(1, 100)) / 100) + STEP
        made.append(row._replace(kept=kept(coin, row.notional), equity=equity))
    return made


TOKENS = {"": 0, "xyz": 0, "io": 0, "flx": 360}


def by_dex(made: list[Row]) -> dict[str, list[Row]]:
    dexes: dict[str, list[Row]] = {}
    for row in made:
        dexes.setdefault(COINS[row.coin][0], []).append(row)
    return dexes


class Expected:
    """What one pool holds, by the rules."""

    def __init__(self, made: list[Row], token: int) -> None:
        self.rows = [row for row in made if TOKENS[COINS[row.coin][0]] == token]
        self.cross = [row for row in self.rows if row.equity is None]
        self.isolated = sum((row.equity or Fraction(0) for row in self.rows), Fraction(0))
        self.maintenance = sum((cut(row.kept) for row in self.cross), Fraction(0))
        self.required = Fraction(0)
        for dex, inside in by_dex(self.cross).items():
            initial = sum((cut(row.notional / row.leverage) for row in inside), Fraction(0))
            tenth = sum((row.notional for row in inside), Fraction(0)) / 10
            self.required += initial if dex else max(initial, tenth)

    def price(self, row: Row, value: Fraction) -> Fraction | None:
        return price_of(row, value, self.maintenance - cut(row.kept))


def read(file: Any) -> list[AccountReport]:
    loaded = [read_account(one, VENUE, Overrides()) for one in read_accounts(as_bytes(file), "f")]
    return [evaluate(reading.account, reading.venue) for reading in loaded]


def same(ours: Decimal | None, theirs: Fraction | None) -> bool:
    """Whether a figure is the expected one, to the 50 digits of a quotient."""
    if ours is None or theirs is None:
        return ours is None and theirs is None
    return abs(fraction_of(ours) - theirs) <= abs(theirs) / 10**45


def check_pool(answer: AccountReport, expected: Expected, equity: Fraction) -> CrossReport:
    cross = answer.cross
    assert cross is not None
    value = abs(equity) // STEP * STEP * (1 if equity >= 0 else -1)
    assert fraction_of(cross.account_value) == value
    assert fraction_of(cross.maintenance_margin) == expected.maintenance
    for report, row in zip(answer.positions, expected.rows, strict=True):
        assert report.asset == row.coin
        if row.equity is None:
            assert same(report.liquidation_price, expected.price(row, value))
        else:
            assert fraction_of(report.equity or Decimal(0)) == row.equity
            assert same(report.liquidation_price, price_of(row, row.equity, Fraction(0)))
    return cross


money = st.integers(-(10**15), 10**17).map(lambda number: Fraction(number, 10**8))
orders = st.integers(0, 10**9).map(lambda number: Fraction(number, 10**6))


@given(rows(), st.tuples(money, money), orders)
def test_unified_pools_are_what_the_rules_say(
    made: list[Row], totals: tuple[Fraction, Fraction], held: Fraction
) -> None:
    made.sort(key=lambda row: list(TOKENS).index(COINS[row.coin][0]))
    expected = {token: Expected(made, token) for token in (0, 360)}
    equities = dict(zip(expected, totals, strict=True))
    balances, available = [], []
    for token, pool in expected.items():
        total = equities[token] + pool.isolated
        hold = cut(pool.required) + pool.isolated + held
        balances.append(balance(token, f"T{token}", total, hold))
        available.append(
            [token, str(Decimal(balance(0, "", equities[token] - pool.maintenance, hold)["total"]))]
        )
    spot = {"balances": balances, "tokenToAvailableAfterMaintenance": available}
    answers = read(account_file("unifiedAccount", by_dex(made), spot))
    pools = [token for token, pool in expected.items() if pool.rows]
    assert len(answers) == len(pools)
    for answer, token in zip(answers, pools, strict=True):
        pool, equity = expected[token], equities[token]
        cross = check_pool(answer, pool, equity)
        assert cross.token == f"T{token}"
        assert same(cross.margin_ratio, pool.maintenance / equity if equity > 0 else None)
        assert cross.liquidatable == (fraction_of(cross.account_value) < pool.maintenance)
        free = equity - cut(pool.required) - held
        assert cross.max_removable is not None
        assert fraction_of(cross.max_removable) == max(Fraction(0), free)


@given(rows(), money, money)
def test_portfolio_margin_is_what_the_rules_say(
    made: list[Row], equity: Fraction, others: Fraction
) -> None:
    made = [row for row in made if TOKENS[COINS[row.coin][0]] == 0] or [
        Row("BTC", Fraction(1), Fraction(10**5), 10, 40, kept("BTC", Fraction(10**5)))
    ]
    made.sort(key=lambda row: list(TOKENS).index(COINS[row.coin][0]))
    pool = Expected(made, 0)
    others = abs(others)
    total, backing = equity + pool.isolated, equity + others
    hold = cut(pool.required) + pool.isolated - others
    spot_hold = hold + others
    row = balance(0, "USDC", total, hold, spotHold=balance(0, "", spot_hold, hold)["total"])
    available = balance(0, "", backing - pool.maintenance, hold)["total"]
    spot = {
        "balances": [row],
        "portfolioMarginEnabled": True,
        "tokenToAvailableAfterMaintenance": [[0, available]],
    }
    (answer,) = read(account_file("portfolioMargin", by_dex(made), spot))
    cross = check_pool(answer, pool, backing)
    value = fraction_of(cross.account_value)
    borrowed = max(Fraction(0), pool.maintenance - equity)
    ratio = None if value + borrowed <= 0 else (pool.maintenance + borrowed) / (value + borrowed)
    assert same(cross.portfolio_margin_ratio, ratio)
    # by products, as nothing may be owed of nothing
    assert cross.liquidatable == (100 * (pool.maintenance + borrowed) > 95 * (value + borrowed))
    assert fraction_of(cross.available) == total - hold
    assert cross.max_removable is not None
    assert fraction_of(cross.max_removable) == max(Fraction(0), total - spot_hold)
    for report, held in zip(answer.positions, pool.rows, strict=True):
        if held.equity is None:
            check_limit_price(report, held, pool, value, value - equity)
        else:
            assert report.portfolio_liquidation_price is None
    # at the common moves to the limit, the ratio worked out from the rows alone is the limit
    move = cross.portfolio_liquidating_move
    assert move is not None
    for end in [fraction_of(end) for end in move if end is not None]:
        crossed = [row for row in made if row.equity is None]
        moved = backing + sum(
            (end * row.notional * (1 if row.size > 0 else -1) for row in crossed), Fraction(0)
        )
        needed = sum((kept(row.coin, row.notional * (1 + end)) for row in crossed), Fraction(0))
        lent = max(Fraction(0), needed - (moved - others))
        assert abs(needed + lent - Fraction(95, 100) * (moved + lent)) < Fraction(1, 1000)


def check_limit_price(
    report: PositionReport, row: Row, pool: Expected, value: Fraction, other: Fraction
) -> None:
    """At the price where portfolio margin liquidates, its ratio is 95 %, other marks unchanged."""
    price = report.portfolio_liquidation_price
    if price is None:
        return
    notional = abs(row.size) * fraction_of(price)
    then = value + (1 if row.size > 0 else -1) * (notional - row.notional)
    maintenance = pool.maintenance - cut(row.kept) + kept(row.coin, notional)
    borrowed = max(Fraction(0), maintenance - (then - other))
    needed, backing = 100 * (maintenance + borrowed), 95 * (then + borrowed)
    scale = abs(needed) + abs(backing) + notional + row.notional + abs(value) + abs(other)
    assert abs(needed - backing) <= scale / 10**40
    if report.liquidation_price is not None:
        sooner = price - report.liquidation_price
        assert sooner >= 0 if row.size > 0 else sooner <= 0
