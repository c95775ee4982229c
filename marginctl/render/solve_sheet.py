"""A solution for people: before and after, the answer, and its proof."""

from marginctl.core.whatif import anything_liquidatable
from marginctl.core.wishes import Means, Solution
from marginctl.render.change_sheet import compared
from marginctl.render.decisions import SolutionView
from marginctl.render.layout import DANGER, NOTE, SAFE, Line, wrapped
from marginctl.render.rows import Rows
from marginctl.render.sheet import position_sheet, position_title
from marginctl.render.view import PositionView, ReportView


def solution_title(view: SolutionView, width: int | None, *, whole: bool) -> list[Line]:
    """Return which position the wish is for; one that is to be opened, with its ``whole`` sheet."""
    solution = view.solution
    if solution.position_before is not None:
        return [tuple(position_title(solution.position_before, view.notices)), ()]
    after = solution.position_after
    if after is None:
        return []
    if not whole:
        return [tuple(position_title(after, view.notices)), ()]
    shown = PositionView(after)
    report = ReportView(view.venue, view.tiers, (shown,), None, view.notices)
    return [*position_sheet(report, shown, width), ()]


def solution_rows(view: SolutionView) -> list[Rows]:
    """Return the tables before and after."""
    solution = view.solution
    if solution.after is None:
        return []
    before, after = solution.position_before, solution.position_after
    return compared(before, after, solution.before.cross, solution.after.cross)


def _verdict_style(solution: Solution) -> str:
    """Nothing good is green beside figures of something that is liquidatable."""
    if not solution.possible:
        return DANGER
    if solution.means is Means.HOURS or solution.margin_for_stop:
        return ""
    reports = (solution.before, solution.after)
    shown = [report for report in reports if report is not None]
    return "" if any(anything_liquidatable(report) for report in shown) else SAFE


def solution_lines(view: SolutionView, width: int | None) -> list[Line]:
    """Return the answer and its proof."""
    style = _verdict_style(view.solution)
    lines: list[Line] = [((line, style),) for line in wrapped(view.message, width)]
    if view.proof:
        lines += [((line, NOTE),) for line in wrapped(view.proof, width)]
    return lines
