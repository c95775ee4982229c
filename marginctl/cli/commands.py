"""Commands that are imported when they are asked for, parsed quickly, with help in plain words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

EXAMPLES: dict[str, tuple[str, ...]] = {
    "show": (
        "marginctl show -a ETH -q 10 -e 2500 -m 2400 -l 10",
        "marginctl show positions.json --fail-if 'liquidation_distance < 10%'",
        "marginctl fetch account 0x... | marginctl show -",
    ),
    "add": ("marginctl add 1000 -a ETH -q 10 -e 2500 -m 2400 -l 10",),
    "remove": (
        "marginctl remove max -a ETH -q 10 -e 2500 -m 2600 -l 10",
        "marginctl remove max -a ETH -q 10 -e 2500 -m 2600 -l 10 --cushion 1%",
        "marginctl remove 500 account.json -a ETH",
    ),
    "whatif": (
        "marginctl whatif -a ETH -q 10 -e 2500 -m 2400 -l 10 --move -3%",
        "marginctl whatif -a ETH -q 10 -e 2500 -l 10 --funding-rate 0.01% --hours 24",
        "marginctl whatif account.json --move-all -10%",
        "marginctl whatif account.json -a ETH --trade -5",
    ),
    "solve": (
        "marginctl solve -a ETH -q 10 -e 2500 -m 2400 -l 10 --liquidation-price 2000",
        "marginctl solve -a ETH -q 10 -e 2500 -m 2400 -l 10 --distance 10%",
        "marginctl solve -a ETH -e 2500 -l 10 --margin 1000 --max-size",
        "marginctl solve -a ETH -e 2500 -l 10 --risk 100 --stop 2400",
    ),
    "sweep": (
        "marginctl sweep -a ETH -q 10 -e 2500 -m 2400 -l 10 --over mark=2200..2500",
        "marginctl sweep account.json --over move=-20%..20%",
    ),
    "fields": ("marginctl fields liquidation_price",),
    "tiers check": ("marginctl tiers check tiers.yaml",),
    "tiers test": ("marginctl tiers test tiers-test.yaml",),
    "tiers diff": ("marginctl tiers diff old.yaml new.yaml --positions account.json",),
    "tiers init": ("marginctl tiers init --rules binance --venue binance",),
    "tiers import": (
        "marginctl tiers import meta.json --into tiers.yaml --venue hyperliquid",
        "marginctl tiers import page-1.json page-2.json --only '*USDT'",
    ),
    "tiers show": ("marginctl tiers show ETH",),
    "fetch account": ("marginctl fetch account 0x... | marginctl show -",),
    "fetch tiers": ("marginctl fetch tiers | marginctl tiers diff tiers.yaml -",),
}
"""Lines that can be run as they are, by command."""

STREAMS = "Streams (NDJSON in, -o ndjson out)"

_LAST = ("Position", STREAMS, "Common")
"""The groups of flags that every command has come after its own, in this order."""
_VARIABLES = {
    "--tiers": "MARGINCTL_TIERS",
    "--venue": "MARGINCTL_VENUE",
    "--output": "MARGINCTL_OUTPUT",
}
"""Environment variables that stand in for options."""
_EXIT_CODES = "0 success, 1 the answer is no, 2 wrong usage or input, 3 internal error"
_OF_FETCH = "0 success, 2 wrong usage or input, 3 internal error, 4 the exchange does not answer"
_NO_VERDICT = "0 success, 2 wrong usage or input, 3 internal error"
_WITHOUT_VERDICT = frozenset(
    {"fields", "help", "tiers list", "tiers show", "tiers import", "tiers init", "tiers schema"}
)
"""Commands whose answer is never no."""


class PlainGroupHelp:
    """How a group lists its commands: each with its whole first sentence."""

    def format_commands(self: Any, ctx: Any, formatter: Any) -> None:
        """Write the commands in the order of the help."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            sentence = " ".join((command.help or "").split("\n\n")[0].split())
            rows.append((name, sentence))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class PlainHelp:
    """How a command words its help; goes before the class of Typer that it is mixed into."""

    def collect_usage_pieces(self: Any, ctx: Any) -> list[str]:
        """Return the words of the usage line: arguments as one types them."""
        segments = [self.options_metavar] if self.options_metavar else []
        for param in self.get_params(ctx):
            if param.param_type_name == "argument":
                name = param.display_name_raw.strip("[]().")
                name = name if param.required else f"[{name}]"
                segments.append(f"{name}..." if param.nargs != 1 else name)
        return segments

    def format_options(self: Any, ctx: Any, formatter: Any) -> None:
        """Write arguments and flags, the command's own before those that all have."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            if param.param_type_name == "argument":
                name = param.display_name_raw.strip("[]().")
                groups.setdefault("Arguments", []).append((name, param.help or ""))
                continue
            record = param.get_help_record(ctx)
            if record is not None:
                panel = getattr(param, "rich_help_panel", None) or "Common"
                groups.setdefault(panel, []).append(record)
        own = [name for name in groups if name not in _LAST]
        for name in [*own, *(name for name in _LAST if name in groups)]:
            title = "Options" if set(groups) <= {"Arguments", "Common"} and name in _LAST else name
            with formatter.section(title):
                formatter.write_dl(groups[name])

    def format_epilog(self: Any, ctx: Any, formatter: Any) -> None:
        """Write examples, and what holds for every command."""
        path = ctx.command_path.partition(" ")[2]
        examples = EXAMPLES.get(path, ())
        if examples:
            with formatter.section("Examples"):
                for line in examples:
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")
        fetches = path.startswith("fetch")
        codes = _OF_FETCH if fetches else _EXIT_CODES
        with formatter.section("Environment and exit codes"):
            formatter.write_dl(
                [
                    *((_VARIABLES[name], f"default of {name}") for name in self._stood_in_for(ctx)),
                    ("exit codes", _NO_VERDICT if path in _WITHOUT_VERDICT else codes),
                    ("manual", f"marginctl help{' accounts' * fetches}"),
                ]
            )

    def _stood_in_for(self: Any, ctx: Any) -> list[str]:
        """Return the options of this command that an environment variable stands in for."""
        names = {name for param in self.get_params(ctx) for name in param.opts}
        names -= {"--tiers", "--venue"} if ctx.info_name in {"init", "import"} else set()
        return [name for name in _VARIABLES if name in names]


class Lazy(Mapping[str, Any]):
    """Commands by name. Each is built once, from ``module:name`` of a function or a Typer."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        self._paths = paths
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            self._built[name] = _build(name, self._paths[name])
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


