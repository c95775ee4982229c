"""The sheet of one position, and of an account."""

from collections.abc import Iterable
from decimal import Decimal

from marginctl.core.account import Move
from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO, exactly, quotient
from marginctl.core.pool import PORTFOLIO_LIMIT, AccountMode
from marginctl.core.position import Side
from marginctl.core.report import CrossReport, PositionReport
from marginctl.core.rules import Rules
from marginctl.render.data import PositionView, ReportView, TiersView
from marginctl.render.figures import CROSS, POSITION
from marginctl.render.layout import (
    BLANK,
    CAUTION,
    DANGER,
    SEPARATOR,
    TITLE,
    SheetRow,
    StyledText,
    TextLine,
    headline,
    sheet,
    wrapped,
)
from marginctl.render.numbers import (
    ROUND_DOWN,
    ROUND_UP,
    exact_text,
    grouped,
    limit_words,
    names_text,
    percent,
    ratio_percent,
    rounded,
)
from marginctl.render.rounding import Money, figure_text, given_price, removable_text

CAUTION_RATIO, DANGER_RATIO = Decimal("0.5"), Decimal("0.8")
"""The margin ratios from which a position is shown in yellow, and in red."""
CAUTION_DISTANCE, DANGER_DISTANCE = Decimal("0.05"), Decimal("0.02")
"""The distances to liquidation under which it is."""


def position_amounts(report: PositionReport) -> list[Decimal | None]:
    """Return the amounts of a position that decide how many decimals are shown."""
    margins = [report.initial_margin, report.maintenance_margin]
    return [report.notional, report.margin, report.equity, *margins]


def cross_amounts(cross: CrossReport) -> list[Decimal | None]:
    """Return the amounts of a cross account that decide how many decimals are shown."""
    return [cross.account_value, cross.notional, cross.initial_margin, cross.maintenance_margin]


def danger_style(ratio: Decimal | None, distance: Decimal | None, *, liquidatable: bool) -> str:
    """Return the colour of a position or account: none where all is well."""
    if liquidatable or _reaches(ratio, DANGER_RATIO) or _under(distance, DANGER_DISTANCE):
        return DANGER
    if _reaches(ratio, CAUTION_RATIO) or _under(distance, CAUTION_DISTANCE):
        return CAUTION
    return ""


def _reaches(ratio: Decimal | None, limit: Decimal) -> bool:
    return ratio is not None and ratio >= limit


def _under(distance: Decimal | None, limit: Decimal) -> bool:
    return distance is not None and distance < limit


ORIGIN_WORDS = {
    "bundled": "shipped with marginctl",
    "option": "from {path}",
    "env": "from {path} (MARGINCTL_TIERS)",
    "config": "from {path}",
}


def position_sheet(view: ReportView, shown: PositionView, width: int | None) -> list[TextLine]:
    """Return the sheet of one position, headline first."""
    report = shown.report
    money = money_beside(view)
    entries = [*_margin_entries(view, report, money), BLANK, *_price_entries(view, shown, money)]
    if report.margin is not None:
        entries += [BLANK, *_transfer_entries(view, report, money)]
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
    return " · ".join(filter(None, (words, cross.token, dexes)))


_MODE_TITLES = {
    AccountMode.STANDARD: "Cross account",
    AccountMode.UNIFIED: "Unified account",
    AccountMode.PORTFOLIO_MARGIN: "Portfolio margin",
}


