"""Text from users, made safe to show.

Control characters, marks that turn the direction of text, separators of lines and lone surrogates
reach no terminal: they are shown as escapes. What is printable stays.
"""

import re
from collections.abc import Iterable
from unicodedata import combining, east_asian_width

_SUSPECT = re.compile(r"[^\n\x20-\x7e]")
"""What is no plain ASCII: only this needs a closer look."""


def visible(text: str) -> str:
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


def visible_json(text: str) -> str:
    r"""Return a JSON text with those characters escaped as JSON does it: ``\u009b``."""
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
