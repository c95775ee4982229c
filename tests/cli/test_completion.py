"""Completion, asked as the shells ask for it, and in the shells themselves where they are."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from marginctl.cli.run import run
from tests.support import ROOT

OWN_TIERS = """\
default_venue: here
venues:
  here:
    rules: hyperliquid
    quote: USDC
    tables: {}
    assets:
      AAA: {max_leverage: 7}
      AAb: {max_leverage: 30}
      kB: {max_leverage: 2}
  there:
    rules: trado
    quote: USDX
    tables: {}
    assets:
      ZZZ: {max_leverage: 100}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a ``marginctl`` to find on the path, and a tier file."""
    program = tmp_path / "marginctl"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m marginctl "$@"\n')
    program.chmod(0o755)
    (tmp_path / "tiers.yaml").write_text(OWN_TIERS)
    (tmp_path / "broken.yaml").write_text("venues: [")
    return tmp_path


def spoken(folder: Path, *command: str) -> str:
    """Run a shell and return what it prints."""
    environment = {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "MARGINCTL_TIERS": str(folder / "tiers.yaml"),
        "HOME": str(folder),
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    return done.stdout


class Asking:
    """Asks the program as the shells' scripts do."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.chdir(folder)
        monkeypatch.setenv("MARGINCTL_TIERS", "tiers.yaml")

    def shell(self, name: str, **variables: str) -> str:
        self._monkeypatch.setenv("_MARGINCTL_COMPLETE", f"complete_{name}")
        for variable, value in variables.items():
            self._monkeypatch.setenv(variable, value)
        with pytest.raises(SystemExit):
            run([])
        printed = self._capsys.readouterr()
        assert printed.err == ""
        return printed.out

    def bash(self, line: str) -> list[str]:
        count = str(len(line.split(" ")) - 1)
        return self.shell("bash", COMP_WORDS=line, COMP_CWORD=count).split()


