"""Writing other values into the text of a YAML file: comments and layout stay."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.yaml_lines import join_lines, split_lines
from marginctl.load.yaml_text import Mark

_NULL = re.compile(r"~|null\b|Null\b|NULL\b")


@dataclass(frozen=True)
class Edit:
    """A value to be written in the place of another; None is a null that stands there."""

    mark: Mark
    old: str | None
    new: str
    path: str


def edited(data: bytes, edits: Iterable[Edit], file: str) -> bytes:
    """Return a file with values exchanged.

    Raises:
        InputError: what stands somewhere is no plain or quoted value, or is wanted as two things.
    """
    bom, lines = split_lines(data, file)
    problems: list[Problem] = []
    wanted: dict[Mark, Edit] = {}
    for edit in edits:
        before = wanted.setdefault(edit.mark, edit)
        if before.new != edit.new:
            message = f"two cases share this value, and want {before.new} and {edit.new} of it"
            problems.append(_problem(message, edit, file))
    # from the end, so that earlier columns stay where they are
    for edit in sorted(wanted.values(), key=lambda edit: edit.mark, reverse=True):
        row, start = edit.mark.line - 1, edit.mark.column - 1
        line = lines[row] if row < len(lines) else ""
        length = _length(line[start:], edit.old)
        if length is None:
            message = "this value cannot be rewritten where it stands"
            problems.append(_problem(message, edit, file))
            continue
        lines[row] = line[:start] + edit.new + line[start + length :]
    if problems:
        raise InputError(problems)
    return join_lines(bom, lines)


def _length(text: str, old: str | None) -> int | None:
    """Return how long the value is that a text begins with; None when it is not the old one."""
    if old is None:
        match = _NULL.match(text)
        return None if match is None else match.end()
    if text.startswith(old) and old:
        return len(old)
    quote = text[:1]
    if quote in {"'", '"'} and text[1:].startswith(f"{old}{quote}"):
        return len(old) + 2
    return None


def _problem(message: str, edit: Edit, file: str) -> Problem:
    place = Place(file, edit.mark.line, edit.mark.column, edit.path)
    return Problem(message, "write it as a plain value of its own", place)
