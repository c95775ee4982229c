"""A tier file to begin with: two assets as examples, and what each line means."""

from datetime import date
from decimal import Decimal

from marginctl.core.rules import Rules
from marginctl.render.layout import wrapped
from marginctl.render.numbers import exact_text
from marginctl.render.tiers import key_text
from marginctl.venues import VENUE_RULES

_WIDTH = 92
_EXAMPLE_FEE = Decimal("0.0005")


def start_text(rules: Rules, venue: str, today: date) -> str:
    """Return a tier file of one venue that passes its own check."""
    tiers = _tiers(rules)
    rows = "".join(f"        - {tier}\n" for tier in tiers)
    others = ", ".join(name for name in VENUE_RULES if name != rules.name)
    fee = ""
    if rules.counts_closing_fee:
        usual = exact_text((rules.closing_fee_rate or _EXAMPLE_FEE).scaleb(2))
        fee = f"    # closing_fee_rate: {usual}% # a fee to close, where liquidation counts it\n"
    return f"""\
# A tier file of marginctl; BTC and DOGE are examples, to be replaced.
# Check it: marginctl tiers check FILE. Use it: --tiers FILE, or MARGINCTL_TIERS=FILE.

venues:
  {key_text(venue)}:
{_comment(f"Whose margin rules apply; other rules: {others}.", indent=4)}
    rules: {rules.name}
    quote: {rules.usual_quote} # the currency of every amount
    as_of: {today} # the day on which the exchange showed these tiers
    source: where the figures come from
{fee}    tables:
      # A tier applies from its lower_bound, a notional in the quote currency, to the next one's.
{_comment(_about_rates(rules, one=len(tiers) == 1), indent=6)}
      btc:
{rows}    assets:
      BTC: {{table: btc}} # the tiers of a table
      DOGE: {{max_leverage: 10}} # one tier, of which half of 1/10 is kept as maintenance margin
"""


def _tiers(rules: Rules) -> list[str]:
    """Return the tiers of the example, as many as the rules allow an asset."""
    rates = (", maintenance_margin_rate: 2.5%", ", maintenance_margin_rate: 5%")
    low, high = rates if rules.own_rates else ("", "")
    tiers = [
        f"{{lower_bound: 0, max_leverage: 20{low}}}",
        f"{{lower_bound: 1_000_000, max_leverage: 10{high}}}",
    ]
    return tiers[: rules.max_tiers("BTC")]


def _about_rates(rules: Rules, *, one: bool) -> str:
    """Return what a tier keeps as maintenance margin; ``one``: these rules allow no second."""
    if rules.own_rates:
        kept = "maintenance_margin_rate of the notional, half of 1/max_leverage unless it is stated"
    else:
        kept = "half of 1/max_leverage of the notional"
    if one:
        return f"It keeps {kept}."
    if rules.own_rates:
        return (
            f"It keeps {kept}, less a deduction. Deductions follow from bounds and rates; a "
            "published one may be stated, to be checked: maintenance_deduction: 25_000."
        )
    return f"It keeps {kept}, less a deduction that follows from the tiers below."


def _comment(text: str, *, indent: int) -> str:
    start = " " * indent + "# "
    return "\n".join(f"{start}{line}" for line in wrapped(text, _WIDTH - len(start)))
