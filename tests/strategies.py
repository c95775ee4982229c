"""Tables and positions that hypothesis draws, of every kind."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from marginctl.core.position import Position, Side
from marginctl.core.tiers import TierSpec, TierTable
from tests.building import position


def decimals(low: str, high: str, places: int = 4) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, allow_nan=False, allow_infinity=False, places=places)


@st.composite
def tables(draw: st.DrawFn) -> TierTable:
    """Draw a table of one to five tiers: max leverage falls, so rates rise; some are stated."""
    leverages = draw(
        st.lists(st.integers(2, 125), min_size=1, max_size=5, unique=True).map(
            lambda drawn: sorted(drawn, reverse=True)
        )
    )
    steps = draw(
        st.lists(
            decimals("0.01", "100000", 2), min_size=len(leverages) - 1, max_size=len(leverages) - 1
        )
    )
    bounds = [Decimal(0)]
    for step in steps:
        bounds.append(bounds[-1] + step)
    share = draw(st.sampled_from([None, Fraction(1, 3), Fraction(3, 5)]))
    specs = [
        TierSpec(bound, Decimal(top), None if share is None else share / top)
        for bound, top in zip(bounds, leverages, strict=True)
    ]
    return TierTable.build(specs)


@st.composite
def positions(draw: st.DrawFn, equity: str | None = None) -> Position:
    """Draw an isolated position; without ``equity``, of any equity or of the default margin."""
    size = draw(decimals("0.0001", "5000", 4))
    mark = draw(decimals("0.01", "500", 2))
    entry = draw(st.just(mark) | decimals("0.01", "500", 2))
    worth = draw(st.none() | decimals("-2", "3", 4)) if equity is None else Decimal(equity)
    side, leverage = draw(st.sampled_from(Side)), draw(st.integers(1, 50))
    value = None if worth is None else worth * size * mark
    return position(side * size, entry, leverage, mark, equity=value)


@st.composite
def isolated(draw: st.DrawFn, leverages: tuple[int, ...] = (1, 2, 3, 5, 7, 10, 13, 20)) -> Position:
    """Draw an isolated position of a few units, some of it with a margin of its own."""
    size = draw(decimals("0.01", "300", 2))
    entry = draw(decimals("1", "200", 3))
    mark = draw(decimals("1", "200", 3))
    side = draw(st.sampled_from(Side))
    leverage = draw(st.sampled_from(leverages))
    margin = draw(st.none() | decimals("1", "9000", 6))
    return position(side * size, entry, leverage, mark, margin=margin)
