"""The rules that limit transfers, in words."""

LIMIT_WORDS = {
    "initial_margin": "the initial margin",
    "transfer_ratio": "a tenth of the notional",
    "resting_orders": "the margin of positions and resting orders",
    "borrowing": "what need not be borrowed",
    "strict_isolated": "the asset being strict isolated",
    "maintenance_margin": "the maintenance margin",
    "max_leverage": "the asset's max leverage",
    "cross_account": "what the cross account can give",
    "wallet": "the wallet",
    "min_leverage": "an effective leverage of 1x",
}
