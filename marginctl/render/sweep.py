"""A sweep as a table and as data, and what happens along it in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marginctl.core.account import Betas
from marginctl.core.account_sweep import AccountPoint, AccountSweep
from marginctl.core.notices import Notice
from marginctl.core.numbers import decimal_of, exactly
from marginctl.core.report import PositionReport
from marginctl.core.rules import Venue
from marginctl.core.sweep import Event, EventKind, FiguresAt, Over, Point, Sweep
from marginctl.render.chosen import cell
from marginctl.render.data import (
    Data,
    TiersView,
    betas_data,
    notice_data,
    source_data,
    value_text,
)
from marginctl.render.figures import POSITION, POSITION_FIELDS, Field, pick
from marginctl.render.layout import (
    DANGER,
    NOTE,
    TITLE,
    Rows,
    TextLine,
    aligned,
    styled_lines,
    title_lines,
)
from marginctl.render.numbers import (
    ROUND_CEILING,
    ROUND_FLOOR,
    decimals_for,
    exact_text,
    grouped,
    names_text,
    percent,
    ratio_percent,
    signed_percent,
)
from marginctl.render.rounding import Money, danger_price, is_given, near_price, removable_text
from marginctl.render.sheet import danger_style, position_amounts, position_title


@dataclass(frozen=True, slots=True)
class SweepView:
    """A sweep of a position, or of the whole account when ``index`` is None.

    ``reports`` are those of the account's positions today. ``betas`` are shown where given.
    ``dexes`` are the account's, where others of the same file are swept beside it.
    """

    venue: Venue
    tiers: TiersView
    sweep: Sweep | AccountSweep
    reports: tuple[PositionReport, ...]
    index: int | None
    notices: tuple[Notice, ...]
    betas: Betas | None = None
    dexes: tuple[str, ...] | None = None

    @property
    def over(self) -> Over:
        """What is swept over; an account only over a common move."""
        return self.sweep.over if isinstance(self.sweep, Sweep) else Over.MOVE

    @property
    def report(self) -> PositionReport | None:
        """Today's report of the one position that is swept."""
        return None if self.index is None else self.reports[self.index]

    def name(self, index: int) -> str:
        """Return a position's name: ETH long."""
        report = self.reports[index]
        return f"{report.asset} {report.side.word}"


_AT = Field(
    "at", "text", "mark price, move as a fraction, or margin (of a cross position, the cash)"
)
_KIND = Field(
    "kind",
    "text",
    "grid, mark, liquidation, portfolio_limit, backstop, bankruptcy, tier_boundary or "
    "removal_opens",
)
_DEXES = Field("dexes", "text", "dexs of the account, where the file has several accounts")
_FIGURES = pick(
    [
        "notional",
        "equity",
        "maintenance_margin",
        "closing_fee",
        "margin_ratio",
        "margin_rate",
        "liquidatable",
        "max_removable",
        "shortfall",
    ],
    POSITION_FIELDS,
)
"""What a position has at a point; of an account, these are of the account."""
POINT_FIELDS = (
    _AT,
    _KIND,
    *pick(["mark_price", "unrealized_pnl"], POSITION_FIELDS),
    *_FIGURES,
    *pick(["liquidation_price", "liquidation_distance"], POSITION_FIELDS),
)
ACCOUNT_POINT_FIELDS = (
    _AT,
    _KIND,
    Field("asset", "text", "asset of the position that this row is about; null: the account"),
    Field("side", "text", "side of that position"),
    Field("margin_mode", "text", "margin mode of that position"),
    *(field for field in _FIGURES if field.only is None),
    Field("cross_liquidated", "flag", "whether the cross account has been liquidated on the way"),
    Field("isolated_equity", "amount", "equity of the isolated positions still alive"),
    Field("liquidated", "text", "isolated positions liquidated since the row nearer to now"),
)


def sweep_fields(view: SweepView) -> list[Field]:
    """Return the fields of a sweep's points."""
    if view.index is None:
        return [*([] if view.dexes is None else [_DEXES]), *ACCOUNT_POINT_FIELDS]
    fees = bool(view.venue.rules.closing_fee_rate)
    return [field for field in POINT_FIELDS if field.only is None or fees]


def sweep_data(views: Sequence[SweepView], fields: Sequence[Field]) -> Data:
    """Return the object that ``sweep -o json`` prints, with the points of every account."""
    view = views[0]
    report = view.report
    return {
        "schema": "marginctl/sweep/1",
        **source_data(view.venue, view.tiers),
        "over": view.over.value,
        "asset": None if report is None else report.asset,
        "side": None if report is None else report.side.word,
        **({} if view.betas is None else {"betas": betas_data(view.betas)}),
        "max_removable_exclusive": view.venue.rules.removal_is_exclusive,
        "points": point_objects(views, fields),
        "warnings": [notice_data(notice) for notice in notices_of(views)],
    }


