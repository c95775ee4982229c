"""A second, slow way to everything that a sweep says: plain fractions, no lines, no corners."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

TENTH = Fraction(1, 10)

Tiers = tuple[tuple[Fraction, Fraction], ...]
"""(lower bound, max leverage) from the lowest."""


@dataclass(frozen=True)
class Held:
    """One position: signed size, entry, mark, leverage, equity of its own or None, and beta."""

    tiers: Tiers
    size: Fraction
    entry: Fraction
    mark: Fraction
    leverage: Fraction
    beta: Fraction = Fraction(1)

    def price(self, y: Fraction) -> Fraction:
        return self.mark * (1 + self.beta * y)

    def notional(self, y: Fraction) -> Fraction:
        return abs(self.size) * self.price(y)

    def pnl(self, y: Fraction) -> Fraction:
        return self.size * (self.price(y) - self.entry)

    def maintenance(self, y: Fraction) -> Fraction:
        """Integrate the marginal rate over the notional, tier by tier."""
        notional, kept = self.notional(y), Fraction(0)
        for number, (lower, leverage) in enumerate(self.tiers):
            upper = self.tiers[number + 1][0] if number + 1 < len(self.tiers) else notional
            if notional > lower:
                kept += (min(notional, upper) - lower) / (2 * leverage)
        return kept

    def initial(self, y: Fraction) -> Fraction:
        return self.notional(y) / self.leverage


@dataclass(frozen=True)
class Book:
    """Positions that share an amount of cash."""

    cash: Fraction
    held: tuple[Held, ...]

    def value(self, y: Fraction) -> Fraction:
        return self.cash + sum(held.pnl(y) for held in self.held)

    def maintenance(self, y: Fraction) -> Fraction:
        return sum((held.maintenance(y) for held in self.held), Fraction(0))

    def must_stay(self, y: Fraction) -> Fraction:
        initial = sum((held.initial(y) for held in self.held), Fraction(0))
        notional = sum((held.notional(y) for held in self.held), Fraction(0))
        return max(initial, TENTH * notional)

    def lacks_maintenance(self, y: Fraction) -> Fraction:
        return self.maintenance(y) - self.value(y)

    def lacks_backstop(self, y: Fraction) -> Fraction:
        return Fraction(2, 3) * self.maintenance(y) - self.value(y)

    def lacks_removal(self, y: Fraction) -> Fraction:
        return self.must_stay(y) - self.value(y)

    def lowest(self) -> Fraction | None:
        """The move below which a price is not positive."""
        ends = [-1 / held.beta for held in self.held if held.beta > 0]
        return max(ends) if ends else None

    def highest(self) -> Fraction | None:
        """The move above which a price is not positive."""
        ends = [-1 / held.beta for held in self.held if held.beta < 0]
        return min(ends) if ends else None


def changes_seen(
    lacks: Callable[[Fraction], Fraction], low: Fraction, high: Fraction, steps: int = 60
) -> list[tuple[Fraction, Fraction]]:
    """Return narrow brackets of every change between covered and lacking that a grid can see."""
    grid = [low + (high - low) * step / steps for step in range(steps + 1)]
    found = []
    for left, right in pairwise(grid):
        if (lacks(left) > 0) != (lacks(right) > 0):
            begin, end = left, right
            lost = lacks(begin) > 0
            for _ in range(40):
                middle = (begin + end) / 2
                if (lacks(middle) > 0) == lost:
                    begin = middle
                else:
                    end = middle
            found.append((begin, end))
    return found
