"""What-ifs and solutions for people: what is done, before and after, and the verdict."""

from collections.abc import Sequence

from marginctl.core.goals import Solution, Variable
from marginctl.core.report import AccountReport, PositionReport
from marginctl.core.whatif import Outcome, WhatIf, anything_liquidatable, nearest_to_liquidation
from marginctl.render.change import compared, verdict_style
from marginctl.render.data import PositionView, ReportView
from marginctl.render.decision_data import SolutionView, WhatIfView
from marginctl.render.layout import (
    CAUTION,
    DANGER,
    INDENT,
    NOTE,
    SAFE,
    TITLE,
    Line,
    Rows,
    aligned,
    title_lines,
    wrapped,
)
from marginctl.render.numbers import ROUND_FLOOR, names_text, percent
from marginctl.render.sheet import (
    danger_price,
    distance_words,
    given_price,
    position_sheet,
    position_title,
)

_PAIR_HEADS = (
    ("Asset", False),
    ("Side", False),
    ("Mark after", True),
    ("Liquidation after", True),
    ("Distance before", True),
    ("Distance after", True),
)


def whatif_title(view: WhatIfView, width: int | None) -> list[Line]:
    """Return what the question is about, and what is done in which order."""
    before = view.result.position_before or view.result.position_after
    of_dexes = "" if view.dexes is None else f" · {names_text(view.dexes)}"
    words = f"Account on {view.venue.name}, {view.venue.quote}{of_dexes}"
    title: list[Line] = [((line, TITLE),) for line in wrapped(words, width)]
    if before is not None:
        title = title_lines(position_title(before, view.notices), width)
    result = view.result
    steps = _action_lines(result.outcomes, view.lines, result.liquidated_after, width)
    return [*title, (), *steps]


def whatif_rows(view: WhatIfView) -> list[Rows]:
    """Return the tables before and after."""
    result = view.result
    tables = []
    if result.index is None and result.pairs:
        tables.append(_pair_rows(result.pairs))
    return tables + compared(
        result.position_before, result.position_after, result.before.cross, result.after.cross
    )


def whatif_lines(view: WhatIfView, width: int | None) -> list[Line]:
    """Return what is nearest to liquidation, where there is a choice, and the verdict."""
    result = view.result
    lines: list[Line] = []
    if result.closed and result.position_before is not None:
        lines += [((f"{result.position_before.asset} is closed: no position is left", ""),), ()]
    if len(result.before.positions) > 1:
        lines += [
            *_texts(f"Nearest to liquidation before: {_nearest(result.before)}", NOTE, width),
            *_texts(f"Nearest to liquidation after:  {_nearest(result.after)}", "", width),
            (),
        ]
    lead, colon, rest = view.message.partition(":")
    style = _verdict_style(result)
    first, *others = wrapped(f"{lead}{colon}{rest}", width)
    head = first[: len(lead) + 1]
    return [*lines, ((head, style), (first[len(head) :], "")), *[((one, ""),) for one in others]]


def _verdict_style(result: WhatIf) -> str:
    """Nothing good is green beside figures of something that is liquidatable."""
    unsafe = result.allowed and anything_liquidatable(result.before)
    return "" if unsafe else verdict_style(allowed=result.allowed)


def _action_lines(
    outcomes: Sequence[Outcome],
    words: Sequence[str],
    liquidated_after: int | None,
    width: int | None,
) -> list[Line]:
    lines: list[Line] = []
    for number, (outcome, text) in enumerate(zip(outcomes, words, strict=True), start=1):
        refused = outcome.allowed is False or number == liquidated_after
        style = DANGER if refused else ""
        lines += _texts(f"{number}. {text}", style, width, INDENT)
    return [*lines, ()]


def _texts(text: str, style: str, width: int | None, indent: str = "") -> list[Line]:
    return [((line, style),) for line in wrapped(text, width, indent)]


def _nearest(report: AccountReport) -> str:
    found = nearest_to_liquidation(report)
    if found is None or found.liquidation_distance is None:
        return "none: no single price move liquidates anything"
    words = distance_words(found.liquidation_distance, found.side)
    if found.liquidatable:
        return f"{found.asset} {found.side.word}, liquidatable at the mark"
    return f"{found.asset} {found.side.word}, liquidated {words}"


def _pair_rows(pairs: Sequence[tuple[PositionReport, PositionReport | None]]) -> Rows:
    columns: list[list[str]] = [
        [before.asset for before, _ in pairs],
        [before.side.word for before, _ in pairs],
    ]
    # prices of different assets have different decimals: their points need not be below each other
    columns += [_right([show(after) for _, after in pairs]) for show in (_mark, _price)]
    columns.append(aligned([_distance(before) for before, _ in pairs]))
    columns.append(aligned([_distance(after) for _, after in pairs]))
    styles = tuple(_style(before, after) for before, after in pairs)
    return Rows("Positions after", _PAIR_HEADS, tuple(zip(*columns, strict=True)), styles)


def _right(texts: Sequence[str]) -> list[str]:
    width = max(len(text) for text in texts)
    return [text.rjust(width) for text in texts]


def _mark(report: PositionReport | None) -> str:
    return "" if report is None else given_price(report.mark_price)


def _price(report: PositionReport | None) -> str:
    if report is None or report.liquidation_price is None:
        return "-"
    return danger_price(report.liquidation_price, report.side)


def _distance(report: PositionReport | None) -> str:
    if report is None or report.liquidation_distance is None:
        return ""
    return (
        "LIQUIDATABLE" if report.liquidatable else percent(report.liquidation_distance, ROUND_FLOOR)
    )


def _style(before: PositionReport, after: PositionReport | None) -> str:
    if after is not None and after.liquidatable:
        return CAUTION if before.liquidatable else DANGER
    return ""


def solution_title(view: SolutionView, width: int | None, *, whole: bool) -> list[Line]:
    """Return which position the target is for; one still to be opened with its ``whole`` sheet."""
    solution = view.solution
    if solution.position_before is not None:
        return [*title_lines(position_title(solution.position_before, view.notices), width), ()]
    after = solution.position_after
    if after is None:
        return []
    if not whole:
        return [*title_lines(position_title(after, view.notices), width), ()]
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


def _verdict_style_of_solve_sheet(solution: Solution) -> str:
    """Nothing good is green beside figures of something that is liquidatable."""
    if not solution.possible:
        return DANGER
    if solution.means is Variable.HOURS or solution.margin_for_stop:
        return ""
    reports = (solution.before, solution.after)
    shown = [report for report in reports if report is not None]
    return "" if any(anything_liquidatable(report) for report in shown) else SAFE


def solution_lines(view: SolutionView, width: int | None) -> list[Line]:
    """Return the answer and its proof."""
    style = _verdict_style_of_solve_sheet(view.solution)
    lines: list[Line] = [((line, style),) for line in wrapped(view.message, width)]
    if view.proof:
        lines += [((line, NOTE),) for line in wrapped(view.proof, width)]
    return lines