def notices_of(views: Sequence[SweepView]) -> list[Notice]:
    """Return the notices of all accounts, each once."""
    return list(dict.fromkeys(notice for view in views for notice in view.notices))


def point_objects(views: Sequence[SweepView], fields: Sequence[Field]) -> Iterator[Data]:
    """Yield the points as objects of exact texts."""
    for view in views:
        for point in view.sweep.points:
            yield {
                field.name: _json_value(point_value(view, point, field.name)) for field in fields
            }


def point_rows(views: Sequence[SweepView], fields: Sequence[Field]) -> Iterator[list[Any]]:
    """Yield the points as rows of exact texts."""
    for data in point_objects(views, fields):
        if "dexes" in data:
            data["dexes"] = names_text(data["dexes"])
        yield [", ".join(value) if isinstance(value, list) else value for value in data.values()]


def point_cells(views: Sequence[SweepView], fields: Sequence[Field]) -> list[list[str]]:
    """Return the points as tables show the fields that were asked for, a row each."""
    return [
        [_cell(view, field, point_value(view, point, field.name)) for field in fields]
        for view in views
        for point in view.sweep.points
    ]


def _cell(view: SweepView, field: Field, value: Any) -> str:
    if field is _AT:
        return at_text(view, value)
    if isinstance(value, list):
        return names_text(value) or "-"
    return cell(field, value, None if view.report is None else view.report.side)


def _json_value(value: Any) -> Any:
    return value if isinstance(value, list) else value_text(value)


def point_value(view: SweepView, point: Point | AccountPoint, name: str) -> Any:
    """Return the value of a field of a point."""
    if isinstance(point, AccountPoint):
        if name == "dexes":
            return list(view.dexes or ())
        if name in {"asset", "side", "margin_mode"}:
            place = point.position
            return None if place is None else getattr(view.reports[place], name)
        if name == "liquidated":
            return [view.name(index) for index in point.liquidated]
        figures = point.cross
    else:
        figures = point.figures
    if hasattr(point, name):
        return getattr(point, name)
    return None if figures is None else getattr(figures, name)


WORDS = {
    EventKind.GRID: "",
    EventKind.MARK: "the mark",
    EventKind.LIQUIDATION: "liquidation",
    EventKind.PORTFOLIO_LIMIT: "liquidated above 95%",
    EventKind.BACKSTOP: "backstop",
    EventKind.BANKRUPTCY: "bankruptcy",
    EventKind.TIER_BOUNDARY: "tier boundary",
    EventKind.REMOVAL_OPENS: "removal opens",
}


def event_words(view: SweepView, event: Event | Point | AccountPoint) -> str:
    """Say what happens: liquidation, tier of 15x, SOL long gone."""
    kind, place = event.kind, view.index
    if place is None and not isinstance(event, Point):
        place = event.position
    if kind is EventKind.MARK and view.over is not Over.MARK:
        gone = event.liquidated if isinstance(event, AccountPoint) else ()
        return "now" + "".join(f", {view.name(index)} liquidated" for index in gone)
    if event.tier is not None and place is not None:
        asset = view.reports[place].asset
        tier = view.venue.assets[asset].table.tiers[event.tier]
        words = f"tier of {exact_text(tier.max_leverage)}x"
        return words if view.index is not None else f"{asset} {words}"
    if view.index is None and place is not None:
        return f"{view.name(place)} liquidated"
    if view.index is None and kind is EventKind.LIQUIDATION:
        return "cross liquidation"
    return WORDS[kind]


def at_text(view: SweepView, at: Decimal) -> str:
    """Show a point of the range: a price near today's mark, a move or a margin.

    Rounded toward the present, so that nothing looks further away than it is.
    """
    if view.over is Over.MOVE:
        return signed_percent(at)
    report = view.report
    assert report is not None
    if is_given(at):
        return exact_text(at)
    now = next(event.at for event in view.sweep.events if event.kind is EventKind.MARK)
    toward = ROUND_CEILING if at < now else ROUND_FLOOR
    return grouped(at, decimals_for(at, 6), toward)


def beside_text(view: SweepView, event: Event) -> str:
    """Say where an event is in the other way of counting: a price's move, or a move's price."""
    report = view.report
    if report is None or view.over is Over.MARGIN:
        return ""
    mark = Fraction(report.mark_price)
    if view.over is Over.MARK:
        return (
            "" if event.kind is EventKind.MARK else signed_percent(decimal_of(event.at / mark - 1))
        )
    price = decimal_of(mark * (1 + event.at))
    toward = ROUND_CEILING if event.at < 0 else ROUND_FLOOR
    return grouped(price, decimals_for(price, 6), toward)


