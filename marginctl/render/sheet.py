"""The sheet of one position: grouped figures, each with what it means beside it."""

from collections.abc import Iterable
from decimal import Decimal

from marginctl.core.account import Move
from marginctl.core.notices import Notice
from marginctl.core.numbers import exactly
from marginctl.core.pool import PORTFOLIO_LIMIT, AccountMode
from marginctl.core.position import Side
from marginctl.core.report import CrossReport, PositionReport
from marginctl.render.layout import (
    BLANK,
    CAUTION,
    DANGER,
    SAFE,
    TITLE,
    Entry,
    Line,
    Segment,
    headline,
    sheet,
    wrapped,
)
from marginctl.render.numbers import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_UP,
    as_given,
    decimals_for,
    grouped,
    percent,
)
from marginctl.render.text import names_text
from marginctl.render.view import PositionView, ReportView, TiersView
from marginctl.render.words import LIMIT_WORDS

NEAR = Decimal("0.8")
"""The margin ratio from which a position is shown as close to its liquidation."""
LONGEST_GIVEN = 18
"""Digits from which a price must have come out of a division."""
ORIGIN_WORDS = {
    "bundled": "shipped with marginctl",
    "option": "from {path}",
    "env": "from {path} (MARGINCTL_TIERS)",
    "config": "from {path}",
}


def position_sheet(view: ReportView, shown: PositionView, width: int | None) -> list[Line]:
    """Return the sheet of one position, headline first."""
    report = shown.report
    entries = [*_margin_entries(view, report), BLANK, *_price_entries(view, shown)]
    if report.max_removable is not None:
        entries += [BLANK, *_transfer_entries(view, report)]
    lines = headline(
        position_title(report, view.notices), f"{view.venue.name}, {view.venue.quote}", width
    )
    return [*lines, (), *sheet(entries, width)]


def account_title(cross: CrossReport, *, several: bool = False) -> str:
    """Return what a cross account is called: by its mode, its token and its dexs.

    ``several``: there are others beside it, so that its dex tells it apart.
    """
    words = _MODE_TITLES[cross.account_mode]
    dexes = names_text(cross.dexes)
    if cross.account_mode is AccountMode.STANDARD:
        return f"{words} · {dexes}" if several else words
    return f"{words} · {cross.token} · {dexes}"


_MODE_TITLES = {
    AccountMode.STANDARD: "Cross account",
    AccountMode.UNIFIED: "Unified account",
    AccountMode.PORTFOLIO_MARGIN: "Portfolio margin",
}


def cross_sheet(
    cross: CrossReport, width: int | None, *, by_beta: bool = False, several: bool = False
) -> list[Line]:
    """Return the sheet of the cross account; ``by_beta``: marks do not all move alike.

    ``several``: there are others beside it.
    """
    money = Money(cross.account_value)
    danger = _danger(cross.margin_ratio, liquidatable=cross.liquidatable)
    ratio = cross.margin_ratio
    kept = "liquidatable now" if cross.liquidatable else ""
    if ratio is not None:
        kept = f"margin ratio {percent(ratio, ROUND_UP)}{_near_words(ratio)}"
        kept += ": liquidatable now" if cross.liquidatable else ""
    removal = limited_words(cross.max_removable, cross.shortfall, cross.binding_limit, money)
    entries = [
        Entry("Account value", money.low(cross.account_value)),
        Entry("Notional", money.low(cross.notional)),
        Entry("Initial margin", money.high(cross.initial_margin)),
        Entry("Maintenance margin", money.high(cross.maintenance_margin), kept, danger),
        *_portfolio_entry(cross),
        *(
            [Entry("Held by orders", money.high(cross.order_margin), "resting orders")]
            if cross.order_margin
            else []
        ),
        Entry(
            "Available",
            money.low(cross.available),
            "for new positions, with borrowing" if cross.pool.borrows else "for new positions",
        ),
        Entry("Removable", money.low(cross.max_removable), removal),
    ]
    if cross.liquidating_move is not None and cross.notional:
        entries += [BLANK, *_move_entries(cross, cross.liquidating_move, by_beta=by_beta)]
    title = wrapped(account_title(cross, several=several), width)
    return [*(((line, TITLE),) for line in title), (), *sheet(entries, width)]


def _portfolio_entry(cross: CrossReport) -> list[Entry]:
    if not cross.pool.borrows:
        return []
    ratio = cross.portfolio_margin_ratio
    number = "none" if ratio is None else percent(ratio, ROUND_UP)
    top, bottom = PORTFOLIO_LIMIT
    note = f"liquidated above {percent(Decimal(top) / bottom)}"
    danger = _danger(ratio, liquidatable=cross.liquidatable)
    return [Entry("Portfolio ratio", number, note, danger)]


