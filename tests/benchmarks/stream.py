"""How long a report of a stream takes, as a multiple of reading and writing its line as JSON.

    python -m tests.benchmarks.stream [COUNT [FOLDER]]

FOLDER is one where ``npm install hyperliquid-math`` was run: that library then does margin and
liquidation of the same positions. Also compared: four processes and one.
"""

import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measuring import in_turn, median_ratio, written
from tests.benchmarks.positions import lines

RUNS = 5
OURS = [sys.executable, "-m", "marginctl", "show"]
FLOOR = """
import json, sys

for line in open(sys.argv[1]):
    sys.stdout.write(json.dumps(json.loads(line)) + "\\n")
"""
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
        floor = [sys.executable, written(Path(folder) / "floor.py", FLOOR)]
        report = [*OURS, many, "-o", "ndjson"]
        commands = {
            "report": report,
            "its start": [*OURS, one, "-o", "ndjson"],
            "four": [*report, "--jobs", "4"],
            "floor": [*floor, many],
            "start of the floor": [*floor, one],
        }
        if peer is not None:
            node = ["node", written(peer / "marginctl-peer.mjs", PEER)]
            commands |= {"peer": [*node, many], "start of the peer": [*node, one]}
        found = in_turn(commands, RUNS)

    def each(name: str, start: str) -> list[float]:
        """Return the microseconds of processor time for one line, the start not counted."""
        pairs = zip(found[name], found[start], strict=True)
        return [(cpu - of_start) / count * 1e6 for (cpu, _), (of_start, _) in pairs]

    ours, bare = each("report", "its start"), each("floor", "start of the floor")
    print(f"json.loads and json.dumps of a line: {statistics.median(bare):.1f} µs")
    print(f"a report: {statistics.median(ours):.1f} µs, {median_ratio(ours, bare):.1f} times that")
    walls = {name: [wall for _, wall in found[name]] for name in ("report", "four")}
    print(
        f"four processes: {median_ratio(walls['report'], walls['four']):.1f} times as fast as one"
    )
    if peer is not None:
        theirs = each("peer", "start of the peer")
        print(f"hyperliquid-math: {median_ratio(theirs, ours):.1f} times a report")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(
        int(arguments[0]) if arguments else 20_000,
        Path(arguments[1]) if arguments[1:] else None,
    )
