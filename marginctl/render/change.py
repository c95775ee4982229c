"""Figures before and after, and a change of margin with its verdict."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from marginctl.core.changes import Action, MarginChange
from marginctl.core.notices import unknown_limits
from marginctl.core.numbers import exactly, up_to_step
from marginctl.core.report import CrossReport, PositionReport
from marginctl.core.rules import Venue
from marginctl.render.data import (
    Answer,
    Data,
    PositionView,
    answer_head,
    cross_data,
    differences,
    notice_data,
    position_data,
    value_text,
)
from marginctl.render.figures import (
    CROSS_FIELDS,
    POSITION,
    POSITION_FIELDS,
    Field,
    fields_of,
    numeric,
    pick,
    split,
)
from marginctl.render.layout import (
    CAUTION,
    DANGER,
    SAFE,
    TITLE,
    Rows,
    TextLine,
    aligned,
    title_lines,
    verdict_lines,
)
from marginctl.render.numbers import exact_text, limit_words, plain
from marginctl.render.rounding import Money, Shown, given, shown_as
from marginctl.render.sheet import account_title, cross_amounts, position_amounts, position_title

HEADS = (("", False), ("Before", True), ("After", True), ("Change", True))


def change_title(answer: Answer[MarginChange], width: int | None) -> list[TextLine]:
    """Return what the change is about."""
    before = answer.result.position_before
    if before is None:
        cross = answer.result.before.cross
        words = "Cross account" if cross is None else account_title(cross)
        return [((f"{words} on {answer.venue.name}, {answer.venue.quote}", TITLE),)]
    return title_lines(position_title(before, answer.notices), width)


def change_rows(change: MarginChange) -> list[Rows]:
    """Return a table for the position and one for the cross account, if there are any."""
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


def change_lines(answer: Answer[MarginChange], width: int | None) -> list[TextLine]:
    """Return the verdict on a change of margin."""
    return verdict_lines(answer.message, verdict_style(allowed=answer.result.allowed), width)


def verdict_style(*, allowed: bool | None) -> str:
    """Return the colour of a verdict; None: the venue's rules do not say."""
    return CAUTION if allowed is None else SAFE if allowed else DANGER


ChangeRow = tuple[str, str, str, str]


_MOST_DECIMALS = 12


@exactly
def change_row(
    label: str, before: Decimal | None, after: Decimal | None, shown: Shown, shown_after: Shown
) -> ChangeRow:
    """Return a row of a figure before and after, and the difference of what is shown.

    Where the digits would hide a change, more of them are shown.
    """
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


_TRADED = pick(
    [
        "entry_price",
        "mark_price",
        "leverage",
        "notional",
        "unrealized_pnl",
        "initial_margin",
        "maintenance_margin",
    ],
    POSITION_FIELDS,
)
"""What only a trade, a leverage or a price changes; shown where it does."""
_OPENED = pick(["notional", "initial_margin", "maintenance_margin"], POSITION_FIELDS)
"""What is shown, too, of a position that was not there before."""
_OF_POSITION = pick(
    [
        "margin",
        "equity",
        "effective_leverage",
        "margin_ratio",
        "liquidation_price",
        "portfolio_liquidation_price",
        "liquidation_distance",
        "backstop_price",
        "bankruptcy_price",
        "break_even_price",
        "max_removable",
        "max_addable",
    ],
    POSITION_FIELDS,
)
_OF_ACCOUNT = pick(
    ["account_value", "margin_ratio", "portfolio_margin_ratio", "available", "max_removable"],
    CROSS_FIELDS,
)


@exactly
def _traded_rows(before: PositionReport, after: PositionReport, money: Money) -> list[ChangeRow]:
    """Return rows of what only a trade, a leverage or a price changes, where it does."""
    old, new = before.side * before.size, after.side * after.size
    size = change_row(POSITION["size"].label, old, new, given(old), given(new))
    rows = [size, *(_row(field, before, after, money) for field in _TRADED)]
    return [row for row in rows if row[1] != row[2]]


def _opened_rows(opened: PositionReport, money: Money) -> list[ChangeRow]:
    """Return rows of a position that was not there before."""
    rows = [_row(field, opened, opened, money) for field in (*_OPENED, *_OF_POSITION)]
    return [(label, "-", after, "") for label, _, after, _ in rows if after != "-"]


def _position_rows(before: PositionReport, after: PositionReport, money: Money) -> list[ChangeRow]:
    rows = [_row(field, before, after, money) for field in _OF_POSITION]
    return [row for row in rows if row[1:3] != ("-", "-")]


