"""What the figures do not say by themselves: why one is missing, what was assumed, what to know."""

from collections.abc import Container
from decimal import Decimal
from functools import partial

from marginctl.core.account import Move
from marginctl.core.figures import MarginFigures
from marginctl.core.liquidation import Prices
from marginctl.core.numbers import ZERO, exactly, quotient
from marginctl.core.position import Asset, Position
from marginctl.core.records import Readable
from marginctl.core.rules import Partial, Rules, Venue


class Notice(metaclass=Readable):
    """A code for scripts and a message for people; ``asset`` is None for the account.

    ``words`` may be what makes the message: of those that every line of a stream gives rise to,
    few are ever read. ``max_leverage`` is what an exchange's record states for the asset, where
    the notice is about that. ``place`` is that of the position in its account, where it is about
    one.
    """

    __slots__ = ("asset", "code", "max_leverage", "place", "words")

    def __init__(
        self,
        code: str,
        asset: str | None,
        words: "str | partial[str]",
        max_leverage: Decimal | None = None,
        place: int | None = None,
    ) -> None:
        self.code = code
        self.asset = asset
        self.words = words
        self.max_leverage = max_leverage
        self.place = place

    def saying(self, words: str) -> "Notice":
        """Return the same in other words."""
        return Notice(self.code, self.asset, words, self.max_leverage, self.place)

    def about(self, place: int) -> "Notice":
        """Return the same about the position in another place."""
        return Notice(self.code, self.asset, self.words, self.max_leverage, place)

    @property
    def message(self) -> str:
        """The words for people."""
        return self.words if isinstance(self.words, str) else self.words()

    def _parts(self) -> tuple[str, str | None, str]:
        return self.code, self.asset, self.message

    def __eq__(self, other: object) -> bool:
        """Whether the other says the same."""
        return self._parts() == other._parts() if isinstance(other, Notice) else NotImplemented

    def __hash__(self) -> int:
        """Hash its code, asset and words."""
        return hash(self._parts())

    def __repr__(self) -> str:
        """Show its code, asset and words."""
        return f"Notice{self._parts()!r}"


NO_LIQUIDATION = {
    "safe": "cannot be liquidated by this price alone",
    "lost": "liquidatable at every price, so there is no liquidation price",
    "beyond_tiers": "would be liquidated above the notional at which the tier table ends",
}


