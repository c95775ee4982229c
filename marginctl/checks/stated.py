"""A tier file as its text states it: what is not stated, or cannot be read, is None."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple, Self

from marginctl.checks.problem import KeyPath, Violation
from marginctl.core.rules import Rules
from marginctl.venues import VENUE_RULES

Violations = dict[str, list[Violation]]
"""What a reader found to be wrong, by rule."""


class Quoted(str):
    """A text that stands in quotes in its file, so that no reader takes it for anything else."""

    __slots__ = ()


class StatedTier(NamedTuple):
    """One tier of a table; ``unread`` are the keys whose values cannot be read."""

    lower_bound: Decimal | None = None
    max_leverage: Decimal | None = None
    maintenance_margin_rate: Decimal | None = None
    maintenance_deduction: Decimal | None = None
    upper_bound: Decimal | None = None
    unread: frozenset[str] = frozenset()
    rate: Fraction | None = None
    """The maintenance margin rate: as stated, else 1/(2·max_leverage)."""

    @classmethod
    def of(cls, **stated: Any) -> Self:
        """Return the tier of what is stated, with its rate."""
        tier = cls(**stated)
        if tier.maintenance_margin_rate is not None:
            return tier._replace(rate=Fraction(tier.maintenance_margin_rate))
        if tier.max_leverage and "maintenance_margin_rate" not in tier.unread:
            return tier._replace(rate=1 / (2 * Fraction(tier.max_leverage)))
        return tier

    @property
    def rate_key(self) -> str:
        """The key that decides the rate."""
        stated = self.maintenance_margin_rate is not None
        return "maintenance_margin_rate" if stated else "max_leverage"


class StatedTable(NamedTuple):
    """The tiers of one table, and which assets refer to it.

    ``strays`` are the names of tables that there are not, and that assets refer to; None stands for
    a name that cannot be read.
    """

    path: KeyPath
    tiers: Sequence[StatedTier]
    assets: Sequence[str]
    rules: Rules | None
    strays: frozenset[str | None] = frozenset()


class StatedAsset(NamedTuple):
    """One asset; ``unread`` are the keys whose values cannot be read."""

    table: str | None = None
    max_leverage: Decimal | None = None
    size_decimals: int | None = None
    margin_mode: str = "normal"
    delisted: bool = False
    unread: frozenset[str] = frozenset()


class StatedVenue(NamedTuple):
    """One venue. ``rules`` is None where they are unknown.

    ``partial``: it lists only some of the venue's assets. ``archived``: it is kept for history.
    ``unread_tables`` are the names of tables whose form is wrong, and are not among ``tables``.
    """

    path: KeyPath
    name: str
    rules_name: str | None
    rules: Rules | None
    quote: str | None
    as_of: date | None
    source: str | None
    partial: bool
    archived: bool
    closing_fee_rate: Decimal | None
    tables: Mapping[str, Sequence[StatedTier]]
    assets: Mapping[str, StatedAsset]
    unread: frozenset[str] = frozenset()
    unread_tables: frozenset[str] = frozenset()

    def stated_tables(self) -> list[StatedTable]:
        """Return the tables, each with the assets that refer to it."""
        users: dict[str, list[str]] = {name: [] for name in self.tables}
        for name, asset in self.assets.items():
            if asset.table in users:
                users[asset.table].append(name)
        strays = frozenset(
            asset.table
            for asset in self.assets.values()
            if (asset.table not in users if asset.table is not None else "table" in asset.unread)
        )
        if "assets" in self.unread:
            strays |= {None}
        return [
            StatedTable((*self.path, "tables", name), tiers, users[name], self.rules, strays)
            for name, tiers in self.tables.items()
        ]


def state_venue(
    path: KeyPath,
    name: str,
    fields: Mapping[str, Any],
    tables: Mapping[str, list[StatedTier]],
    assets: Mapping[str, StatedAsset],
    unread: frozenset[str] = frozenset(),
    unread_tables: frozenset[str] = frozenset(),
) -> StatedVenue:
    """Return a venue of the fields, tables and assets that could be read."""
    rules_name = fields.get("rules")
    make_rules = VENUE_RULES.get(str(rules_name))
    return StatedVenue(
        path=path,
        name=name,
        rules_name=rules_name,
        rules=None if make_rules is None else make_rules(),
        quote=fields.get("quote"),
        as_of=fields.get("as_of"),
        source=fields.get("source"),
        partial=bool(fields.get("partial")),
        archived=bool(fields.get("archived")),
        closing_fee_rate=fields.get("closing_fee_rate"),
        tables=tables,
        assets=assets,
        unread=unread,
        unread_tables=unread_tables,
    )


class StatedFile(NamedTuple):
    """A whole file: its tree of texts, its venues, and what its reader found to be wrong."""

    tree: Any
    venues: Sequence[StatedVenue]
    violations: Mapping[str, Sequence[Violation]]
    today: date = date.max
    """The day in UTC."""
    max_age: int | None = None
    """Days after which tiers are too old, None for never."""
