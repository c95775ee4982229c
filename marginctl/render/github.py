"""Workflow commands of GitHub Actions, which become annotations of a pull request.

Source: actions/toolkit, packages/core/src/command.ts: what is escaped in a message, and what
besides in a property.
"""

from collections.abc import Mapping

from marginctl.render.text import visible

_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def github_command(kind: str, properties: Mapping[str, str | int | None], message: str) -> str:
    """Return one annotation; ``kind`` is error, warning or notice."""
    stated = ",".join(
        f"{name}={visible(str(value)).translate(_PROPERTY)}"
        for name, value in properties.items()
        if value is not None
    )
    lines = "\n".join(visible(line) for line in message.split("\n"))
    return f"::{kind} {stated}::{lines.translate(_MESSAGE)}"
