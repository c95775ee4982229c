"""What every field means: the list of fields, as a listing of its own."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from marginctl.render.figures import POSITION_FIELDS, TIER_PARTS, Field, cross_fields
from marginctl.render.layout import LABEL, NOTE, TITLE, TextLine, styled_lines
from marginctl.render.tiers import ASSET_FIELDS

LISTING_FIELDS = (
    Field("name", "text", "name of the field"),
    Field("of", "text", "what it belongs to: position, cross, tier, or asset in tiers list"),
    Field(
        "unit", "text", "text, flag, size, price, amount, fraction, multiple, count, list or tier"
    ),
    Field("decimals", "count", "fewest decimals in tables, for a fraction of its percentage"),
    Field("meaning", "text", "what it means"),
    Field("formula", "text", "how it is computed; null where it is given"),
    Field(
        "only",
        "text",
        "fees: where closing fees count; record: from an account file; "
        "portfolio_margin: of such an account; fee_rate: with --fee-rate",
    ),
)
TITLES = {
    "position": "Of a position",
    "cross": "Of the cross account, as cross.NAME",
    "tier": "Of a tier, as tier.NAME and liquidation_tier.NAME; of tiers show",
    "asset": "Of tiers list",
}
_INDENT = "    "


class Listed(NamedTuple):
    """A field, and what has it."""

    of: str
    field: Field


def listed_fields() -> list[Listed]:
    """Return every field that an answer can have."""
    groups: tuple[tuple[str, Iterable[Field]], ...] = (
        ("position", POSITION_FIELDS),
        ("cross", cross_fields()),
        ("tier", TIER_PARTS),
        ("asset", ASSET_FIELDS),
    )
    return [Listed(of, field) for of, fields in groups for field in fields]


def field_data(listed: Listed) -> dict[str, Any]:
    """Return what is known of a field, by the names of `LISTING_FIELDS`."""
    field = listed.field
    return {
        "name": field.name,
        "of": listed.of,
        "unit": field.unit,
        "decimals": None if field.decimals is None else str(field.decimals),
        "meaning": field.meaning,
        "formula": field.formula,
        "only": field.only,
    }


def field_lines(fields: Sequence[Listed], width: int | None) -> list[TextLine]:
    """Return the listing for people: name and unit, meaning, formula."""
    lines: list[TextLine] = []
    names = max((len(listed.field.name) for listed in fields), default=0)
    of = None
    for listed in fields:
        field = listed.field
        if listed.of != of:
            lines += [*([()] if of else []), ((TITLES[listed.of], TITLE),), ()]
            of = listed.of
        lines.append(((f"  {field.name.ljust(names)}  ", LABEL), (field.unit, NOTE)))
        lines += styled_lines(field.meaning, "", width, _INDENT)
        if field.formula is not None:
            lines += styled_lines(f"= {field.formula}", NOTE, width, _INDENT)
    return lines
