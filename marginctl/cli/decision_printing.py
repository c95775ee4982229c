"""From what-ifs and solutions to stdout, and their notices to stderr."""

from collections.abc import Sequence

from marginctl.cli.output import Out
from marginctl.cli.printing import in_short, print_records, print_unshown
from marginctl.core.report import CrossReport, PositionReport
from marginctl.render.decisions import SolutionView, WhatIfView
from marginctl.render.field import Field
from marginctl.render.fields import cross_fields, fields_of, flattened
from marginctl.render.rows import Rows
from marginctl.render.view import PositionView, Record


def print_whatif(view: WhatIfView, out: Out) -> None:
    """Print the answer of ``whatif``; in formats of rows, what comes out."""
    result = view.result
    before, after = result.before.cross, result.after.cross
    fields = out.fields(fields_of(view.has), cross_fields() if before or after else ())
    if out.form in {"json", "ndjson"}:
        from marginctl.render.decision_data import whatif_data

        out.json(whatif_data(view, fields))
    elif out.form == "table":
        _whatif_tables(view, out, fields)
    else:
        changed = result.after.positions if result.index is None else [result.position_after]
        records = [_record(report, after) for report in changed if report is not None]
        print_records(records, fields, out, view.venue.name)
    print_unshown(view.notices if result.index is not None else in_short(view.notices))


def print_solution(view: SolutionView, out: Out) -> None:
    """Print the answer of ``solve``; in formats of rows, the position that comes out."""
    solution = view.solution
    after = None if solution.after is None else solution.after.cross
    crossed = solution.before.cross is not None or after is not None
    fields = out.fields(fields_of(view.has), cross_fields() if crossed else ())
    if out.form in {"json", "ndjson"}:
        from marginctl.render.decision_data import solution_data

        out.json(solution_data(view, fields))
    elif out.form == "table":
        _solution_tables(view, out, fields)
    elif solution.position_after is not None:
        records = [_record(solution.position_after, after)]
        print_records(records, fields, out, view.venue.name)
    print_unshown(view.notices)


def _record(report: PositionReport | None, cross: CrossReport | None) -> Record:
    return (None if report is None else PositionView(report), cross)


def _chosen(fields: Sequence[Field], before: Record, after: Record) -> list[Rows]:
    """Return a table of the fields that were asked for, before and after."""
    from marginctl.render.chosen import chosen_changes

    return [chosen_changes(flattened(fields), before, after)]


def _whatif_tables(view: WhatIfView, out: Out, fields: Sequence[Field]) -> None:
    from marginctl.render.sheet import tiers_line
    from marginctl.render.whatif_sheet import whatif_lines, whatif_rows, whatif_title

    result, output = view.result, out.tables()
    output.lines(whatif_title(view, output.width))
    if out.selects and result.index is not None:
        before = _record(result.position_before, result.before.cross)
        tables = _chosen(fields, before, _record(result.position_after, result.after.cross))
    elif out.selects:
        records = [_record(one, result.after.cross) for one in result.after.positions]
        print_records(records, fields, out, view.venue.name)
        output.lines([()])
        tables = []
    else:
        tables = whatif_rows(view)
    for rows in tables:
        output.table(rows)
        output.lines([()])
    output.lines([*whatif_lines(view, output.width), (), tiers_line(view.tiers)])


def _solution_tables(view: SolutionView, out: Out, fields: Sequence[Field]) -> None:
    from marginctl.render.sheet import tiers_line
    from marginctl.render.solve_sheet import solution_lines, solution_rows, solution_title

    solution, output = view.solution, out.tables()
    output.lines(solution_title(view, output.width, whole=not out.selects))
    tables = solution_rows(view)
    if out.selects and solution.after is not None:
        before = _record(solution.position_before, solution.before.cross)
        tables = _chosen(fields, before, _record(solution.position_after, solution.after.cross))
    for rows in tables:
        output.table(rows)
        output.lines([()])
    output.lines([*solution_lines(view, output.width), (), tiers_line(view.tiers)])
