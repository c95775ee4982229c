"""What a venue decides, and a venue: its rules and the assets traded under them.

The interface behind which the differences between venues live.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from marginctl.core.figures import MarginFigures
from marginctl.core.numbers import ZERO
from marginctl.core.position import Asset, AssetMode
from marginctl.core.records import Record


class Requirement(NamedTuple):
    """An amount that must stay, in parts, and the name of the rule that asks for it.

    ``frozen`` means that nothing may go, however much more there is.
    """

    name: str
    parts: Decimal
    frozen: bool = False


def most_demanding(limits: Sequence[Requirement]) -> Requirement | None:
    """Return the limit that binds: the highest, of equal ones the first; None without limits."""
    binding = None
    for limit in limits:
        if binding is None or limit.parts > binding.parts:
            binding = limit
    return binding


class Addition(NamedTuple):
    """The most margin that may be added, in the quote currency times the figures' unit.

    ``parts`` is None where nothing known limits it.
    """

    parts: Decimal | None
    name: str | None


UNLIMITED = Addition(None, None)
"""Nothing known limits an addition."""


class Totals(NamedTuple):
    """Sums over the cross positions of an account.

    ``notional``, ``exempt_notional`` and ``pnl``, the unrealized PnL, are in the quote currency,
    the others in parts of 1/``unit``. ``orders`` is what is held back of the account's value: by
    resting orders, and what backs no position. ``unremovable`` may be used but not taken out.
    ``exempt_notional`` and ``exempt_initial`` are the part of the sums that positions make up of
    which a removal need not leave a part of the notional: see `Pool.is_exempt`.
    """

    unit: int
    notional: Decimal
    initial: Decimal
    maintenance: Decimal
    orders: Decimal = ZERO
    exempt_notional: Decimal = ZERO
    exempt_initial: Decimal = ZERO
    unremovable: Decimal = ZERO
    pnl: Decimal = ZERO

    def plus(self, figures: MarginFigures, *, exempt: bool) -> "Totals":
        """Return the sums over one position more; it belongs inside an `exactly`."""
        return Totals(
            self.unit,
            self.notional + figures.notional,
            self.initial + figures.initial,
            self.maintenance + figures.maintenance,
            self.orders,
            self.exempt_notional + (figures.notional if exempt else ZERO),
            self.exempt_initial + (figures.initial if exempt else ZERO),
            self.unremovable,
            self.pnl + figures.pnl,
        )


class Partial(NamedTuple):
    """How large positions are liquidated: above a notional a share first, then a cooldown."""

    above: Decimal
    share: Decimal
    cooldown_seconds: int


class Rules:
    """How one venue margins positions. Amounts are in parts of the unit of figures or totals.

    The defaults say that nothing is known beyond the tiers: a position is liquidated where equity
    falls below maintenance, and what may be moved in or out, a backstop, liquidation in parts and
    limits on losses are unknown. A venue is one module in ``venues`` that overrides what its
    documentation says, and a name in the registry there.
    """

    closing_fee_rate: Decimal = ZERO
    """The fee to close that liquidation counts, as a fraction of size · price."""
    name: str = ""
    """What tier files call these rules."""
    usual_quote: str = "USDT"
    """The currency in which most of its markets are quoted, for a tier file to begin with."""
    amount_step: Decimal = Decimal("0.000001")
    """The steps in which margin moves, in the quote currency."""
    whole_leverage: bool = False
    """Whether only whole leverages can be chosen."""
    max_leverage: int | None = None
    """The highest leverage that any asset allows, None where it is not known."""
    own_rates: bool = True
    """Whether tiers usually state their rate, where it is not 1/(2·max_leverage).

    It decides what ``tiers init`` shows and what `checks` finds odd; a stated rate always counts.
    """
    equal_leverages: bool = True
    """Whether neighbouring tiers may allow the same leverage, at different rates."""
    has_cross: bool = True
    """Whether positions can share the account's margin."""
    counts_closing_fee: bool = False
    """Whether liquidation counts a fee to close at all."""
    limits_transfers: bool = False
    """Whether it is known how much margin may be removed, and added."""
    backstop_share: tuple[int, int] | None = None
    """The share of maintenance below which a backstop takes over, None where none is known."""
    backstop_taker: str = ""
    """Who takes over at the backstop, in words."""
    backstop_end: str = ""
    """What becomes of ``{what}`` at the backstop, in words."""
    partial: Partial | None = None
    """How large positions are liquidated in parts, None where nothing is known of it."""
    loss_is_limited: bool = False
    """Whether the venue says that a position can lose its own margin and no more."""
    removal_is_exclusive: bool = False
    """Whether the most that may be removed is itself just too much."""
    removal_formula: str = ""
    """How the highest of the limits is computed, in the names of figures."""
    transfer_ratio: Decimal | None = None
    """The part of the notional that stays after every removal, None where there is none."""

    collateral_elsewhere: str = "the account uses collateral that is not in this file"
    """Where an account whose recorded prices are too good likely has more, in words."""

    def __init__(self, closing_fee_rate: Decimal | None = None) -> None:
        """Take the one setting of a tier file; without it the rules' own fee counts."""
        if closing_fee_rate is not None:
            self.closing_fee_rate = closing_fee_rate

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), self.closing_fee_rate))

    def liquidates(self, equity: Decimal, required: Decimal) -> bool:
        """Whether this equity no longer carries maintenance and closing fee: it is below them."""
        return equity < required

    def limits(self, asset: Asset, margin_figures: MarginFigures) -> Sequence[Requirement]:
        """Return the limits on removing margin from an isolated position; none: unknown.

        Each is a sum of multiples of notional, initial margin, maintenance margin and unrealized
        PnL, so that it goes in straight lines with the price. Where two are equal the first binds.
        Of an asset that its tier file calls strict isolated nothing may go, under any rules.
        """
        if asset.mode is AssetMode.STRICT:
            return [Requirement("strict_isolated", margin_figures.maintenance, frozen=True)]
        return []

    def account_limits(self, totals: Totals) -> Sequence[Requirement]:  # noqa: ARG002
        """Return the limits on taking money out of the cross account, as `limits` does."""
        return []

    def may_add(
        self,
        margin_figures: MarginFigures,  # noqa: ARG002 - for venues whose limit depends on it
        equity: Decimal,  # noqa: ARG002
        available: Decimal | None,  # noqa: ARG002
    ) -> Addition:
        """Return the most that may be added to an isolated position.

        ``available``, in the quote currency, is what the account can give, None when unknown.
        """
        return UNLIMITED

    def max_tiers(self, asset: str) -> int | None:  # noqa: ARG002
        """Return how many tiers the table of an asset may have, None where nothing limits them."""
        return None

    def whole_bounds(self, asset: str) -> bool:  # noqa: ARG002
        """Whether the bounds of an asset's tiers are whole."""
        return False

    def notes(self) -> list[str]:
        """Return what a trader should know of these rules, such as what they assume."""
        return []


def out_of_account(margin_figures: MarginFigures, available: Decimal | None) -> Addition:
    """Return what the cross account can give, where an addition is a transfer out of it."""
    if available is None:
        return UNLIMITED
    return Addition(available * margin_figures.terms.unit, "cross_account")


class Venue(Record):
    """A named venue. ``quote`` is the currency of every amount.

    ``beside`` are the assets among its own that the tier file does not know, as the exchange's
    metas have them, of which there are positions. ``tier_file`` is the file of its tiers where a
    command needs it as a flag, None where it finds it by itself.
    """

    name: str
    rules: Rules
    quote: str
    assets: Mapping[str, Asset]
    beside: tuple[Asset, ...] = ()
    tier_file: str | None = None

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:  # else that of a tuple would count
        return self is not other

    def __hash__(self) -> int:
        return id(self)
