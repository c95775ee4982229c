"""Tier files: YAML with several venues."""

from collections.abc import Collection
from datetime import date
from typing import Any

from marginctl.checks.catalogue import RULES, fatal_rules, run
from marginctl.checks.findings import Finding, Hit, in_order
from marginctl.checks.rule import Rule
from marginctl.checks.stated import StatedFile, StatedVenue
from marginctl.checks.wording import named
from marginctl.load.other_files import instead_of_tiers
from marginctl.load.problems import InputError, Place, Problem, did_you_mean
from marginctl.load.sound_tiers import sound_venue
from marginctl.load.tier_stating import Hits
from marginctl.load.tier_venue import LoadedVenue, build_venue
from marginctl.load.yaml_text import YamlDocument, YamlMap, read_yaml

TOP_KEYS = ("default_venue", "venues")


class TierFile:
    """A parsed tier file. Only the venue that is asked for is read, so that a start stays quick;
    once anything is wrong with it, the whole file is, so that every problem is told at once.
    """

    def __init__(self, document: YamlDocument) -> None:
        self._document = document
        self._hits = _hits_of_root(document)
        self._loaded: dict[str, LoadedVenue] = {}
        root = document.root
        venues = root.get("venues") if isinstance(root, YamlMap) else None
        self._venues = venues if isinstance(venues, YamlMap) else YamlMap()
        self.default_venue = ""
        if self._venues:
            self.default_venue = str(root.get("default_venue") or next(iter(self._venues)))
            if self.default_venue not in self._venues:
                message = f"the default venue {named(self.default_venue)} is not defined"
                hit = Hit(("default_venue",), message, self._known(self.default_venue))
                self._hits.setdefault("unknown-default-venue", []).append(hit)

    @classmethod
    def parse(cls, data: bytes, file: str) -> "TierFile":
        """Read a tier file's text.

        Raises:
            InputError: it is not YAML, or no tier file at all.
        """
        parsed = cls(read_yaml(data, file))
        if not parsed.venue_names:
            raise InputError(parsed.problems())
        return parsed

    @property
    def venue_names(self) -> list[str]:
        """The venues of the file, in its order."""
        return list(self._venues)

    @property
    def asset_count(self) -> int:
        """How many assets all venues have together, as far as they can be read."""
        listed = [venue["assets"] for venue in self._venues.values() if _has_assets(venue)]
        return sum(map(len, listed))

    def problems(self) -> list[Problem]:
        """Return every problem of the file that keeps it from being calculated with."""
        return [
            Problem(
                finding.message,
                finding.hint,
                Place(finding.file, finding.line, finding.column, finding.path),
                finding.code,
            )
            for finding in self.findings([*fatal_rules(), RULES["misread-value"]])
        ]

    def findings(
        self, rules: Collection[Rule], today: date = date.max, max_age: int | None = None
    ) -> list[Finding]:
        """Return where the file breaks rules, in its order.

        ``today`` is the day in UTC, ``max_age`` the days after which tiers are too old.
        """
        hits = {code: list(found) for code, found in self._hits.items()}
        venues = []
        for name in self._venues:
            venue, found = _read(name, self._venues[name])
            venues.append(venue)
            _extend(hits, found)
        stated = StatedFile(self._document.root, venues, hits, today, max_age)
        return in_order(self._placed(rule, hit) for rule, hit in run(stated, rules))

    def venue(self, name: str | None = None) -> LoadedVenue:
        """Return a venue; without a name, the default one. Each is read once.

        Raises:
            InputError: there is no such venue, or something is wrong with it or with the file;
                then every problem of the file is in it.
        """
        wanted = self.default_venue if name is None else name
        if wanted in self._loaded:
            return self._loaded[wanted]
        if wanted not in self._venues and not (name is None and self._hits):
            place = Place(self._document.file)
            raise InputError.of(f"unknown venue {wanted!r}", self._known(wanted), place)
        stated = self._sound(wanted)
        if stated is None:
            raise InputError(self.problems())
        self._loaded[wanted] = build_venue(stated)
        return self._loaded[wanted]

    def stated_venue(self, name: str) -> StatedVenue:
        """Return what the file states of one of its venues.

        Raises:
            InputError: something is wrong with the file, or with the venue.
        """
        stated = self._sound(name) if name in self._venues else None
        if stated is None:
            raise InputError(self.problems())
        return stated

    def _sound(self, name: str) -> StatedVenue | None:
        if self._hits:
            return None
        venue, hits = _read(name, self._venues[name])
        file = StatedFile(self._document.root, [venue], hits)
        return None if hits or any(run(file, fatal_rules())) else venue

    def _placed(self, rule: Rule, hit: Hit) -> Finding:
        place = self._document.place(hit.path, key=hit.at_key)
        line, column = hit.spot or (place.line, place.column)
        return Finding(
            self._document.file,
            line,
            column,
            rule.severity,
            rule.id,
            hit.message,
            hit.hint,
            place.path,
        )

    def _known(self, word: str) -> str:
        return did_you_mean(word, self._venues) or f"known: {', '.join(self._venues)}"


def _has_assets(venue: Any) -> bool:
    return isinstance(venue, YamlMap) and isinstance(venue.get("assets"), YamlMap)


def _read(name: str, tree: Any) -> tuple[StatedVenue, Hits]:
    sound = sound_venue(name, tree)
    if sound is not None:
        return sound, {}
    from marginctl.load.tier_reading import read_venue

    return read_venue(name, tree)


def _hits_of_root(document: YamlDocument) -> Hits:
    hits: Hits = {}
    for path, problem in document.found:
        spot = (problem.place.line, problem.place.column)
        hit = Hit(path, problem.message, problem.hint, spot=spot)
        hits.setdefault(problem.code or "", []).append(hit)
    root = document.root
    if root is None:
        hits["empty"] = [Hit((), "the file is empty", "name at least one venue under 'venues'")]
        return hits
    other = None if isinstance(root, YamlMap) and "venues" in root else instead_of_tiers(root)
    if other is not None:
        hits["wrong-value"] = [other]
    if other is not None or not isinstance(root, YamlMap):
        return hits
    _extend(hits, _hits_of_top(root))
    return hits


def _hits_of_top(root: YamlMap) -> Hits:
    hits: Hits = {}
    for key in root:
        if key not in TOP_KEYS:
            hint = did_you_mean(key, TOP_KEYS) or f"known keys: {', '.join(TOP_KEYS)}"
            hit = Hit((key,), f"unknown key {named(key)}", hint, at_key=True)
            hits.setdefault("unknown-key", []).append(hit)
    hint = "name at least one under 'venues'"
    if "venues" not in root:
        if not hits:  # else it is misspelt, and told so
            hits["missing-key"] = [Hit(("venues",), "no venue is defined", hint)]
    elif not root["venues"]:
        hits["empty"] = [Hit(("venues",), "no venue is defined", hint, at_key=True)]
    elif not isinstance(root["venues"], YamlMap):
        message = "a mapping of names to venues is expected here"
        hint = "write the venue's name as a key, and the rest below it"
        hits["wrong-value"] = [Hit(("venues",), message, hint)]
    if not isinstance(root.get("default_venue") or "", str):
        _extend(hits, {"wrong-value": [Hit(("default_venue",), "a text is expected here")]})
    return hits


def _extend(hits: Hits, more: Hits) -> None:
    for code, found in more.items():
        hits.setdefault(code, []).extend(found)
