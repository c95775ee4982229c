"""The two sides of a comparison of tiers, and putting a venue in the place of another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from marginctl.core.rules import Venue
from marginctl.load.exchange_tiers import read_exchange_tiers
from marginctl.load.files import display_name, read_bytes
from marginctl.load.imported import ImportOptions
from marginctl.load.json_text import decode_utf8, parse_json
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.tier_file import LoadedVenue, TierFile
from marginctl.load.yaml_text import YamlDocument, YamlMap, join_lines, read_yaml, split_lines

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Side:
    """Venues by name; ``chosen`` is the one that is meant, None where all of a file are.

    ``warnings`` say what of a recorded response is left out.
    """

    path: str
    sha256: str
    venues: dict[str, LoadedVenue]
    default: str
    chosen: str | None
    warnings: tuple[str, ...] = ()

    def venue_for(self, other: "Side") -> LoadedVenue:
        """Return the venue to be compared with the one that is meant on the other side."""
        name = self.chosen or (other.chosen if other.chosen in self.venues else self.default)
        assert name is not None
        return self.venues[name]


@dataclass(frozen=True)
class VenuePair:
    """A venue before and after; None where a file does not have it."""

    old: LoadedVenue | None
    new: LoadedVenue | None

    @property
    def as_of(self) -> tuple[date | None, date | None]:
        """The days of the two."""
        return (
            None if self.old is None else self.old.as_of,
            None if self.new is None else self.new.as_of,
        )

    @property
    def partial(self) -> bool:
        """Whether one of the two lists only some of its assets."""
        return any(loaded is not None and loaded.partial for loaded in (self.old, self.new))

    @property
    def venues(self) -> tuple[Venue | None, Venue | None]:
        """The two as the core knows them."""
        return (
            None if self.old is None else self.old.venue,
            None if self.new is None else self.new.venue,
        )


def read_sides(old: str, new: str) -> tuple[Side, Side]:
    """Read both sides: ``FILE``, ``FILE#VENUE`` or a recorded response.

    Raises:
        InputError: with the problems of both.
    """
    sides: list[Side] = []
    problems: list[Problem] = []
    for text in (old, new):
        try:
            sides.append(_read(text))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(dict.fromkeys(problems))
    return sides[0], sides[1]


def pairs(old: Side, new: Side) -> list[VenuePair]:
    """Return what is to be compared: the venues that are meant, else those of the same names."""
    if old.chosen is not None or new.chosen is not None:
        return [VenuePair(old.venue_for(new), new.venue_for(old))]
    names = dict.fromkeys([*old.venues, *new.venues])
    return [VenuePair(old.venues.get(name), new.venues.get(name)) for name in names]


def _read(text: str) -> Side:
    path, hash_sign, venue = text.rpartition("#")
    if not hash_sign or Path(text).exists():
        path, venue = text, ""
    data, file = read_bytes(path), display_name(path)
    digest = sha256(data).hexdigest()
    if _is_response(data, file):
        if venue:
            message = "an exchange's answer is a single venue, without names"
            raise InputError.of(message, f"leave out #{venue}", Place(file))
        imported = read_exchange_tiers([(data, file)], ImportOptions())
        name = imported.loaded.venue.name
        return Side(file, digest, {name: imported.loaded}, name, name, imported.warnings)
    tiers = TierFile.parse(data, file)
    names = [venue] if venue else tiers.venue_names
    venues = {name: tiers.venue(name) for name in names}
    return Side(file, digest, venues, venue or tiers.default_venue, venue or None)


def _is_response(data: bytes, file: str) -> bool:
    """Whether it is JSON, and no tier file written as JSON."""
    if data.removeprefix(_BOM).lstrip()[:1] not in {b"{", b"["}:
        return False
    value = parse_json(decode_utf8(data, file), file)
    return not (isinstance(value, dict) and "venues" in value)


WriteLines = Callable[[int], Sequence[str]]
"""Writes the lines of a venue, indented so many columns."""


def with_venue(data: bytes, file: str, name: str, write: WriteLines) -> bytes:
    """Return the text of a tier file in which a venue is replaced, or added after the last.

    Raises:
        InputError: the file is no tier file, or its layout does not let one venue be exchanged.
    """
    before = _read_of_tier_splice(data, file)
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


def _read_of_tier_splice(data: bytes, file: str) -> YamlDocument:
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
