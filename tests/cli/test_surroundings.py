"""Where scripts run: closed and full streams, no home, no terminal, an ASCII locale."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import CLOCK, ROOT

SHOW = "show -a ETH -q 10 -e 2500 -m 2400 -l 10"
COMMANDS = [SHOW, f"{SHOW} -o json", "show --help", "--version"]
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no full device here")


def script(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a careful shell script, in which ``m`` is the program."""
    program = f'set -euo pipefail; m() {{ "{sys.executable}" -m marginctl "$@"; }}; {line}'
    return subprocess.run(
        ["bash", "--norc", "-c", program],
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            **CLOCK,
            **variables,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


pytestmark = pytest.mark.skipif(
    not Path("/bin/bash").exists() or sys.platform == "win32", reason="there is no bash here"
)


@needs_full
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_is_told_in_one_line(command: str) -> None:
    done = script(f"m {command} > /dev/full")
    assert done.returncode == 3
    assert done.stderr == "error: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("command", COMMANDS[-2:])
def test_a_closed_output_is_told_in_one_message(command: str) -> None:
    done = script(f"m {command} >&-")
    assert done.returncode == 3
    assert done.stderr == (
        "error: standard output is closed\n hint: redirect it to a file, or to /dev/null\n"
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_goes_ends_it_quietly(command: str) -> None:
    # the reader is gone before the first byte comes
    done = script(f"(sleep 0.1; m {command}) | true")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_closed_input_and_messages_without_a_reader_change_nothing() -> None:
    plain = script(f"m {SHOW}")
    assert plain.returncode == 0
    assert script(f"m {SHOW} <&- 2>&-").stdout == plain.stdout
    closed = script("m show - <&-")
    assert closed.returncode == 2
    assert closed.stderr.startswith("error: standard input is closed\n")


def test_who_pipes_without_a_file_is_told_of_the_dash() -> None:
    piped = script("echo '{}' | m show")
    assert piped.returncode == 2
    assert piped.stderr == (
        "error: input is piped in, but no FILE is given\n hint: read it with -: marginctl show -\n"
    )
    nothing = script("m show")
    assert nothing.returncode == 2
    assert nothing.stderr.startswith("error: no position given: describe one with flags")
    assert script("m show <&-").stderr == nothing.stderr


@needs_full
def test_messages_on_a_full_disk_keep_the_exit_code() -> None:
    assert script(f"m {SHOW} --fail-if 'margin_ratio > 1%' 2> /dev/full").returncode == 1
    assert script("m show 2> /dev/full").returncode == 2


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii:strict"},
        {"HOME": "/nonexistent", "TERM": "dumb"},
        {"HOME": "", "COLUMNS": "wide"},
    ],
    ids=str,
)
def test_no_home_no_terminal_and_no_unicode_are_no_hindrance(variables: dict[str, str]) -> None:
    done = script("; ".join(f"m {command}" for command in (SHOW, "show --help")), **variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2,295.92" in done.stdout


def test_a_home_that_cannot_be_written_is_told_when_completion_is_installed() -> None:
    done = script(
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION=1 m --install-completion bash",
        HOME="/proc/self/fdinfo/none",
    )
    assert done.returncode == 3
    assert done.stderr.startswith("error: /proc/self/fdinfo/none: ")


def test_a_condition_makes_a_cron_job_of_one_line() -> None:
    job = f"m {SHOW} --fail-if 'liquidation_distance < 5%' > /dev/null || echo call me"
    done = script(job)
    assert (done.returncode, done.stdout) == (0, "call me\n")
    assert done.stderr == (
        "failed: ETH long 10: liquidation_distance < 5% "
        "(liquidation_distance is 4.3367346938775510204…%)\n"
    )
    assert script(job.replace("5%", "4%")).stdout == ""


def test_changes_chain_by_pipe() -> None:
    chain = f"m add 1000 {SHOW.removeprefix('show ')} -o json | m remove 50 - -o json"
    done = script(f"{chain} | m show - --raw --fields margin,equity")
    assert (done.returncode, done.stdout) == (0, "3450\t2450\n")
    # the exit code of a refused change is not lost
    refused = script(f"{chain} | m remove 2000 - -o json | m show - --raw --fields margin")
    assert (refused.returncode, refused.stdout) == (1, "1450\n")
    assert "note: continues from a change that the venue would refuse" in refused.stderr
