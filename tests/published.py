"""Files as exchanges publish them, made for tests."""

import json
from fractions import Fraction
from random import Random
from typing import Any

LADDERS = (
    # max leverages with their maintenance rates, as Binance combines them: freqtrade's
    # binance_leverage_tiers.json has these pairs, among them rates that are not 1/(2·leverage)
    ((125, "0.004"), (100, "0.005"), (75, "0.0065"), (50, "0.01"), (25, "0.02"), (20, "0.025")),
    ((75, "0.005"), (50, "0.006"), (40, "0.01"), (25, "0.02"), (20, "0.025"), (10, "0.05")),
    ((50, "0.015"), (25, "0.02"), (20, "0.025"), (10, "0.05")),
    ((25, "0.02"), (20, "0.025"), (10, "0.05")),
)
TOP = ((5, "0.1"), (4, "0.125"), (3, "0.15"), (2, "0.25"), (1, "0.5"))


def binance_like(symbols: int, seed: int = 1) -> dict[str, Any]:
    """Return so many symbols in freqtrade's form, their deductions computed with fractions."""
    random = Random(seed)  # noqa: S311 - a fixed sequence is what is wanted
    found = {}
    for index in range(symbols):
        scaled_tiers = [*LADDERS[index % len(LADDERS)], *TOP]
        bounds = [0]
        for _ in scaled_tiers:
            bounds.append((bounds[-1] or 5000) * random.choice((2, 3, 5)))
        found[f"C{index}/USDT:USDT"] = _tiers(scaled_tiers, bounds)
    return found


def _tiers(scaled_tiers: list[tuple[int, str]], bounds: list[int]) -> list[dict[str, Any]]:
    tiers = []
    deduction = before = Fraction(0)
    for index, (leverage, text) in enumerate(scaled_tiers):
        rate = Fraction(text)
        deduction += bounds[index] * (rate - before) if index else 0
        before = rate
        tiers.append(
            {
                "tier": index + 1.0,
                "currency": "USDT",
                "minNotional": float(bounds[index]),
                "maxNotional": float(bounds[index + 1]),
                "maintenanceMarginRate": float(text),
                "maxLeverage": float(leverage),
                "info": {
                    "bracket": str(index + 1),
                    "initialLeverage": str(leverage),
                    "notionalCap": str(bounds[index + 1]),
                    "notionalFloor": str(bounds[index]),
                    "maintMarginRatio": text,
                    "cum": str(float(deduction)),
                },
            }
        )
    return tiers


def json_bytes(value: Any) -> bytes:
    """Return a value as the bytes of a JSON file."""
    return json.dumps(value, indent=2).encode()
