"""Whether the venue would take a change of margin, in words."""

from marginctl.core.notices import unknown_limits
from marginctl.core.numbers import up_to_step
from marginctl.core.scenario import Action, MarginChange
from marginctl.core.venue import Venue
from marginctl.render.numbers import plain
from marginctl.render.words import limit_words


def verdict_words(change: MarginChange, venue: Venue) -> str:
    """Return the verdict on a change, with the binding limit and the largest allowed amount."""
    what = f"{change.action.value} {plain(change.amount)} {venue.quote}"
    limit = change.limit
    if change.allowed is None:
        return f"Not known: {what}; {unknown_limits(venue.rules)}"
    if not limit.known:
        return f"Refused: {what}; it would be liquidatable at once"
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
    return f"Refused: {what}; {nothing}" if change.amount else f"Refused: {nothing}"


def _unlimited_words(change: MarginChange, what: str) -> str:
    if change.before.cross is None and change.index is not None:
        return f"Allowed as far as is known: {what}; what the account can give is not checked"
    return f"Allowed: {what}; money from outside is not limited here"


def _why_nothing(change: MarginChange, venue: Venue, words: str) -> str:
    position, cross = change.position_before, change.before.cross
    short = None
    if change.action is Action.REMOVE and change.limit.name != "strict_isolated":
        if position is not None and position.shortfall is not None:
            short = position.shortfall
        elif cross is not None:
            short = cross.shortfall
    if not short:
        return f"limited by {words}"
    missing = up_to_step(short, venue.rules.amount_step)
    return f"as {plain(missing)} more is needed to reach {words}"
