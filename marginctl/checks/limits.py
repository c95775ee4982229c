"""Rules about what a venue allows beyond what the arithmetic needs."""

from collections.abc import Iterator

from marginctl.checks.findings import Hit
from marginctl.checks.rule import Scope, rule
from marginctl.checks.stated import StatedTable
from marginctl.checks.wording import grouped, named


@rule(Scope.TABLE)
def too_many_tiers(table: StatedTable) -> Iterator[Hit]:
    """A table has more tiers than the venue allows its assets.

    On Hyperliquid the table of a builder-deployed market (named as in ``xyz:NVDA``) has at most 3.

    Passes::

        tables:
          nvda:
            - {lower_bound: 0, max_leverage: 20}
            - {lower_bound: 1_000_000, max_leverage: 10}
            - {lower_bound: 2_000_000, max_leverage: 5}
        assets:
          "xyz:NVDA": {table: nvda}

    Fails::

        tables:
          nvda:
            - {lower_bound: 0, max_leverage: 20}
            - {lower_bound: 1_000_000, max_leverage: 10}
            - {lower_bound: 2_000_000, max_leverage: 5}
            - {lower_bound: 3_000_000, max_leverage: 3}
        assets:
          "xyz:NVDA": {table: nvda}
    """
    for name in table.assets:
        most = None if table.rules is None else table.rules.max_tiers(name)
        if most is not None and len(table.tiers) > most:
            count = "1 tier" if most == 1 else f"{most} tiers"
            message = f"{named(name)} may have {count}, and this is tier {most + 1}"
            yield Hit(
                (most,), message, f"merge tiers until {count} {'is' if most == 1 else 'are'} left"
            )
            return


@rule(Scope.TABLE)
def bound_not_whole(table: StatedTable) -> Iterator[Hit]:
    """A bound has decimals where the venue knows only whole ones.

    On Hyperliquid the bounds of builder-deployed markets are whole.

    Passes::

        tables:
          nvda:
            - {lower_bound: 0, max_leverage: 20}
            - {lower_bound: 1_000_000, max_leverage: 10}
        assets:
          "xyz:NVDA": {table: nvda}

    Fails::

        tables:
          nvda:
            - {lower_bound: 0, max_leverage: 20}
            - {lower_bound: 1_000_000.5, max_leverage: 10}
        assets:
          "xyz:NVDA": {table: nvda}
    """
    if table.rules is None:
        return
    name = next((name for name in table.assets if table.rules.whole_bounds(name)), None)
    if name is None:
        return
    for index, tier in enumerate(table.tiers):
        bound = tier.lower_bound
        if bound is not None and bound != bound.to_integral_value():
            message = f"{grouped(bound)} is not whole, as bounds of {named(name)} are"
            yield Hit((index, "lower_bound"), message, "look for a stray decimal point")
