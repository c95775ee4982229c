"""What exchanges publish, as the entry of a venue in a tier file.

The forms are told apart by their keys. What an entry means is checked by the reader of tier
files, so that both accept the same; its problems are told with their place in the exchange's file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from marginctl.core.notices import Notice
from marginctl.load.json_places import Places
from marginctl.load.problems import InputError, Place, Problem, did_you_mean, path_text
from marginctl.load.tier_models import AssetEntry, TierEntry, VenueEntry
from marginctl.load.tier_venue import LoadedVenue, VenueReader
from marginctl.load.validation import Path
from marginctl.venues import RULES


@dataclass(frozen=True)
class ImportOptions:
    """What an exchange's file does not say of itself."""

    venue: str | None = None
    rules: str | None = None
    quote: str | None = None
    as_of: date | None = None


@dataclass
class Published:
    """Tiers as an exchange's file has them; the places are paths inside that file.

    ``keys`` are the exchange's names for the keys of a tier.
    """

    exchange: str
    """What the form is called, for the source."""
    venue: str
    """What the venue is called unless an option says otherwise."""
    quote: str | None = None
    tables: dict[str, list[TierEntry]] = field(default_factory=dict)
    assets: dict[str, AssetEntry] = field(default_factory=dict)
    table_paths: dict[str, Path] = field(default_factory=dict)
    asset_paths: dict[str, Path] = field(default_factory=dict)
    keys: Mapping[str, Path] = field(default_factory=dict)
    table_remarks: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    deductions: int = 0
    """How many deductions the file states."""

    def note(self, code: str, message: str, asset: str | None = None) -> None:
        """Take a notice."""
        self.notices.append(Notice(code, asset, message))


class JsonSource:
    """An exchange's JSON, and the problems found in it."""

    def __init__(self, text: str, file: str, value: Any) -> None:
        self.file = file
        self.value = value
        self.problems: list[Problem] = []
        self._places = Places(text)

    def place(self, path: Path) -> Place:
        """Return the place of a path."""
        return Place(self.file, *self._places.find(path), path_text(path) or None)

    def locate(self, path: Path, key: bool) -> Place:  # noqa: ARG002 - as every locator
        """Return the place of a path; that of a key is its value's."""
        return self.place(path)

    def problem(self, message: str, hint: str | None, *path: str | int) -> None:
        """Take a problem."""
        self.problems.append(Problem(message, hint, self.place(path)))


@dataclass(frozen=True)
class Imported:
    """A venue made from an exchange's file: its entry, and what it means."""

    published: Published
    entry: VenueEntry
    loaded: LoadedVenue

    @property
    def tiers(self) -> int:
        """How many tiers the exchange's file has, an asset's own each."""
        return sum(len(asset.table.tiers) for asset in self.loaded.venue.assets.values())


Reader = Callable[[JsonSource], Published]


def import_tiers(source: JsonSource, read: Reader, options: ImportOptions) -> Imported:
    """Return the venue that an exchange's JSON describes.

    Raises:
        InputError: with every problem of the file and of the options.
    """
    published = read(source)
    problems = list(source.problems)
    if published.assets or not problems:
        problems += _option_problems(options, published)
    name = options.venue or published.venue
    entry = VenueEntry.model_construct(
        rules=options.rules if options.rules in RULES else "hyperliquid",
        quote=options.quote or published.quote or "",
        as_of=options.as_of,
        source=f"{published.exchange}, imported from {_base_name(source.file)}",
        tables=published.tables,
        assets=published.assets,
    )
    reader = VenueReader(name, entry, lambda path, _: source.place(_path(published, path)))
    loaded = reader.read() if published.assets or not problems else None
    problems += reader.problems
    if loaded is None or problems:
        raise InputError(dict.fromkeys(problems))
    return Imported(published, entry, loaded)


def _option_problems(options: ImportOptions, published: Published) -> list[Problem]:
    problems = []
    if options.rules is not None and options.rules not in RULES:
        hint = did_you_mean(options.rules, RULES) or f"known rules: {', '.join(RULES)}"
        problems.append(Problem(f"unknown rules {options.rules!r}", hint, Place(path="--rules")))
    if not (options.quote or published.quote):
        message = "the file does not say in which currency its amounts are"
        problems.append(Problem(message, "name it with --quote", Place(path="--quote")))
    return problems


def _path(published: Published, path: Sequence[str | int]) -> Path:
    """Translate a path inside a tier file's venue to the exchange's file."""
    kind, name = str(path[2]), str(path[3]) if len(path) > 3 else ""  # noqa: PLR2004 - venues, its name
    if kind == "tables":
        inside = path[4:]
        keys = published.keys.get(str(inside[-1]), ()) if len(inside) > 1 else ()
        return (*published.table_paths[name], *inside[:1], *keys)
    return published.asset_paths.get(name, ())


def _base_name(file: str) -> str:
    name = file.replace("\\", "/").rpartition("/")[2]
    return "standard input" if name == "<stdin>" else name
