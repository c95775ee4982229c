"""What other tiers make of positions: two rows each, those that become liquidatable first."""

from collections.abc import Iterator, Sequence

from marginctl.core.report import CrossReport, PositionReport
from marginctl.core.tier_effect import AccountEffect, PositionEffect
from marginctl.render.amounts import Money, cross_amounts, danger_price, position_amounts
from marginctl.render.layout import DANGER, aligned
from marginctl.render.rows import Rows
from marginctl.render.text import visible

HEADS = (
    ("Position", False),
    ("Tiers", False),
    ("Maintenance", True),
    ("Liquidation", True),
    ("Removable", True),
    ("", False),
)
_DANGER = "LIQUIDATABLE"


def ordered(effects: Sequence[AccountEffect]) -> list[PositionEffect]:
    """Return the positions of accounts, those that become liquidatable first."""
    every = [position for effect in effects for position in effect.positions]
    return sorted(every, key=lambda effect: not effect.becomes_liquidatable)


def effect_rows(effects: Sequence[AccountEffect]) -> Rows:
    """Return the table of positions, and of the cross accounts, under the old and new tiers."""
    rows = [*_position_rows(effects), *_cross_rows(effects)]
    names, words, *numbers, remarks = zip(*rows, strict=True)
    columns = [names, words, *(aligned(column) for column in numbers), remarks]
    return Rows(
        "Positions",
        HEADS,
        tuple(zip(*columns, strict=True)),
        tuple(DANGER if remark == _DANGER else "" for remark in remarks),
    )


def _position_rows(effects: Sequence[AccountEffect]) -> Iterator[tuple[str, ...]]:
    for position in ordered(effects):
        report = position.after or position.before
        side = "" if report is None else f" {report.side.word}"
        name = visible(position.asset + side)
        for word, shown in (("old", position.before), ("new", position.after)):
            cells = ("", "", "", "not in them") if shown is None else _cells(shown)
            yield name if word == "old" else "", word, *cells


def _cross_rows(effects: Sequence[AccountEffect]) -> Iterator[tuple[str, ...]]:
    for effect in effects:
        before, after = effect.before.cross, effect.after.cross
        if before is not None and after is not None and before.notional:
            yield "cross account", "old", *_cross_cells(before)
            yield "", "new", *_cross_cells(after)


def _cells(report: PositionReport) -> tuple[str, ...]:
    money, price = Money(*position_amounts(report)), report.liquidation_price
    return (
        money.near(report.maintenance_margin),
        "-" if price is None else danger_price(price, report.side),
        "" if report.max_removable is None else money.low(report.max_removable),
        _DANGER if report.liquidatable else "",
    )


def _cross_cells(cross: CrossReport) -> tuple[str, ...]:
    money = Money(*cross_amounts(cross))
    return (
        money.near(cross.maintenance_margin),
        "",
        "" if cross.max_removable is None else money.low(cross.max_removable),
        _DANGER if cross.liquidatable else "",
    )
