"""The answer of ``sweep``, and its points as rows of figures for every format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from marginctl.core.account_sweep import AccountPoint, AccountSweep
from marginctl.core.notices import Notice
from marginctl.core.report import PositionReport
from marginctl.core.stress import Betas
from marginctl.core.sweep import Over, Point, Sweep
from marginctl.core.venue import Venue
from marginctl.render.data import Data, betas_data, notice_data, source_data, value_text
from marginctl.render.field import Field
from marginctl.render.view import TiersView


@dataclass(frozen=True, slots=True)
class SweepView:
    """A sweep of a position, or of the whole account when ``index`` is None.

    ``reports`` are those of the account's positions today. ``betas`` are shown where given.
    """

    venue: Venue
    tiers: TiersView
    sweep: Sweep | AccountSweep
    reports: tuple[PositionReport, ...]
    index: int | None
    notices: tuple[Notice, ...]
    betas: Betas | None = None

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
    "grid, mark, liquidation, backstop, bankruptcy, tier_boundary or removal_opens",
)
_SPOT_FIELDS = (
    Field("notional", "amount", "size · mark price; of the account, the sum"),
    Field("equity", "amount", "margin + unrealized PnL; of a cross position, the account's value"),
    Field("maintenance_margin", "amount", "what equity is compared with"),
    Field("closing_fee", "amount", "fee to close, which equity must carry too", only="fees"),
    Field("margin_ratio", "fraction", "maintenance margin / equity; liquidatable above 1"),
    Field("margin_rate", "fraction", "equity / (maintenance margin + closing fee)", only="fees"),
    Field("liquidatable", "flag", "whether it is liquidated there"),
    Field("max_removable", "amount", "most that may be removed there"),
    Field("shortfall", "amount", "equity missing before anything can be removed"),
)
POINT_FIELDS = (
    _AT,
    _KIND,
    Field("mark_price", "price", "mark price there"),
    Field("unrealized_pnl", "amount", "side · size · (mark price - entry price)"),
    *_SPOT_FIELDS,
    Field("liquidation_price", "price", "liquidation price there"),
    Field("liquidation_distance", "fraction", "side · (mark - liquidation price) / mark there"),
)
ACCOUNT_POINT_FIELDS = (
    _AT,
    _KIND,
    Field("asset", "text", "asset of the position that this row is about; null: the account"),
    Field("side", "text", "side of that position"),
    Field("margin_mode", "text", "margin mode of that position"),
    *(field for field in _SPOT_FIELDS if field.only is None),
    Field("cross_liquidated", "flag", "whether the cross account has been liquidated on the way"),
    Field("isolated_equity", "amount", "equity of the isolated positions still alive"),
    Field("liquidated", "text", "isolated positions liquidated since the row nearer to now"),
)


def sweep_fields(view: SweepView) -> list[Field]:
    """Return the fields of a sweep's points."""
    if view.index is None:
        return list(ACCOUNT_POINT_FIELDS)
    fees = bool(view.venue.rules.closing_fee_rate)
    return [field for field in POINT_FIELDS if field.only is None or fees]


def sweep_data(view: SweepView, fields: Sequence[Field]) -> Data:
    """Return the object that ``sweep -o json`` prints."""
    report = view.report
    return {
        "schema": "marginctl/sweep/1",
        **source_data(view.venue, view.tiers),
        "over": view.over.value,
        "asset": None if report is None else report.asset,
        "side": None if report is None else report.side.word,
        **({} if view.betas is None else {"betas": betas_data(view.betas)}),
        "max_removable_exclusive": view.venue.rules.removal_is_exclusive,
        "points": point_objects(view, fields),
        "warnings": [notice_data(notice) for notice in view.notices],
    }


def point_objects(view: SweepView, fields: Sequence[Field]) -> Iterator[Data]:
    """Yield the points as objects of exact texts."""
    for point in view.sweep.points:
        yield {field.name: _json_value(point_value(view, point, field.name)) for field in fields}


def point_rows(view: SweepView, fields: Sequence[Field]) -> Iterator[list[Any]]:
    """Yield the points as rows of exact texts."""
    for data in point_objects(view, fields):
        yield [", ".join(value) if isinstance(value, list) else value for value in data.values()]


def _json_value(value: Any) -> Any:
    return value if isinstance(value, list) else value_text(value)


def point_value(view: SweepView, point: Point | AccountPoint, name: str) -> Any:
    """Return the value of a field of a point."""
    if isinstance(point, AccountPoint):
        if name in {"asset", "side", "margin_mode"}:
            place = point.position
            return None if place is None else getattr(view.reports[place], name)
        if name == "liquidated":
            return [view.name(index) for index in point.liquidated]
        spot = point.cross
    else:
        spot = point.spot
    if hasattr(point, name):
        return getattr(point, name)
    return None if spot is None else getattr(spot, name)
