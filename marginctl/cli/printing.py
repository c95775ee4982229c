"""From answers about positions to stdout, and notices to stderr."""

from collections.abc import Sequence

from marginctl.cli.messages import print_notices
from marginctl.cli.output import Out
from marginctl.core.notices import Notice
from marginctl.render.fields import Field, fields_of
from marginctl.render.view import ChangeView, PositionView, ReportView

SHOWN_IN_TABLES = frozenset(
    {
        "additions_not_checked",
        "cross_position",
        "liquidatable",
        "mark_from_entry",
        "no_backstop",
        "no_backstop_price",
        "no_bankruptcy_price",
        "no_equity",
        "no_liquidating_move",
        "no_liquidation_price",
        "strict_isolated",
    }
)
"""What tables say beside their figures, and what JSON has in the object."""


def print_report(view: ReportView, out: Out) -> None:
    """Print the answer of ``show``."""
    fields = out.fields(fields_of(view.has))
    if out.form == "table":
        _report_tables(view, out)
    elif out.form == "json":
        from marginctl.render.data import report_data

        out.json(report_data(view, fields))
    else:
        _positions(view.positions, fields, out)
    _notices(view.notices)


def print_change(view: ChangeView, out: Out) -> None:
    """Print the answer of ``add`` or ``remove``."""
    fields = out.fields(fields_of(view.has))
    if out.form == "table":
        _change_tables(view, out)
    elif out.form in {"json", "ndjson"}:
        from marginctl.render.data import change_data

        out.json(change_data(view, fields))
    else:
        after = view.change.position_after
        _positions(() if after is None else (PositionView(after),), fields, out)
    _notices(view.notices)


def _positions(positions: Sequence[PositionView], fields: Sequence[Field], out: Out) -> None:
    from marginctl.render.data import position_data, position_row

    out.records(
        fields,
        lambda: [position_data(shown, fields) for shown in positions],
        lambda flat: [position_row(shown, flat) for shown in positions],
    )


def _report_tables(view: ReportView, out: Out) -> None:
    from marginctl.render.explain import explanation_lines
    from marginctl.render.rows import position_rows
    from marginctl.render.sheet import cross_sheet, position_sheet, tiers_line

    output = out.tables()
    if len(view.positions) == 1:
        output.lines(position_sheet(view, view.positions[0], output.width))
    else:
        for number, rows in enumerate(position_rows(view)):
            output.lines([()] * min(number, 1))
            output.table(rows)
    if view.cross is not None:
        output.lines([() for _ in view.positions[:1]])
        output.lines(cross_sheet(view.cross, output.width))
    output.lines(explanation_lines(view, output.width))
    output.lines([(), tiers_line(view.tiers)])


def _change_tables(view: ChangeView, out: Out) -> None:
    from marginctl.render.change_sheet import change_rows, change_title, verdict_line
    from marginctl.render.sheet import tiers_line

    output = out.tables()
    output.lines([*change_title(view), ()])
    for rows in change_rows(view.change):
        output.table(rows)
        output.lines([()])
    output.lines([verdict_line(view), (), tiers_line(view.tiers)])


def _notices(notices: Sequence[Notice]) -> None:
    print_notices(notice for notice in notices if notice.code not in SHOWN_IN_TABLES)
