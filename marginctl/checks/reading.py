"""Rules about what the reader of a file stumbles over before its figures can be judged."""

from collections.abc import Iterable

from marginctl.checks.rule import Scope, Violation, rule
from marginctl.checks.stated import StatedFile
from marginctl.checks.values import is_rest_of_number


@rule(Scope.FILE, fatal=True)
def unreadable(file: StatedFile) -> Iterable[Violation]:
    """The file cannot be read, or is not YAML.

    Such a file cannot be checked any further, so the exit code is 2 instead of 1. Tags, several
    documents in one file, nesting deeper than 32 levels and aliases that expand to more than
    200,000 values are refused too: no tier table needs them.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}

    Fails::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25
    """
    return file.hits.get("unreadable", ())


@rule(Scope.FILE, fatal=True)
def empty(file: StatedFile) -> Iterable[Violation]:
    """The file has no venue, or a venue has no assets.

    Passes::

        assets:
          ATOM: {max_leverage: 5}

    Fails::

        assets: {}
    """
    yield from file.hits.get("empty", ())
    for venue in file.venues:
        if not venue.assets and "assets" not in venue.unread:
            yield Violation((*venue.path, "assets"), "the venue has no assets", "name at least one")


@rule(Scope.FILE, fatal=True)
def duplicate_key(file: StatedFile) -> Iterable[Violation]:
    """A key appears twice in one mapping.

    Most YAML readers silently keep the last one, so the first can be seen in the file but has no
    effect.

    Passes::

        assets:
          ATOM: {max_leverage: 5}
          DYDX: {max_leverage: 10}

    Fails::

        assets:
          ATOM: {max_leverage: 5}
          ATOM: {max_leverage: 10}
    """
    for hit in file.hits.get("duplicate-key", ()):
        if not is_rest_of_number(file.tree, hit.path):
            yield hit


@rule(Scope.FILE, fatal=True)
def key_not_text(file: StatedFile) -> Iterable[Violation]:
    """A key is not a plain string: a merge key, or a list or mapping as a key.

    Merge keys (``<<``) are not part of YAML 1.2, and readers disagree on which value wins. An alias
    of a whole table is unambiguous.

    Passes::

        tables:
          eth: &eth
            - {lower_bound: 0, max_leverage: 25}
          btc: *eth

    Fails::

        assets:
          ATOM: &five {max_leverage: 5}
          DYDX:
            <<: *five
            max_leverage: 5
    """
    return file.hits.get("key-not-text", ())


@rule(Scope.FILE, fatal=True)
def unknown_key(file: StatedFile) -> Iterable[Violation]:
    """A key is not known here; most often it is a misspelt one.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}

    Fails::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25, maintenance_rate: 0.01}
    """
    no_texts = {hit.path for hit in file.hits.get("key-not-text", ())}
    for hit in file.hits.get("unknown-key", ()):
        if hit.path not in no_texts and not is_rest_of_number(file.tree, hit.path):
            yield hit


@rule(Scope.FILE, fatal=True)
def missing_key(file: StatedFile) -> Iterable[Violation]:
    """A required key is missing.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}

    Fails::

        tables:
          eth:
            - {lower_bound: 0}
    """
    return file.hits.get("missing-key", ())


@rule(Scope.FILE, fatal=True)
def wrong_value(file: StatedFile) -> Iterable[Violation]:
    """A value does not fit its key: not a number, not a date, or not one of the choices.

    Passes::

        assets:
          ATOM: {max_leverage: 5, margin_mode: strict, delisted: true}

    Fails::

        assets:
          ATOM: {max_leverage: five}
    """
    return file.hits.get("wrong-value", ())


@rule(Scope.FILE, fatal=True)
def unknown_default_venue(file: StatedFile) -> Iterable[Violation]:
    """The default venue is not one of the file's venues.

    Passes::

        default_venue: mine
        venues:
          mine:
            rules: hyperliquid
            quote: USDC
            as_of: 2026-01-14
            assets:
              ATOM: {max_leverage: 5}

    Fails::

        default_venue: yours
        venues:
          mine:
            rules: hyperliquid
            quote: USDC
            as_of: 2026-01-14
            assets:
              ATOM: {max_leverage: 5}
    """
    return file.hits.get("unknown-default-venue", ())
