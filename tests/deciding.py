"""Positions, venues and an oracle in plain fractions, for tests of what-ifs and solutions.

The oracle knows the conditions of the venues and nothing of the code: it finds by halving an
interval what the code finds by a formula.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from marginctl.core.position import Asset, AssetMode, MarginMode, Position, Side
from marginctl.core.rules import Rules, Venue
from marginctl.core.tiers import TierSpec, TierTable
from marginctl.venues.hyperliquid import Hyperliquid
from marginctl.venues.trado import Trado

Rows = tuple[tuple[int, int], ...]
ETH: Rows = ((0, 25), (100_000_000, 15))
DOGE: Rows = ((0, 10), (20_000_000, 5))
STEEP: Rows = ((0, 20), (1_000, 15), (5_000, 7), (20_000, 3))
ONE: Rows = ((0, 100),)
HYPERLIQUID, TRADO = Hyperliquid(), Trado()


def venue(
    rows: Rows = ETH,
    rules: Rules = HYPERLIQUID,
    mode: AssetMode = AssetMode.NORMAL,
    *,
    delisted: bool = False,
    upper: int | None = None,
    size_decimals: int | None = None,
) -> Venue:
    """A venue with one kind of asset under two names."""
    specs = [TierSpec(Decimal(low), Decimal(leverage)) for low, leverage in rows]
    table = TierTable.build(specs, None if upper is None else Decimal(upper))
    assets = {
        name: Asset(name, table, mode, size_decimals, delisted=delisted) for name in ("ETH", "SOL")
    }
    return Venue("venue", rules, "USDC", assets)


def position(
    size: str,
    entry: str,
    leverage: str = "10",
    mark: str | None = None,
    *,
    margin: str | None = None,
    equity: str | None = None,
    cross: bool = False,
    asset: str = "ETH",
) -> Position:
    """A position from texts; a size below zero is a short."""
    signed = Decimal(size)
    return Position.at_prices(
        asset,
        Side.SHORT if signed < 0 else Side.LONG,
        abs(signed),
        Decimal(entry),
        Decimal(leverage),
        mark_price=None if mark is None else Decimal(mark),
        margin_mode=MarginMode.CROSS if cross else MarginMode.ISOLATED,
        margin=None if margin is None else Decimal(margin),
        equity=None if equity is None else Decimal(equity),
    )


def maintenance(rows: Rows, notional: Fraction) -> Fraction:
    """Maintenance margin, tier by tier: each part of the notional at its own tier's rate."""
    total = Fraction(0)
    bounds = [low for low, _ in rows[1:]] + [None]
    for (low, leverage), high in zip(rows, bounds, strict=True):
        inside = min(notional, Fraction(high)) if high is not None else notional
        total += max(Fraction(0), inside - low) / (2 * leverage)
    return total


def halved(
    holds: Callable[[Fraction], bool], low: Fraction, high: Fraction, steps: int = 200
) -> Fraction:
    """The place between two ends where a condition begins to hold, to the width / 2^steps."""
    assert not holds(low)
    assert holds(high)
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def near(value: Fraction | Decimal | None, expected: Fraction, scale: Fraction) -> bool:
    """Whether two numbers agree to 30 digits of a scale."""
    return value is not None and abs(Fraction(value) - expected) <= scale / 10**30


def decimals(low: str, high: str, places: int = 4) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places)


@st.composite
def isolated(draw: st.DrawFn, leverages: tuple[int, ...] = (1, 2, 3, 5, 7, 10, 13, 20)) -> Position:
    """An isolated position of a few units, some of it with a margin of its own."""
    size = draw(decimals("0.01", "300", 2))
    entry = draw(decimals("1", "200", 3))
    mark = draw(decimals("1", "200", 3))
    return Position.at_prices(
        "ETH",
        draw(st.sampled_from(Side)),
        size,
        entry,
        Decimal(draw(st.sampled_from(leverages))),
        mark_price=mark,
        margin=draw(st.none() | decimals("1", "9000", 6)),
    )
