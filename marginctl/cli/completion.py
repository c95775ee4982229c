"""What the shell offers after TAB: assets, venues, fields and words.

Each function takes what Typer's ``autocompletion`` gives, and returns values or pairs of a value
and a help text; Typer drops those that do not begin with what was typed. Bash shows the values,
zsh and fish the help too.
"""

import os
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from marginctl.load.tier_source import TierSource

Offers = list[str | tuple[str, str]]


def _quiet(completer: Callable[[typer.Context, str], Offers]) -> Callable[..., Offers]:
    """Offer nothing where the tier file cannot be read: this is no place for messages."""

    @wraps(completer)
    def wrapper(ctx: typer.Context, incomplete: str) -> Offers:
        from marginctl.load.problems import InputError

        try:
            return completer(ctx, incomplete)
        except InputError:
            return []

    return wrapper


def words(*known: str) -> Callable[[], Offers]:
    """Return a completer of fixed words."""
    return lambda: list(known)


@_quiet
def assets(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer the assets of the venue that the line means, in small letters where it has them."""
    from marginctl.load.tier_source import VENUE_VARIABLE

    venue = _tiers(ctx).venue(ctx.params.get("venue") or os.environ.get(VENUE_VARIABLE) or None)
    small = incomplete != "" and incomplete == incomplete.lower()
    return [
        (asset.name.lower() if small else asset.name, f"max {asset.max_leverage:f}x")
        for asset in venue.assets.values()
    ]


@_quiet
def venues(ctx: typer.Context, incomplete: str) -> Offers:  # noqa: ARG001 - as every completer
    """Offer the venues of the tier file."""
    file = _tiers(ctx).file
    return [
        (name, "the default") if name == file.default_venue else name for name in file.venue_names
    ]


def rules() -> Offers:
    """Offer the rules that tier files may name."""
    from marginctl.venues import VENUE_RULES

    return list(VENUE_RULES)


def check_rules(incomplete: str) -> Offers:
    """Offer the rules of checks, after those that stand there already."""
    from marginctl.checks.catalogue import RULES

    before, comma, _ = incomplete.rpartition(",")
    taken = before.split(",")
    return [
        (f"{before}{comma}{name}", rule.summary)
        for name, rule in RULES.items()
        if name not in taken
    ]


def fields(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer the fields of the command's answer, after those that stand there already."""
    before, comma, _ = incomplete.rpartition(",")
    taken = before.split(",")
    return [
        (f"{before}{comma}{name}", meaning)
        for name, meaning, _ in _fields_of(ctx)
        if name not in taken
    ]


def conditions(ctx: typer.Context, incomplete: str) -> Offers:  # noqa: ARG001 - as every completer
    """Offer the fields that a condition may be on."""
    return [(name, meaning) for name, meaning, judged in _fields_of(ctx) if judged]


def all_fields() -> Offers:
    """Offer every field of the listing."""
    from marginctl.render.field_list import listed_fields

    return [(entry.field.name, entry.field.meaning) for entry in listed_fields()]


def _tiers(ctx: typer.Context) -> "TierSource":
    from marginctl.load.tier_source import find_tiers, load_tiers

    return load_tiers(*find_tiers(ctx.params.get("tiers"), os.environ))


def _fields_of(ctx: typer.Context) -> Iterable[tuple[str, str, bool]]:
    from marginctl.render.field_list import LISTING_FIELDS
    from marginctl.render.figures import POSITION_FIELDS, cross_fields, flattened
    from marginctl.render.tiers import ASSET_FIELDS, TIER_FIELDS

    of_command = {"fields": LISTING_FIELDS, "tiers list": ASSET_FIELDS, "tiers show": TIER_FIELDS}
    command = ctx.command_path.partition(" ")[2]
    listed = of_command.get(command)
    if listed is None:
        parts = [part for part in flattened(POSITION_FIELDS) if part not in POSITION_FIELDS]
        listed = (*POSITION_FIELDS, *parts, *cross_fields())
    return [(field.name, field.meaning, field.takes_conditions) for field in listed]
