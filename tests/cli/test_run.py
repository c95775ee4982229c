"""How a run ends: the exit code, and what is said of an error of the program itself."""

import errno
from typing import Any

import pytest

from tests.support import invoke


def ending(monkeypatch: pytest.MonkeyPatch, error: BaseException, *words: str) -> tuple[int, str]:
    """Run a program that fails so, and return its exit code and what it says."""

    def fails(**_: Any) -> int:
        raise error

    monkeypatch.setattr("marginctl.cli.commands.app", fails)
    answer = invoke(*words)
    assert answer.stdout == ""
    return answer.code, answer.stderr


def test_an_error_of_the_program_is_one_line_and_its_traceback_is_for_who_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, said = ending(monkeypatch, RuntimeError("broken"), "show")
    assert code == 3
    assert said == (
        "error: internal error (RuntimeError): broken\n"
        " hint: run it again with --debug to see the traceback\n"
    )
    code, said = ending(monkeypatch, RuntimeError("broken"), "show", "--debug")
    assert code == 3
    assert said.startswith("Traceback (most recent call last):\n")
    assert said.endswith("\nRuntimeError: broken\nerror: internal error (RuntimeError): broken\n")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, ""),
        (OSError(errno.ENOENT, "No such file", "gone"), 3, "error: gone: No such file\n"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_ends_a_run_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    assert ending(monkeypatch, error, "show") == (code, said)


@pytest.mark.parametrize("error", [RuntimeError("broken"), OSError(errno.EPERM, "no", "file")])
def test_a_shell_that_asks_for_words_gets_no_message(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    variable = {"_MARGINCTL_COMPLETE": "complete_bash"}

    def fails(**_: Any) -> int:
        raise error

    monkeypatch.setattr("marginctl.cli.commands.app", fails)
    quiet = invoke("show", environment=variable)
    assert (quiet.code, quiet.stdout, quiet.stderr) == (0, "", "")
    assert invoke("show", "--debug", environment=variable).code == 3
