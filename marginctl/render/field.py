"""A figure: its name, its unit, and what it means."""

from dataclasses import dataclass

CROSS_PREFIX = "cross."
"""Before the name of a field of the cross account, where fields of positions stand beside it."""

_DECIMALS = {"price": 2, "amount": 2, "fraction": 2, "multiple": 2, "count": 0}


@dataclass(frozen=True, slots=True)
class Field:
    """A figure: its name in JSON, its unit, and what it means.

    ``unit`` is one of text, flag, size, price, amount, fraction, multiple, count, list and tier;
    prices and amounts are in the quote currency, fractions are parts of one.
    """

    name: str
    unit: str
    meaning: str
    only: str | None = None
    """Shown only where the venue has it ("fees"), the input was an exchange's ("record"), or a fee
    rate was given ("fee_rate").
    """
    formula: str | None = None
    """How it is computed, in the names of other fields; None where it is given."""
    absent: tuple[str, ...] = ()
    """The codes of the warnings that say why it is null."""
    up: bool = False
    """Whether tables round it up: what is missing, so that it is enough."""
    down: bool = False
    """Whether tables round it down: what may be acted on, or how far a danger is away."""

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
