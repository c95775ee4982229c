"""Figures before and after, and a change of margin with its verdict."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from marginctl.core.changes import Action, MarginChange
from marginctl.core.notices import unknown_limits
from marginctl.core.numbers import exactly, up_to_step
from marginctl.core.position import Side
from marginctl.core.report import CrossReport, PositionReport
from marginctl.core.rules import Venue
from marginctl.render.data import (
    ChangeView,
    Data,
    PositionView,
    differences,
    position_data,
    value_text,
)
from marginctl.render.figures import Field, numeric
from marginctl.render.layout import (
    CAUTION,
    DANGER,
    SAFE,
    TITLE,
    Line,
    Rows,
    aligned,
    title_lines,
    verdict_lines,
)
from marginctl.render.numbers import (
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    decimals_for,
    exact_text,
    limit_words,
    plain,
    rounded,
)
from marginctl.render.sheet import (
    LONGEST_GIVEN,
    Money,
    account_title,
    cross_amounts,
    position_amounts,
    position_title,
    price_rounding,
)

HEADS = (("", False), ("Before", True), ("After", True), ("Change", True))


def change_title(view: ChangeView, width: int | None) -> list[Line]:
    """Return what the change is about."""
    before = view.change.position_before
    if before is None:
        cross = view.change.before.cross
        words = "Cross account" if cross is None else account_title(cross)
        return [((f"{words} on {view.venue.name}, {view.venue.quote}", TITLE),)]
    return title_lines(position_title(before, view.notices), width)


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
    reports = [report for report in (before, after) if report is not None]
    amounts = [amount for report in reports for amount in position_amounts(report)]
    for cross in (cross_before, cross_after):
        amounts += [] if cross is None else cross_amounts(cross)
    money = Money(*amounts)
    tables = []
    if before is None and after is not None:
        tables.append(_rows("", _opened_rows(after, money)))
    if before is not None and after is not None:
        rows = [*_traded_rows(before, after, money), *_position_rows(before, after, money)]
        tables += [_rows("", rows)] if rows else []
    if cross_before is not None and cross_after is not None:
        title = account_title(cross_after)
        tables.append(_rows(title, _cross_rows(cross_before, cross_after, money)))
    return tables


def change_lines(view: ChangeView, width: int | None) -> list[Line]:
    """Return the verdict on a change of margin."""
    return verdict_lines(view.message, verdict_style(allowed=view.change.allowed), width)


def verdict_style(*, allowed: bool | None) -> str:
    """Return the colour of a verdict; None: the venue's rules do not say."""
    return CAUTION if allowed is None else SAFE if allowed else DANGER


Row = tuple[str, str, str, str]


_MOST_DECIMALS = 12


class Shown(NamedTuple):
    """How a figure is shown: decimals, rounding, and what stands behind the number.

    ``suffix`` is ``x`` for a multiple; a fraction is shown in percent, its change in percentage
    points.
    """

    decimals: int
    rounding: str = ROUND_HALF_EVEN
    is_fraction: bool = False
    suffix: str = ""

    def number(self, value: Decimal, decimals: int) -> Decimal:
        """Return the number that is shown."""
        return rounded(value.scaleb(2) if self.is_fraction else value, decimals, self.rounding)

    def text(self, number: Decimal) -> str:
        """Return a number that is shown as text."""
        return f"{number:,f}{'%' if self.is_fraction else self.suffix}"

    def change(self, difference: Decimal) -> str:
        """Return the difference of two numbers that are shown as text."""
        sign = "+" if difference > 0 else ""
        return (
            f"{sign}{difference or abs(difference):,f}{' pp' if self.is_fraction else self.suffix}"
        )


@exactly
def change_row(
    label: str,
    before: Decimal | None,
    after: Decimal | None,
    shown: Shown,
    shown_after: Shown | None = None,
) -> Row:
    """Return a row of a figure before and after, and the difference of what is shown.

    Where the digits would hide a change, more of them are shown.
    """
    shown_after = shown_after or shown
    decimals = max(shown.decimals, shown_after.decimals)
    if before is None or after is None:
        old_text, new_text = (
            "-" if value is None else how.text(how.number(value, decimals))
            for value, how in ((before, shown), (after, shown_after))
        )
        return (label, old_text, new_text, "")
    old, new = shown.number(before, decimals), shown_after.number(after, decimals)
    while before != after and old == new and decimals < _MOST_DECIMALS:
        decimals += 1
        old, new = shown.number(before, decimals), shown_after.number(after, decimals)
    return (label, shown.text(old), shown_after.text(new), shown.change(new - old))


