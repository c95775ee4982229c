"""The fields of the cross account, and the parts of its moves and of tiers."""

from marginctl.render.field import Field

CROSS_FIELDS: tuple[Field, ...] = (
    Field(
        "account_mode",
        "text",
        "standard, unified or portfolio_margin",
    ),
    Field("token", "text", "collateral token of a pool; null for an account on one dex"),
    Field("dexes", "list", "dexs whose positions it backs; the main one is empty"),
    Field(
        "account_value",
        "amount",
        "what the cross account is worth now",
        formula="collateral + sum of unrealized_pnl",
    ),
    Field("notional", "amount", "value of the cross positions", formula="sum of notional"),
    Field(
        "initial_margin",
        "amount",
        "margin that the chosen leverages ask for",
        formula="sum of initial_margin",
    ),
    Field(
        "maintenance_margin",
        "amount",
        "account value below which it is liquidated",
        formula="sum of maintenance_margin",
    ),
    Field(
        "margin_ratio",
        "fraction",
        "part of the account value that must be kept; liquidatable above 1",
        formula="maintenance_margin / account_value",
        absent=("no_equity",),
    ),
    Field(
        "portfolio_margin_ratio",
        "fraction",
        "portfolio margin: the exchange's own ratio; liquidated above 0.95",
        only="portfolio_margin",
        formula="(maintenance_margin + borrowed) / (account_value + borrowed)",
        up=True,
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
        down=True,
    ),
    Field(
        "order_margin",
        "amount",
        "margin that resting orders hold; known from an exchange's record",
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
        formula="max(0, account_value - transfer_margin_required)",
        absent=("limits_unknown",),
        down=True,
    ),
    Field("binding_limit", "text", "rule that limits a removal", absent=("limits_unknown",)),
    Field(
        "shortfall",
        "amount",
        "account value missing before anything can be removed",
        formula="max(0, transfer_margin_required - account_value)",
        absent=("limits_unknown",),
        up=True,
    ),
    Field("liquidating_move", "moves", "fraction by which all marks fall, rise until liquidation"),
)

MOVE_PARTS: tuple[Field, ...] = (
    Field(
        "down",
        "fraction",
        "fall of all marks together that liquidates the account; of one that is liquidatable "
        "already, the move that would make it safe",
        formula="z - 1 where account value at all marks · z meets maintenance",
        absent=("no_liquidating_move", "excerpt"),
    ),
    Field(
        "up",
        "fraction",
        "rise of all marks together that liquidates the account; of one that is liquidatable "
        "already, the move that would make it safe",
        formula="z - 1 where account value at all marks · z meets maintenance",
        absent=("no_liquidating_move", "excerpt"),
    ),
)

TIER_PARTS: tuple[Field, ...] = (
    Field("index", "count", "place in the table, from 0"),
    Field("lower_bound", "amount", "notional from which it applies"),
    Field("upper_bound", "amount", "notional up to which it applies; null: without end"),
    Field("max_leverage", "multiple", "highest leverage that may be chosen"),
    Field(
        "maintenance_margin_rate",
        "fraction",
        "part of the notional that must be kept",
        formula="as stated; else 1 / (2 · max_leverage)",
    ),
    Field(
        "maintenance_deduction",
        "amount",
        "what makes maintenance continuous at the lower bound",
        formula="deduction below + lower_bound · (rate - rate below)",
    ),
)
