"""The one list of figures that every output format shares: name, unit, formula and meaning."""

from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from marginctl.core.formulas import CROSS_FORMULAS, POSITION_FORMULAS

CROSS_PREFIX = "cross."
"""Before the name of a field of the cross account, where fields of positions stand beside it."""

NEAREST, DOWN, UP = "nearest", "down", "up"
"""Roundings: what is only reported to the nearest; what may be acted on, or how far a danger is
away, down; what is missing up, so that it is enough.
"""
BY_SIDE, BELOW_ONE, GIVEN = "by side", "below one", "given"
"""More roundings: a price of danger up for a long and down for a short, so that it comes sooner; a
ratio that decides at 1 to the nearest, but never to 1 from below; what somebody gave with all its
digits.
"""

_DECIMALS = {"price": 2, "amount": 2, "fraction": 2, "multiple": 2, "count": 0}


class Field(NamedTuple):
    """A figure: its name in JSON, its unit, and what it means.

    ``unit`` is one of text, flag, size, price, amount, fraction, multiple, count, list and tier;
    prices and amounts are in the quote currency, fractions are parts of one.
    """

    name: str
    unit: str
    meaning: str
    only: str | None = None
    """Shown only where the venue has it ("fees"), the input was an exchange's ("record"), a fee
    rate was given ("fee_rate"), or the account is in portfolio margin ("portfolio_margin").
    """
    formula: str | None = None
    """How it is computed, in the names of other fields; None where it is given."""
    absent: tuple[str, ...] = ()
    """The codes of the warnings that say why it is null."""
    label: str = ""
    """What sheets and tables of changes call it; empty where they do not show it."""
    rounding: str = NEAREST
    """How they round it."""

    @property
    def is_number(self) -> bool:
        """Whether it is a number that can be compared and subtracted."""
        return self.unit in {"size", "price", "amount", "fraction", "multiple", "count"}

    @property
    def takes_conditions(self) -> bool:
        """Whether a condition can be about it: it is a number, or a yes or no."""
        return self.is_number or self.unit == "flag"

    @property
    def decimals(self) -> int | None:
        """The fewest decimals that tables show, of percent for a fraction; None: as given."""
        return _DECIMALS.get(self.unit)


CROSS_FIELDS: tuple[Field, ...] = (
    Field("account_mode", "text", "standard, unified or portfolio_margin"),
    Field("token", "text", "collateral token of a pool; null for an account on one dex"),
    Field("dexes", "list", "dexs whose positions it backs; the main one is empty"),
    Field(
        "account_value",
        "amount",
        "what the cross account is worth now",
        formula="collateral + sum of unrealized_pnl",
        label="Account value",
    ),
    Field(
        "notional",
        "amount",
        "value of the cross positions",
        formula="sum of notional",
        label="Notional",
    ),
    Field(
        "initial_margin",
        "amount",
        "margin required by the chosen leverages",
        formula="sum of initial_margin",
        label="Initial margin",
    ),
    Field(
        "maintenance_margin",
        "amount",
        "account value below which it is liquidated",
        formula="sum of maintenance_margin",
        label="Maintenance margin",
    ),
    Field(
        "margin_ratio",
        "fraction",
        "part of the account value that must be kept; liquidatable above 1",
        formula=CROSS_FORMULAS["margin_ratio"],
        absent=("no_equity",),
        label="Margin ratio",
        rounding=BELOW_ONE,
    ),
    Field(
        "portfolio_margin_ratio",
        "fraction",
        "portfolio margin: the exchange's own ratio; liquidated above 0.95",
        only="portfolio_margin",
        formula=CROSS_FORMULAS["portfolio_margin_ratio"],
        label="Portfolio ratio",
        rounding=BELOW_ONE,
    ),
    Field(
        "liquidatable",
        "flag",
        "whether the account is liquidated at the marks",
        formula="account_value < maintenance_margin; portfolio_margin_ratio > 0.95",
    ),
    Field(
        "available",
        "amount",
        "margin for new positions",
        formula="account_value - initial_margin - order_margin; of a pool 1.01 · order_margin",
        label="Available",
        rounding=DOWN,
    ),
    Field(
        "order_margin",
        "amount",
        "margin that resting orders hold; from an account file",
        label="Held by orders",
    ),
    Field(
        "transfer_margin_required",
        "amount",
        "account value that must stay after a removal",
        formula="max(initial_margin, 0.1 · notional) + order_margin; so on Hyperliquid, on Binance "
        "max(initial_margin, maintenance_margin + unrealized_pnl)",
        absent=("limits_unknown",),
    ),
    Field(
        "max_removable",
        "amount",
        "most that may be removed",
        formula=CROSS_FORMULAS["max_removable"],
        absent=("limits_unknown",),
        label="Removable",
        rounding=DOWN,
    ),
    Field("binding_limit", "text", "rule that limits a removal", absent=("limits_unknown",)),
    Field(
        "shortfall",
        "amount",
        "account value missing before anything can be removed",
        formula="max(0, transfer_margin_required - account_value)",
        absent=("limits_unknown",),
        rounding=UP,
    ),
    Field("liquidating_move", "moves", "fraction by which all marks fall, rise until liquidation"),
    Field(
        "portfolio_liquidating_move",
        "moves",
        "portfolio margin: the same until a ratio of 0.95",
        only="portfolio_margin",
    ),
)

