"""What numbers that are asked about must be to make sense, for flags and for arguments alike."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from marginctl.core.account import Account
from marginctl.core.numbers import ZERO
from marginctl.core.rules import Venue
from marginctl.load.arguments import Number, read_argument
from marginctl.load.inputs import check_leverage, unknown_asset
from marginctl.load.numbers import (
    ONE,
    RATE_BARE_BELOW,
    read_decimal,
    read_fraction,
    read_own_decimal,
)
from marginctl.load.problems import Place, Problem


class Bound(NamedTuple):
    """What a number must be to make sense, and what is said of one that is not."""

    holds: Callable[[Decimal], bool]
    message: str


ABOVE_ZERO = Bound(lambda value: value > 0, "it must be above zero, not {}")
MOVE = Bound(lambda value: value > -1, "a move of {} leaves no price above zero")
TRADE_SIZE = Bound(bool, "a trade of {} changes nothing")
AMOUNT = Bound(bool, "an amount of {} moves nothing")
NOT_BELOW_ZERO = Bound(lambda value: value >= 0, "an amount must not be below zero, as {} is")
FEE_RATE = Bound(lambda value: 0 <= value < 1, "a fee rate must be at least 0 and below 1, not {}")
FUNDING_RATE = Bound(bool, "at a rate of {} no funding is paid")


class Reader:
    """Reads the numbers of one change, or of one call."""

    def __init__(self, where: str, problems: list[Problem]) -> None:
        self.where = where
        self.problems = problems

    def number(self, name: str, value: Number | None, bound: Bound | None = None) -> Decimal | None:
        """Return a number; None without one, or where it makes no sense."""
        read = read_own_decimal if isinstance(value, Decimal) else read_decimal
        return self._bounded(
            name, value, read_argument(f"{self.where}{name}", value, self.problems, read), bound
        )

    def needed(self, name: str, value: Number | None, bound: Bound | None = None) -> Decimal:
        """Return a number that must be there; zero where it makes no sense."""
        is_there(f"{self.where}{name}", value)
        return self.number(name, value, bound) or ZERO

    def rate(self, name: str, value: Number | None, bound: Bound) -> Decimal:
        """Return a rate that must be there; zero where it makes no sense."""
        is_there(f"{self.where}{name}", value)
        return self.fraction(name, value, bound, RATE_BARE_BELOW) or ZERO

    def fraction(
        self,
        name: str,
        value: Number | None,
        bound: Bound | None = None,
        bare_below: Decimal = ONE,
    ) -> Decimal | None:
        """Return a fraction; a text may be a percentage, and must be where it looks like one."""
        if not isinstance(value, str):
            return self.number(name, value, bound)
        number = read_argument(
            f"{self.where}{name}",
            value,
            self.problems,
            lambda text: read_fraction(text, bare_below=bare_below),
        )
        return self._bounded(name, value, number, bound)

    def leverage(self, value: Number, venue: Venue) -> Decimal:
        """Return a leverage, one where it makes no sense."""

        def wrong(_: str, message: str, hint: str | None = None) -> None:
            place = Place(path=f"{self.where}leverage")
            self.problems.append(Problem(message, hint, place))

        before = len(self.problems)
        leverage = self.needed("leverage", value)
        if len(self.problems) == before:
            check_leverage(leverage, venue, wrong)
        return leverage or ONE

    def _bounded(
        self, name: str, value: Number | None, number: Decimal | None, bound: Bound | None
    ) -> Decimal | None:
        if number is None or bound is None or bound.holds(number):
            return number
        shown = value if isinstance(value, str) else f"{number:f}"
        place = Place(path=f"{self.where}{name}")
        self.problems.append(Problem(bound.message.format(shown), None, place))
        return None


def is_there(name: str, value: Number | None) -> None:
    """Refuse an argument that is None, where a number is needed."""
    if value is None:
        raise TypeError(f"{name}: expected a Decimal, an int or a string, not NoneType")


def not_of(account: Account, venue: Venue) -> list[Problem]:
    """Find positions in assets that the venue does not have."""
    names = dict.fromkeys(position.asset for position in account.positions)
    place = Place(path="account")
    return [unknown_asset(venue, name, place) for name in names if name not in venue.assets]
