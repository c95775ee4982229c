"""``marginctl show``: everything about one or many positions."""

from typing import TYPE_CHECKING

from marginctl.cli.conditions import Conditions
from marginctl.cli.inputs import (
    Tiers,
    is_stream,
    load_accounts,
    read_betas,
    source_named,
)
from marginctl.cli.messages import print_warnings, summarised
from marginctl.cli.options import (
    Beta,
    Explain,
    FeeRate,
    File,
    NoPager,
    QuestionFlags,
    StreamFlags,
    command,
)
from marginctl.cli.output import Out, print_records
from marginctl.cli.report_view import asked_of, report_view
from marginctl.cli.run import NO, OK
from marginctl.core.evaluation import EVERYTHING
from marginctl.core.numbers import exactly
from marginctl.load.arguments import read_flag
from marginctl.load.problems import InputError, Place
from marginctl.render.data import ReportView, ShownRecord
from marginctl.render.figures import POSITION_FIELDS, cross_fields, fields_of, split

if TYPE_CHECKING:
    from marginctl.render.layout import Output


@command(
    "marginctl show -a ETH -q 10 -e 2500 -m 2400 -l 10",
    "marginctl show positions.json --fail-if 'liquidation_distance < 10%'",
    "marginctl fetch account 0x... | marginctl show -",
)
def show(
    flags: QuestionFlags,
    stream: StreamFlags,
    file: File = None,
    *,
    explain: Explain = False,
    beta: Beta = None,
    fee_rate: FeeRate = None,
    no_pager: NoPager = False,
) -> int:
    """Show margin, liquidation price and transfer limits of positions."""
    out = Out(flags.output)
    fee = read_flag("--fee-rate", fee_rate)
    if explain:
        _check_explainable(out)
    tiers = Tiers(flags.tiers)
    source = source_named(file, tiers)
    if is_stream(source, out.form, stream):
        from marginctl.cli.stream import answer_stream

        return answer_stream(source, flags, tiers, stream, beta=beta, fee_rate=fee)
    accounts = load_accounts(source, flags.position, tiers)
    betas = read_betas(beta, accounts)
    asked = EVERYTHING
    rows = out.form in {"csv", "ndjson", "raw"} or (out.form == "md" and out.selects)
    # without --fields, which fields conditions may be on is known only when there is an answer
    if rows and (out.selects or not flags.conditions.fail_if):
        conditions = Conditions(flags.conditions, POSITION_FIELDS)
        asked = asked_of(flags.output.fields, conditions, fee)
    # in one exact context, instead of one for every account
    view = exactly(report_view)(accounts, explain=explain, betas=betas, fee_rate=fee, asked=asked)
    failing = Conditions(flags.conditions, fields_of(view.has))
    failing.need(*view.crosses)
    _print(view, out, pager=not no_pager)
    return NO if failing.check(view.positions, view.notices, *view.crosses) else OK


def _check_explainable(out: Out) -> None:
    """Refuse ``--explain`` where an answer has no room for sentences."""
    if out.form == "json" or (out.form == "table" and not out.selects):
        return
    message = "--explain works only with the full table and with JSON"
    raise InputError.of(message, "drop it, or use -o json", Place(path="--explain"))


def _print(view: ReportView, out: Out, *, pager: bool) -> None:
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
        records: list[ShownRecord] = view.records
        if not split(fields)[0]:
            records = [(None, cross) for cross in view.crosses]
        print_records(records, fields, out, view.venue.name, view.wallet)
    print_warnings(view.notices if len(view.positions) == 1 else summarised(view.notices))


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
