"""The pools of an account whose spot state holds the collateral, one for each collateral token.

So it is in a unified account and in portfolio margin. What a dex says of its own account value is a
figure of a sub-ledger then: it is not used.
Formulas: established on recorded responses of July to October 2026.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO, exactly, finite, fraction_of
from marginctl.core.pool import AccountMode, Pool, portfolio_ratio
from marginctl.load.exchange_answer import ExchangeAnswer
from marginctl.load.hyperliquid_account import (
    AVAILABLE,
    COLLATERAL,
    MAIN_DEX,
    TOKEN_STEP,
    TOKENS,
    Balance,
    Metas,
    RecordedState,
    SpotState,
    recorded_account,
)
from marginctl.load.inputs import MAINTENANCE_STEP, AccountInput, CrossTotals
from marginctl.load.other_forms import SPOT
from marginctl.load.problems import Problem, Source

_SAME_MOMENT = 2 * TOKEN_STEP
"""By how much figures of one moment may differ: two floats were rounded to their step."""
_ORDERS_FROM = Decimal("0.00001")
"""What is held beyond the positions' margin, above what rounding alone leaves."""
_RATIO_DIGITS = Decimal("1e-10")
"""The digits to which the exchange prints the portfolio margin ratio."""
MODE_WORDS = {
    AccountMode.STANDARD: "a standard account",
    AccountMode.UNIFIED: "a unified account",
    AccountMode.PORTFOLIO_MARGIN: "portfolio margin",
}


class DexState(NamedTuple):
    """The state of one dex and where it stands in the file."""

    name: str
    state: RecordedState
    source: Source


def token_names(spot: SpotState | None) -> dict[int, str]:
    """Return the names of tokens by their number: those of the spot balances, and the known."""
    balances = () if spot is None else spot.balances.values()
    return {**TOKENS, **{balance.token: balance.coin for balance in balances if balance.coin}}


def read_pools(
    mode: AccountMode,
    states: Sequence[DexState],
    spot: SpotState,
    metas: Metas,
    answer: ExchangeAnswer,
    source: Source,
) -> list[AccountInput]:
    """Return an account for every collateral token whose dexs hold positions, USDC's first."""
    by_token: dict[int, list[DexState]] = {}
    for dex in states:
        token = metas.tokens.get(dex.name, COLLATERAL.get(dex.name))
        if token is not None:
            by_token.setdefault(token, []).append(dex)
        elif dex.state.positions:
            message = f"the collateral token of the dex {dex.name!r} is not known"
            hint = "add its meta, or allPerpMetas; marginctl fetch account prints them"
            answer.problems.append(Problem(message, hint, dex.source.place()))
    held = {
        token: dexes
        for token, dexes in sorted(by_token.items())
        if any(dex.state.positions for dex in dexes)
    }
    if not held:
        first = min(by_token, default=0)
        held = {first: by_token.get(first, [])}
    names = token_names(spot)
    accounts = [
        _PoolReading(mode, token, names.get(token, f"token {token}"), dexes, spot).account(
            answer, source
        )
        for token, dexes in held.items()
    ]
    if len(accounts) == 1 and mode is AccountMode.PORTFOLIO_MARGIN:
        accounts = [_with_ratio_checked(accounts[0], spot)]
    return accounts


