"""A venue from an entry that was made, not read from a tier file."""

from marginctl.checks.catalogue import fatal_rules, run
from marginctl.checks.stated import StatedFile
from marginctl.load.problems import Problem
from marginctl.load.tier_models import VenueEntry
from marginctl.load.tier_reading import state_entry
from marginctl.load.tier_venue import LoadedVenue, build_venue
from marginctl.load.validation import Locate


class VenueReader:
    """Turns the entry of one venue into a venue, and collects what is wrong with it."""

    def __init__(self, name: str, entry: VenueEntry, locate: Locate) -> None:
        self._stated = state_entry(name, entry)
        self._locate = locate
        self.problems: list[Problem] = []

    def read(self) -> LoadedVenue | None:
        """Return the venue, or None when there are problems."""
        for rule, hit in run(StatedFile({}, [self._stated], {}), fatal_rules()):
            place = self._locate(hit.path, hit.at_key)
            self.problems.append(Problem(hit.message, hit.hint, place, rule.id))
        return None if self.problems else build_venue(self._stated)
