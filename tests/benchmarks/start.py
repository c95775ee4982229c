"""How long a start takes, as a multiple of a Typer program with one integer option.

python -m tests.benchmarks.start [RUNS]

An installed package reads the shipped tiers from what the build made of them; a checkout that was
not installed parses them, which is slower.
"""

import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measuring import in_turn, median_ratio, written
from tests.support import DATA, TIERS

PROGRAM = """
import typer

def main(number: int = typer.Option(1)) -> None:
    typer.echo(number)

typer.run(main)
"""
POSITION = ["-a", "ETH", "-q", "10", "-e", "2500", "-m", "2400", "-l", "10"]
RECORD = str(DATA / "accounts" / "isolated-25x-2025-11.json")
OURS = [sys.executable, "-m", "marginctl"]
COMMANDS = {
    "show -o json": ["show", *POSITION, "-o", "json"],
    "show as a table, piped": ["show", *POSITION],
    "show as a table in colour": ["show", *POSITION, "--color", "always"],
    "show RECORD.json": ["show", RECORD],
    "tiers list": ["tiers", "list"],
    "tiers check tiers.yaml": ["tiers", "check", str(TIERS)],
    "fields": ["fields"],
    "an error": ["show", "-a", "NONE", "-q", "1", "-e", "1", "-l", "1"],
    "--version": ["--version"],
}
TARGETS = {
    "show -o json": 0.70,
    "show as a table, piped": 0.75,
    "show as a table in colour": 0.90,
    "show RECORD.json": 0.80,
    "tiers list": 0.80,
    "tiers check tiers.yaml": 0.90,
    "fields": 0.70,
    "completion": 0.70,
    "an error": 0.70,
    "--version": 0.30,
}
COMPLETION = {
    "_MARGINCTL_COMPLETE": "complete_bash",
    "COMP_WORDS": "marginctl sh",
    "COMP_CWORD": "1",
}


def main(runs: int) -> None:
    with TemporaryDirectory() as folder:
        program = [sys.executable, written(Path(folder) / "program.py", PROGRAM)]
        environment = [f"{name}={value}" for name, value in COMPLETION.items()]
        commands = {
            "typer": program,
            **{name: [*OURS, *words] for name, words in COMMANDS.items()},
            "completion": ["/usr/bin/env", *environment, *OURS],
        }
        found = in_turn(commands, runs, fine=(0, 2))
    theirs = [cpu for cpu, _ in found["typer"]]
    print(f"a Typer program with one option: {statistics.median(theirs) * 1000:.0f} ms")
    for name, target in TARGETS.items():
        ratio = median_ratio([cpu for cpu, _ in found[name]], theirs)
        print(f"{name:26} {ratio:5.2f} of it (target {target:.2f})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 11)
