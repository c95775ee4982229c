"""The rules that limit transfers, in words."""

from decimal import Decimal

from marginctl.core.rules import Rules
from marginctl.render.numbers import as_given

_PARTS = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth", 10: "a tenth", 20: "a twentieth"}
_LIMITS = {
    "initial_margin": "the initial margin",
    "resting_orders": "the margin of positions and resting orders",
    "borrowing": "what need not be borrowed",
    "strict_isolated": "the asset being strict isolated",
    "maintenance_margin": "the maintenance margin",
    "profit_stays": "the maintenance margin and the unrealized profit, which stays",
    "max_leverage": "the asset's max leverage",
    "cross_account": "what the cross account can give",
    "wallet": "the wallet",
    "min_leverage": "an effective leverage of 1x",
}


def limit_words(name: str | None, rules: Rules) -> str:
    """Return a rule that limits transfers in words; ``name`` is that of a limit of the venue."""
    if name == "transfer_ratio" and rules.transfer_ratio is not None:
        return f"{_part_words(rules.transfer_ratio)} of the notional"
    return _LIMITS.get(name or "", name or "what may move")


def _part_words(ratio: Decimal) -> str:
    for divisor, words in _PARTS.items():
        if ratio * divisor == 1:
            return words
    return f"{as_given(ratio.scaleb(2))}%"
