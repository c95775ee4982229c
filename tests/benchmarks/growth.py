"""How time grows with size: python -m tests.benchmarks.growth.

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
    "show as a table in colour": ("show", "isolated", ("--color", "always")),
    "show -o json": ("show", "isolated", ("-o", "json")),
    "show --explain, cross": ("show", "cross", ("--explain",)),
    "show --fail-if a null, cross": ("show", "cross", ("--fail-if", "margin_ratio > 1000%")),
}
IN_COLOUR = ("--color", "always")
OURS = (sys.executable, "-m", "marginctl")
CASES = {"tiers test": 20, "tiers test, all failing": 21}
"""By the margin that every case expects: it is 20."""
CHECK = "tiers check -o full, findings in colour"
SIZES = (1_000, 10_000)
RUNS = 1


def cases(count: int, margin: int) -> str:
    """Return a file of cases, each on an asset of its own."""
    position = "size: 1, entry_price: 100, leverage: 5"
    lines = [f"tiers: tiers{count}.yaml", "cases:"]
    for number in range(count):
        lines.append(f"  - name: case {number}")
        lines.append(f"    position: {{asset: A{number}, {position}}}")
        lines.append(f"    expect: {{margin: {margin}}}")
    return "\n".join(lines)


def findings(count: int) -> str:
    """Return a tier file that breaks a rule so often."""
    lines = ["venues:", "  x:", "    rules: hyperliquid", "    quote: USD", "    tables:"]
    for table in range(count // 100):
        lines += [f"      t{table}:", "        - {lower_bound: 0, max_leverage: 50}"]
        lines += [
            f"        - {{lower_bound: {1000 * step}, max_leverage: 50}}" for step in range(1, 101)
        ]
    lines.append("    assets:")
    return "\n".join([*lines, *(f"      A{one}: {{table: t{one}}}" for one in range(count // 100))])


def commands(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Write accounts and tier files, and yield the commands with their names."""
    for count in SIZES:
        (folder / f"tiers{count}.yaml").write_text(tiers(count))
        for mode in ("cross", "isolated"):
            account = {"positions": positions(count, mode), "collateral": 1_000 * count}
            (folder / f"{mode}{count}.json").write_text(json.dumps(account))
        for name, (command, mode, flags) in COMMANDS.items():
            file, table = folder / f"{mode}{count}.json", folder / f"tiers{count}.yaml"
            yield f"{name} {count}", [*OURS, command, str(file), "--tiers", str(table), *flags]
        for name, margin in CASES.items():
            suite = folder / f"cases-{margin}-{count}.yaml"
            suite.write_text(cases(count, margin))
            yield f"{name} {count}", [*OURS, "tiers", "test", str(suite)]
        broken = folder / f"broken{count}.yaml"
        broken.write_text(findings(20 * count))
        yield (f"{CHECK} {count}", [*OURS, "tiers", "check", str(broken), "-o", "full", *IN_COLOUR])


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder:
        found = in_turn(dict(commands(Path(folder))), RUNS, fine=(0, 1))
    few, many = SIZES
    print(f"{'processor time, s':40} {few:>8,} {many:>8,} growth")
    for name in (*COMMANDS, *CASES, CHECK):
        small, large = (min(used for used, _ in found[f"{name} {count}"]) for count in SIZES)
        print(f"{name:40} {small:8.2f} {large:8.2f} {large / small:6.1f}")


if __name__ == "__main__":
    main()
