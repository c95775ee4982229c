"""Which currencies a market has, by the ways in which exchanges and ccxt write its symbol."""

import re
from typing import NamedTuple

_QUOTES = (
    *("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDE", "USD1", "USDH", "USDS", "RLUSD", "USD"),
    *("EUR", "TRY", "BRL", "BTC", "ETH", "BNB"),
)
"""Currencies that end a symbol in one word; a longer one comes before its own end."""


class Market(NamedTuple):
    """The currencies of a market; ``settle`` is what margin and PnL are paid in."""

    base: str
    quote: str
    settle: str

    @property
    def unusable(self) -> str | None:
        """Why tiers of this market are no amounts of its quote currency; None where they are."""
        if self.settle == self.quote:
            return None
        if self.settle == self.base:
            return "inverse contracts, whose tiers are amounts of the base, not of the quote"
        return "quanto contracts, which settle in neither their quote nor their base"


def unified_market(symbol: str) -> Market | None:
    """Return the market of ccxt's ``BASE/QUOTE:SETTLE-EXPIRY``; None where it is none.

    Without a settle part the quote is what it settles in.
    """
    found = re.fullmatch(r"([^/]*)/([^:/]+)(?::([^-]+)(?:-.*)?)?", symbol)
    if found is None:
        return None
    base, quote, settle = found.groups()
    return Market(base, quote, settle or quote)


def exchange_market(symbol: str) -> Market | None:
    """Return the market of an exchange's own symbol: BTCUSDT, BTC_USDT, BTCPERP, BTCUSD_PERP.

    One quoted in plain USD settles in its base; where no currency ends the symbol it is None.
    """
    word = re.sub(r"(?<=.)[_-](PERP|\d{6,8}|\d{1,2}[A-Z]{3}\d{2})$", "", symbol)
    if word == symbol and symbol.endswith("PERP"):
        base = symbol.removesuffix("PERP")
        return Market(base, "USDC", "USDC") if base else None
    parts = re.fullmatch(r"(.+?)[_/-](.+)", word)
    if parts is not None:
        base, quote = parts.groups()
    else:
        quote = next((one for one in _QUOTES if word.endswith(one) and word != one), "")
        base = word.removesuffix(quote)
    if not quote:
        return None
    return Market(base, quote, base if quote == "USD" else quote)
