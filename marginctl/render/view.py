"""What is to be shown: reports, and what is known of where they come from."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from marginctl.core.explanation import Step
from marginctl.core.notices import Notice
from marginctl.core.report import CrossReport, PositionReport
from marginctl.core.scenario import MarginChange
from marginctl.core.stress import Betas
from marginctl.core.venue import Venue


@dataclass(frozen=True, slots=True)
class TiersView:
    """Which tier file was used."""

    path: str
    origin: str
    as_of: str | None
    sha256: str


class PositionView(NamedTuple):
    """A position's report; ``recorded_price`` is the exchange's liquidation price, if it has one.

    ``in_record`` says whether it comes from an exchange's record at all. ``steps`` explain the
    figures, where that was asked for.
    """

    report: PositionReport
    in_record: bool = False
    recorded_price: Decimal | None = None
    steps: tuple[Step, ...] = ()


Record = tuple[PositionView | None, CrossReport | None]
"""A position and the cross account beside it, as far as there are any."""


class AccountView(NamedTuple):
    """One of the accounts of an account file: its cross account, and its positions' names."""

    cross: CrossReport
    positions: tuple[str, ...]
    steps: tuple[Step, ...] = ()


class ReportView(NamedTuple):
    """The answer of ``show``; ``betas`` are those of the common move, where they were given.

    ``accounts`` are those of an account file, the one of ``cross`` among them.
    """

    venue: Venue
    tiers: TiersView
    positions: tuple[PositionView, ...]
    cross: CrossReport | None
    notices: tuple[Notice, ...]
    cross_steps: tuple[Step, ...] = ()
    wallet: Decimal | None = None
    """The cash behind the positions, where it is known and the venue has no cross account."""
    betas: Betas | None = None
    accounts: tuple[AccountView, ...] = ()
    fee_rate: Decimal | None = None
    """The fee of trading, where it was given."""

    @property
    def crosses(self) -> tuple[CrossReport | None, ...]:
        """The cross accounts: those of an account file, else the one there may be."""
        return tuple(account.cross for account in self.accounts) or (self.cross,)

    @property
    def records(self) -> list[Record]:
        """The positions, each with the cross account that it is of."""
        of_position = {name: one.cross for one in self.accounts for name in one.positions}
        return [
            (shown, of_position.get(shown.report.asset, self.cross)) for shown in self.positions
        ]

    @property
    def has(self) -> frozenset[str]:
        """Which of the fields that not every answer has this one has."""
        had = fees(self.venue, self.fee_rate)
        return had | {"record"} if any(shown.in_record for shown in self.positions) else had


@dataclass(frozen=True, slots=True)
class ChangeView:
    """The answer of ``add`` and ``remove``."""

    venue: Venue
    tiers: TiersView
    change: MarginChange
    message: str
    notices: tuple[Notice, ...]
    wallet: Decimal | None = None
    """As in `ReportView`, after the change."""

    @property
    def has(self) -> frozenset[str]:
        """Which of the fields that not every answer has this one has."""
        return fees(self.venue)


@lru_cache(maxsize=16)
def fees(venue: Venue, fee_rate: Decimal | None = None) -> frozenset[str]:
    """Return which fields not every answer has: ``fees`` where the venue counts a closing fee,
    ``fee_rate`` where one was given.
    """
    closing = {"fees"} if venue.rules.closing_fee_rate else set()
    return frozenset(closing | ({"fee_rate"} if fee_rate is not None else set()))
