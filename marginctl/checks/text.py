"""Figures and names in the words of findings."""

import re
from collections.abc import Collection, Iterable
from decimal import Decimal
from fractions import Fraction

from marginctl.core.numbers import finite

_MANY_NAMES = 2000
_LONG = 40


def named(text: str) -> str:
    """Return a text of the file in quotes, cut where it is long."""
    return repr(str(text) if len(text) <= _LONG else f"{text[:_LONG]}…")


def exact(value: Fraction) -> str:
    """Return a number with all its digits, or as a fraction where it has no end."""
    try:
        return f"{finite(value):f}"
    except ValueError:
        return f"{value.numerator}/{value.denominator}"


def exact_percent(rate: Fraction) -> str:
    """Return a rate as an exact percentage."""
    return f"{exact(rate * 100)}%"


def exact_grouped(value: Decimal) -> str:
    """Return a number with all its digits, its thousands grouped."""
    return f"{value:,f}"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the nearest known words, or None.

    What others call the same thing comes first, then what is spelled alike, then the names that
    the word is a part of.
    """
    by_folded = {name.casefold(): name for name in known}
    if len(by_folded) > _MANY_NAMES:
        return None  # a hint is not worth seconds
    folded = word.casefold()[:100].lstrip("-").replace("-", "_")
    near = [name for name in SYNONYMS.get(folded, ()) if name in by_folded]
    near = near or _spelt_alike(folded, by_folded, 0.75) or _containing(folded, by_folded)
    near = near or _spelt_alike(folded, by_folded, 0.6)
    if not near:
        return None
    return f"did you mean {' or '.join(by_folded[name] for name in near)}?"


def known_hint(word: str, known: Collection[str], kind: str = "known") -> str:
    """Return a hint that names the nearest known words, else all of them."""
    return did_you_mean(word, known) or f"{kind}: {', '.join(known)}"


SYNONYMS: dict[str, tuple[str, ...]] = {
    "above": ("lower_bound",),
    "amount": ("size", "amount"),
    "balance": ("collateral", "cross.account_value"),
    "cap": ("upper_bound",),
    "cash": ("collateral",),
    "coin": ("asset",),
    "contracts": ("size",),
    "cum": ("maintenance_deduction",),
    "deduction": ("maintenance_deduction",),
    "direction": ("side",),
    "entry": ("entry_price",),
    "floor": ("lower_bound",),
    "from": ("lower_bound",),
    "im": ("initial_margin",),
    "initial_leverage": ("max_leverage",),
    "initialleverage": ("max_leverage",),
    "lev": ("leverage", "max_leverage"),
    "liq": ("liquidation_price",),
    "liq_price": ("liquidation_price",),
    "maintenance_rate": ("maintenance_margin_rate",),
    "maintmarginratio": ("maintenance_margin_rate",),
    "mark": ("mark_price",),
    "max_notional": ("upper_bound",),
    "maxnotional": ("upper_bound",),
    "min_notional": ("lower_bound",),
    "minnotional": ("lower_bound",),
    "mm": ("maintenance_margin",),
    "mmr": ("maintenance_margin_rate",),
    "mode": ("margin_mode",),
    "notional_cap": ("upper_bound",),
    "notional_floor": ("lower_bound",),
    "notionalcap": ("upper_bound",),
    "notionalfloor": ("lower_bound",),
    "pnl": ("unrealized_pnl",),
    "position_size": ("size",),
    "price": ("entry_price", "mark_price"),
    "px": ("entry_price", "mark_price"),
    "qty": ("size",),
    "quantity": ("size",),
    "roe": ("return_on_equity",),
    "symbol": ("asset",),
    "sz": ("size",),
    "szi": ("size",),
    "ticker": ("asset",),
    "to": ("upper_bound",),
    "type": ("side", "margin_mode"),
    "up_to": ("upper_bound",),
    "upnl": ("unrealized_pnl",),
    "wallet": ("collateral",),
}
"""What others call our keys and fields."""


def _spelt_alike(word: str, known: Iterable[str], likeness: float) -> list[str]:
    from difflib import get_close_matches  # only wrong input pays for it

    return get_close_matches(word, list(known), n=3, cutoff=likeness)


def _containing(word: str, known: Iterable[str]) -> list[str]:
    """Return the first names of which the word is a whole part: ratio of margin_ratio."""
    parts = re.compile(r"[_.\- ]")
    return [name for name in known if word in parts.split(name)][:3]
