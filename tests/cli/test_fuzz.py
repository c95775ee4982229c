"""Whatever a command is given, it answers or refuses: exit code 0, 1 or 2, and clean lines.

Valid input is mutated, so that it gets past the outer form. MARGINCTL_FUZZ is the number of
examples of each test where many are wanted.
"""

import copy
import json
import os
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import ROOT, Answer, invoke

DATA = ROOT / "tests" / "data"
EXAMPLES = int(os.environ.get("MARGINCTL_FUZZ", "25"))
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SEEDS = st.integers(0, 2**32)
NINES = "9" * 60
HOSTILE: list[Any] = [
    None,
    True,
    "",
    "<<",
    "\ud800",
    "\u202e\x9b[31m\x85\u2028\x7f",
    "ETH\nBTC",
    "NaN",
    "inf",
    "-0",
    "1e30",
    "1e-30",
    "1e999999",
    NINES,
    f"0.{NINES}",
    "23456789012345678901234567890.9",
    "max",
    "-5",
    "0",
    "0.1",
    10**40,
    -1,
    0,
    [],
    {},
    [[]],
    {"": ""},
    "x" * 3000,
    "__proto__",
]
TEXTS = [text for text in HOSTILE if isinstance(text, str)]
PIECES = ["\x00", "\x1b[2J", "\x85", "\u2028", "\ufeff", "\t", "{", "}", "[", "]", ",", ":", "&a",
    "*a", "<<: ", "? ", "- ", "\n", "'", '"', "#", "!!", "1e9", "~"]  # fmt: skip
FIELDS = ["margin_ratio", "liquidation_price", "liquidatable", "tier.max_leverage",
    "cross.available", "size", "side", "allowed"]  # fmt: skip


def dice_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - nothing secret


