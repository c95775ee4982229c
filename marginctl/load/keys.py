"""The forms of our own files, declared once: their keys, what they mean and how values are read.

From them come the quick readers of `tier_file` and `inputs`, and the models of `tier_models`,
`entries` and `cases`, which say what is wrong and make the JSON Schemas.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from marginctl.venues import VENUE_RULES


class Kind(Enum):
    """How a value is read."""

    NUMBER = "number"
    RATE = "rate"
    TEXT = "text"
    WHOLE = "whole"
    FLAG = "flag"
    DAY = "day"
    TABLES = "tables"
    ASSETS = "assets"
    VENUES = "venues"
    POSITIONS = "positions"


class Key(NamedTuple):
    """One key: how its value is read, and what it means.

    ``words`` are all that the value may be. ``schema`` is added to its JSON Schema.
    """

    kind: Kind
    meaning: str
    required: bool = False
    default: Any = None
    words: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None


Form = Mapping[str, Key]

TIER: Form = {
    "lower_bound": Key(
        Kind.NUMBER, "Notional from which the tier applies; 0 first.", required=True
    ),
    "max_leverage": Key(
        Kind.NUMBER, "Highest leverage that may be chosen in the tier.", required=True
    ),
    "maintenance_margin_rate": Key(
        Kind.RATE, "Maintenance margin rate; half of 1/max_leverage unless stated."
    ),
    "maintenance_deduction": Key(
        Kind.NUMBER, "Deduction as published; checked against the one that follows."
    ),
    "upper_bound": Key(
        Kind.NUMBER,
        "Notional at which the tier ends, where the next one begins; notionals above "
        "that of the last tier are refused, not extrapolated.",
    ),
}
ASSET: Form = {
    "table": Key(Kind.TEXT, "Name of a table of this venue."),
    "max_leverage": Key(Kind.NUMBER, "Max leverage of an asset of one tier."),
    "size_decimals": Key(Kind.WHOLE, "Decimals of a size."),
    "margin_mode": Key(
        Kind.TEXT,
        "no_cross: isolated only. strict: isolated only, no margin can be removed.",
        default="normal",
        words=("normal", "no_cross", "strict"),
    ),
    "delisted": Key(Kind.FLAG, "No longer traded.", default=False),
}
VENUE: Form = {
    "rules": Key(
        Kind.TEXT,
        f"Whose margin rules apply: {' or '.join(VENUE_RULES)}.",
        required=True,
        schema={"enum": list(VENUE_RULES)},
    ),
    "quote": Key(Kind.TEXT, "Currency of every amount.", required=True),
    "as_of": Key(Kind.DAY, "Day on which the exchange showed these tiers."),
    "source": Key(Kind.TEXT, "Where the figures come from."),
    "partial": Key(
        Kind.FLAG,
        "Lists only some of the venue's assets: the others are not compared.",
        default=False,
    ),
    "archived": Key(
        Kind.FLAG, "Kept for history: its age is neither warned of nor checked.", default=False
    ),
    "closing_fee_rate": Key(
        Kind.RATE, "Fee to close that liquidation counts, as a fraction of size · price."
    ),
    "tables": Key(Kind.TABLES, "Named tier tables.", default={}),
    "assets": Key(Kind.ASSETS, "Assets by name.", required=True, schema={"minProperties": 1}),
}
FILE: Form = {
    "default_venue": Key(Kind.TEXT, "Default venue of the file."),
    "venues": Key(Kind.VENUES, "Venues by name.", required=True, schema={"minProperties": 1}),
}


POSITION: Form = {
    "asset": Key(Kind.TEXT, "Name of the asset, such as ETH.", required=True),
    "side": Key(
        Kind.TEXT, "long or short (default: the sign of the size).", words=("long", "short")
    ),
    "size": Key(Kind.NUMBER, "Size in units of the asset; negative is short.", required=True),
    "entry_price": Key(Kind.NUMBER, "Average entry price.", required=True),
    "mark_price": Key(Kind.NUMBER, "Mark price; the entry price by default."),
    "leverage": Key(Kind.NUMBER, "Chosen leverage.", required=True),
    "margin_mode": Key(
        Kind.TEXT, "isolated or cross; isolated by default.", words=("isolated", "cross")
    ),
    "margin": Key(
        Kind.NUMBER, "Margin posted, PnL excluded; size · entry price / leverage by default."
    ),
    "equity": Key(Kind.NUMBER, "Margin including PnL."),
}
"""A position. In JSON nothing is required: flags may add what a file leaves out."""
ACCOUNT: Form = {
    "venue": Key(Kind.TEXT, "Venue of the tier file; the file's own venue by default."),
    "collateral": Key(Kind.NUMBER, "Cash that backs cross positions and limits additions."),
    "account_value": Key(Kind.NUMBER, "Value of the cross account, including PnL."),
}
"""What an account says besides its positions."""
LONE_POSITION: Form = {**ACCOUNT, **POSITION}
"""A position that stands alone, with what backs it."""


def required_keys(form: Form) -> frozenset[str]:
    """Return the keys that must be there."""
    return frozenset(name for name, key in form.items() if key.required)


def written(form: Form, stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of some values a file states: not what is missing, nor what holds anyway."""
    return {
        name: stated[name]
        for name, key in form.items()
        if stated[name] is not None and (key.required or stated[name] != key.default)
    }
