"""How long a start takes, as a multiple of a Typer program with one integer option.

python -m tests.benchmarks.start [RUNS]
"""

import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measuring import in_turn, median_ratio, written

PROGRAM = """
import typer

def main(number: int = typer.Option(1)) -> None:
    typer.echo(number)

typer.run(main)
"""
POSITION = ["-a", "ETH", "-q", "10", "-e", "2500", "-m", "2400", "-l", "10"]
OURS = [sys.executable, "-m", "marginctl"]
ALLOWED = {"show -o json": 1.15, "show": 1.35, "--version": 0.3}


def main(runs: int) -> None:
    with TemporaryDirectory() as folder:
        typer_program = [sys.executable, written(Path(folder) / "program.py", PROGRAM)]
        found = in_turn(
            {
                "typer": typer_program,
                "show -o json": [*OURS, "show", *POSITION, "-o", "json"],
                "show": [*OURS, "show", *POSITION],
                "--version": [*OURS, "--version"],
            },
            runs,
        )
    theirs = [cpu for cpu, _ in found["typer"]]
    print(f"a Typer program with one option: {statistics.median(theirs) * 1000:.0f} ms")
    for name, allowed in ALLOWED.items():
        ratio = median_ratio([cpu for cpu, _ in found[name]], theirs)
        print(f"marginctl {name:13} {ratio:5.2f} of it (at most {allowed})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 11)
