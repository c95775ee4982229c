"""Tier tables for people, as data, and as the YAML of a tier file."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from marginctl.core.numbers import decimal_of, exactly, quotient
from marginctl.core.position import Asset, AssetMode
from marginctl.core.rules import Venue
from marginctl.core.tiers import maintenance_margin, tier_report
from marginctl.render.data import Data, tier_data
from marginctl.render.figures import TIER_PARTS, Field
from marginctl.render.layout import LABEL, NOTE, TITLE, Rows, TextLine, aligned, styled_lines
from marginctl.render.numbers import exact_text, grouped, plain

_EIGHTHS = " ▁▂▃▄▅▆▇█"


@exactly
def _area_chart(
    height_at: Callable[[Decimal], Decimal],
    end: Decimal,
    marks: Sequence[tuple[Decimal, str]],
    *,
    columns: int,
    rows: int,
    label: Callable[[Decimal], str],
) -> list[TextLine]:
    """Return a filled curve over 0..end, its highest value at the left, marks below the axis.

    ``marks`` are places on the axis with what to write there. Heights are drawn in eighths of a
    row, rounded down.
    """
    heights = [
        height_at(quotient(end * (2 * column + 1), 2 * columns)) for column in range(columns)
    ]
    top = height_at(end)
    axis = label(top)
    lines: list[TextLine] = []
    for row in reversed(range(rows)):
        cells = []
        for height in heights:
            eighths = int(quotient(height * rows * 8, top)) - row * 8
            cells.append(_EIGHTHS[max(0, min(8, eighths))])
        left = axis if row == rows - 1 else "0" if row == 0 else ""
        lines.append(((f"  {left.rjust(len(axis))} ┤", NOTE), ("".join(cells).rstrip(), "")))
    pad = len(axis) + 3
    ticks, texts = list("─" * columns), [" "] * (columns + 40)
    for place, text in marks:
        column = min(columns - 1, int(quotient(place * columns, end)))
        ticks[column] = "┴"
        texts[column : column + len(text)] = text
    lines.append(((f"{' ' * pad}└{''.join(ticks)}", NOTE),))
    lines.append(((f"{' ' * (pad + 1)}{''.join(texts).rstrip()}", LABEL),))
    return lines


ASSET_FIELDS = (
    Field("asset", "text", "name of the asset"),
    Field("max_leverage", "multiple", "highest leverage, that of the first tier"),
    Field("tiers", "count", "number of tiers"),
    Field("size_decimals", "count", "decimals of a size"),
    Field("margin_mode", "text", "normal, no_cross or strict"),
    Field("delisted", "flag", "whether it is no longer traded"),
)
TIER_FIELDS = (Field("asset", "text", "name of the asset"), *TIER_PARTS)
_RATE_CHARACTERS, _AMOUNT_CHARACTERS = 8, 20
"""The longest numbers that are shown whole; longer ones are cut and end with an ellipsis."""
MODE_WORDS = {
    AssetMode.NORMAL: "",
    AssetMode.NO_CROSS: "isolated only",
    AssetMode.STRICT: "strict isolated",
}


def asset_data(asset: Asset) -> Data:
    """Return one asset of a venue's list."""
    return {
        "asset": asset.name,
        "max_leverage": plain(asset.max_leverage),
        "tiers": str(len(asset.table.tiers)),
        "size_decimals": None if asset.size_decimals is None else str(asset.size_decimals),
        "margin_mode": asset.mode.value,
        "delisted": asset.delisted,
    }


def tier_rows_data(asset: Asset) -> list[Data]:
    """Return the tiers of an asset, each with the asset's name."""
    return [{"asset": asset.name, **tier_data(tier_report(tier))} for tier in asset.table.tiers]


def list_rows(venue: Venue) -> Rows:
    """Return the table of a venue's assets."""
    assets = list(venue.assets.values())
    columns = [
        [asset.name for asset in assets],
        [f"{exact_text(asset.max_leverage)}x" for asset in assets],
        [higher_tiers(asset) for asset in assets],
        [remarks(asset) for asset in assets],
    ]
    heads = (("Asset", False), ("Max", True), ("Above", False), ("", False))
    return Rows("", heads, tuple(zip(*columns, strict=True)), ("",) * len(assets))


