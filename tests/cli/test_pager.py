"""What is higher than the terminal goes through a pager, and nothing else does."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

COUNTER = "import sys; print('PAGED', len(sys.stdin.read().splitlines()))"


def on_a_terminal(*args: str, rows: int, **surroundings: str) -> str:
    """What a terminal of 100 columns gets of a command."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 100, 0, 0))
    env = {
        **os.environ,
        "TERM": "xterm",
        "NO_COLOR": "1",
        "COLUMNS": "",
        "LINES": "",
        **surroundings,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "marginctl", *args],
        stdin=subprocess.DEVNULL, stdout=follower, stderr=subprocess.DEVNULL, env=env,
    )  # fmt: skip
    os.close(follower)
    pieces = []
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # the process has ended
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(leader)
    assert process.wait(60) == 0
    return b"".join(pieces).decode().replace("\r\n", "\n")


@pytest.fixture(name="account")
def _account(tmp_path: Path) -> str:
    file = tmp_path / "account.json"
    one = {"asset": "ETH", "size": 1, "entry_price": "2500", "leverage": 10}
    file.write_text(json.dumps({"positions": [one] * 30}))
    return str(file)


PAGER = f'"{sys.executable}" -c "{COUNTER}"'


def test_a_long_table_is_paged(account: str) -> None:
    text = on_a_terminal("show", account, rows=24, PAGER=PAGER)
    assert text.startswith("PAGED ")
    assert int(text.split()[1]) > 30


def test_a_long_page_of_the_manual_is_paged() -> None:
    assert on_a_terminal("help", "positions", rows=24, PAGER=PAGER).startswith("PAGED ")


@pytest.mark.parametrize(
    ("rows", "more", "surroundings"),
    [
        (200, (), {"PAGER": PAGER}),
        (24, ("--no-pager",), {"PAGER": PAGER}),
        (24, ("-o", "csv"), {"PAGER": PAGER}),
        (24, (), {"PAGER": ""}),
        (24, (), {"PAGER": "cat"}),
        (24, (), {"PAGER": "an 'open quote"}),
        (24, (), {"PAGER": "/does/not/exist"}),
        (24, (), {"PAGER": PAGER, "TERM": "dumb"}),
    ],
)
def test_else_the_terminal_has_it(
    account: str, rows: int, more: tuple[str, ...], surroundings: dict[str, str]
) -> None:
    text = on_a_terminal("show", account, *more, rows=rows, **surroundings)
    assert "PAGED" not in text
    assert text.count("ETH") >= 30
