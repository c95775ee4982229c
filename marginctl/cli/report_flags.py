"""The formats of reports: of checks, of cases and of comparisons, each with formats of its own."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from marginctl.cli.options import Color, Debug, Numbers, OutputFlags, Quiet
from marginctl.load.problems import InputError, Place, did_you_mean

VARIABLE = "MARGINCTL_OUTPUT"


@dataclass(frozen=True)
class ReportFlags:
    """How a report is shown."""

    numbers: Numbers
    color: Color
    quiet: Quiet
    debug: Debug


def report_form(output: str | None, known: Sequence[str], what: str) -> str | None:
    """Return the format that is meant, None where none is named; ``what`` is shown in it.

    ``MARGINCTL_OUTPUT`` may be meant for other commands, so it counts where it names a format
    that this one has.

    Raises:
        InputError: the flag names another format.
    """
    if output is None:
        named = os.environ.get(VARIABLE)
        return named if named in known else None
    if output in known:
        return output
    hint = did_you_mean(output, known) or f"known: {', '.join(known)}"
    raise InputError.of(f"{what} cannot be shown as {output!r}", hint, Place(path="--output"))


def in_ci() -> bool:
    """Whether this is a workflow of GitHub Actions."""
    return bool(os.environ.get("GITHUB_ACTIONS"))


def output_flags(form: str, flags: "ReportFlags", fields: str | None = None) -> OutputFlags:
    """Return the flags of tables and of JSON, off where a report does not have them."""
    return OutputFlags(
        output=form,
        fields=fields,
        numbers=flags.numbers,
        digits=None,
        raw=False,
        no_header=False,
        color=flags.color,
        quiet=flags.quiet,
        debug=flags.debug,
    )
