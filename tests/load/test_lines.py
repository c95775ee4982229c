"""Lines as they come: numbered, whole, bounded."""

import io
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marginctl.load import files as lines
from marginctl.load.files import MAX_LINE, InputFile, chunks, has_lines


class Dripping(io.BytesIO):
    """Gives a few bytes at a time, as a pipe may."""

    def __init__(self, data: bytes, drop: int) -> None:
        super().__init__(data)
        self._drop = drop

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._drop if size is None or size < 0 else min(size, self._drop))


def source_of(data: bytes, drop: int = 1 << 20) -> InputFile:
    with patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO())) as stdin:
        source = InputFile("-")
        stdin.detach()
    source._file = Dripping(data, drop)
    return source


@given(st.lists(st.sampled_from([b"{}", b"", b"  ", b"[1]", b'{"a": 1}\r', b"x" * 50])), st.data())
def test_every_line_comes_once_with_its_number(parts: list[bytes], data: st.DataObject) -> None:
    text = b"\n".join(parts)
    drop = data.draw(st.integers(1, 20))
    found = [pair for chunk in chunks(source_of(text, drop)) for pair in chunk.lines()]
    assert found == [(at, part) for at, part in enumerate(parts, 1) if part.strip()]


@pytest.mark.parametrize("drop", [1000, 65_536, 1 << 21])
def test_an_overlong_line_is_handed_out_cut_and_only_once(drop: int) -> None:
    text = b"{}\n" + 3 * MAX_LINE * b"a" + b"\n[]\n" + b"b" * (MAX_LINE + 9)
    found = [pair for chunk in chunks(source_of(text, drop)) for pair in chunk.lines()]
    assert [(number, line[:2]) for number, line in found] == [
        (1, b"{}"),
        (2, b"aa"),
        (3, b"[]"),
        (4, b"bb"),
    ]
    assert all(len(line) > MAX_LINE for _, line in found[1::2])


def test_an_overlong_line_is_handed_out_before_its_end_comes() -> None:
    endless = source_of((MAX_LINE + 2 * lines._READ) * b"a", lines._READ)
    first = next(chunks(endless))
    assert len(first.data) == MAX_LINE + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"a": 1}\n{"a": 2}\n', True),
        (b'{"a": 1}', True),
        (b'\xef\xbb\xbf\n\n {"a": 1}\n', True),
        (b'{\n"a": 1}\n', False),
        (b"[{}]\n[{}]\n", False),
        (b'{"a": 1} x\n', False),
        (b"", False),
        (b"\n\n", False),
        (b"{" * 100_000, False),
        (b'{"a": "' + MAX_LINE * b"b" + b'"}', False),
    ],
)
@pytest.mark.parametrize("drop", [2, 1 << 20])
def test_ndjson_is_known_by_its_first_line(text: bytes, expected: bool, drop: int) -> None:
    source = source_of(text, drop)
    assert has_lines(source) is expected
    again = b""
    while part := source.read(1 << 20):
        again += part
    assert again == text


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    (chunk,) = chunks(source_of(b"\xef\xbb\xbf{}\n"))
    assert list(chunk.lines()) == [(1, b"{}")]


def test_only_a_regular_file_has_a_size(tmp_path: Path) -> None:
    file = tmp_path / "positions"
    file.write_bytes(b"{}\n")
    source = InputFile(str(file))
    assert source.size == 3
    source.close()
    assert source_of(b"{}\n").size is None
