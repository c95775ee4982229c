"""Account files as the exchange gives them, made from what a test needs to say."""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

STEP = Fraction(1, 10**6)


class Row(NamedTuple):
    """A position of an account file; ``equity`` is that of an isolated one, None for cross."""

    coin: str
    size: Fraction
    """Signed."""
    mark: Fraction
    leverage: int
    max_leverage: int
    kept: Fraction
    """Its maintenance margin."""
    equity: Fraction | None = None

    @property
    def notional(self) -> Fraction:
        return cut(abs(self.size) * self.mark)


def cut(amount: Fraction) -> Fraction:
    return amount // STEP * STEP


def text(amount: Fraction) -> str:
    """An amount of whole micro-dollars, or a token amount of 8 decimals, as a JSON text."""
    scaled = amount * 10**8
    assert scaled.denominator == 1
    sign, digits = ("-" if scaled < 0 else ""), f"{abs(scaled.numerator):09d}"
    return f"{sign}{digits[:-8]}.{digits[-8:]}"


def state(rows: Sequence[Row]) -> dict[str, Any]:
    """A clearinghouseState; what it says of its own account value is as wrong as can be."""
    cross = [row for row in rows if row.equity is None]
    summary = {
        "accountValue": "-1.0",
        "totalNtlPos": text(sum((row.notional for row in cross), Fraction(0))),
        "totalRawUsd": "0.0",
        "totalMarginUsed": text(
            sum((cut(row.notional / row.leverage) for row in cross), Fraction(0))
        ),
    }
    return {
        "marginSummary": summary,
        "crossMarginSummary": summary,
        "crossMaintenanceMarginUsed": text(sum((cut(row.kept) for row in cross), Fraction(0))),
        "withdrawable": "0.0",
        "assetPositions": [{"type": "oneWay", "position": _position(row)} for row in rows],
        "time": 1791168899821,
    }


def _position(row: Row) -> dict[str, Any]:
    leverage: dict[str, Any] = {"type": "cross", "value": row.leverage}
    if row.equity is not None:
        signed = row.notional if row.size > 0 else -row.notional
        leverage = {
            "type": "isolated",
            "value": row.leverage,
            "rawUsd": text(row.equity - signed),
        }
    return {
        "coin": row.coin,
        "szi": text(row.size),
        "leverage": leverage,
        "entryPx": text(row.mark),
        "positionValue": text(row.notional),
        "unrealizedPnl": "0.0",
        "returnOnEquity": "0.0",
        "liquidationPx": None,
        "marginUsed": "0.0",
        "maxLeverage": row.max_leverage,
    }


def account_file(
    mode: str | None, states: Mapping[str, Sequence[Row]], spot: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "userAbstraction": mode,
        "spotClearinghouseState": spot,
        "clearinghouseState": {dex: state(rows) for dex, rows in states.items()},
    }


def balance(token: int, coin: str, total: Fraction, hold: Fraction, **more: str) -> dict[str, Any]:
    amounts = {"total": text(total), "hold": text(hold), "entryNtl": "0.0"}
    return {"coin": coin, "token": token, **amounts, **more}


def as_bytes(file: Any) -> bytes:
    return json.dumps(file).encode()
