"""A solution for people: before and after, the answer, and its proof."""

from marginctl.render.change_sheet import compared
from marginctl.render.decisions import SolutionView
from marginctl.render.layout import DANGER, NOTE, SAFE, Line, wrapped
from marginctl.render.rows import Rows
from marginctl.render.sheet import position_title


def solution_title(view: SolutionView) -> list[Line]:
    """Return which position the wish is for."""
    report = view.solution.position_before or view.solution.position_after
    shown = report or view.solution.before.positions[view.solution.index]
    return [tuple(position_title(shown, view.notices))]


def solution_rows(view: SolutionView) -> list[Rows]:
    """Return the tables before and after; a position to be opened beside itself."""
    solution = view.solution
    after = solution.position_after
    before = solution.position_before or after
    if solution.after is None:
        return []
    return compared(before, after, solution.before.cross, solution.after.cross)


def solution_lines(view: SolutionView, width: int | None) -> list[Line]:
    """Return the answer and its proof."""
    style = SAFE if view.solution.possible else DANGER
    lines: list[Line] = [((line, style),) for line in wrapped(view.message, width)]
    if view.proof:
        lines += [((line, NOTE),) for line in wrapped(view.proof, width)]
    return lines
