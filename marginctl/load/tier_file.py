"""Tier files: YAML with several venues."""

from typing import TYPE_CHECKING

from marginctl.load.problems import InputError, Place, Problem, did_you_mean
from marginctl.load.sound_tiers import SoundVenue, sound_venue
from marginctl.load.tier_venue import LoadedVenue, VenueReader
from marginctl.load.yaml_text import YamlDocument, YamlMap, read_yaml

if TYPE_CHECKING:
    from marginctl.load.tier_models import VenueEntry
    from marginctl.load.validation import Path

TOP_KEYS = ("default_venue", "venues")


class TierFile:
    """A parsed tier file. Only the venue that is asked for is read, so that a start stays quick;
    once anything is wrong with it, the whole file is, so that every problem is told at once.
    """

    def __init__(self, document: YamlDocument) -> None:
        self._document = document
        self._found: list[Problem] = list(document.problems)
        root = document.root
        if not isinstance(root, YamlMap):
            self._problem("a mapping with the key 'venues' is expected here", None, ())
            raise InputError(self._found)
        for key in root:
            if key not in TOP_KEYS:
                hint = did_you_mean(key, TOP_KEYS) or f"known keys: {', '.join(TOP_KEYS)}"
                self._problem(f"unknown key {key!r}", hint, (key,), key=True)
        venues = root.get("venues")
        if not isinstance(venues, YamlMap) or not venues:
            self._problem("no venue is defined", "name at least one under 'venues'", ("venues",))
            raise InputError(self._found)
        self._venues = venues
        self.default_venue = str(root.get("default_venue", next(iter(venues))))
        if self.default_venue not in venues:
            message = f"the default venue {self.default_venue!r} is not defined"
            self._problem(message, self._known(self.default_venue), ("default_venue",))

    @classmethod
    def parse(cls, data: bytes, file: str) -> "TierFile":
        """Read a tier file's text.

        Raises:
            InputError: it is not YAML, or no tier file at all.
        """
        return cls(read_yaml(data, file))

    @property
    def venue_names(self) -> list[str]:
        """The venues of the file, in its order."""
        return list(self._venues)

    def problems(self) -> list[Problem]:
        """Return every problem of the file."""
        found = list(self._found)
        for name in self._venues:
            self._read(name, found)
        return found

    def venue(self, name: str | None = None) -> LoadedVenue:
        """Return a venue; without a name, the default one.

        Raises:
            InputError: there is no such venue, or something is wrong with it or with the file;
                then every problem of the file is in it.
        """
        wanted = self.default_venue if name is None else name
        if wanted not in self._venues and not (name is None and self._found):
            place = Place(self._document.file)
            raise InputError.of(f"unknown venue {wanted!r}", self._known(wanted), place)
        found = list(self._found)
        loaded = self._read(wanted, found) if wanted in self._venues else None
        if loaded is None or found:
            raise InputError(self.problems())
        return loaded

    def _read(self, name: str, problems: list[Problem]) -> LoadedVenue | None:
        tree = self._venues[name]
        entry: VenueEntry | SoundVenue | None = sound_venue(tree)
        if entry is None:
            from marginctl.load import tier_models
            from marginctl.load.validation import validate

            entry = validate(tier_models.VenueEntry, tree, ("venues", name), self._locate, problems)
        if entry is None:
            return None
        reader = VenueReader(name, entry, self._locate)
        loaded = reader.read()
        problems.extend(reader.problems)
        return loaded

    def _locate(self, path: "Path", key: bool) -> Place:
        return self._document.place(path, key=key)

    def _known(self, word: str) -> str:
        return did_you_mean(word, self._venues) or f"known: {', '.join(self._venues)}"

    def _problem(self, message: str, hint: str | None, path: "Path", *, key: bool = False) -> None:
        self._found.append(Problem(message, hint, self._document.place(path, key=key)))
