"""Short ways to tables, positions and accounts, for both calculators at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from marginctl.core.account import Account
from marginctl.core.evaluation import evaluate
from marginctl.core.position import Asset, AssetMode, MarginMode, Position, Side
from marginctl.core.report import AccountReport, PositionReport
from marginctl.core.rules import Rules, Venue
from marginctl.core.tiers import TierSpec, TierTable
from marginctl.venues.hyperliquid import Hyperliquid
from tests import oracle

Rows = Sequence[tuple[str, ...]]
"""(lower bound, max leverage) or (lower bound, max leverage, maintenance rate such as 1/30)."""

BTC: Rows = [("0", "40"), ("150000000", "20")]
ETH: Rows = [("0", "25"), ("100000000", "15")]
DOGE: Rows = [("0", "10"), ("20000000", "5")]
TRADO: Rows = [("0", "100", "1/200")]


def table(rows: Rows, upper: str | None = None) -> TierTable:
    """Make a tier table."""
    specs = [
        TierSpec(Decimal(row[0]), Decimal(row[1]), Fraction(row[2]) if len(row) > 2 else None)
        for row in rows
    ]
    return TierTable.build(specs, None if upper is None else Decimal(upper))


@dataclass(frozen=True)
class Market:
    """One asset's tiers, for both calculators."""

    name: str
    core: TierTable
    oracle: oracle.Table

    @classmethod
    def of(cls, name: str, rows: Rows, upper: str | None = None) -> "Market":
        return cls(name, table(rows, upper), oracle.Table.of(rows, upper))

    @property
    def bounds(self) -> list[Decimal]:
        """The boundaries between tiers."""
        return [tier.lower_bound for tier in self.core.tiers[1:]]


def venue(
    tables: Mapping[str, TierTable],
    rules: Rules | None = None,
    mode: AssetMode = AssetMode.NORMAL,
    *,
    delisted: bool = False,
) -> Venue:
    """Make a venue of tables by asset; Hyperliquid's rules unless others are given."""
    assets = {name: Asset(name, tiers, mode, None, delisted) for name, tiers in tables.items()}
    return Venue("somewhere", Hyperliquid() if rules is None else rules, "USDC", assets)


def position(
    size: str,
    entry: str,
    leverage: str,
    mark: str | None = None,
    *,
    asset: str = "ETH",
    margin: str | None = None,
    equity: str | None = None,
    cross: bool = False,
) -> Position:
    """Make a position; a negative size is a short one."""
    signed = Decimal(size)
    return Position.at_prices(
        asset,
        Side.SHORT if signed < 0 else Side.LONG,
        signed.copy_abs(),  # abs() would round
        Decimal(entry),
        Decimal(leverage),
        mark_price=None if mark is None else Decimal(mark),
        margin_mode=MarginMode.CROSS if cross else MarginMode.ISOLATED,
        margin=None if margin is None else Decimal(margin),
        equity=None if equity is None else Decimal(equity),
    )


def holding(held: Position, *, equity: Decimal | None = None) -> oracle.Holding:
    """Return a position that was made from its prices as the oracle knows it."""
    return oracle.Holding(
        int(held.side),
        Fraction(held.size),
        Fraction(held.entry_price),
        Fraction(held.mark_price),
        Fraction(held.leverage),
        None if held.margin is None or equity is not None else Fraction(held.margin),
        None if equity is None else Fraction(equity),
    )


def report(
    held: Position,
    rows: Rows = ETH,
    *,
    upper: str | None = None,
    rules: Rules | None = None,
    mode: AssetMode = AssetMode.NORMAL,
    cash: str | None = None,
) -> PositionReport:
    """Return the figures of one position on a table of its own."""
    somewhere = venue({held.asset: table(rows, upper)}, rules, mode)
    account = Account((held,), None if cash is None else Decimal(cash))
    return evaluate(account, somewhere).positions[0]


def account_report(cash: str, *held: Position, rows: Rows = ETH) -> AccountReport:
    """Return the figures of an account whose assets all have one table."""
    shared = table(rows)
    account = Account(held, Decimal(cash))
    return evaluate(account, venue({each.asset: shared for each in held}))
