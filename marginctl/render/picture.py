"""What the picture of a sweep shows, before it is drawn in characters or as a vector file.

Between two rows of a sweep every curve is straight, as each of its corners has a row of its own:
so the curves are drawn through the rows and are exact.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from operator import itemgetter

from marginctl.core.account_sweep import AccountPoint, AccountSweep
from marginctl.core.numbers import ZERO, decimal_of, exactly, quotient
from marginctl.core.sweep import Event, EventKind, FiguresAt, Over, Point
from marginctl.render.numbers import grouped, plain, signed_percent
from marginctl.render.sheet import position_title
from marginctl.render.sweep import SweepView, account_name, at_text, beside_text, event_words
from marginctl.render.tiers import short

LETTERS = {
    EventKind.MARK: "M",
    EventKind.LIQUIDATION: "L",
    EventKind.PORTFOLIO_LIMIT: "P",
    EventKind.BACKSTOP: "K",
    EventKind.BANKRUPTCY: "B",
    EventKind.TIER_BOUNDARY: "T",
    EventKind.REMOVAL_OPENS: "R",
}
_SHORT_FROM = 1_000_000


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points; ``solid`` tells one from the other without colour."""

    name: str
    points: tuple[tuple[Decimal, Decimal], ...]
    solid: bool

    @exactly
    def height(self, at: Decimal) -> Decimal:
        """Return the height somewhere in the range, to 50 digits."""
        right = bisect_left(self.points, at, lo=1, hi=len(self.points) - 1, key=itemgetter(0))
        (begin, low), (end, high) = self.points[right - 1], self.points[right]
        if begin == end:
            return high
        return low + quotient((high - low) * (at - begin), end - begin)


@dataclass(frozen=True, slots=True)
class AxisMark:
    """A place on the axis where something happens; ``inside`` the range or not."""

    kind: EventKind
    at: Decimal
    name: str
    text: str
    beside: str
    inside: bool

    @property
    def letter(self) -> str:
        """The letter that stands for it."""
        return LETTERS[self.kind]