def cross_sheet(
    cross: CrossReport,
    rules: Rules,
    width: int | None,
    money: Money,
    *,
    by_beta: bool = False,
    several: bool = False,
) -> list[TextLine]:
    """Return the sheet of the cross account; ``by_beta``: marks do not all move alike.

    ``several``: there are others beside it.
    """
    style = danger_style(cross.margin_ratio, None, liquidatable=cross.liquidatable)
    ratio = cross.margin_ratio
    kept = "liquidatable now" if cross.liquidatable else ""
    if ratio is not None:
        kept = f"margin ratio {ratio_percent(ratio)}"
        kept += ": liquidatable now" if cross.liquidatable else ""
    entries = [
        _entry("account_value", cross, money),
        _entry("notional", cross, money),
        _entry("initial_margin", cross, money),
        _entry("maintenance_margin", cross, money, kept, style),
    ]
    entries += _portfolio_entry(cross, money)
    if cross.closing_fee:
        entries.append(_fee_entry(cross, rules, money))
    if cross.order_margin:
        entries.append(_entry("order_margin", cross, money, "resting orders"))
    available = "for new positions, with borrowing" if cross.pool.borrows else "for new positions"
    entries += [_entry("available", cross, money, available), _removable_entry(cross, rules, money)]
    # what is liquidated at a ratio before its maintenance is met stands by that ratio
    move = cross.portfolio_liquidating_move or cross.liquidating_move
    if move is not None and cross.notional:
        entries += [BLANK, *_move_entries(cross, move, by_beta=by_beta)]
    title = wrapped(account_title(cross, several=several), width)
    return [*(((line, TITLE),) for line in title), (), *sheet(entries, width)]


def _portfolio_entry(cross: CrossReport, money: Money) -> list[SheetRow]:
    if not cross.pool.borrows:
        return []
    style = danger_style(cross.portfolio_margin_ratio, None, liquidatable=cross.liquidatable)
    note = f"liquidated above {_limit()}"
    return [_entry("portfolio_margin_ratio", cross, money, note, style)]


def _limit() -> str:
    top, bottom = PORTFOLIO_LIMIT
    return percent(Decimal(top) / bottom)


def _move_entries(cross: CrossReport, move: Move, *, by_beta: bool) -> list[SheetRow]:
    """Return the common moves that liquidate; of a liquidatable account, those that save it."""
    entries = []
    alike = ", each price by its beta" if by_beta else ""
    at_limit = f" above {_limit()}" if cross.pool.borrows else ""
    if cross.liquidatable:
        for label, end in (("All marks fall", move.up), ("All marks rise", move.down)):
            if end is not None and (end < 0) == (end is move.up):
                number = percent(end.copy_abs(), ROUND_UP)
                entries.append(SheetRow(label, number, f"would make it safe again{alike}"))
        note = "no common move makes it safe again"
        return entries or [SheetRow("All marks move", "-", note)]
    for label, end in (("All marks fall", move.down), ("All marks rise", move.up)):
        number = "-" if end is None else percent(end.copy_abs(), ROUND_DOWN)
        note = (
            "no such move liquidates" if end is None else f"liquidates the account{at_limit}{alike}"
        )
        entries.append(SheetRow(label, number, note))
    return entries


def tiers_line(tiers: TiersView) -> TextLine:
    """Return the line that says which tiers were used, and of which day they are."""
    day = f"of {tiers.as_of}" if tiers.as_of else "without a date"
    return ((f"Tiers {day}, {ORIGIN_WORDS[tiers.origin].format(path=tiers.path)}", "note"),)


def money_beside(view: ReportView) -> Money:
    """Return how the amounts of a sheet, and of the account beside it, are shown."""
    positions = [shown.report for shown in view.positions] if len(view.positions) == 1 else []
    amounts = [amount for report in positions for amount in position_amounts(report)]
    return Money(*amounts, *(() if view.cross is None else cross_amounts(view.cross)))


def distance_words(distance: Decimal, side: Side) -> str:
    """Say how far the mark is from liquidation: 4.33% below the mark."""
    below = (side is Side.LONG) == (distance >= 0)
    rounding = ROUND_DOWN if distance >= 0 else ROUND_UP
    return f"{percent(distance.copy_abs(), rounding)} {'below' if below else 'above'} the mark"


