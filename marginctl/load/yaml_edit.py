"""Changes in the text of a YAML file, which stays as it is elsewhere: one value instead of another,
and one venue of a tier file instead of another.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.tier_file import TierFile
from marginctl.load.yaml_text import TextMark, YamlDocument, YamlMap, read_yaml

_LINE = re.compile("[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029]|$)")
_BOM = b"\xef\xbb\xbf"


def _split_lines(data: bytes, file: str) -> tuple[bytes, list[str]]:
    """Return a byte order mark if there is one, and the lines with their ends.

    Raises:
        InputError: it is another encoding of Unicode; only UTF-8 is written.
    """
    body = data.removeprefix(_BOM)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise InputError.of("not UTF-8 text", "save the file as UTF-8", Place(file)) from None
    return data[: len(data) - len(body)], [line for line in _LINE.findall(text) if line]


def _join_lines(mark: bytes, lines: list[str]) -> bytes:
    """Return the file of a byte order mark and lines."""
    return mark + "".join(lines).encode()


_NULL = re.compile(r"~|null\b|Null\b|NULL\b")


class Edit(NamedTuple):
    """A value to be written instead of another; None is a null that stands there."""

    mark: TextMark
    old: str | None
    new: str
    path: str


def edited(data: bytes, edits: Iterable[Edit], file: str) -> bytes:
    """Return a file with values exchanged.

    Raises:
        InputError: what stands somewhere is no plain or quoted value, or is wanted as two things.
    """
    bom, lines = _split_lines(data, file)
    problems: list[Problem] = []
    wanted: dict[TextMark, Edit] = {}
    for edit in edits:
        before = wanted.setdefault(edit.mark, edit)
        if before.new != edit.new:
            message = f"two cases share this value, and want {before.new} and {edit.new} of it"
            problems.append(_edit_problem(message, edit, file))
    # from the end, so that earlier columns stay where they are
    for edit in sorted(wanted.values(), key=lambda edit: edit.mark, reverse=True):
        row, start = edit.mark.line - 1, edit.mark.column - 1
        line = lines[row] if row < len(lines) else ""
        length = _length_of_value(line[start:], edit.old)
        if length is None:
            message = "this value cannot be rewritten in place"
            problems.append(_edit_problem(message, edit, file))
            continue
        lines[row] = line[:start] + edit.new + line[start + length :]
    if problems:
        raise InputError(problems)
    return _join_lines(bom, lines)


def _length_of_value(text: str, old: str | None) -> int | None:
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


def _edit_problem(message: str, edit: Edit, file: str) -> Problem:
    place = Place(file, edit.mark.line, edit.mark.column, edit.path)
    return Problem(message, "write it as a separate plain value", place)


WriteLines = Callable[[int], Sequence[str]]
"""Writes the lines of a venue, indented so many columns."""


def with_venue(data: bytes, file: str, name: str, write: WriteLines) -> bytes:
    """Return the text of a tier file in which a venue is replaced, or added after the last.

    Raises:
        InputError: the file is no tier file, or its layout does not let one venue be exchanged.
    """
    before = _readable_document(data, file)
    venues: YamlMap = before.root["venues"]
    bom, lines = _split_lines(data, file)
    newline = "\r\n" if lines[0].endswith("\r\n") else "\n"
    first, last, indent = _lines_of_venue(before, venues, name, lines)
    written = [line + newline for line in write(indent)]
    if name not in venues:
        written.insert(0, newline)
        if not lines[first - 1].endswith(("\n", "\r")):
            written.insert(0, newline)
    elif last == len(lines) and not lines[-1].endswith(("\n", "\r")):
        written[-1] = written[-1].removesuffix(newline)
    result = _join_lines(bom, [*lines[:first], *written, *lines[last:]])
    _check_rest_unchanged(before, result, file, name)
    return result


def _readable_document(data: bytes, file: str) -> YamlDocument:
    TierFile.parse(data, file)  # says what is wrong where it is no tier file
    document = read_yaml(data, file)
    if document.problems:
        raise InputError(document.problems)
    return document


def _lines_of_venue(
    document: YamlDocument, venues: YamlMap, name: str, lines: Sequence[str]
) -> tuple[int, int, int]:
    """Return the first line of a venue, the line after its last, and its indentation.

    For a venue that is not there, the place after the last one. Lines count from 0.
    """
    known = name if name in venues else list(venues)[-1]
    mark = venues.keys_at[known]
    indent = mark.column - 1
    if lines[mark.line - 1][:indent].strip() or indent == 0:
        message = "this venue is not on separate lines, so it cannot be replaced alone"
        place = document.place("venues", known, key=True)
        raise InputError.of(message, "write one venue below the other, indented", place)
    starts = [*venues.keys_at.values(), *document.root.keys_at.values()]
    following = [other.line - 1 for other in starts if other.line > mark.line]
    end = min(following, default=_end_of_document(lines, mark.line))
    while end > mark.line and _belongs_to_what_follows(lines[end - 1], indent):
        end -= 1
    return (end if known != name else mark.line - 1), end, indent


def _end_of_document(lines: Sequence[str], start: int) -> int:
    for index in range(start, len(lines)):
        if lines[index].startswith(("...", "---")):
            return index
    return len(lines)


def _belongs_to_what_follows(line: str, indent: int) -> bool:
    """Whether a line is blank, or a comment that is not indented deeper than the venue's name."""
    content = line.strip()
    return not content or (content[0] == "#" and len(line) - len(line.lstrip()) <= indent)


def _check_rest_unchanged(before: YamlDocument, result: bytes, file: str, name: str) -> None:
    try:
        after: Any = read_yaml(result, file)
        same = not after.problems and _rest_of_file(after.root, name) == _rest_of_file(
            before.root, name
        )
        same = same and [key for key in after.root["venues"] if key in before.root["venues"]] == [
            *before.root["venues"]
        ]
    except InputError:
        same = False
    if not same:
        message = f"the layout of this file does not let the venue {name!r} be replaced alone"
        hint = "write the venue on separate lines, without anchors that others use"
        raise InputError.of(message, hint, Place(file))


def _rest_of_file(root: YamlMap, name: str) -> tuple[Any, Any]:
    venues = {key: value for key, value in root["venues"].items() if key != name}
    return {key: value for key, value in root.items() if key != "venues"}, venues
