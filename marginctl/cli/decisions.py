"""From accounts to the answers of what-ifs and solutions, and to stdout."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from marginctl.cli.answers import (
    changed_index,
    is_whole,
    not_one,
    of_one_account,
    selected_notices,
    several_of_one_file,
)
from marginctl.cli.options import PositionFlags
from marginctl.cli.output import Out
from marginctl.cli.printing import print_records, print_warnings, summarised
from marginctl.cli.printing_changes import AnswerFields, print_markdown
from marginctl.core.changes import AddMargin, Change, MoveMark, Open, Trade
from marginctl.core.costs import with_break_even
from marginctl.core.goals import Goal, Variable
from marginctl.core.notices import Notice
from marginctl.core.report import AccountReport, CrossReport, PositionReport
from marginctl.load.account import LoadedAccount
from marginctl.load.problems import InputError, Place
from marginctl.load.questions import TARGETS, read_actions, read_flag
from marginctl.render.chosen import SOLUTION_FIELDS, WHATIF_FIELDS, Found
from marginctl.render.data import PositionView, Record, TiersView
from marginctl.render.decision_data import SolutionView, WhatIfView
from marginctl.render.figures import cross_fields, fields_of
from marginctl.render.sentences import outcome_words, whatif_message
from marginctl.render.solve_words import proof_words, solution_message, stop_warning

if TYPE_CHECKING:
    from marginctl.render.output import Output

Readings = Sequence[tuple[LoadedAccount, TiersView]]

_STAND_IN = f"0.{'0' * 29}1"
"""The size of a position whose size is asked for: so small that every tier table covers it."""


def whatif_views(
    loaded: Readings, texts: Mapping[str, str | None], order: Open | None = None
) -> list[WhatIfView]:
    """Apply the actions that flags ask for, and return the answer.

    Where all prices move, that is one for each of a file's accounts.

    ``order`` opens a position in the place of the trade that the flags ask for.

    Raises:
        InputError: the flags are wrong, or it is not clear which position is meant.
    """
    several = several_of_one_file(loaded)
    if order is None and len(several) > 1 and all(map(is_whole, several)):
        actions = read_actions(texts, several[0][0].venue)
        if _move_everything(actions):
            return [
                replace(
                    _whatif_view(reading, tiers, None, actions, texts),
                    dexes=reading.account.pool.dexes,
                )
                for reading, tiers in several
            ]
    (reading, tiers), *more = of_one_account(loaded)
    actions = read_actions(texts, reading.venue)
    if order is None:
        index = _whatif_index(reading, actions, lines=1 + len(more))
    else:
        actions = [order if isinstance(one, Trade) else one for one in actions]
        index = None
    return [_whatif_view(reading, tiers, index, actions, texts)]


def _whatif_view(
    reading: LoadedAccount,
    tiers: TiersView,
    index: int | None,
    actions: Sequence[Change],
    texts: Mapping[str, str | None],
) -> WhatIfView:
    from marginctl.load.whatif import whatif

    result = whatif(reading.account, reading.venue, index, actions)
    fee_rate = read_flag("--fee-rate", texts.get("--fee-rate"))
    if fee_rate is not None:
        paid_by = None if result.closed else result.index
        result = result._replace(
            before=with_break_even(result.before, fee_rate),
            after=with_break_even(result.after, fee_rate, result.funding_paid, paid_by),
        )
    notices = [*_about(reading, result.after), *_too_fine(reading, index, actions)]
    return WhatIfView(
        reading.venue,
        tiers,
        result,
        tuple(outcome_words(outcome, reading.venue) for outcome in result.outcomes),
        whatif_message(result, reading.venue),
        tuple(notices),
        fee_rate,
    )


def solution_view(loaded: Readings, goal: Goal, *, opening: bool) -> SolutionView:
    """Solve for a target, and return the answer.

    Raises:
        InputError: the target makes no sense, or it is not clear which position is meant.
    """
    from marginctl.load.solve import solve

    (reading, tiers), *more = of_one_account(loaded)
    if more or len(reading.selected) != 1:
        raise not_one("a target is for one position", reading)
    (index,) = reading.selected
    flag = next((flag for flag, target in TARGETS.items() if target is goal.target), "--max-size")
    try:
        solution = solve(
            reading.account,
            reading.venue,
            index,
            goal.target,
            goal.value,
            stop=goal.stop,
            fee_rate=goal.fee_rate or None,
            opening=opening,
        )
    except InputError as error:
        if error.problems[0].place.path == "margin":
            message = error.problems[0].message
            hint = "give --margin, or --collateral for all of the account's money"
            raise InputError.of(message, hint, Place(path=flag)) from None
        raise error.at({"value": flag, "stop": "--stop"}) from None
    # after hours of funding everything stands at its liquidation, which is what was asked for
    shown = None if solution.means is Variable.HOURS else solution.after
    notices = _about(reading, shown or solution.before)
    warning = stop_warning(solution)
    if warning is not None:
        name = solution.position.asset
        notices.append(Notice("liquidation_before_stop", name, warning))
    return SolutionView(
        reading.venue,
        tiers,
        solution,
        solution_message(solution, reading.venue),
        proof_words(solution),
        tuple(notices),
    )


def opened(flags: PositionFlags) -> PositionFlags:
    """Return the flags of a position that is yet to be opened, with a size to stand in.

    It is entered at its mark, or at the entry where both are given.

    Raises:
        InputError: a size is given, though it is what is asked for.
    """
    if flags.size is not None:
        message = "the size is the answer here, so it cannot be given"
        raise InputError.of(message, "drop it; --side short for a short", Place(path="--size"))
    return flags._replace(size=_STAND_IN, entry=flags.mark if flags.entry is None else flags.entry)


def _whatif_index(reading: LoadedAccount, actions: Sequence[Change], *, lines: int) -> int | None:
    """Return the place of the position that is meant, None for the account as a whole."""
    if lines == 1 and _move_everything(actions) and len(reading.selected) > 1:
        return None
    movable = all(
        isinstance(one, AddMargin) or (isinstance(one, MoveMark) and one.everywhere)
        for one in actions
    )
    if not movable and (lines > 1 or len(reading.selected) != 1):
        moved = any(isinstance(one, MoveMark) and not one.everywhere for one in actions)
        hint = "pick one with --asset" + ("; --move-all moves every mark" if moved else "")
        raise not_one("this is about one position", reading, hint)
    return changed_index(reading, lines=lines)


def _move_everything(actions: Sequence[Change]) -> bool:
    return all(isinstance(one, MoveMark) and one.everywhere for one in actions)


def _about(reading: LoadedAccount, report: AccountReport) -> list[Notice]:
    """Return the notices about an account that is no longer as it was read."""
    plain = reading._replace(recorded_prices=None, withdrawable=None)
    if len(report.positions) != len(reading.account.positions):
        plain = plain._replace(selected=tuple(range(len(report.positions))))
    return selected_notices(plain, report)


def _too_fine(reading: LoadedAccount, index: int | None, actions: Sequence[Change]) -> list[Notice]:
    """Say where a trade's size has more decimals than the venue trades."""
    opened_asset = next((one.asset for one in actions if isinstance(one, Open)), None)
    if index is None and opened_asset is None:
        return []
    name = opened_asset or reading.account.positions[index or 0].asset
    asset = reading.venue.assets[name]
    decimals = asset.size_decimals
    return [
        Notice("size_too_fine", asset.name, f"the venue trades sizes to {decimals} decimals")
        for action in actions
        if isinstance(action, Trade | Open)
        and decimals is not None
        and (Fraction(action.size) * 10**decimals).denominator != 1
    ]


