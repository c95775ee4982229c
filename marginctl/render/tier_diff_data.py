"""The answer of ``tiers diff`` as plain data and as Markdown."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from marginctl.core.numbers import decimal_of
from marginctl.core.report import PositionReport
from marginctl.core.tier_diff import Change, Kind
from marginctl.core.tiers import Tier
from marginctl.core.venue import Venue
from marginctl.render.data import (
    Data,
    cross_data,
    notice_data,
    position_data,
    value_text,
    wallet_data,
)
from marginctl.render.field import Field
from marginctl.render.scripts import markdown_lines
from marginctl.render.text import visible
from marginctl.render.tier_changes import (
    DiffView,
    VenueDiff,
    attributes,
    left_out_words,
    sections,
    venue_title,
)
from marginctl.render.tier_effects import HEADS, effect_rows, ordered
from marginctl.render.view import PositionView


def diff_data(view: DiffView, fields: Sequence[Field]) -> Data:
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
                "before": _report_data(effect.before, fields),
                "after": _report_data(effect.after, fields),
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


def _change_data(change: Change, venue: str) -> Data:
    old, new = _tiers(change)
    stretch = change.stretch
    told = stretch is not None or change.kind in {Kind.ADDED, Kind.REMOVED}
    data: Data = {
        "kind": change.kind.value,
        "venue": venue,
        "asset": change.asset,
        "above": "0" if stretch is None and told else value_text(stretch and stretch.above),
        "below": value_text(stretch and stretch.below),
    }
    for name in ("maintenance_margin_rate", "maintenance_deduction", "max_leverage"):
        data[name] = {"old": _part(old, name), "new": _part(new, name)} if told else None
    for name in ("margin_mode", "size_decimals"):
        pair = attributes(change).get(name)
        data[name] = None if pair is None else {"old": pair[0], "new": pair[1]}
    return data


def _tiers(change: Change) -> tuple[Tier | None, Tier | None]:
    if change.stretch is not None:
        return change.stretch.old, change.stretch.new
    old, new = (
        None if asset is None else asset.table.tiers[0] for asset in (change.old, change.new)
    )
    return old, new


def _part(tier: Tier | None, name: str) -> Any:
    value = None if tier is None else getattr(tier, name)
    return value_text(decimal_of(value) if isinstance(value, Fraction) else value)


def _report_data(report: PositionReport | None, fields: Sequence[Field]) -> Data | None:
    return None if report is None else position_data(PositionView(report), fields)


def diff_markdown(view: DiffView) -> list[str]:
    """Return the comparison as Markdown, for a pull request."""
    lines: list[str] = []
    for venue in view.venues:
        lines += [f"### {_text(venue_title(venue))}", ""]
        if not venue.differs:
            lines += ["No difference.", ""]
        for text in left_out_words(venue):
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
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in visible(text))
