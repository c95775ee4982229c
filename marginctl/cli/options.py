"""The flags, in groups that commands share."""

import inspect
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial, wraps
from typing import Annotated, Any, NamedTuple, get_type_hints

import typer

from marginctl.cli import completion
from marginctl.cli.commands import STREAMS
from marginctl.cli.run import PipeClosedError
from marginctl.load.problems import InputError, Place, known_hint

Offer = Callable[..., completion.Offers] | None
"""What the shell offers after TAB."""


def option(
    *names: str,
    help: str,  # noqa: A002
    metavar: str = "NUMBER",
    panel: str = "Common",
    offer: Offer = None,
) -> Any:
    """Return an option that takes a value; ``panel`` is its group in the help."""
    return typer.Option(
        *names,
        metavar=metavar,
        rich_help_panel=panel,
        help=help,
        show_default=False,
        autocompletion=offer,
    )


def flag(name: str, help: str, *, panel: str = "Common") -> Any:  # noqa: A002
    """Return an option that is either given or not."""
    return typer.Option(name, rich_help_panel=panel, help=help)


def argument(metavar: str, help: str, offer: Offer = None) -> Any:  # noqa: A002
    """Return what is given without a name, such as a file."""
    return typer.Argument(metavar=metavar, help=help, show_default=False, autocompletion=offer)


def texts_of(flags: Any) -> dict[str, str | None]:
    """Return the values of a group's flags, as they were typed, by flag."""
    return {
        f"--{name.replace('_', '-')}": value
        for name, value in flags._asdict().items()
        if not isinstance(value, bool)
    }


_position = partial(option, panel="Position")

MaybeText = str | None


class PositionFlags(NamedTuple):
    """What describes a position, or overrides the one picked from a file."""

    asset: Annotated[
        MaybeText,
        _position(
            "--asset", "-a", metavar="NAME", help="Asset, such as ETH.", offer=completion.assets
        ),
    ]
    side: Annotated[
        MaybeText,
        _position(
            "--side",
            "-s",
            metavar="SIDE",
            help="long (buy) or short (sell); default: by the size's sign.",
            offer=completion.words("long", "short"),
        ),
    ]
    size: Annotated[MaybeText, _position("--size", "-q", help="Size in units of the asset.")]
    entry: Annotated[MaybeText, _position("--entry", "-e", help="Average entry price.")]
    mark: Annotated[
        MaybeText, _position("--mark", "-m", help="Mark price now (default: the entry).")
    ]
    leverage: Annotated[MaybeText, _position("--leverage", "-l", help="Chosen leverage.")]
    margin: Annotated[
        MaybeText,
        _position("--margin", help="Posted margin, excluding PnL (default: size*entry/leverage)."),
    ]
    equity: Annotated[MaybeText, _position("--equity", help="Margin including PnL.")]
    mode: Annotated[
        MaybeText,
        _position(
            "--mode",
            metavar="MODE",
            help="isolated (default) or cross.",
            offer=completion.words("isolated", "cross"),
        ),
    ]
    collateral: Annotated[
        MaybeText, _position("--collateral", help="Cash that backs cross positions and additions.")
    ]
    account_value: Annotated[
        MaybeText, _position("--account-value", help="Value of the cross account, including PnL.")
    ]


class TierFlags(NamedTuple):
    """Where the tiers come from."""

    tiers: Annotated[
        MaybeText, option("--tiers", metavar="FILE", help="Tier file (default: the shipped one).")
    ]
    venue: Annotated[
        MaybeText,
        option("--venue", metavar="NAME", help="Venue in the tier file.", offer=completion.venues),
    ]


Numbers = Annotated[bool, flag("--numbers", "JSON numbers instead of strings.")]
Fields = Annotated[
    MaybeText,
    option(
        "--fields", metavar="A,B,C", help="Fields to keep, in this order.", offer=completion.fields
    ),
]
Color = Annotated[
    MaybeText,
    option(
        "--color",
        metavar="WHEN",
        help="auto (default), always or never.",
        offer=completion.words("auto", "always", "never"),
    ),
]
Quiet = Annotated[
    bool, flag("--quiet", "Hide notes and warnings; errors and failed conditions stay.")
]
Debug = Annotated[bool, flag("--debug", "Show the traceback of an internal error.")]


def output_option(formats: Sequence[str], default: str) -> Any:
    """Return the option of a command that has other formats; ``default`` says what else counts."""
    *most, last = formats
    return option(
        "--output",
        "-o",
        metavar="FORMAT",
        help=f"{', '.join(most)} or {last} (default: {default}).",
        offer=completion.words(*formats),
    )


FORMATS = ("table", "json", "ndjson", "csv", "md")
OUTPUT_VARIABLE = "MARGINCTL_OUTPUT"


