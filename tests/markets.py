"""The tables that random positions are drawn on: all that ship, and some that are harder."""

from collections.abc import Iterator
from functools import cache

from marginctl.load.tier_source import bundled_path, load_tiers
from tests.building import Market
from tests.oracle import Table

LADDER = [
    ("0", "125", "0.004"),
    ("50000", "100", "0.005"),
    ("250000", "50", "0.01"),
    ("1000000", "20", "0.025"),
    ("10000000", "10", "0.05"),
    ("20000000", "5", "0.1"),
    ("50000000", "4", "0.125"),
    ("100000000", "3", "0.15"),
    ("200000000", "2", "0.25"),
    ("300000000", "1", "0.5"),
]

SYNTHETIC = [
    Market.of("ladder", LADDER),
    Market.of("odd", [("0", "15"), ("1000", "7"), ("30000", "3")]),
    Market.of(
        "narrow", [("0", "50"), ("99.5", "37"), ("100", "11"), ("100.25", "9"), ("101", "1")]
    ),
    Market.of("stated", [("0", "30", "1/70"), ("7", "13", "1/17"), ("10000", "2.5", "2/7")]),
    Market.of("ends", [("0", "25"), ("500000", "15")], upper="2000000"),
    Market.of("ends at once", [("0", "3")], upper="12345.678"),
]


@cache
def shipped() -> tuple[Market, ...]:
    """Return one market for each different table of the shipped file."""
    return tuple(_shipped())


def _shipped() -> Iterator[Market]:
    file = load_tiers(str(bundled_path()), "bundled").file
    for name in file.venue_names:
        seen = set()
        for asset in file.venue(name).venue.assets.values():
            if asset.table in seen:
                continue
            seen.add(asset.table)
            stated = ("1/200",) if name == "trado" else ()
            rows = [(tier.lower_bound, tier.max_leverage, *stated) for tier in asset.table.tiers]
            yield Market(f"{name} {asset.name}", asset.table, Table.of(rows))