class Notes:
    """Collects notices in the order in which they are taken; ``place`` is what they are about."""

    __slots__ = ("_quote", "_rules", "_unreported", "place", "taken")

    def __init__(self, venue: Venue, unreported: Container[str] = ()) -> None:
        """Collect for a venue; notices with ``unreported`` codes are left out."""
        self._unreported = unreported
        self._rules = venue.rules
        self._quote = venue.quote
        self.place: int | None = None
        self.taken: list[Notice] = []

    def take(self, code: str, asset: str | None, words: "str | partial[str]") -> None:
        """Take one notice."""
        if code not in self._unreported:
            self.taken.append(Notice(code, asset, words, None, self.place))

    def about_position(
        self,
        position: Position,
        asset: Asset,
        figures: MarginFigures,
        prices: Prices,
        equity: Decimal,
        liquidatable: bool,
    ) -> None:
        """What the venue would say of a position, and which of its prices are missing, and why.

        ``equity`` at the mark is in parts, and for a cross position the account's.
        """
        name, rules = position.asset, self._rules
        _, distance, _, backstop, bankruptcy, missing = prices
        allowed = figures.scaled_tier.tier.max_leverage
        if position.leverage > allowed:
            self.take(
                "leverage_above_tier",
                name,
                f"{position.leverage:f}x is above the {allowed:f}x that this notional allows: "
                "the venue would not open it",
            )
        if asset.delisted:
            self.take("delisted", name, "delisted: no new positions")
        for message in rules.notes():
            self.take("venue", name, message)
        if liquidatable:
            self.take("liquidatable", name, "already liquidatable at the mark")
        elif distance is not None and not distance:
            self.take("at_liquidation", name, "the mark is at its liquidation price")
        if missing is not None:
            self.take("no_liquidation_price", name, NO_LIQUIDATION[missing])
        if rules.backstop_share is None:
            self.take("no_backstop", name, f"{rules.name} rules state no backstop price")
        elif backstop is None and missing is None:
            self.take("no_backstop_price", name, "this price alone cannot reach the backstop")
        if bankruptcy is None and missing is None:
            self.take("no_bankruptcy_price", name, "this price alone cannot use up the equity")
        self._about_the_end(position, figures, prices, equity, liquidatable)

    def _about_the_end(
        self,
        position: Position,
        figures: MarginFigures,
        prices: Prices,
        equity: Decimal,
        liquidatable: bool,
    ) -> None:
        """How the venue would go about a liquidation, with the amounts.

        They are those at the liquidation price; but at the mark where that has come already, and
        for cross positions, which go when the account does and seldom at a price of their own.
        """
        rules, quote = self._rules, self._quote
        part, backstop = rules.partial, prices.backstop
        if part is not None:
            size, notional, where = position.size, figures.notional, "the mark"
            if position.isolated and not liquidatable:
                liquidation = prices.liquidation
                notional = ZERO if liquidation is None else size * liquidation
                where = "its liquidation price"
            if notional > part.above:
                words = partial(_in_parts, part, where, size, notional, quote)
                self.take("partial_liquidation", position.asset, words)
        if backstop is not None and "backstop" not in self._unreported:
            words = partial(_at_the_backstop, rules, position, figures, backstop, equity, quote)
            self.take("backstop", position.asset, words)

    def about_own_margin(
        self,
        position: Position,
        figures: MarginFigures,
        equity: Decimal,
        limit: str | None,
        available: Decimal | None,
    ) -> None:
        """What is unknown or impossible about the margin behind an isolated position, and how much
        of it can be lost, where the venue limits that.
        """
        name, rules = position.asset, self._rules
        if rules.loss_is_limited and figures.margin is not None:
            margin = quotient(figures.margin, figures.terms.unit)
            self.take("loss_limited", name, partial(_at_most_lost, margin, available, self._quote))
        if equity <= ZERO:
            self.take(
                "no_equity",
                name,
                "equity is not above zero: no effective leverage and no margin ratio",
            )
        if not rules.limits_transfers:
            self.take("limits_unknown", name, unknown_limits(rules))
        if limit == "strict_isolated":
            self.take("strict_isolated", name, "strict isolated: no margin can be removed")
        if available is None and rules.limits_transfers:
            self.take(
                "additions_not_checked",
                name,
                "no account balance is given, so additions are not limited here",
            )

    def about_shared_margin(self, position: Position) -> None:
        """What a cross position does not have."""
        message = "margin, equity and transfer limits belong to the cross account"
        self.take("cross_position", position.asset, message)

    def about_account(
        self,
        value: Decimal,
        move: Move | None,
        liquidatable: bool,
        occupied: bool,
    ) -> None:
        """What is missing from the cross account's figures; ``move`` is None for an excerpt."""
        if not self._rules.limits_transfers:
            self.take("limits_unknown", None, unknown_limits(self._rules))
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


def unknown_limits(rules: Rules) -> str:
    """Return why the amounts that may be removed and added are unknown."""
    return f"{rules.name} rules do not say how much margin may be removed or added"


@exactly
def _in_parts(part: Partial, where: str, size: Decimal, notional: Decimal, quote: str) -> str:
    first = size * part.share
    return (
        f"a liquidation at {where} would start with {_plain(first)} of {_plain(size)} "
        f"({notional * part.share:,.2f} {quote}), because {notional:,.2f} {quote} is above "
        f"{part.above:,}; if that is not enough, the other {_plain(size - first)} "
        f"({notional * (1 - part.share):,.2f} {quote}) can follow at once during the next "
        f"{part.cooldown_seconds} s"
    )


@exactly
def _at_the_backstop(
    rules: Rules,
    position: Position,
    figures: MarginFigures,
    backstop: Decimal,
    equity: Decimal,
    quote: str,
) -> str:
    takes = "the position" if position.isolated else "all cross positions"
    assert rules.backstop_share is not None
    top, bottom = rules.backstop_share
    moved = position.side * (position.size * backstop - figures.notional)
    left = quotient(equity, figures.terms.unit) + moved
    return (
        f"at the backstop price equity is down to {left:,.2f} {quote}, {top}/{bottom} of "
        f"maintenance: {rules.backstop_end.format(what=takes)}"
    )


@exactly
def _at_most_lost(margin: Decimal, wallet: Decimal | None, quote: str) -> str:
    message = f"the loss is limited to the position's margin, {margin:,.2f} {quote}"
    if wallet is not None:
        message += f"; the {wallet:,.2f} {quote} in the wallet is safe"
    return message


def _plain(size: Decimal) -> str:
    return f"{size.normalize():,f}"
