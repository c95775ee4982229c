"""``marginctl tiers schema``: the JSON Schemas of the files that people write."""

import sys
from typing import Annotated

import typer

from marginctl.cli.options import command

Kind = Annotated[
    str,
    typer.Argument(
        metavar="[KIND]", help="Of which file: tiers or tests; else tiers.", show_default=False
    ),
]


@command
def schema(
    kind: Kind = "tiers",
    *,
    debug: Annotated[  # noqa: ARG001 - looked for where errors are told
        bool, typer.Option("--debug", help="Tracebacks of our own errors.")
    ] = False,
) -> int:
    """Print the JSON Schema of tier files or of their tests, for editors and validators."""
    from marginctl.cli.terminal import Stdout
    from marginctl.load.problems import InputError, Place, did_you_mean
    from marginctl.load.schemas import MODELS, schema_of
    from marginctl.render.scripts import json_text

    if kind not in MODELS:
        hint = did_you_mean(kind, MODELS) or f"known: {', '.join(MODELS)}"
        raise InputError.of(f"there is no schema {kind!r}", hint, Place(path="KIND"))
    Stdout(sys.stdout).write(json_text(schema_of(kind)) + "\n")
    return 0
