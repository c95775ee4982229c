"""A position: what is held, at which prices, with which leverage and margin."""

from decimal import Decimal
from enum import IntEnum, StrEnum

from marginctl.core.numbers import ZERO, exact_number, exactly
from marginctl.core.records import ReadableEnum, Record
from marginctl.core.tiers import TierTable


class Side(IntEnum, metaclass=ReadableEnum):
    """The direction of a position, as the sign that its price moves carry."""

    LONG = 1
    SHORT = -1

    @property
    def word(self) -> str:
        """``long`` or ``short``."""
        return "long" if self is Side.LONG else "short"


class MarginMode(StrEnum, metaclass=ReadableEnum):
    """Whether a position stands on margin of its own or on the account's."""

    ISOLATED = "isolated"
    CROSS = "cross"


class AssetMode(StrEnum):
    """What the venue allows for an asset: cross or not, margin removable or not."""

    NORMAL = "normal"
    NO_CROSS = "no_cross"
    STRICT = "strict"


class Asset(Record):
    """One asset of a venue and the terms it is traded on."""

    name: str
    table: TierTable
    mode: AssetMode = AssetMode.NORMAL
    size_decimals: int | None = None
    delisted: bool = False

    @property
    def max_leverage(self) -> Decimal:
        """The highest leverage of any notional: the first tier's."""
        return self.table.tiers[0].max_leverage


_ISOLATED = MarginMode.ISOLATED
_EXACT_TYPES = frozenset({Decimal, type(None)})
_NEEDED = ("size", "entry_price", "leverage")
_OPTIONAL = ("mark_price", "margin", "equity", "notional", "cost")


class Position(Record):
    """A position, and where its figures are exact.

    ``notional`` is size · mark price and ``cost`` is size · entry price, in the quote currency.
    They are what everything is computed from; the two prices are for showing. An exchange record
    gives the notional exactly and the mark only as notional / size, which may not terminate.

    ``margin`` is the collateral posted to an isolated position, unrealized PnL excluded; None
    means the initial one, cost / leverage. ``added`` is margin moved in (or out, negative) since.
    Both mean nothing for a cross position. ``margin`` is in parts of 1/``margin_unit``: what a
    trade leaves of a margin, such as two thirds of 400, may have no finite decimal form.
    """

    asset: str
    side: Side
    size: Decimal
    entry_price: Decimal
    mark_price: Decimal
    leverage: Decimal
    notional: Decimal
    cost: Decimal
    margin_mode: MarginMode = MarginMode.ISOLATED
    margin: Decimal | None = None
    added: Decimal = ZERO
    margin_unit: int = 1

    @classmethod
    @exactly
    def at_prices(
        cls,
        asset: str,
        side: Side,
        size: Decimal,
        entry_price: Decimal,
        leverage: Decimal,
        *,
        mark_price: Decimal | None = None,
        margin_mode: MarginMode = MarginMode.ISOLATED,
        margin: Decimal | None = None,
        equity: Decimal | None = None,
        notional: Decimal | None = None,
        cost: Decimal | None = None,
    ) -> "Position":
        """Make a position from its prices.

        The mark price is the entry price unless given. At most one of ``margin`` (posted, PnL
        excluded) and ``equity`` (PnL included) is given: margin = equity - unrealized PnL.
        ``notional`` and ``cost`` are given where they are known better than by the prices.
        Amounts are decimals, and ints will do; `marginctl.new_position` reads texts, too.

        Raises:
            TypeError: a side, a mode or an amount is something else: a float, a boolean, a text.
        """
        given = (size, entry_price, leverage, mark_price, margin, equity, notional, cost)
        if not _EXACT_TYPES.issuperset(map(type, given)):
            size, entry_price, leverage = (
                exact_number(value, name) for name, value in zip(_NEEDED, given, strict=False)
            )
            mark_price, margin, equity, notional, cost = (
                None if value is None else exact_number(value, name)
                for name, value in zip(_OPTIONAL, given[len(_NEEDED) :], strict=True)
            )
        _check_words(side, margin_mode)
        mark = entry_price if mark_price is None else mark_price
        return position_at(
            asset,
            side,
            size,
            entry_price,
            mark,
            leverage,
            notional,
            cost,
            margin_mode,
            margin,
            equity,
        )

    @property
    def isolated(self) -> bool:
        """Whether the position stands on margin of its own."""
        return self.margin_mode is _ISOLATED

    def check_kinds(self) -> None:
        """Refuse what would be computed with silently and wrongly: a text as a side or a mode, a
        size below zero.

        Raises:
            TypeError: a side, a mode or an amount is something else.
            ValueError: a size, a price or the leverage is not above zero.
        """
        _check_words(self.side, self.margin_mode)
        _, _, size, entry, mark, leverage, notional, cost, _, margin, added, _ = self
        amounts = (size, entry, mark, leverage, notional, cost, margin, added)
        if not _EXACT_TYPES.issuperset(map(type, amounts)):
            for name, value in zip(_AMOUNTS, amounts, strict=True):
                if value is not None or name != "margin":
                    exact_number(value, f"{name} of {self.asset}")
        if not (size > 0 and entry > 0 and mark > 0 and leverage > 0):
            name, value = next(
                (name, value)
                for name, value in zip(_AMOUNTS, amounts, strict=True)
                if value is not None and value <= 0
            )
            raise ValueError(f"{name} of {self.asset} must be above zero, not {value}")


def position_at(
    asset: str,
    side: Side,
    size: Decimal,
    entry_price: Decimal,
    mark_price: Decimal,
    leverage: Decimal,
    notional: Decimal | None,
    cost: Decimal | None,
    margin_mode: MarginMode,
    margin: Decimal | None,
    equity: Decimal | None,
) -> Position:
    """Return what `Position.at_prices` does of values that are known to be of the right kinds.

    It belongs inside an `exactly`.
    """
    if notional is None:
        notional = size * mark_price
    if cost is None:
        cost = size * entry_price
    if equity is not None:
        margin = equity - side * (notional - cost)
    return Position(
        asset, side, size, entry_price, mark_price, leverage, notional, cost, margin_mode, margin
    )


_AMOUNTS = ("size", "entry_price", "mark_price", "leverage", "notional", "cost", "margin", "added")


def _check_words(side: object, margin_mode: object) -> None:
    """Refuse what is no side or no mode: no comparison would find it equal to one."""
    if type(side) is not Side:
        raise TypeError(f"side: expected a Side, not {side!r}")
    if type(margin_mode) is not MarginMode:
        raise TypeError(f"margin_mode: expected a MarginMode, not {margin_mode!r}")
