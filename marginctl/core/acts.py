"""What can be asked of a position: prices, margin, leverage, a trade, funding."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from marginctl.core.numbers import ZERO
from marginctl.core.position import MarginMode


@dataclass(frozen=True, slots=True)
class Reprice:
    """The mark becomes a price, or moves by a fraction of itself; ``everywhere``: all marks."""

    mark: Decimal | None = None
    move: Decimal | None = None
    everywhere: bool = False

    @property
    def turn(self) -> int:
        """Its turn among actions: see `in_order`."""
        return 0 if self.everywhere else 1


@dataclass(frozen=True, slots=True)
class Fund:
    """Margin is added, or removed where the amount is below zero."""

    amount: Decimal

    @property
    def turn(self) -> int:
        """Its turn among actions: see `in_order`."""
        return 2 if self.amount > 0 else 6


@dataclass(frozen=True, slots=True)
class SetLeverage:
    """Another leverage is chosen. The margin of an isolated position does not move with it."""

    leverage: Decimal
    turn: ClassVar[int] = 3


@dataclass(frozen=True, slots=True)
class Trade:
    """So much is bought, or sold where the size is below zero; at the mark without a price."""

    size: Decimal
    price: Decimal | None = None
    fee_rate: Decimal = ZERO
    turn: ClassVar[int] = 4


@dataclass(frozen=True, slots=True)
class PayFunding:
    """The position is held for so many hours at a standing mark, at a funding rate per hour.

    A long pays a rate above zero and receives one below, a short the other way round.
    """

    rate: Decimal
    hours: Decimal
    turn: ClassVar[int] = 5


@dataclass(frozen=True, slots=True)
class Open:
    """A position that is not there yet is opened: bought, or sold where the size is below zero.

    ``mark`` is the asset's mark now, the price of the trade where it is None. The margin of an
    isolated one is size · price / leverage, less the fee.
    """

    asset: str
    size: Decimal
    price: Decimal
    leverage: Decimal
    mode: MarginMode
    mark: Decimal | None = None
    fee_rate: Decimal = ZERO
    turn: ClassVar[int] = 4


Act = Reprice | Fund | SetLeverage | Trade | Open | PayFunding


def in_order(actions: Iterable[Act]) -> list[Act]:
    """Return actions in the order in which they are applied.

    Marks move first; margin is put in, so that it counts for what follows; then the leverage is
    set, the trade is made, funding is paid on what is held then, and at last margin is taken out.
    Of several marks, that of one asset is set after all have moved.
    """
    return sorted(actions, key=lambda action: action.turn)
