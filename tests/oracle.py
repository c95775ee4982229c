"""A second calculator, in fractions, to compare the first with.

It is written from the rules alone and knows nothing of the package. Where there is a choice it
goes another way: maintenance is a sum of slices, one a tier, without any deduction; a price is
found by walking from boundary to boundary until the sign of the surplus changes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Number = Fraction | Decimal | int | str
Value = Fraction | int | bool | str | None
Figures = dict[str, Value]

ONE = Fraction(1)
TENTH = Fraction(1, 10)
TWO_THIRDS = Fraction(2, 3)


@dataclass(frozen=True)
class Slice:
    """What a tier keeps of the part of a notional that lies in it."""

    lower: Fraction
    max_leverage: Fraction
    rate: Fraction


@dataclass(frozen=True)
class Table:
    """Slices in order; above ``upper`` nothing is known."""

    slices: tuple[Slice, ...]
    upper: Fraction | None = None

    @classmethod
    def of(cls, rows: Iterable[Sequence[Number | None]], upper: Number | None = None) -> "Table":
        """Make a table of rows (lower bound, max leverage[, maintenance rate])."""
        slices = []
        for row in rows:
            lower, max_leverage = (_fraction(cell) for cell in row[:2])
            stated = row[2] if len(row) > 2 else None
            rate = 1 / (2 * max_leverage) if stated is None else _fraction(stated)
            slices.append(Slice(lower, max_leverage, rate))
        return cls(tuple(slices), None if upper is None else Fraction(upper))

    def maintenance(self, notional: Fraction) -> Fraction:
        """Add up what every slice keeps of its own part of the notional."""
        ends = [*(part.lower for part in self.slices[1:]), None]
        kept = Fraction(0)
        for part, end in zip(self.slices, ends, strict=True):
            top = notional if end is None else min(notional, end)
            kept += max(Fraction(0), top - part.lower) * part.rate
        return kept

    def deduction(self, index: int) -> Fraction:
        """Return what a flat rate would keep too much from the lower bound on."""
        part = self.slices[index]
        return part.lower * part.rate - self.maintenance(part.lower)

    def index_at(self, notional: Fraction) -> int:
        """Count the boundaries that a notional has reached."""
        return sum(part.lower <= notional for part in self.slices) - 1

    def reaches(self, notional: Fraction) -> bool:
        """Whether the table says anything about a notional."""
        return self.upper is None or notional <= self.upper


@dataclass(frozen=True)
class Holding:
    """A position; ``side`` is 1 or -1. At most one of margin and equity is stated."""

    side: int
    size: Fraction
    entry: Fraction
    mark: Fraction
    leverage: Fraction
    margin: Fraction | None = None
    equity: Fraction | None = None

    @property
    def notional(self) -> Fraction:
        return self.size * self.mark

    @property
    def pnl(self) -> Fraction:
        return self.side * self.size * (self.mark - self.entry)

    @property
    def worth(self) -> Fraction:
        """Equity: what is posted and what is won or lost."""
        if self.equity is not None:
            return self.equity
        posted = self.size * self.entry / self.leverage if self.margin is None else self.margin
        return posted + self.pnl

    @property
    def initial(self) -> Fraction:
        return self.notional / self.leverage


def crossing(
    surplus: Callable[[Fraction], Fraction], breakpoints: Iterable[Fraction]
) -> Fraction | None:
    """Return where a line with corners, monotone on x > 0, meets zero; None if it does not."""
    low, at_low = Fraction(0), surplus(Fraction(0))
    for high in sorted(breakpoints):
        at_high = surplus(high)
        if at_low and at_low * at_high <= 0:
            return low + (high - low) * at_low / (at_low - at_high)
        low, at_low = high, at_high
    step = surplus(low + 1) - at_low
    if not step or at_low / step >= 0:
        return None
    return low - at_low / step


def price_where(
    held: Holding, table: Table, worth: Fraction, *, share: Fraction, others: Fraction, fee: Number
) -> Fraction | None:
    """Return the price at which equity is a share of all maintenance, and the fee to close."""

    def surplus(price: Fraction) -> Fraction:
        notional = held.size * price
        equity = worth + held.side * held.size * (price - held.mark)
        return equity - share * (table.maintenance(notional) + others) - Fraction(fee) * notional

    breakpoints = [part.lower / held.size for part in table.slices[1:]]
    return crossing(surplus, breakpoints)


def at_the_mark(held: Holding, table: Table) -> Figures:
    """Return what does not depend on what stands behind the position."""
    return {
        "notional": held.notional,
        "unrealized_pnl": held.pnl,
        "return_on_equity": held.pnl / (held.size * held.entry / held.leverage),
        "tier": table.index_at(held.notional),
        "initial_margin": held.initial,
        "maintenance_margin": table.maintenance(held.notional),
    }


def prices(
    held: Holding,
    table: Table,
    worth: Fraction,
    *,
    others: Fraction = Fraction(0),
    fee: Number = 0,
    backstop: bool = True,
) -> Figures:
    """Return the prices of liquidation, backstop and bankruptcy; None where there is none."""

    def where(share: Fraction, fee: Number) -> Fraction | None:
        found = price_where(held, table, worth, share=share, others=others, fee=fee)
        return found if found is not None and table.reaches(found * held.size) else None

    liquidation = where(ONE, fee)
    bankruptcy = held.mark - held.side * worth / held.size
    tier = distance = None
    if liquidation is not None:
        tier = table.index_at(liquidation * held.size)
        distance = held.side * (held.mark - liquidation) / held.mark
    return {
        "liquidation_price": liquidation,
        "liquidation_distance": distance,
        "liquidation_tier": tier,
        "backstop_price": where(TWO_THIRDS, fee) if backstop else None,
        "bankruptcy_price": bankruptcy if bankruptcy > 0 else None,
    }


def own_margin(held: Holding, table: Table) -> Figures:
    """Return what an isolated position has of its own."""
    worth = held.worth
    return {
        "margin": worth - held.pnl,
        "equity": worth,
        "effective_leverage": held.notional / worth if worth > 0 else None,
        "margin_ratio": table.maintenance(held.notional) / worth if worth > 0 else None,
    }


def hyperliquid_isolated(
    held: Holding, table: Table, *, strict: bool = False, available: Fraction | None = None
) -> Figures:
    """Return the figures of an isolated position on Hyperliquid."""
    needed = max(held.initial, TENTH * held.notional)
    binding = "initial_margin" if held.initial >= TENTH * held.notional else "transfer_ratio"
    return {
        **at_the_mark(held, table),
        **prices(held, table, held.worth),
        **own_margin(held, table),
        "liquidatable": held.worth < table.maintenance(held.notional),
        "transfer_margin_required": needed,
        "max_removable": Fraction(0) if strict else max(Fraction(0), held.worth - needed),
        "max_removable_exclusive": False,
        "max_addable": available,
        "binding_limit": "strict_isolated" if strict else binding,
        "shortfall": max(Fraction(0), needed - held.worth),
    }


def trado_isolated(
    held: Holding, table: Table, *, fee: Fraction, wallet: Fraction | None = None
) -> Figures:
    """Return the figures of a position on Trado."""
    kept = table.maintenance(held.notional)
    closing = fee * held.notional
    at_max_leverage = held.notional / table.slices[0].max_leverage
    down_to_1x = max(Fraction(0), held.notional - held.worth)
    return {
        **at_the_mark(held, table),
        **prices(held, table, held.worth, fee=fee, backstop=False),
        **own_margin(held, table),
        "closing_fee": closing,
        "margin_rate": held.worth / (kept + closing),
        "liquidatable": held.worth / (kept + closing) <= 1,
        "transfer_margin_required": max(kept, at_max_leverage),
        "max_removable": max(Fraction(0), held.worth - max(kept, at_max_leverage)),
        "max_removable_exclusive": True,
        "max_addable": down_to_1x if wallet is None else min(wallet, down_to_1x),
        "binding_limit": "maintenance_margin" if kept > at_max_leverage else "max_leverage",
        "shortfall": max(Fraction(0), max(kept, at_max_leverage) - held.worth),
    }


def binance_isolated(held: Holding, table: Table, *, available: Fraction | None = None) -> Figures:
    """Return the figures of an isolated position on Binance, from its wallet W = equity - PnL."""
    kept, wallet = table.maintenance(held.notional), held.worth - held.pnl
    spare = min(wallet - kept, wallet + held.pnl - held.initial)
    return {
        **at_the_mark(held, table),
        **prices(held, table, held.worth, backstop=False),
        **own_margin(held, table),
        "liquidatable": held.worth < kept,
        "transfer_margin_required": held.worth - spare,
        "max_removable": max(Fraction(0), spare),
        "max_addable": available,
        "binding_limit": "initial_margin" if held.initial >= kept + held.pnl else "profit_stays",
        "shortfall": max(Fraction(0), -spare),
    }


def tiered_isolated(
    held: Holding, table: Table, *, fee: Fraction = Fraction(0), backstop: bool = False
) -> Figures:
    """Return the figures of an isolated position where nothing is known of transfers."""
    closing = fee * held.notional
    return {
        **at_the_mark(held, table),
        **prices(held, table, held.worth, fee=fee, backstop=backstop),
        **own_margin(held, table),
        "closing_fee": closing,
        "liquidatable": held.worth < table.maintenance(held.notional) + closing,
        "transfer_margin_required": None,
        "max_removable": None,
        "max_addable": None,
        "binding_limit": None,
        "addition_limit": None,
        "shortfall": None,
    }


def _fraction(cell: Number | None) -> Fraction:
    assert cell is not None
    return Fraction(cell)
