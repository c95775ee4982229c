"""Telling that tiers are old: exchanges change theirs every few weeks."""

import os
import shlex

from marginctl.core.notices import Notice
from marginctl.core.rules import Venue
from marginctl.load.tier_source import TierSource, user_file


def age_notice(venue: Venue, days: int, source: TierSource) -> Notice:
    """Return the warning that a venue's tiers are so old, with what refreshes them."""
    refresh = "compare them with the exchange's and update as_of"
    if venue.rules.name == "hyperliquid":
        name = shlex.quote(venue.name)
        refresh = (
            "to update: marginctl fetch tiers | "
            f"marginctl tiers import - --into {_target(source)} --venue {name}"
        )
    message = f"the tiers of {venue.name} are {days:,} days old; {refresh}"
    return Notice("tiers_old", None, message)


def _target(source: TierSource) -> str:
    """Return the file to write newer tiers into: the user's own instead of the shipped one."""
    if source.origin != "bundled":
        return shlex.quote(source.path)
    own, home = user_file(os.environ), os.environ.get("HOME")
    if own is None:
        return "tiers.yaml"
    if home and own.is_relative_to(home):
        return f"~/{shlex.quote(own.relative_to(home).as_posix())}"
    return shlex.quote(str(own))