def position_title(report: PositionReport, notices: Iterable[Notice]) -> list[StyledText]:
    """Return what a position is, in one line."""
    assumed = any(
        notice.code == "mark_from_entry" and notice.asset == report.asset for notice in notices
    )
    mark = "mark = entry (assumed)" if assumed else f"mark {given_price(report.mark_price)}"
    rest = (
        f"{SEPARATOR}{report.margin_mode.value} {exact_text(report.leverage)}x"
        f" · entry {given_price(report.entry_price)} · {mark}"
    )
    return [(f"{report.asset} {report.side.word} {exact_text(report.size)}", TITLE), (rest, "")]


@exactly
def _margin_entries(view: ReportView, report: PositionReport, money: Money) -> list[SheetRow]:
    style = position_style(report)
    pnl = report.unrealized_pnl
    if report.margin is not None and report.equity is not None:
        # rows that add up: the difference of what is shown, at most a last digit off its own
        pnl = rounded(report.equity, money.decimals) - rounded(report.margin, money.decimals)
    entries = [
        _entry("notional", report, money),
        SheetRow(
            POSITION["unrealized_pnl"].label,
            money.near(pnl),
            f"{percent(report.return_on_equity)} of the entry margin",
        ),
    ]
    if report.margin is not None and report.equity is not None:
        leverage = report.effective_leverage
        note = "" if leverage is None else f"effective leverage {grouped(leverage, 2)}x"
        entries += [_entry("margin", report, money), _entry("equity", report, money, note)]
    entries += [
        _entry("initial_margin", report, money, _leverage_words(report)),
        _entry("maintenance_margin", report, money, _kept_words(report), style),
    ]
    if report.closing_fee:
        entries.append(_fee_entry(report, view.venue.rules, money))
        if report.margin_rate is not None:
            one = Decimal(1)
            at = "at" if view.venue.rules.liquidates(one, one) else "below"
            entries.append(_entry("margin_rate", report, money, f"liquidated {at} 100%", style))
    return entries


def _price_entries(view: ReportView, shown: PositionView, money: Money) -> list[SheetRow]:
    report = shown.report
    side, style = report.side, position_style(report)
    if report.liquidation_price is None or report.liquidation_distance is None:
        note = _why_none(view, report)
    else:
        note = distance_words(report.liquidation_distance, side)
        tier = report.liquidation_tier
        if tier is not None and tier.index != report.tier.index:
            note += f", in the tier of {exact_text(tier.max_leverage)}x"
        if report.liquidatable:
            note = f"already liquidatable: {note}"
    entries = [_entry("liquidation_price", report, money, note, style)]
    if shown.in_record:
        entries.append(_recorded_entry(view, shown))
    if report.portfolio_liquidation_price is not None:
        distance = side * (report.mark_price - report.portfolio_liquidation_price)
        note = f"{distance_words(quotient(distance, report.mark_price), side)}, by its ratio"
        entry = _entry("portfolio_liquidation_price", report, money, note, style)
        entries.append(entry._replace(label=f"Liquidated at {_limit()}"))
    if report.backstop_price is not None:
        note = _backstop_words(report, view.venue.rules, money)
        entries.append(_entry("backstop_price", report, money, note))
    if report.bankruptcy_price is not None:
        entries.append(_entry("bankruptcy_price", report, money))
    if report.break_even_price is not None and view.fee_rate is not None:
        # rounded to where the fees are earned back: up for a long, down for a short
        note = f"with a fee of {exact_text(view.fee_rate.scaleb(2))}% at the entry and at the close"
        entries.append(_entry("break_even_price", report, money, note))
    return entries


def _entry(
    name: str, report: PositionReport | CrossReport, money: Money, note: str = "", style: str = ""
) -> SheetRow:
    """Return the row of a figure: what it is called and how it is rounded is declared with it."""
    of_position = isinstance(report, PositionReport)
    field = POSITION[name] if of_position else CROSS[name]
    side = getattr(report, "side", None)
    number = figure_text(field, getattr(report, name), money.decimals, side)
    return SheetRow(field.label, number, note, style)


