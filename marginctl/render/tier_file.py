"""The text of tier files: of what an exchange publishes, and one to begin with."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from marginctl.core.rules import Rules
from marginctl.render.layout import wrapped
from marginctl.render.numbers import escape_control, exact_text
from marginctl.venues import VENUE_RULES

PlainData = Mapping[str, Any]


_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")


_PLAIN_PHRASE = re.compile(r"[A-Za-z][A-Za-z0-9_./,'() -]*")


_COMMENT_WIDTH = 92


_NOT_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that readers of YAML take for something else."""


def tier_file_text(
    name: str, venue: PlainData, remarks: Iterable[str], table_remarks: Mapping[str, str]
) -> str:
    """Return a tier file with one venue."""
    lines = ["venues:", *venue_lines(name, venue, remarks, table_remarks)]
    return "".join(f"{line}\n" for line in lines)


def venue_lines(
    name: str,
    venue: PlainData,
    remarks: Iterable[str],
    table_remarks: Mapping[str, str],
    indent: int = 2,
) -> list[str]:
    """Return a venue's lines as an entry of ``venues``, indented so many columns.

    ``venue`` has the keys of a tier file, its numbers as they are. Remarks become comments.
    """
    lines = [f"{_scalar(name)}:"]
    for remark in remarks:
        lines += [f"  # {line}" for line in wrapped(escape_control(remark), _COMMENT_WIDTH)]
    for key, value in venue.items():
        if key not in {"tables", "assets"}:
            lines.append(f"  {key}: {_scalar(value, phrase=True)}")
    if venue.get("tables"):
        lines.append("  tables:")
        for table, tiers in venue["tables"].items():
            comment = f" # {escape_control(table_remarks[table])}" if table in table_remarks else ""
            lines.append(f"    {_scalar(table)}:{comment}")
            lines += [f"      - {_flow(tier)}" for tier in tiers]
    lines.append("  assets:")
    lines += [f"    {_scalar(asset)}: {_flow(entry)}" for asset, entry in venue["assets"].items()]
    return [" " * indent + line for line in lines]


def _flow(entry: PlainData) -> str:
    return f"{{{', '.join(f'{key}: {_scalar(value)}' for key, value in entry.items())}}}"


def _scalar(value: Any, *, phrase: bool = False) -> str:
    """Return a name or a value, in quotes where YAML would read it as something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return exact_text(value).replace(",", "_")
    text = str(value)
    if isinstance(value, str) and not _is_plain(text, _PLAIN_PHRASE if phrase else _PLAIN):
        return _quoted(text)
    return text


def _is_plain(text: str, form: re.Pattern[str]) -> bool:
    known = form.fullmatch(text) is not None and text == text.rstrip()
    return known and text.casefold() not in _NOT_TEXT


def _quoted(text: str) -> str:
    """Return a text in double quotes, what cannot be printed escaped as YAML escapes it."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in quoted)


_COMMENT_WIDTH = 92


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
  {_scalar(venue)}:
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
    return "\n".join(f"{start}{line}" for line in wrapped(text, _COMMENT_WIDTH - len(start)))
