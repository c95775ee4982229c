"""What is to be shown of a what-if and of a solution."""

from dataclasses import dataclass
from decimal import Decimal

from marginctl.core.notices import Notice
from marginctl.core.venue import Venue
from marginctl.core.whatif import WhatIf
from marginctl.core.wishes import Solution
from marginctl.render.view import PositionView, TiersView, fees


@dataclass(frozen=True, slots=True)
class WhatIfView:
    """The answer of ``whatif``; ``lines`` say of each action what it is and how it is judged.

    ``fee_rate`` is the fee of trading, where it was given.
    """

    venue: Venue
    tiers: TiersView
    result: WhatIf
    lines: tuple[str, ...]
    message: str
    notices: tuple[Notice, ...]
    fee_rate: Decimal | None = None

    @property
    def judged(self) -> list[PositionView]:
        """The positions as they would be, of which conditions are checked."""
        result = self.result
        if result.index is not None:
            after = result.position_after
            return [] if after is None else [PositionView(after)]
        return [PositionView(report) for report in result.after.positions]

    @property
    def wallet(self) -> Decimal | None:
        """What is left in the wallet, where there is no cross account to show it."""
        return None if self.venue.rules.has_cross else self.result.cash

    @property
    def has(self) -> frozenset[str]:
        """Which of the fields that not every answer has this one has."""
        return fees(self.venue, self.fee_rate)


@dataclass(frozen=True, slots=True)
class SolutionView:
    """The answer of ``solve``, with its proof in words."""

    venue: Venue
    tiers: TiersView
    solution: Solution
    message: str
    proof: str
    notices: tuple[Notice, ...]

    @property
    def wallet(self) -> Decimal | None:
        """What is left in the wallet, where there is no cross account to show it."""
        return None if self.venue.rules.has_cross else self.solution.cash

    @property
    def has(self) -> frozenset[str]:
        """Which of the fields that not every answer has this one has."""
        return fees(self.venue)
