"""Commands that are imported and built when they are asked for, so that a start stays quick."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from marginctl.cli.command_help import PlainGroupHelp, PlainHelp


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
                "it is given twice, and takes one value",
                _OTHER_MARK.get((command.name, flag), "keep one of the two"),
                Place(path=flag),
            )
            for flag in (max(param.opts, key=len) for param in repeated)
        )


_OTHER_MARK = {
    ("whatif", "--mark"): "-m, --mark is the mark now; --set-mark is the one to ask about",
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
