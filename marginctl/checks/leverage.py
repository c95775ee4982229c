"""Rules about the leverage that tiers allow."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from marginctl.checks.rule import Path, Scope, Violation, rule
from marginctl.checks.stated import StatedTable, StatedTier, StatedVenue
from marginctl.checks.text import named

_MOST_ANYWHERE = 1000


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


def _leverages(venue: StatedVenue) -> Iterator[tuple[Path, Decimal]]:
    for name, tiers in venue.tables.items():
        for index, tier in enumerate(tiers):
            if tier.max_leverage is not None:
                yield ("tables", name, index, "max_leverage"), tier.max_leverage
    for name, asset in venue.assets.items():
        if asset.max_leverage is not None:
            yield ("assets", name, "max_leverage"), asset.max_leverage