def fraction(rounding: str = ROUND_HALF_EVEN) -> Shown:
    """Return how a fraction is shown."""
    return Shown(2, rounding, is_fraction=True)


def price(value: Decimal | None, side: Side) -> Shown:
    """Return how a price that is dangerous for a side is shown."""
    return Shown(2 if value is None else decimals_for(value, 6), price_rounding(side))


def given(*values: Decimal, suffix: str = "") -> Shown:
    """Return how figures that somebody gave are shown: whole, but for quotients."""
    return Shown(max(_decimals(value) for value in values), suffix=suffix)


def _decimals(value: Decimal) -> int:
    if len(value.as_tuple().digits) > LONGEST_GIVEN:
        return decimals_for(value, 8)
    return len(plain(value).partition(".")[2])


@exactly
def _traded_rows(before: PositionReport, after: PositionReport, money: Money) -> list[Row]:
    """Return rows of what only a trade, a leverage or a price changes, where it does."""

    def as_given_row(label: str, old: Decimal, new: Decimal, suffix: str = "") -> Row:
        return change_row(label, old, new, given(old, new, suffix=suffix))

    rows = [
        as_given_row("Size", before.side * before.size, after.side * after.size),
        as_given_row("Entry price", before.entry_price, after.entry_price),
        as_given_row("Mark price", before.mark_price, after.mark_price),
        as_given_row("Leverage", before.leverage, after.leverage, "x"),
    ]
    amount = Shown(money.decimals)
    for label, name in (
        ("Notional", "notional"),
        ("Unrealized PnL", "unrealized_pnl"),
        ("Initial margin", "initial_margin"),
        ("Maintenance margin", "maintenance_margin"),
    ):
        rows.append(change_row(label, getattr(before, name), getattr(after, name), amount))
    return [row for row in rows if row[1] != row[2]]


def _opened_rows(opened: PositionReport, money: Money) -> list[Row]:
    """Return rows of a position that was not there before."""
    amount = Shown(money.decimals)
    rows = [
        change_row("Notional", None, opened.notional, amount),
        change_row("Initial margin", None, opened.initial_margin, amount),
        change_row("Maintenance margin", None, opened.maintenance_margin, amount),
        *_position_rows(opened, opened, money),
    ]
    return [(label, "-", after, "") for label, _, after, _ in rows]


def _position_rows(before: PositionReport, after: PositionReport, money: Money) -> list[Row]:
    told, most = Shown(money.decimals), Shown(money.decimals, ROUND_FLOOR)
    leverages = before.effective_leverage, after.effective_leverage
    distances = before.liquidation_distance, after.liquidation_distance
    rows = [
        change_row("Margin", before.margin, after.margin, told),
        change_row("Equity", before.equity, after.equity, told),
        change_row("Effective leverage", *leverages, Shown(2, suffix="x")),
        change_row("Margin ratio", before.margin_ratio, after.margin_ratio, fraction()),
        _price_row("Liquidation price", "liquidation_price", before, after),
        _price_row("Liquidated at 95%", "portfolio_liquidation_price", before, after),
        change_row("Distance", *distances, fraction(ROUND_FLOOR)),
        _price_row("Backstop price", "backstop_price", before, after),
        _price_row("Bankruptcy price", "bankruptcy_price", before, after),
        _price_row("Break-even price", "break_even_price", before, after),
        change_row("Removable", before.max_removable, after.max_removable, most),
        change_row("Addable", before.max_addable, after.max_addable, most),
    ]
    return [row for row in rows if row[1:3] != ("-", "-")]