_HEAD = {Over.MARK: "Mark", Over.MOVE: "Move", Over.MARGIN: POSITION["margin"].label}
_EQUITY, _DISTANCE, _REMOVABLE = (
    POSITION[name].label for name in ("equity", "liquidation_distance", "max_removable")
)
_SPARE = ("Mark", _DISTANCE, _REMOVABLE, "Ratio")
_SPARE_OF_MARGINS = ("Maint.", "Kept", _DISTANCE, _REMOVABLE)
"""The columns that are left out first where the width does not hold all."""
_GAP = 2


def sweep_title(view: SweepView, width: int | None) -> list[TextLine]:
    """Return what is swept."""
    if view.report is not None:
        return title_lines(position_title(view.report, view.notices), width)
    return styled_lines(f"{account_name(view)}: all prices move together", TITLE, width)


def account_name(view: SweepView) -> str:
    """Return what a swept account is called: 5 positions on hyperliquid, USDC."""
    count = len(view.reports)
    positions = "1 position" if count == 1 else f"{count} positions"
    of_dexes = "" if view.dexes is None else f" · {names_text(view.dexes)}"
    return f"{positions} on {view.venue.name}, {view.venue.quote}{of_dexes}"


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


def left_out_lines(left_out: Sequence[str], width: int | None) -> list[TextLine]:
    """Say which columns a wider terminal would show."""
    if not left_out:
        return []
    text = f"Left out to fit the width: {', '.join(left_out)}"
    return styled_lines(text, NOTE, width)


def _columns(view: SweepView) -> dict[str, list[str]]:
    points = view.sweep.points
    swept = [_figures(point) for point in points]
    reports = [report for report in (view.report, *view.reports) if report is not None]
    money = Money(*(amount for report in reports for amount in position_amounts(report)))
    report = view.report
    crossed = view.over is Over.MARGIN and report is not None and report.margin is None
    head = "Collateral" if crossed else _HEAD[view.over]
    columns = {head: aligned([at_text(view, point.at) for point in points])}
    if report is not None and view.over is Over.MOVE:
        prices = [near_price(point.mark_price) for point in _own(points)]
        columns["Mark"] = aligned(prices)
    if any(figures is not None for figures in swept):
        columns |= _margin_columns(view, swept, money)
    if report is None:
        rest = [point for point in points if isinstance(point, AccountPoint)]
        if any(report.margin is not None for report in view.reports):
            columns["Isolated"] = aligned([money.near(point.isolated_equity) for point in rest])
    else:
        columns |= _price_columns(view, _own(points))
    columns[""] = [event_words(view, point) for point in points]
    return columns


def _own(points: Sequence[Point | AccountPoint]) -> list[Point]:
    return [point for point in points if isinstance(point, Point)]


@exactly
def _margin_columns(
    view: SweepView, swept: Sequence[FiguresAt | None], money: Money
) -> dict[str, list[str]]:
    rules = view.venue.rules
    kept = "Kept" if rules.closing_fee_rate else "Maint."
    cells: dict[str, list[str]] = {_EQUITY: [], kept: [], "Ratio": [], _REMOVABLE: []}
    for figures in swept:
        assert figures is not None
        cells[_EQUITY].append(money.near(figures.equity))
        cells[kept].append(money.near(figures.maintenance_margin + figures.closing_fee))
        ratio = figures.margin_ratio
        cells["Ratio"].append("-" if ratio is None else ratio_percent(ratio))
        amount, exclusive = figures.max_removable, rules.removal_is_exclusive
        cells[_REMOVABLE].append(
            "unknown" if amount is None else removable_text(amount, money, exclusive=exclusive)
        )
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
    columns[_DISTANCE] = aligned(
        ["-" if distance is None else percent(distance, ROUND_FLOOR) for distance in distances]
    )
    return columns


def _figures(point: Point | AccountPoint) -> FiguresAt | None:
    return point.cross if isinstance(point, AccountPoint) else point.figures


def _width(columns: dict[str, list[str]]) -> int:
    widths = (max(len(head), *map(len, cells)) for head, cells in columns.items())
    return sum(widths) + _GAP * (len(columns) - 1)


_LOSSES = (EventKind.LIQUIDATION, EventKind.PORTFOLIO_LIMIT)


def _style(point: Point | AccountPoint) -> str:
    figures = _figures(point)
    lost = point.cross_liquidated if isinstance(point, AccountPoint) else False
    if lost or (figures is not None and figures.liquidatable) or point.kind in _LOSSES:
        return DANGER
    distance = point.liquidation_distance if isinstance(point, Point) else None
    ratio = None if figures is None else figures.margin_ratio
    return danger_style(ratio, distance, liquidatable=False)
