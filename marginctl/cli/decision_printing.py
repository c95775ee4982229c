"""From what-ifs and solutions to stdout, and their notices to stderr."""

from collections.abc import Mapping
from typing import Any

from marginctl.cli.output import Out
from marginctl.cli.printing import AnswerFields, in_short, print_records, print_unshown
from marginctl.core.report import CrossReport, PositionReport
from marginctl.render.answer import SOLUTION_FIELDS, WHATIF_FIELDS, Found
from marginctl.render.decisions import SolutionView, WhatIfView
from marginctl.render.fields import cross_fields, fields_of
from marginctl.render.view import PositionView, Record


def print_whatif(view: WhatIfView, out: Out) -> None:
    """Print the answer of ``whatif``; in formats of rows, what was found and what is then."""
    result = view.result
    of_cross = cross_fields() if result.before.cross or result.after.cross else []
    asked = AnswerFields(out, WHATIF_FIELDS, fields_of(view.has), of_cross)
    values = {
        "allowed": result.allowed,
        "liquidated_after": result.liquidated_after,
        "funding_paid": result.funding_paid,
        "message": view.message,
    }
    if out.form in {"json", "ndjson"}:
        from marginctl.render.decision_data import whatif_data

        out.json(whatif_data(view, asked.bare))
    elif out.form == "table":
        _whatif_tables(view, out, asked, values)
    else:
        asked.print_rows(
            [
                Found(values, _record(old, result.before.cross), _record(new, result.after.cross))
                for old, new in _pairs(view)
            ]
        )
    print_unshown(view.notices if result.index is not None else in_short(view.notices))


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
    else:
        asked.print_rows([found_of(view)])
    print_unshown(view.notices)


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


def _whatif_tables(
    view: WhatIfView, out: Out, asked: AnswerFields, values: Mapping[str, Any]
) -> None:
    from marginctl.render.sheet import tiers_line
    from marginctl.render.whatif_sheet import whatif_lines, whatif_rows, whatif_title

    result, output = view.result, out.tables()
    output.lines(whatif_title(view, output.width))
    if out.selects and result.index is not None:
        before = _record(result.position_before, result.before.cross)
        after = _record(result.position_after, result.after.cross)
        asked.tables(Found(values, before, after), output)
    elif out.selects:
        records = [_record(one, result.after.cross) for one in result.after.positions]
        print_records(records, asked.bare, out, view.venue.name)
        output.lines([()])
    else:
        for rows in whatif_rows(view):
            output.table(rows)
            output.lines([()])
    output.lines([*whatif_lines(view, output.width), (), tiers_line(view.tiers)])


def _solution_tables(view: SolutionView, out: Out, asked: AnswerFields) -> None:
    from marginctl.render.sheet import tiers_line
    from marginctl.render.solve_sheet import solution_lines, solution_rows, solution_title

    output = out.tables()
    output.lines(solution_title(view, output.width, whole=not out.selects))
    if out.selects:
        asked.tables(found_of(view), output)
    else:
        for rows in solution_rows(view):
            output.table(rows)
            output.lines([()])
    output.lines([*solution_lines(view, output.width), (), tiers_line(view.tiers)])
