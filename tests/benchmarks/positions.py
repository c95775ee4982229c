"""Random positions, one a line, the same ones every time."""

import json
import random
from collections.abc import Iterator
from decimal import Decimal

ASSETS = {
    "BTC": (60_000, 40),
    "ETH": (2_500, 25),
    "SOL": (150, 20),
    "ATOM": (5, 5),
    "DOGE": (0.1, 10),
}
"""Each with a price near which it trades, and its max leverage."""


def lines(count: int, seed: int = 1) -> Iterator[str]:
    """Yield positions as NDJSON lines without their ends; all of them can be evaluated."""
    source = random.Random(seed)  # noqa: S311 - nothing secret
    for _ in range(count):
        asset = source.choice(list(ASSETS))
        price, most = ASSETS[asset]
        entry = price * source.uniform(0.5, 2)
        position = {
            "asset": asset,
            "side": source.choice(["long", "short"]),
            "size": f"{10 ** source.uniform(2, 8) / price:.4f}",
            "entry_price": _plain(entry),
            "mark_price": _plain(entry * source.uniform(0.9, 1.1)),
            "leverage": source.randint(1, most),
        }
        yield json.dumps(position)


def _plain(value: float) -> str:
    """Return a price to six digits, without an exponent or idle zeros."""
    return f"{Decimal(f'{value:.6g}').normalize():f}"
