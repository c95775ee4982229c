"""What a text that is no JSON likely is: the printed form of a program's value."""

import re

_LONGEST = 100_000
"""The characters at the beginning of a text that are looked at."""
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_PYTHON = re.compile(r"[{\[,:]\s*(?:'|(?:None|True|False|Decimal\()\b|Decimal\()")
_JAVASCRIPT = re.compile(
    r"[{,]\s*[A-Za-z_$][\w$]*\s*:|\[(?:Object|Array)\]|\bundefined\b|\.\.\. \d+ more item"
)


def printed_form_hint(text: str) -> str | None:
    """Return how to write JSON where a text looks as if Python or JavaScript had printed it."""
    start = _TEXT.sub('""', text[:_LONGEST])
    if start.lstrip()[:1] not in {"{", "["}:
        return None
    if _JAVASCRIPT.search(start):
        return "this looks as JavaScript prints it: write it with JSON.stringify(value)"
    if _PYTHON.search(start):
        return "this looks as Python prints it: write it with json.dumps(value)"
    return None
