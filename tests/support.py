"""Running the command line inside the test process, and reading golden cases."""

import io
import os
import re
import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from marginctl.cli.run import run

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
TIERS = ROOT / "tiers.yaml"
DAY = "1794700800"
"""15 November 2026, as SOURCE_DATE_EPOCH has it: what is printed hangs on no other day."""
CLOCK = {"SOURCE_DATE_EPOCH": DAY}


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    stdout: str
    stderr: str


def invoke(
    *arguments: str,
    stdin: bytes = b"",
    environment: dict[str, str] | None = None,
    columns: int | None = None,
) -> Answer:
    """Run ``marginctl`` with arguments; ``columns`` makes stdout a terminal of that width."""
    stdout = _Stream(terminal=columns is not None)
    stderr = _Stream(terminal=False)
    variables = {
        "HOME": "/nonexistent",
        "SOURCE_DATE_EPOCH": DAY,
        "PAGER": "",
        **(environment or {}),
    }
    if columns is not None:
        variables |= {"COLUMNS": str(columns), "TERM": "xterm"}
    with (
        patch.dict(os.environ, variables, clear=True),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))),
        patch.object(sys, "stdout", stdout),
        patch.object(sys, "stderr", stderr),
    ):
        code = run(arguments)
    return Answer(code, stdout.text(), stderr.text())


class _Stream(io.TextIOWrapper):
    def __init__(self, *, terminal: bool) -> None:
        self._bytes = io.BytesIO()
        self._terminal = terminal
        super().__init__(self._bytes, encoding="utf-8", newline="\n")

    def isatty(self) -> bool:
        return self._terminal

    def text(self) -> str:
        self.flush()
        return self._bytes.getvalue().decode()


@dataclass
class Case:
    """A golden case: a command line, the files it finds, and what it prints."""

    command: str
    files: dict[str, str] = field(default_factory=dict)
    stdin: str = ""
    expected: Answer = field(default_factory=lambda: Answer(0, "", ""))

    @classmethod
    def parse(cls, text: str) -> "Case":
        head, *sections = re.split(r"^-- (.*) --\n", text, flags=re.MULTILINE)
        case = cls(head.strip().removeprefix("$ "))
        code, stdout, stderr = 0, "", ""
        for name, body in zip(sections[::2], sections[1::2], strict=True):
            kind, _, rest = name.partition(" ")
            if kind == "file":
                case.files[rest] = body
            elif kind == "stdin":
                case.stdin = body
            elif kind == "exit":
                code = int(rest)
            elif kind == "stdout":
                stdout = body
            elif kind == "stderr":
                stderr = body
            else:
                raise ValueError(name)
        case.expected = Answer(code, stdout, stderr)
        return case

    def text(self, answer: Answer) -> str:
        parts = [f"$ {self.command}\n"]
        parts += [f"-- file {name} --\n{body}" for name, body in self.files.items()]
        parts += [f"-- stdin --\n{self.stdin}"] if self.stdin else []
        parts.append(f"-- exit {answer.code} --\n")
        parts += [f"-- stdout --\n{answer.stdout}"] if answer.stdout else []
        parts += [f"-- stderr --\n{answer.stderr}"] if answer.stderr else []
        return "".join(parts)

    def run(self, folder: Path) -> Answer:
        """Run the command in a folder that gets the case's files."""
        for name, body in self.files.items():
            content = body.removesuffix("\n") if name.endswith(".json") else body
            (folder / name).write_bytes(content.encode("latin-1", "surrogateescape"))
        words = shlex.split(self.command)
        variables = {}
        while "=" in words[0]:
            name, _, value = words.pop(0).partition("=")
            variables[name] = value
        assert words[0] == "marginctl"
        columns = variables.pop("COLUMNS", None)
        here = Path.cwd()
        os.chdir(folder)
        try:
            answer = invoke(
                *(word.replace("DATA/", f"{DATA}/") for word in words[1:]),
                stdin=self.stdin.encode(),
                environment=variables,
                columns=None if columns is None else int(columns),
            )
        finally:
            os.chdir(here)
        return Answer(answer.code, portable(answer.stdout), portable(answer.stderr))


def portable(text: str) -> str:
    """Take out of a text what differs from checkout to checkout."""
    text = text.replace(f"{DATA}/", "DATA/").replace(str(ROOT), "ROOT")
    return re.sub(r'"sha256": "[0-9a-f]{64}"', '"sha256": "SHA256"', text)
