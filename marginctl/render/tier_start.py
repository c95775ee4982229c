"""A tier file to begin with: two assets as examples, and what each line means."""

from datetime import date

from marginctl.core.rules import Rules
from marginctl.render.layout import wrapped
from marginctl.render.tiers import key_text
from marginctl.venues import VENUE_RULES

_QUOTES = {"hyperliquid": "USDC", "lighter": "USDC", "trado": "USDX"}
_WIDTH = 92


def start_text(rules: Rules, venue: str, today: date) -> str:
    """Return a tier file of one venue that passes its own check."""
    tiers = "".join(f"        - {tier}\n" for tier in _tiers(rules))
    others = ", ".join(name for name in VENUE_RULES if name != rules.name)
    fee = (
        "    # closing_fee_rate: 0.06% # a fee to close, where liquidation counts it\n"
        if rules.counts_closing_fee
        else ""
    )
    return f"""\
# A tier file of marginctl; BTC and DOGE are examples, to be replaced.
# Check it: marginctl tiers check FILE. Use it: --tiers FILE, or MARGINCTL_TIERS=FILE.

venues:
  {key_text(venue)}:
    rules: {rules.name} # whose margin rules apply; or {others}
    quote: {_QUOTES.get(rules.name, "USDT")} # the currency of every amount
    as_of: {today} # the day on which the exchange showed these tiers
    source: where the figures come from
{fee}    tables:
      # A tier applies from its lower_bound, a notional in the quote currency, to the next one's.
{_comment(_about_rates(rules))}
      btc:
{tiers}    assets:
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


def _about_rates(rules: Rules) -> str:
    if rules.own_rates:
        return (
            "It keeps maintenance_margin_rate of the notional, half of 1/max_leverage unless that "
            "is stated, less a deduction. Deductions follow from bounds and rates; a published "
            "one may be stated, to be checked: maintenance_deduction: 25_000."
        )
    return (
        "It keeps half of 1/max_leverage of the notional, less a deduction that follows from the "
        "tiers below."
    )


def _comment(text: str) -> str:
    return "\n".join(f"      # {line}" for line in wrapped(text, _WIDTH - len("      # ")))
