"""What a position can be asked to be: the targets that `solve` inverts."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from marginctl.core.numbers import ZERO
from marginctl.core.position import Position
from marginctl.core.records import ReadableEnum, Record
from marginctl.core.report import AccountReport, PositionReport


class Target(StrEnum, metaclass=ReadableEnum):
    """The figure that is asked for. The value is its name in answers.

    The largest size is named for what it is asked of: the margin.
    """

    LIQUIDATION_PRICE = "liquidation_price"
    DISTANCE = "liquidation_distance"
    EFFECTIVE_LEVERAGE = "effective_leverage"
    REMOVABLE = "max_removable"
    MAX_SIZE = "margin"
    STOP = "stop"
    RISK = "risk"
    FUNDING_RATE = "funding_rate"


class Variable(StrEnum):
    """What is changed to get there."""

    MARGIN = "margin_change"
    MARK = "mark_price"
    SIZE = "size"
    HOURS = "hours"


class Obstacle(StrEnum):
    """Why a target cannot be had, or why it needs nothing."""

    REMOVAL_LIMIT = "removal_limit"
    ADDITION_LIMIT = "addition_limit"
    BEYOND_MARK = "beyond_mark"
    BELOW_ZERO = "below_zero"
    BEYOND_TIERS = "beyond_tiers"
    TIER_LEVERAGE = "tier_leverage"
    STRICT = "strict_isolated"
    NEVER = "never"
    ALWAYS = "always"
    NOTHING_TO_USE = "nothing_to_use"
    BELOW_A_LOT = "below_a_lot"
    RECEIVES = "receives"


class Goal(Record):
    """A target and its value: a price, a fraction, a multiple, or an amount of quote currency.

    The largest size has no value: it is asked of the margin that is there. A risk, the loss that
    is accepted, is taken at a ``stop`` price, with a ``fee_rate`` at the entry and at the stop.
    """

    target: Target
    value: Decimal | None = None
    stop: Decimal | None = None
    fee_rate: Decimal = ZERO


class Solution(Record):
    """The exact answer to a target, and the account with it.

    What was asked: the ``goal``, of the ``position`` at the place ``index`` in the account;
    ``wanted`` is its value. When ``opening`` the position is not held yet, and not in ``before``.

    The answer:

    - ``answer`` is exact, in the unit of ``means``; None where there is none
    - ``rounded`` is the answer in the steps of the venue, to the side that keeps the target: margin
      up, a size down, a price to where more is removable; the venue takes it as it stands
    - ``exclusive``: the answer itself is just not enough, or, for a size, just too much
    - ``after`` is the account with it, ``cash`` its cash, None when unknown, and ``reached`` the
      target's figure in it: the proof, to be compared with ``wanted``, or with ``nearest``
    - ``limit`` names the rule that binds; ``limit_known`` False: the venue's rules do not say how
      much may move

    Where there is no such answer:

    - ``answer`` None and ``possible``: every value will do, for the reason ``why``
    - ``possible`` False: ``why`` names the reason, and ``nearest`` is the nearest value that the
      target can have, with ``answer`` and ``after`` those of it

    Of a mark, ``downward`` says that lower ones give the target too, else higher ones do, up to
    ``until`` where that is not None. Of a size from risk and stop, ``margin_for_stop`` is the least
    margin to add so that the stop comes before liquidation, zero where it does; None where the tier
    table ends before the stop. Of hours, ``payment`` is the funding per hour, below zero what the
    position receives.
    """

    goal: Goal
    means: Variable
    index: int  # type: ignore[assignment] # and not what a tuple has by that name
    position: Position
    answer: Fraction | None
    rounded: Decimal | None
    possible: bool
    before: AccountReport
    after: AccountReport | None
    wanted: Decimal | None = None
    exclusive: bool = False
    why: Obstacle | None = None
    nearest: Decimal | None = None
    limit: str | None = None
    reached: Decimal | None = None
    opening: bool = False
    limit_known: bool = True
    downward: bool = False
    until: Fraction | None = None
    cash: Decimal | None = None
    margin_for_stop: Decimal | None = None
    payment: Decimal | None = None

    @property
    def position_before(self) -> PositionReport | None:
        """The position as it was, None when it is only to be opened."""
        return None if self.opening else self.before.positions[self.index]

    @property
    def position_after(self) -> PositionReport | None:
        """The position with the answer."""
        return None if self.after is None else self.after.positions[self.index]
