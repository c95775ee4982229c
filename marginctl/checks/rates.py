"""Rules about maintenance margin rates, and the one fee rate of a venue."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from marginctl.checks.problem import KeyPath, Scope, Severity, Violation, rule
from marginctl.checks.stated import StatedTable, StatedTier, StatedVenue
from marginctl.checks.text import exact_percent

_IN_PERCENT = 10
"""From so many times the initial margin on, a rate was most likely written in percent."""


@rule(Scope.TABLE, fatal=True)
def rate_out_of_range(table: StatedTable) -> Iterator[Violation]:
    """A maintenance margin rate is not between 0 and 1.

    At 0 or below there would be no maintenance margin, or a negative one. At 1 a position would
    need its whole notional as margin.

    Passes::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: 0.5%}

    Fails::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: -0.5%}
    """
    for index, tier in enumerate(table.tiers):
        stated = tier.maintenance_margin_rate
        if stated is not None and not 0 < stated < 1:
            message = f"a maintenance margin rate must be between 0 and 1, not {stated:f}"
            hint = "rates are fractions: 0.005 or 0.5% for half a percent"
            yield Violation((index, "maintenance_margin_rate"), message, hint)


@rule(Scope.TABLE, fatal=True)
def rate_not_rising(table: StatedTable) -> Iterator[Violation]:
    """The maintenance margin rate falls from one tier to the next.

    Maintenance would grow more slowly for larger positions, and the liquidation price would be
    ambiguous. When the rates follow from leverages, leverage-not-falling is reported instead.

    Passes::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: 1%}
            - {lower_bound: 10_000, max_leverage: 20, maintenance_margin_rate: 2.5%}

    Fails::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: 1%}
            - {lower_bound: 10_000, max_leverage: 20,
               maintenance_margin_rate: 0.25%}
    """
    for index, before, tier in _neighbouring_rates(table):
        if tier < before:
            key = table.tiers[index].rate_key
            message = (
                f"the maintenance rate falls from {exact_percent(before)} to {exact_percent(tier)}"
            )
            yield Violation(
                (index, key), message, "higher tiers require a larger part of the notional"
            )


@rule(Scope.TABLE)
def rate_flat(table: StatedTable) -> Iterator[Violation]:
    """Two tiers have the same maintenance margin rate, and nothing confirms it.

    Most often a rate was copied from the line above. But some exchanges have tiers that differ only
    in leverage, and a published deduction in the tier confirms that. Under rules that set rates and
    leverages independently, rate-repeated warns instead.

    Passes::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: 1%}
            - {lower_bound: 10_000, max_leverage: 40, maintenance_margin_rate: 1%,
               maintenance_deduction: 0}

    Fails::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: 1%}
            - {lower_bound: 10_000, max_leverage: 40, maintenance_margin_rate: 1%}
    """
    if not _may_repeat_rates(table):
        yield from _repeated_rates(table)


@rule(Scope.TABLE, severity=Severity.WARNING)
def rate_repeated(table: StatedTable) -> Iterator[Violation]:
    """Two tiers have the same maintenance margin rate, which this exchange may mean.

    Most often a rate was copied from the line above. But under rules other than Hyperliquid's and
    Trado's, tiers may differ only in leverage. A published deduction confirms the rate.

    Passes::

        rules: tiered
        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: 1%}
            - {lower_bound: 10_000, max_leverage: 40, maintenance_margin_rate: 1%,
               maintenance_deduction: 0}

    Fails::

        rules: tiered
        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: 1%}
            - {lower_bound: 10_000, max_leverage: 40, maintenance_margin_rate: 1%}
    """
    if _may_repeat_rates(table):
        yield from _repeated_rates(table)


def _may_repeat_rates(table: StatedTable) -> bool:
    """Whether rates and leverages of the venue go their own ways."""
    return table.rules is not None and table.rules.own_rates and table.rules.equal_leverages


def _repeated_rates(table: StatedTable) -> Iterator[Violation]:
    for index, before, tier in _neighbouring_rates(table):
        if not _any_states_rate(table.tiers[index - 1], table.tiers[index]):
            continue  # equal leverages, which leverage-not-falling reports
        if tier == before and table.tiers[index].maintenance_deduction is None:
            message = f"the rate is {exact_percent(tier)}, the same as in the tier before"
            hint = "correct the rate, or confirm it by adding the published deduction"
            yield Violation((index, table.tiers[index].rate_key), message, hint)


@rule(Scope.TABLE)
def rate_above_initial(table: StatedTable) -> Iterator[Violation]:
    """A maintenance margin rate is not below the initial margin rate 1/max_leverage.

    A position opened with the leverage that the tier allows would be liquidated at once. In higher
    tiers, equal rates are accepted when the exchange sets rates and leverages independently: there
    the deduction keeps maintenance below the initial margin.

    Passes::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: 0.5%}

    Fails::

        tables:
          all:
            - {lower_bound: 0, max_leverage: 50, maintenance_margin_rate: 5%}
    """
    for index, tier in enumerate(table.tiers):
        stated, leverage = tier.maintenance_margin_rate, tier.max_leverage
        if stated is None or leverage is None or not (0 < stated < 1 <= leverage):
            continue
        part = Fraction(stated) * Fraction(leverage)
        if part > 1 or (part == 1 and not (index and _may_repeat_rates(table))):
            initial = exact_percent(1 / Fraction(leverage))
            message = (
                f"{exact_percent(Fraction(stated))} is not below the initial margin of {initial}"
            )
            hint = f"that is the initial margin at {leverage:f}x; maintenance is less, often half"
            if part >= _IN_PERCENT:
                hint = f"rates are fractions: write {stated:f}% if that is meant"
            yield Violation((index, "maintenance_margin_rate"), message, hint)


@rule(Scope.VENUE, fatal=True)
def fee_out_of_range(venue: StatedVenue) -> Iterator[Violation]:
    """The closing fee rate is below 0, or not below 1.

    Passes::

        rules: trado
        closing_fee_rate: 0.06%
        assets:
          ATOM: {max_leverage: 5}

    Fails::

        rules: trado
        closing_fee_rate: 6
        assets:
          ATOM: {max_leverage: 5}
    """
    fee = venue.closing_fee_rate
    if fee is not None and not 0 <= fee < 1:
        message = f"a fee rate must be between 0 and 1, not {fee:f}"
        yield Violation(("closing_fee_rate",), message, "rates are fractions: 0.0006 or 0.06%")


@rule(Scope.VENUE, fatal=True)
def fee_not_counted(venue: StatedVenue) -> Iterator[Violation]:
    """A closing fee is given, but the rules do not count one in a liquidation.

    Passes::

        rules: hyperliquid
        assets:
          ATOM: {max_leverage: 5}

    Fails::

        rules: hyperliquid
        closing_fee_rate: 0.06%
        assets:
          ATOM: {max_leverage: 5}
    """
    if venue.rules is None or venue.rules.counts_closing_fee:
        return
    if venue.closing_fee_rate is not None and 0 < venue.closing_fee_rate < 1:
        message = f"{venue.rules.name} rules do not count a closing fee in a liquidation"
        yield Violation(("closing_fee_rate",), message, "remove it")


@rule(Scope.VENUE, fatal=True)
def rate_and_fee_too_high(venue: StatedVenue) -> Iterator[Violation]:
    """A maintenance rate and the closing fee rate add up to 1 or more.

    A position would need its whole notional as margin and fee.

    Passes::

        rules: trado
        closing_fee_rate: 0.06%
        tables:
          all:
            - {lower_bound: 0, max_leverage: 100, maintenance_margin_rate: 0.5%}

    Fails::

        rules: trado
        closing_fee_rate: 60%
        tables:
          all:
            - {lower_bound: 0, max_leverage: 1, maintenance_margin_rate: 50%}
    """
    fee = venue.closing_fee_rate
    if fee is None or not 0 < fee < 1:
        return
    for name, tiers in venue.tables.items():
        for index, tier in enumerate(tiers):
            if tier.rate is not None and tier.rate < 1 <= tier.rate + Fraction(fee):
                total = exact_percent(tier.rate + Fraction(fee))
                message = f"the maintenance rate and the closing fee add up to {total}"
                path = ("tables", name, index, tier.rate_key)
                yield Violation(path, message, "together they must stay below 1")


@rule(Scope.VENUE)
def rate_and_fee_above_initial(venue: StatedVenue) -> Iterator[Violation]:
    """Maintenance rate and closing fee rate together are not below the initial margin rate.

    A position opened with the highest leverage would be liquidated at once, though its maintenance
    rate alone is low enough. Only the first tier of a table is compared: in higher ones the
    deduction keeps maintenance lower.

    Passes::

        rules: trado
        closing_fee_rate: 0.06%
        assets:
          ATOM: {max_leverage: 100}

    Fails::

        rules: trado
        closing_fee_rate: 0.5%
        assets:
          ATOM: {max_leverage: 100}
    """
    if venue.rules is None or not venue.rules.counts_closing_fee:
        return
    stated = venue.closing_fee_rate
    fee = Fraction(venue.rules.closing_fee_rate if stated is None else stated)
    if not 0 < fee < 1:
        return
    first: list[tuple[KeyPath, StatedTier]] = [
        (("tables", name, 0, tiers[0].rate_key), tiers[0])
        for name, tiers in venue.tables.items()
        if tiers
    ]
    first += [
        (("assets", name, "max_leverage"), StatedTier.of(max_leverage=asset.max_leverage))
        for name, asset in venue.assets.items()
    ]
    for path, tier in first:
        leverage = tier.max_leverage
        if tier.rate is None or leverage is None or leverage < 1:
            continue
        initial = 1 / Fraction(leverage)
        if tier.rate < initial <= tier.rate + fee < 1:
            message = (
                f"maintenance of {exact_percent(tier.rate)} and a closing fee of "
                f"{exact_percent(fee)} are not below the initial margin of {exact_percent(initial)}"
            )
            hint = f"that is the initial margin at {leverage:f}x; lower the rate or the leverage"
            yield Violation(path, message, hint)


def _neighbouring_rates(table: StatedTable) -> Iterator[tuple[int, Fraction, Fraction]]:
    """Yield the rates of neighbours."""
    for index, (before, tier) in enumerate(pairwise(table.tiers), start=1):
        if before.rate is not None and tier.rate is not None:
            yield index, before.rate, tier.rate


def _any_states_rate(*tiers: StatedTier) -> bool:
    return any(tier.maintenance_margin_rate is not None for tier in tiers)