def check(answer: Answer, *, ndjson: bool = False) -> None:
    """Fail unless an answer is sound."""
    assert answer.code in {0, 1, 2}, answer
    assert "Traceback" not in answer.stderr
    for text in (answer.stdout, answer.stderr):
        assert all(char.isprintable() or char in "\n\t" for char in text), answer
    if ndjson:
        for line in answer.stdout.splitlines():
            assert isinstance(json.loads(line), dict)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container with each of its keys."""
    if isinstance(value, (dict, list)):
        keys = list(value) if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield value, key
            yield from places(value[key])


def mutated(value: Any, dice: random.Random) -> Any:
    """Return a copy of a value with one to three changes somewhere in it."""
    value = copy.deepcopy(value)
    for _ in range(dice.randint(1, 3)):
        found = list(places(value))
        if not found:
            return dice.choice(HOSTILE)
        holder, key = dice.choice(found)
        change = dice.randrange(6)
        if change == 0:
            del holder[key]
        elif change == 1 and isinstance(holder, dict):
            holder[dice.choice(TEXTS)] = holder.pop(key)
        elif change == 2 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        elif change == 3:
            other, other_key = dice.choice(found)
            if other_key in other if isinstance(other, dict) else other_key < len(other):
                holder[key] = copy.deepcopy(other[other_key])
        else:
            holder[key] = copy.deepcopy(dice.choice(HOSTILE))
    return value


def damaged(text: str, dice: random.Random) -> str:
    """Return a text with a few pieces put in, taken out or repeated."""
    for _ in range(dice.randint(1, 3)):
        start = dice.randint(0, len(text))
        end = min(len(text), start + dice.randint(0, 12))
        middle = dice.choice([dice.choice(PIECES), dice.choice(TEXTS), text[start:end] * 2, ""])
        text = text[:start] + middle + text[end:]
    return text


def encoded(value: Any, dice: random.Random) -> bytes:
    """Return a value as JSON, now and then with raw characters that JSON would escape."""
    text = json.dumps(value, ensure_ascii=dice.random() < 0.5)
    if dice.random() < 0.2:
        text = damaged(text, dice)
    return text.encode("utf-8", "surrogatepass")


def documents(folder: str) -> list[Path]:
    return sorted((DATA / folder).glob("*.json"))


ACCOUNTS = [DATA / "own-account.json", *documents("accounts"), *documents("records"),
    *documents("pooled")]  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [
        ("show", "-"),
        ("show", "-", "-o", "json"),
        ("show", "-", "--raw"),
        ("show", "-", "-o", "csv", "--explain"),
        ("remove", "max", "-", "-o", "json"),
        ("sweep", "-", "--over", "move=-10%..10%", "-o", "csv"),
        ("whatif", "-", "--move-all", "-10%"),
        ("solve", "-", "--removable", "10"),
        ("tiers", "diff", str(ROOT / "tiers.yaml"), str(ROOT / "tiers.yaml"), "--positions", "-"),
    ],
    ids=" ".join,
)
@FUZZ
@given(seed=SEEDS)
def test_accounts_and_records(command: tuple[str, ...], seed: int) -> None:
    dice = dice_of(seed)
    value = json.loads(dice.choice(ACCOUNTS).read_text())
    check(invoke(*command, stdin=encoded(mutated(value, dice), dice)))


@pytest.mark.parametrize("flags", [(), ("--keep-going",), ("--keep-going", "--fail-if", "size>1")])
@FUZZ
@given(seed=SEEDS)
def test_streams(flags: tuple[str, ...], seed: int) -> None:
    dice = dice_of(seed)
    lines = [json.loads(line) for line in (DATA / "positions.ndjson").read_text().splitlines()]
    lines += [json.loads((DATA / "own-account.json").read_text())]
    chosen = [dice.choice(lines) for _ in range(3)]
    data = b"\n".join(encoded(mutated(line, dice), dice) for line in chosen)
    check(invoke("show", "-", "-o", "ndjson", *flags, stdin=data), ndjson=True)
    check(invoke("add", "10", "-", "-o", "ndjson", *flags, stdin=data), ndjson=True)


def changed(text: str, dice: random.Random) -> bytes:
    """Return a YAML text with changes to its values or to its letters."""
    if dice.random() < 0.5:
        value = mutated(yaml.load(text, yaml.BaseLoader), dice)  # noqa: S506 - texts alone
        text = json.dumps(value, ensure_ascii=dice.random() < 0.5)
    else:
        text = damaged(text, dice)
    return text.encode("utf-8", "surrogatepass")


@FUZZ
@given(seed=SEEDS)
def test_case_files(seed: int, tmp_path: Path) -> None:
    dice = dice_of(seed)
    file = tmp_path / "cases.yaml"
    text = (DATA / "cases.yaml").read_text().replace("../../tiers.yaml", str(ROOT / "tiers.yaml"))
    file.write_bytes(changed(text, dice))
    form = dice.choice(["table", "json", "junit", "github"])
    check(invoke("tiers", "test", str(file), "-o", form))


@FUZZ
@given(seed=SEEDS)
def test_beta_files(seed: int, tmp_path: Path) -> None:
    dice = dice_of(seed)
    file = tmp_path / "beta.yaml"
    file.write_bytes(changed((DATA / "beta.yaml").read_text(), dice))
    account = str(DATA / "own-account.json")
    command = dice.choice([("show", account), ("sweep", account, "--over", "move=-5%..5%")])
    check(invoke(*command, "--beta", str(file)))


@FUZZ
@given(seed=SEEDS)
def test_tier_files(seed: int, tmp_path: Path) -> None:
    dice = dice_of(seed)
    file = tmp_path / "tiers.yaml"
    file.write_bytes(changed((DATA / "ada.yaml").read_text(), dice))
    form = dice.choice(["table", "json", "github", "gitlab", "full"])
    check(invoke("tiers", "check", str(file), "-o", form))
    check(invoke("tiers", "list", "--tiers", str(file)))
    check(invoke("tiers", "diff", str(DATA / "ada.yaml"), str(file)))


@pytest.mark.parametrize("name", ["binance-tiers-excerpt.json", "meta-2026-01.json"])
@FUZZ
@given(seed=SEEDS)
def test_tier_imports(name: str, seed: int) -> None:
    dice = dice_of(seed)
    value = json.loads((DATA / name).read_text())
    check(invoke("tiers", "import", "-", stdin=encoded(mutated(value, dice), dice)))


POSITION = ["-a", "ETH", "-q", "10", "-e", "2500", "-m", "2400", "-l", "10"]


def assembled(segments: list[str], most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(segments), min_size=1, max_size=most).map("".join)


NUMBERS = ["1", "-2400", "10%", "-50%", "0", "1e30", "1e999999", NINES, "0.1", "nan", "\udc9b", ""]


@FUZZ
@given(text=assembled([*FIELDS, *NUMBERS, "<", "<=", ">", "=", "!=", "==", " ", "\x85"], 5))
def test_conditions(text: str) -> None:
    check(invoke("show", *POSITION, "--fail-if", text))


@FUZZ
@given(
    over=st.sampled_from(["mark", "move", "margin", "", "MARK"]),
    text=assembled([*NUMBERS, "..", "...", " ", "\u2028"], 5),
    steps=st.sampled_from(["1", "10", *NUMBERS]),
)
def test_ranges(over: str, text: str, steps: str) -> None:
    check(invoke("sweep", *POSITION, f"--over={over}={text}", f"--steps={steps}"))


COMMANDS = ["show", "add", "remove", "whatif", "solve", "sweep", "tiers", "fields", "help", "list",
    "check", "test", "diff", "import", "init", "schema"]  # fmt: skip
FLAGS = ["-a", "-s", "-q", "-e", "-m", "-l", "--margin", "--equity", "--mode", "--collateral",
    "--account-value", "--tiers", "--venue", "-o", "--fields", "--raw", "--numbers", "--explain",
    "--fail-if", "--quiet", "--color", "--move", "--move-all", "--trade", "--at", "--fee-rate",
    "--fund", "--funding-rate", "--hours", "--stop", "--liquidation-price", "--distance",
    "--effective-leverage", "--removable", "--max-size", "--risk", "--beta", "--steps", "--over",
    "--digits", "--jobs", "--cushion", "--keep-going", "--help", "-h", "--nonsense"]  # fmt: skip
VALUES = [*NUMBERS, "ETH", "eth", "long", "short", "cross", "isolated", "json", "csv", "md",
    "ndjson", "size", "max", "\x1b[31m", "\u202e", "\x85", "1..2", "10", "2500", "/nonexistent",
    "\udcff/x", "x" * 300]  # fmt: skip


@FUZZ
@given(
    command=st.sampled_from(COMMANDS),
    start=st.sampled_from([[], POSITION]),
    words=st.lists(st.sampled_from(FLAGS) | st.sampled_from(VALUES), max_size=8),
)
def test_command_lines(command: str, start: list[str], words: list[str]) -> None:
    check(invoke(command, *start, *words, environment={"PATH": ""}))


@FUZZ
@given(
    instruction=st.sampled_from(["complete_bash", "complete_zsh", "complete_fish", "source_bash",
        "complete_powershell", "nonsense", ""]),
    words=st.lists(st.sampled_from([*COMMANDS, *FLAGS, *VALUES, "'", '"']), max_size=6),
    number=st.sampled_from(["0", "1", "2", "5", "-1", "x", NINES, ""]),
)  # fmt: skip
def test_completion(instruction: str, words: list[str], number: str) -> None:
    line = " ".join(["marginctl", *words])
    environment = {
        "_MARGINCTL_COMPLETE": instruction,
        "COMP_WORDS": line,
        "COMP_CWORD": number,
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "_TYPER_COMPLETE_WORD_TO_COMPLETE": words[-1] if words else "",
    }
    with suppress(SystemExit):  # completion leaves of its own accord
        check(invoke(environment=environment))