class _PoolReading:
    """One pool: the dexs of a collateral token, and the token's row of the spot state."""

    def __init__(
        self,
        mode: AccountMode,
        token: int,
        name: str,
        dexes: Sequence[DexState],
        spot: SpotState,
    ) -> None:
        self._mode = mode
        self._name = name
        self._dexes = dexes
        self._spot = spot
        nothing = Balance(token, name, ZERO, None, None, ZERO, None)
        self._balance = spot.balances.get(token, nothing)
        states = [dex.state for dex in dexes]
        self._isolated = _sum(
            position.equity or ZERO for state in states for position in state.positions
        )
        self._maintenance = _sum(state.maintenance_margin for state in states)
        # the exchange sums what is kept of the notional on the main dex only
        self._required = _sum(
            max(dex.state.initial_margin, dex.state.notional / 10)
            if dex.name == MAIN_DEX
            else dex.state.initial_margin
            for dex in dexes
        )

    @exactly
    def account(self, answer: ExchangeAnswer, source: Source) -> AccountInput:
        """Return the account of the pool."""
        balance = self._balance
        equity = balance.total - self._isolated
        whole_value = equity
        if self._mode is AccountMode.PORTFOLIO_MARGIN:
            if balance.available is None:
                key = next(key for key in SPOT if answer.has(key))
                answer.wrong(
                    f"portfolio margin needs {AVAILABLE} of {self._name}, which is missing",
                    key,
                    hint="give spotClearinghouseState as the exchange answers it",
                )
            whole_value = (balance.available or ZERO) + self._maintenance
        value = whole_value // MAINTENANCE_STEP * MAINTENANCE_STEP
        residue = whole_value - value
        pool = Pool(
            self._mode,
            self._name,
            tuple(dex.name for dex in self._dexes),
            residue,
            other_collateral=value - equity if self._mode is AccountMode.PORTFOLIO_MARGIN else ZERO,
        )
        # the exchange lets total - hold be used: what is missing up to it is held back
        held_back, orders = ZERO, ZERO
        if balance.hold is not None:
            held_back = whole_value - self._required - (balance.total - balance.hold)
            pool, orders = self._with_holds(pool, held_back, balance.hold)
        exempt = [dex.state for dex in self._dexes if dex.name != MAIN_DEX]
        states = [dex.state for dex in self._dexes]
        positions = [position for state in states for position in state.positions]
        totals = CrossTotals(
            value,
            _sum(state.notional for state in states),
            fraction_of(_sum(state.initial_margin for state in states)),
            fraction_of(self._maintenance),
            MAINTENANCE_STEP,
            order_margin=held_back,
            exempt_notional=_sum(state.notional for state in exempt),
            exempt_initial=fraction_of(_sum(state.initial_margin for state in exempt)),
        )
        account = recorded_account(positions, source, totals, pool)
        return account.recording(notices=tuple(self._notices(equity, orders)))

    def _with_holds(self, pool: Pool, held_back: Decimal, hold: Decimal) -> tuple[Pool, Decimal]:
        """Return the pool with what backs no position, and what resting orders hold."""
        balance = self._balance
        if not pool.borrows:
            orders = held_back if held_back > _ORDERS_FROM else ZERO
            return pool._replace(unusable=held_back - orders), orders
        spot_hold = hold if balance.spot_hold is None else balance.spot_hold
        # the exchange caps this hold at the balance: what orders hold is then not to be seen
        orders = spot_hold - self._required - self._isolated
        if spot_hold >= balance.total or orders <= _ORDERS_FROM:
            orders = ZERO
        unusable = held_back - orders
        unremovable = spot_hold - hold
        if spot_hold >= balance.total:
            unremovable = max(unremovable, pool.other_collateral + pool.residue - unusable)
        return pool._replace(unusable=unusable, unremovable=max(ZERO, unremovable)), orders

    def _notices(self, equity: Decimal, orders: Decimal) -> list[Notice]:
        """Return what is to be known of the pool; of torn answers not what orders seem to hold."""
        differing = self._difference_notices(equity)
        return [*differing, *self._lasting_notices(ZERO if differing else orders)]

    def _difference_notices(self, equity: Decimal) -> list[Notice]:
        """Compare what is available after maintenance with the exchange's own figure."""
        available = self._balance.available
        if self._mode is not AccountMode.UNIFIED or (available is None and equity >= 0):
            return []
        if available is None:
            message = (
                f"the isolated positions have {-equity:,.6f} {self._name} more margin than the "
                "balance it is taken from: the answers are from different moments"
            )
            return [Notice("answers_differ", None, message)]
        ours = equity - self._maintenance
        difference = available - ours
        if abs(difference) <= _SAME_MOMENT:
            return []
        direction = "more" if difference > 0 else "less"
        message = (
            f"the exchange has {available:,.6f} {self._name} available after maintenance, "
            f"{abs(difference):,.6f} {direction} than these answers give: the state of a dex is "
            "missing, or the answers are from different moments; the figures are off by that amount"
        )
        return [Notice("answers_differ", None, message)]

    def _lasting_notices(self, orders: Decimal) -> list[Notice]:
        notices = []
        if orders:
            message = (
                f"resting orders hold {orders:,.2f} {self._name} of the pool, which is neither "
                "removable nor available"
            )
            notices.append(Notice("resting_orders", None, message))
        if self._mode is AccountMode.PORTFOLIO_MARGIN:
            notices += _portfolio_notices(self._spot, self._name)
        return notices


def _portfolio_notices(spot: SpotState, token: str) -> list[Notice]:
    """Return what is not modelled of portfolio margin, and what the account owes."""
    message = (
        "portfolio margin is liquidated at a portfolio margin ratio of 95%, before the exchange's "
        "own liquidation prices shown here, at which the account value is the maintenance margin; "
        "its caps and its order of liquidation are not modelled"
    )
    notices = [Notice("portfolio_margin", None, message)]
    others = [
        balance.coin
        for balance in spot.balances.values()
        if balance.coin not in {"", token} and balance.total > 0
    ]
    if others:
        message = (
            f"{', '.join(others)} as collateral is valued at today's prices, even when the price "
            "of a position in it moves"
        )
        notices.append(Notice("collateral_at_todays_prices", None, message))
    notices += [
        Notice(
            "debt", None, f"the account owes {balance.borrowed:,.2f} {balance.coin} it has borrowed"
        )
        for balance in spot.balances.values()
        if balance.borrowed > 0
    ]
    return notices


@exactly
def _with_ratio_checked(account_input: AccountInput, spot: SpotState) -> AccountInput:
    """Compare the portfolio margin ratio with the exchange's own."""
    theirs, recorded = spot.portfolio_ratio, account_input.recorded
    totals = recorded.totals
    if theirs is None or totals is None:
        return account_input
    maintenance = finite(totals.maintenance_margin)
    ours = portfolio_ratio(recorded.pool, totals.account_value, maintenance)
    if ours is not None and abs(ours - theirs) <= _RATIO_DIGITS:
        return account_input
    shown = "none" if ours is None else f"{ours.scaleb(2):.6f}%"
    message = (
        f"the exchange has a portfolio margin ratio of {theirs.scaleb(2):.6f}%, these answers "
        f"give {shown}: the state of a dex is missing, or the answers are from different moments"
    )
    return account_input.recording(
        notices=(Notice("answers_differ", None, message), *recorded.notices)
    )


@exactly
def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
