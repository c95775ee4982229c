"""Positions one a line, taken as they come and in bounded memory."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from marginctl.load.files import Source

MAX_LINE = 1024 * 1024
"""Bytes of a line."""
_READ = 16 * 1024
_BOM = b"\xef\xbb\xbf"


class Chunk(NamedTuple):
    """Some whole lines, the number of the first (from 1), and the bytes of the file up to here.

    A line of more than `MAX_LINE` bytes is cut after one more, for the reader to refuse.
    """

    first: int
    data: bytes
    position: int

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield every line that is not blank, with its number."""
        for number, line in enumerate(self.data.split(b"\n"), self.first):
            if line and not line.isspace():
                yield number, line


def has_lines(source: Source) -> bool:
    """Whether a file has a JSON object in its first line; what was read for it is put back.

    That is NDJSON, whether more follows or not: no more than the first line is waited for.
    """
    head = b""
    ended = False
    first = b""
    while not ended and len(head) <= MAX_LINE and b"\n" not in first:
        data = source.read(_READ)
        ended = not data
        head += data
        first = head.removeprefix(_BOM).lstrip()
    source.put_back(head)
    first = first.partition(b"\n")[0]
    if not first.startswith(b"{") or len(first) > MAX_LINE:
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def chunks(source: Source) -> Iterator[Chunk]:
    """Yield the lines of a file, as many at a time as are there."""
    number, position = 1, 0
    begun = b""
    overlong = False  # inside a line that was already handed out as too long
    while data := source.read(_READ):
        if not position:
            data = data.removeprefix(_BOM)
        position += len(data)
        if overlong:
            _, end, data = data.partition(b"\n")
            overlong = not end
        whole, end, rest = data.rpartition(b"\n")
        if end:
            yield Chunk(number, begun + whole, position)
            number += whole.count(b"\n") + 1
            begun = b""
        begun += rest
        if len(begun) > MAX_LINE:
            yield Chunk(number, begun[: MAX_LINE + 1], position)
            number += 1
            begun = b""
            overlong = True
    if begun:
        yield Chunk(number, begun, position)
