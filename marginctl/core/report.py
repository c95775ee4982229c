"""The finished figures of a position and of an account."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from marginctl.core.account import Move
from marginctl.core.notices import Notice
from marginctl.core.numbers import decimal_of
from marginctl.core.pool import AccountMode, Pool
from marginctl.core.position import MarginMode, Side
from marginctl.core.tiers import Tier


@dataclass(frozen=True, slots=True, eq=False)
class TierReport:
    """A tier with its rate and deduction as decimals of 50 digits. Compared by identity."""

    index: int
    lower_bound: Decimal
    upper_bound: Decimal | None
    max_leverage: Decimal
    maintenance_margin_rate: Decimal
    maintenance_deduction: Decimal


class PositionReport(NamedTuple):
    """Everything about one position.

    Amounts and prices are in the quote currency, rates and ratios are fractions. Quotients have
    50 significant digits; the removable and addable amounts are rounded down, the rest half to
    even. None means that there is no such figure; a notice says why.

    ``break_even_price`` is there where a fee rate was given: see `marginctl.core.costs`.
    ``exact_margin`` is the margin where its 50 digits are not all of it, else None: what is
    computed from a report later, such as in a chain of commands, starts from it.
    """

    asset: str
    side: Side
    size: Decimal
    entry_price: Decimal
    mark_price: Decimal
    leverage: Decimal
    margin_mode: MarginMode
    notional: Decimal
    unrealized_pnl: Decimal
    return_on_equity: Decimal
    margin: Decimal | None
    equity: Decimal | None
    effective_leverage: Decimal | None
    margin_ratio: Decimal | None
    tier: TierReport
    initial_margin: Decimal
    maintenance_margin: Decimal
    closing_fee: Decimal
    margin_rate: Decimal | None
    liquidatable: bool
    liquidation_price: Decimal | None
    liquidation_distance: Decimal | None
    liquidation_tier: TierReport | None
    backstop_price: Decimal | None
    bankruptcy_price: Decimal | None
    transfer_margin_required: Decimal | None
    max_removable: Decimal | None
    max_removable_exclusive: bool
    max_addable: Decimal | None
    binding_limit: str | None
    addition_limit: str | None
    shortfall: Decimal | None
    exact_margin: Fraction | None = None
    break_even_price: Decimal | None = None


class Exempt(NamedTuple):
    """The part of a pool's sums of which a removal need not leave a part of the notional."""

    notional: Decimal
    initial_margin: Decimal


@dataclass(frozen=True, slots=True)
class CrossReport:
    """Everything about the cross account. Units and rounding as in `PositionReport`.

    ``account_mode``, ``token`` and ``dexes`` are those of its ``pool``; ``portfolio_margin_ratio``
    is None outside of portfolio margin. What limits removals is None where the venue's rules do
    not say. ``maintenance_step`` is that to which an exchange cuts each position's maintenance
    before it sums, None where it does not. ``exact`` holds the totals whose 50 digits are not all
    of them. What is computed from a report later needs ``held_back``, what orders hold and what
    backs no position, and the ``exempt`` part of the sums.
    """

    account_mode: AccountMode
    token: str | None
    dexes: tuple[str, ...]
    account_value: Decimal
    notional: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    closing_fee: Decimal
    margin_ratio: Decimal | None
    portfolio_margin_ratio: Decimal | None
    liquidatable: bool
    available: Decimal
    order_margin: Decimal
    transfer_margin_required: Decimal | None
    max_removable: Decimal | None
    binding_limit: str | None
    shortfall: Decimal | None
    liquidating_move: Move | None
    maintenance_step: Decimal | None
    exact: Mapping[str, Fraction]
    pool: Pool
    held_back: Decimal
    exempt: Exempt


class AccountReport(NamedTuple):
    """The reports of an account's positions, of its cross account if any, and the notices."""

    positions: tuple[PositionReport, ...]
    cross: CrossReport | None
    notices: tuple[Notice, ...]


@lru_cache(maxsize=4096)
def tier_report(tier: Tier) -> TierReport:
    """Return a tier with its fractions as decimals of 50 digits."""
    return TierReport(
        tier.index,
        tier.lower_bound,
        tier.upper_bound,
        tier.max_leverage,
        decimal_of(tier.maintenance_margin_rate),
        decimal_of(tier.maintenance_deduction),
    )
