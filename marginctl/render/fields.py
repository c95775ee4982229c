"""The one list of fields that every output format shares."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Field:
    """A figure: its name in JSON, its unit, and what it means.

    ``unit`` is one of text, flag, size, price, amount, fraction, multiple and tier.
    """

    name: str
    unit: str
    meaning: str
    only: str | None = None
    """Shown only where the venue has it ("fees") or the input was an exchange's ("record")."""

    @property
    def is_number(self) -> bool:
        """Whether it is a number that can be compared and subtracted."""
        return self.unit in {"size", "price", "amount", "fraction", "multiple", "count"}


POSITION_FIELDS: tuple[Field, ...] = (
    Field("asset", "text", "name of the asset"),
    Field("side", "text", "long or short"),
    Field("size", "size", "size, above zero, in units of the asset"),
    Field("entry_price", "price", "average entry price"),
    Field("mark_price", "price", "mark price; the entry price when none was given"),
    Field("leverage", "multiple", "leverage chosen by the user"),
    Field("margin_mode", "text", "isolated or cross"),
    Field("notional", "amount", "size · mark price"),
    Field("unrealized_pnl", "amount", "side · size · (mark price - entry price)"),
    Field("return_on_equity", "fraction", "unrealized PnL / (size · entry price / leverage)"),
    Field(
        "margin", "amount", "collateral posted, PnL excluded; else size · entry price / leverage"
    ),
    Field("equity", "amount", "margin + unrealized PnL"),
    Field("effective_leverage", "multiple", "notional / equity"),
    Field("margin_ratio", "fraction", "maintenance margin / equity; liquidatable above 1"),
    Field("tier", "tier", "tier of the notional"),
    Field("initial_margin", "amount", "notional / leverage"),
    Field("maintenance_margin", "amount", "notional · rate - deduction of the tier"),
    Field("closing_fee", "amount", "closing fee rate · notional", only="fees"),
    Field("margin_rate", "fraction", "equity / (maintenance margin + closing fee)", only="fees"),
    Field("liquidatable", "flag", "whether it is liquidated at the mark"),
    Field("liquidation_price", "price", "price at which equity meets maintenance and closing fee"),
    Field("liquidation_distance", "fraction", "side · (mark - liquidation price) / mark"),
    Field("liquidation_tier", "tier", "tier of the notional at the liquidation price"),
    Field("backstop_price", "price", "price at which equity is two thirds of maintenance"),
    Field("bankruptcy_price", "price", "price at which equity is zero"),
    Field(
        "exchange_liquidation_price",
        "price",
        "the exchange's own answer in its record",
        only="record",
    ),
    Field("transfer_margin_required", "amount", "equity that must stay after a removal"),
    Field("max_removable", "amount", "max(0, equity - transfer margin required)"),
    Field("max_removable_exclusive", "flag", "whether less than max_removable must be removed"),
    Field("max_addable", "amount", "most that may be added; null: nothing known limits it"),
    Field("binding_limit", "text", "rule that limits removal"),
    Field("shortfall", "amount", "equity missing before anything can be removed"),
)

CROSS_FIELDS: tuple[Field, ...] = (
    Field("account_value", "amount", "cash + unrealized PnL of the cross positions"),
    Field("notional", "amount", "sum of the notionals"),
    Field("initial_margin", "amount", "sum of the initial margins"),
    Field("maintenance_margin", "amount", "sum of the maintenance margins"),
    Field("margin_ratio", "fraction", "maintenance margin / account value"),
    Field("liquidatable", "flag", "whether the account is liquidated at the marks"),
    Field("available", "amount", "account value - initial margins: for new positions"),
    Field("transfer_margin_required", "amount", "account value that must stay"),
    Field("max_removable", "amount", "max(0, account value - transfer margin required)"),
    Field("binding_limit", "text", "rule that limits removal"),
    Field("shortfall", "amount", "account value missing before anything can be removed"),
    Field("liquidating_move", "moves", "fraction by which all marks fall, rise until liquidation"),
)

TIER_PARTS: tuple[Field, ...] = (
    Field("index", "count", "place in the table, from 0"),
    Field("lower_bound", "amount", "notional from which it applies"),
    Field("upper_bound", "amount", "notional up to which it applies; null: without end"),
    Field("max_leverage", "multiple", "highest leverage that may be chosen"),
    Field("maintenance_margin_rate", "fraction", "1 / (2 · max leverage) unless stated"),
    Field("maintenance_deduction", "amount", "what makes maintenance continuous"),
)


def flattened(fields: Iterable[Field]) -> list[Field]:
    """Return fields with every tier in parts: ``tier.index``, ``tier.lower_bound`` and so on."""
    flat = []
    for field in fields:
        if field.unit == "tier":
            flat += [replace(part, name=f"{field.name}.{part.name}") for part in TIER_PARTS]
        else:
            flat.append(field)
    return flat


def fields_of(has: Container[str]) -> list[Field]:
    """Return the fields of an answer that has ``fees``, or comes from a ``record``."""
    return [field for field in POSITION_FIELDS if field.only is None or field.only in has]


def pick(names: Sequence[str], available: Sequence[Field]) -> list[Field]:
    """Return the named fields in the order of the names.

    Raises:
        KeyError: with the first name that is not known.
    """
    known = {field.name: field for field in (*available, *flattened(available))}
    return [known[name] for name in names]