def _cross_rows(before: CrossReport, after: CrossReport, money: Money) -> list[ChangeRow]:
    of_pools = before.pool.borrows
    fields = [field for field in _OF_ACCOUNT if field.only is None or of_pools]
    rows = [_row(field, before, after, money) for field in fields]
    return [row for row in rows if row[1:3] != ("-", "-")]


Report = PositionReport | CrossReport


def _row(field: Field, before: Report, after: Report, money: Money) -> ChangeRow:
    old, new = getattr(before, field.name), getattr(after, field.name)
    shown = (
        shown_as(field, value, getattr(report, "side", None), money.decimals)
        for value, report in ((old, before), (new, after))
    )
    return change_row(field.label, old, new, *shown)


def _rows(title: str, rows: list[ChangeRow]) -> Rows:
    labels, *numbers = zip(*rows, strict=True)
    columns = [labels, *(aligned(column) for column in numbers)]
    return Rows(title, HEADS, tuple(zip(*columns, strict=True)), ("",) * len(rows))


def maybe_position_data(report: PositionReport | None, fields: Sequence[Field]) -> Data | None:
    """Return a position's fields by name, None where there is no position."""
    return None if report is None else position_data(PositionView(report), fields)


def compared_data(
    before: PositionReport | None, after: PositionReport | None, fields: Sequence[Field]
) -> Data:
    """Return a position before and after, and the differences of its numbers."""
    return {
        "before": maybe_position_data(before, fields),
        "after": maybe_position_data(after, fields),
        "change": None
        if before is None or after is None
        else {
            name: value_text(value) for name, value in differences(before, after, numeric(fields))
        },
    }


def pairs_data(
    pairs: Iterable[tuple[PositionReport | None, PositionReport | None]], fields: Sequence[Field]
) -> list[Data]:
    """Return every position of an account before and after."""
    return [
        {"before": maybe_position_data(before, fields), "after": maybe_position_data(after, fields)}
        for before, after in pairs
    ]


CHANGE_SCHEMA = "marginctl/whatif/1"


def change_data(answer: Answer[MarginChange], chosen: Sequence[Field]) -> Data:
    """Return the object that ``add -o json`` and ``remove -o json`` print."""
    fields, of_cross = split(chosen)
    change = answer.result
    before = change.position_before
    data = {
        **answer_head(CHANGE_SCHEMA, answer),
        "action": change.action.value,
        "asset": None if before is None else before.asset,
        "amount": plain(change.amount),
        "allowed": change.allowed,
        "limit": value_text(change.limit.amount),
        "binding_limit": change.limit.name,
        **({} if change.cushion is None else {"cushion": plain(change.cushion)}),
        "message": answer.message,
        **compared_data(before, change.position_after, fields),
    }
    if before is None:
        of_each = fields if chosen else fields_of(answer.has)
        pairs = zip(change.before.positions, change.after.positions, strict=True)
        data["positions"] = pairs_data(pairs if of_each else (), of_each)
    return data | {
        "cross_before": cross_data(change.before.cross, of_cross),
        "cross_after": cross_data(change.after.cross, of_cross),
        "warnings": [notice_data(notice) for notice in answer.notices],
    }


_NOT_CHECKED = " (account balance not checked)"


def verdict_words(change: MarginChange, venue: Venue) -> str:
    """Return the verdict on a change, with the binding limit and the largest allowed amount."""
    amount, limit = change.amount, change.limit
    cushion = _cushion_words(change)
    if not amount:  # the most that may move
        return f"Refused: {_nothing_words(change, venue)}{cushion}"
    what = f"{change.action.value} {exact_text(amount)} {venue.quote}{cushion}"
    if not limit.known:
        return _unknown_words(change, what, venue)
    most = limit.most(venue.rules.amount_step)
    if most is None:
        return _unlimited_words(change, what)
    if not change.allowed and not most:
        return f"Refused: {what}: {_nothing_words(change, venue)}"
    at_most = f"at most {exact_text(most)}"
    words = _limit_words(change, venue)
    if change.allowed:
        return f"Allowed: {what} ({at_most}, limited by {words})"
    return f"Refused: {what}: {at_most} can be {_verb(change)}, limited by {words}"


def _verb(change: MarginChange) -> str:
    return "added" if change.action is Action.ADD else "removed"


def _limit_words(change: MarginChange, venue: Venue) -> str:
    return limit_words(change.limit.name or "cross_account", venue.rules)


def _nothing_words(change: MarginChange, venue: Venue) -> str:
    return f"nothing can be {_verb(change)}, {_why_nothing(change, venue)}"


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


def _why_nothing(change: MarginChange, venue: Venue) -> str:
    words = _limit_words(change, venue)
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
