"""The help of every command: complete words, groups in the order of use, examples that run."""

import re
import shlex

import pytest

from marginctl.checks.catalogue import RULES, Rule
from marginctl.cli.commands import COMMANDS
from marginctl.cli.help import FOLDER, TOPICS
from tests.support import invoke

TIERS = ["list", "show", "check", "test", "diff", "import", "init", "schema"]
ALL = [
    *([name] for name in COMMANDS if name not in {"tiers", "fetch"}),
    *(["tiers", name] for name in TIERS),
    ["fetch", "account"],
    ["fetch", "tiers"],
    ["tiers"],
    ["fetch"],
    [],
]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_help_has_no_types_of_python_and_no_cut_sentences(words: list[str]) -> None:
    text = invoke(*words, "--help").stdout
    assert not re.search(r"<\w+|[{}]|\[\[|\)\.\.\.", text)
    _, _, below_usage = text.partition("\n")
    assert not re.search(r"\w\.\.\.$", below_usage, flags=re.MULTILINE)
    assert max(map(len, text.splitlines())) <= 80
    assert invoke(*words, "-h").stdout == text


@pytest.mark.parametrize(
    "words", [words for words in ALL if words and words[-1] not in {"tiers", "fetch"}], ids=" ".join
)
def test_help_ends_with_exit_codes(words: list[str]) -> None:
    text = invoke(*words, "--help").stdout
    assert "exit codes" in text
    assert "marginctl help" in text


def test_help_is_the_same_in_a_pipe_and_with_forced_colour() -> None:
    plain = invoke("show", "--help").stdout
    for name in ("FORCE_COLOR", "GITHUB_ACTIONS"):
        assert invoke("show", "--help", environment={name: "1"}).stdout == plain


def test_groups_come_in_the_order_of_use() -> None:
    text = invoke("whatif", "--help").stdout
    heads = re.findall(r"^(\w[^:\n]*):$", text, flags=re.MULTILINE)
    assert heads == [
        "Arguments",
        "What if",
        "Position",
        "Common",
        "Examples",
        "Environment and exit codes",
    ]


EXAMPLES = [
    line.strip()
    for words in ALL
    for line in invoke(*words, "--help").stdout.splitlines()
    if line.startswith("  marginctl ")
]
RUNNABLE = [line for line in EXAMPLES if not re.search(r"fetch|\.json|old\.yaml|tiers-test", line)]


@pytest.mark.parametrize("line", RUNNABLE)
def test_an_example_of_the_help_runs(line: str) -> None:
    words = shlex.split(line)
    answer = invoke(*words[1:])
    assert answer.code in {0, 1}, answer.stderr
    assert answer.stdout or "check" in words


def test_every_command_that_takes_a_position_has_examples() -> None:
    words = {line.split()[1] for line in EXAMPLES}
    assert {"show", "add", "remove", "whatif", "solve", "sweep"} <= words


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_page_of_a_rule_fits_the_terminal(rule: Rule) -> None:
    text = invoke("tiers", "check", "--rule-help", rule.id, "--color", "never", columns=80).stdout
    assert max(map(len, text.splitlines())) <= 80
    assert " ".join(rule.summary.split()) in " ".join(text.split())


@pytest.mark.parametrize("topic", TOPICS)
def test_examples_of_a_page_are_not_broken_by_the_terminal(topic: str) -> None:
    shown = invoke("help", topic, columns=80, environment={"NO_COLOR": "1"}).stdout
    lines = {line.rstrip() for line in shown.splitlines()}
    page = (FOLDER / f"{topic}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w+\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    assert all(
        line.rstrip() in lines
        for block in blocks
        for line in block.expandtabs(4).splitlines()
        if len(line) <= 80
    )
