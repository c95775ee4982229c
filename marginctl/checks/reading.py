"""Rules about what the reader of a file stumbles over before its figures can be judged."""

from collections.abc import Iterable

from marginctl.checks.rule import Scope, Violation, rule
from marginctl.checks.stated import StatedFile
from marginctl.checks.values import is_rest_of_number


@rule(Scope.FILE, fatal=True)
def unreadable(file: StatedFile) -> Iterable[Violation]:
    """The file cannot be read, or is not YAML.

    Nothing else can be said about such a file, so the exit code is 2 and not 1. Tags, several
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
    """The file has no venue, or a venue no asset.

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
    """A key stands twice in one mapping.

    Most YAML readers keep the last of the two without a word, so that the first is a value that
    can be read in the file and is not in force.

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
    """A key is not a plain text: a merge key, or a list or mapping as a key.

    Merge keys (``<<``) are not in YAML 1.2, and readers differ in which value wins. An alias of a
    whole table says the same without doubt.

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
    """A key means nothing here; most often it is a known one misspelt.

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
    """A key that must be there is not.

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
    """A value is not of the kind that its key takes: no number, no date, not one of the choices.

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
