"""What changed between two versions of tiers, in words for a reviewer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from marginctl.core.notices import Notice
from marginctl.core.numbers import decimal_of
from marginctl.core.tier_diff import Change, Kind, Stretch, maintenance_change
from marginctl.core.tier_effect import AccountEffect
from marginctl.core.tiers import Tier
from marginctl.core.venue import Venue
from marginctl.render.layout import INDENT, LABEL, NOTE, TITLE, Line, wrapped
from marginctl.render.numbers import as_given
from marginctl.render.text import visible
from marginctl.render.tier_tables import amount_text, higher_tiers, rate_text, remarks

ARROW = "→"
HEADINGS = {
    Kind.CHANGED: "Changed",
    Kind.DELISTED: "Delisted",
    Kind.RELISTED: "Traded again",
    Kind.REMOVED: "Removed",
    Kind.ADDED: "Added",
}


@dataclass(frozen=True, slots=True)
class SourceView:
    """One side of a comparison: its file and the fingerprint of that."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class VenueDiff:
    """A venue before and after, None where a side does not have it, and what differs.

    ``left_out`` counts the assets that only one side has, where a side lists only some.
    """

    old: Venue | None
    new: Venue | None
    as_of: tuple[str | None, str | None]
    changes: tuple[Change, ...]
    left_out: int = 0

    @property
    def name(self) -> str:
        """What the venue is called: by its new name, where it has one."""
        venue = self.new or self.old
        assert venue is not None
        return venue.name

    @property
    def terms(self) -> list[tuple[str, str, str]]:
        """The terms of the venue itself that differ: their names, before, after."""
        if self.old is None or self.new is None:
            return []
        both = [_terms(venue) for venue in (self.old, self.new)]
        return [
            (name, both[0][name], both[1][name])
            for name in both[0]
            if both[0][name] != both[1][name]
        ]

    @property
    def differs(self) -> bool:
        """Whether anything differs."""
        return self.old is None or self.new is None or bool(self.changes or self.terms)


@dataclass(frozen=True, slots=True)
class DiffView:
    """The answer of ``tiers diff``."""

    old: SourceView
    new: SourceView
    venues: tuple[VenueDiff, ...]
    effects: tuple[AccountEffect, ...]
    notices: tuple[Notice, ...]

    @property
    def differs(self) -> bool:
        """Whether anything differs."""
        return any(venue.differs for venue in self.venues)


def _terms(venue: Venue) -> dict[str, str]:
    return {
        "rules": venue.rules.name,
        "quote": venue.quote,
        "closing_fee_rate": as_given(venue.rules.closing_fee_rate),
    }


def diff_lines(view: DiffView, width: int | None) -> list[Line]:
    """Return the comparison as lines of text; venues without a difference in one line."""
    lines: list[Line] = []
    for venue in view.venues:
        if lines:
            lines.append(())
        lines.append(((visible(venue_title(venue)), TITLE),))
        if not venue.differs:
            lines.append(((f"{INDENT}no difference", NOTE),))
        lines += [((f"{INDENT}{text}", NOTE),) for text in left_out_words(venue)]
        for heading, sentences in sections(venue):
            lines += [(), ((heading, LABEL),)]
            for sentence in sentences:
                first, *rest = wrapped(visible(sentence), _less(width))
                lines.append(((f"{INDENT}{first}", ""),))
                lines += [((f"{INDENT * 2}{line}", ""),) for line in rest]
    return lines


def left_out_words(venue: VenueDiff) -> list[str]:
    """Return what is said of assets that are not compared, as a side lists only some."""
    if not venue.left_out:
        return []
    count = "1 asset" if venue.left_out == 1 else f"{venue.left_out:,} assets"
    return [f"a partial list: {count} of only one side left out; --all shows them"]


def _less(width: int | None) -> int | None:
    return None if width is None else width - len(INDENT * 2)


def venue_title(venue: VenueDiff) -> str:
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


def _sentences(changes: Iterable[Change]) -> Iterator[str]:
    """Put changes into words, those of one wording together."""
    together: dict[tuple[str, ...], list[str]] = {}
    wordings: dict[str, list[str]] = {}
    for change in changes:
        wordings.setdefault(change.asset, []).append(change_words(change))
    for asset, words in wordings.items():
        together.setdefault(tuple(words), []).append(asset)
    for same, assets in together.items():
        for wording in same:
            yield f"{', '.join(assets)}{wording}"


def change_words(change: Change) -> str:
    """Return what comes after the name: `` above 150,000,000: 1.25% → 2.5%, 40x → 20x``."""
    if change.stretch is not None:
        return f"{_range(change.stretch)}: {_stretch_words(change.stretch)}"
    if change.kind in {Kind.ADDED, Kind.REMOVED}:
        asset = change.new or change.old
        assert asset is not None
        higher = higher_tiers(asset)
        words = [
            f"{as_given(asset.max_leverage)}x",
            f"above {higher}" if higher else "",
            remarks(asset),
        ]
        return f": {', '.join(word for word in words if word)}"
    if change.kind is Kind.CHANGED:
        return f": {', '.join(attribute_words(change))}"
    return ""


def attributes(change: Change) -> dict[str, tuple[str, str]]:
    """Return the attributes of an asset that differ, before and after."""
    if change.kind is not Kind.CHANGED or change.stretch is not None:
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


def attribute_words(change: Change) -> list[str]:
    """Return the attributes that differ in words: margin mode normal → strict."""
    return [
        f"{name.replace('_', ' ')} {old} {ARROW} {new}"
        for name, (old, new) in attributes(change).items()
    ]


def _count(value: int | None) -> str | None:
    return None if value is None else str(value)


def _range(stretch: Stretch) -> str:
    if stretch.below is None:
        return f" above {as_given(stretch.above)}" if stretch.above else ""
    if not stretch.above:
        return f" up to {as_given(stretch.below)}"
    return f" from {as_given(stretch.above)} to {as_given(stretch.below)}"


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
    return f"{as_given(leverage)}x"
