"""The two sides of a comparison: tier files, venues of one, or what an exchange published."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from marginctl.core.venue import Venue
from marginctl.load.exchange_tiers import read_exchange_tiers
from marginctl.load.files import display_name, read_bytes
from marginctl.load.imported import ImportOptions
from marginctl.load.json_text import decode_utf8, parse_json
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.tier_file import TierFile
from marginctl.load.tier_venue import LoadedVenue

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
            message = "a recorded response is one venue, and has no others to name"
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