def _cross_rows(before: CrossReport, after: CrossReport, money: Money) -> list[Row]:
    told, most = Shown(money.decimals), Shown(money.decimals, ROUND_FLOOR)
    portfolio_ratios = before.portfolio_margin_ratio, after.portfolio_margin_ratio
    rows = [
        change_row("Account value", before.account_value, after.account_value, told),
        change_row("Margin ratio", before.margin_ratio, after.margin_ratio, fraction()),
        *(
            [change_row("Portfolio ratio", *portfolio_ratios, fraction())]
            if before.pool.borrows
            else []
        ),
        change_row("Available", before.available, after.available, most),
        change_row("Removable", before.max_removable, after.max_removable, most),
    ]
    return [row for row in rows if row[1:3] != ("-", "-")]


def _price_row(label: str, name: str, before: PositionReport, after: PositionReport) -> Row:
    old, new = getattr(before, name), getattr(after, name)
    return change_row(label, old, new, price(old, before.side), price(new, after.side))


def _rows(title: str, rows: list[Row]) -> Rows:
    labels, *numbers = zip(*rows, strict=True)
    columns = [labels, *(aligned(column) for column in numbers)]
    return Rows(title, HEADS, tuple(zip(*columns, strict=True)), ("",) * len(rows))


def report_data(report: PositionReport | None, fields: Sequence[Field]) -> Data | None:
    """Return a position's fields by name, None where there is no position."""
    return None if report is None else position_data(PositionView(report), fields)


def compared_data(
    before: PositionReport | None, after: PositionReport | None, fields: Sequence[Field]
) -> Data:
    """Return a position before and after, and the differences of its numbers."""
    return {
        "before": report_data(before, fields),
        "after": report_data(after, fields),
        "change": None
        if before is None or after is None
        else {
            name: value_text(value) for name, value in differences(before, after, numeric(fields))
        },
    }


_NOT_CHECKED = " (account balance not checked)"


def verdict_words(change: MarginChange, venue: Venue) -> str:
    """Return the verdict on a change, with the binding limit and the largest allowed amount."""
    what = (
        f"{change.action.value} {exact_text(change.amount)} {venue.quote}{_cushion_words(change)}"
    )
    limit = change.limit
    if not limit.known:
        return _unknown_words(change, what, venue)
    most = limit.most(venue.rules.amount_step)
    if most is None:
        return _unlimited_words(change, what)
    words = limit_words(limit.name or "cross_account", venue.rules)
    if change.allowed:
        return f"Allowed: {what} (at most {exact_text(most)}, limited by {words})"
    verb = "added" if change.action is Action.ADD else "removed"
    if most > 0:
        return f"Refused: {what}: at most {exact_text(most)} can be {verb}, limited by {words}"
    nothing = f"nothing can be {verb}, {_why_nothing(change, venue, words)}"
    if change.amount:
        return f"Refused: {what}: {nothing}"
    return f"Refused: {nothing}{_cushion_words(change)}"


def _unknown_words(change: MarginChange, what: str, venue: Venue) -> str:
    if change.allowed is None:
        return f"Not known: {what}: {unknown_limits(venue.rules)}"
    when = "at once" if change.cushion is None else "there"
    return f"Refused: {what}: the position would be liquidatable {when}"


def _cushion_words(change: MarginChange) -> str:
    if change.cushion is None:
        return ""
    move = exact_text(change.cushion.scaleb(2))
    return f", even if the mark first moves {move}% against the position"


def _unlimited_words(change: MarginChange, what: str) -> str:
    if change.before.cross is None and change.index is not None:
        return f"Allowed as far as known: {what}{_NOT_CHECKED}"
    return f"Allowed: {what} (deposits are not limited)"


def _why_nothing(change: MarginChange, venue: Venue, words: str) -> str:
    position, cross = change.position_before, change.before.cross
    short = None
    # with a cushion, what is missing at the mark is not what is missing after the move
    if (
        change.action is Action.REMOVE
        and change.limit.name != "strict_isolated"
        and change.cushion is None
    ):
        if position is not None and position.shortfall is not None:
            short = position.shortfall
        elif cross is not None:
            short = cross.shortfall
    if not short:
        return f"limited by {words}"
    missing = up_to_step(short, venue.rules.amount_step)
    return f"{exact_text(missing)} {venue.quote} short of {words}"