MOVE_PARTS: tuple[Field, ...] = (
    Field(
        "down",
        "fraction",
        "common fall of all marks that liquidates the account; if it is liquidatable already, "
        "the move that makes it safe again",
        formula="z - 1 where account value at all marks · z meets maintenance",
        absent=("no_liquidating_move", "excerpt"),
    ),
    Field(
        "up",
        "fraction",
        "common rise of all marks that liquidates the account; if it is liquidatable already, "
        "the move that makes it safe again",
        formula="z - 1 where account value at all marks · z meets maintenance",
        absent=("no_liquidating_move", "excerpt"),
    ),
)

TIER_PARTS: tuple[Field, ...] = (
    Field("index", "count", "place in the table, from 0", label="Tier"),
    Field("lower_bound", "amount", "notional from which it applies", label="From notional"),
    Field("upper_bound", "amount", "notional up to which it applies; null: without end"),
    Field("max_leverage", "multiple", "highest leverage that may be chosen", label="Max leverage"),
    Field(
        "maintenance_margin_rate",
        "fraction",
        "part of the notional that must be kept",
        formula="as given, otherwise 1 / (2 · max_leverage)",
        label="Maintenance rate",
    ),
    Field(
        "maintenance_deduction",
        "amount",
        "amount that keeps maintenance continuous at the lower bound",
        formula="deduction below + lower_bound · (rate - rate below)",
        label="Deduction",
    ),
)


_OF_ACCOUNT = ("cross_position",)
_UNKNOWN_LIMIT = ("limits_unknown", "cross_position")
_NO_RATIO = ("no_equity", "cross_position")
_NO_PRICE = ("no_liquidation_price",)

