"""Numbers and texts made fit to show: exact for scripts, rounded for people, nothing harmful."""

import re
from collections.abc import Iterable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

if TYPE_CHECKING:
    from marginctl.core.rules import Rules

_SUSPECT = re.compile(r"[^\n\x20-\x7e]")
"""What is no plain ASCII: only this needs a closer look."""


def escape_control(text: str) -> str:
    """Return a text with its control characters escaped, so that none reaches a terminal."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def cell_count(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for wide characters."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 1 + (east_asian_width(char) in "WF") for char in text)


def escape_json(text: str) -> str:
    r"""Return a JSON text with those characters escaped as JSON does it: ``\u009b``."""
    if text.isascii() and text.isprintable():
        return text
    return _SUSPECT.sub(_json_escape, text)


def _json_escape(found: re.Match[str]) -> str:
    char = found.group()
    if char.isprintable():
        return char
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def names_text(names: Iterable[str]) -> str:
    """Return the names of dexs in one line; the exchange gives its main one no name."""
    return ", ".join(name or "main" for name in names)


__all__ = ["ROUND_CEILING", "ROUND_DOWN", "ROUND_FLOOR", "ROUND_HALF_EVEN", "ROUND_UP"]

_DISPLAY = Context(prec=1000)
_NO_DECIMALS_FROM = 1000
_GROUP = 3
_MOST_DECIMALS = 6
_MATTERS = 4
"""Powers of ten by which an amount may be smaller than the largest beside it, and still count."""


class NumberText(str):
    """The text of a number, which JSON may have as a number too."""

    __slots__ = ()


def plain(value: Decimal) -> NumberText:
    """Return every digit of a number in plain notation, without an exponent or idle zeros."""
    return NumberText(strip_zeros(str(value), value))


def shorter(number: NumberText | Decimal | int, digits: int) -> NumberText:
    """Return a number to so many significant digits, to the nearest."""
    return plain(Context(prec=digits, rounding=ROUND_HALF_EVEN).create_decimal(number))


def strip_zeros(text: str, value: Decimal) -> str:
    """Return the text that ``str`` gives a number, without an exponent or idle zeros."""
    if "E" in text:
        text = format(value, "f")
    if text[-1] == "0" and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if value else "0"


def rounded(value: Decimal, decimals: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """Return a number rounded to so many decimals; zero without a sign."""
    short = value.quantize(Decimal(1).scaleb(-decimals), rounding=rounding, context=_DISPLAY)
    return short or abs(short)


def grouped(value: Decimal, decimals: int, rounding: str = ROUND_HALF_EVEN) -> str:
    """Return a number rounded to so many decimals, its thousands grouped: -1,234.50."""
    return f"{rounded(value, decimals, rounding):,f}"


def exact_text(value: Decimal) -> str:
    """Return a number that somebody gave, with all its digits, its thousands grouped."""
    text = strip_zeros(str(value), value)
    whole, dot, rest = text.partition(".")
    return text if len(whole) <= _GROUP else f"{int(whole):,}{dot}{rest}"


def percent(fraction: Decimal, rounding: str = ROUND_HALF_EVEN) -> str:
    """Return a fraction as a percentage: two decimals, more where it is small, none from 1000%."""
    hundredfold = fraction.scaleb(2, _DISPLAY)
    decimals = 2 if not hundredfold else min(12, max(2, 1 - hundredfold.adjusted()))
    if hundredfold.copy_abs() >= _NO_DECIMALS_FROM:
        decimals = 0
    return f"{grouped(hundredfold, decimals, rounding)}%"


def ratio_percent(ratio: Decimal) -> str:
    """Return a ratio that decides at 100% as a percentage: below it, never shown as 100%."""
    text = percent(ratio)
    return percent(ratio, ROUND_FLOOR) if ratio < 1 and text == "100.00%" else text


def signed_percent(move: Decimal) -> str:
    """Return a move with its sign, rounded toward no move."""
    return f"{'+' if move > 0 else ''}{percent(move, ROUND_DOWN)}"


def amount_decimals(amounts: Iterable[Decimal | None]) -> int:
    """Return how many decimals show the amounts of one screen alike.

    Two at least; more, up to six, where the smallest that matters beside the largest would keep
    less than three digits; and as many as the largest needs to be seen at all.
    """
    sizes = [amount.copy_abs() for amount in amounts if amount]
    if not sizes:
        return 2
    largest = max(sizes)
    smallest = min(size for size in sizes if size.adjusted() >= largest.adjusted() - _MATTERS)
    most = max(_MOST_DECIMALS, 2 - largest.adjusted())
    return min(most, max(2, 2 - smallest.adjusted()))


def decimals_for(scale: Decimal, digits: int) -> int:
    """Return how many decimals show a number of this size with so many digits, at least two."""
    return 2 if not scale else max(2, digits - 1 - scale.adjusted())


def ellipsised(value: Decimal, digits: int = 20) -> str:
    """Return a number in plain notation, cut after so many digits, which an ellipsis shows.

    Cut, not rounded: 0.09999… never looks like the 0.1 that it is below.
    """
    cut = Context(prec=digits, rounding=ROUND_DOWN).plus(value)
    return plain(cut) if cut == value else f"{plain(cut)}…"


_PARTS = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth", 10: "a tenth", 20: "a twentieth"}
_LIMITS = {
    "initial_margin": "the initial margin",
    "resting_orders": "the margin of positions and resting orders",
    "borrowing": "the balance that is not borrowed",
    "strict_isolated": "strict isolated margin",
    "maintenance_margin": "the maintenance margin",
    "profit_stays": "the maintenance margin and the unrealized profit, which cannot be removed",
    "max_leverage": "the asset's max leverage",
    "cross_account": "the cross account",
    "wallet": "the wallet",
    "min_leverage": "an effective leverage of 1x",
}


def limit_words(name: str | None, rules: "Rules") -> str:
    """Return a rule that limits transfers in words; ``name`` is that of a limit of the venue."""
    if name == "transfer_ratio" and rules.transfer_ratio is not None:
        return f"{_part_words(rules.transfer_ratio)} of the notional"
    return _LIMITS.get(name or "", name or "the transfer limit")


def _part_words(ratio: Decimal) -> str:
    for divisor, words in _PARTS.items():
        if ratio * divisor == 1:
            return words
    return f"{exact_text(ratio.scaleb(2))}%"
