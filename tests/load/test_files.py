"""Files are read up to a limit."""

import io
import sys
from types import SimpleNamespace

import pytest

from marginctl.load.files import InputFile
from marginctl.load.problems import InputError
from tests.support import invoke

LIMIT = 64 * 1024**2


@pytest.mark.parametrize("beyond", [0, 1])
def test_64_mib_are_read_and_not_a_byte_more(beyond: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"x" * (LIMIT + beyond)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    source = InputFile("-")
    if beyond:
        with pytest.raises(InputError, match="larger than 64 MiB"):
            source.rest()
    else:
        assert len(source.rest()) == LIMIT


def test_a_path_that_no_file_can_have_is_told_with_the_reason() -> None:
    answer = invoke("show", "a\0b")
    assert (answer.code, answer.stdout) == (2, "")
    assert answer.stderr.startswith("error: cannot be read: embedded null byte\n   at: ")
