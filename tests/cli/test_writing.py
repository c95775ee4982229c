"""Files are written whole or not at all."""

import io
import os
from pathlib import Path

import pytest

from marginctl.cli.surroundings import Stdout, write_whole
from marginctl.load.problems import InputError
from tests.support import invoke

SWEEP = ("sweep", "-a", "ETH", "-q", "10", "-e", "2500", "-l", "10", "--over", "move=-10%..10%")


def test_a_file_replaces_the_one_before_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "picture.svg"
    target.write_text("before")
    write_whole(str(target), b"after", "--svg")
    assert [path.name for path in tmp_path.iterdir()] == ["picture.svg"]
    assert target.read_text() == "after"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "picture.svg"
    target.write_text("before")
    link = tmp_path / "link.svg"
    link.symlink_to(target)
    write_whole(str(link), b"after", "--svg")
    assert link.is_symlink()
    assert target.read_text() == "after"


def test_a_pipe_is_written_to_and_not_replaced() -> None:
    read, write = os.pipe()
    write_whole(f"/dev/fd/{write}", b"through", "--svg")
    os.close(write)
    assert os.read(read, 100) == b"through"
    os.close(read)


@pytest.mark.parametrize("name", [".", "missing/picture.svg", "nul\0"])
def test_what_cannot_be_written_is_said_with_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        write_whole(str(tmp_path / name), b"text", "--svg")
    (problem,) = caught.value.problems
    assert problem.message.startswith("cannot be written: ")
    assert problem.place.path == "--svg"
    assert list(tmp_path.iterdir()) == []


def test_the_picture_of_a_sweep_is_written_beside_the_table(tmp_path: Path) -> None:
    target = tmp_path / "picture.svg"
    answer = invoke(*SWEEP, "--svg", str(target))
    assert answer.code == 0
    assert "liquidation" in answer.stdout
    assert target.read_text(encoding="utf-8").startswith('<?xml version="1.0" encoding="UTF-8"?>')


def test_nothing_is_written_when_the_range_is_wrong(tmp_path: Path) -> None:
    target = tmp_path / "picture.svg"
    assert invoke(*SWEEP[:-1], "5%..1%", "--svg", str(target)).code == 2
    assert not target.exists()


class Encoded(io.StringIO):
    """A stream of an encoding."""

    def __init__(self, encoding: str | None) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override] # a stream in memory has none
        return self._encoding  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("utf-8", "A \u00b7 \u2192 \u00fc \u20bf\u2026"),
        ("UTF8", "A \u00b7 \u2192 \u00fc \u20bf\u2026"),
        ("utf_16", "A \u00b7 \u2192 \u00fc \u20bf\u2026"),
        # what an encoding lacks is something like it, or its escape
        ("latin-1", "A \u00b7 -> \u00fc \\u20bf..."),
        ("ascii", "A * -> \\xfc \\u20bf..."),
        (None, "A * -> \\xfc \\u20bf..."),
    ],
)
def test_a_stream_gets_what_its_encoding_has(encoding: str | None, written: str) -> None:
    stream = Encoded(encoding)
    Stdout(stream).write("A \u00b7 \u2192 \u00fc \u20bf\u2026")
    assert stream.getvalue() == written


def test_lines_and_bars_are_drawn_with_what_ascii_has() -> None:
    stream = Encoded("ascii")
    Stdout(stream).write(
        "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588 \u2524\u2514\u2534\u2502\u2503 \u2500"
    )
    assert stream.getvalue() == "   ##### ||||| -"
