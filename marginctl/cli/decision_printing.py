"""From what-ifs and solutions to stdout, and their notices to stderr."""

from collections.abc import Sequence

from marginctl.cli.output import Out
from marginctl.cli.printing import print_positions, print_unshown
from marginctl.core.report import PositionReport
from marginctl.render.decisions import SolutionView, WhatIfView
from marginctl.render.fields import fields_of
from marginctl.render.view import PositionView


def print_whatif(view: WhatIfView, out: Out) -> None:
    """Print the answer of ``whatif``."""
    fields = out.fields(fields_of(view.has))
    result = view.result
    if out.form == "table":
        _whatif_tables(view, out)
    elif out.form in {"json", "ndjson"}:
        from marginctl.render.decision_data import whatif_data

        out.json(whatif_data(view, fields))
    else:
        after = result.after.positions if result.index is None else [result.position_after]
        print_positions(_shown(after), fields, out)
    print_unshown(view.notices)


def print_solution(view: SolutionView, out: Out) -> None:
    """Print the answer of ``solve``."""
    fields = out.fields(fields_of(view.has))
    if out.form == "table":
        _solution_tables(view, out)
    elif out.form in {"json", "ndjson"}:
        from marginctl.render.decision_data import solution_data

        out.json(solution_data(view, fields))
    else:
        print_positions(_shown([view.solution.position_after]), fields, out)
    print_unshown(view.notices)


def _shown(reports: Sequence[PositionReport | None]) -> list[PositionView]:
    return [PositionView(report) for report in reports if report is not None]


def _whatif_tables(view: WhatIfView, out: Out) -> None:
    from marginctl.render.sheet import tiers_line
    from marginctl.render.whatif_sheet import whatif_lines, whatif_rows, whatif_title

    output = out.tables()
    output.lines(whatif_title(view, output.width))
    for rows in whatif_rows(view):
        output.table(rows)
        output.lines([()])
    output.lines([*whatif_lines(view, output.width), (), tiers_line(view.tiers)])


def _solution_tables(view: SolutionView, out: Out) -> None:
    from marginctl.render.sheet import tiers_line
    from marginctl.render.solve_sheet import solution_lines, solution_rows, solution_title

    output = out.tables()
    output.lines(solution_title(view, output.width))
    for rows in solution_rows(view):
        output.table(rows)
        output.lines([()])
    output.lines([*solution_lines(view, output.width), (), tiers_line(view.tiers)])
