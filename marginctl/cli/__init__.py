"""The command line. The only room that knows the terminal and the environment."""

import sys


def main() -> None:
    """Run ``marginctl`` with the arguments of the process, and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        # answered before anything heavy is imported
        from marginctl import __version__

        print(f"marginctl {__version__}")  # noqa: T201
        return
    from marginctl.cli.run import run

    sys.exit(run(sys.argv[1:]))
