"""The text of a YAML file by lines, as the marks of its reader count them."""

import re

from marginctl.load.problems import InputError, Place

_LINE = re.compile("[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029]|$)")
_BOM = b"\xef\xbb\xbf"


def split_lines(data: bytes, file: str) -> tuple[bytes, list[str]]:
    """Return a byte order mark if there is one, and the lines with their ends.

    Raises:
        InputError: it is another encoding of Unicode; only UTF-8 is written.
    """
    body = data.removeprefix(_BOM)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise InputError.of("not UTF-8 text", "save the file as UTF-8", Place(file)) from None
    return data[: len(data) - len(body)], [line for line in _LINE.findall(text) if line]


def join_lines(mark: bytes, lines: list[str]) -> bytes:
    """Return the file of a byte order mark and lines."""
    return mark + "".join(lines).encode()
