"""How long a report of a stream takes, as a multiple of reading its line and writing it as JSON.

    python -m tests.benchmarks.stream [COUNT [FOLDER]]

The floor is json.loads of a line and json.dumps of its whole report. FOLDER is one where
``npm install hyperliquid-math`` was run: that library then does margin and liquidation of the same
positions.
"""

import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measuring import in_turn, median_ratio, written
from tests.benchmarks.positions import lines

RUNS = 3
OURS = [sys.executable, "-m", "marginctl"]
FLOOR = """
import json, sys
from itertools import islice

count = int(sys.argv[3])
reports = [json.loads(line) for line in islice(open(sys.argv[2]), count)]
for line, report in zip(open(sys.argv[1]), reports if sys.argv[4] == "write" else ()):
    json.loads(line)
    sys.stdout.write(json.dumps(report) + "\\n")
"""
ALONE = ["--fields", "liquidation_price"]
CONDITION = ["--fail-if", "margin_ratio > 1000000%"]
STREAMS: dict[str, tuple[list[str], list[str], str, float]] = {
    "a report": (["show"], ["-o", "ndjson"], "floor", 3.2),
    "one field": (["show"], ["-o", "ndjson", *ALONE], "a report", 0.45),
    "a report, --fail-if": (["show"], ["-o", "ndjson", *CONDITION], "a report", 1.2),
    "one field, --fail-if": (["show"], ["-o", "ndjson", *ALONE, *CONDITION], "a report", 0.45),
    "all fields as csv": (["show"], ["-o", "csv"], "a report", 1.5),
    "one field as csv": (["show"], ["-o", "csv", *ALONE], "all fields as csv", 0.45),
    "one field --raw": (["show"], ["--raw", *ALONE], "all fields as csv", 0.45),
    "add": (["add", "5"], ["-o", "ndjson"], "a report", 2.5),
    "remove": (["remove", "max"], ["-o", "ndjson"], "a report", 2.5),
}
"""By name: the words before and after the file, what it is a multiple of, and the target."""
PEER = """
import { readFileSync } from 'node:fs'
import { calculatePerpLiquidationPrice } from 'hyperliquid-math/liquidation'
import { evaluatePerpAccountMargin } from 'hyperliquid-math/margin'

const TIERS = {
  BTC: [['0', '40'], ['150000000', '20']], ETH: [['0', '25'], ['100000000', '15']],
  SOL: [['0', '20'], ['70000000', '10']], ATOM: [['0', '5']],
  DOGE: [['0', '10'], ['20000000', '5']],
}
const names = Object.keys(TIERS)
for (const line of readFileSync(process.argv[2], 'utf8').trim().split('\\n')) {
  const p = JSON.parse(line)
  const asset = { network: 'mainnet', marketKind: 'perp', dex: null, index: names.indexOf(p.asset) }
  const side = p.side === 'long' ? 1 : -1
  const pnl = side * p.size * (p.mark_price - p.entry_price)
  const equity = (p.size * p.entry_price / p.leverage + pnl).toFixed(6)
  const position = {
    asset,
    signedSize: (side > 0 ? '' : '-') + p.size.replace(/\\.?0+$/, ''),
    markPrice: p.mark_price,
    marginMode: { kind: 'isolated', isolatedMarginValue: equity, marginRemoval: 'allowed' },
    marginTiers: TIERS[p.asset].map(([lowerBound, maxLeverage]) => ({ lowerBound, maxLeverage })),
  }
  const margin = evaluatePerpAccountMargin({
    crossAccountValue: '0', positions: [{ ...position, leverage: String(p.leverage) }],
  })
  const price = calculatePerpLiquidationPrice({
    targetAsset: asset, crossAccountValue: '0',
    positions: [{ ...position, entryPrice: p.entry_price }],
  })
  if (margin.value.status !== 'ok' || price.value.status === 'invalid-input') {
    throw new Error(JSON.stringify([line, margin.value, price.value]))
  }
  process.stdout.write(JSON.stringify([margin.value, price.value]) + '\\n')
}
"""


def main(count: int, peer: Path | None) -> None:
    with TemporaryDirectory() as folder:
        many = written(Path(folder) / "many.ndjson", "".join(f"{one}\n" for one in lines(count)))
        one = written(Path(folder) / "one.ndjson", "".join(f"{one}\n" for one in lines(1)))
        shown = subprocess.run(
            [*OURS, "show", many, "-o", "ndjson"], capture_output=True, text=True, check=True
        )
        reports = written(Path(folder) / "reports.ndjson", shown.stdout)
        floor = [sys.executable, written(Path(folder) / "floor.py", FLOOR), many, reports]
        commands = {
            "floor": [*floor, str(count), "write"],
            "start of floor": [*floor, str(count), "read"],
            "two": [*OURS, "show", many, "-o", "ndjson", "--jobs", "2"],
        }
        for name, (before, after, _, _) in STREAMS.items():
            commands[name] = [*OURS, *before, many, *after]
            commands[f"start of {name}"] = [*OURS, *before, one, *after]
        if peer is not None:
            node = ["node", written(peer / "marginctl-peer.mjs", PEER)]
            commands |= {"peer": [*node, many], "start of peer": [*node, one]}
        found = in_turn(commands, RUNS, fine=(0, 1))  # 1: a condition holds

    def each(name: str) -> list[float]:
        """Return the microseconds of processor time for one line, the start not counted."""
        pairs = zip(found[name], found[f"start of {name}"], strict=True)
        return [(cpu - of_start) / count * 1e6 for (cpu, _), (of_start, _) in pairs]

    floor_each = statistics.median(each("floor"))
    print(f"json.loads of a line, json.dumps of its report: {floor_each:.1f} µs")
    for name, (_, _, base, target) in STREAMS.items():
        ratio = median_ratio(each(name), each(base))
        mean = statistics.median(each(name))
        print(f"{name:22} {mean:6.1f} µs, {ratio:5.2f} of {base} (target {target})")
    walls = {
        name: [
            wall - of_start
            for (_, wall), (_, of_start) in zip(
                found[name], found["start of a report"], strict=True
            )
        ]
        for name in ("a report", "two")
    }
    faster = median_ratio(walls["a report"], walls["two"])
    print(f"--jobs 2: {faster:.1f} times as fast as one (target 1.7, on two free cores)")
    if peer is not None:
        slower = median_ratio(each("peer"), each("a report"))
        print(f"hyperliquid-math: {slower:.1f} times a report (target 5)")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(
        int(arguments[0]) if arguments else 40_000,
        Path(arguments[1]) if arguments[1:] else None,
    )
