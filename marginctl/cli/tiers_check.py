"""``marginctl tiers check``: whether tier files are right."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from marginctl.cli.completion import check_rules
from marginctl.cli.options import (
    Color,
    Debug,
    MaybeText,
    OutputFlags,
    argument,
    command,
    flag,
    in_ci,
    option,
    output_option,
    report_form,
)
from marginctl.cli.run import NO, OK, USAGE
from marginctl.load.problems import InputError, Place

if TYPE_CHECKING:
    from marginctl.cli.output import Out
    from marginctl.render.findings import Checked

FORMATS = ("full", "concise", "json", "github", "gitlab", "junit")


_Rules = list[str] | None


class CheckFlags(NamedTuple):
    """Which rules count, and how findings are shown."""

    select: Annotated[
        _Rules, option("--select", metavar="RULES", help="Only these rules.", offer=check_rules)
    ]
    ignore: Annotated[
        _Rules,
        option("--ignore", metavar="RULES", help="All rules except these.", offer=check_rules),
    ]
    max_age: Annotated[
        MaybeText,
        option(
            "--max-age",
            metavar="DAYS",
            help="Report older tiers as errors, except in venues with archived: true.",
        ),
    ]
    strict: Annotated[bool, flag("--strict", "Exit with 1 on warnings, too.")]
    exit_zero: Annotated[bool, flag("--exit-zero", "Exit with 0 despite findings.")]
    list_rules: Annotated[bool, flag("--list-rules", "List the rules and exit.")]
    rule_help: Annotated[
        MaybeText,
        option("--rule-help", metavar="RULE", help="Explain a rule and exit.", offer=check_rules),
    ]
    tiers: Annotated[
        MaybeText, option("--tiers", metavar="FILE", help="Tier file (default: the shipped one).")
    ]
    output: Annotated[
        MaybeText,
        output_option(FORMATS, "full on a terminal, concise when piped, github in its workflows"),
    ]
    color: Color
    debug: Debug


Files = Annotated[
    list[str] | None,
    argument("[FILE]...", "Tier files (default: the one that would be used). - is standard input."),
]


@command("marginctl tiers check tiers.yaml")
def check(flags: CheckFlags, files: Files = None) -> int:
    """Check tier files: exit code 0 when all is well, 1 when there are errors."""
    from marginctl.checks.catalogue import RULES
    from marginctl.cli.output import Out
    from marginctl.load.tier_check import known_rule
    from marginctl.render.findings import rule_help, rule_list

    out = Out(OutputFlags(output="table", color=flags.color))
    form = report_form(flags.output, FORMATS, "findings")
    if flags.list_rules:
        output = out.tables()
        output.lines(rule_list(list(RULES.values()), output.width))
        return OK
    if flags.rule_help is not None:
        rule = known_rule(flags.rule_help, Place(path="--rule-help"))
        output = out.tables()
        output.lines(rule_help(rule, output.width))
        return OK
    max_age = _days(flags.max_age)
    checked = [_check(path, flags, max_age) for path in _paths(files, flags.tiers)]
    _print_findings(checked, flags, form or _usual_form(), out)
    return _exit_code(checked, flags)


def _usual_form() -> str:
    if in_ci():
        return "github"
    return "full" if sys.stdout.isatty() else "concise"


def _check(path: str, flags: CheckFlags, max_age: int | None) -> "Checked":
    from marginctl.cli.surroundings import today
    from marginctl.load.files import display_name
    from marginctl.load.tier_check import check_tiers
    from marginctl.render.findings import Checked

    file = display_name(path)
    try:
        found = check_tiers(
            path,
            select=_names(flags.select) or None,
            ignore=_names(flags.ignore),
            max_age=max_age,
            today=today(),
        )
    except InputError as error:
        raise error.at({"select": "--select", "ignore": "--ignore"}) from None
    return Checked(file, from_root(file), found.problems, found.lines, found.assets)


def _exit_code(checked: "Sequence[Checked]", flags: CheckFlags) -> int:
    findings = [finding for file in checked for finding in file.findings]
    if any(finding.code == "unreadable" for finding in findings):
        return USAGE
    failing = _failing(strict=flags.strict)
    failed = any(finding.severity in failing for finding in findings)
    return NO if failed and not flags.exit_zero else OK


def _failing(*, strict: bool) -> tuple[Any, ...]:
    from marginctl.checks.problem import Severity

    return (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)


def _paths(files: Sequence[str] | None, tiers: str | None) -> list[str]:
    from marginctl.load.tier_source import find_tiers

    if files and tiers:
        message = "FILE and --tiers both name what to check"
        raise InputError.of(message, "name the files, without --tiers", Place(path="--tiers"))
    return list(dict.fromkeys(files)) if files else [find_tiers(tiers, os.environ)[0]]


def _names(values: Sequence[str] | None) -> list[str]:
    return [name.strip() for value in values or () for name in value.split(",") if name.strip()]


def _days(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= len("999999")):
        message = f"{text!r} is not a number of days"
        raise InputError.of(message, "write a whole number, such as 30", Place(path="--max-age"))
    return int(text)


def from_root(file: str) -> str:
    """Return a path as seen from the root of the repository, where that is known."""
    root = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR") or "."
    path, base = Path(file).absolute(), Path(root).absolute()
    if path.is_relative_to(base):
        return path.relative_to(base).as_posix()
    return file


def _print_findings(checked: "Sequence[Checked]", flags: CheckFlags, form: str, out: "Out") -> None:
    """Print what was found; nothing where nothing was, but for formats that need a report."""
    from marginctl.cli.messages import print_line
    from marginctl.render import findings

    failing = _failing(strict=flags.strict)
    reports: dict[str, Callable[[], str]] = {
        "concise": lambda: "\n".join(findings.concise_lines(checked)),
        "github": lambda: "\n".join(findings.github_lines(checked)),
        "json": lambda: findings.check_json(checked),
        "gitlab": lambda: findings.gitlab_report(checked),
        "junit": lambda: findings.junit_report(checked, failing),
    }
    if form == "full":
        if any(file.findings for file in checked):
            output = out.tables()
            output.lines(findings.full_lines(checked, output.width))
    elif report := reports[form]():
        out.write(report)
    sys.stdout.flush()  # the summary is the last line, also where both go to one place
    if summary := findings.summary(checked, sound=form == "full" and sys.stdout.isatty()):
        print_line(summary)