class QuickCommand(PlainHelp, TyperCommand):
    """A command whose texts and flags are taken as they are given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of the command."""
        _refuse_repeated(self, ctx, args)
        return _parsed(super().parse_args, self.get_params(ctx), ctx, args)


def _refuse_repeated(command: Any, context: Any, words: list[str]) -> None:
    """Refuse an option given twice that takes one value: the first would count for nothing.

    Raises:
        InputError: with every such option.
    """
    try:
        _, _, order = command.make_parser(context).parse_args(args=list(words))
    except Exception:  # noqa: BLE001 - whatever is wrong with the words, parsing them says it
        return
    single = [param for param in order if not param.multiple and param.nargs == 1 and param.opts]
    repeated = [param for param in dict.fromkeys(single) if single.count(param) > 1]
    if repeated := [param for param in repeated if param.param_type_name == "option"]:
        from marginctl.load.problems import InputError, Place, Problem

        raise InputError(
            Problem(
                "given twice, but it takes one value",
                _OTHER_MARK.get((command.name, flag), "keep one of the two"),
                Place(path=flag),
            )
            for flag in (max(param.opts, key=len) for param in repeated)
        )


_OTHER_MARK = {
    ("whatif", "--mark"): "-m, --mark is the mark now; --set-mark is the mark to try",
    ("sweep", "--mark"): "-m, --mark is the mark now; --over mark=LOW..HIGH is the range",
}
"""What is likely meant by a second mark, by command and flag."""


class QuickGroup(PlainGroupHelp, TyperGroup):
    """A group whose texts and flags are taken as they are given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of the group."""
        return _parsed(super().parse_args, self.get_params(ctx), ctx, args)


def group_of(paths: Mapping[str, str]) -> type[TyperGroup]:
    """Return a group of the commands that a path each leads to."""

    class LazyGroup(QuickGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands: Any = Lazy(paths)

        def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as Typer calls it
            return list(self.commands)  # the names alone, so that none is built for them

    return LazyGroup


def _build(name: str, path: str) -> Any:
    module, _, attribute = path.partition(":")
    target = getattr(import_module(module), attribute)
    if isinstance(target, typer.Typer):
        group = typer.main.get_group(target)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name, cls=QuickCommand)(target)
    return typer.main.get_command(alone)


# Typer makes a pydantic validator for every parameter, which is most of the time of a start, and
# then leaves a text, a flag or a list of texts as it is. Typer has no switch for that, so one
# method of its parameters is replaced. Its name is not documented and may go: everything below
# holds whatever Typer does, and where it does something else, its own slow way is taken.

_REPLACED = "get_runtime_param"
_PLAIN = (str, bool)
_TAKEN = (str, bool, list[str])


class _UnknownTyperError(Exception):
    """Typer works in another way than the one that is known."""


class _AsGiven:
    """Takes what was parsed from the command line as it is."""

    def __init__(self, parameter: Any) -> None:
        self._several = parameter.multiple or parameter.nargs == -1

    def coerce(self, value: Any, **_: Any) -> Any:
        """Return the value that validation would return.

        Raises:
            _UnknownTyperError: it is nothing that needs no validation.
        """
        if self._several:
            values = () if value is None else value
            if isinstance(values, (list, tuple)) and all(isinstance(text, str) for text in values):
                return list(values) or ()
        elif value is None or isinstance(value, _PLAIN):
            return value
        raise _UnknownTyperError


def _parsed(
    parse: Callable[[Any, list[str]], list[str]],
    parameters: Sequence[Any],
    context: Any,
    words: list[str],
) -> list[str]:
    """Parse without validators, or with them where Typer is another than the known one."""
    taken = []
    try:
        for parameter in parameters:
            known = parameter.type_descriptor.annotation in _TAKEN
            if known and callable(getattr(parameter, _REPLACED)):
                setattr(parameter, _REPLACED, partial(_AsGiven, parameter))
                taken.append(parameter)
        return parse(context, list(words))
    except (_UnknownTyperError, AttributeError, LookupError, TypeError, ValueError):
        pass  # whatever it was, Typer's own way decides
    finally:
        for parameter in taken:
            delattr(parameter, _REPLACED)
    context.params.clear()
    return parse(context, words)