POSITION_FIELDS: tuple[Field, ...] = (
    Field("asset", "text", "name of the asset"),
    Field("side", "text", "long or short"),
    Field("size", "size", "size, above zero, in units of the asset", label="Size", rounding=GIVEN),
    Field("entry_price", "price", "average entry price", label="Entry price", rounding=GIVEN),
    Field(
        "mark_price",
        "price",
        "mark price; the entry price when none was given",
        label="Mark price",
        rounding=GIVEN,
    ),
    Field("leverage", "multiple", "chosen leverage", label="Leverage", rounding=GIVEN),
    Field("margin_mode", "text", "isolated or cross"),
    Field(
        "notional",
        "amount",
        "value of the position at the mark",
        formula=POSITION_FORMULAS["notional"],
        label="Notional",
    ),
    Field(
        "unrealized_pnl",
        "amount",
        "profit or loss at the mark",
        formula="side · size · (mark_price - entry_price)",
        label="Unrealized PnL",
    ),
    Field(
        "return_on_equity",
        "fraction",
        "unrealized PnL divided by the margin at entry",
        formula="unrealized_pnl / (size · entry_price / leverage)",
    ),
    Field(
        "margin",
        "amount",
        "posted margin, excluding unrealized PnL",
        formula="as given, otherwise size · entry_price / leverage",
        absent=_OF_ACCOUNT,
        label="Margin",
    ),
    Field(
        "equity",
        "amount",
        "what the position is worth now",
        formula=POSITION_FORMULAS["equity"],
        absent=_OF_ACCOUNT,
        label="Equity",
    ),
    Field(
        "effective_leverage",
        "multiple",
        "leverage by the current equity",
        formula=POSITION_FORMULAS["effective_leverage"],
        absent=_NO_RATIO,
        label="Effective leverage",
    ),
    Field(
        "margin_ratio",
        "fraction",
        "part of the equity that must be kept; liquidatable above 1",
        formula=POSITION_FORMULAS["margin_ratio"],
        absent=_NO_RATIO,
        label="Margin ratio",
        rounding=BELOW_ONE,
    ),
    Field(
        "tier", "tier", "tier of the notional", formula="the last tier with lower_bound <= notional"
    ),
    Field(
        "initial_margin",
        "amount",
        "margin required by the chosen leverage at the mark",
        formula=POSITION_FORMULAS["initial_margin"],
        label="Initial margin",
    ),
    Field(
        "maintenance_margin",
        "amount",
        "equity below which the position is liquidated",
        formula=POSITION_FORMULAS["maintenance_margin"],
        label="Maintenance margin",
    ),
    Field(
        "closing_fee",
        "amount",
        "fee of closing at the mark",
        only="fees",
        formula="closing fee rate of the venue · notional",
        label="Closing fee",
    ),
    Field(
        "margin_rate",
        "fraction",
        "equity divided by what must be kept; liquidated below 1, on Trado at 1",
        only="fees",
        formula=POSITION_FORMULAS["margin_rate"],
        label="Margin rate",
        rounding=DOWN,
    ),
    Field(
        "liquidatable",
        "flag",
        "whether it is liquidated at the mark",
        formula="equity < maintenance_margin + closing_fee; on Trado margin_rate <= 1",
    ),
    Field(
        "liquidation_price",
        "price",
        "price at which equity equals what must be kept; other marks stay",
        formula="highest (long) or lowest (short) over the tiers of (side · notional - equity"
        " + others - deduction) / (size · (side - rate - closing fee rate))",
        absent=_NO_PRICE,
        label="Liquidation price",
        rounding=BY_SIDE,
    ),
    Field(
        "liquidation_distance",
        "fraction",
        "how far the mark is from liquidation; negative when past it",
        formula=POSITION_FORMULAS["liquidation_distance"],
        absent=_NO_PRICE,
        label="Distance",
        rounding=DOWN,
    ),
    Field(
        "liquidation_tier",
        "tier",
        "tier of the notional at the liquidation price",
        formula="the last tier with lower_bound <= size · liquidation_price",
        absent=_NO_PRICE,
    ),
    Field(
        "portfolio_liquidation_price",
        "price",
        "portfolio margin: price at which it is liquidated, before liquidation_price",
        only="portfolio_margin",
        formula="mark_price at which portfolio_margin_ratio is 0.95; other marks stay",
        label="Liquidated at 95%",
        rounding=BY_SIDE,
    ),
    Field(
        "backstop_price",
        "price",
        "price at which a backstop takes the position, where the venue has one",
        formula="as liquidation_price, at a share of the maintenance margin: "
        "Hyperliquid, Lighter: 2/3",
        absent=("no_backstop", "no_backstop_price", "no_liquidation_price"),
        label="Backstop price",
        rounding=BY_SIDE,
    ),
    Field(
        "bankruptcy_price",
        "price",
        "price at which equity is zero",
        formula=POSITION_FORMULAS["bankruptcy_price"],
        absent=("no_bankruptcy_price", "no_liquidation_price"),
        label="Bankruptcy price",
        rounding=BY_SIDE,
    ),
    Field(
        "break_even_price",
        "price",
        "price at which closing earns back the fees of opening and closing, and the funding paid",
        only="fee_rate",
        formula="(size · entry_price · (1 + side · fee rate) + side · funding) "
        "/ (size · (1 - side · fee rate))",
        absent=("no_break_even_price",),
        label="Break-even price",
        rounding=BY_SIDE,
    ),
    Field(
        "exchange_liquidation_price",
        "price",
        "liquidation price reported by the exchange",
        only="record",
        label="by the exchange",
        rounding=BY_SIDE,
    ),
    Field(
        "transfer_margin_required",
        "amount",
        "equity that must stay after a removal",
        formula="by the venue; Hyperliquid: max(initial_margin, 0.1 · notional), Binance: "
        "max(initial_margin, maintenance_margin + unrealized_pnl)",
        absent=_UNKNOWN_LIMIT,
    ),
    Field(
        "max_removable",
        "amount",
        "most that may be removed",
        formula="max(0, equity - transfer_margin_required); 0 when strict isolated",
        absent=_UNKNOWN_LIMIT,
        label="Removable",
        rounding=DOWN,
    ),
    Field("max_removable_exclusive", "flag", "whether only less than max_removable may be removed"),
    Field(
        "max_addable",
        "amount",
        "most that may be added",
        formula="cross.max_removable; Trado: min(wallet, notional - equity)",
        absent=("additions_not_checked", "limits_unknown", "cross_position"),
        label="Addable",
        rounding=DOWN,
    ),
    Field("binding_limit", "text", "rule that limits a removal", absent=_UNKNOWN_LIMIT),
    Field(
        "shortfall",
        "amount",
        "equity missing before anything can be removed",
        formula="max(0, transfer_margin_required - equity)",
        absent=_UNKNOWN_LIMIT,
        rounding=UP,
    ),
)


