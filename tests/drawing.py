"""Random positions and accounts, the same ones in every run."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import NamedTuple

from marginctl.core.account import Account, cash_of
from marginctl.core.position import MarginMode, Position, Side
from tests.building import Market, holding, position
from tests.oracle import Holding

DIVISORS = [Decimal(text) for text in ("0.0005", "0.25", "1", "1.6", "5", "80", "2500", "40000")]
"""Prices that divide any boundary without a remainder."""


class Drawn(NamedTuple):
    """A position, as each calculator knows it, and its market."""

    market: Market
    position: Position
    holding: Holding


def dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - chance for tests, not for secrets


def draw_amount(rng: Random, low: int, high: int) -> Decimal:
    """Draw an amount of one to twelve digits between two powers of ten."""
    digits = rng.randint(1, 12)
    coefficient = rng.randint(10 ** (digits - 1), 10**digits - 1)
    return Decimal(coefficient).scaleb(rng.randint(low, high) - digits)


def draw_position(
    rng: Random, market: Market, mode: MarginMode = MarginMode.ISOLATED
) -> Drawn | None:
    """Draw a position, often exactly on a boundary; None if it lies above the table's end."""
    size, mark = _draw_size_and_mark(rng, market)
    upper = market.core.upper_bound
    if upper is not None and size * mark > upper:
        return None
    side = rng.choice([Side.LONG, Side.SHORT])
    allowed = int(market.core.tiers[0].max_leverage)
    leverage = Decimal(rng.choice([1, 1, 3, 7, allowed, rng.randint(1, allowed)]))
    entry = mark * rng.choice([Decimal(1), Decimal(rng.randint(700, 1300)) / 1000])
    margin = equity = None
    if mode is MarginMode.ISOLATED:
        margin, equity = _draw_margin(rng, market, side * size * mark)
    held = position(
        size.copy_sign(side),
        entry,
        leverage,
        mark,
        asset=market.name,
        margin=margin,
        equity=equity,
        cross=mode is MarginMode.CROSS,
    )
    return Drawn(market, held, holding(held, equity=equity))


def draw_account(rng: Random, markets: Sequence[Market]) -> tuple[Account, list[Drawn]]:
    """Draw an account of cross positions, poor or rich, half of the time nearly hedged."""
    drawn: list[Drawn] = []
    hedged = rng.random() < 0.5
    for market in rng.choices(markets, k=rng.randint(1, 2) if hedged else rng.randint(1, 6)):
        one = draw_position(rng, market, MarginMode.CROSS)
        if one is not None:
            drawn.append(one)
            if hedged:
                drawn.append(_opposite(one, Decimal(rng.randint(700, 1000)) / 1000))
    gross = sum((one.position.notional for one in drawn), Decimal(0))
    value = gross * Decimal(rng.randint(0, 200) if hedged else rng.randint(-100, 1200)) / 1000
    cash = cash_of(value, [one.position for one in drawn])
    return Account(tuple(one.position for one in drawn), cash), drawn


def _opposite(one: Drawn, share: Decimal) -> Drawn:
    """Return a position the other way, of a share of the size and at today's price."""
    held = one.position
    size, mark = held.size * share, held.mark_price
    other = position(size.copy_sign(-held.side), mark, held.leverage, asset=held.asset, cross=True)
    return Drawn(one.market, other, holding(other))


def _draw_size_and_mark(rng: Random, market: Market) -> tuple[Decimal, Decimal]:
    kind = rng.random()
    if kind < 0.35 and market.bounds:
        mark = rng.choice(DIVISORS)
        return rng.choice(market.bounds) / mark, mark
    mark = draw_amount(rng, -3, 6)
    if kind < 0.45:
        return rng.choice([Decimal("1e-12"), Decimal("1e12")]), mark
    return draw_amount(rng, -6, 9), mark


def _draw_margin(
    rng: Random, market: Market, signed_notional: Decimal
) -> tuple[Decimal | None, Decimal | None]:
    """Draw the margin, the equity or neither."""
    kind = rng.random()
    if kind < 0.2 and market.bounds:
        # so much equity that the liquidation itself falls on a boundary
        boundary = Fraction(rng.choice(market.bounds))
        away = Fraction(signed_notional) - (1 if signed_notional > 0 else -1) * boundary
        needed = away + market.oracle.maintenance(boundary)
        equity = Decimal(needed.numerator) / needed.denominator
        return None, equity
    if kind < 0.7:
        # from deep under water to more than the notional
        amount = (abs(signed_notional) * Decimal(rng.randint(-50, 1500)) / 1000).normalize()
        return (abs(amount), None) if kind < 0.45 else (None, amount)
    return None, None
