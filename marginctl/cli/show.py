"""``marginctl show``: everything about one or many positions."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from marginctl.cli.accounts import of_one_file, selected_notices, wallet_of
from marginctl.cli.conditions import Conditions
from marginctl.cli.inputs import (
    LoadedAccounts,
    Tiers,
    beta_notices,
    is_stream,
    load_accounts,
    read_betas,
    source_named,
)
from marginctl.cli.messages import SHOWN_IN_TABLES, print_warnings, summarised
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
from marginctl.cli.run import NO, OK
from marginctl.core.account import ONE_TO_ONE, Betas
from marginctl.core.evaluation import EVERYTHING, Asked, asked_for, reports_of
from marginctl.core.report import AccountReport
from marginctl.load.account import LoadedAccount
from marginctl.load.arguments import read_flag
from marginctl.load.problems import InputError, Place
from marginctl.render.data import AccountView, PositionView, Record, ReportView
from marginctl.render.figures import POSITION_FIELDS, cross_fields, fields_of, split

if TYPE_CHECKING:
    from marginctl.core.explanation import Step
    from marginctl.core.notices import Notice
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
    if out.selects and out.form in {"csv", "md", "ndjson", "raw"}:
        judged = Conditions(flags.conditions, POSITION_FIELDS).names
        asked = asked_of(flags.output.fields, judged, fee)
    view = report_view(accounts, explain=explain, betas=betas, fee_rate=fee, asked=asked)
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


def report_view(
    accounts: LoadedAccounts,
    *,
    explain: bool = False,
    betas: Betas | None = None,
    fee_rate: Decimal | None = None,
    asked: Asked = EVERYTHING,
) -> ReportView:
    """Evaluate accounts and return their answer as one; ``asked`` names the figures to show.

    Positions that stand on lines of their own have accounts of their own, which are not shown.
    """
    positions: list[PositionView] = []
    notices: list[Notice] = []
    views: list[AccountView] = []
    cross = None
    for loaded, _ in accounts:
        # what an exchange's record says is compared with more than is shown
        needed = asked if loaded.recorded_prices is None else EVERYTHING
        answer = reports_of(loaded.account, loaded.venue, betas or ONE_TO_ONE, needed)
        if fee_rate is not None:
            from marginctl.core.costs import with_break_even

            answer = with_break_even(answer, fee_rate)
        positions += _position_views(loaded, answer, explain=explain, fee_rate=fee_rate)
        notices += selected_notices(loaded, answer)
        if betas is not None:
            notices += beta_notices(betas, loaded.account)
        if answer.cross is not None and (explain or len(accounts) == 1 or loaded.account_file):
            names = tuple(position.asset for position in answer.positions)
            explained = _cross_steps(loaded, answer) if explain else ()
            views.append(AccountView(answer.cross, names, explained))
    loaded, tiers = accounts[0]
    venue = loaded.venue
    alone = len(accounts) == 1
    together = loaded.account_file is not None and of_one_file(accounts)
    if alone or together:
        cross = views[0].cross if views else None
    if together and not alone:
        beside = [asset for other, _ in accounts for asset in other.venue.beside]
        venue = venue._replace(beside=tuple(beside))
    if not alone and len({other.venue.name for other, _ in accounts}) > 1:
        raise InputError.of("the lines belong to several venues", "show one venue at a time")
    if together:
        notices = list(dict.fromkeys(notices))  # what is of the file stands with each account
    steps = views[0].steps if cross else ()
    wallet = wallet_of(loaded) if alone else None
    return ReportView(
        venue,
        tiers,
        tuple(positions),
        cross,
        tuple(notices),
        tuple(steps),
        wallet,
        betas,
        tuple(views) if together else (),
        fee_rate,
    )


def _cross_steps(loaded: LoadedAccount, answer: AccountReport) -> "tuple[Step, ...]":
    from marginctl.core.explanation import explain_cross

    return tuple(explain_cross(loaded.account, loaded.venue, answer))


def _position_views(
    loaded: LoadedAccount, answer: AccountReport, *, explain: bool, fee_rate: Decimal | None
) -> list[PositionView]:
    prices = loaded.recorded_prices
    views = [
        PositionView(
            answer.positions[index], prices is not None, None if prices is None else prices[index]
        )
        for index in loaded.selected
    ]
    if not explain:
        return views
    from marginctl.core.explanation import explain_positions

    steps = explain_positions(loaded.account, loaded.venue, answer, loaded.selected, fee_rate)
    return [view._replace(steps=tuple(of)) for view, of in zip(views, steps, strict=True)]


def asked_of(fields: str | None, judged: Sequence[str], fee_rate: Decimal | None) -> Asked:
    """Return what rows of the fields that ``--fields`` names need, None for all of them.

    ``judged`` are the fields of conditions, which also tell why a figure is missing. A break-even
    price is of every figure.
    """
    unreported = frozenset() if judged else SHOWN_IN_TABLES
    if fields is None or fee_rate is not None:
        return EVERYTHING._replace(unreported=unreported)
    names = (name.strip() for name in fields.split(","))
    return asked_for([*names, *judged], unreported)


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
        records: list[Record] = view.records
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
