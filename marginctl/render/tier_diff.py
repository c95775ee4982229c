"""A comparison of tiers: its changes in sentences, its effects on positions, and as data."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marginctl.core.numbers import decimal_of
from marginctl.core.report import CrossReport, PositionReport
from marginctl.core.rules import Venue
from marginctl.core.tier_diff import (
    AccountEffect,
    Difference,
    DifferenceKind,
    PositionEffect,
    Stretch,
    TierDiff,
    VenueDiff,
    maintenance_change,
)
from marginctl.core.tiers import Tier
from marginctl.render.change import maybe_position_data
from marginctl.render.data import Data, cross_data, notice_data, value_text, wallet_data
from marginctl.render.figures import POSITION, Field
from marginctl.render.layout import (
    DANGER,
    INDENT,
    LABEL,
    NOTE,
    TITLE,
    Rows,
    TextLine,
    aligned,
    wrapped,
)
from marginctl.render.numbers import escape_control, exact_text
from marginctl.render.rounding import Money, danger_price
from marginctl.render.scripts import markdown_lines
from marginctl.render.sheet import cross_amounts, position_amounts
from marginctl.render.tiers import amount_text, higher_tiers, rate_text, remarks

ARROW = "→"
HEADINGS = {
    DifferenceKind.CHANGED: "Changed",
    DifferenceKind.DELISTED: "Delisted",
    DifferenceKind.RELISTED: "Traded again",
    DifferenceKind.REMOVED: "Removed",
    DifferenceKind.ADDED: "Added",
}


def diff_lines(view: TierDiff, width: int | None) -> list[TextLine]:
    """Return the comparison as lines of text; venues without a difference in one line."""
    lines: list[TextLine] = []
    for venue in view.venues:
        if lines:
            lines.append(())
        lines.append(((escape_control(_venue_title(venue)), TITLE),))
        if not venue.differs:
            lines.append(((f"{INDENT}no difference", NOTE),))
        lines += [((f"{INDENT}{text}", NOTE),) for text in _left_out_words(venue)]
        for heading, sentences in sections(venue):
            lines += [(), ((heading, LABEL),)]
            for sentence in sentences:
                first, *rest = wrapped(escape_control(sentence), _less(width))
                lines.append(((f"{INDENT}{first}", ""),))
                lines += [((f"{INDENT * 2}{line}", ""),) for line in rest]
    return lines


def _left_out_words(venue: VenueDiff) -> list[str]:
    """Return the sentence about assets that are not compared, as a side lists only some."""
    if not venue.left_out:
        return []
    count = "1 asset" if venue.left_out == 1 else f"{venue.left_out:,} assets"
    return [f"a partial list: {count} that only one side has are left out; --all shows them"]


def _less(width: int | None) -> int | None:
    return None if width is None else width - len(INDENT * 2)


def _venue_title(venue: VenueDiff) -> str:
    """Return which versions of which venue are compared."""
    if venue.old is None or venue.new is None:
        return f"{venue.name} {'is new' if venue.old is None else 'is gone'}"
    before, after = (
        f"{side.name} of {day}" if day else side.name
        for side, day in zip((venue.old, venue.new), venue.as_of, strict=True)
    )
    return before if before == after else f"{before} {ARROW} {after}"


def sections(venue: VenueDiff) -> Iterator[tuple[str, list[str]]]:
    """Yield headings with their sentences; assets of the same difference share one."""
    if venue.terms:
        yield "Venue", [f"{name}: {old} {ARROW} {new}" for name, old, new in venue.terms]
    for kind, heading in HEADINGS.items():
        changes = [change for change in venue.changes if change.kind is kind]
        if changes:
            yield heading, list(_sentences(changes))


def _sentences(changes: Iterable[Difference]) -> Iterator[str]:
    """Put changes into words, those of one wording together."""
    together: dict[tuple[str, ...], list[str]] = {}
    wordings: dict[str, list[str]] = {}
    for change in changes:
        wordings.setdefault(change.asset, []).append(_change_words(change))
    for asset, words in wordings.items():
        together.setdefault(tuple(words), []).append(asset)
    for same, assets in together.items():
        for wording in same:
            yield f"{', '.join(assets)}{wording}"


def _change_words(change: Difference) -> str:
    """Return what comes after the name: `` above 150,000,000: 1.25% → 2.5%, 40x → 20x``."""
    if change.stretch is not None:
        return f"{_range(change.stretch)}: {_stretch_words(change.stretch)}"
    if change.kind in {DifferenceKind.ADDED, DifferenceKind.REMOVED}:
        asset = change.new or change.old
        assert asset is not None
        higher = higher_tiers(asset)
        words = [
            f"{exact_text(asset.max_leverage)}x",
            f"above {higher}" if higher else "",
            remarks(asset),
        ]
        return f": {', '.join(word for word in words if word)}"
    if change.kind is DifferenceKind.CHANGED:
        return f": {', '.join(_attribute_words(change))}"
    return ""


def attributes(change: Difference) -> dict[str, tuple[str, str]]:
    """Return the attributes of an asset that differ, before and after."""
    if change.kind is not DifferenceKind.CHANGED or change.stretch is not None:
        return {}
    assert change.old is not None
    assert change.new is not None
    both = {
        "margin_mode": (change.old.mode.value, change.new.mode.value),
        "size_decimals": (_count(change.old.size_decimals), _count(change.new.size_decimals)),
    }
    return {
        name: (old, new)
        for name, (old, new) in both.items()
        if old is not None and new is not None and old != new
    }


def _attribute_words(change: Difference) -> list[str]:
    """Return the attributes that differ in words: margin mode normal → strict."""
    return [
        f"{name.replace('_', ' ')} {old} {ARROW} {new}"
        for name, (old, new) in attributes(change).items()
    ]


def _count(value: int | None) -> str | None:
    return None if value is None else str(value)


def _range(stretch: Stretch) -> str:
    if stretch.below is None:
        return f" above {exact_text(stretch.above)}" if stretch.above else ""
    if not stretch.above:
        return f" up to {exact_text(stretch.below)}"
    return f" from {exact_text(stretch.above)} to {exact_text(stretch.below)}"


def _stretch_words(stretch: Stretch) -> str:
    old, new = stretch.old, stretch.new
    if old is None or new is None:
        return f"{_tier_words(old)} {ARROW} {_tier_words(new)}"
    words = []
    more = maintenance_change(stretch)
    if more is None:
        words.append(f"{_rate(old)} {ARROW} {_rate(new)}")
    elif more:
        amount = amount_text(abs(decimal_of(more)))
        words.append(f"{amount} {'more' if more > 0 else 'less'} maintenance")
    if old.max_leverage != new.max_leverage:
        words.append(f"{_times(old.max_leverage)} {ARROW} {_times(new.max_leverage)}")
    if more == 0:
        words.append("same maintenance")
    return ", ".join(words)


def _tier_words(tier: Tier | None) -> str:
    return "no tier" if tier is None else f"{_rate(tier)} at {_times(tier.max_leverage)}"


def _rate(tier: Tier) -> str:
    return rate_text(decimal_of(tier.maintenance_margin_rate))


def _times(leverage: Decimal) -> str:
    return f"{exact_text(leverage)}x"


HEADS = (
    ("Position", False),
    ("Tiers", False),
    ("Maintenance", True),
    ("Liquidation", True),
    (POSITION["max_removable"].label, True),
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
        name = escape_control(position.asset + side)
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


def diff_data(view: TierDiff, fields: Sequence[Field]) -> Data:
    """Return the object that ``tiers diff -o json`` prints."""
    data: Data = {
        "schema": "marginctl/diff/1",
        "old": {"path": view.old.path, "sha256": view.old.sha256},
        "new": {"path": view.new.path, "sha256": view.new.sha256},
        "venues": [_venue_data(venue) for venue in view.venues],
        "changes": [
            _change_data(change, venue.name) for venue in view.venues for change in venue.changes
        ],
        "positions": [
            {
                "venue": effect.venue,
                "asset": effect.asset,
                "becomes_liquidatable": effect.becomes_liquidatable,
                "before": maybe_position_data(effect.before, fields),
                "after": maybe_position_data(effect.after, fields),
            }
            for effect in ordered(view.effects)
        ],
    }
    if len(view.effects) == 1:
        data |= wallet_data(view.effects[0].wallet)
        data["cross_before"] = cross_data(view.effects[0].before.cross)
        data["cross_after"] = cross_data(view.effects[0].after.cross)
    data["warnings"] = [notice_data(notice) for notice in view.notices]
    return data


def _venue_data(venue: VenueDiff) -> Data:
    return {
        "venue": venue.name,
        "old": _side_data(venue.old, venue.as_of[0]),
        "new": _side_data(venue.new, venue.as_of[1]),
        "differs": venue.differs,
        "left_out": venue.left_out,
        "terms": {name: {"old": old, "new": new} for name, old, new in venue.terms},
    }


def _side_data(venue: Venue | None, day: str | None) -> Data | None:
    return None if venue is None else {"venue": venue.name, "quote": venue.quote, "as_of": day}


def _change_data(change: Difference, venue: str) -> Data:
    old, new = _tiers(change)
    stretch = change.stretch
    of_tiers = stretch is not None or change.kind in {DifferenceKind.ADDED, DifferenceKind.REMOVED}
    data: Data = {
        "kind": change.kind.value,
        "venue": venue,
        "asset": change.asset,
        "above": "0" if stretch is None and of_tiers else value_text(stretch and stretch.above),
        "below": value_text(stretch and stretch.below),
    }
    for name in ("maintenance_margin_rate", "maintenance_deduction", "max_leverage"):
        data[name] = {"old": _part(old, name), "new": _part(new, name)} if of_tiers else None
    for name in ("margin_mode", "size_decimals"):
        pair = attributes(change).get(name)
        data[name] = None if pair is None else {"old": pair[0], "new": pair[1]}
    return data


def _tiers(change: Difference) -> tuple[Tier | None, Tier | None]:
    if change.stretch is not None:
        return change.stretch.old, change.stretch.new
    old, new = (
        None if asset is None else asset.table.tiers[0] for asset in (change.old, change.new)
    )
    return old, new


def _part(tier: Tier | None, name: str) -> Any:
    value = None if tier is None else getattr(tier, name)
    return value_text(decimal_of(value) if isinstance(value, Fraction) else value)


def diff_markdown(view: TierDiff) -> list[str]:
    """Return the comparison as Markdown, for a pull request."""
    lines: list[str] = []
    for venue in view.venues:
        lines += [f"### {_text(_venue_title(venue))}", ""]
        if not venue.differs:
            lines += ["No difference.", ""]
        for text in _left_out_words(venue):
            lines += [f"{text[:1].upper()}{text[1:]}.", ""]
        for heading, sentences in sections(venue):
            lines += [f"**{heading}**", "", *(f"- {_text(line)}" for line in sentences), ""]
    if any(effect.positions for effect in view.effects):
        rows = effect_rows(view.effects)
        cells = [[cell.strip() for cell in row] for row in rows.cells]
        heads = [head for head, _ in HEADS]
        lines += [f"### {rows.title}", "", *markdown_lines(heads, cells), ""]
    return lines[:-1]


def _text(text: str) -> str:
    """Return a text without meaning to Markdown."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in escape_control(text))
