"""All that the manual's table of speed says, in one run: python -m tests.benchmarks [FOLDER].

FOLDER is one where ``npm install hyperliquid-math`` was run.
"""

import sys
from pathlib import Path

from tests.benchmarks import growth, start, stream

if __name__ == "__main__":
    print("starts")
    start.main(7)
    print("\nstreams")
    stream.main(40_000, Path(sys.argv[1]) if sys.argv[1:] else None)
    print("\ngrowth")
    growth.main()
