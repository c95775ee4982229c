"""The command line. The only room that knows the terminal and the environment."""

import gc
import sys

_GARBAGE = 100_000
"""New objects after which circles of garbage are looked for. What is computed has none, and is gone
once nothing names it; to look after each 700 takes 3 % of the time.
"""


def main() -> None:
    """Run ``marginctl`` with the arguments of the process, and exit with its code."""
    gc.set_threshold(_GARBAGE)
    if sys.argv[1:] in (["--version"], ["-V"]) and _print_version():
        return
    from marginctl.cli.run import run

    sys.exit(run(sys.argv[1:]))


def _print_version() -> bool:
    """Answer before anything heavy is imported; False when stdout takes nothing."""
    from marginctl import __version__

    if sys.stdout is None:
        return False
    try:
        print(f"marginctl {__version__}", flush=True)  # noqa: T201
    except OSError:
        return False  # the long way meets the same fault, and reports it
    return True
