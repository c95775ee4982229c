"""What of a report's time is decimal arithmetic and text that no code around it can save.

    python -m tests.benchmarks.bare [COUNT]

A line is parsed, its numbers are made decimals, as many are added, multiplied, divided to 50 digits
and written as in a report; nothing is checked, looked up, named or kept, so it is no report.
"""

import json
import sys
from decimal import Decimal
from time import perf_counter
from typing import TYPE_CHECKING

from marginctl.cli.inputs import Tiers
from marginctl.cli.line_answers import LineAnswers
from marginctl.cli.options import ConditionFlags, TierFlags
from marginctl.core.numbers import exactly, quotient
from marginctl.load.account import Overrides
from marginctl.load.files import Chunk
from tests.benchmarks.positions import lines

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 60
GIVEN = ("size", "entry_price", "mark_price", "leverage")
SUMS, PRODUCTS, QUOTIENTS = 10, 20, 15
WORDS = 330
"""Characters of a report that are neither numbers nor the names of their fields."""
TEMPLATE = ",".join(['"a_field_name":"%s"'] * (len(GIVEN) + 2 + QUOTIENTS)) + WORDS * " "


@exactly
def bare(texts: list[str]) -> None:
    """Do what cannot be left out."""
    for text in texts:
        said = json.loads(text)
        size, entry, mark, leverage = (Decimal(said[name]) for name in GIVEN)
        for _ in range(PRODUCTS):
            notional = size * mark
        for _ in range(SUMS):
            pnl = notional - entry
        for _ in range(QUOTIENTS):
            price = quotient(pnl, notional)
        numbers = (size, entry, mark, leverage, notional, pnl, *[price] * QUOTIENTS)
        assert TEMPLATE % tuple(map(str, numbers))


def floor(texts: list[str]) -> None:
    """Read and write the lines as JSON."""
    for text in texts:
        assert json.dumps(json.loads(text))


def main(count: int) -> None:
    texts = list(lines(count))
    chunk = Chunk(1, "".join(f"{text}\n" for text in texts).encode(), 0)
    tiers = Tiers(TierFlags(None, None))
    answers = LineAnswers("lines", tiers, Overrides(), None, False, ConditionFlags(None))
    bare_best = floor_best = report_best = float("inf")
    for _ in range(RUNS):
        floor_best = min(floor_best, _seconds(lambda: floor(texts)))
        bare_best = min(bare_best, _seconds(lambda: bare(texts)))
        report_best = min(report_best, _seconds(lambda: answers.of_chunk(chunk)))
    print(f"json.loads and json.dumps of a line: {floor_best / count * 1e6:.1f} µs")
    print(f"the bare arithmetic of a report: {bare_best / floor_best:.1f} times that")
    print(f"a report: {report_best / floor_best:.1f} times that")


def _seconds(step: "Callable[[], object]") -> float:
    begun = perf_counter()
    step()
    return perf_counter() - begun


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 130)
