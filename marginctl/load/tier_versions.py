"""Two versions of tiers, and what differs between them."""

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from marginctl.core.notices import Notice
from marginctl.core.numbers import exactly
from marginctl.core.position import Asset
from marginctl.core.rules import Venue
from marginctl.core.tier_diff import (
    AccountEffect,
    DifferenceKind,
    DiffSource,
    TierDiff,
    VenueDiff,
    compare_venues,
    effect_of,
)
from marginctl.load.account import LoadedAccount, Overrides, read_account
from marginctl.load.files import display_name, read_bytes
from marginctl.load.inputs import AccountInput
from marginctl.load.json_text import decode_utf8, parse_json
from marginctl.load.positions import read_accounts
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.published import ImportOptions
from marginctl.load.tier_file import LoadedVenue, TierFile
from marginctl.load.tier_import import read_exchange_tiers

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class TierVersion:
    """Venues by name; ``chosen`` is the one that is meant, None where all of a file are.

    ``warnings`` say what of a recorded response is left out.
    """

    path: str
    sha256: str
    venues: dict[str, LoadedVenue]
    default: str
    chosen: str | None
    warnings: tuple[str, ...] = ()

    def venue_for(self, other: "TierVersion") -> LoadedVenue:
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


def diff_tiers(
    old: str, new: str, positions: str | None = None, *, everything: bool = False
) -> TierDiff:
    """Return what differs between two versions of tiers, and what it does to positions.

    ``old`` and ``new`` are paths of tier files, ``path#venue`` for one venue of a file, or an
    exchange's recorded response. ``positions`` is the path of a file of positions, to be evaluated
    under both; money, sizes and marks stay as they are. Paths of ``-`` are standard input. Where a
    side lists only some of a venue's assets, only those that both have are compared, unless
    ``everything`` is asked for. Rates are fractions, bounds and deductions in the quote currency.

    Raises:
        InputError: with every problem of the files, or of the positions.
    """
    before, after = read_versions(old, new)
    accounts = []
    if positions is not None:
        accounts = read_accounts(read_bytes(positions), display_name(positions))
    compared = paired_venues(before, after)
    effects, notices = _effects(before, compared, accounts)
    return TierDiff(
        DiffSource(before.path, before.sha256, before.warnings),
        DiffSource(after.path, after.sha256, after.warnings),
        tuple(_venue_diff(pair, everything=everything) for pair in compared),
        tuple(effects),
        tuple(notices),
    )


def read_versions(old: str, new: str) -> tuple[TierVersion, TierVersion]:
    """Read both versions: ``FILE``, ``FILE#VENUE`` or a recorded response.

    Raises:
        InputError: with the problems of both.
    """
    versions: list[TierVersion] = []
    problems: list[Problem] = []
    for text in (old, new):
        try:
            versions.append(_read_version(text))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(dict.fromkeys(problems))
    return versions[0], versions[1]


def paired_venues(old: TierVersion, new: TierVersion) -> list[VenuePair]:
    """Return what is to be compared: the venues that are meant, else those of the same names."""
    if old.chosen is not None or new.chosen is not None:
        return [VenuePair(old.venue_for(new), new.venue_for(old))]
    names = dict.fromkeys([*old.venues, *new.venues])
    return [VenuePair(old.venues.get(name), new.venues.get(name)) for name in names]


def _read_version(text: str) -> TierVersion:
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
        return TierVersion(file, digest, {name: imported.loaded}, name, name, imported.warnings)
    tiers = TierFile.parse(data, file)
    names = [venue] if venue else tiers.venue_names
    venues = {name: tiers.venue(name) for name in names}
    return TierVersion(file, digest, venues, venue or tiers.default_venue, venue or None)


def _is_response(data: bytes, file: str) -> bool:
    """Whether it is JSON, and no tier file written as JSON."""
    if data.removeprefix(_BOM).lstrip()[:1] not in {b"{", b"["}:
        return False
    value = parse_json(decode_utf8(data, file), file)
    return not (isinstance(value, dict) and "venues" in value)


def _venue_diff(pair: VenuePair, *, everything: bool) -> VenueDiff:
    old, new = pair.venues
    changes = compare_venues(old, new) if old is not None and new is not None else []
    left_out = 0
    if pair.partial and not everything:
        kept = [
            change
            for change in changes
            if change.kind not in {DifferenceKind.ADDED, DifferenceKind.REMOVED}
        ]
        changes, left_out = kept, len(changes) - len(kept)
    return VenueDiff(old, new, (_day(pair.old), _day(pair.new)), tuple(changes), left_out)


def _day(loaded: LoadedVenue | None) -> str | None:
    """Return the day of a venue's tiers as text, None where it is not known."""
    return None if loaded is None or loaded.as_of is None else loaded.as_of.isoformat()


def _effects(
    old: TierVersion, compared: Sequence[VenuePair], account_inputs: Sequence[AccountInput]
) -> tuple[list[AccountEffect], list[Notice]]:
    effects: list[AccountEffect] = []
    notices: list[Notice] = []
    problems: list[Problem] = []
    for account_input in account_inputs:
        try:
            before, after = _venues_of_account(account_input, old, compared)
            effect, found = _effect(account_input, before, after)
        except InputError as error:
            problems.extend(error.problems)
            continue
        effects.append(effect)
        notices += [*found, *effect.notices]
    if problems:
        raise InputError(problems)
    return effects, notices


def _venues_of_account(
    account_input: AccountInput, old: TierVersion, compared: Sequence[VenuePair]
) -> tuple[Venue, Venue]:
    """Return the two venues that an account is evaluated on."""
    both = [
        (before, after)
        for before, after in (pair.venues for pair in compared)
        if before is not None and after is not None
    ]
    if len(compared) == 1 and both:
        return both[0]
    wanted = account_input.venue or old.default
    for before, after in both:
        if before.name == wanted:
            return before, after
    hint = f"both have: {', '.join(before.name for before, _ in both)}" if both else None
    message = f"the venue {wanted!r} is not in both files"
    raise InputError.of(
        message, hint, account_input.source.place(*(["venue"] if account_input.venue else []))
    )


@exactly
def _effect(
    account_input: AccountInput, old: Venue, new: Venue
) -> tuple[AccountEffect, list[Notice]]:
    known = old._replace(assets=ChainMap(dict(old.assets), dict(new.assets)))
    loaded = read_account(account_input, known, Overrides())
    fixed = {
        name: asset
        for name in {position.asset for position in loaded.account.positions}
        if _is_fixed(asset := loaded.venue.assets[name], old, new)
    }
    if not new.rules.has_cross and not all(p.isolated for p in loaded.account.positions):
        message = f"{new.name} has no cross margin, but there are cross positions"
        raise InputError.of(message, None, account_input.source.place())
    return effect_of(loaded.account, old, new, fixed), _unexplained_notices(loaded, set(fixed))


def _is_fixed(asset: Asset, old: Venue, new: Venue) -> bool:
    """Whether a record states terms of its own: the max leverage of neither side."""
    versions = [
        known for venue in (old, new) if (known := venue.assets.get(asset.name)) is not None
    ]
    return all(asset.max_leverage != known.max_leverage for known in versions)


def _unexplained_notices(loaded: LoadedAccount, fixed: set[str]) -> list[Notice]:
    """Return what reading had to say, but for leverages that the new tiers explain."""
    explained = {"recorded_leverage", "unknown_asset"}
    return [
        notice for notice in loaded.notices if notice.code not in explained or notice.asset in fixed
    ]
