"""The second calculator's cross account: sums, and the moves of all marks that liquidate it."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from tests.oracle import TENTH, Figures, Holding, Table, at_the_mark, prices

Held = Sequence[tuple[Holding, Table]]


def cross_account(cash: Fraction, held: Held) -> tuple[Figures, list[Figures]]:
    """Return the account's figures, and those of its positions in order."""
    value = cash + sum(holding.pnl for holding, _ in held)
    kept = [table.maintenance(holding.notional) for holding, table in held]
    maintenance = sum(kept, Fraction(0))
    initial = sum((holding.initial for holding, _ in held), Fraction(0))
    notional = sum((holding.notional for holding, _ in held), Fraction(0))
    needed = max(initial, TENTH * notional)
    down, up = liquidating_moves(cash, held)
    account: Figures = {
        "account_value": value,
        "notional": notional,
        "initial_margin": initial,
        "maintenance_margin": maintenance,
        "margin_ratio": maintenance / value if value > 0 else None,
        "liquidatable": value < maintenance,
        "available": value - initial,
        "transfer_margin_required": needed,
        "max_removable": max(Fraction(0), value - needed),
        "binding_limit": "initial_margin" if initial >= TENTH * notional else "transfer_ratio",
        "shortfall": max(Fraction(0), needed - value),
        "down": down,
        "up": up,
    }
    positions: list[Figures] = [
        {
            **at_the_mark(holding, table),
            **prices(holding, table, value, others=maintenance - own),
            "liquidatable": value < maintenance,
            "margin": None,
            "equity": None,
            "effective_leverage": None,
            "margin_ratio": None,
            "max_removable": None,
            "max_addable": None,
            "transfer_margin_required": None,
            "binding_limit": None,
            "shortfall": None,
        }
        for (holding, table), own in zip(held, kept, strict=True)
    ]
    return account, positions


def liquidating_moves(cash: Fraction, held: Held) -> tuple[Fraction | None, Fraction | None]:
    """Return the moves y at which the stretch of marks that keeps the account safe begins and ends.

    At marks times z the account needs maintenance(z) - value(z) more than it has: convex in z, so
    the safe z are one stretch. It is found by looking at the need at every corner, in order.
    """

    def need(z: Fraction) -> Fraction:
        worth = cash
        kept = Fraction(0)
        for holding, table in held:
            notional = z * holding.notional
            worth += holding.side * (notional - holding.size * holding.entry)
            kept += table.maintenance(notional)
        return kept - worth

    breakpoints = {
        part.lower / holding.notional for holding, table in held for part in table.slices
    }
    # one corner more makes the last, endless piece one like the others
    far = max(breakpoints, default=Fraction(0)) + 1
    points = sorted({Fraction(0), far, *breakpoints})
    begins = ends = None
    for low, high in pairwise(points):
        at_low, at_high = need(low), need(high)
        endless = high == far
        if at_low > 0 and (at_high <= 0 or (endless and at_high < at_low)):
            begins = low + (high - low) * at_low / (at_low - at_high)
        if at_low <= 0 and (at_high > 0 or (endless and at_high > at_low)):
            ends = low + (high - low) * at_low / (at_low - at_high)
    return _known(begins, held), _known(ends, held)


def _known(z: Fraction | None, held: Held) -> Fraction | None:
    if z is None or z <= 0:
        return None
    if not all(table.reaches(z * holding.notional) for holding, table in held):
        return None
    return z - 1
