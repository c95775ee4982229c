"""What a start does not import: time that nobody should wait."""

import subprocess
import sys

import pytest

POSITION = ("-a", "ETH", "-q", "10", "-e", "2500", "-m", "2400", "-l", "10")
NOTHING_HEAVY = {
    "typer",
    "rich",
    "pydantic",
    "yaml",
    "json",
    "decimal",
    "dataclasses",
    "inspect",
    "importlib.metadata",
    "marginctl.core",
    "marginctl.load",
    "marginctl.render",
}
STREAMS = {"multiprocessing", "marginctl.cli.stream", "marginctl.cli.workers"}
FOR_TEXT = {"rich", "pydantic", "csv", "importlib.metadata", *STREAMS}


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (("--version",), NOTHING_HEAVY),
        (("-V",), NOTHING_HEAVY),
        (("show", *POSITION, "-o", "json"), FOR_TEXT | {"marginctl.cli.change", "rich.console"}),
        (("show", *POSITION, "-o", "ndjson"), FOR_TEXT),
        (("add", "5", *POSITION, "-o", "json"), FOR_TEXT | {"marginctl.cli.show"}),
        (("show", *POSITION), {"pydantic", "importlib.metadata", *STREAMS}),
        (("tiers", "list", "-o", "json"), FOR_TEXT | {"marginctl.cli.show"}),
    ],
)
def test_a_start_does_not_import(arguments: tuple[str, ...], unwanted: set[str]) -> None:
    script = (
        "import sys\n"
        "from marginctl.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = unwanted & set(done.stderr.splitlines())
    assert not found
