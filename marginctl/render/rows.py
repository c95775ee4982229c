"""Many positions: a row each, the cross ones and the isolated ones in tables of their own."""

from collections.abc import Sequence
from decimal import Decimal

from marginctl.core.numbers import ZERO, exactly
from marginctl.core.report import CrossReport, PositionReport
from marginctl.render.data import PositionView, ReportView
from marginctl.render.figures import CROSS_FIELDS, POSITION, pick
from marginctl.render.layout import (
    DANGER,
    TITLE,
    Rows,
    TextLine,
    aligned,
    headline,
    styled_lines,
)
from marginctl.render.numbers import ROUND_FLOOR, exact_text, grouped, signed_percent
from marginctl.render.rounding import Money, danger_price, figure_text, removable_text
from marginctl.render.scripts import markdown_lines
from marginctl.render.sheet import (
    account_title,
    cross_amounts,
    distance_words,
    position_amounts,
    position_style,
)

_TIMES_FROM, _WHOLE_TIMES_FROM = 10, 100
"""A price so many times the mark is shown as such, and then without decimals."""


def position_rows(view: ReportView) -> list[Rows]:
    """Return a table of the cross positions and one of the isolated ones, if there are any.

    In each the nearest to liquidation is first: by the move of its own price that liquidates it.
    """
    cross = [shown for shown in view.positions if shown.report.margin is None]
    isolated = [shown for shown in view.positions if shown.report.margin is not None]
    return [
        _table(title, sorted(shown, key=_nearest_first))
        for title, shown in (("Cross positions", cross), ("Isolated positions", isolated))
        if shown
    ]


def _table(title: str, positions: Sequence[PositionView]) -> Rows:
    reports = [shown.report for shown in positions]
    money = Money(*(amount for report in reports for amount in position_amounts(report)))
    own_margin = any(report.margin is not None for report in reports)
    columns: dict[str, list[str]] = {
        "Asset": [report.asset for report in reports],
        "Side": [report.side.word for report in reports],
        "Lev.": [f"{exact_text(report.leverage)}x" for report in reports],
        POSITION["notional"].label: [money.near(report.notional) for report in reports],
        "PnL": [money.near(report.unrealized_pnl) for report in reports],
    }
    if own_margin:
        columns[POSITION["equity"].label] = [
            "-" if report.equity is None else money.near(report.equity) for report in reports
        ]
    columns["Liquidation"] = [
        "-"
        if report.liquidation_price is None
        else danger_price(report.liquidation_price, report.side)
        for report in reports
    ]
    columns["Own move"] = [_own_move(report) for report in reports]
    if own_margin:
        columns[POSITION["max_removable"].label] = [_removable(report, money) for report in reports]
    texts = {"Asset", "Side"}
    heads = tuple((head, head not in texts) for head in columns)
    aligned_columns = [
        values if head in texts else aligned(values) for head, values in columns.items()
    ]
    return Rows(
        title,
        heads,
        tuple(zip(*aligned_columns, strict=True)),
        tuple(position_style(report) for report in reports),
        spare="PnL",
    )


def markdown_report(view: ReportView) -> list[str]:
    """Return positions, and the accounts beside them, as Markdown: the columns of the tables."""
    lines: list[str] = []
    if view.positions:
        lines += markdown_table(_table("", sorted(view.positions, key=_nearest_first)))
    crosses = [cross for cross in view.crosses if cross is not None]
    if crosses:
        lines += [*([""] if lines else []), *markdown_table(_account_rows(crosses))]
    return lines


def markdown_table(rows: Rows) -> list[str]:
    """Return a table as Markdown: its columns, without the spaces that align them."""
    heads = [head for head, _ in rows.heads]
    return list(markdown_lines(heads, [[cell.strip() for cell in cells] for cells in rows.cells]))


_OF_ACCOUNT = pick(
    [
        "account_value",
        "notional",
        "initial_margin",
        "maintenance_margin",
        "margin_ratio",
        "available",
        "max_removable",
    ],
    CROSS_FIELDS,
)


def _account_rows(crosses: Sequence[CrossReport]) -> Rows:
    """Return a row for each account; where there are several, its name comes first."""
    money = Money(*(amount for cross in crosses for amount in cross_amounts(cross)))
    heads = tuple((field.label, True) for field in _OF_ACCOUNT)
    cells = [
        tuple(
            figure_text(field, getattr(cross, field.name), money.decimals) for field in _OF_ACCOUNT
        )
        for cross in crosses
    ]
    if len(crosses) > 1:
        heads = (("Account", False), *heads)
        names = [account_title(cross, several=True) for cross in crosses]
        cells = [(name, *row) for name, row in zip(names, cells, strict=True)]
    return Rows("", heads, tuple(cells), ("",) * len(crosses))


def book_headline(view: ReportView, width: int | None) -> list[TextLine]:
    """Return how many positions there are, and the verdict: what is liquidatable, or nearest to it.

    Nearest by the move of its own price; a cross position's liquidation is the account's.
    """
    count = len(view.positions)
    venue = f"{view.venue.name}, {view.venue.quote}"
    title = headline([(f"{count} positions", TITLE)], venue, width)
    fallen = [shown.report.asset for shown in view.positions if shown.report.liquidatable]
    if fallen:
        text, style = f"Liquidatable now: {', '.join(dict.fromkeys(fallen))}", DANGER
    else:
        nearest = min(view.positions, key=_nearest_first).report
        distance = nearest.liquidation_distance
        text, style = "No single price move liquidates anything", ""
        if distance is not None:
            where = distance_words(distance, nearest.side)
            text = f"Nearest to liquidation: {nearest.asset} {nearest.side.word}, {where}"
            style = position_style(nearest)
    return [*title, *styled_lines(text, style, width), ()]


def _nearest_first(shown: PositionView) -> tuple[bool, bool, Decimal]:
    """What is liquidatable comes first, what cannot be liquidated by its own price last."""
    report = shown.report
    distance = report.liquidation_distance
    return (not report.liquidatable, distance is None, ZERO if distance is None else distance)


@exactly
def _own_move(report: PositionReport) -> str:
    if report.liquidatable:
        return "LIQUIDATABLE"
    distance = report.liquidation_distance
    if distance is None:
        return ""
    times = 1 - report.side * distance
    if times >= _TIMES_FROM:
        return f"{grouped(times, 1 if times < _WHOLE_TIMES_FROM else 0, ROUND_FLOOR)}x mark"
    return signed_percent(-report.side * distance)


def _removable(report: PositionReport, money: Money) -> str:
    if report.max_removable is None:  # the account's; or the venue's rules do not say
        return "-" if report.margin is None else "unknown"
    return removable_text(report.max_removable, money, exclusive=report.max_removable_exclusive)
