"""What is reported of positions and of an account: their finished figures."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.account import Move
from marginctl.core.notices import Notice
from marginctl.core.pool import AccountMode, Pool
from marginctl.core.position import MarginMode, Side
from marginctl.core.records import Record
from marginctl.core.tiers import TierReport


class PositionReport(Record):
    """Everything about one position.

    Amounts and prices are in the quote currency, rates and ratios are fractions. Quotients have
    50 significant digits; the removable and addable amounts are rounded down, the rest half to
    even. None means that there is no such figure; a notice says why.

    ``break_even_price`` is there where a fee rate was given: see `marginctl.core.costs`.
    ``exact_margin`` is the margin where its 50 digits are not all of it, else None: what is
    computed from a report later, such as in a chain of commands, starts from it.
    ``portfolio_liquidation_price`` is that of a cross position in portfolio margin, where its ratio
    reaches the limit: it comes before the liquidation price, which is as the exchange has it.
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
    portfolio_liquidation_price: Decimal | None = None

    @property
    def liquidated_at(self) -> Decimal | None:
        """The price at which it becomes liquidatable, in portfolio margin too."""
        price = self.portfolio_liquidation_price
        return self.liquidation_price if price is None else price


class Exempt(NamedTuple):
    """The part of a pool's sums of which a removal need not leave a part of the notional."""

    notional: Decimal
    initial_margin: Decimal


class CrossReport(Record):
    """Everything about the cross account. Units and rounding as in `PositionReport`.

    ``account_mode``, ``token`` and ``dexes`` are those of its ``pool``; ``portfolio_margin_ratio``
    and the moves to its limit are None outside of portfolio margin. What limits removals is None
    where the venue's rules do not say. ``maintenance_step`` is that to which an exchange cuts each
    position's maintenance before it sums, None where it does not. ``exact`` holds the totals whose
    50 digits are not all of them. What is computed from a report later needs ``held_back``, what
    orders hold and what backs no position, and the ``exempt`` part of the sums.
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
    portfolio_liquidating_move: Move | None
    maintenance_step: Decimal | None
    exact: Mapping[str, Fraction]
    pool: Pool
    held_back: Decimal
    exempt: Exempt


class AccountReport(Record):
    """The reports of an account's positions, of its cross account if any, and the notices."""

    positions: tuple[PositionReport, ...]
    cross: CrossReport | None
    notices: tuple[Notice, ...]
