"""Whether the venue would take a change of margin, in words."""

from marginctl.core.notices import unknown_limits
from marginctl.core.numbers import up_to_step
from marginctl.core.scenario import Action, MarginChange
from marginctl.core.venue import Venue
from marginctl.render.numbers import plain
from marginctl.render.words import limit_words


def verdict_words(change: MarginChange, venue: Venue) -> str:
    """Return the verdict on a change, with the binding limit and the largest allowed amount."""
    what = f"{change.action.value} {plain(change.amount)} {venue.quote}{_cushion_words(change)}"
    limit = change.limit
    if not limit.known:
        return _unknown_words(change, what, venue)
    most = limit.most(venue.rules.amount_step)
    if most is None:
        return _unlimited_words(change, what)
    words = limit_words(limit.name or "cross_account", venue.rules)
    if change.allowed:
        return f"Allowed: {what}; at most {plain(most)}, limited by {words}"
    verb = "added" if change.action is Action.ADD else "removed"
    if most > 0:
        return f"Refused: {what}; at most {plain(most)} can be {verb}, limited by {words}"
    nothing = f"nothing can be {verb}, {_why_nothing(change, venue, words)}"
    if change.amount:
        return f"Refused: {what}; {nothing}"
    return f"Refused: {nothing}{_cushion_words(change)}"


def _unknown_words(change: MarginChange, what: str, venue: Venue) -> str:
    if change.allowed is None:
        return f"Not known: {what}; {unknown_limits(venue.rules)}"
    when = "at once" if change.cushion is None else "there"
    return f"Refused: {what}; it would be liquidatable {when}"


def _cushion_words(change: MarginChange) -> str:
    if change.cushion is None:
        return ""
    return f", also if the mark first moves {plain(change.cushion.scaleb(2))}% against it"


def _unlimited_words(change: MarginChange, what: str) -> str:
    if change.before.cross is None and change.index is not None:
        return f"Allowed as far as is known: {what}; what the account can give is not checked"
    return f"Allowed: {what}; money from outside is not limited here"


def _why_nothing(change: MarginChange, venue: Venue, words: str) -> str:
    position, cross = change.position_before, change.before.cross
    short = None
    # with a cushion, what is missing at the mark is not what is missing after the move
    if (
        change.action is Action.REMOVE
        and change.limit.name != "strict_isolated"
        and change.cushion is None
    ):
        if position is not None and position.shortfall is not None:
            short = position.shortfall
        elif cross is not None:
            short = cross.shortfall
    if not short:
        return f"limited by {words}"
    missing = up_to_step(short, venue.rules.amount_step)
    return f"as {plain(missing)} more is needed to reach {words}"
