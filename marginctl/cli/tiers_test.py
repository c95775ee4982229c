"""``marginctl tiers test``: cases with expected figures, run against a tier file."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from marginctl.cli.options import OutputFlags, TierFlags, command

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from marginctl.cli.case_running import Outcome
    from marginctl.cli.output import Out
    from marginctl.load.case_file import ReadCases
    from marginctl.load.problems import Problem
    from marginctl.load.tier_source import TierSource
    from marginctl.render.case_results import CaseResult


@command
def run_cases(
    tiers: TierFlags,
    output: OutputFlags,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Files of cases; else those beside the tier file. - is standard input.",
            show_default=False,
        ),
    ] = None,
    *,
    update: Annotated[
        bool,
        typer.Option("--update", help="Write the actual values into cases marked update: true."),
    ] = False,
) -> int:
    """Run cases: positions with the figures that are expected of them."""
    from marginctl.cli.messages import print_problems
    from marginctl.load.problems import InputError, Problem

    show = _printer(output)
    sources = _Sources(tiers)
    results: list[CaseResult] = []
    problems: list[Problem] = []
    for file in files or _beside(tiers.tiers):
        try:
            results += _run_file(file, sources, tiers.venue, problems, update=update)
        except InputError as error:
            problems.extend(error.problems)
    if results or not problems:
        show(results)
    print_problems(dict.fromkeys(problems))
    if problems:
        return 2
    return 0 if all(result.passed for result in results) else 1


_CASES = re.compile(r"tiers?[-_.](tests?|cases)[^/]*\.ya?ml")
"""Names of case files, as in ``.pre-commit-hooks.yaml``."""


def _beside(tiers: str | None) -> list[str]:
    """Return the case files beside the tier file that is named, or else in the current folder.

    Raises:
        InputError: there are none.
    """
    from marginctl.load.problems import InputError
    from marginctl.load.tier_source import ENVIRONMENT_VARIABLE

    named = tiers or os.environ.get(ENVIRONMENT_VARIABLE)
    folder = Path(named).parent if named else Path()
    if files := sorted(str(path) for path in folder.glob("*.y*ml") if _CASES.match(path.name)):
        return files
    where = f"beside {named}" if named else "in this folder"
    hint = "name them after the command, or call them tiers-cases.yaml or tiers-test.yaml"
    raise InputError.of(f"there are no case files {where}", hint)


REPORTS = ("concise", "github", "gitlab", "junit")
"""The formats of CI systems, as those of ``tiers check``."""


def _printer(flags: OutputFlags) -> "Callable[[Sequence[CaseResult]], None]":
    """Return what prints results in the format that is meant.

    Raises:
        InputError: there is no such format.
    """
    form = flags.output
    if form is None and not flags.raw and os.environ.get("GITHUB_ACTIONS"):
        form = "github"
    if form in REPORTS:
        return lambda results: _report(form, results)
    from marginctl.cli.output import Out
    from marginctl.load.problems import InputError, Place, did_you_mean

    known = ("table", "full", "json", *REPORTS)
    if form is not None and form not in known:
        hint = did_you_mean(form, known) or f"known: {', '.join(known)}"
        message = f"the results of cases cannot be shown as {form!r}"
        raise InputError.of(message, hint, Place(path="--output"))
    out = Out(replace(flags, output="table") if form == "full" else flags)
    if out.form not in {"table", "json"}:
        message = f"the results of cases cannot be shown as {out.form!r}"
        raise InputError.of(message, f"known: {', '.join(known)}", Place(path="--output"))
    return lambda results: _print(results, out)


def _report(form: str, results: "Sequence[CaseResult]") -> None:
    import sys

    from marginctl.cli.terminal import Stdout
    from marginctl.cli.tiers_check import from_root
    from marginctl.render.case_reports import case_report

    if report := case_report(form, results, from_root):
        Stdout(sys.stdout).write(f"{report}\n")


class _Sources:
    """The tier files that cases name, each read once."""

    def __init__(self, flags: TierFlags) -> None:
        self._flags = flags
        self._read: dict[str, TierSource] = {}

    def of(self, cases: "ReadCases") -> "TierSource":
        from marginctl.load.tier_source import find_tiers, load_tiers

        named = self._flags.tiers or cases.tiers
        path, origin = find_tiers(named, os.environ)
        if path not in self._read:
            self._read[path] = load_tiers(path, origin)
        return self._read[path]


def _run_file(
    file: str,
    sources: _Sources,
    venue: str | None,
    problems: "list[Problem]",
    *,
    update: bool,
) -> "list[CaseResult]":
    """Run the cases of a file; those that cannot be run leave their problems."""
    from marginctl.cli.messages import print_notices
    from marginctl.cli.writing import write_whole
    from marginctl.core.notices import Notice
    from marginctl.load.files import STDIN, display_name, read_bytes
    from marginctl.load.problems import InputError, Place
    from marginctl.load.yaml_edit import edited

    if update and file == STDIN:
        raise InputError.of(
            "standard input cannot be updated", "name a file", Place(path="--update")
        )
    data, name = read_bytes(file), display_name(file)
    outcomes = _run(data, name, sources, venue, problems)
    edits = [edit for outcome in outcomes for edit in outcome.edits]
    if update and edits and not problems:
        data = edited(data, edits, name)
        outcomes = _run(data, name, sources, venue, problems)
        write_whole(file, data)
        values = "1 value" if len(edits) == 1 else f"{len(edits)} values"
        print_notices([Notice("updated", None, f"{values} written into {name}")])
    return [outcome.result for outcome in outcomes]


def _run(
    data: bytes,
    name: str,
    sources: _Sources,
    venue: str | None,
    problems: "list[Problem]",
) -> "list[Outcome]":
    from marginctl.cli.case_running import run_case
    from marginctl.cli.inputs import VENUE_VARIABLE
    from marginctl.load.case_file import read_cases
    from marginctl.load.problems import InputError

    read = read_cases(data, name)
    source = sources.of(read)
    outcomes = []
    for case in read.cases:
        wanted = venue or case.draft.venue or read.venue or os.environ.get(VENUE_VARIABLE) or None
        try:
            outcomes.append(run_case(case, source.file.venue(wanted).venue))
        except InputError as error:
            problems.extend(error.problems)
    return outcomes


def _print(results: "Sequence[CaseResult]", out: "Out") -> None:
    from marginctl.render.case_results import (
        failure_rows,
        failure_title,
        results_data,
        summary_line,
    )

    if out.form == "json":
        out.json(results_data(results))
        return
    output = out.tables()
    for result in results:
        if not result.passed:
            output.lines([failure_title(result), ()])
            output.table(failure_rows(result))
            output.lines([()])
    output.lines([summary_line(results)])
