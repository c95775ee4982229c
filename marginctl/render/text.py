"""Text from users, made safe to show."""

import json


def visible(text: str) -> str:
    """Return a text with its control characters escaped, so that none reaches a terminal."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def printable_json(text: str) -> str:
    """Return a JSON text with what `visible` would escape escaped as JSON escapes it.

    Line ends stay: outside strings they are JSON's own, and within them it has escaped them.
    """
    if text.replace("\n", "").isprintable():
        return text
    return "".join(
        char if char == "\n" or char.isprintable() else json.dumps(char)[1:-1] for char in text
    )
