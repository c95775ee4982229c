"""From answers about positions to stdout, and notices to stderr."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from marginctl.cli.messages import print_notices
from marginctl.cli.output import Out
from marginctl.core.notices import Notice
from marginctl.core.report import EVERYTHING, Asked, asked_for
from marginctl.render.data import Record, ReportView
from marginctl.render.figures import Field, cross_fields, fields_of, flattened, split

if TYPE_CHECKING:
    from marginctl.render.output import Output

SHOWN_IN_TABLES = frozenset(
    {
        "additions_not_checked",
        "backstop",
        "cross_position",
        "limits_unknown",
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

_SHORT = {
    "partial_liquidation": "a liquidation would start with a part of the position; "
    "for the amounts, pick it with --asset",
    "loss_limited": "the loss is limited to the position's margin",
}
"""What is said of several positions at once."""


def asked_of(fields: str | None, judged: Sequence[str], fee_rate: Decimal | None) -> Asked:
    """Return what rows of the fields that ``--fields`` names need, None for all of them.

    ``judged`` are the fields of conditions, which also tell why a figure is missing. A break-even
    price is of every figure.
    """
    untold = frozenset() if judged else SHOWN_IN_TABLES
    if fields is None or fee_rate is not None:
        return EVERYTHING._replace(untold=untold)
    names = (name.strip() for name in fields.split(","))
    return asked_for([*names, *judged], untold)


def print_report(view: ReportView, out: Out, *, pager: bool) -> None:
    """Print the answer of ``show``; with ``pager``, long tables on a terminal by the page."""
    of_cross = cross_fields() if view.cross else []
    of_positions = fields_of(view.has)
    if out.form != "json" and not view.positions and not out.selects:
        of_positions = []  # of an account without positions, the account itself is the answer
    fields = out.fields(of_positions or of_cross, of_cross)
    if out.form == "json":
        from marginctl.render.data import report_data

        out.json(report_data(view, fields))
    elif out.form == "table" and not out.selects:
        with out.paged_tables(wanted=pager) as output:
            _report_tables(view, output)
    elif out.form == "md" and not out.selects:
        from marginctl.render.rows import markdown_report

        out.markdown(markdown_report(view))
    else:
        records: list[Record] = view.records
        if not split(fields)[0]:
            records = [(None, cross) for cross in view.crosses]
        print_records(records, fields, out, view.venue.name, view.wallet)
    print_warnings(view.notices if len(view.positions) == 1 else summarised(view.notices))


def print_records(
    records: Sequence[Record],
    fields: Sequence[Field],
    out: Out,
    venue: str,
    wallet: Decimal | None = None,
) -> None:
    """Print positions with the account beside them; the account alone where no more is asked."""
    from marginctl.render.data import record_data, record_row, wallet_data

    if not split(fields)[0] and len({id(cross) for _, cross in records}) == 1:
        records = records[:1]
    if out.form == "table":
        from marginctl.render.chosen import record_cells

        flat = flattened(fields)
        out.chosen(flat, [record_cells(record, flat) for record in records])
        return
    # a whole line says its venue and its wallet, so that it can be fed back
    lead = {} if out.selects else {**wallet_data(wallet), "venue": venue}
    out.records(
        fields,
        lambda: (lead | record_data(record, fields) for record in records),
        lambda flat: (record_row(record, flat) for record in records),
    )


def _report_tables(view: ReportView, output: "Output") -> None:
    from marginctl.render.explain import explanation_lines
    from marginctl.render.rows import book_headline, position_rows
    from marginctl.render.sheet import cross_sheet, money_beside, position_sheet, tiers_line

    if len(view.positions) == 1:
        output.lines(position_sheet(view, view.positions[0], output.width))
    else:
        output.lines(book_headline(view, output.width) if view.positions else [])
        for number, rows in enumerate(position_rows(view)):
            output.lines([()] * min(number, 1))
            output.table(rows)
    several = len(view.crosses) > 1
    for number, cross in enumerate(view.crosses):
        if cross is not None:
            output.lines([()] if number else [() for _ in view.positions[:1]])
            output.lines(
                cross_sheet(
                    cross,
                    view.venue.rules,
                    output.width,
                    money_beside(view),
                    by_beta=view.betas is not None,
                    several=several,
                )
            )
    output.lines(explanation_lines(view, output.width))
    output.lines([(), tiers_line(view.tiers)])


def print_warnings(notices: Sequence[Notice]) -> None:
    """Print the notices that the figures do not show by themselves, on stderr."""
    print_notices(notice for notice in notices if notice.code not in SHOWN_IN_TABLES)


def summarised(notices: Sequence[Notice]) -> list[Notice]:
    """Return notices of many positions without the amounts of each, so that few lines say all."""
    return [
        notice.saying(_SHORT[notice.code]) if notice.code in _SHORT else notice
        for notice in notices
    ]
