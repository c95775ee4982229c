"""Rules about assets, and the tables they refer to."""

from collections.abc import Iterable, Iterator

from marginctl.checks.findings import Hit, Severity
from marginctl.checks.rule import Scope, rule
from marginctl.checks.stated import StatedTable, StatedVenue
from marginctl.checks.wording import did_you_mean, named
from marginctl.venues import RULES as VENUE_RULES

_SUGGESTIONS = 20
"""How many findings of a kind get a suggestion, as looking for one takes time."""


@rule(Scope.VENUE, fatal=True)
def unknown_rules(venue: StatedVenue) -> Iterator[Hit]:
    """The venue follows rules that marginctl does not know.

    Passes::

        rules: hyperliquid
        assets:
          ATOM: {max_leverage: 5}

    Fails::

        rules: hyperliquids
        assets:
          ATOM: {max_leverage: 5}
    """
    if venue.rules_name is not None and venue.rules is None:
        known = f"known rules: {', '.join(VENUE_RULES)}"
        hint = did_you_mean(venue.rules_name, VENUE_RULES) or known
        yield Hit(("rules",), f"unknown rules {named(venue.rules_name)}", hint)


@rule(Scope.VENUE, fatal=True)
def unknown_table(venue: StatedVenue) -> Iterator[Hit]:
    """An asset refers to a table that its venue does not have.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}
        assets:
          ETH: {table: eth}

    Fails::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}
        assets:
          ETH: {table: eth}
          BTC: {table: btc}
    """
    if "tables" in venue.unread:
        return
    unknown = [
        (name, asset.table)
        for name, asset in venue.assets.items()
        if asset.table is not None and asset.table not in venue.tables
    ]
    for count, (name, table) in enumerate(unknown):
        near = did_you_mean(table, venue.tables) if count < _SUGGESTIONS else None
        hint = near or "define it under 'tables', or state the asset's one max_leverage"
        yield Hit(("assets", name, "table"), f"there is no table {named(table)}", hint)


@rule(Scope.TABLE, severity=Severity.WARNING)
def unused_table(table: StatedTable) -> Iterator[Hit]:
    """No asset refers to a table.

    Most often an asset was removed, or one was meant to refer to it and does not. Where that may be
    an asset whose table is misspelt or cannot be read, that is told instead.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}
        assets:
          ETH: {table: eth}

    Fails::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}
        assets:
          ETH: {max_leverage: 25}
    """
    if not table.assets and not _may_be_meant(table):
        yield Hit((), "no asset refers to this table", "remove it, or refer to it", at_key=True)


def _may_be_meant(table: StatedTable) -> bool:
    name = str(table.path[-1])
    if None in table.strays or len(table.strays) > _SUGGESTIONS:
        return None in table.strays
    return any(did_you_mean(stray or "", [name]) for stray in table.strays)


@rule(Scope.TABLE, fatal=True)
def table_without_tiers(table: StatedTable) -> Iterator[Hit]:
    """A table has no tiers.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}

    Fails::

        tables:
          eth: []
    """
    if not table.tiers:
        hint = "write at least {lower_bound: 0, max_leverage: …}"
        yield Hit((), "the table has no tiers", hint, at_key=True)


@rule(Scope.VENUE, fatal=True)
def asset_without_tiers(venue: StatedVenue) -> Iterator[Hit]:
    """An asset neither refers to a table nor states a max leverage.

    Passes::

        assets:
          ATOM: {max_leverage: 5, size_decimals: 2}

    Fails::

        assets:
          ATOM: {size_decimals: 2}
    """
    for name, asset in venue.assets.items():
        stated = asset.table is not None or asset.max_leverage is not None
        if not stated and asset.unread.isdisjoint({"table", "max_leverage"}):
            message = f"{named(name)} has neither a table nor a max_leverage"
            yield Hit(("assets", name), message, "state one of the two", at_key=True)


@rule(Scope.VENUE, fatal=True)
def asset_with_two_sources(venue: StatedVenue) -> Iterator[Hit]:
    """An asset both refers to a table and states a max leverage, which may contradict it.

    Passes::

        assets:
          ATOM: {max_leverage: 5}

    Fails::

        tables:
          atom:
            - {lower_bound: 0, max_leverage: 5}
        assets:
          ATOM: {table: atom, max_leverage: 5}
    """
    for name, asset in venue.assets.items():
        if asset.table is not None and asset.max_leverage is not None:
            message = f"{named(name)} has both a table and a max_leverage"
            path = ("assets", name, "max_leverage")
            yield Hit(path, message, "the table states the leverage: remove it here", at_key=True)


@rule(Scope.VENUE, severity=Severity.WARNING)
def names_differ_in_case(venue: StatedVenue) -> Iterator[Hit]:
    """Two names of assets, or of tables, differ only in upper and lower case.

    The case of a name is forgiven on the command line, which then cannot tell the two apart. Most
    often they are one asset written twice.

    Passes::

        assets:
          PEPE: {max_leverage: 3}
          kPEPE: {max_leverage: 3}

    Fails::

        assets:
          kPEPE: {max_leverage: 3}
          KPEPE: {max_leverage: 5}
    """
    yield from _case_clashes("assets", venue.assets)
    yield from _case_clashes("tables", venue.tables)


def _case_clashes(kind: str, names: Iterable[str]) -> Iterator[Hit]:
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            message = f"{named(name)} and {named(other)} differ only in case"
            yield Hit((kind, name), message, "keep one of the two", at_key=True)
