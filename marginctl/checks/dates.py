"""Rules about the day on which the exchange showed the tiers."""

from collections.abc import Iterator

from marginctl.checks.findings import Hit, Severity
from marginctl.checks.rule import Scope, rule
from marginctl.checks.stated import StatedFile
from marginctl.checks.wording import named


@rule(Scope.FILE, severity=Severity.WARNING)
def as_of_missing(file: StatedFile) -> Iterator[Hit]:
    """A venue does not say of which day its tiers are.

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
            message = f"{named(venue.name)} does not say of which day its tiers are"
            hint = "add as_of: and the day on which the exchange showed them"
            yield Hit(venue.path, message, hint, at_key=True)


@rule(Scope.FILE)
def as_of_in_future(file: StatedFile) -> Iterator[Hit]:
    """The tiers are of a day to come.

    The day counts in UTC, and a day ahead of it is allowed: somewhere on earth it has begun.

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
            message = f"{venue.as_of} lies in the future"
            yield Hit((*venue.path, "as_of"), message, "write the day on which they were read")


@rule(Scope.FILE)
def as_of_too_old(file: StatedFile) -> Iterator[Hit]:
    """The tiers are older than ``--max-age`` allows; without that option no age is too old.

    A venue that is kept for history says so by ``archived: true``, and is never too old.

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
            message = f"the tiers are {age} days old, and {file.max_age} are allowed"
            hint = (
                "read them from the exchange again, and change as_of; "
                "for a venue that is kept for history, write archived: true"
            )
            yield Hit((*venue.path, "as_of"), message, hint)
