"""Random books of positions, for the core and for the brute force at once."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from marginctl.core.account import Account
from marginctl.core.position import MarginMode, Position, Side
from tests.building import position, venue
from tests.core.brute import Book, Held, Tiers

LADDERS: dict[str, list[tuple[str, str]]] = {
    "ETH": [("0", "25"), ("100000000", "15")],
    "FLAT": [("0", "3")],
    "ODD": [("0", "15"), ("1000", "7"), ("30000", "3")],
    "STEEP": [("0", "50"), ("99.5", "37"), ("100", "11"), ("100.25", "9"), ("101", "1")],
}


VENUE = venue(LADDERS)
TIERS: dict[str, Tiers] = {
    name: tuple((Fraction(lower), Fraction(most)) for lower, most in rows)
    for name, rows in LADDERS.items()
}


def held(position: Position, beta: Decimal = Decimal(1)) -> Held:
    """Return a position as the brute force knows it."""
    return Held(
        TIERS[position.asset],
        Fraction(position.side * position.size),
        Fraction(position.entry_price),
        Fraction(position.mark_price),
        Fraction(position.leverage),
        Fraction(beta),
    )


@dataclass(frozen=True)
class Drawn:
    """An account, its betas, and the same as a book."""

    account: Account
    betas: dict[str, Decimal]
    book: Book


def prices() -> st.SearchStrategy[Decimal]:
    return st.integers(1, 10**6).map(lambda number: Decimal(number).scaleb(-2))


@st.composite
def positions(draw: st.DrawFn, asset: str, mode: MarginMode = MarginMode.CROSS) -> Position:
    """Draw a position; half of the time its notional is exactly on a tier's bound."""
    mark = draw(prices())
    bounds = [Decimal(lower) for lower, _ in LADDERS[asset][1:]]
    on_a_bound = draw(st.booleans())
    if bounds and on_a_bound:
        mark = Decimal(draw(st.sampled_from(["1", "0.5", "2", "80"])))
        size = bounds[draw(st.integers(0, len(bounds) - 1))] / mark
    else:
        size = draw(st.integers(1, 10**7)) * Decimal("0.001")
    entry = mark * draw(st.integers(60, 150)) / 100
    leverage = Decimal(draw(st.integers(1, int(LADDERS[asset][0][1]))))
    side = draw(st.sampled_from([Side.LONG, Side.SHORT]))
    cross = mode is MarginMode.CROSS
    equity = None if cross else size * mark * draw(st.integers(-20, 1200)) / 1000
    return position(side * size, entry, leverage, mark, asset=asset, equity=equity, cross=cross)


@st.composite
def accounts(draw: st.DrawFn) -> Drawn:
    """Draw a cross account with betas, from under water to rich."""
    names = draw(st.lists(st.sampled_from(sorted(LADDERS)), min_size=1, max_size=4, unique=True))
    drawn = [draw(positions(name)) for name in names]
    betas = {
        name: Decimal(draw(st.sampled_from(["1", "1", "0.5", "1.3", "2", "0", "-0.7"])))
        for name in names
        if draw(st.booleans())
    }
    gross = sum((one.notional for one in drawn), Decimal(0))
    value = gross * draw(st.integers(-50, 900)) / 1000
    pnl = sum((one.side * (one.notional - one.cost) for one in drawn), Decimal(0))
    cash = value - pnl
    book = Book(Fraction(cash), tuple(held(one, betas.get(one.asset, Decimal(1))) for one in drawn))
    return Drawn(Account(tuple(drawn), cash), betas, book)