def print_whatif(views: Sequence[WhatIfView], out: Out) -> None:
    """Print the answer of ``whatif``; in formats of rows, what was found and what is then."""
    view = views[0]
    result = view.result
    of_cross = cross_fields() if result.before.cross or result.after.cross else []
    asked = AnswerFields(out, WHATIF_FIELDS, fields_of(view.has), of_cross)
    if out.form in {"json", "ndjson"}:
        from marginctl.render.decision_data import whatif_data

        out.json(whatif_data(views, asked.bare))
    elif out.form == "table":
        _whatif_tables(views, out, asked)
    elif out.form == "md" and not out.selects:
        from marginctl.render.decision_sheet import whatif_rows

        for one in views:
            print_markdown(whatif_rows(one), one.message, out)
    else:
        asked.print_rows([found for one in views for found in _found_after(one)])
    notices = list(dict.fromkeys(notice for one in views for notice in one.notices))
    print_warnings(notices if result.index is not None else summarised(notices))


def _found_after(view: WhatIfView) -> list[Found]:
    result, values = view.result, _values(view)
    return [
        Found(values, _record(old, result.before.cross), _record(new, result.after.cross))
        for old, new in _pairs(view)
    ]


def _values(view: WhatIfView) -> dict[str, Any]:
    result = view.result
    return {
        "allowed": result.allowed,
        "liquidated_after": result.liquidated_after,
        "funding_paid": result.funding_paid,
        "message": view.message,
    }


