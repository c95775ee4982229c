"""The commands by name: imported when they are asked for, parsed quickly, with plain help."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from marginctl import __version__


class Group(NamedTuple):
    """Commands that have a word before their names."""

    help: str
    commands: Mapping[str, str]


COMMANDS: dict[str, str | Group] = {
    "show": "marginctl.cli.show:show",
    "add": "marginctl.cli.change:add",
    "remove": "marginctl.cli.change:remove",
    "whatif": "marginctl.cli.whatif:whatif",
    "solve": "marginctl.cli.solve:solve",
    "sweep": "marginctl.cli.sweep:sweep",
    "tiers": Group(
        "Show and check tier tables.",
        {
            "list": "marginctl.cli.tiers_show:list_assets",
            "show": "marginctl.cli.tiers_show:show_asset",
            "check": "marginctl.cli.tiers_check:check",
            "schema": "marginctl.cli.tiers_show:schema",
            "test": "marginctl.cli.tiers_test:run_cases",
            "diff": "marginctl.cli.tiers_diff:diff",
            "import": "marginctl.cli.tiers_import:import_file",
            "init": "marginctl.cli.tiers_init:init",
        },
    ),
    "fetch": Group(
        "Fetch an account or the margin tiers from Hyperliquid; nothing else uses the network.",
        {"account": "marginctl.cli.fetch:account", "tiers": "marginctl.cli.fetch:tiers"},
    ),
    "fields": "marginctl.cli.fields:fields",
    "help": "marginctl.cli.help:show_help",
}
"""Where the function of each command is, in the order of the help."""

STREAMS = "Streams (NDJSON in, -o ndjson out)"

_LAST = ("Position", STREAMS, "Common")
"""The groups of flags that every command has come after its own, in this order."""
_VARIABLES = {
    "--tiers": "MARGINCTL_TIERS",
    "--venue": "MARGINCTL_VENUE",
    "--output": "MARGINCTL_OUTPUT",
}
"""Environment variables that stand in for options."""


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
        end = self.help_end
        if end.examples:
            with formatter.section("Examples"):
                for line in end.examples:
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")
        with formatter.section("Environment and exit codes"):
            formatter.write_dl(
                [
                    *((_VARIABLES[name], f"default of {name}") for name in self._stood_in_for(ctx)),
                    ("exit codes", end.exit_codes),
                    ("manual", f"marginctl help {end.page}".rstrip()),
                ]
            )

    def _stood_in_for(self: Any, ctx: Any) -> list[str]:
        """Return the options of this command that an environment variable stands in for."""
        names = {name for param in self.get_params(ctx) for name in param.opts}
        names -= {"--tiers", "--venue"} if ctx.info_name in {"init", "import"} else set()
        return [name for name in _VARIABLES if name in names]


class _Lazy(Mapping[str, Any]):
    """Commands by name. Each is imported and built when it is asked for, once."""

    def __init__(self, paths: Mapping[str, "str | Group"]) -> None:
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


def _group_of(paths: Mapping[str, "str | Group"]) -> type[TyperGroup]:
    """Return a group of the commands that a path each leads to."""

    class LazyGroup(QuickGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands: Any = _Lazy(paths)

        def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as Typer calls it
            return list(self.commands)  # the names alone, so that none is built for them

    return LazyGroup


def _typer_of(help: str, paths: Mapping[str, "str | Group"], **options: Any) -> typer.Typer:  # noqa: A002
    return typer.Typer(
        help=help,
        cls=_group_of(paths),
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["--help", "-h"]},
        **options,
    )


def _build(name: str, path: "str | Group") -> Any:
    if isinstance(path, Group):
        inner = _typer_of(path.help, path.commands)
        inner.callback()(lambda: None)
        group = typer.main.get_group(inner)
        group.name = name
        return group
    module, _, attribute = path.partition(":")
    function = getattr(import_module(module), attribute)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name, cls=QuickCommand)(function)
    built: Any = typer.main.get_command(alone)
    built.help_end = function.help_end
    return built


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


app = _typer_of(
    "Exact margin, liquidation price and transfer limits of perpetual futures positions.",
    COMMANDS,
    name="marginctl",
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"marginctl {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    *,
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Show the version.", callback=_show_version)
    ] = False,
) -> None:
    pass
