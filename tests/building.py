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
from marginctl.venues.trado import Trado
from tests import oracle

Rows = Sequence[tuple[str | int, ...]]
"""(lower bound, max leverage) or (lower bound, max leverage, maintenance rate such as 1/30)."""

BTC: Rows = [("0", "40"), ("150000000", "20")]
ETH: Rows = [("0", "25"), ("100000000", "15")]
DOGE: Rows = [("0", "10"), ("20000000", "5")]
STEEP: Rows = [(0, 20), (1_000, 15), (5_000, 7), (20_000, 3)]
ONE: Rows = [(0, 100)]
OF_TRADO: Rows = [("0", "100", "1/200")]
HYPERLIQUID, TRADO = Hyperliquid(), Trado()


def table(rows: Rows | TierTable, upper: str | int | Decimal | None = None) -> TierTable:
    """Make a tier table."""
    if isinstance(rows, TierTable):
        return rows
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
    tables: Mapping[str, TierTable | Rows] | Rows = ETH,
    rules: Rules = HYPERLIQUID,
    mode: AssetMode = AssetMode.NORMAL,
    *,
    delisted: bool = False,
    upper: str | int | None = None,
    size_decimals: int | None = None,
) -> Venue:
    """Make a venue of tables by asset, or of ETH and SOL where there is only one."""
    by_name = tables if isinstance(tables, Mapping) else dict.fromkeys(("ETH", "SOL"), tables)
    assets = {
        name: Asset(name, table(rows, upper), mode, size_decimals, delisted)
        for name, rows in by_name.items()
    }
    return Venue("somewhere", rules, "USDC", assets)


def position(
    size: str | int | Decimal,
    entry: str | int | Decimal,
    leverage: str | int | Decimal = "10",
    mark: str | int | Decimal | None = None,
    *,
    asset: str = "ETH",
    margin: str | int | Decimal | None = None,
    equity: str | int | Decimal | None = None,
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
    rows: Rows | TierTable = ETH,
    *,
    upper: str | None = None,
    rules: Rules = HYPERLIQUID,
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
    return evaluate(account, venue({position.asset: shared for position in held}))
