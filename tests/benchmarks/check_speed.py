"""How long checking a tier file takes, against parsing it: python tests/benchmarks/check_speed.py.

Not a test: it asserts nothing, as clocks differ.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from marginctl.load.tier_check import check_tiers
from marginctl.load.yaml_text import read_yaml

SYMBOLS, TIERS = 875, 8
LADDER: tuple[tuple[int, str], ...] = (
    (75, "0.01"),
    (50, "0.015"),
    (25, "0.02"),
    (20, "0.025"),
    (10, "0.05"),
    (5, "0.1"),
    (4, "0.125"),
    (2, "0.25"),
)


def tier_file() -> bytes:
    """Return a file of 7,000 tiers, each with every key, whose deductions are right."""
    lines = ["venues:", "  x:", "    rules: hyperliquid", "    quote: USDT"]
    lines += ["    as_of: 2026-01-14", "    tables:"]
    for symbol in range(SYMBOLS):
        lines.append(f"      t{symbol}:")
        deduction = thousandths_below = 0
        for index, (leverage, rate) in enumerate(LADDER):
            bound = index * (symbol + 1) * 10_000
            thousandths = int(rate[2:].ljust(3, "0"))
            deduction += bound * (thousandths - thousandths_below) // 1000
            thousandths_below = thousandths
            lines.append(
                f"        - {{lower_bound: {bound}, upper_bound: {bound + (symbol + 1) * 10_000}, "
                f"max_leverage: {leverage}, maintenance_margin_rate: {rate}, "
                f"maintenance_deduction: {deduction}}}"
            )
    lines.append("    assets:")
    lines += [f"      S{symbol}USDT: {{table: t{symbol}}}" for symbol in range(SYMBOLS)]
    return "\n".join(lines).encode()


def best_of(times: int, work: Callable[[], object]) -> float:
    """Return the least time that some work takes, in seconds."""
    found = []
    for _ in range(times):
        begin = perf_counter()
        work()
        found.append(perf_counter() - begin)
    return min(found)


def main() -> None:
    """Measure and print."""
    data = tier_file()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tiers.yaml"
        path.write_bytes(data)
        parse = best_of(5, lambda: read_yaml(data, "tiers.yaml"))
        check = best_of(5, lambda: check_tiers(str(path), today=date.max))
    print(f"{SYMBOLS * TIERS:,} tiers, {len(data) / 1e6:.2f} MB")
    print(f"parse {parse:.3f} s, parse and check {check:.3f} s: {check / parse:.2f}")


if __name__ == "__main__":
    main()