def _pairs(view: WhatIfView) -> list[tuple[PositionReport | None, PositionReport | None]]:
    result = view.result
    if result.index is None:
        return [*result.pairs]
    return [(result.position_before, result.position_after)]


def print_solution(view: SolutionView, out: Out) -> None:
    """Print the answer of ``solve``; in formats of rows, what was found and what is then."""
    solution = view.solution
    after = None if solution.after is None else solution.after.cross
    of_cross = cross_fields() if solution.before.cross is not None or after is not None else []
    asked = AnswerFields(out, SOLUTION_FIELDS, fields_of(view.has), of_cross)
    if out.form in {"json", "ndjson"}:
        from marginctl.render.decision_data import solution_data

        out.json(solution_data(view, asked.bare))
    elif out.form == "table":
        _solution_tables(view, out, asked)
    elif out.form == "md" and not out.selects:
        from marginctl.render.decision_sheet import solution_rows

        print_markdown(solution_rows(view), view.message, out)
    else:
        asked.print_rows([found_of(view)])
    print_warnings(view.notices)


def found_of(view: SolutionView) -> Found:
    """Return what ``solve`` found, and the position and account before and after it."""
    from marginctl.render.decision_data import solution_data

    solution = view.solution
    answer = solution_data(view, ())["answer"] or {}
    values = {f"answer.{name}": answer.get(name) for name in ("field", "value", "rounded")}
    after = solution.after
    return Found(
        {
            "possible": solution.possible,
            **values,
            "answer.exclusive": answer.get("exclusive"),
            "margin_for_stop": solution.margin_for_stop,
            "message": view.message,
        },
        _record(solution.position_before, solution.before.cross),
        _record(solution.position_after, None if after is None else after.cross),
    )


def _record(report: PositionReport | None, cross: CrossReport | None) -> Record:
    return (None if report is None else PositionView(report), cross)


def _whatif_tables(views: Sequence[WhatIfView], out: Out, asked: AnswerFields) -> None:
    from marginctl.render.sheet import tiers_line

    output = out.tables()
    for view in views:
        _whatif_table(view, out, output, asked)
        output.lines([()])
    output.lines([tiers_line(views[0].tiers)])


def _whatif_table(view: WhatIfView, out: Out, output: "Output", asked: AnswerFields) -> None:
    from marginctl.render.decision_sheet import whatif_lines, whatif_rows, whatif_title

    result = view.result
    output.lines(whatif_title(view, output.width))
    if out.selects and result.index is not None:
        before = _record(result.position_before, result.before.cross)
        after = _record(result.position_after, result.after.cross)
        asked.tables(Found(_values(view), before, after), output)
    elif out.selects:
        records = [_record(one, result.after.cross) for one in result.after.positions]
        print_records(records, asked.bare, out, view.venue.name)
        output.lines([()])
    else:
        for rows in whatif_rows(view):
            output.table(rows)
            output.lines([()])
    output.lines(whatif_lines(view, output.width))


def _solution_tables(view: SolutionView, out: Out, asked: AnswerFields) -> None:
    from marginctl.render.decision_sheet import solution_lines, solution_rows, solution_title
    from marginctl.render.sheet import tiers_line

    output = out.tables()
    output.lines(solution_title(view, output.width, whole=not out.selects))
    if out.selects:
        asked.tables(found_of(view), output)
    else:
        opened = view.solution.position_before is None
        for rows in solution_rows(view)[int(opened) :]:  # the sheet above has its figures
            output.table(rows)
            output.lines([()])
    output.lines([*solution_lines(view, output.width), (), tiers_line(view.tiers)])
