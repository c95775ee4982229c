"""A change of margin: before, after, by how much, and the verdict."""

from collections.abc import Callable
from decimal import Decimal

from marginctl.core.numbers import ZERO, exactly
from marginctl.core.report import CrossReport, PositionReport
from marginctl.core.scenario import MarginChange
from marginctl.render.layout import DANGER, SAFE, TITLE, Line, aligned
from marginctl.render.numbers import (
    ROUND_HALF_EVEN,
    ROUND_UP,
    as_given,
    decimals_for,
    grouped,
    percent,
    plain,
)
from marginctl.render.rows import Rows
from marginctl.render.sheet import (
    Money,
    account_title,
    given_price,
    position_title,
    price_near_mark,
)
from marginctl.render.view import ChangeView

HEADS = (("", False), ("Before", True), ("After", True), ("Change", True))


def change_title(view: ChangeView) -> list[Line]:
    """Return what the change is about."""
    before = view.change.position_before
    if before is None:
        cross = view.change.before.cross
        words = "Cross account" if cross is None else account_title(cross)
        return [((f"{words} on {view.venue.name}, {view.venue.quote}", TITLE),)]
    return [tuple(position_title(before, view.notices))]


def change_rows(change: MarginChange) -> list[Rows]:
    """Return a table for the position and one for the cross account, as far as there are any."""
    positions = change.position_before, change.position_after
    return compared(*positions, change.before.cross, change.after.cross)


def compared(
    before: PositionReport | None,
    after: PositionReport | None,
    cross_before: CrossReport | None,
    cross_after: CrossReport | None,
) -> list[Rows]:
    """Return tables of a position and of the cross account before and after."""
    tables = []
    if before is None and after is not None:
        tables.append(_rows("", _opened_rows(after)))
    if before is not None and after is not None:
        rows = [*_traded_rows(before, after), *_position_rows(before, after)]
        tables += [_rows("", rows)] if rows else []
    if cross_before is not None and cross_after is not None:
        title = account_title(cross_after)
        tables.append(_rows(title, _cross_rows(cross_before, cross_after)))
    return tables


def verdict_line(view: ChangeView) -> Line:
    """Return the verdict; its first words are coloured on a terminal."""
    lead, colon, rest = view.message.partition(":")
    return ((lead + colon, SAFE if view.change.allowed else DANGER), (rest, ""))


Row = tuple[str, str, str, str]
Show = Callable[[Decimal], str]


@exactly
def _traded_rows(before: PositionReport, after: PositionReport) -> list[Row]:
    """Return rows of what only a trade, a leverage or a price changes, where it does."""
    money = Money(before.notional)

    def amount(label: str, name: str, show: Show) -> Row:
        return _row(label, getattr(before, name), getattr(after, name), show, money.change)

    def price(label: str, name: str) -> Row:
        return _row(label, getattr(before, name), getattr(after, name), given_price, given_price)

    rows = [
        _row("Size", before.side * before.size, after.side * after.size, as_given, as_given),
        price("Entry price", "entry_price"),
        price("Mark price", "mark_price"),
        _row("Leverage", before.leverage, after.leverage, _given_times, _given_times),
        amount("Notional", "notional", money.low),
        amount("Unrealized PnL", "unrealized_pnl", money.low),
        amount("Initial margin", "initial_margin", money.high),
        amount("Maintenance margin", "maintenance_margin", money.high),
    ]
    return [row for row in rows if row[1] != row[2]]


def _opened_rows(opened: PositionReport) -> list[Row]:
    """Return rows of a position that was not there before."""
    money = Money(opened.notional)
    sizes = [
        ("Notional", money.low(opened.notional)),
        ("Initial margin", money.high(opened.initial_margin)),
        ("Maintenance margin", money.high(opened.maintenance_margin)),
    ]
    figures = [(label, after) for label, _, after, _ in _position_rows(opened, opened)]
    return [(label, "none", after, "") for label, after in (*sizes, *figures)]


def _given_times(leverage: Decimal) -> str:
    return f"{as_given(leverage)}x"


def _position_rows(before: PositionReport, after: PositionReport) -> list[Row]:
    money = Money(before.notional)
    rows = [
        _row("Margin", before.margin, after.margin, money.low, money.change),
        _row("Equity", before.equity, after.equity, money.low, money.change),
        _row(
            "Effective leverage",
            before.effective_leverage,
            after.effective_leverage,
            _times,
            lambda change: f"{grouped(change, 2)}x",
        ),
        _row("Margin ratio", before.margin_ratio, after.margin_ratio, _ratio, _points),
        _price_row("Liquidation price", "liquidation_price", before, after),
        _row(
            "Distance",
            before.liquidation_distance,
            after.liquidation_distance,
            percent,
            _points,
        ),
        _price_row("Backstop price", "backstop_price", before, after),
        _price_row("Bankruptcy price", "bankruptcy_price", before, after),
        _row("Removable", before.max_removable, after.max_removable, money.low, money.change),
        _row("Addable", before.max_addable, after.max_addable, money.low, money.change),
    ]
    return [row for row in rows if row[1:3] != ("none", "none")]


def _cross_rows(before: CrossReport, after: CrossReport) -> list[Row]:
    money = Money(before.account_value)
    old, new = before.portfolio_margin_ratio, after.portfolio_margin_ratio
    return [
        _row("Account value", before.account_value, after.account_value, money.low, money.change),
        _row("Margin ratio", before.margin_ratio, after.margin_ratio, _ratio, _points),
        *([_row("Portfolio ratio", old, new, _ratio, _points)] if before.pool.borrows else []),
        _row("Available", before.available, after.available, money.low, money.change),
        _row("Removable", before.max_removable, after.max_removable, money.low, money.change),
    ]


@exactly
def _row(
    label: str,
    before: Decimal | None,
    after: Decimal | None,
    show: Show,
    show_change: Show,
) -> Row:
    change = ""
    if before is not None and after is not None:
        difference = after - before
        sign = "+" if difference > 0 else ""
        change = sign + show_change(difference)
    old, new = ("none" if value is None else show(value) for value in (before, after))
    return (label, old, new, change)


def _price_row(label: str, name: str, before: PositionReport, after: PositionReport) -> Row:
    old, new = getattr(before, name), getattr(after, name)
    decimals = decimals_for(next((price for price in (old, new) if price is not None), ZERO), 6)
    texts = [
        "none" if price is None else price_near_mark(price, report)
        for price, report in ((old, before), (new, after))
    ]
    change = _row(label, old, new, plain, lambda price: grouped(price, decimals))[3]
    return (label, texts[0], texts[1], change)


def _times(leverage: Decimal) -> str:
    return f"{grouped(leverage, 2, ROUND_UP)}x"


def _ratio(ratio: Decimal) -> str:
    return percent(ratio, ROUND_UP)


def _points(change: Decimal) -> str:
    return percent(change, ROUND_HALF_EVEN)


def _rows(title: str, rows: list[Row]) -> Rows:
    labels, *numbers = zip(*rows, strict=True)
    columns = [labels, *(aligned(column) for column in numbers)]
    return Rows(title, HEADS, tuple(zip(*columns, strict=True)), ("",) * len(rows))