def flattened(fields: Iterable[Field]) -> list[Field]:
    """Return fields with every tier in parts: ``tier.index``, ``tier.lower_bound`` and so on."""
    flat = []
    for field in fields:
        if field.unit == "tier":
            flat += [_part(field, part) for part in TIER_PARTS]
        elif field.unit == "moves":
            flat += [_part(field, part) for part in MOVE_PARTS]
        else:
            flat.append(field)
    return flat


def _part(field: Field, part: Field) -> Field:
    name = f"{field.name}.{part.name}"
    return part._replace(name=name, absent=field.absent or part.absent)


def cross_fields() -> list[Field]:
    """Return the fields of the cross account under their full names: ``cross.margin_ratio``."""
    return [field._replace(name=f"{CROSS_PREFIX}{field.name}") for field in flattened(CROSS_FIELDS)]


def numeric(fields: Iterable[Field]) -> list[Field]:
    """Return the fields that are numbers."""
    return [field for field in fields if field.is_number]


def split(fields: Iterable[Field]) -> tuple[list[Field], list[Field]]:
    """Return the fields of positions and those of the cross account, each in their order."""
    listed = list(fields)
    return (
        [field for field in listed if not field.name.startswith(CROSS_PREFIX)],
        [field for field in listed if field.name.startswith(CROSS_PREFIX)],
    )


POSITION = {field.name: field for field in POSITION_FIELDS}
CROSS = {field.name: field for field in CROSS_FIELDS}
"""The fields of positions and of the cross account by name."""


def fields_of(has: Container[str]) -> list[Field]:
    """Return the fields of an answer: with closing ``fees``, a ``fee_rate``, from a ``record``."""
    return [field for field in POSITION_FIELDS if field.only is None or field.only in has]


def pick(names: Sequence[str], available: Sequence[Field]) -> list[Field]:
    """Return the named fields in the order of the names.

    Raises:
        KeyError: with the first name that is not known.
    """
    known = {field.name: field for field in (*available, *flattened(available))}
    return [known[name] for name in names]
