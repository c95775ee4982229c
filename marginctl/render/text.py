"""Text from users, made safe to show."""


def visible(text: str) -> str:
    """Return a text with its control characters escaped, so that none reaches a terminal."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )
