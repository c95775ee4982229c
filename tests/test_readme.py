"""The README's examples, of the console and of Python sessions, print what it shows."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
EXAMPLES = [
    (command, output)
    for block in BLOCKS
    for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, flags=re.MULTILINE)
]


@pytest.mark.parametrize(("command", "output"), EXAMPLES, ids=[e[0][:60] for e in EXAMPLES])
def test_an_example_prints_what_the_readme_shows(command: str, output: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": path, "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"},
    )
    assert (done.stdout + done.stderr).replace(f"{ROOT}/", "") == output


PYTHON = re.findall(r"^```python\n(>>> .*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", PYTHON, ids=[str(number) for number in range(len(PYTHON))])
def test_an_example_in_python_gives_what_the_readme_shows(
    block: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    example = doctest.DocTestParser().get_doctest(block, {}, "README.md", "README.md", 0)
    assert example.examples
    doctest.DebugRunner().run(example)


def test_the_readme_has_examples() -> None:
    assert len(EXAMPLES) >= 10
