"""Commands that are imported and built when they are asked for, so that a start stays quick."""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


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


class QuickCommand(TyperCommand):
    """A command whose texts and flags are taken as they are given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of the command."""
        _take_as_given(self.get_params(ctx))
        return super().parse_args(ctx, args)


class QuickGroup(TyperGroup):
    """A group whose texts and flags are taken as they are given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of the group."""
        _take_as_given(self.get_params(ctx))
        return super().parse_args(ctx, args)


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
    alone = typer.Typer(add_completion=False)
    alone.command(name, cls=QuickCommand)(target)
    return typer.main.get_command(alone)


class _AsGiven:
    """Takes texts as the texts they are, and flags as parsed."""

    def coerce(self, value: Any, param: Any, **_: Any) -> Any:
        return () if value is None and param.multiple else value


_AS_GIVEN = _AsGiven()
_TAKEN = (str, bool, list[str])


def _take_as_given(parameters: Iterable[Any]) -> None:
    """Spare texts and flags the validation that would leave them as they are.

    Typer makes a pydantic validator for every parameter, which is most of the time of a start.
    Where another version of it does that differently, this does nothing.
    """
    for parameter in parameters:
        described = getattr(parameter, "type_descriptor", None)
        if parameter.nargs == 1 and getattr(described, "annotation", None) in _TAKEN:
            parameter.get_runtime_param = lambda: _AS_GIVEN