@dataclass(frozen=True, slots=True)
class PositionSpan:
    """An isolated position along the range: where it is safe, None where it never is.

    ``liquidations`` are the moves inside of the range at which it is liquidated, with their texts.
    """

    name: str
    text: str
    safe: tuple[Decimal, Decimal] | None
    liquidations: tuple[tuple[Decimal, str], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Curves over a range, what happens on it, where it is liquidated, and isolated positions."""

    title: str
    axis: str
    low: Decimal
    high: Decimal
    curves: tuple[Curve, ...]
    marks: tuple[AxisMark, ...]
    lost: tuple[tuple[Decimal, Decimal], ...]
    spans: tuple[PositionSpan, ...]
    text: Callable[[Decimal], str]

    @property
    def bottom(self) -> Decimal:
        """The lowest height: zero, or what lies below it."""
        return min([ZERO, *(height for curve in self.curves for _, height in curve.points)])

    @property
    def top(self) -> Decimal:
        """The greatest height, above the lowest."""
        top = max((height for curve in self.curves for _, height in curve.points), default=ZERO)
        return top if top > self.bottom else self.bottom + 1


@exactly
def picture_of(view: SweepView) -> Picture:
    """Return the picture of a sweep: equity against maintenance, and the isolated positions."""
    swept = [
        (point.at, figures)
        for point in view.sweep.points
        if (figures := _figures(point)) is not None
    ]
    if isinstance(view.sweep, AccountSweep) and not any(
        report.margin is None for report in view.reports
    ):
        swept = []  # no cross position: nothing happens to the cross account
    curves: tuple[Curve, ...] = ()
    if swept:
        kept = "maintenance margin"
        if view.venue.rules.closing_fee_rate:
            kept += " and closing fee"
        worth = "equity" if _own_margin(view) else "value of the cross account"
        curves = (
            Curve(worth, tuple((at, figures.equity) for at, figures in swept), solid=True),
            Curve(
                kept,
                tuple(
                    (at, figures.maintenance_margin + figures.closing_fee) for at, figures in swept
                ),
                solid=False,
            ),
        )
    return Picture(
        title=_title(view),
        axis=_axis(view),
        low=view.sweep.range.low,
        high=view.sweep.range.high,
        curves=curves,
        marks=_marks(view),
        lost=_lost(view) if swept else (),
        spans=tuple(_spans(view)),
        text=_axis_move if view.over is Over.MOVE else axis_number,
    )


def axis_number(value: Decimal) -> str:
    """Show a round number on an axis: 1,750, 12.5M, 0.00025."""
    if abs(value) >= _SHORT_FROM:
        return short(value)
    if abs(value) >= 1 or not value:
        return grouped(value, 2).removesuffix(".00")
    return plain(round(value, 3 - value.adjusted()))


def _axis_move(move: Decimal) -> str:
    return signed_percent(move).replace(".00%", "%")


def _figures(point: Point | AccountPoint) -> FiguresAt | None:
    return point.cross if isinstance(point, AccountPoint) else point.figures


def _own_margin(view: SweepView) -> bool:
    return view.report is not None and view.report.margin is not None


def _title(view: SweepView) -> str:
    if view.report is None:
        return account_name(view)
    return "".join(text for text, _ in position_title(view.report, view.notices))


def _axis(view: SweepView) -> str:
    quote = view.venue.quote
    if view.report is None:
        return "common move of all prices"
    words = {
        Over.MARK: f"mark price of {view.report.asset}, {quote}",
        Over.MOVE: f"move of the price of {view.report.asset}",
        Over.MARGIN: f"{'margin' if _own_margin(view) else 'collateral'}, {quote}",
    }
    return words[view.over]


def _marks(view: SweepView) -> tuple[AxisMark, ...]:
    """What happens to what is drawn: liquidations of isolated positions are on their own rows."""
    return tuple(
        AxisMark(
            event.kind,
            at := decimal_of(event.at),
            event_words(view, event),
            # the present of a move is where nothing has moved yet
            "" if event.kind is EventKind.MARK and view.over is Over.MOVE else at_text(view, at),
            beside_text(view, event),
            view.sweep.range.holds(event.at),
        )
        for event in view.sweep.events
        if not _is_liquidation(view, event)
        # of tier boundaries there may be many, far away
        and (event.kind is not EventKind.TIER_BOUNDARY or view.sweep.range.holds(event.at))
    )


def _is_liquidation(view: SweepView, event: Event) -> bool:
    return view.index is None and event.kind is EventKind.LIQUIDATION and event.position is not None


def _lost(view: SweepView) -> tuple[tuple[Decimal, Decimal], ...]:
    """The stretches in which what is drawn is liquidated, joined.

    Between two rows all is straight, so the middle tells; and it is half of the two ends.
    """
    found: list[tuple[Decimal, Decimal]] = []
    points: Sequence[Point | AccountPoint] = view.sweep.points
    for left, right in pairwise(points):
        ends = [figures for point in (left, right) if (figures := _figures(point)) is not None]
        spare = sum(
            figures.equity - figures.maintenance_margin - figures.closing_fee for figures in ends
        )
        if spare >= 0 or left.at == right.at:
            continue
        if found and found[-1][1] == left.at:
            found[-1] = (found[-1][0], right.at)
        else:
            found.append((left.at, right.at))
    return tuple(found)


def _spans(view: SweepView) -> list[PositionSpan]:
    """Return the isolated positions, the first to be liquidated first."""
    if not isinstance(view.sweep, AccountSweep):
        return []
    low, high = view.sweep.range.low, view.sweep.range.high
    found = []
    for span in view.sweep.isolated:
        liquidations = [decimal_of(y) for y in (span.down, span.up) if y is not None]
        begin = max(low, ZERO if span.down is None else decimal_of(span.down))
        safe: tuple[Decimal, Decimal] | None = (
            low if span.down is None else begin,
            high if span.up is None else min(high, decimal_of(span.up)),
        )
        if span.liquidated_now:
            safe, text = None, "liquidatable now"
        elif liquidations:
            text = " and ".join(at_text(view, at) for at in liquidations)
        else:
            text = "no such move"
        nearest = min((abs(at) for at in liquidations), default=None)
        inside = tuple((at, at_text(view, at)) for at in liquidations if low <= at <= high)
        if span.liquidated_now:
            inside = ()
        line = PositionSpan(view.name(span.position), text, safe, inside)
        found.append((not span.liquidated_now, nearest is None, nearest or ZERO, line))
    return [line for *_, line in sorted(found, key=lambda entry: entry[:3])]
