"""Rules about the brackets of a table: where tiers begin and end, and the leverage of each."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from marginctl.checks.problem import KeyPath, Scope, Violation, rule
from marginctl.checks.stated import StatedTable, StatedTier, StatedVenue
from marginctl.checks.text import exact_grouped, named

_MOST_ANYWHERE = 1000


@rule(Scope.TABLE, fatal=True)
def first_bound_not_zero(table: StatedTable) -> Iterator[Violation]:
    """The first tier does not begin at 0, so small positions have no tier.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}
            - {lower_bound: 100_000_000, max_leverage: 15}

    Fails::

        tables:
          eth:
            - {lower_bound: 5_000, max_leverage: 25}
            - {lower_bound: 100_000_000, max_leverage: 15}
    """
    for tier in table.tiers[:1]:
        if tier.lower_bound:
            message = f"the first tier begins at {exact_grouped(tier.lower_bound)} instead of 0"
            yield Violation((0, "lower_bound"), message, "write 0")


@rule(Scope.TABLE, fatal=True)
def bounds_not_rising(table: StatedTable) -> Iterator[Violation]:
    """A tier does not begin above the tier before it.

    Either the tiers are out of order, or a bound has a missing or an extra digit.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}
            - {lower_bound: 10_000_000, max_leverage: 15}
            - {lower_bound: 100_000_000, max_leverage: 10}

    Fails::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}
            - {lower_bound: 100_000_000, max_leverage: 15}
            - {lower_bound: 100_000_000, max_leverage: 10}
    """
    for index, (before, tier) in _neighbours(table):
        below, bound = before.lower_bound, tier.lower_bound
        if below is not None and bound is not None and bound <= below:
            message = (
                f"{exact_grouped(bound)} is not above the bound before it, {exact_grouped(below)}"
            )
            yield Violation((index, "lower_bound"), message, "order the tiers by lower bound")


@rule(Scope.TABLE, fatal=True)
def bounds_reversed(table: StatedTable) -> Iterator[Violation]:
    """A tier ends where it begins, or before.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25, upper_bound: 50_000}

    Fails::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25, upper_bound: 50_000}
            - {lower_bound: 50_000, max_leverage: 10, upper_bound: 10_000}
    """
    for index, tier in enumerate(table.tiers):
        lower, upper = tier.lower_bound, tier.upper_bound
        if lower is not None and upper is not None and upper <= lower:
            message = (
                f"the tier ends at {exact_grouped(upper)}, but begins at {exact_grouped(lower)}"
            )
            yield Violation((index, "upper_bound"), message, "correct one of the two bounds")


@rule(Scope.TABLE, fatal=True)
def bounds_gap(table: StatedTable) -> Iterator[Violation]:
    """A tier ends before the next one begins: notionals in between have no tier.

    A tier needs no upper bound: it ends where the next one begins.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25, upper_bound: 50_000}
            - {lower_bound: 50_000, max_leverage: 15}

    Fails::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25, upper_bound: 5_000}
            - {lower_bound: 50_000, max_leverage: 15}
    """
    for index, end, begin in _meeting_bounds(table):
        if end < begin:
            message = (
                f"notionals from {exact_grouped(end)} to {exact_grouped(begin)} belong to no tier"
            )
            yield _not_met(index, begin, message)


@rule(Scope.TABLE, fatal=True)
def bounds_overlap(table: StatedTable) -> Iterator[Violation]:
    """A tier ends after the next one begins: some notionals have two tiers.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25, upper_bound: 50_000}
            - {lower_bound: 50_000, max_leverage: 15}

    Fails::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25, upper_bound: 60_000}
            - {lower_bound: 50_000, max_leverage: 15}
    """
    for index, end, begin in _meeting_bounds(table):
        if end > begin:
            message = (
                f"notionals from {exact_grouped(begin)} to {exact_grouped(end)} belong to two tiers"
            )
            yield _not_met(index, begin, message)


def _neighbours(table: StatedTable) -> enumerate[tuple[StatedTier, StatedTier]]:
    return enumerate(pairwise(table.tiers), start=1)


def _meeting_bounds(table: StatedTable) -> Iterator[tuple[int, Decimal, Decimal]]:
    """Yield where neighbours meet: an index, where it ends and where the next one begins.

    Only of tiers whose own bounds are in order: else that is the finding, and no gap.
    """
    for index, (before, tier) in _neighbours(table):
        start, end, begin = before.lower_bound, before.upper_bound, tier.lower_bound
        if end is None or begin is None or (start is not None and not start < min(end, begin)):
            continue
        yield index - 1, end, begin


def _not_met(index: int, begin: Decimal, message: str) -> Violation:
    """Return the violation of a tier that does not end where the next one begins."""
    hint = f"the next tier begins at {exact_grouped(begin)}: correct one of the two bounds"
    return Violation((index, "upper_bound"), message, hint)


@rule(Scope.TABLE)
def too_many_tiers(table: StatedTable) -> Iterator[Violation]:
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
            message = f"{named(name)} may have at most {count}, and this is tier {most + 1}"
            yield Violation(
                (most,), message, f"merge tiers so that {count} {'is' if most == 1 else 'are'} left"
            )
            return


@rule(Scope.TABLE)
def bound_not_whole(table: StatedTable) -> Iterator[Violation]:
    """A bound has decimals, but the venue has only whole bounds.

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
            message = (
                f"{exact_grouped(bound)} is not a whole number, as bounds of {named(name)} must be"
            )
            yield Violation((index, "lower_bound"), message, "look for a stray decimal point")


