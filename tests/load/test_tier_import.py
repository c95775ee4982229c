"""Raw answers of exchanges about their tiers, and ladders that only some exchanges have.

The figures are those of public answers, restated: Binance leverageBracket, Bybit v5 risk-limit,
Gate risk_limit_tiers, Lighter orderBookDetails, Hyperliquid allPerpMetas, and ccxt's tiers of
OKX, MEXC, Huobi, Bitget, Gate, Kraken, Phemex, BingX and CoinEx.
"""

import json
from contextlib import suppress
from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from marginctl.core.tiers import maintenance_margin
from marginctl.load.problems import InputError
from marginctl.load.published import ImportOptions
from marginctl.load.tier_import import Imported, read_exchange_tiers
from tests.load.test_hyperliquid_meta import contents, written
from tests.published import json_bytes


def read(*values: Any, **options: Any) -> Imported:
    files = [(json_bytes(value), f"page-{index}.json") for index, value in enumerate(values)]
    imported = read_exchange_tiers(files, ImportOptions(**options))
    assert contents(written(imported)) == contents(imported.loaded.venue)
    return imported


def refused(*values: Any, **options: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(*values, **options)
    return [problem.message for problem in caught.value.problems]


def terms(imported: Imported, asset: str) -> list[tuple[str, str, Fraction]]:
    """Return lower bounds, leverages and maintenance rates."""
    tiers = imported.loaded.venue.assets[asset].table.tiers
    return [(f"{t.lower_bound:f}", f"{t.max_leverage:f}", t.maintenance_margin_rate) for t in tiers]


def ccxt(symbol: str, *rows: tuple[Any, Any, Any, Any, Any], currency: str = "USDT") -> Any:
    """Return rows of (min, max, rate, leverage, info) as ccxt has them."""
    names = ("minNotional", "maxNotional", "maintenanceMarginRate", "maxLeverage", "info")
    return {
        symbol: [
            {
                "tier": tier,
                "symbol": symbol,
                "currency": currency,
                **dict(zip(names, row, strict=False)),
            }
            for tier, row in enumerate(rows, start=1)
        ]
    }


# --- raw answers ---

BRACKETS = [
    ("125", "0", "50000", "0.004", "0.0"),
    ("100", "50000", "250000", "0.005", "50.0"),
    ("50", "250000", "3000000", "0.01", "1300.0"),
]


def binance(symbol: str, rows: Any = BRACKETS, **more: Any) -> dict[str, Any]:
    names = ("initialLeverage", "notionalFloor", "notionalCap", "maintMarginRatio", "cum")
    return {
        "symbol": symbol,
        **more,
        "brackets": [dict(zip(names, row, strict=False)) for row in rows],
    }


@pytest.mark.parametrize("value", [binance("BTCUSDT"), [binance("BTCUSDT")]])
def test_binance_brackets_of_one_symbol_and_of_many(value: Any) -> None:
    imported = read(value)
    venue = imported.loaded.venue
    assert (venue.name, venue.rules.name, venue.quote) == ("binance", "binance", "USDT")
    assert imported.published.deductions == 3
    assert terms(imported, "BTCUSDT") == [
        ("0", "125", Fraction(4, 1000)),
        ("50000", "100", Fraction(5, 1000)),
        ("250000", "50", Fraction(1, 100)),
    ]
    assert venue.assets["BTCUSDT"].table.upper_bound == 3_000_000
    # Binance's own arithmetic
    assert maintenance_margin(venue.assets["BTCUSDT"].table, Decimal(100_000)) == 500 - 50


def test_binance_numbers_may_be_numbers_and_a_wrong_cum_is_told() -> None:
    rows = [(125, 0, 50000, 0.004, 0.0), (100, 50000, 250000, 0.005, 51.0)]
    assert refused([binance("BTCUSDT", rows)]) == [
        "the deduction 51 does not match the bounds and rates, which give 50"
    ]


def test_an_adjusted_coefficient_of_binance_is_told() -> None:
    notices = read([binance("ETHUSDT", notionalCoef=1.5)]).published.notices
    assert [notice.code for notice in notices] == ["notional_coefficient"]
    assert "ETHUSDT: notionalCoef 1.5" in notices[0].message


def test_coefficients_of_brackets_are_told_each_once() -> None:
    value = binance("ETHUSDT", notionalCoef=1)
    for bracket, coefficient in zip(value["brackets"], ("4.0", 4, 1), strict=True):
        bracket["notionalCoef"] = coefficient
    notices = read([value]).published.notices
    assert [notice.message.partition(":")[2][:19] for notice in notices] == [" notionalCoef 4.0: "]


def test_currencies_that_symbols_do_not_say_are_told() -> None:
    value = [binance(name) for name in ("BTCUSDT", "ETHUSDT", "BTCU", "BTCXYZ", "ETHXYZ")]
    assert read(value).published.remarks == [
        "all amounts are read as USDT, but some assets use others: 1 in U",
        "all amounts are read as USDT, but 2 symbols do not say the currency",
    ]
    assert read(value, quote="USDT").published.remarks == read(value).published.remarks
    assert refused([binance("BTCXYZ")]) == [
        "the file does not say which currency its amounts are in"
    ]


def test_coin_margined_brackets_are_left_out() -> None:
    coin = {"symbol": "BTCUSD_PERP", "brackets": [{"qtyCap": 50, "qtyFloor": 0}]}
    imported = read([binance("BTCUSDT"), coin])
    assert list(imported.loaded.venue.assets) == ["BTCUSDT"]
    assert imported.warnings == (
        (
            "left out: 'BTCUSD_PERP': the bounds of their tiers are quantities, "
            "not amounts of the quote"
        ),
    )


def bybit(*rows: tuple[str, ...], cursor: str = "", category: str = "linear") -> dict[str, Any]:
    names = ("symbol", "riskLimitValue", "maintenanceMargin", "maxLeverage", "mmDeduction")
    return {
        "retCode": 0,
        "result": {
            "category": category,
            "list": [dict(zip(names, row, strict=False)) for row in rows],
            "nextPageCursor": cursor,
        },
    }


BTC = (
    ("BTCUSDT", "2000000", "0.005", "100.00", ""),
    ("BTCUSDT", "2600000", "0.0056", "90.00", "1200"),
    ("BTCUSDT", "3200000", "0.0062", "80.00", "2760"),
)


def test_bybit_pages_are_joined_even_within_a_symbol() -> None:
    first = bybit(*BTC[:2], cursor="second")
    imported = read(first, bybit(*BTC[2:], ("ETHPERP", "100", "0.01", "50.00", "")))
    venue = imported.loaded.venue
    assert (venue.name, venue.rules.name, venue.quote) == ("bybit", "bybit", "USDT")
    assert terms(imported, "BTCUSDT") == [
        ("0", "100", Fraction(5, 1000)),
        ("2000000", "90", Fraction(56, 10_000)),
        ("2600000", "80", Fraction(62, 10_000)),
    ]
    assert imported.published.deductions == 2
    assert [notice.code for notice in imported.published.notices] == ["several_quotes"]


def test_a_page_of_bybit_that_is_not_the_last_says_so() -> None:
    notices = read(bybit(*BTC, cursor="more")).published.notices
    assert [notice.code for notice in notices] == ["pages_missing"]


def test_a_deduction_of_a_second_page_is_checked_with_its_place() -> None:
    wrong = (*BTC[2][:4], "2761")
    with pytest.raises(InputError) as caught:
        read(bybit(*BTC[:2], cursor="second"), bybit(wrong))
    (problem,) = caught.value.problems
    assert problem.message.startswith("the deduction 2761 does not match")
    assert problem.place.file == "page-1.json"
    assert problem.place.path == "result.list[0].mmDeduction"


def test_an_error_of_bybit_and_inverse_categories_are_refused() -> None:
    answer = bybit() | {"retCode": 10001, "retMsg": "params error"}
    assert "the exchange answered with an error: params error" in refused(answer)
    inverse = bybit(("BTCUSD", "150", "0.005", "100.00", ""), category="inverse")
    assert refused(inverse)[0].startswith("cannot be used: 'BTCUSD': inverse contracts")


def test_an_error_of_bybit_may_have_no_list() -> None:
    answer = {"retCode": 10001, "retMsg": "params error", "result": {}}
    assert refused(answer) == ["the exchange answered with an error: params error"]
    assert "not tier data" in refused({**answer, "retCode": 0})[0]


def test_dated_inverse_contracts_of_bybit_are_left_out_without_their_category() -> None:
    rows = bybit(*BTC, ("BTCUSDZ26", "150", "0.005", "100.00", ""))["result"]["list"]
    imported = read({"list": rows})
    assert list(imported.loaded.venue.assets) == ["BTCUSDT"]
    assert imported.warnings[0].startswith("left out: 'BTCUSDZ26': inverse contracts")


def test_a_symbol_of_bybit_whose_first_page_is_missing_is_left_out() -> None:
    page = bybit(*BTC[1:], ("ETHUSDT", "100", "0.01", "50.00", ""))
    for row, lowest in zip(page["result"]["list"], (0, 0, 1), strict=True):
        row["isLowestRisk"] = lowest
    imported = read(page)
    assert list(imported.loaded.venue.assets) == ["ETHUSDT"]
    assert imported.warnings == ("left out: 'BTCUSDT': their first tier is on another page",)


def gate(*rows: tuple[str, ...]) -> list[dict[str, str]]:
    names = ("contract", "risk_limit", "maintenance_rate", "leverage_max", "initial_rate")
    return [dict(zip(names, row, strict=False)) for row in rows]


def test_gate_tiers() -> None:
    rows = gate(
        ("BTC_USDT", "1000000", "0.004", "125", "0.008"),
        ("BTC_USDT", "2000000", "0.008", "83.33", "0.012"),
        ("BTC_USD", "100", "0.005", "100", "0.01"),
    )
    imported = read(rows)
    venue = imported.loaded.venue
    assert (venue.name, venue.rules.name, venue.quote) == ("gate", "tiered", "USDT")
    assert terms(imported, "BTC_USDT") == [
        ("0", "125", Fraction(4, 1000)),
        ("1000000", "83.33", Fraction(8, 1000)),
    ]
    assert [warning[:20] for warning in imported.warnings] == ["left out: 'BTC_USD':"]
    del rows[0]["contract"]
    assert refused(rows) == ["the row does not name its contract"]


def test_a_published_deduction_of_gate_is_checked() -> None:
    rows = gate(("A_USDT", "10", "0.01", "50", "0.02"), ("A_USDT", "20", "0.02", "25", "0.04"))
    rows[1]["deduction"] = "0.1"
    assert read(rows).published.deductions == 1
    rows[1]["deduction"] = "0.2"
    assert refused(rows) == [
        "the deduction 0.2 does not match the bounds and rates, which give 0.1"
    ]


def lighter(**more: Any) -> dict[str, Any]:
    market = {
        "symbol": "ETH",
        "market_type": "perp",
        "status": "active",
        "min_initial_margin_fraction": 200,
        "maintenance_margin_fraction": 120,
        "closeout_margin_fraction": 80,
        "size_decimals": 4,
    }
    return {"code": 200, "order_book_details": [market | more]}


def test_lighter_fractions_are_basis_points() -> None:
    imported = read(lighter())
    venue = imported.loaded.venue
    assert (venue.name, venue.rules.name, venue.quote) == ("lighter", "lighter", "USDC")
    assert terms(imported, "ETH") == [("0", "50", Fraction(12, 1000))]
    assert venue.assets["ETH"].size_decimals == 4
    assert imported.published.notices == []


def test_lighter_leverages_round_down_and_an_odd_closeout_is_told() -> None:
    imported = read(lighter(min_initial_margin_fraction=300, closeout_margin_fraction=90))
    assert terms(imported, "ETH") == [("0", "33.33", Fraction(12, 1000))]
    assert [notice.code for notice in imported.published.notices] == ["closeout_differs"]
    assert refused(lighter(maintenance_margin_fraction=0)) == [
        "cannot be used: 'ETH': their margin fractions are none"
    ]


@pytest.mark.parametrize(
    ("kept", "closeout", "odd"),
    [(2000, 1333, False), (500, 333, False), (100, 67, False), (120, 81, True), (120, 79, True)],
)
def test_two_thirds_are_rounded_to_a_whole_basis_point(kept: int, closeout: int, odd: bool) -> None:
    imported = read(
        lighter(
            min_initial_margin_fraction=2 * kept,
            maintenance_margin_fraction=kept,
            closeout_margin_fraction=closeout,
        )
    )
    codes = [notice.code for notice in imported.published.notices]
    assert codes == (["closeout_differs"] if odd else [])


@pytest.mark.parametrize("decimals", [0.5, -1, 100])
def test_decimals_of_a_size_are_a_small_whole_number(decimals: Any) -> None:
    assert "is not a valid number of decimals" in refused(lighter(size_decimals=decimals))[0]


def hl(name: str, table: int, *tables: Any, token: int = 0) -> dict[str, Any]:
    coin = {"szDecimals": 2, "name": name, "maxLeverage": 20, "marginTableId": table}
    return {"universe": [coin], "marginTables": list(tables), "collateralToken": token}


def listed(number: int, bound: str) -> list[Any]:
    rows = [("0.0", 20), (bound, 10)]
    tiers = [{"lowerBound": low, "maxLeverage": leverage} for low, leverage in rows]
    return [number, {"description": "", "marginTiers": tiers}]


def test_every_dex_has_margin_tables_of_its_own() -> None:
    main, other = hl("BTC", 60, listed(60, "100")), hl("xyz:GOLD", 60, listed(60, "7"))
    imported = read([main, other, hl("km:US", 20)])
    assert terms(imported, "BTC") == [
        ("0", "20", Fraction(1, 40)),
        ("100", "10", Fraction(1, 20)),
    ]
    assert [low for low, *_ in terms(imported, "xyz:GOLD")] == ["0", "7"]
    assert list(imported.stated.tables) == ["table-60", "xyz-table-60"]
    assert list(imported.loaded.venue.assets) == ["BTC", "xyz:GOLD", "km:US"]


def test_tables_of_one_number_stay_apart_without_a_dex_too() -> None:
    imported = read(hl("A", 60, listed(60, "100")), hl("B", 60, listed(60, "7")))
    assert [[low for low, *_ in terms(imported, name)] for name in "AB"] == [
        ["0", "100"],
        ["0", "7"],
    ]


def test_dexes_of_another_collateral_are_told() -> None:
    imported = read([hl("BTC", 20), hl("xyz:A", 20), hl("km:US", 20, token=360)])
    assert imported.stated.quote == "USDC"
    messages = [notice.message for notice in imported.published.notices]
    assert messages == ["all amounts are read as USDC, but some assets use others: 1 in token-360"]


def test_a_margin_table_without_tiers_is_told_at_its_coin() -> None:
    with pytest.raises(InputError) as caught:
        read([hl("A", 60, [60, {"marginTiers": []}])])
    (problem,) = caught.value.problems
    assert (problem.message, problem.place.path) == ("the table has no tiers", "[0].universe[0]")


@pytest.mark.parametrize("second", [3, "x", {"a": 1}, None])
def test_a_list_of_two_is_no_response_by_its_length_alone(second: Any) -> None:
    with pytest.raises(InputError, match="not tier data of a known exchange"):
        read([hl("BTC", 20), second])


# --- ccxt, exchange by exchange ---


def test_the_list_of_one_market_is_read_as_the_object_of_many() -> None:
    value = ccxt(
        "BTC/USDT:USDT",
        (0, 1000000.0, 0.004, 125.0, {"risk_limit": "1000000"}),
        (1000000.0, 2000000.0, 0.008, 83.33, {"risk_limit": "2000000"}),
        currency="BTC",
    )
    whole = read(value)
    alone = read(value["BTC/USDT:USDT"])
    assert contents(alone.loaded.venue) == contents(whole.loaded.venue)
    # ccxt says BTC here, and the symbol settles in USDT
    assert whole.stated.quote == "USDT"
    assert whole.stated.rules_name == "tiered"
    assert whole.published.remarks == []


@pytest.mark.parametrize(
    "info",
    [
        {"minSz": "0", "maxSz": "500"},
        {"min_size": 0, "max_size": 500},
        {"maxVol": 500, "riskIncrVol": 500},
        {"maxVol": 500},
        {"riskIncrVol": 500},
        {"minSz": "0", "maxSz": ""},
        {"min_size": 0, "max_size": None},
        {"contracts": 0, "initialMargin": 0.02, "maintenanceMargin": 0.01},
    ],
    ids=[
        "OKX",
        "Huobi",
        "MEXC",
        "MEXC, bound",
        "MEXC, step",
        "OKX, one",
        "Huobi, one",
        "Kraken, one",
    ],
)
def test_bounds_in_contracts_are_refused(info: Any) -> None:
    end = 500 if 500 in info.values() or "500" in info.values() else None
    value = ccxt("BTC/USDT:USDT", (0, end, 0.004, 125, info))
    assert refused(value) == [
        (
            "cannot be used: 'BTC/USDT:USDT': the bounds of their tiers are numbers of contracts, "
            "not amounts"
        )
    ]


def test_bounds_of_kraken_are_contracts_or_amounts() -> None:
    def levels(key: str) -> Any:
        rows = [(0, 500, 0.01, 50, {key: 0}), (500, None, 0.02, 25, {key: 500})]
        return ccxt("BTC/USD:USD", *rows, currency="USD")

    assert "numbers of contracts" in refused(levels("contracts"))[0]
    assert [low for low, *_ in terms(read(levels("numNonContractUnits")), "BTC/USD:USD")] == [
        "0",
        "500",
    ]


@pytest.mark.parametrize("key", ["amount", "baseMaxBorrowableAmount", "maxBorrowableAmount"])
def test_bounds_in_units_of_the_base_are_refused(key: str) -> None:
    value = ccxt("BTC/USDT:USDT", (0, 15, 0.005, 100, {key: "15.0000"}))
    assert "amounts of the base" in refused(value)[0]


def test_rates_in_percent_stop_an_import() -> None:
    with pytest.raises(InputError) as caught:
        read(ccxt("BTC/USDT:USDT", (0, 2000000, 0.5, 100, {"riskLimitValue": "2000000"})))
    (problem,) = caught.value.problems
    assert problem.message == "50% is not below the initial margin of 1%"
    assert problem.hint == "rates are fractions: write 0.5% if that is meant"
    assert problem.place.path == "BTC/USDT:USDT[0].maintenanceMarginRate"


def test_bitget_has_neighbours_of_one_leverage() -> None:
    imported = read(
        ccxt(
            "BTC/USDT:USDT",
            (0, 150000, 0.004, 125, {"keepMarginRate": "0.004"}),
            (150000, 285000000, 0.005, 100, {}),
            (285000000, 288000000, 0.485, 2, {}),
            (288000000, 291000000, 0.49, 2, {}),
        )
    )
    assert [rate for *_, rate in terms(imported, "BTC/USDT:USDT")][-2:] == [
        Fraction(485, 1000),
        Fraction(49, 100),
    ]
    assert imported.warnings == ()


def test_neighbours_of_the_same_terms_are_one_tier() -> None:
    imported = read(ccxt("A/USDT:USDT", (0, 10, 0.01, 50, {}), (10, 20, 0.01, 50, {})))
    assert terms(imported, "A/USDT:USDT") == [("0", "50", Fraction(1, 100))]
    assert imported.loaded.venue.assets["A/USDT:USDT"].table.upper_bound == 20


def test_a_repeated_rate_is_told_and_taken() -> None:
    imported = read(ccxt("A/USDT:USDT", (0, 10, 0.01, 40, {}), (10, 20, 0.01, 30, {})))
    assert [warning.partition(": ")[2] for warning in imported.warnings] == [
        "the rate is 1%, the same as in the tier before"
    ]


UNUSABLE = {
    **ccxt("BTC/USD:BTC", (None, None, 0.01, 50, {})),
    **ccxt("ETH/USD:ETH", (0, 10, 0.01, 50, {})),
    **ccxt("SOL/USD:BTC", (0, 10, 0.01, 50, {})),
    **ccxt("XRP/USD:USD", (None, None, 0.01, 50, {})),
    "ADA/USD:USD": [],
}


def test_what_cannot_be_used_is_left_out_once_by_kind() -> None:
    good = ccxt("BTC/USD:USD", (0, 1000, 0.01, 50, {}), (1000, None, 0.02, 25, {}))
    imported = read({**UNUSABLE, **good})
    assert list(imported.loaded.venue.assets) == ["BTC/USD:USD"]
    assert imported.warnings == (
        (
            "left out: 'BTC/USD:BTC' and 1 other: inverse contracts, whose tiers are amounts of "
            "the base, not of the quote"
        ),
        (
            "left out: 'SOL/USD:BTC': quanto contracts, which settle in neither their quote nor "
            "their base"
        ),
        "left out: 'XRP/USD:USD': their bounds or rates are null",
        "left out: 'ADA/USD:USD': no tiers are published for them",
    )
    assert len(refused({**UNUSABLE, **good}, strict=True)) == 4
    assert read({**UNUSABLE, **good}, strict=True, only=["BTC/USD:USD"]).warnings == ()
    assert len(refused(UNUSABLE)) == 4


def test_patterns_pick_assets() -> None:
    rows: list[Any] = [(0, 10, 0.01, 50, {})]
    value = {k: v for name in ("A", "B", "AB") for k, v in ccxt(f"{name}/USDT:USDT", *rows).items()}
    assert list(read(value, only=["A*"]).stated.assets) == ["A/USDT:USDT", "AB/USDT:USDT"]
    assert list(read(value, exclude=["A/*", "B/*"]).stated.assets) == ["AB/USDT:USDT"]
    assert list(read(value, only=["A*"], exclude=["AB*"]).stated.assets) == ["A/USDT:USDT"]
    assert refused(value, only=["C*"]) == ["none of the 3 assets is selected"]
    assert list(read(hl("BTC", 20), only=["B*"]).stated.assets) == ["BTC"]
    assert refused(hl("BTC", 20), exclude=["BTC"]) == ["none of the 1 assets is selected"]


@pytest.mark.parametrize(
    ("key", "rules"),
    [("cum", "binance"), ("mmDeduction", "tiered"), ("maintAmount", "tiered")],
)
def test_published_deductions_are_checked_under_every_name(key: str, rules: str) -> None:
    def value(second: str) -> Any:
        return ccxt(
            "A/USDT:USDT", (0, 100, 0.01, 50, {key: ""}), (100, 200, 0.02, 25, {key: second})
        )

    imported = read(value("1"))
    assert imported.published.deductions == 1
    assert imported.stated.rules_name == rules
    with pytest.raises(InputError) as caught:
        read(value("2"))
    (problem,) = caught.value.problems
    assert problem.message.startswith("the deduction 2 does not match")
    assert problem.place.path == f"A/USDT:USDT[1].info.{key}"


@pytest.mark.parametrize(
    ("info", "rules"),
    [
        ({"cum": "0"}, "binance"),
        ({"riskLimitValue": "10"}, "bybit"),
        ({"risk_limit": "10"}, "tiered"),
    ],
)
def test_the_exchange_is_known_by_its_own_keys(info: Any, rules: str) -> None:
    imported = read(ccxt("A/USDT:USDT", (0, 10, 0.01, 50, info)))
    assert imported.stated.rules_name == rules
    other = read(ccxt("A/USDT:USDT", (0, 10, 0.01, 50, info)), rules="hyperliquid")
    assert other.stated.rules_name == "hyperliquid"
    assert [notice.code for notice in other.published.notices] == ["rules_not_of_exchange"]


def test_a_leverage_that_is_not_stated_follows_from_the_initial_or_maintenance_rate() -> None:
    phemex = ccxt("A/USDT:USDT", (0, 10, "0.5%", None, {"initialMargin": "1.0%"}))
    assert terms(read(phemex), "A/USDT:USDT") == [("0", "100", Fraction(5, 1000))]
    # ccxt in Python makes null of it, and its own entry still says it
    info = {"initialMargin": "1.0%", "maintenanceMargin": "0.5%"}
    unread = ccxt("A/USDT:USDT", (0, 10, None, None, info))
    assert terms(read(unread), "A/USDT:USDT") == [("0", "100", Fraction(5, 1000))]
    assert "rates are null" in refused(ccxt("A/USDT:USDT", (0, 10, None, None, {})))[0]
    bingx = read(ccxt("A/USDT:USDT", (0, 10, 0.0033, None, {"maintAmount": "0"})))
    assert terms(bingx, "A/USDT:USDT") == [("0", "151.51", Fraction(33, 10_000))]
    assert [notice.code for notice in bingx.published.notices] == ["max_leverage_assumed"]
    assert bingx.published.remarks


def test_a_leverage_of_a_tiny_rate_is_read() -> None:
    value = ccxt("A/USDT:USDT", (0, 10, "3e-29", None, {}))
    assert refused(value)[0].startswith("16666666666666666666666666666.66x is more than the 1000x")


@pytest.mark.parametrize("wrong", [[], {}, True, "x"])
def test_a_deduction_that_is_no_number_is_told(wrong: Any) -> None:
    value = ccxt("A/USDT:USDT", (0, 10, 0.01, 50, {"mmDeduction": wrong}))
    assert refused(value)[0].startswith("mmDeduction")


def test_a_given_quote_is_not_contradicted() -> None:
    rows: list[Any] = [(0, 10, 0.01, 50, {})]
    value = {**ccxt("A/USDT:USDT", *rows), **ccxt("B/USDC:USDC", *rows), **ccxt("C/USDC", *rows)}
    assert read(value).published.remarks == [
        "all amounts are read as USDC, but some assets use others: 1 in USDT"
    ]
    assert read(value, quote="USDT").published.remarks == [
        "all amounts are read as USDT, but some assets use others: 2 in USDC"
    ]


# --- names, and forms that are something else ---


@pytest.mark.parametrize(
    "name", ["<<", "~", "a: b # c", "\u202e", "\x9b", "a" * 200, "'\"\\", "1e5"]
)
def test_every_name_that_is_taken_can_be_read_back(name: str) -> None:
    imported = read({name: ccxt("A", (0, 10, 0.01, 50, {}), (10, 20, 0.02, 25, {}))["A"]})
    assert list(written(imported).assets) == [name]


@pytest.mark.parametrize("name", ["", " ", "a" * 201, "a" * 5000])
def test_other_names_are_left_out(name: str) -> None:
    rows = ccxt("A", (0, 10, 0.01, 50, {}))
    assert read({name: rows["A"], **rows}).warnings[0].startswith("left out: ")
    assert "a name " in refused({name: rows["A"]})[0]
    assert "a name " in refused(hl(name, 20))[0]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{'BTC/USDT:USDT': [{'tier': 1}]}", "json.dumps"),
        ('{"a": None}', "json.dumps"),
        ('[True, {"a": 1}]', "json.dumps"),
        ("{ tier: 1, symbol: 'A' }", "JSON.stringify"),
        ("[ { tier: 1, info: [Object] }, ... 9 more items ]", "JSON.stringify"),
        ('{"a": undefined}', "JSON.stringify"),
    ],
)
def test_what_a_program_prints_gets_a_hint(text: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        read_exchange_tiers([(text.encode(), "printed.txt")], ImportOptions())
    (problem,) = caught.value.problems
    assert problem.message.startswith("not valid JSON")
    assert problem.hint is not None
    assert hint in problem.hint


@pytest.mark.parametrize("text", ["", "x", '{"a": 1', '{"a": "it is None, or {b: c}"', "[1, 2"])
def test_json_that_is_only_broken_gets_none(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_exchange_tiers([(text.encode(), "broken.json")], ImportOptions())
    assert caught.value.problems[0].hint is None


def test_something_else_hears_what_is_read() -> None:
    with pytest.raises(InputError) as caught:
        read({"code": -1121, "msg": "Invalid symbol."})
    hint = caught.value.problems[0].hint or ""
    for form in ("allPerpMetas", "leverageBracket", "risk-limit", "risk_limit_tiers", "ccxt"):
        assert form in hint


@pytest.mark.parametrize(
    "answer",
    [
        {"code": -2014, "msg": "API-key format invalid."},
        {"label": "INVALID_KEY", "message": "API-key format invalid."},
    ],
    ids=["Binance", "Gate"],
)
def test_an_error_that_an_exchange_answers_is_told_as_such(answer: Any) -> None:
    assert refused(answer) == ["the exchange answered with an error: API-key format invalid."]
    assert "not tier data" in refused({"code": 7})[0]


@pytest.mark.parametrize(
    "empty",
    [bybit(), {"order_book_details": []}, lighter(market_type="spot")],
    ids=["Bybit", "Lighter", "Lighter's spot markets"],
)
def test_an_answer_without_markets_is_told(empty: Any) -> None:
    with pytest.raises(InputError) as caught:
        read(empty)
    (problem,) = caught.value.problems
    assert problem.message == "there are no markets in the answer"
    assert problem.place.file == "page-0.json"


def test_files_of_two_forms_are_not_joined() -> None:
    assert refused(bybit(*BTC), lighter()) == [
        "another format than that of the first file: several files are pages of one answer"
    ]


def test_a_symbol_of_two_files_is_told() -> None:
    assert refused(binance("BTCUSDT"), binance("BTCUSDT")) == ["'BTCUSDT' appears twice"]
    assert json.loads(json_bytes(binance("BTCUSDT")))  # each alone is right
    assert read(binance("BTCUSDT"), binance("ETHUSDT")).published.deductions == 6


def test_contracts_of_mexc_are_no_tiers_of_ccxt() -> None:
    """Its own answer has two keys that ccxt took over, and no tiers."""
    contract = {"symbol": "BTC_USDT", "maxLeverage": 200, "maintenanceMarginRate": 0.002}
    answer = {"success": True, "code": 0, "data": [{**contract, "riskIncrVol": 150000}]}
    assert refused(answer) == ["this is not tier data of a known exchange"]


@pytest.mark.parametrize(("wrong", "word"), [(30, "a gap"), (5, "an overlap")])
def test_a_bound_that_does_not_meet_is_told_once(wrong: int, word: str) -> None:
    """What follows from it is not: neither a deduction that would be wrong, nor a negative one."""
    tiers = [(0, 10, 0.01, 50, {"cum": "0"}), (10, 20, 0.02, 25, {"cum": "0.1"})]
    tiers.append((20, 40, 0.05, 10, {"cum": "0.7"}))
    assert not read(ccxt("A/USDT:USDT", *tiers)).warnings
    tiers[1] = (wrong, 20 + wrong, 0.02, 25, {"cum": str(wrong * 0.01)})
    tiers[2] = (20 + wrong, 90, 0.05, 10, {"cum": str(wrong * 0.01 + (20 + wrong) * 0.03)})
    (told,) = refused(ccxt("A/USDT:USDT", *tiers))
    assert told.startswith(word)


# --- answers that are broken somewhere ---

SEEDS = (
    lighter(),
    bybit(*BTC),
    [binance("BTCUSDT", notionalCoef="1.5")],
    gate(("A_USDT", "10", "0.01", "50", "0.02"), ("A_USDT", "20", "0.02", "25", "0.04")),
    [hl("BTC", 60, listed(60, "100")), hl("xyz:GOLD", 60, listed(60, "7"))],
    ccxt("A/USDT:USDT", (0, 10, 0.01, 50, {"cum": "0"}), (10, 20, 0.02, 25, {"cum": "0.1"})),
)
ODD: tuple[Any, ...] = (
    None,
    True,
    "",
    [],
    {},
    -1,
    0,
    "x",
    "1e999",
    1e308,
    "NaN",
    "0.5%",
    "<<",
    {"a": [1]},
    "9" * 70,
)


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Return every container inside a value with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    found = [(value, key) for key in keys]
    for key in keys:
        if isinstance(value[key], dict | list):
            found += places_in(value[key])
    return found


@pytest.mark.parametrize("seed", range(400))
def test_a_broken_answer_is_read_or_refused(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a fixed sequence is what is wanted
    value = deepcopy(random.choice(SEEDS))
    for _ in range(random.randint(1, 3)):
        container, key = random.choice(places_in(value) or [([None], 0)])
        if random.random() < 0.7:
            container[key] = deepcopy(random.choice(ODD))
        elif isinstance(container, dict):
            container[random.choice(["<<", "", " ", "a" * 300, "cum"])] = container.pop(key)
        else:
            container.insert(0, deepcopy(container[key]))
    with suppress(InputError):
        read(value)