@exactly
def _backstop_words(report: PositionReport, rules: Rules, money: Money) -> str:
    """What is left when somebody takes over; of a cross position it is the account's."""
    if report.equity is None or report.backstop_price is None:
        return ""
    moved = report.side * report.size * (report.backstop_price - report.mark_price)
    return f"equity {money.near(report.equity + moved)}: {rules.backstop_taker} takes over"


def _recorded_entry(view: ReportView, shown: PositionView) -> SheetRow:
    name = shown.report.asset
    disagrees = any(
        notice.code == "exchange_differs" and notice.asset == name for notice in view.notices
    )
    field = POSITION["exchange_liquidation_price"]
    number = figure_text(field, shown.recorded_price, 2, shown.report.side)
    note = "differs from ours: see the note" if disagrees else "agrees"
    return SheetRow(field.label, number, note, CAUTION if disagrees else "")


def _transfer_entries(view: ReportView, report: PositionReport, money: Money) -> list[SheetRow]:
    rules = view.venue.rules
    entries = [_removable_entry(report, rules, money)]
    addable = POSITION["max_addable"].label
    if not rules.limits_transfers:
        entries.append(SheetRow(addable, "unknown", f"{rules.name} rules do not say"))
    elif report.max_addable is None:
        entries.append(SheetRow(addable, "unlimited", "no account balance given"))
    else:
        limit = limit_words(report.addition_limit or "cross_account", rules)
        unknown = any(notice.code == "additions_not_checked" for notice in view.notices)
        note = f"limited by {limit}" + ("; no wallet balance given" if unknown else "")
        entries.append(_entry("max_addable", report, money, note))
    return entries


def _fee_entry(report: PositionReport | CrossReport, rules: Rules, money: Money) -> SheetRow:
    note = f"{exact_text(rules.closing_fee_rate.scaleb(2))}% of the notional"
    number = figure_text(POSITION["closing_fee"], report.closing_fee, money.decimals)
    return SheetRow(POSITION["closing_fee"].label, number, note)


def _removable_entry(report: PositionReport | CrossReport, rules: Rules, money: Money) -> SheetRow:
    limit, removable = report.binding_limit, report.max_removable
    label = POSITION["max_removable"].label
    if limit is None or removable is None:
        return SheetRow(label, "unknown", f"{rules.name} rules do not say")
    words = _limited_words(removable, report.shortfall or ZERO, limit, rules, money)
    exclusive = isinstance(report, PositionReport) and report.max_removable_exclusive
    return SheetRow(label, removable_text(removable, money, exclusive=exclusive), words)


def _limited_words(
    removable: Decimal, shortfall: Decimal, limit: str, rules: Rules, money: Money
) -> str:
    """Say what limits a removal, or how much is missing before anything can be removed."""
    words = limit_words(limit, rules)
    if limit == "strict_isolated":
        return "strict isolated: nothing can be removed"
    if removable > 0:
        return f"limited by {words}"
    if shortfall:
        return f"{money.high(shortfall)} short of {words}"
    return f"exactly at {words}"


def _leverage_words(report: PositionReport) -> str:
    tier = report.tier
    words = f"{exact_text(report.leverage)}x of {exact_text(tier.max_leverage)}x allowed"
    if tier.upper_bound is not None:
        return f"{words} up to {exact_text(tier.upper_bound)}"
    return f"{words} from {exact_text(tier.lower_bound)}" if tier.lower_bound else words


def _kept_words(report: PositionReport) -> str:
    ratio = report.margin_ratio
    return "" if ratio is None else f"margin ratio {ratio_percent(ratio)}"


def position_style(report: PositionReport) -> str:
    """Return the colour of a position."""
    return danger_style(
        report.margin_ratio, report.liquidation_distance, liquidatable=report.liquidatable
    )


def _why_none(view: ReportView, report: PositionReport) -> str:
    for notice in view.notices:
        if notice.code == "no_liquidation_price" and notice.asset == report.asset:
            return notice.message
    return ""