class OutputFlags(NamedTuple):
    """How the answer is shown."""

    output: Annotated[
        MaybeText,
        option(
            "--output",
            "-o",
            metavar="FORMAT",
            help="table (default), json, ndjson, csv or md.",
            offer=completion.words(*FORMATS),
        ),
    ] = None
    fields: Fields = None
    numbers: Numbers = False
    digits: Annotated[
        MaybeText,
        option(
            "--digits", metavar="N", help="Significant digits in csv, md and --raw (default: 50)."
        ),
    ] = None
    raw: Annotated[bool, flag("--raw", "Bare values, tab-separated.")] = False
    no_header: Annotated[bool, flag("--no-header", "No header line in csv.")] = False
    color: Color = None
    quiet: Quiet = False
    debug: Debug = False


class StreamFlags(NamedTuple):
    """How a stream of positions, one per line, is answered."""

    keep_going: Annotated[
        bool, flag("--keep-going", "Report bad lines in the output and continue.", panel=STREAMS)
    ]
    jobs: Annotated[
        MaybeText, option("--jobs", "-j", metavar="N", panel=STREAMS, help="Number of processes.")
    ]


class ConditionFlags(NamedTuple):
    """When the answer is a failure."""

    fail_if: Annotated[
        list[str] | None,
        option(
            "--fail-if",
            metavar="CONDITION",
            help="Exit with 1 if this holds, such as 'margin_ratio > 80%': a field, one of "
            "< <= > >= == !=, and a number or percentage; or just a yes/no field. Repeatable.",
            offer=completion.conditions,
        ),
    ]


class QuestionFlags(NamedTuple):
    """What a question about positions says: which, by which tiers, how its answer is shown and
    when that is a failure.
    """

    position: PositionFlags
    tiers: TierFlags
    output: OutputFlags
    conditions: ConditionFlags


FeeRate = Annotated[
    MaybeText,
    option(
        "--fee-rate", metavar="R", help="Trading fee, such as 0.045%; adds the break-even price."
    ),
]
Explain = Annotated[bool, flag("--explain", "Show how each figure is computed.")]
NoPager = Annotated[bool, flag("--no-pager", "Never use a pager for long output.")]
Beta = Annotated[
    MaybeText,
    option(
        "--beta",
        metavar="FILE",
        help="File of ASSET: MULTIPLE, how strongly each asset follows a common move.",
    ),
]
File = Annotated[
    MaybeText,
    argument("FILE", "Positions as JSON or NDJSON, or an exchange's account; - is standard input."),
]


ANSWERS_NO = "0 success, 1 the answer is no, 2 wrong usage or input, 3 internal error"
NEVER_NO = "0 success, 2 wrong usage or input, 3 internal error"
"""The exit codes of commands, by whether their answer can be no."""


class HelpEnd(NamedTuple):
    """What the help of a command ends with: examples that run as they are, its exit codes, and
    the page of the manual that is about it.
    """

    examples: tuple[str, ...]
    exit_codes: str
    page: str


def command(
    *examples: str, exit_codes: str = ANSWERS_NO, page: str = ""
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return the decorator of a command; its help ends with the examples."""

    def decorate(function: Callable[..., int]) -> Callable[..., int]:
        wrapper = _with_groups(function)
        wrapper.help_end = HelpEnd(examples, exit_codes, page)  # type: ignore[attr-defined]
        return wrapper

    return decorate


def _with_groups(function: Callable[..., int]) -> Callable[..., int]:
    """Let a command take groups of flags: each parameter that is a named tuple becomes its fields.

    A group may hold others.
    """
    hints = get_type_hints(function, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if _is_group(hint)}
    parameters = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name not in groups:
            parameters.append(parameter.replace(annotation=hints[name]))
            continue
        for flag_name, hint in _flags_of(groups[name]):
            default = False if hint.__origin__ is bool else None
            parameters.append(
                inspect.Parameter(
                    flag_name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint
                )
            )

    @wraps(function)
    def wrapper(**values: Any) -> int:
        for name, group in groups.items():
            values[name] = _filled(group, values)
        try:
            return function(**values)
        except BrokenPipeError:
            raise PipeClosedError from None  # Typer would turn it into exit code 1

    parameters.sort(key=lambda parameter: parameter.kind)  # the flags are keyword-only
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {}
    return wrapper


def _is_group(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, tuple)


def _flags_of(group: Any) -> Iterator[tuple[str, Any]]:
    """Yield the flags of a group, and of the groups in it, with what Typer is to know of each."""
    for name, hint in group.__annotations__.items():
        if _is_group(hint):
            yield from _flags_of(hint)
        else:
            yield name, hint


def _filled(group: Any, values: dict[str, Any]) -> Any:
    """Return a group with the values of its flags, which are taken away from the others."""
    return group(
        **{
            name: _filled(hint, values) if _is_group(hint) else values.pop(name)
            for name, hint in group.__annotations__.items()
        }
    )


class ReportFlags(NamedTuple):
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
        named = os.environ.get(OUTPUT_VARIABLE)
        return named if named in known else None
    if output in known:
        return output
    hint = known_hint(output, known)
    raise InputError.of(f"{what} cannot be shown as {output!r}", hint, Place(path="--output"))


def in_ci() -> bool:
    """Whether this is a workflow of GitHub Actions."""
    return bool(os.environ.get("GITHUB_ACTIONS"))
