"""Tier files: YAML with several venues, each read when it is asked for.

A right file is read in a quick way; the models of `tier_models` say what is wrong with another,
and are imported for it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from marginctl.checks.problem import Place, Problem, Rule, Violation
from marginctl.checks.stated import (
    StatedAsset,
    StatedFile,
    StatedTier,
    StatedVenue,
    Violations,
    state_venue,
)
from marginctl.checks.text import named
from marginctl.core.numbers import ZERO
from marginctl.core.position import Asset, AssetMode
from marginctl.core.rules import Venue
from marginctl.core.tiers import TierSpec, TierTable
from marginctl.load.keys import (
    ASSET,
    FILE,
    TIER,
    VENUE,
    YAML_READERS,
    Readers,
    ValueKind,
    readers_of,
    required_keys,
)
from marginctl.load.problems import InputError, known_hint
from marginctl.load.yaml_text import TextMark, YamlDocument, read_yaml
from marginctl.venues import VENUE_RULES


class LoadedVenue(NamedTuple):
    """A venue, and what its file says of it.

    ``partial``: it lists only some of the venue's assets. ``archived``: it is kept for history.
    """

    venue: Venue
    as_of: date | None
    source: str | None
    partial: bool = False
    archived: bool = False


def build_venue(stated: StatedVenue) -> LoadedVenue:
    """Return a venue whose statements break no fatal rule."""
    make_rules = VENUE_RULES[stated.rules_name or ""]
    fee_rate = stated.closing_fee_rate
    tables = {name: _table_of(tiers) for name, tiers in stated.tables.items()}
    of_one_tier: dict[object, TierTable] = {}
    assets = {}
    for name, asset in stated.assets.items():
        if asset.max_leverage is None:
            table = tables[asset.table or ""]
        elif asset.max_leverage in of_one_tier:
            table = of_one_tier[asset.max_leverage]
        else:
            table = TierTable.build([TierSpec(ZERO, asset.max_leverage)])
            of_one_tier[asset.max_leverage] = table
        mode = AssetMode(asset.margin_mode)
        assets[name] = Asset(name, table, mode, asset.size_decimals, asset.delisted)
    venue = Venue(
        stated.name,
        make_rules() if fee_rate is None else make_rules(closing_fee_rate=fee_rate),
        stated.quote or "",
        assets,
    )
    return LoadedVenue(venue, stated.as_of, stated.source, stated.partial, stated.archived)


def _table_of(tiers: Sequence[StatedTier]) -> TierTable:
    return TierTable.build(map(_spec_of, tiers), tiers[-1].upper_bound)


def _spec_of(tier: StatedTier) -> TierSpec:
    assert tier.lower_bound is not None
    assert tier.max_leverage is not None
    rate = None if tier.maintenance_margin_rate is None else tier.rate
    return TierSpec(tier.lower_bound, tier.max_leverage, rate)


def quick_venue(name: str, tree: Any) -> StatedVenue | None:
    """Return a venue from its tree of texts; None where something in it is wrong."""
    try:
        fields = _fields(tree, _VENUE)
        if not fields.keys() >= _VENUE_NEEDS:
            return None
        tables = fields.get("tables", {})
        return state_venue(("venues", name), name, fields, tables, fields["assets"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _fields(tree: Any, readers: Readers) -> dict[str, Any]:
    if not isinstance(tree, dict):
        raise TypeError
    return {key: readers[key](value) for key, value in tree.items()}


_TIER, _TIER_NEEDS = readers_of(TIER, YAML_READERS), required_keys(TIER)
_ASSET = readers_of(ASSET, YAML_READERS)


def _tables(tree: Any) -> dict[str, list[StatedTier]]:
    if not isinstance(tree, dict) or not all(isinstance(tiers, list) for tiers in tree.values()):
        raise TypeError
    return {name: [_tier(tier) for tier in tiers] for name, tiers in tree.items()}


def _tier(tree: Any) -> StatedTier:
    fields = _fields(tree, _TIER)
    if not fields.keys() >= _TIER_NEEDS:
        raise ValueError
    return StatedTier.of(**fields)


def _assets(tree: Any) -> dict[str, StatedAsset]:
    if not isinstance(tree, dict):
        raise TypeError
    return {name: StatedAsset(**_fields(asset, _ASSET)) for name, asset in tree.items()}


_VENUE = readers_of(VENUE, {**YAML_READERS, ValueKind.TABLES: _tables, ValueKind.ASSETS: _assets})
_VENUE_NEEDS = required_keys(VENUE)


class TierFile:
    """A parsed tier file. Only the venue that is asked for is read, so that a start stays quick;
    once anything is wrong with it, the whole file is, so that every problem is reported at once.
    """

    def __init__(self, document: YamlDocument) -> None:
        self._document = document
        self._violations = _violations_of_root(document)
        self._loaded: dict[str, LoadedVenue] = {}
        root = document.root
        venues = root.get("venues") if isinstance(root, dict) else None
        self._venues = venues if isinstance(venues, dict) else {}
        self.default_venue = ""
        if self._venues:
            stated = root.get("default_venue") or next(iter(self._venues))
            self.default_venue = str(stated)
            if isinstance(stated, str) and stated not in self._venues:  # else that is the finding
                message = f"the default venue {named(self.default_venue)} is not defined"
                violation = Violation(
                    ("default_venue",), message, self._known_venues_hint(self.default_venue)
                )
                self._violations.setdefault("unknown-default-venue", []).append(violation)

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
        from marginctl.checks.catalogue import RULES, fatal_rules

        return self.findings([*fatal_rules(), RULES["misread-value"]])

    def findings(
        self, rules: Collection[Rule], today: date = date.max, max_age: int | None = None
    ) -> list[Problem]:
        """Return where the file breaks rules, in its order.

        ``today`` is the day in UTC, ``max_age`` the days after which tiers are too old.
        """
        from marginctl.checks.catalogue import find_problems

        violations = {code: list(found) for code, found in self._violations.items()}
        venues = []
        for name in self._venues:
            venue, found = _read_any_venue(name, self._venues[name])
            venues.append(venue)
            _extend(violations, found)
        stated = StatedFile(self._document.root, venues, violations, today, max_age)
        return find_problems(stated, rules, self._place_of)

    def venue(self, name: str | None = None) -> LoadedVenue:
        """Return a venue; without a name, the default one. Each is read once.

        Raises:
            InputError: there is no such venue, or something is wrong with it or with the file;
                then every problem of the file is in it.
        """
        wanted = self.default_venue if name is None else name
        if wanted in self._loaded:
            return self._loaded[wanted]
        if wanted not in self._venues and not (name is None and self._violations):
            place = Place(self._document.file)
            raise InputError.of(f"unknown venue {wanted!r}", self._known_venues_hint(wanted), place)
        stated = self._valid_venue(wanted)
        if stated is None:
            raise InputError(self.problems())
        self._loaded[wanted] = build_venue(stated)
        return self._loaded[wanted]

    def stated_venue(self, name: str) -> StatedVenue:
        """Return what the file states of one of its venues.

        Raises:
            InputError: something is wrong with the file, or with the venue.
        """
        stated = self._valid_venue(name) if name in self._venues else None
        if stated is None:
            raise InputError(self.problems())
        return stated

    def _valid_venue(self, name: str) -> StatedVenue | None:
        from marginctl.checks.catalogue import fatal_rules, find_violations

        if self._violations:
            return None
        venue, violations = _read_any_venue(name, self._venues[name])
        file = StatedFile(self._document.root, [venue], violations)
        return None if violations or any(find_violations(file, fatal_rules())) else venue

    def _place_of(self, violation: Violation) -> Place:
        place = self._document.place(*violation.path, key=violation.at_key)
        line, column = violation.spot or (place.line, place.column)
        return Place(self._document.file, line, column, place.path)

    def _known_venues_hint(self, word: str) -> str:
        return known_hint(word, self._venues)


class BuiltTierFile(TierFile):
    """The shipped tier file, read from the tree that was made of it when the package was built.

    A broken file is not built, so no rule is run again. What asks for more than venues, such as
    places, is answered from the YAML.
    """

    def __init__(self, tree: Any, data: bytes, file: str) -> None:
        super().__init__(YamlDocument(file, tree, TextMark(1, 1), []))
        self._data = data

    def findings(
        self, rules: Collection[Rule], today: date = date.max, max_age: int | None = None
    ) -> list[Problem]:
        """Return where the file breaks rules."""
        document = read_yaml(self._data, self._document.file)
        return TierFile(document).findings(rules, today, max_age)

    def _valid_venue(self, name: str) -> StatedVenue | None:
        return quick_venue(name, self._venues[name])


def _has_assets(venue: Any) -> bool:
    return isinstance(venue, dict) and isinstance(venue.get("assets"), dict)


def _read_any_venue(name: str, tree: Any) -> tuple[StatedVenue, Violations]:
    """Return a venue as far as it can be read, and what is wrong with it, by rule."""
    venue = quick_venue(name, tree)
    if venue is not None:
        return venue, {}
    from marginctl.load.tier_models import read_venue

    return read_venue(name, tree)


def _violations_of_root(document: YamlDocument) -> Violations:
    violations: Violations = {}
    for path, problem in document.found:
        spot = (problem.place.line, problem.place.column)
        violation = Violation(path, problem.message, problem.hint, spot=spot)
        violations.setdefault(problem.code, []).append(violation)
    root = document.root
    if root is None:
        violations["empty"] = [
            Violation((), "the file is empty", "name at least one venue under 'venues'")
        ]
        return violations
    other = None
    if not isinstance(root, dict) or "venues" not in root:
        from marginctl.load.other_forms import instead_of_tiers

        other = instead_of_tiers(root)
    if other is not None:
        violations["wrong-value"] = [other]
    if other is not None or not isinstance(root, dict):
        return violations
    _extend(violations, _violations_at_top(root))
    return violations


def _violations_at_top(root: Mapping[str, Any]) -> Violations:
    violations: Violations = {}
    for key in root:
        if key not in FILE:
            hint = known_hint(key, FILE, "known keys")
            violation = Violation((key,), f"unknown key {named(key)}", hint, at_key=True)
            violations.setdefault("unknown-key", []).append(violation)
    hint = "name at least one under 'venues'"
    if "venues" not in root:
        if not violations:  # else it is misspelt, and reported so
            violations["missing-key"] = [Violation(("venues",), "no venue is defined", hint)]
    elif not root["venues"]:
        violations["empty"] = [Violation(("venues",), "no venue is defined", hint, at_key=True)]
    elif not isinstance(root["venues"], dict):
        message = "expected a mapping of names to venues"
        hint = "write the venue's name as a key, and the rest below it"
        violations["wrong-value"] = [Violation(("venues",), message, hint)]
    if not isinstance(root.get("default_venue") or "", str):
        _extend(violations, {"wrong-value": [Violation(("default_venue",), "expected a string")]})
    return violations


def _extend(violations: Violations, more: Violations) -> None:
    for code, found in more.items():
        violations.setdefault(code, []).extend(found)
