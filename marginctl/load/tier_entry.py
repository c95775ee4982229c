"""A venue from an entry that was made, not read from a tier file."""

from datetime import date

from marginctl.checks.catalogue import RULES, run
from marginctl.checks.findings import Finding, Hit, Severity, in_order
from marginctl.checks.rule import Rule
from marginctl.checks.stated import StatedFile
from marginctl.load.tier_models import VenueEntry
from marginctl.load.tier_reading import state_entry
from marginctl.load.tier_venue import LoadedVenue, build_venue
from marginctl.load.validation import Locate


class VenueReader:
    """Turns the entry of one venue into a venue, checked by every rule of tier files.

    ``findings`` are what the check found; ``today`` is the day in UTC.
    """

    def __init__(self, name: str, entry: VenueEntry, locate: Locate, today: date) -> None:
        self.stated = state_entry(name, entry)
        self._locate = locate
        self._today = today
        self.findings: list[Finding] = []

    def read(self) -> LoadedVenue | None:
        """Return the venue, or None when there are errors."""
        file = StatedFile({}, [self.stated], {}, self._today)
        self.findings = in_order(self._placed(rule, hit) for rule, hit in run(file, RULES.values()))
        sound = all(finding.severity is not Severity.ERROR for finding in self.findings)
        return build_venue(self.stated) if sound else None

    def _placed(self, rule: Rule, hit: Hit) -> Finding:
        place = self._locate(hit.path, hit.at_key)
        return Finding(
            place.file or "",
            place.line,
            place.column,
            rule.severity,
            rule.id,
            hit.message,
            hit.hint,
            place.path,
        )
