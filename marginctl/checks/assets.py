"""Rules about assets, venues and the dates of their tiers."""

from collections.abc import Iterable, Iterator

from marginctl.checks.problem import Scope, Severity, Violation, rule
from marginctl.checks.stated import StatedFile, StatedTable, StatedVenue
from marginctl.checks.text import did_you_mean, known_hint, named
from marginctl.venues import VENUE_RULES

_SUGGESTIONS = 20
"""How many findings of a kind get a suggestion, as looking for one takes time."""


@rule(Scope.VENUE, fatal=True)
def unknown_rules(venue: StatedVenue) -> Iterator[Violation]:
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
        hint = known_hint(venue.rules_name, VENUE_RULES, "known rules")
        yield Violation(("rules",), f"unknown rules {named(venue.rules_name)}", hint)


@rule(Scope.VENUE, fatal=True)
def unknown_table(venue: StatedVenue) -> Iterator[Violation]:
    """An asset names a table that its venue does not have.

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
    known = venue.tables.keys() | venue.unread_tables
    unknown = [
        (name, asset.table)
        for name, asset in venue.assets.items()
        if asset.table is not None and asset.table not in known
    ]
    for count, (name, table) in enumerate(unknown):
        near = did_you_mean(table, venue.tables) if count < _SUGGESTIONS else None
        hint = near or "define it under 'tables', or give the asset a max_leverage"
        yield Violation(("assets", name, "table"), f"there is no table {named(table)}", hint)


@rule(Scope.TABLE, severity=Severity.WARNING)
def unused_table(table: StatedTable) -> Iterator[Violation]:
    """No asset uses this table.

    Most often its asset was removed, or an asset that should use it does not. When an asset names a
    misspelt or unreadable table, that is reported instead.

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
    if not table.assets and not _is_perhaps_meant(table):
        yield Violation(
            (), "no asset uses this table", "remove it, or use it for an asset", at_key=True
        )


def _is_perhaps_meant(table: StatedTable) -> bool:
    name = str(table.path[-1])
    if None in table.strays or len(table.strays) > _SUGGESTIONS:
        return None in table.strays
    return any(did_you_mean(stray or "", [name]) for stray in table.strays)


@rule(Scope.TABLE, fatal=True)
def table_without_tiers(table: StatedTable) -> Iterator[Violation]:
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
        yield Violation((), "the table has no tiers", hint, at_key=True)


@rule(Scope.VENUE, fatal=True)
def asset_without_tiers(venue: StatedVenue) -> Iterator[Violation]:
    """An asset has neither a table nor a max leverage.

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
            yield Violation(("assets", name), message, "give it one of the two", at_key=True)


@rule(Scope.VENUE, fatal=True)
def asset_with_two_sources(venue: StatedVenue) -> Iterator[Violation]:
    """An asset has both a table and a max leverage, which may disagree.

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
            yield Violation(
                path, message, "the table sets the leverage: remove max_leverage here", at_key=True
            )


@rule(Scope.VENUE, severity=Severity.WARNING)
def names_differ_in_case(venue: StatedVenue) -> Iterator[Violation]:
    """Two names of assets, or of tables, differ only in upper and lower case.

    The command line ignores the case of names, so it cannot tell the two apart. Most often they are
    one asset written twice.

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


def _case_clashes(kind: str, names: Iterable[str]) -> Iterator[Violation]:
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            message = f"{named(name)} and {named(other)} differ only in case"
            yield Violation((kind, name), message, "keep one of the two", at_key=True)


@rule(Scope.FILE, severity=Severity.WARNING)
def as_of_missing(file: StatedFile) -> Iterator[Violation]:
    """A venue has no as_of date.

    Exchanges change their tiers without notice; without a date nobody can tell how old a table is.

    Passes::

        as_of: 2026-01-14
        assets:
          ATOM: {max_leverage: 5}

    Fails::

        as_of:
        assets:
          ATOM: {max_leverage: 5}
    """
    for venue in file.venues:
        if venue.as_of is None and "as_of" not in venue.unread:
            message = f"{named(venue.name)} has no as_of date"
            hint = "add as_of: with the day on which the exchange showed these tiers"
            yield Violation(venue.path, message, hint, at_key=True)


@rule(Scope.FILE)
def as_of_in_future(file: StatedFile) -> Iterator[Violation]:
    """The date of the tiers is in the future.

    The date is compared in UTC. One day ahead is allowed: it has begun somewhere on earth.

    Passes::

        as_of: 2026-01-14
        assets:
          ATOM: {max_leverage: 5}

    Fails::

        as_of: 9026-01-14
        assets:
          ATOM: {max_leverage: 5}
    """
    for venue in file.venues:
        if venue.as_of is not None and (venue.as_of - file.today).days > 1:
            message = f"{venue.as_of} is in the future"
            yield Violation(
                (*venue.path, "as_of"), message, "write the day on which the tiers were read"
            )


@rule(Scope.FILE)
def as_of_too_old(file: StatedFile) -> Iterator[Violation]:
    """The tiers are older than ``--max-age`` allows.

    Without that option, no age is too old; nor is it for a venue with ``archived: true``, which is
    kept for history.

    Passes::

        as_of: 2026-01-14
        assets:
          ATOM: {max_leverage: 5}

    Passes (with --max-age 30)::

        as_of: 2020-01-14
        archived: true
        assets:
          ATOM: {max_leverage: 5}

    Fails (with --max-age 30)::

        as_of: 2020-01-14
        assets:
          ATOM: {max_leverage: 5}
    """
    for venue in file.venues:
        if venue.as_of is None or file.max_age is None or venue.archived:
            continue
        age = (file.today - venue.as_of).days
        if age > file.max_age:
            message = f"the tiers are {age} days old; at most {file.max_age} are allowed"
            hint = (
                "import them again and update as_of, or write archived: true "
                "for a venue that is kept for history"
            )
            yield Violation((*venue.path, "as_of"), message, hint)
