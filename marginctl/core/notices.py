"""What the figures do not say by themselves: why one is missing, what was assumed, what to know."""

from decimal import Decimal
from typing import NamedTuple

from marginctl.core.account import Move
from marginctl.core.margin import Stake
from marginctl.core.numbers import ZERO, quotient
from marginctl.core.position import Asset, Position
from marginctl.core.prices import Prices
from marginctl.core.venue import Venue


class Notice(NamedTuple):
    """A code for scripts and a message for people; ``asset`` is None for the account."""

    code: str
    asset: str | None
    message: str


NO_LIQUIDATION = {
    "safe": "cannot be liquidated by this price alone",
    "lost": "liquidatable at every price, so there is no liquidation price",
    "beyond_tiers": "would be liquidated above the notional at which the tier table ends",
}


class Notes:
    """Collects notices in the order in which they are taken."""

    def __init__(self) -> None:
        self.taken: list[Notice] = []

    def take(self, code: str, asset: str | None, message: str) -> None:
        """Take one notice."""
        self.taken.append(Notice(code, asset, message))

    def about_terms(self, position: Position, asset: Asset, figures: Stake, venue: Venue) -> None:
        """What the venue would say of the asset, the leverage and the notional."""
        name = position.asset
        allowed = figures.rung.tier.max_leverage
        if position.leverage > allowed:
            self.take(
                "leverage_above_tier",
                name,
                f"{position.leverage:f}x is above the {allowed:f}x that this notional allows: "
                "the venue would not open it",
            )
        if asset.delisted:
            self.take("delisted", name, "delisted: no new positions")
        for message in venue.rules.notes():
            self.take("venue", name, message)

    def about_prices(
        self, position: Position, prices: Prices, liquidatable: bool, venue: Venue
    ) -> None:
        """Which prices are missing, and why."""
        name = position.asset
        if liquidatable:
            self.take("liquidatable", name, "already liquidatable at the mark")
        if prices.missing is not None:
            self.take("no_liquidation_price", name, NO_LIQUIDATION[prices.missing])
        if venue.rules.backstop_share is None:
            self.take("no_backstop", name, f"{venue.rules.name} has no backstop price")
        elif prices.backstop is None and prices.missing is None:
            self.take("no_backstop_price", name, "this price alone cannot reach the backstop")
        if prices.bankruptcy is None and prices.missing is None:
            self.take("no_bankruptcy_price", name, "this price alone cannot use up the equity")

    def about_the_end(
        self,
        position: Position,
        figures: Stake,
        prices: Prices,
        equity: Decimal,
        liquidatable: bool,
        venue: Venue,
    ) -> None:
        """How the venue would go about a liquidation, with the amounts.

        They are those at the liquidation price; but at the mark where that has come already, and
        for cross positions, which go when the account does and seldom at a price of their own.
        ``equity`` at the mark is in parts, and for a cross position the account's.
        """
        name, size, quote, rules = position.asset, position.size, venue.quote, venue.rules
        notional, where = figures.notional, "the mark"
        if position.isolated and not liquidatable:
            notional = ZERO if prices.liquidation is None else size * prices.liquidation
            where = "its liquidation price"
        part = rules.partial
        if part is not None and notional > part.above:
            first = size * part.share
            self.take(
                "partial_liquidation",
                name,
                f"a liquidation at {where} would start with {_plain(first)} of {_plain(size)} "
                f"({notional * part.share:,.2f} {quote}), as {notional:,.2f} {quote} is above "
                f"{part.above:,}; if that is not enough, the other {_plain(size - first)} "
                f"({notional * (1 - part.share):,.2f} {quote}) go whole during the "
                f"{part.cooldown_seconds} s after",
            )
        if rules.backstop_share is not None and prices.backstop is not None:
            takes = "the position" if position.isolated else "all cross positions"
            top, bottom = rules.backstop_share
            moved = position.side * (size * prices.backstop - figures.notional)
            left = quotient(equity, figures.terms.unit) + moved
            self.take(
                "backstop",
                name,
                f"at the backstop price equity is down to {left:,.2f} {quote}, {top}/{bottom} of "
                f"maintenance: the liquidator vault takes {takes}, and nothing is returned",
            )

    def about_the_loss(
        self, position: Position, margin: Decimal, wallet: Decimal | None, venue: Venue
    ) -> None:
        """How much can be lost at most, where the venue limits it."""
        if not venue.rules.loss_is_limited:
            return
        message = f"the loss is limited to the position's margin, {margin:,.2f} {venue.quote}"
        if wallet is not None:
            message += f"; the {wallet:,.2f} {venue.quote} in the wallet are untouched"
        self.take("loss_limited", position.asset, message)

    def about_backing(
        self, position: Position, equity: Decimal, *, frozen: bool, available_known: bool
    ) -> None:
        """What is unknown or impossible about the margin behind a position."""
        name = position.asset
        if not position.isolated:
            self.take(
                "cross_position",
                name,
                "margin, equity and transfer limits belong to the cross account",
            )
            return
        if equity <= 0:
            self.take(
                "no_equity",
                name,
                "equity is not above zero: no effective leverage and no margin ratio",
            )
        if frozen:
            self.take("strict_isolated", name, "strict isolated: no margin can be removed")
        if not available_known:
            self.take(
                "additions_not_checked",
                name,
                "what the account can give is unknown, so it does not limit additions here",
            )

    def about_account(
        self,
        value: Decimal,
        move: Move | None,
        liquidatable: bool,
        occupied: bool,
    ) -> None:
        """What is missing from the cross account's figures; ``move`` is None for an excerpt."""
        if liquidatable:
            self.take("liquidatable", None, "the cross account is already liquidatable")
        if value <= 0:
            self.take("no_equity", None, "account value is not above zero: no margin ratio")
        if move is None:
            self.take(
                "excerpt",
                None,
                "the account holds more than the positions listed: its totals are used, and the "
                "common move that liquidates it is unknown",
            )
        elif not occupied:
            message = "there are no cross positions, so no move of the marks liquidates the account"
            self.take("no_liquidating_move", None, message)
        else:
            missing = [
                name for name, end in zip(("fall", "rise"), move, strict=True) if end is None
            ]
            for name in missing:
                self.take(
                    "no_liquidating_move",
                    None,
                    f"no common {name} of all marks that the tier tables cover liquidates the "
                    "account",
                )


def _plain(size: Decimal) -> str:
    return f"{size.normalize():,f}"
