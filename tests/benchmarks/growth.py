"""How time grows with size: python tests/benchmarks/growth.py.

Prints the time for n and for 10 n, and the one over the other: about ten where nothing is
quadratic. Not a test: it asserts nothing, as clocks differ.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measuring import in_turn
from tests.cli.test_growth import positions, tiers

COMMANDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "sweep --over move, cross": ("sweep", "cross", ("--over", "move=-50%..50%")),
    "sweep --over move, isolated": ("sweep", "isolated", ("--over", "move=-50%..50%")),
    "sweep --over move -o json, isolated": (
        "sweep",
        "isolated",
        ("--over", "move=-50%..50%", "-o", "json"),
    ),
    "show as a table": ("show", "isolated", ()),
    "show -o json": ("show", "isolated", ("-o", "json")),
    "show --explain, cross": ("show", "cross", ("--explain",)),
    "show --fail-if a null, cross": ("show", "cross", ("--fail-if", "margin_ratio > 1000%")),
}
SIZES = (1_000, 10_000)
RUNS = 3


def commands(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Write accounts and tier files, and yield the commands with their names."""
    for count in SIZES:
        (folder / f"tiers{count}.yaml").write_text(tiers(count))
        for mode in ("cross", "isolated"):
            account = {"positions": positions(count, mode), "collateral": 1_000 * count}
            (folder / f"{mode}{count}.json").write_text(json.dumps(account))
        for name, (command, mode, flags) in COMMANDS.items():
            file, table = folder / f"{mode}{count}.json", folder / f"tiers{count}.yaml"
            words = [sys.executable, "-m", "marginctl", command, str(file), "--tiers", str(table)]
            yield f"{name} {count}", [*words, *flags]


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder:
        found = in_turn(dict(commands(Path(folder))), RUNS)
    few, many = SIZES
    print(f"{'processor time, s':34} {few:>8,} {many:>8,} growth")
    for name in COMMANDS:
        small, large = (min(used for used, _ in found[f"{name} {count}"]) for count in SIZES)
        print(f"{name:34} {small:8.2f} {large:8.2f} {large / small:6.1f}")


if __name__ == "__main__":
    main()