def _move_entries(cross: CrossReport, move: Move, *, by_beta: bool) -> list[Entry]:
    """The common moves that liquidate; or, where that has come already, those that mend it."""
    entries = []
    alike = ", each price by its beta" if by_beta else ""
    if cross.liquidatable:
        for label, end in (("All marks fall", move.up), ("All marks rise", move.down)):
            if end is not None and (end < 0) == (end is move.up):
                number = percent(abs(end), ROUND_UP)
                entries.append(Entry(label, number, f"would make it safe again{alike}"))
        note = "no common move makes it safe again"
        return entries or [Entry("All marks move", "any", note)]
    for label, end in (("All marks fall", move.down), ("All marks rise", move.up)):
        number = "any" if end is None else percent(abs(end))
        note = "no such move liquidates" if end is None else f"liquidates the account{alike}"
        entries.append(Entry(label, number, note))
    return entries


def tiers_line(tiers: TiersView) -> Line:
    """Return the line that says which tiers were used, and of which day they are."""
    day = f"of {tiers.as_of}" if tiers.as_of else "without a date"
    return ((f"Tiers {day}, {ORIGIN_WORDS[tiers.origin].format(path=tiers.path)}", "note"),)


class Money:
    """Shows amounts with as many decimals as their scale asks for, at least two."""

    def __init__(self, scale: Decimal, digits: int = 5) -> None:
        self.decimals = decimals_for(scale, digits)

    def low(self, amount: Decimal) -> str:
        """Show what one has: rounded down, so that it is never flattered."""
        return grouped(amount, self.decimals, ROUND_FLOOR)

    def high(self, amount: Decimal) -> str:
        """Show what one must keep: rounded up."""
        return grouped(amount, self.decimals, ROUND_CEILING)

    def change(self, amount: Decimal) -> str:
        """Show a difference."""
        return grouped(amount, self.decimals)


def price_near_mark(price: Decimal, report: PositionReport) -> str:
    """Show a price rounded toward the mark, so that it never looks further away than it is."""
    decimals = decimals_for(price, 6)
    toward = ROUND_CEILING if price < report.mark_price else ROUND_FLOOR
    return grouped(price, decimals, toward)


def distance_words(distance: Decimal, side: Side) -> str:
    """Say how far the mark is from liquidation: 4.33 % below the mark."""
    below = (side is Side.LONG) == (distance >= 0)
    return f"{percent(abs(distance))} {'below' if below else 'above'} the mark"


def given_price(price: Decimal) -> str:
    """Show a price with all its digits; one that came out of a division, with eight."""
    if len(price.as_tuple().digits) <= LONGEST_GIVEN:
        return as_given(price)
    return grouped(price, decimals_for(price, 8))


def position_title(report: PositionReport, notices: Iterable[Notice]) -> list[Segment]:
    """Return what a position is, in one line."""
    assumed = any(
        notice.code == "mark_from_entry" and notice.asset == report.asset for notice in notices
    )
    mark = "mark = entry (assumed)" if assumed else f"mark {given_price(report.mark_price)}"
    rest = (
        f" · {report.margin_mode.value} {as_given(report.leverage)}x"
        f" · entry {given_price(report.entry_price)} · {mark}"
    )
    return [(f"{report.asset} {report.side.word} {as_given(report.size)}", TITLE), (rest, "")]


def _margin_entries(view: ReportView, report: PositionReport) -> list[Entry]:
    money = Money(report.notional)
    danger = _danger(report.margin_ratio, liquidatable=report.liquidatable)
    entries = [
        Entry("Notional", money.low(report.notional)),
        Entry(
            "Unrealized PnL",
            money.low(report.unrealized_pnl),
            f"{percent(report.return_on_equity, ROUND_FLOOR)} of the entry margin",
        ),
    ]
    if report.margin is not None and report.equity is not None:
        leverage = report.effective_leverage
        note = "" if leverage is None else f"effective leverage {grouped(leverage, 2, ROUND_UP)}x"
        entries += [
            Entry("Margin", money.low(report.margin)),
            Entry("Equity", money.low(report.equity), note),
        ]
    entries += [
        Entry("Initial margin", money.high(report.initial_margin), _leverage_words(report)),
        Entry(
            "Maintenance margin", money.high(report.maintenance_margin), _kept_words(report), danger
        ),
    ]
    if report.closing_fee:
        rate = view.venue.rules.closing_fee_rate
        note = f"{as_given(rate.scaleb(2))} % of the notional"
        entries.append(Entry("Closing fee", money.high(report.closing_fee), note))
        if report.margin_rate is not None:
            number = percent(report.margin_rate, ROUND_FLOOR)
            entries.append(Entry("Margin rate", number, "liquidated at 100 %", danger))
    return entries


