"""Hyperliquid's meta becomes a venue."""

from datetime import date
from typing import Any

import pytest

from marginctl.checks.catalogue import RULES
from marginctl.core.rules import Venue
from marginctl.load.problems import InputError
from marginctl.load.published import ImportOptions
from marginctl.load.tier_file import TierFile
from marginctl.load.tier_import import Imported, read_exchange_tiers
from marginctl.render.tier_file import tier_file_text
from tests.published import json_bytes
from tests.support import DATA, TIERS


def read(data: bytes, options: ImportOptions | None = None) -> Imported:
    return read_exchange_tiers([(data, "meta.json")], options or ImportOptions())


def written(imported: Imported) -> Venue:
    """Return the venue that the written tier file loads as."""
    entry = imported.data()
    text = tier_file_text(imported.loaded.venue.name, entry, (), imported.published.table_remarks)
    return TierFile.parse(text.encode(), "written.yaml").venue().venue


def contents(venue: Venue) -> Any:
    assets = [
        (
            asset.name,
            asset.mode,
            asset.size_decimals,
            asset.delisted,
            [
                (
                    tier.lower_bound,
                    tier.upper_bound,
                    tier.max_leverage,
                    tier.maintenance_margin_rate,
                )
                for tier in asset.table.tiers
            ],
        )
        for asset in venue.assets.values()
    ]
    return venue.name, venue.rules, venue.quote, assets


def test_a_recorded_response_loads_back_to_exactly_the_shipped_venue() -> None:
    imported = read((DATA / "meta-2026-10.json").read_bytes())
    shipped = TierFile.parse(TIERS.read_bytes(), "tiers.yaml").venue("hyperliquid").venue
    assert contents(imported.loaded.venue) == contents(shipped)
    assert contents(written(imported)) == contents(shipped)
    assert imported.published.notices == []


def coin(**more: Any) -> dict[str, Any]:
    return {"name": "A", "szDecimals": 2, "maxLeverage": 5, **more}


def meta(*coins: Any, tables: Any = (), **more: Any) -> dict[str, Any]:
    return {"universe": list(coins), "marginTables": list(tables), **more}


TABLE = [
    51,
    {
        "description": "tiered 10x",
        "marginTiers": [
            {"lowerBound": "0.0", "maxLeverage": 10},
            {"lowerBound": "3000000.0", "maxLeverage": 5},
        ],
    },
]


@pytest.mark.parametrize(
    ("entry", "tables", "bounds_and_leverages"),
    [
        (coin(marginTableId=5), [], [("0", "5")]),
        (coin(), [], [("0", "5")]),
        (coin(maxLeverage=10, marginTableId=51), [TABLE], [("0", "10"), ("3000000", "5")]),
        (coin(maxLeverage=7, marginTableId=20), [], [("0", "20")]),
        (coin(maxLeverage=49, marginTableId=49), [], [("0", "49")]),
    ],
    ids=["an id below 50 is a leverage", "no id", "a listed table", "the table wins", "49"],
)
def test_the_margin_table_gives_the_tiers(
    entry: Any, tables: Any, bounds_and_leverages: list[tuple[str, str]]
) -> None:
    venue = written(read(json_bytes(meta(entry, tables=tables))))
    tiers = venue.assets["A"].table.tiers
    found = [(f"{t.lower_bound:f}", f"{t.max_leverage:f}") for t in tiers]
    assert found == bounds_and_leverages


@pytest.mark.parametrize(
    ("more", "mode"),
    [
        ({}, "normal"),
        ({"onlyIsolated": False}, "normal"),
        ({"onlyIsolated": True, "marginMode": "noCross"}, "no_cross"),
        ({"onlyIsolated": True, "marginMode": "strictIsolated"}, "strict"),
        ({"onlyIsolated": True}, "strict"),
    ],
)
def test_the_margin_mode_is_read(more: Any, mode: str) -> None:
    imported = read(json_bytes(meta(coin(**more))))
    assert written(imported).assets["A"].mode.value == mode
    assumed = [notice.code for notice in imported.published.notices]
    assert assumed == (["margin_mode_assumed"] if more == {"onlyIsolated": True} else [])


def test_builder_markets_keep_their_names_and_both_halves_of_a_response_are_taken() -> None:
    both = [
        meta(coin(name="xyz:NVDA", marginTableId=20, maxLeverage=20, growthMode="enabled")),
        [{"markPx": "180.1"}],
    ]
    venue = written(read(json_bytes(both)))
    assert list(venue.assets) == ["xyz:NVDA"]


