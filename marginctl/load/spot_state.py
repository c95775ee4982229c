"""The spot state of an account: its balances by token, and what portfolio margin adds to them.

Formulas: established on recorded responses of July to October 2026.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from marginctl.core.numbers import ZERO, exactly, fraction_of
from marginctl.load.exchange_record import Answer
from marginctl.load.forms import SPOT

TOKENS = {0: "USDC", 360: "USDH", 268: "USDT0", 235: "USDE"}
"""The names of collateral tokens, by their number; the spot balances name others."""
_NUMBERS = {name: number for number, name in TOKENS.items()}

AVAILABLE = "tokenToAvailableAfterMaintenance"
TOKEN_STEP = Decimal("1e-8")
"""The step of token balances; what is printed is a binary float of it."""


class Balance(NamedTuple):
    """A token's row of the spot state: amounts in the token; ``available`` after maintenance.

    ``hold`` is None where it is not given.
    """

    token: int
    coin: str
    total: Decimal
    hold: Decimal | None
    spot_hold: Decimal | None
    borrowed: Decimal
    available: Decimal | None


class SpotState(NamedTuple):
    """The balances of an account by their token's number, and the ratio of portfolio margin."""

    balances: Mapping[int, Balance]
    has_available: bool
    portfolio_margin: bool
    portfolio_ratio: Decimal | None


def read_spot(answer: Answer) -> SpotState | None:
    """Return the spot state beside an account's other answers, None where it is not given."""
    key = next((key for key in SPOT if answer.has(key)), None)
    if key is None:
        return None
    spot = answer.inside(key)
    # entries of subAccounts2 have it beside the spot state
    source = spot if spot.has(AVAILABLE) else answer
    available = {
        int(token): _token_amount(amount) for token, amount in source.number_pairs(AVAILABLE)
    }
    balances = {}
    for row in spot.rows("balances"):
        token = _token(row)
        if token is None:
            continue  # a share in an outcome, which is no collateral
        balances[token] = Balance(
            token,
            row.text("coin"),
            _token_amount(row.number("total")),
            _token_amount(row.number("hold")) if row.has("hold") else None,
            _token_amount(row.number("spotHold")) if row.has("spotHold") else None,
            _token_amount(row.maybe_number("borrowed") or ZERO),
            available.get(token),
        )
    for token, amount in available.items():
        if token not in balances:
            balances[token] = Balance(token, "", ZERO, None, None, ZERO, amount)
    return SpotState(
        balances,
        source.has(AVAILABLE),
        spot.value("portfolioMarginEnabled") is True,
        spot.maybe_number("portfolioMarginRatio"),
    )


def _token(row: Answer) -> int | None:
    """Return the number of a row's token; some programs keep only its name."""
    if row.has("token"):
        return int(row.number("token"))
    return _NUMBERS.get(str(row.value("coin")))


@exactly
def _token_amount(amount: Decimal) -> Decimal:
    """Return a token amount to its step: "2124582.5530701103" is 2,124,582.55307011."""
    return round(fraction_of(amount) / fraction_of(TOKEN_STEP)) * TOKEN_STEP