@pytest.fixture
def asking(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Asking:
    return Asking(folder, monkeypatch, capsys)


LINES = {
    "marginctl sh": ["show"],
    "marginctl tiers sh": ["show"],
    "marginctl show --ent": ["--entry"],
    "marginctl show --asset ": ["AAA", "AAb", "kB"],
    "marginctl show --asset AA": ["AAA", "AAb"],
    "marginctl show -a aa": ["aaa", "aab"],
    "marginctl show --venue there -a ": ["ZZZ"],
    "marginctl add 5 --tiers missing.yaml -a ": [],
    "marginctl add 5 --tiers broken.yaml -a ": [],
    "marginctl tiers show --venue there ": ["ZZZ"],
    "marginctl show --fail-if liquidatab": ["liquidatable"],
    "marginctl sweep --fail-if liquidatab": ["liquidatable"],
    "marginctl show --venue ": ["here", "there"],
    "marginctl remove m": ["max"],
    "marginctl show --side ": ["long", "short"],
    "marginctl show --mode i": ["isolated"],
    "marginctl show -o ": ["table", "json", "ndjson", "csv", "md"],
    "marginctl show --color a": ["auto", "always"],
    "marginctl tiers check -o j": ["json", "junit"],
    "marginctl tiers test -o c": ["concise"],
    "marginctl tiers diff a b -o ": ["table", "json", "ndjson", "md"],
    "marginctl tiers check --select leverage-b": ["leverage-below-one"],
    "marginctl tiers check --ignore empty,unr": ["empty,unreadable"],
    "marginctl tiers check --rule-help bound-n": ["bound-not-whole"],
    "marginctl tiers schema te": ["tests"],
    "marginctl show --side=l": ["long"],
    "marginctl tiers init --rules b": ["binance", "bybit"],
    "marginctl show --fields liquidation_p": ["liquidation_price"],
    "marginctl show --fields asset,cross.a": [
        "asset,cross.account_mode",
        "asset,cross.account_value",
        "asset,cross.available",
    ],
    "marginctl show --fields side,si": ["side,size"],
    "marginctl tiers list --fields m": ["max_leverage", "margin_mode"],
    "marginctl tiers show AAA --fields max": ["max_leverage"],
    "marginctl fields --fields f": ["formula"],
    "marginctl fields liquidation_d": ["liquidation_distance"],
    "marginctl show --fail-if si": ["size"],
}


@pytest.mark.parametrize("line", LINES)
def test_bash_is_offered(line: str, asking: Asking) -> None:
    assert asking.bash(line) == LINES[line]


def test_the_venue_of_the_environment_is_the_one_whose_assets_are_offered(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARGINCTL_VENUE", "there")
    assert asking.bash("marginctl show -a ") == ["ZZZ"]


def test_fish_is_offered_the_max_leverage_beside_an_asset(asking: Asking) -> None:
    line = {"_TYPER_COMPLETE_ARGS": "marginctl show -a A"}
    offered = asking.shell("fish", _TYPER_COMPLETE_FISH_ACTION="get-args", **line)
    assert offered == "AAA\tmax 7x\nAAb\tmax 30x\n"


def test_fish_is_offered_which_venue_is_the_default(asking: Asking) -> None:
    line = {"_TYPER_COMPLETE_ARGS": "marginctl show --venue "}
    offered = asking.shell("fish", _TYPER_COMPLETE_FISH_ACTION="get-args", **line)
    assert offered == "here\tthe default\nthere\n"


def test_zsh_is_offered_the_max_leverage_beside_an_asset(asking: Asking) -> None:
    offered = asking.shell("zsh", _TYPER_COMPLETE_ARGS="marginctl show -a A")
    assert offered == '_arguments \'*: :(("AAA":"max 7x"\n"AAb":"max 30x"))\'\n'


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_a_real_bash_completes(folder: Path) -> None:
    script = """
        set -euo pipefail
        source <(_MARGINCTL_COMPLETE=source_bash marginctl)
        complete -p marginctl
        complete_at() {
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
            _marginctl_completion marginctl
            echo "${COMPREPLY[*]}"
        }
        complete_at marginctl show --asset A
        complete_at marginctl show --fields asset,liquidation_p
        complete_at marginctl show --fail-if "'size"
    """
    assert spoken(folder, "bash", "--norc", "-c", script).splitlines() == [
        "complete -o default -F _marginctl_completion marginctl",
        "AAA AAb",
        "asset,liquidation_price",
        "size",
    ]


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish here")
def test_a_real_fish_completes(folder: Path) -> None:
    script = """
        source (_MARGINCTL_COMPLETE=source_fish marginctl | psub)
        complete -C "marginctl show -a A"
    """
    assert spoken(folder, "fish", "--no-config", "-c", script) == "AAA\tmax 7x\nAAb\tmax 30x\n"


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh here")
def test_a_real_zsh_takes_what_it_is_offered(folder: Path) -> None:
    # compsys runs only in its editor, so its last step is shown instead of taken
    script = """
        compdef() { : }
        _arguments() { print -r -- "$1" }
        eval "$(_MARGINCTL_COMPLETE=source_zsh marginctl)"
        words=(marginctl show -a A) CURRENT=4
        _marginctl_completion
    """
    assert spoken(folder, "zsh", "-f", "-c", script) == '*: :(("AAA":"max 7x" "AAb":"max 30x"))\n'


@pytest.mark.parametrize(
    "variables",
    [{}, {"COMP_WORDS": "marginctl "}, {"COMP_WORDS": "marginctl ", "COMP_CWORD": "x"}],
)
def test_completion_without_a_line_offers_nothing(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("COMP_WORDS", "COMP_CWORD"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**variables, "_MARGINCTL_COMPLETE": "complete_bash"}.items():
        monkeypatch.setenv(name, value)
    assert run([]) == 0
    assert capsys.readouterr() == ("", "")
