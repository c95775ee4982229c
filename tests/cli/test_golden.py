"""Whole command lines: what they print, on which stream, and their exit code.

A file in ``cases`` or ``errors`` is a test. ``pytest --update-golden`` rewrites them.
"""

from pathlib import Path

import pytest

from tests.support import Case

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


ERRORS = sorted(HERE.glob("errors/*.txt"))


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.stem)
def test_an_error_exits_with_2_says_so_once_on_stderr_and_prints_nothing_else(path: Path) -> None:
    case = Case.parse(path.read_text(encoding="utf-8"))
    assert case.expected.code == 2
    assert case.expected.stdout == ""
    assert case.expected.stderr.startswith("error: ")
    assert "Traceback" not in case.expected.stderr
