"""Whole command lines: what they print, on which stream, and their exit code.

A file in ``cases`` or ``errors`` is a test, and so are a picture, and a transcript in
``transcripts``: it has many commands on the same files, what each prints and its exit code.
``pytest --update-golden`` rewrites them.
"""

import re
from decimal import ROUND_UP, Context, localcontext
from pathlib import Path

import pytest

from tests.support import ROOT, Case, invoke

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("cases/*.txt")) + sorted(HERE.glob("errors/*.txt"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_command_prints_what_its_case_says(
    path: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    case = Case.parse(path.read_text(encoding="utf-8"))
    answer = case.run(tmp_path)
    if request.config.getoption("--update-golden"):
        path.write_text(case.text(answer), encoding="utf-8")
        return
    assert case.text(answer) == case.text(case.expected)


ROUNDS = Context(prec=3, rounding=ROUND_UP, Emax=20, Emin=-20, traps=[])


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_decimal_context_of_who_calls_changes_an_answer(path: Path, tmp_path: Path) -> None:
    case = Case.parse(path.read_text(encoding="utf-8"))
    with localcontext(ROUNDS):
        answer = case.run(tmp_path)
    assert case.text(answer) == case.text(case.expected)


ERRORS = sorted(HERE.glob("errors/*.txt"))


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.stem)
def test_an_error_exits_with_2_says_so_once_on_stderr_and_prints_nothing_else(path: Path) -> None:
    case = Case.parse(path.read_text(encoding="utf-8"))
    assert case.expected.code == 2
    assert case.expected.stdout == ""
    assert case.expected.stderr.startswith("error: ")
    assert "Traceback" not in case.expected.stderr


TRANSCRIPTS = sorted(HERE.glob("transcripts/*.txt"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_every_command_of_a_transcript_prints_what_it_says(
    path: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    text = path.read_text(encoding="utf-8")
    files = Case.parse(text).files
    printed = []
    for command in re.findall(r"^\$ (.*)$", text, re.MULTILINE):
        answer = Case(command, files).run(tmp_path)
        printed.append(f"$ {command}\n{answer.stdout}{answer.stderr}[{answer.code}]\n")
    actual = "\n".join(printed) + "".join(f"-- file {name} --\n{files[name]}" for name in files)
    if request.config.getoption("--update-golden"):
        path.write_text(actual, encoding="utf-8")
        return
    assert actual == text


def _sweep_of_a_long(_: Path) -> list[str]:
    position = ["-a", "ETH", "-q", "10", "-e", "2500", "-l", "10", "-m", "2400"]
    return ["sweep", *position, "--over", "mark=2200..2800"]


def _sweep_of_an_account(folder: Path) -> list[str]:
    case = Case.parse((HERE / "cases" / "sweep-account-plot.txt").read_text(encoding="utf-8"))
    account = folder / "account.json"
    account.write_text(case.files["account.json"], encoding="utf-8")
    return ["sweep", str(account), "--over", "move=-30%..50%"]


PICTURES = {
    ROOT / "marginctl" / "docs" / "sweep.svg": _sweep_of_a_long,
    HERE / "pictures" / "account.svg": _sweep_of_an_account,
}


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_drawn_as_it_ships(
    path: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    made = tmp_path / path.name
    answer = invoke(*PICTURES[path](tmp_path), "--svg", str(made))
    assert (answer.code, answer.stderr) == (0, "")
    drawn = made.read_text(encoding="utf-8")
    if request.config.getoption("--update-golden"):
        path.write_text(drawn, encoding="utf-8")
    else:
        assert drawn == path.read_text(encoding="utf-8")
