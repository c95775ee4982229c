"""The formulas that are the same wherever they are shown, in the names of other figures.

``fields`` lists them, and ``--explain`` puts the numbers of a position or an account into them.
"""

POSITION_FORMULAS = {
    "notional": "size · mark_price",
    "equity": "margin + unrealized_pnl",
    "effective_leverage": "notional / equity",
    "margin_ratio": "maintenance_margin / equity",
    "initial_margin": "notional / leverage",
    "maintenance_margin": "notional · tier.maintenance_margin_rate - tier.maintenance_deduction",
    "margin_rate": "equity / (maintenance_margin + closing_fee)",
    "liquidation_distance": "side · (mark_price - liquidation_price) / mark_price",
    "bankruptcy_price": "mark_price - side · equity / size",
}
CROSS_FORMULAS = {
    "margin_ratio": "maintenance_margin / account_value",
    "portfolio_margin_ratio": "(maintenance_margin + borrowed) / (account_value + borrowed)",
    "max_removable": "max(0, account_value - transfer_margin_required)",
}
