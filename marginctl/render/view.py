"""What is to be shown: reports, and what is known of where they come from."""

from dataclasses import dataclass
from decimal import Decimal

from marginctl.core.explanation import Step
from marginctl.core.notices import Notice
from marginctl.core.report import CrossReport, PositionReport
from marginctl.core.scenario import MarginChange
from marginctl.core.venue import Venue


@dataclass(frozen=True, slots=True)
class TiersView:
    """Which tier file was used."""

    path: str
    origin: str
    as_of: str | None
    sha256: str


@dataclass(frozen=True, slots=True)
class PositionView:
    """A position's report; ``recorded_price`` is the exchange's liquidation price, if it has one.

    ``in_record`` says whether it comes from an exchange's record at all. ``steps`` explain the
    figures, where that was asked for.
    """

    report: PositionReport
    in_record: bool = False
    recorded_price: Decimal | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportView:
    """The answer of ``show``."""

    venue: Venue
    tiers: TiersView
    positions: tuple[PositionView, ...]
    cross: CrossReport | None
    notices: tuple[Notice, ...]
    cross_steps: tuple[Step, ...] = ()

    @property
    def has(self) -> frozenset[str]:
        """Which of the fields that not every answer has this one has."""
        fees = _fees(self.venue)
        return fees | {"record"} if any(shown.in_record for shown in self.positions) else fees


@dataclass(frozen=True, slots=True)
class ChangeView:
    """The answer of ``add`` and ``remove``."""

    venue: Venue
    tiers: TiersView
    change: MarginChange
    message: str
    notices: tuple[Notice, ...]

    @property
    def has(self) -> frozenset[str]:
        """Which of the fields that not every answer has this one has."""
        return _fees(self.venue)


def _fees(venue: Venue) -> frozenset[str]:
    return frozenset({"fees"} if venue.rules.closing_fee_rate else ())
