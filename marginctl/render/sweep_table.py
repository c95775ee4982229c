"""The rows of a sweep as a table that fits the width."""

from collections.abc import Sequence

from marginctl.core.account_sweep import AccountPoint
from marginctl.core.spots import Kind, Spot
from marginctl.core.sweep import Over, Point
from marginctl.render.amounts import Money, danger_price, danger_style, near_price, position_amounts
from marginctl.render.layout import DANGER, NOTE, TITLE, Line, aligned, wrapped
from marginctl.render.numbers import ROUND_FLOOR, percent, ratio_percent
from marginctl.render.rows import Rows
from marginctl.render.sheet import position_title
from marginctl.render.sweep_view import SweepView
from marginctl.render.sweep_words import at_text, event_words

_HEAD = {Over.MARK: "Mark", Over.MOVE: "Move", Over.MARGIN: "Margin"}
_SPARE = ("Mark", "Distance", "Removable", "Ratio")
_SPARE_OF_MARGINS = ("Maint.", "Kept", "Distance", "Removable")
"""The columns that are left out first where the width does not hold all."""
_GAP = 2


def sweep_title(view: SweepView, width: int | None) -> list[Line]:
    """Return what is swept."""
    if view.report is not None:
        return [tuple(position_title(view.report, view.notices))]
    names = f"{len(view.reports)} positions on {view.venue.name}, {view.venue.quote}"
    line = f"{names}: all prices move together"
    return [((text, TITLE),) for text in wrapped(line, width)]


def sweep_rows(view: SweepView, width: int | None) -> tuple[Rows, list[str]]:
    """Return the table, and the names of the columns that the width has no room for."""
    columns = _columns(view)
    left_out = []
    for name in _SPARE_OF_MARGINS if view.over is Over.MARGIN else _SPARE:
        if width is None or _width(columns) <= width:
            break
        if columns.pop(name, None) is not None:
            left_out.append(name.lower())
    heads = tuple((head, head != "") for head in columns)
    cells = tuple(zip(*columns.values(), strict=True))
    return Rows("", heads, cells, tuple(_style(point) for point in view.sweep.points)), left_out


def left_out_lines(left_out: Sequence[str], width: int | None) -> list[Line]:
    """Say which columns a wider terminal would show."""
    if not left_out:
        return []
    text = f"Left out to fit the width: {', '.join(left_out)}"
    return [((line, NOTE),) for line in wrapped(text, width)]


def _columns(view: SweepView) -> dict[str, list[str]]:
    points = view.sweep.points
    spots = [_spot(point) for point in points]
    reports = [report for report in (view.report, *view.reports) if report is not None]
    money = Money(*(amount for report in reports for amount in position_amounts(report)))
    report = view.report
    crossed = view.over is Over.MARGIN and report is not None and report.margin is None
    head = "Collateral" if crossed else _HEAD[view.over]
    columns = {head: aligned([at_text(view, point.at) for point in points])}
    if report is not None and view.over is Over.MOVE:
        prices = [near_price(point.mark_price) for point in _own(points)]
        columns["Mark"] = aligned(prices)
    if any(spot is not None for spot in spots):
        columns |= _margin_columns(view, spots, money)
    if report is None:
        rest = [point for point in points if isinstance(point, AccountPoint)]
        if any(one.margin is not None for one in view.reports):
            columns["Isolated"] = aligned([money.near(point.isolated_equity) for point in rest])
    else:
        columns |= _price_columns(view, _own(points))
    columns[""] = [event_words(view, point) for point in points]
    return columns


def _own(points: Sequence[Point | AccountPoint]) -> list[Point]:
    return [point for point in points if isinstance(point, Point)]


def _margin_columns(
    view: SweepView, spots: Sequence[Spot | None], money: Money
) -> dict[str, list[str]]:
    rules = view.venue.rules
    kept = "Kept" if rules.closing_fee_rate else "Maint."
    cells: dict[str, list[str]] = {"Equity": [], kept: [], "Ratio": [], "Removable": []}
    for spot in spots:
        assert spot is not None
        cells["Equity"].append(money.near(spot.equity))
        cells[kept].append(money.near(spot.maintenance_margin + spot.closing_fee))
        ratio = spot.margin_ratio
        cells["Ratio"].append("-" if ratio is None else ratio_percent(ratio))
        if spot.max_removable is None:
            cells["Removable"].append("unknown")
            continue
        less = "< " if rules.removal_is_exclusive and spot.max_removable > 0 else ""
        cells["Removable"].append(less + money.low(spot.max_removable))
    return {name: aligned(values) for name, values in cells.items()}


def _price_columns(view: SweepView, points: Sequence[Point]) -> dict[str, list[str]]:
    report = view.report
    assert report is not None
    columns: dict[str, list[str]] = {}
    if view.over is Over.MARGIN:
        columns["Liquidation"] = aligned(
            [
                "-"
                if point.liquidation_price is None
                else danger_price(point.liquidation_price, report.side)
                for point in points
            ]
        )
    distances = [point.liquidation_distance for point in points]
    columns["Distance"] = aligned(
        ["-" if distance is None else percent(distance, ROUND_FLOOR) for distance in distances]
    )
    return columns


def _spot(point: Point | AccountPoint) -> Spot | None:
    return point.cross if isinstance(point, AccountPoint) else point.spot


def _width(columns: dict[str, list[str]]) -> int:
    widths = (max(len(head), *map(len, cells)) for head, cells in columns.items())
    return sum(widths) + _GAP * (len(columns) - 1)


def _style(point: Point | AccountPoint) -> str:
    spot = _spot(point)
    lost = point.cross_liquidated if isinstance(point, AccountPoint) else False
    if lost or (spot is not None and spot.liquidatable) or point.kind is Kind.LIQUIDATION:
        return DANGER
    distance = point.liquidation_distance if isinstance(point, Point) else None
    ratio = None if spot is None else spot.margin_ratio
    return danger_style(ratio, distance, liquidatable=False)
