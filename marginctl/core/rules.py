"""What a venue decides: the interface behind which the differences between venues live."""

from collections.abc import Sequence
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple, Protocol

from marginctl.core.margin import Stake
from marginctl.core.numbers import ZERO
from marginctl.core.position import Asset


class Requirement(NamedTuple):
    """An amount that must stay, in parts, and the name of the rule that asks for it.

    ``frozen`` means that nothing may go, however much more there is.
    """

    name: str
    parts: Decimal
    frozen: bool = False


_PARTS = attrgetter("parts")


def most_demanding(limits: Sequence[Requirement]) -> Requirement:
    """Return the limit that binds: the highest, of equal ones the first."""
    return max(limits, key=_PARTS)


class Addition(NamedTuple):
    """The most margin that may be added, in the quote currency times the stake's unit.

    ``parts`` is None where nothing known limits it.
    """

    parts: Decimal | None
    name: str | None


class Totals(NamedTuple):
    """Sums over the cross positions of an account, in parts of 1/``unit``.

    ``orders`` is what is held back of the account's value: by resting orders, and what backs no
    position. ``unremovable`` may be used but not taken out. ``exempt_notional`` and
    ``exempt_initial`` are the part of the sums that positions make up of which a removal need not
    leave a part of the notional: see `Pool.is_exempt`. ``exempt_notional`` is, as ``notional``, in
    the quote currency.
    """

    unit: int
    notional: Decimal
    initial: Decimal
    maintenance: Decimal
    orders: Decimal = ZERO
    exempt_notional: Decimal = ZERO
    exempt_initial: Decimal = ZERO
    unremovable: Decimal = ZERO


class Partial(NamedTuple):
    """How large positions are liquidated: above a notional a share first, then a cooldown."""

    above: Decimal
    share: Decimal
    cooldown_seconds: int


class Rules(Protocol):
    """How one venue margins positions. Amounts are in parts of the stake's or totals' unit.

    A venue is one module in ``venues`` that offers this, and a line in the registry there.
    """

    @property
    def name(self) -> str:
        """What tier files call these rules."""

    @property
    def amount_step(self) -> Decimal:
        """The steps in which margin moves, in the quote currency."""

    @property
    def whole_leverage(self) -> bool:
        """Whether only whole leverages can be chosen."""

    @property
    def max_leverage(self) -> int:
        """The highest leverage that any asset allows."""

    @property
    def own_rates(self) -> bool:
        """Whether the tiers of the venue have rates of their own, not 1/(2·max_leverage)."""

    @property
    def has_cross(self) -> bool:
        """Whether positions can share the account's margin."""

    @property
    def closing_fee_rate(self) -> Decimal:
        """The fee to close that liquidation counts, as a fraction of size · price."""

    @property
    def counts_closing_fee(self) -> bool:
        """Whether liquidation counts a fee to close at all."""

    @property
    def backstop_share(self) -> tuple[int, int] | None:
        """The share of maintenance below which a backstop takes over, or None."""

    @property
    def partial(self) -> Partial | None:
        """How large positions are liquidated in parts, or None."""

    @property
    def loss_is_limited(self) -> bool:
        """Whether the venue says that a position can lose its own margin and no more."""

    @property
    def removal_formula(self) -> str:
        """How the highest of the limits is computed, in the names of figures."""

    @property
    def removal_is_exclusive(self) -> bool:
        """Whether the most that may be removed is itself just too much."""

    def liquidates(self, equity: Decimal, required: Decimal) -> bool:
        """Whether this equity no longer carries maintenance and closing fee."""

    def limits(self, asset: Asset, stake: Stake) -> Sequence[Requirement]:
        """Return the limits on removing margin from an isolated position, all of them.

        Each is a sum of multiples of notional, initial margin and maintenance margin, so that it
        goes in straight lines with the price. Where two are equal the first binds.
        """

    @property
    def transfer_ratio(self) -> Decimal | None:
        """The part of the notional that stays after every removal, None where there is none."""

    def account_limits(self, totals: Totals) -> Sequence[Requirement]:
        """Return the limits on taking money out of the cross account, as `limits` does."""

    def may_add(self, stake: Stake, equity: Decimal, available: Decimal | None) -> Addition:
        """Return the most that may be added to an isolated position.

        ``available``, in the quote currency, is what the account can give, None when unknown.
        """

    def max_tiers(self, asset: str) -> int | None:
        """Return how many tiers the table of an asset may have, None where nothing limits them."""

    def whole_bounds(self, asset: str) -> bool:
        """Whether the bounds of an asset's tiers are whole."""

    def notes(self) -> list[str]:
        """Return what a trader should know of these rules, such as what they assume."""
