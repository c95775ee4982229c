"""The leverage tiers of ccxt become a venue."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from marginctl.core.rules import Venue
from marginctl.core.tiers import maintenance_margin
from marginctl.load.problems import InputError
from marginctl.load.published import ImportOptions
from marginctl.load.tier_import import Imported, read_exchange_tiers
from tests.load.test_hyperliquid_meta import contents, written
from tests.published import binance_like, json_bytes
from tests.support import DATA

EXCERPT = (DATA / "binance-tiers-excerpt.json").read_bytes()


def read(data: bytes) -> Imported:
    return read_exchange_tiers([(data, "tiers.json")], ImportOptions())


def venue_of(value: Any) -> Venue:
    return written(read(json_bytes(value)))


def test_binance_as_freqtrade_ships_it_keeps_rates_deductions_and_caps() -> None:
    imported = read(EXCERPT)
    venue = written(imported)
    assert imported.published.deductions == 8 + 8 + 6 + 10
    assert venue.quote == "USDT"
    tiers = venue.assets["BNB/USDT:USDT"].table.tiers
    assert [tier.maintenance_margin_rate for tier in tiers[:3]] == [
        Fraction(5, 1000),  # 75x, where half of the initial rate would be 1/150
        Fraction(6, 1000),
        Fraction(1, 100),
    ]
    assert tiers[-1].maintenance_deduction == 16_682_210
    assert tiers[-1].upper_bound == 100_000_000
    # Binance's own arithmetic: notional · rate - cum
    assert maintenance_margin(venue.assets["BLZ/USDT:USDT"].table, Decimal(300_000)) == (
        300_000 * Fraction(125, 1000) - 11_875
    )


def test_a_venue_is_named_after_the_exchange_where_it_is_one_that_is_known() -> None:
    assert written(read(EXCERPT)).name == "binance"
    tier = {"minNotional": 0, "maintenanceMarginRate": 0.01, "maxLeverage": 50, "info": {}}
    unknown = venue_of({"BTC/USDT:USDT": [{**tier, "symbol": "BTC/USDT:USDT"}]})
    assert (unknown.name, unknown.rules.name) == ("imported", "tiered")


def test_symbols_of_the_same_tiers_share_a_table() -> None:
    entry = read(EXCERPT).stated
    assert entry.assets["1000FLOKI/USDT:USDT"].table == "1000BONK/USDT:USDT"
    assert len(entry.tables) == 3


def test_a_whole_exchange_is_read_with_every_deduction_in_agreement() -> None:
    imported = read(json_bytes(binance_like(907)))
    assert len(imported.loaded.venue.assets) == 907
    assert imported.published.deductions == imported.tiers > 7000
    assert contents(written(imported)) == contents(imported.loaded.venue)


@pytest.mark.parametrize(
    "cap", [9.223372036854776e18, 9223372036854775807, 1e15, 1e308, float("inf"), None]
)
def test_an_absurd_cap_is_none(cap: Any) -> None:
    value = binance_like(1)
    value["C0/USDT:USDT"][-1]["maxNotional"] = cap
    assert venue_of(value).assets["C0/USDT:USDT"].table.upper_bound is None


def test_a_large_cap_is_kept() -> None:
    value = binance_like(1)
    value["C0/USDT:USDT"][-1]["maxNotional"] = 999_999_999_999_999
    assert venue_of(value).assets["C0/USDT:USDT"].table.upper_bound == 999_999_999_999_999


def test_a_tier_that_begins_one_above_the_last_begins_where_that_ends() -> None:
    value = binance_like(1)
    tiers = value["C0/USDT:USDT"]
    bound = tiers[2]["minNotional"]
    tiers[2]["minNotional"] = bound + 1
    imported = read(json_bytes(value))
    assert imported.loaded.venue.assets["C0/USDT:USDT"].table.tiers[2].lower_bound == int(bound)
    assert "gaps" in {notice.code for notice in imported.published.notices}


def test_a_gap_is_found_behind_one_that_is_let_pass() -> None:
    value = binance_like(1)
    tiers = value["C0/USDT:USDT"]
    tiers[1]["minNotional"] += 1
    tiers[3]["minNotional"] += 1000
    with pytest.raises(InputError) as caught:
        read(json_bytes(value))
    (problem,) = caught.value.problems
    assert problem.message.startswith("a gap: the tier before ends at")
    assert problem.place.path == "C0/USDT:USDT[3].minNotional"


def test_neighbouring_tiers_may_have_one_rate_and_different_leverages() -> None:
    value = binance_like(1)
    first, second = value["C0/USDT:USDT"][:2]
    del value["C0/USDT:USDT"][2:]
    second |= {"maintenanceMarginRate": first["maintenanceMarginRate"]}
    second["info"]["cum"] = "0.0"
    tiers = venue_of(value).assets["C0/USDT:USDT"].table.tiers
    assert [tier.maintenance_margin_rate for tier in tiers] == [Fraction(4, 1000)] * 2
    assert [tier.max_leverage for tier in tiers] == [125, 100]


def test_tiers_without_the_exchanges_own_entry_have_no_stated_deduction() -> None:
    value = binance_like(1)
    for tier in value["C0/USDT:USDT"]:
        tier["info"] = None
    imported = read(json_bytes(value))
    assert imported.published.deductions == 0
    assert "maintenance_deduction" not in str(imported.data())


def test_the_quote_is_that_of_most_assets_and_the_others_are_told() -> None:
    value = binance_like(3)
    value["X/USDC:USDC"] = [{**tier, "currency": "USDC"} for tier in value.pop("C2/USDT:USDT")]
    imported = read(json_bytes(value))
    assert imported.stated.quote == "USDT"
    messages = [n.message for n in imported.published.notices if n.code == "several_quotes"]
    assert messages == ["all amounts are read as USDT, but some assets use others: 1 in USDC"]


def edit(**more: Any) -> Callable[[list[Any]], None]:
    return lambda tiers: tiers[2].update(more)


@pytest.mark.parametrize(
    ("change", "message", "path"),
    [
        (edit(minNotional=51_000), "a gap: the tier before ends at", "minNotional"),
        (edit(minNotional=1), "an overlap: the tier before ends at", "minNotional"),
        (edit(minNotional=True), "expected a number", "minNotional"),
        (edit(maintenanceMarginRate=True), "expected a number", "maintenanceMarginRate"),
        (edit(maintenanceMarginRate=0.001), "the maintenance rate falls", "maintenanceMarginRate"),
        (edit(maxLeverage="a"), "'a' is not a number", "maxLeverage"),
        (edit(maxLeverage=0), "a max leverage must be at least 1", "maxLeverage"),
        (edit(maxNotional="x"), "'x' is not a number", "maxNotional"),
        (edit(info={"cum": "86"}), "the deduction 86 does not match", "info.cum"),
        (edit(info={"cum": True}), "cum is not a number", "info.cum"),
        (edit(info={"cum": "x"}), "cum: 'x' is not a number", "info.cum"),
    ],
)
def test_a_problem_is_told_with_the_path_of_the_entry(
    change: Callable[[list[Any]], None], message: str, path: str
) -> None:
    value = binance_like(2)
    change(value["C1/USDT:USDT"])
    with pytest.raises(InputError) as caught:
        read(json_bytes(value))
    told = [(p.message, p.place.path) for p in caught.value.problems]
    assert any(
        words.startswith(message) and where == f"C1/USDT:USDT[2].{path}" for words, where in told
    ), told


def test_a_list_of_tiers_is_of_the_symbols_that_it_names() -> None:
    tiers = binance_like(1)["C0/USDT:USDT"]
    named = [{**tier, "symbol": "C0/USDT:USDT"} for tier in tiers]
    assert list(venue_of(named).assets) == ["C0/USDT:USDT"]
    with pytest.raises(InputError) as caught:
        read(json_bytes([{**tier, "symbol": None} for tier in tiers]))
    (problem,) = caught.value.problems
    assert (problem.message, problem.place.path) == ("cannot be used: '': a name is empty", "[0]")


def test_an_inverse_contract_is_refused() -> None:
    value = {"BTC/USD:BTC-260327": binance_like(1)["C0/USDT:USDT"]}
    with pytest.raises(InputError, match="inverse contracts, whose tiers are amounts of the base"):
        read(json_bytes(value))


@pytest.mark.parametrize("value", [{}, [], 3, {"a": 1}, {"a": []}, [1, 2], {"a": [{}]}])
def test_something_else_is_told_what_is_read(value: Any) -> None:
    with pytest.raises(InputError, match="not tier data of a known exchange"):
        read(json_bytes(value))