def asset_rows(asset: Asset) -> Rows:
    """Return the table of an asset's tiers."""
    reports = [tier_report(tier) for tier in asset.table.tiers]
    columns = [
        [str(report.index) for report in reports],
        aligned([exact_text(report.lower_bound) for report in reports]),
        [f"{exact_text(report.max_leverage)}x" for report in reports],
        aligned([rate_text(report.maintenance_margin_rate) for report in reports]),
        aligned([amount_text(report.maintenance_deduction) for report in reports]),
    ]
    heads = tuple((field.label, True) for field in TIER_PARTS if field.label)
    return Rows("", heads, tuple(zip(*columns, strict=True)), ("",) * len(reports))


def asset_title(venue: Venue, asset: Asset) -> list[TextLine]:
    """Return what an asset is, in one line."""
    unusual = remarks(asset)
    decimals = "" if asset.size_decimals is None else f" · sizes to {asset.size_decimals} decimals"
    return [
        (
            (asset.name, TITLE),
            (f" on {venue.name}, {venue.quote}{decimals}{' · ' + unusual if unusual else ''}", ""),
        )
    ]


def maintenance_picture(asset: Asset, columns: int) -> list[TextLine]:
    """Return a chart of maintenance margin over notional, with the tiers' bounds below it."""
    bounds = [tier.lower_bound for tier in asset.table.tiers[1:]]
    upper = asset.table.upper_bound
    end = upper or (2 * bounds[-1] if bounds else Decimal(1_000_000))
    marks = [(bound, short(bound)) for bound in (*bounds, end)]
    return [
        (("  maintenance margin by notional", NOTE),),
        *_area_chart(
            lambda notional: decimal_of(maintenance_margin(asset.table, notional)),
            end,
            [(Decimal(0), "0"), *marks],
            columns=columns,
            rows=8,
            label=short,
        ),
    ]


def venues_line(names: Iterable[str], width: int | None) -> list[TextLine]:
    """Return the line that names the venues of the file."""
    return styled_lines(f"Venues of the file: {', '.join(names)}", NOTE, width)


@exactly
def short(amount: Decimal) -> str:
    """Return an amount in few characters: 150M, 3M, 250k."""
    for power, letter in ((12, "T"), (9, "B"), (6, "M"), (3, "k")):
        if abs(amount) >= Decimal(10) ** power:
            return f"{_two_decimals(amount.scaleb(-power))}{letter}"
    return _two_decimals(amount)


def _two_decimals(amount: Decimal) -> str:
    return plain(Decimal(grouped(amount, 2).replace(",", "")))


def higher_tiers(asset: Asset) -> str:
    """Return the tiers above the first in few characters: 20M: 5x, 50M: 3x."""
    higher = asset.table.tiers[1:]
    return ", ".join(
        f"{short(tier.lower_bound)}: {exact_text(tier.max_leverage)}x" for tier in higher
    )


def remarks(asset: Asset) -> str:
    """Return what is unusual about an asset: isolated only, delisted."""
    words = [MODE_WORDS[asset.mode], "delisted" if asset.delisted else ""]
    return ", ".join(word for word in words if word)


@exactly
def rate_text(rate: Decimal) -> str:
    """Return a maintenance rate as a percentage; a long one is cut and ends with an ellipsis."""
    percentage = rate.scaleb(2)
    exact = plain(percentage)
    return f"{exact if len(exact) <= _RATE_CHARACTERS else grouped(percentage, 6) + '…'}%"


def amount_text(amount: Decimal) -> str:
    """Return an amount; a long one is cut and ends with an ellipsis."""
    text = exact_text(amount)
    return text if len(text) <= _AMOUNT_CHARACTERS else f"{grouped(amount, 6)}…"
