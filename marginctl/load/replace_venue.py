"""Putting a venue in the place of another in the text of a tier file, which stays as it is."""

from collections.abc import Callable, Sequence
from typing import Any

from marginctl.load.problems import InputError, Place
from marginctl.load.tier_file import TierFile
from marginctl.load.yaml_text import YamlDocument, YamlMap, join_lines, read_yaml, split_lines

WriteLines = Callable[[int], Sequence[str]]
"""Writes the lines of a venue, indented so many columns."""


def with_venue(data: bytes, file: str, name: str, write: WriteLines) -> bytes:
    """Return the text of a tier file in which a venue is replaced, or added after the last.

    Raises:
        InputError: the file is no tier file, or its layout does not let one venue be exchanged.
    """
    before = _read(data, file)
    venues: YamlMap = before.root["venues"]
    bom, lines = split_lines(data, file)
    newline = "\r\n" if lines[0].endswith("\r\n") else "\n"
    first, last, indent = _span(before, venues, name, lines)
    written = [line + newline for line in write(indent)]
    if name not in venues:
        written.insert(0, newline)
        if not lines[first - 1].endswith(("\n", "\r")):
            written.insert(0, newline)
    elif last == len(lines) and not lines[-1].endswith(("\n", "\r")):
        written[-1] = written[-1].removesuffix(newline)
    result = join_lines(bom, [*lines[:first], *written, *lines[last:]])
    _compare(before, result, file, name)
    return result


def _read(data: bytes, file: str) -> YamlDocument:
    TierFile.parse(data, file)  # says what is wrong where it is no tier file
    document = read_yaml(data, file)
    if document.problems:
        raise InputError(document.problems)
    return document


def _span(
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
        place = Place(document.file, mark.line, mark.column, f"venues.{known}")
        raise InputError.of(message, "write one venue below the other, indented", place)
    starts = [*venues.keys_at.values(), *document.root.keys_at.values()]
    following = [other.line - 1 for other in starts if other.line > mark.line]
    end = min(following, default=_document_end(lines, mark.line))
    while end > mark.line and _belongs_to_what_follows(lines[end - 1], indent):
        end -= 1
    return (end if known != name else mark.line - 1), end, indent


def _document_end(lines: Sequence[str], start: int) -> int:
    for index in range(start, len(lines)):
        if lines[index].startswith(("...", "---")):
            return index
    return len(lines)


def _belongs_to_what_follows(line: str, indent: int) -> bool:
    """Whether a line is blank, or a comment that is not indented deeper than the venue's name."""
    content = line.strip()
    return not content or (content[0] == "#" and len(line) - len(line.lstrip()) <= indent)


def _compare(before: YamlDocument, result: bytes, file: str, name: str) -> None:
    try:
        after: Any = read_yaml(result, file)
        same = not after.problems and _others(after.root, name) == _others(before.root, name)
        same = same and [key for key in after.root["venues"] if key in before.root["venues"]] == [
            *before.root["venues"]
        ]
    except InputError:
        same = False
    if not same:
        message = f"the layout of this file does not let the venue {name!r} be replaced alone"
        hint = "write the venue on separate lines, without anchors that others use"
        raise InputError.of(message, hint, Place(file))


def _others(root: YamlMap, name: str) -> tuple[Any, Any]:
    venues = {key: value for key, value in root["venues"].items() if key != name}
    return {key: value for key, value in root.items() if key != "venues"}, venues
