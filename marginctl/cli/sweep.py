"""``marginctl sweep``: a table or a picture over a range of prices, moves or margin."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, NamedTuple

from marginctl.cli.accounts import (
    is_whole,
    not_one,
    of_one_account,
    selected_notices,
    several_of_one_file,
)
from marginctl.cli.conditions import Verdict, holding, judged_fields, print_verdicts
from marginctl.cli.inputs import LoadedAccounts, Tiers, beta_notices, load_accounts, read_betas
from marginctl.cli.messages import print_notices
from marginctl.cli.options import (
    Beta,
    ConditionFlags,
    File,
    PositionFlags,
    QuestionFlags,
    command,
    flag,
    option,
)
from marginctl.cli.output import Out
from marginctl.cli.run import NO, OK
from marginctl.cli.surroundings import draws_braille, write_whole
from marginctl.core.account import ONE_TO_ONE, Account, Betas
from marginctl.core.evaluation import evaluate
from marginctl.core.sweep import Over, Range, Sweep
from marginctl.load.account import LoadedAccount
from marginctl.load.conditions import Condition, read_conditions
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.sweep_request import DOTS, EXAMPLES, read_over, read_steps
from marginctl.load.sweep_request import sweep as sweep_of
from marginctl.render.data import TiersView
from marginctl.render.numbers import names_text
from marginctl.render.sweep import (
    SweepView,
    at_text,
    notices_of,
    point_objects,
    point_rows,
    point_value,
    sweep_data,
    sweep_fields,
)

if TYPE_CHECKING:
    from marginctl.core.account_sweep import AccountSweep


class SpanFlags(NamedTuple):
    """What says over what to sweep, and in how many steps."""

    over: str | None
    steps: str | None


class Question(NamedTuple):
    """Accounts, and what to sweep them over."""

    accounts: LoadedAccounts
    over: Over
    span: Range
    betas: Betas | None


def read_question(
    file: str | None, flags: PositionFlags, tiers: Tiers, span: SpanFlags, beta: str | None
) -> Question:
    """Return what is asked.

    Raises:
        InputError: with every problem.
    """
    problems: list[Problem] = []
    wanted = _wanted(span, problems)
    accounts: LoadedAccounts = []
    if flags.mark is not None and DOTS in flags.mark:
        message = "-m, --mark is the mark now, not a range"
        hint = f"sweep over it with --over mark={flags.mark}"
        problems = [Problem(message, hint, Place(path="--mark"))]
        flags = flags._replace(mark=None)
    try:
        accounts = load_accounts(file, flags, tiers)
    except InputError as error:
        problems.extend(error.problems)
    betas = None
    if accounts:
        try:
            betas = read_betas(beta, accounts)
        except InputError as error:
            problems.extend(error.problems)
    if problems or wanted is None:
        raise InputError(problems)
    return Question(accounts, *wanted, betas)


def _wanted(flags: SpanFlags, problems: list[Problem]) -> tuple[Over, Range] | None:
    steps = found = None
    if flags.steps is not None:
        steps = read_steps(flags.steps, Place(path="--steps"), problems)
    if flags.over is None:
        problems.append(Problem("no range to sweep over", f"give --over {EXAMPLES}"))
    else:
        found = read_over(flags.over, Place(path="--over"), problems)
    if found is None:
        return None
    over, span = found
    return over, span if steps is None else span._replace(steps=steps)


def sweep_views(question: Question) -> list[SweepView]:
    """Sweep the one position that is meant, or the whole account, or each of a file's accounts.

    A common move is of the prices of all of a file's accounts: each has its own rows.

    Raises:
        InputError: it is not clear what is meant, or the range leaves what is known.
    """
    several = several_of_one_file(question.accounts)
    if question.over is Over.MOVE and len(several) > 1 and all(map(is_whole, several)):
        return [
            replace(_sweep_view(question, loaded, tiers, None), dexes=loaded.account.pool.dexes)
            for loaded, tiers in several
        ]
    (loaded, tiers), *more = of_one_account(question.accounts)
    index = _index(question, loaded, lines=1 + len(more))
    return [_sweep_view(question, loaded, tiers, index)]


def _sweep_view(
    question: Question, loaded: LoadedAccount, tiers: TiersView, index: int | None
) -> SweepView:
    over, span, betas = question.over, question.span, question.betas
    swept: Sweep | AccountSweep
    account, venue, (low, high, steps) = loaded.account, loaded.venue, span
    try:
        if index is None:
            swept = sweep_of(account, venue, None, over, low, high, steps=steps, betas=betas)
        else:
            swept = sweep_of(account, venue, index, over, low, high, steps=steps)
    except InputError as error:
        if error.problems[0].place.path == "index":
            message, hint = error.problems[0].message, "pick one position with --asset"
            raise InputError.of(message, hint) from None
        raise error.at({"over": "--over"}) from None
    answer = evaluate(loaded.account, loaded.venue, betas or ONE_TO_ONE)
    notices = selected_notices(loaded, answer)
    if betas is not None:
        notices += beta_notices(betas, loaded.account)
    return SweepView(loaded.venue, tiers, swept, answer.positions, index, tuple(notices), betas)


def _index(question: Question, loaded: LoadedAccount, *, lines: int) -> int | None:
    """The place of the position that is swept; None is the whole account."""
    if lines > 1:
        message = "each line is a separate account, and sweep takes one account"
        raise InputError.of(message, "give a file with one of them")
    everything = len(loaded.selected) == len(loaded.account.positions)
    if question.betas is not None and (question.over is not Over.MOVE or not everything):
        message = "--beta is for a common move of all prices"
        hint = "use it with --over move=-50%..50%, and without --asset"
        raise InputError.of(message, hint, Place(path="--beta"))
    if len(loaded.selected) == 1 and question.betas is None:
        return loaded.selected[0]
    if question.over is Over.MOVE and everything and loaded.selected:
        return None
    if not loaded.account.positions:
        raise not_one("a sweep is over the prices or the margin of positions", loaded)
    raise InputError.of(
        f"a sweep over {question.over} is for one position, but there are several",
        _choices(loaded.account, loaded.selected, question.over),
        Place(path="--over"),
    )


def _choices(account: Account, selected: Sequence[int], over: Over) -> str:
    names = list(dict.fromkeys(account.positions[index].asset for index in selected))
    if len(names) == 1:
        return "give a file with one of them"
    other = "" if over is Over.MOVE else ", or move all prices with --over move=-50%..50%"
    return f"pick one with --asset ({', '.join(names)}){other}"


_ROWS = 11
"""Rows of the plot: with what stands around it, it fits into 24 lines."""
_SHOWN_CODES = frozenset(
    {
        "account_mode",
        "answers_differ",
        "beta_assumed",
        "collateral_at_todays_prices",
        "exchange_differs",
        "liquidatable",
        "mark_from_entry",
        "other_tiers",
        "portfolio_margin",
        "tiers_old",
    }
)
"""The notices that matter to a sweep."""


def _check_form(out: Out, *, plot: bool) -> None:
    """Refuse a picture in a format for scripts, or with fields, as it has no columns."""
    if plot and out.form != "table":
        message = f"--plot is a picture for people, and {out.form} is for scripts"
        raise InputError.of(message, "keep one of them", Place(path="--plot"))
    if plot and out.selects:
        message = "--fields chooses columns of a table, and a picture has none"
        raise InputError.of(message, "keep one of --fields and --plot", Place(path="--fields"))


def _print(views: Sequence[SweepView], out: Out, *, plot: bool) -> None:
    """Print the answer of ``sweep``."""
    fields = out.fields(sweep_fields(views[0]))
    if plot:
        _print_pictures(views, out)
    elif out.form == "table" and out.selects:
        from marginctl.render.sweep import point_cells

        out.chosen(fields, point_cells(views, fields))
    elif out.form == "table":
        _print_tables(views, out)
    elif out.form == "json":
        out.json(sweep_data(views, fields))
    else:
        out.records(
            fields, lambda: point_objects(views, fields), lambda flat: point_rows(views, flat)
        )
    print_notices(notice for notice in notices_of(views) if notice.code in _SHOWN_CODES)


def _print_tables(views: Sequence[SweepView], out: Out) -> None:
    from marginctl.render.sheet import tiers_line
    from marginctl.render.sweep import left_out_lines, sweep_rows, sweep_title

    output = out.tables()
    for view in views:
        rows, left_out = sweep_rows(view, output.width)
        output.lines([*sweep_title(view, output.width), ()])
        output.table(rows)
        output.lines([(), *left_out_lines(left_out, output.width)])
    output.lines([tiers_line(views[0].tiers)])


def _print_pictures(views: Sequence[SweepView], out: Out) -> None:
    from marginctl.render.picture import picture_of
    from marginctl.render.plot import ASCII, BRAILLE, plot_lines
    from marginctl.render.sheet import tiers_line

    output = out.tables()
    glyphs = BRAILLE if draws_braille() else ASCII
    for view in views:
        output.lines(plot_lines(picture_of(view), output.width, _ROWS, glyphs))
        output.lines([()])
    output.lines([tiers_line(views[0].tiers)])


def _write_picture(views: Sequence[SweepView], path: str) -> None:
    """Write the picture to a vector file, whole or not at all.

    Raises:
        InputError: there are several accounts, or the file cannot be written.
    """
    from marginctl.render.picture import picture_of
    from marginctl.render.svg import svg_text

    if len(views) > 1:
        names = ", ".join(names_text(view.dexes or ()) for view in views)
        message = f"a picture is of one account, but there are several ({names})"
        raise InputError.of(message, "pick a position with --asset", Place(path="--svg"))
    (view,) = views
    write_whole(path, svg_text(picture_of(view)).encode(), "--svg")


_PANEL = "Sweep"
Span = Annotated[
    str | None,
    option(
        "--over",
        metavar="WHAT=LOW..HIGH",
        panel=_PANEL,
        help="mark=1500..3000, move=-50%..50% (of all prices for an account) or margin=0..1000.",
    ),
]
Steps = Annotated[
    str | None,
    option("--steps", metavar="N", panel=_PANEL, help="Steps of the grid (default: 10)."),
]
Plot = Annotated[bool, flag("--plot", "Draw a picture in the terminal.", panel=_PANEL)]


Svg = Annotated[
    str | None,
    option("--svg", metavar="FILE", panel=_PANEL, help="Write the picture to an SVG file, too."),
]


@command(
    "marginctl sweep -a ETH -q 10 -e 2500 -m 2400 -l 10 --over mark=2200..2500",
    "marginctl sweep account.json --over move=-20%..20%",
)
def sweep(
    flags: QuestionFlags,
    file: File = None,
    *,
    over: Span = None,
    steps: Steps = None,
    beta: Beta = None,
    plot: Plot = False,
    svg: Svg = None,
) -> int:
    """Show equity, maintenance and distance over a range of prices, moves or margins.

    Where something happens there is a row exactly there: liquidation, backstop, bankruptcy, tier
    boundaries, and where removal opens.
    """
    out = Out(flags.output)
    _check_form(out, plot=plot)
    span = SpanFlags(over, steps)
    views = sweep_views(read_question(file, flags.position, Tiers(flags.tiers), span, beta))
    failing = PointConditions(flags.conditions, views)
    if svg is not None:
        _write_picture(views, svg)
    _print(views, out, plot=plot)
    return NO if failing.check() else OK


class PointConditions:
    """The conditions of a sweep: one that holds at any point makes it a failure."""

    def __init__(self, flags: ConditionFlags, views: Sequence[SweepView]) -> None:
        """Read the conditions.

        Raises:
            InputError: with every problem.
        """
        units = {name: field.unit for name, field in judged_fields(sweep_fields(views[0])).items()}
        self._taken = read_conditions(flags.fail_if or [], units)
        self._views = views

    def check(self) -> bool:
        """Print on stderr where each condition holds first, and at how many points."""
        return print_verdicts(
            [
                verdict
                for condition in self._taken
                for view in self._views
                for verdict in self._of(condition, view)
            ]
        )

    def _of(self, condition: Condition, view: SweepView) -> list[Verdict]:
        name, text = condition.field, condition.text
        of_dexes = "" if view.dexes is None else f"{names_text(view.dexes)} "
        found: list[Verdict] = []
        for point in view.sweep.points:
            value = point_value(view, point, name)
            subject = f"{of_dexes}at {at_text(view, point.at)}"
            if value is not None:
                found += holding(condition, value, subject)
            elif point_value(view, point, "liquidatable"):
                message = f"{text} (liquidatable, so {name} is null)"
                found.append(Verdict(subject, message, failed=True))
            else:
                message = f"{name} is null, so {text} does not hold"
                found.append(Verdict(subject, message, failed=False))
        failed = [verdict for verdict in found if verdict.failed]
        if len(failed) > 1:
            first, more = failed[0], len(failed) - 1
            rows = "1 more row" if more == 1 else f"{more} more rows"
            found = [first._replace(message=f"{first.message}, and in {rows}")]
        return found
