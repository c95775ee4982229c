"""One venue of a tier file: from its validated entry to the core's venue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from marginctl.core.numbers import ZERO
from marginctl.core.position import Asset, AssetMode
from marginctl.core.tiers import TierSpec, TierTable
from marginctl.core.venue import Venue
from marginctl.load.problems import Problem, did_you_mean
from marginctl.load.tier_table import build_table, table_findings
from marginctl.venues import RULES

if TYPE_CHECKING:
    from marginctl.load.sound_tiers import SoundAsset, SoundVenue
    from marginctl.load.tier_models import AssetEntry, VenueEntry
    from marginctl.load.validation import Locate, Path


@dataclass(frozen=True)
class LoadedVenue:
    """A venue, and what its file says of it."""

    venue: Venue
    as_of: date | None
    source: str | None


class VenueReader:
    """Turns the entry of one venue into a venue, and collects what is wrong with it."""

    def __init__(self, name: str, entry: "VenueEntry | SoundVenue", locate: "Locate") -> None:
        self._name = name
        self._entry = entry
        self._locate = locate
        self.problems: list[Problem] = []

    def read(self) -> LoadedVenue | None:
        """Return the venue, or None when there are problems."""
        entry = self._entry
        if entry.rules not in RULES:
            hint = did_you_mean(entry.rules, RULES) or f"known rules: {', '.join(RULES)}"
            self._problem(f"unknown rules {entry.rules!r}", hint, "rules")
        fee_rate = entry.closing_fee_rate
        if fee_rate is not None and not 0 <= fee_rate < 1:
            self._problem("a fee rate lies between 0 and 1", None, "closing_fee_rate")
        if not entry.assets:
            self._problem("the venue has no assets", None, "assets")
        assets = self._assets(self._tables())
        if self.problems:
            return None
        rules = RULES[entry.rules]
        venue = Venue(
            self._name,
            rules() if fee_rate is None else rules(closing_fee_rate=fee_rate),
            entry.quote,
            assets,
        )
        return LoadedVenue(venue, entry.as_of, entry.source)

    def _tables(self) -> dict[str, TierTable]:
        tables = {}
        for name, tiers in self._entry.tables.items():
            if not tiers:
                self._problem("the table has no tiers", None, "tables", name)
                continue
            findings = list(table_findings(tiers))
            for index, key, message, hint in findings:
                self._problem(message, hint, "tables", name, index, key)
            if not findings:
                tables[name] = build_table(tiers)
        return tables

    def _assets(self, tables: Mapping[str, TierTable]) -> dict[str, Asset]:
        assets = {}
        of_one_tier: dict[object, TierTable] = {}
        for name, entry in self._entry.assets.items():
            if not self._is_sound(name, entry):
                continue
            if entry.max_leverage is not None:
                table = of_one_tier.get(entry.max_leverage)
                if table is None:
                    table = TierTable.build([TierSpec(ZERO, entry.max_leverage)])
                    of_one_tier[entry.max_leverage] = table
            elif entry.table is not None and entry.table in tables:
                table = tables[entry.table]
            else:
                continue  # the table is there; its own problems are told
            mode = AssetMode(entry.margin_mode)
            assets[name] = Asset(name, table, mode, entry.size_decimals, entry.delisted)
        return assets

    def _is_sound(self, name: str, entry: "AssetEntry | SoundAsset") -> bool:
        before = len(self.problems)
        if (entry.table is None) == (entry.max_leverage is None):
            message = "an asset has either a table or a max leverage"
            self._problem(message, "state one of the two", "assets", name)
        elif entry.table is not None and entry.table not in self._entry.tables:
            hint = did_you_mean(entry.table, self._entry.tables)
            self._problem(f"there is no table {entry.table!r}", hint, "assets", name, "table")
        elif entry.max_leverage is not None and entry.max_leverage < 1:
            message = "a max leverage is at least 1"
            self._problem(message, None, "assets", name, "max_leverage")
        return len(self.problems) == before

    def _problem(self, message: str, hint: str | None, *inside: str | int) -> None:
        path: Path = ("venues", self._name, *inside)
        self.problems.append(Problem(message, hint, self._locate(path, False)))
