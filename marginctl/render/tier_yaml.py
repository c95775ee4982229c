"""A venue's tiers as the text of a tier file."""

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from marginctl.render.layout import wrapped
from marginctl.render.numbers import as_given
from marginctl.render.text import visible

Data = Mapping[str, Any]

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_PLAIN_PHRASE = re.compile(r"[A-Za-z][A-Za-z0-9_./,'() -]*")
_COMMENT_WIDTH = 92
_NOT_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that readers of YAML take for something else."""


def tier_file_text(
    name: str, venue: Data, remarks: Iterable[str], table_remarks: Mapping[str, str]
) -> str:
    """Return a tier file with one venue."""
    lines = ["venues:", *venue_lines(name, venue, remarks, table_remarks)]
    return "".join(f"{line}\n" for line in lines)


def venue_lines(
    name: str,
    venue: Data,
    remarks: Iterable[str],
    table_remarks: Mapping[str, str],
    indent: int = 2,
) -> list[str]:
    """Return a venue's lines as an entry of ``venues``, indented so many columns.

    ``venue`` has the keys of a tier file, its numbers as they are. Remarks become comments.
    """
    lines = [f"{key_text(name)}:"]
    for remark in remarks:
        lines += [f"  # {line}" for line in wrapped(visible(remark), _COMMENT_WIDTH)]
    for key, value in venue.items():
        if key not in {"tables", "assets"}:
            lines.append(f"  {key}: {_scalar(value, phrase=True)}")
    if venue.get("tables"):
        lines.append("  tables:")
        for table, tiers in venue["tables"].items():
            comment = f" # {visible(table_remarks[table])}" if table in table_remarks else ""
            lines.append(f"    {key_text(table)}:{comment}")
            lines += [f"      - {_flow(tier)}" for tier in tiers]
    lines.append("  assets:")
    lines += [f"    {key_text(asset)}: {_flow(entry)}" for asset, entry in venue["assets"].items()]
    return [" " * indent + line for line in lines]


def key_text(name: str) -> str:
    """Return a name as a key, in quotes where YAML would read it as something else."""
    return _scalar(name)


def _flow(entry: Data) -> str:
    return f"{{{', '.join(f'{key}: {_scalar(value)}' for key, value in entry.items())}}}"


def _scalar(value: Any, *, phrase: bool = False) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return as_given(value).replace(",", "_")
    text = str(value)
    if isinstance(value, str) and not _is_plain(text, _PLAIN_PHRASE if phrase else _PLAIN):
        return _quoted(text)
    return text


def _is_plain(text: str, form: re.Pattern[str]) -> bool:
    known = form.fullmatch(text) is not None and text == text.rstrip()
    return known and text.casefold() not in _NOT_TEXT


def _quoted(text: str) -> str:
    """Return a text in double quotes, what cannot be printed escaped as YAML escapes it."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in quoted)
