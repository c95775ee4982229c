"""How much must be lost after a transfer before the venue may liquidate: the loss guarantee."""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.numbers import decimal_of
from marginctl.core.position import Side
from marginctl.core.rules import Rules
from marginctl.core.tiers import Tier


class Guarantee(NamedTuple):
    """A figure with its formula in the names of figures, and the numbers put into it."""

    field: str
    formula: str
    values: dict[str, Decimal]
    result: Decimal


def guarantees(side: Side, leverage: Decimal, tier: Tier, rules: Rules) -> list[Guarantee]:
    """Return what a position must at least lose after a transfer, in the tier of its notional.

    A removal leaves the initial margin and the venue's transfer ratio of the notional behind:
    t = max(1 / leverage, transfer ratio). Liquidation comes at the maintenance rate m: t - m of
    the notional is lost before it, t - 2/3·m before the backstop. As a move of the price:
    (t - c) / (1 - side·c), with c = m or 2/3·m. Nothing is guaranteed where c is not below t, or
    where the venue has no such ratio.
    Derived from the transfer rule of the Hyperliquid documentation: at 5x of 20x this is 18.33%
    before the backstop, at 10x and above 8.33%.
    """
    if rules.transfer_ratio is None:
        return []
    left = max(1 / Fraction(leverage), Fraction(rules.transfer_ratio))
    values = {
        "leverage": leverage,
        "transfer_ratio": rules.transfer_ratio,
        "maintenance_margin_rate": decimal_of(tier.maintenance_margin_rate),
    }
    found = _until("liquidation", "", side, left, tier.maintenance_margin_rate, values)
    if rules.backstop_share is not None:
        top, bottom = rules.backstop_share
        kept = Fraction(top, bottom) * tier.maintenance_margin_rate
        found += _until("backstop", f"{top}/{bottom} · ", side, left, kept, values)
    return found


def _until(
    event: str, part: str, side: Side, ratio: Fraction, kept: Fraction, values: dict[str, Decimal]
) -> list[Guarantee]:
    """Return the loss, and the move of the price, that come before an event."""
    if kept >= ratio:
        return []
    loss = f"max(1 / leverage, transfer_ratio) - {part}maintenance_margin_rate"
    move = f"({loss}) / (1 - side · {part}maintenance_margin_rate)"
    return [
        Guarantee(f"loss_before_{event}", loss, values, decimal_of(ratio - kept)),
        Guarantee(
            f"move_before_{event}",
            move,
            {**values, "side": Decimal(side)},
            decimal_of((ratio - kept) / (1 - side * kept)),
        ),
    ]