@rule(Scope.TABLE)
def leverage_not_falling(table: StatedTable) -> Iterator[Violation]:
    """A tier allows as much leverage as the one before it, or more.

    Higher tiers allow less leverage on larger positions. Rates that are not given follow from the
    leverage, so maintenance would not grow as it must. Some exchanges raise the rate and keep the
    leverage. Under rules other than hyperliquid and trado, such a tier is accepted.

    Passes::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 25}
            - {lower_bound: 100_000_000, max_leverage: 15}

    Passes::

        rules: tiered
        tables:
          btc:
            - {lower_bound: 0, max_leverage: 2, maintenance_margin_rate: 48.5%}
            - {lower_bound: 288_000_000, max_leverage: 2,
               maintenance_margin_rate: 49%}

    Fails::

        tables:
          eth:
            - {lower_bound: 0, max_leverage: 15}
            - {lower_bound: 100_000_000, max_leverage: 25}
    """
    for index, (before, tier) in enumerate(pairwise(table.tiers), start=1):
        above, below = tier.max_leverage, before.max_leverage
        if above is None or below is None or above < below:
            continue
        if above > below or not _only_rate_rises(table, before, tier):
            message = f"{above:f}x is not below the {below:f}x of the tier before"
            yield Violation((index, "max_leverage"), message, "higher tiers allow less leverage")


@rule(Scope.VENUE, fatal=True)
def leverage_below_one(venue: StatedVenue) -> Iterator[Violation]:
    """A max leverage is below 1, so no position could be opened.

    Passes::

        assets:
          ATOM: {max_leverage: 1}

    Fails::

        assets:
          ATOM: {max_leverage: 0.5}
    """
    for path, leverage in _leverages(venue):
        if leverage < 1:
            message = f"a max leverage must be at least 1, not {leverage:f}"
            yield Violation(path, message, "write the leverage itself, such as 25 for 25x")


@rule(Scope.VENUE)
def leverage_too_high(venue: StatedVenue) -> Iterator[Violation]:
    """A max leverage is higher than the venue's rules allow: hyperliquid 50x, trado 100x.

    Under other rules the limit is 1000x: no exchange is known to allow more. The same limit holds
    under the hyperliquid rules when the tiers give their own rates.

    Passes::

        assets:
          BTC: {max_leverage: 40}

    Fails::

        assets:
          BTC: {max_leverage: 400}
    """
    if venue.rules is None:
        return
    most = venue.rules.max_leverage
    if not venue.rules.own_rates and _states_rates(venue):
        most = None
    whose = f"{most}x that {_rules_of(venue)} allow"
    if most is None:
        most = _MOST_ANYWHERE
        whose = f"{most}x that any exchange is known to allow"
    for path, leverage in _leverages(venue):
        if leverage > most:
            message = f"{leverage:f}x is more than the {whose}"
            yield Violation(path, message, "look for an extra digit")


@rule(Scope.VENUE)
def leverage_not_whole(venue: StatedVenue) -> Iterator[Violation]:
    """A max leverage has decimals, but the venue has only whole leverages.

    Passes::

        assets:
          ATOM: {max_leverage: 5}

    Fails::

        assets:
          ATOM: {max_leverage: 2.5}
    """
    if venue.rules is None or not venue.rules.whole_leverage:
        return
    for path, leverage in _leverages(venue):
        if leverage >= 1 and leverage != leverage.to_integral_value():
            message = f"{leverage:f} is not a whole leverage, as {_rules_of(venue)} require"
            yield Violation(path, message, "look for a stray decimal point")


def _rules_of(venue: StatedVenue) -> str:
    """Name the rules that a venue follows: its own, or those of another."""
    if venue.name == venue.rules_name:
        return f"the rules of {venue.name}"
    return f"the rules of {named(venue.name)} ({venue.rules_name})"


def _only_rate_rises(table: StatedTable, before: StatedTier, tier: StatedTier) -> bool:
    """Whether a tier of the same leverage keeps more, where the rules know such tiers."""
    if table.rules is None or not table.rules.equal_leverages:
        return False
    return before.rate is not None and tier.rate is not None and before.rate < tier.rate


def _states_rates(venue: StatedVenue) -> bool:
    return any(
        tier.maintenance_margin_rate is not None
        for tiers in venue.tables.values()
        for tier in tiers
    )


def _leverages(venue: StatedVenue) -> Iterator[tuple[KeyPath, Decimal]]:
    for name, tiers in venue.tables.items():
        for index, tier in enumerate(tiers):
            if tier.max_leverage is not None:
                yield ("tables", name, index, "max_leverage"), tier.max_leverage
    for name, asset in venue.assets.items():
        if asset.max_leverage is not None:
            yield ("assets", name, "max_leverage"), asset.max_leverage
