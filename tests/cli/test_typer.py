"""What a user gets when Typer changes inside: the same answers, only later."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import typer.core

from tests.support import Answer, invoke

POSITION = ("-a", "ETH", "-q", "10", "-e", "2500", "-m", "2400", "-l", "10")
COMMANDS = [
    ("show", *POSITION, "-o", "json"),
    ("show", *POSITION, "--raw", "--fields", "liquidatable"),
    ("fields", "margin", "asset", "-o", "json"),
    ("tiers", "check", "--select", "bounds", "--select", "deduction-mismatch", "-o", "json"),
    ("tiers", "list", "-o", "csv"),
    ("remove",),
    ("show", "--no-such-option"),
    ("show", "--help"),
]


class Other:
    """What Typer might do with a parameter in a later release."""

    def __init__(self, parameter: Any) -> None:
        from typer._coercion import build_runtime_param

        self._parameter = parameter
        self._now = build_runtime_param(parameter.type_descriptor)

    def value(self, given: Any, context: Any) -> Any:
        return self._now.coerce(given, param=self._parameter, ctx=context)


def other(parameter: Any) -> Other:
    return Other(parameter)


def renamed_method(parameter: Any, context: Any, given: Any) -> Any:
    return Other(parameter).value(given, context)


def renamed_coercion(parameter: Any, context: Any, given: Any) -> Any:
    runtime = parameter.get_runtime_param()
    return (
        runtime.convert(given) if not isinstance(runtime, Other) else runtime.value(given, context)
    )


def other_arguments(parameter: Any, context: Any, given: Any) -> Any:
    runtime = parameter.get_runtime_param()
    if isinstance(runtime, Other):
        return runtime.value(given, context)
    return runtime.coerce(given, parameter, context)


def pairs(parameter: Any, context: Any, given: Any) -> Any:
    runtime = parameter.get_runtime_param()
    answer = (
        (runtime.value(given, context), "source")
        if isinstance(runtime, Other)
        else runtime.coerce(given, param=parameter, ctx=context)
    )
    value, _ = answer
    return value


def boxes(parameter: Any, context: Any, given: Any) -> Any:
    runtime = parameter.get_runtime_param()
    if isinstance(runtime, Other):
        return runtime.value(given, context)
    return runtime.coerce(given, param=parameter, ctx=context).value


def answers() -> list[Answer]:
    return [invoke(*command) for command in COMMANDS]


Coercion = Callable[[Any, Any, Any], Any]


@pytest.mark.parametrize("coercion", [renamed_coercion, other_arguments, pairs, boxes])
def test_another_way_of_validating_changes_no_answer(
    monkeypatch: pytest.MonkeyPatch, coercion: Coercion
) -> None:
    before = answers()
    _change(monkeypatch, coercion)
    monkeypatch.setattr(typer.core._TyperParameter, "get_runtime_param", other)
    assert answers() == before


@pytest.mark.parametrize("name", ["get_runtime_param", "coerce"])
def test_a_name_that_is_gone_changes_no_answer(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    before = answers()
    if name == "coerce":
        from typer._coercion import RuntimeParam

        monkeypatch.setattr(RuntimeParam, "apply", RuntimeParam.coerce, raising=False)
        _change(
            monkeypatch,
            lambda parameter, context, given: parameter.get_runtime_param().apply(
                given, param=parameter, ctx=context
            ),
        )
    else:
        monkeypatch.delattr(typer.core._TyperParameter, name)
        _change(monkeypatch, renamed_method)
    assert answers() == before


def _change(monkeypatch: pytest.MonkeyPatch, coercion: Coercion) -> None:
    def process_value(parameter: Any, context: Any, given: Any) -> Any:
        value = coercion(parameter, context, given)
        if parameter.required and parameter.value_is_missing(value):
            raise typer._click.exceptions.MissingParameter(ctx=context, param=parameter)
        return (
            value if parameter.callback is None else parameter.callback(context, parameter, value)
        )

    monkeypatch.setattr(typer.core._TyperParameter, "process_value", process_value)


@pytest.mark.parametrize(
    "command", [("show", *POSITION), ("fields", "asset"), ("tiers", "check", "tiers.yaml")]
)
def test_this_typer_makes_no_validators(command: tuple[str, ...]) -> None:
    script = (
        "import sys\n"
        "import typer.core\n"
        "def refuse(*_):\n    raise SystemExit('a validator is built')\n"
        "typer.core.build_runtime_param = refuse\n"
        "from marginctl.cli import main\n"
        "main()\n"
    )
    subprocess.run([sys.executable, "-c", script, *command], check=True, timeout=60)
