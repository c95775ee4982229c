"""What happens along a sweep, in words: for tables, pictures and their legends."""

from decimal import Decimal
from fractions import Fraction

from marginctl.core.account_sweep import AccountPoint
from marginctl.core.numbers import decimal_of
from marginctl.core.spots import Event, Kind
from marginctl.core.sweep import Over, Point
from marginctl.render.numbers import (
    ROUND_CEILING,
    ROUND_FLOOR,
    as_given,
    decimals_for,
    grouped,
    signed_percent,
)
from marginctl.render.sheet import LONGEST_GIVEN
from marginctl.render.sweep_view import SweepView

WORDS = {
    Kind.GRID: "",
    Kind.MARK: "the mark",
    Kind.LIQUIDATION: "liquidation",
    Kind.BACKSTOP: "backstop",
    Kind.BANKRUPTCY: "bankruptcy",
    Kind.TIER_BOUNDARY: "tier boundary",
    Kind.REMOVAL_OPENS: "removal opens",
}


def event_words(view: SweepView, event: Event | Point | AccountPoint) -> str:
    """Say what happens: liquidation, tier of 15x, SOL long gone."""
    kind, place = event.kind, view.index
    if place is None and not isinstance(event, Point):
        place = event.position
    if kind is Kind.MARK and view.over is not Over.MARK:
        gone = event.liquidated if isinstance(event, AccountPoint) else ()
        return "now" + "".join(f", {view.name(index)} gone" for index in gone)
    if event.tier is not None and place is not None:
        asset = view.reports[place].asset
        tier = view.venue.assets[asset].table.tiers[event.tier]
        words = f"tier of {as_given(tier.max_leverage)}x"
        return words if view.index is not None else f"{asset} {words}"
    if view.index is None and place is not None:
        return f"{view.name(place)} gone"
    if view.index is None and kind is Kind.LIQUIDATION:
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
    if len(at.as_tuple().digits) <= LONGEST_GIVEN:
        return as_given(at)
    now = next(event.at for event in view.sweep.events if event.kind is Kind.MARK)
    toward = ROUND_CEILING if at < now else ROUND_FLOOR
    return grouped(at, decimals_for(at, 6), toward)


def beside_text(view: SweepView, event: Event) -> str:
    """Say where an event is in the other way of counting: a price's move, or a move's price."""
    report = view.report
    if report is None or view.over is Over.MARGIN:
        return ""
    mark = Fraction(report.mark_price)
    if view.over is Over.MARK:
        return "" if event.kind is Kind.MARK else signed_percent(decimal_of(event.at / mark - 1))
    price = decimal_of(mark * (1 + event.at))
    toward = ROUND_CEILING if event.at < 0 else ROUND_FLOOR
    return grouped(price, decimals_for(price, 6), toward)