def test_another_collateral_is_named_by_its_index_until_an_option_names_it() -> None:
    data = json_bytes(meta(coin(), collateralToken=360))
    assert written(read(data)).quote == "token-360"
    assert written(read(data, ImportOptions(quote="USDH"))).quote == "USDH"


@pytest.mark.parametrize(
    "name",
    [
        "on",
        "NO",
        "y",
        "Off",
        "TRUE",
        "null",
        "0G",
        "1e6",
        "a: b",
        "#x",
        "a\nb",
        "q'\"\\",
        "ü€",
        "\x00\x85\u2028",
        "- x",
    ],
)
def test_any_name_survives_being_written(name: str) -> None:
    table = [51, {**TABLE[1], "description": f"of {name}"}]  # type: ignore[dict-item]
    venue = written(
        read(json_bytes(meta(coin(name=name, maxLeverage=10, marginTableId=51), tables=[table])))
    )
    assert list(venue.assets) == [name]


@pytest.mark.parametrize("name", ["y", "N", "yes", "No", "on", "OFF", "true", "False", "Null", "~"])
def test_a_name_that_readers_of_yaml_take_for_something_else_is_quoted(name: str) -> None:
    imported = read(json_bytes(meta(coin(name=name))))
    text = tier_file_text(imported.loaded.venue.name, imported.data(), (), {})
    assert f'"{name}": ' in text
    found = TierFile.parse(text.encode(), "written.yaml").findings(
        RULES.values(), date(2026, 10, 12)
    )
    assert {finding.code for finding in found} <= {"as-of-missing"}


def test_a_name_of_other_letters_is_written_as_it_is() -> None:
    imported = read(json_bytes(meta(coin(name="ü€"))))
    assert '"ü€": ' in tier_file_text(imported.loaded.venue.name, imported.data(), (), {})


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (coin(maxLeverage=10, marginTableId=51), None),
        (
            coin(maxLeverage=5, marginTableId=51),
            "its maxLeverage is 5, its margin table begins with 10: the table is used",
        ),
        (coin(maxLeverage=20, marginTableId=20), None),
        (
            coin(maxLeverage=7, marginTableId=20),
            "its maxLeverage is 7, its margin table begins with 20: the table is used",
        ),
    ],
)
def test_a_leverage_beside_the_table_that_is_another_is_told(
    entry: Any, message: str | None
) -> None:
    notices = read(json_bytes(meta(entry, tables=[TABLE]))).published.notices
    told = [] if message is None else [("max_leverage_differs", "A", message)]
    assert [(notice.code, notice.asset, notice.message) for notice in notices] == told


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        (meta(), {("there are no markets in the answer", None)}),
        (
            meta(coin(marginTableId=77, marginMode="odd"), coin(szDecimals=0.5)),
            {
                ("the margin table 77 is not among the marginTables", "universe[0].marginTableId"),
                ("the margin mode 'odd' is not known", "universe[0].marginMode"),
                ("'A' appears twice", "universe[1].name"),
                ("0.5 is not a valid number of decimals", "universe[1].szDecimals"),
            },
        ),
        (
            # ids are those of listed tables from 50 on
            meta(coin(maxLeverage=50, marginTableId=50)),
            {("the margin table 50 is not among the marginTables", "universe[0].marginTableId")},
        ),
        (
            meta(coin(marginTableId=51), tables=[TABLE, TABLE]),
            {("the margin table 51 appears twice", "marginTables[1]")},
        ),
        (
            meta(
                coin(marginTableId=60, maxLeverage=3),
                tables=[
                    [
                        60,
                        {
                            "marginTiers": [
                                {"lowerBound": "0", "maxLeverage": 3},
                                {"lowerBound": "9", "maxLeverage": 4},
                            ]
                        },
                    ]
                ],
            ),
            {
                (
                    "4x is not below the 3x of the tier before",
                    "marginTables[0][1].marginTiers[1].maxLeverage",
                )
            },
        ),
        (
            {"universe": [{"name": 3}]},
            {
                ("expected a string", "universe[0].name"),
                ("the key 'szDecimals' is missing", "universe[0].szDecimals"),
                ("the key 'maxLeverage' is missing", "universe[0].maxLeverage"),
            },
        ),
    ],
)
def test_every_problem_is_told_with_its_path(value: Any, problems: set[tuple[str, str]]) -> None:
    with pytest.raises(InputError) as caught:
        read(json_bytes(value))
    assert {(p.message, p.place.path) for p in caught.value.problems} == problems