def _price_entries(view: ReportView, shown: PositionView) -> list[Entry]:
    report = shown.report
    danger = _danger(report.margin_ratio, liquidatable=report.liquidatable)
    entries = []
    if report.liquidation_price is None or report.liquidation_distance is None:
        entries.append(Entry("Liquidation price", "none", _why_none(view, report), danger))
    else:
        note = distance_words(report.liquidation_distance, report.side)
        tier = report.liquidation_tier
        if tier is not None and tier.index != report.tier.index:
            note += f", in the tier of {as_given(tier.max_leverage)}x"
        if report.liquidatable:
            note = f"already liquidatable: {note}"
        price = price_near_mark(report.liquidation_price, report)
        entries.append(Entry("Liquidation price", price, note, danger))
    if shown.in_record:
        entries.append(_recorded_entry(view, shown))
    if report.backstop_price is not None:
        price = price_near_mark(report.backstop_price, report)
        entries.append(Entry("Backstop price", price, _backstop_words(report)))
    if report.bankruptcy_price is not None:
        entries.append(Entry("Bankruptcy price", price_near_mark(report.bankruptcy_price, report)))
    return entries


@exactly
def _backstop_words(report: PositionReport) -> str:
    """What is left when the backstop takes over; of a cross position it is the account's."""
    if report.equity is None or report.backstop_price is None:
        return ""
    moved = report.side * report.size * (report.backstop_price - report.mark_price)
    left = Money(report.notional).low(report.equity + moved)
    return f"equity {left}: the backstop takes over"


def _recorded_entry(view: ReportView, shown: PositionView) -> Entry:
    name = shown.report.asset
    disagrees = any(
        notice.code == "exchange_differs" and notice.asset == name for notice in view.notices
    )
    number = (
        "none"
        if shown.recorded_price is None
        else price_near_mark(shown.recorded_price, shown.report)
    )
    note = "differs from ours: see the note" if disagrees else "agrees"
    return Entry("by the exchange", number, note, CAUTION if disagrees else "")


def _transfer_entries(view: ReportView, report: PositionReport) -> list[Entry]:
    assert report.max_removable is not None
    assert report.shortfall is not None
    assert report.binding_limit is not None
    money = Money(report.notional)
    note = limited_words(report.max_removable, report.shortfall, report.binding_limit, money)
    number = money.low(report.max_removable)
    if report.max_removable_exclusive and report.max_removable > 0:
        number = f"< {number}"
    entries = [Entry("Removable", number, note)]
    if report.max_addable is None:
        entries.append(Entry("Addable", "any", "what the account can give is unknown"))
    else:
        limit = LIMIT_WORDS[report.addition_limit or "cross_account"]
        unknown = any(notice.code == "additions_not_checked" for notice in view.notices)
        note = f"limited by {limit}" + ("; the wallet is unknown" if unknown else "")
        entries.append(Entry("Addable", money.low(report.max_addable), note))
    return entries


def limited_words(removable: Decimal, shortfall: Decimal, limit: str, money: Money) -> str:
    """Say what limits a removal, or how much is missing before anything can be removed."""
    words = LIMIT_WORDS[limit]
    if limit == "strict_isolated":
        return "strict isolated: nothing can be removed"
    if removable > 0:
        return f"limited by {words}"
    if shortfall:
        return f"{money.high(shortfall)} short of {words}"
    return f"exactly at {words}"


def _leverage_words(report: PositionReport) -> str:
    tier = report.tier
    words = f"{as_given(report.leverage)}x of {as_given(tier.max_leverage)}x allowed"
    if tier.upper_bound is not None:
        return f"{words} up to {as_given(tier.upper_bound)}"
    return f"{words} from {as_given(tier.lower_bound)}" if tier.lower_bound else words


def _kept_words(report: PositionReport) -> str:
    if report.margin_ratio is None:
        return ""
    return (
        f"margin ratio {percent(report.margin_ratio, ROUND_UP)}{_near_words(report.margin_ratio)}"
    )


def _near_words(ratio: Decimal) -> str:
    return ", close to liquidation" if NEAR <= ratio < 1 else ""


def _danger(ratio: Decimal | None, *, liquidatable: bool) -> str:
    if liquidatable:
        return DANGER
    if ratio is None:
        return ""
    return CAUTION if ratio >= NEAR else SAFE


def _why_none(view: ReportView, report: PositionReport) -> str:
    for notice in view.notices:
        if notice.code == "no_liquidation_price" and notice.asset == report.asset:
            return notice.message
    return ""
