"""The examples of the README and the manual, of the console and of Python, print what is shown."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from marginctl.cli.help import FOLDER, TOPICS
from marginctl.venues import VENUE_RULES
from tests.support import DAY, ROOT, invoke

README = ROOT / "README.md"
PAGES = [README, *sorted(FOLDER.glob("*.md"))]
LIMIT = 60
"""Seconds after which an example counts as hanging."""

_BLOCK = re.compile(r"^```console\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
_EXAMPLE = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", flags=re.MULTILINE)
_PYTHON = re.compile(r"^```python\n(>>> .*?)^```$", flags=re.MULTILINE | re.DOTALL)


def _run(command: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={
            "PATH": path,
            "HOME": "/nonexistent",
            "LC_ALL": "C.UTF-8",
            "SOURCE_DATE_EPOCH": DAY,
        },
        timeout=LIMIT,
    )
    return (done.stdout + done.stderr).replace(f"{ROOT}/", "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_example_prints_what_the_page_shows(page: Path, pytestconfig: pytest.Config) -> None:
    text = page.read_text(encoding="utf-8")

    def executed(example: re.Match[str]) -> str:
        return f"$ {example[1]}\n{_run(example[1])}"

    def block(found: re.Match[str]) -> str:
        return f"```console\n{_EXAMPLE.sub(executed, found[1])}```"

    actual = _BLOCK.sub(block, text)
    if pytestconfig.getoption("--update-golden"):
        page.write_text(actual, encoding="utf-8")
    else:
        assert actual == text


def test_the_page_on_tiers_has_a_row_for_every_set_of_rules() -> None:
    text = (ROOT / "marginctl" / "docs" / "tiers.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"^\| rules \|.*\n(?:\|.*\n)+", text, flags=re.MULTILINE)
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)) == sorted(VENUE_RULES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_sessions_give_what_the_page_shows(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    for session in _PYTHON.findall(page.read_text(encoding="utf-8")):
        example = doctest.DocTestParser().get_doctest(session, {}, page.name, page.name, 0)
        assert example.examples
        doctest.DebugRunner().run(example)


def test_the_pages_have_examples() -> None:
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    assert (
        sum(len(_EXAMPLE.findall(block)) for text in texts for block in _BLOCK.findall(text)) > 10
    )
    assert any(_PYTHON.search(text) for text in texts)


def test_every_page_is_listed_and_shown_as_it_is() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == TOPICS.keys()
    listed = invoke("help")
    assert (listed.code, listed.stderr) == (0, "")
    for topic in TOPICS:
        assert f"  {topic} " in listed.stdout
        assert invoke("help", topic).stdout == (FOLDER / f"{topic}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_is_rendered_within_the_terminal(topic: str, columns: int) -> None:
    answer = invoke("help", topic, columns=columns, environment={"NO_COLOR": "1"})
    assert (answer.code, answer.stderr) == (0, "")
    assert answer.stdout.strip()
    assert max(map(len, answer.stdout.splitlines())) <= columns


def test_help_of_a_command_is_its_own() -> None:
    assert invoke("help", "show").stdout == invoke("show", "--help").stdout


def test_an_unknown_page_names_the_near_one() -> None:
    answer = invoke("help", "exit-code")
    assert (answer.code, answer.stdout) == (2, "")
    assert "exit-codes" in answer.stderr


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#[^)]*)?\)", text):
            assert not target or (page.parent / target).exists(), (page.name, target)
