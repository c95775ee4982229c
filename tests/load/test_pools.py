"""Account files: recorded ones come out as the exchange has them; every form is read or refused."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from marginctl.core.evaluation import evaluate
from marginctl.core.notices import Notice
from marginctl.core.report import AccountReport, CrossReport, PositionReport
from marginctl.load.account import LoadedAccount, Overrides, read_account
from marginctl.load.positions import read_accounts
from marginctl.load.problems import InputError, Problem
from marginctl.load.tier_source import load_tiers
from tests.load.test_recorded_accounts import rounded_like
from tests.pooled import account_file, as_bytes, balance
from tests.support import DATA, TIERS

VENUE = load_tiers(str(TIERS), "bundled").file.venue().venue
FILES = sorted((DATA / "pooled").glob("*.json"))
UNIFIED = [path for path in FILES if path.stem.startswith("unified")]
PORTFOLIO = [path for path in FILES if path.stem.startswith("portfolio")]
(STANDARD,) = [path for path in FILES if path.stem.startswith("standard")]
FRAME = (DATA / "records" / "webdata2-frame.json").read_bytes()


def read(data: bytes) -> list[tuple[LoadedAccount, AccountReport]]:
    loaded = [read_account(one, VENUE, Overrides()) for one in read_accounts(data, "f")]
    return [(reading, evaluate(reading.account, reading.venue)) for reading in loaded]


def of_file(path: Path) -> Any:
    return json.loads(path.read_bytes(), parse_float=Decimal)


def codes(data: Any) -> list[str]:
    return [notice.code for reading, _ in read(as_bytes(data)) for notice in reading.notices]


def notice_of(data: Any, code: str) -> Notice:
    found = [one for reading, _ in read(as_bytes(data)) for one in reading.notices]
    (notice,) = [one for one in found if one.code == code]
    return notice


def problem_of(data: bytes) -> Problem:
    with pytest.raises(InputError) as caught:
        read(data)
    (problem,) = caught.value.problems
    return problem


def cross_of(path: Path) -> CrossReport:
    ((_, answer),) = read(path.read_bytes())
    assert answer.cross is not None
    return answer.cross


def balance_of(path: Path, token: int = 0) -> dict[str, str]:
    rows = of_file(path)["spotClearinghouseState"]["balances"]
    return next(row for row in rows if row.get("token") == token)


def step8(printed: str) -> Decimal:
    return round(Decimal(printed), 8)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_liquidation_prices_are_the_exchange_s_to_every_printed_digit(path: Path) -> None:
    compared = 0
    for reading, answer in read(path.read_bytes()):
        assert reading.recorded_prices is not None
        for report, recorded in zip(answer.positions, reading.recorded_prices, strict=True):
            compared += 1
            if recorded is None:
                assert report.liquidation_price is None
                continue
            assert report.liquidation_price is not None
            printed = f"{recorded:f}"
            ours = rounded_like(report.liquidation_price, printed)
            assert ours == rounded_like(recorded, printed)
    assert compared == len(list(rows_of(path)))


def rows_of(path: Path) -> list[Any]:
    states = of_file(path)["clearinghouseState"].values()
    return [row for state in states for row in state["assetPositions"]]


@pytest.mark.parametrize("path", UNIFIED, ids=lambda path: path.stem)
def test_a_unified_account_is_what_the_exchange_s_own_check_says(path: Path) -> None:
    cross, row, spot = cross_of(path), balance_of(path), of_file(path)["spotClearinghouseState"]
    ((_, available),) = spot["tokenToAvailableAfterMaintenance"]
    exact_value = cross.account_value + cross.pool.residue
    assert exact_value - cross.maintenance_margin == Decimal(available)
    assert cross.max_removable == Decimal(row["total"]) - Decimal(row["hold"])
    assert cross.margin_ratio is not None
    ratio = Fraction(cross.maintenance_margin) / Fraction(exact_value)
    assert abs(Fraction(cross.margin_ratio) - ratio) < Fraction(1, 10**40)
    assert cross.portfolio_margin_ratio is None
    assert "answers_differ" not in codes(of_file(path))


@pytest.mark.parametrize("path", PORTFOLIO, ids=lambda path: path.stem)
def test_portfolio_margin_is_what_the_exchange_prints(path: Path) -> None:
    cross, row, spot = cross_of(path), balance_of(path), of_file(path)["spotClearinghouseState"]
    assert cross.portfolio_margin_ratio is not None
    assert round(cross.portfolio_margin_ratio, 10) == Decimal(spot["portfolioMarginRatio"])
    total = step8(row["total"])
    assert cross.available == total - step8(row["hold"])
    assert cross.max_removable == total - step8(row["spotHold"])
    assert not cross.liquidatable
    assert "answers_differ" not in codes(of_file(path))


def test_what_is_held_for_orders_is_what_the_hold_has_beyond_margins() -> None:
    path = UNIFIED[0]
    cross, row = cross_of(path), balance_of(path)
    isolated = sum(
        Decimal(one["position"]["marginUsed"])
        for one in rows_of(path)
        if one["position"]["leverage"]["type"] == "isolated"
    )
    state = of_file(path)["clearinghouseState"]
    main = state[""]["crossMarginSummary"]
    required = max(Decimal(main["totalMarginUsed"]), Decimal(main["totalNtlPos"]) / 10)
    required += Decimal(state["xyz"]["crossMarginSummary"]["totalMarginUsed"])
    held = Decimal(row["hold"]) - isolated - required
    assert cross.held_back == held > 4000
    assert abs(Fraction(cross.order_margin) * 101 / 100 - Fraction(held)) < Fraction(1, 10**40)


def test_notes_of_portfolio_margin_name_collateral_and_debt() -> None:
    (path,) = [one for one in PORTFOLIO if "debt" in one.stem]
    data = of_file_text(path)
    assert "95%" in notice_of(data, "portfolio_margin").message
    assert notice_of(data, "collateral_at_todays_prices").message.startswith("HYPE ")
    assert "3,714.92 USDC" in notice_of(data, "debt").message
    (rich,) = [one for one in PORTFOLIO if one is not path]
    assert not {"debt", "collateral_at_todays_prices"} & set(codes(of_file_text(rich)))


def of_file_text(path: Path) -> Any:
    return json.loads(path.read_bytes())


def test_a_standard_account_is_one_account_a_dex() -> None:
    accounts = read(STANDARD.read_bytes())
    assert [reading.account.pool.dexes for reading, _ in accounts] == [("xyz",), ("cash",)]
    assert [len(answer.positions) for _, answer in accounts] == [22, 0]
    state = of_file(STANDARD)["clearinghouseState"]["xyz"]
    cross = accounts[0][1].cross
    assert cross is not None
    assert cross.max_removable == round(Decimal(state["withdrawable"]), 6)
    assert not [
        one.code for reading, _ in accounts for one in reading.notices if "differ" in one.code
    ]


# how the mode is known


def test_the_mode_is_inferred_by_the_spot_state() -> None:
    for path, words in ((UNIFIED[0], "unified"), (PORTFOLIO[0], "portfolio margin")):
        data = of_file_text(path)
        for mode in (None, "absent"):
            data["userAbstraction"] = None
            if mode == "absent":
                del data["userAbstraction"]
            ((_, answer),) = read(as_bytes(data))
            assert answer.cross == cross_of(path)
            assert words in notice_of(data, "account_mode").message
    plain = of_file_text(STANDARD)
    del plain["userAbstraction"]
    assert len(read(as_bytes(plain))) == 2
    assert "account_mode" not in codes(plain)


@pytest.mark.parametrize("word", ["disabled", "default"])
def test_a_standard_mode_wins_over_the_spot_state(word: str) -> None:
    data = {**of_file_text(UNIFIED[0]), "userAbstraction": word}
    assert [reading.account.pool.dexes for reading, _ in read(as_bytes(data))] == [
        ("",),
        ("xyz",),
        ("io",),
    ]


def test_a_discontinued_or_unknown_mode_is_refused_with_the_reason() -> None:
    data = {**of_file_text(UNIFIED[0]), "userAbstraction": "dexAbstraction"}
    problem = problem_of(as_bytes(data))
    assert "discontinued" in problem.message
    assert problem.place.path == "userAbstraction"
    problem = problem_of(as_bytes({**data, "userAbstraction": "somethingElse"}))
    assert problem.hint is not None
    assert "unifiedAccount" in problem.hint


# the forms


def sub_account(path: Path) -> dict[str, Any]:
    data = of_file_text(path)
    return {
        "name": "one",
        "subAccountUser": "0x0",
        "dexToClearinghouseState": [[dex, one] for dex, one in data["clearinghouseState"].items()],
        "spotState": data["spotClearinghouseState"],
        "abstraction": data["userAbstraction"],
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_form_of_an_account_gives_the_same_figures(path: Path) -> None:
    data, sub = of_file_text(path), sub_account(path)
    pairs = [[dex, one] for dex, one in data["clearinghouseState"].items()]
    forms = [
        {**data, "clearinghouseState": pairs},
        {"_address": "0x0", **data},
        [data],
        {"channel": "webData2", "data": {**data, "openOrders": [], "user": "0x0"}},
        sub,
        [sub],
        {"channel": "subAccounts2", "data": {"user": "0x0", **sub}},
        {"channel": "subAccounts2", "data": [sub]},
        {
            "channel": "post",
            "data": {"id": 1, "response": {"type": "info", "payload": {"type": "x", "data": data}}},
        },
        {
            "channel": "allDexsClearinghouseState",
            "data": {
                "clearinghouseStates": pairs,
                "spotState": data["spotClearinghouseState"],
                "abstraction": data["userAbstraction"],
            },
        },
    ]
    expected = figures(path.read_bytes())
    for form in forms:
        assert figures(as_bytes(form)) == expected


def without_tiers(report: PositionReport) -> list[Any]:
    names = set(report._fields) - {"tier", "liquidation_tier"}
    return [getattr(report, name) for name in sorted(names)]


def figures(data: bytes) -> list[Any]:
    # tiers are compared by identity
    return [
        (answer.cross, [without_tiers(one) for one in answer.positions]) for _, answer in read(data)
    ]


def test_one_state_beside_others_is_of_the_dex_of_its_coins() -> None:
    data = of_file_text(UNIFIED[1])
    ((_, state),) = data["clearinghouseState"].items()
    ((reading, answer),) = read(as_bytes({**data, "clearinghouseState": state}))
    assert answer.cross == cross_of(UNIFIED[1])
    assert reading.account.pool.dexes == ("xyz",)


def test_a_coin_of_another_dex_has_its_place() -> None:
    data = of_file_text(UNIFIED[1])
    ((dex, state),) = data["clearinghouseState"].items()
    state["assetPositions"][0]["position"]["coin"] = "ETH"
    problem = problem_of(as_bytes(data))
    assert problem.message == f"'ETH' is not traded on the dex {dex!r}"
    assert problem.place.path == f"clearinghouseState.{dex}.assetPositions[0].position.coin"


def test_a_row_without_its_position_has_its_place() -> None:
    data = of_file_text(UNIFIED[1])
    ((dex, state),) = data["clearinghouseState"].items()
    state["assetPositions"][0] = {"type": "oneWay"}
    with pytest.raises(InputError) as caught:
        read(as_bytes(data))
    row = f"clearinghouseState.{dex}.assetPositions[0]"
    places = {problem.message: problem.place.path for problem in caught.value.problems}
    # what is missing is missing from the row
    assert places["the key 'position' is missing"] == row
    assert set(places.values()) <= {row, f"{row}.position.coin"}


def test_a_frame_of_a_standard_account_is_read() -> None:
    ((reading, answer),) = read(FRAME)
    assert reading.account.pool.dexes == ("",)
    assert answer.cross is not None
    assert answer.cross.account_value == Decimal("4609.76")
    state = (DATA / "records" / "state-with-spot.json").read_bytes()
    ((_, beside),) = read(state)
    assert beside.cross == answer.cross


def test_several_accounts_in_one_array_are_refused_in_one_message() -> None:
    sub = sub_account(UNIFIED[0])
    problem = problem_of(as_bytes([sub, sub]))
    assert "array has an exchange's account and other entries" in problem.message


# what is missing or torn


def test_a_missing_dex_and_torn_answers_are_told_with_the_amount() -> None:
    data = of_file_text(UNIFIED[0])
    del data["clearinghouseState"]["io"]
    message = notice_of(data, "answers_differ").message
    # the isolated margin on it is taken for free collateral
    assert "9,307.289138 less" in message
    assert "resting_orders" not in codes(data)
    short = of_file_text(UNIFIED[0])
    spot = short["spotClearinghouseState"]
    del spot["tokenToAvailableAfterMaintenance"]
    spot["balances"][0]["total"] = "20273.000000"
    assert "0.685775 USDC more margin" in notice_of(short, "answers_differ").message
    torn = of_file_text(UNIFIED[2])
    torn["spotClearinghouseState"]["balances"][0]["total"] = "3056.28154504"
    assert "0.100000 less" in notice_of(torn, "answers_differ").message


def test_torn_portfolio_margin_is_found_by_its_ratio() -> None:
    data = of_file_text(PORTFOLIO[0])
    del data["clearinghouseState"]["xyz"]
    message = notice_of(data, "answers_differ").message
    assert "3.399126%" in message


def test_a_pool_that_is_worth_less_by_the_prices_is_torn_too() -> None:
    from marginctl.cli.accounts import selected_notices

    data = of_file_text(UNIFIED[0])
    del data["clearinghouseState"]["io"]
    del data["clearinghouseState"]["xyz"]
    ((reading, answer),) = read(as_bytes(data))
    (notice,) = [one for one in selected_notices(reading, answer) if one.code == "exchange_differs"]
    assert "less account value" in notice.message
    assert "the state of a dex is missing" in notice.message


def test_prices_that_differ_in_a_pool_do_not_ask_for_its_spot_state() -> None:
    data = of_file_text(UNIFIED[2])
    data["spotClearinghouseState"]["balances"][0]["total"] = "2956.18154504"
    from marginctl.cli.accounts import selected_notices

    ((reading, answer),) = read(as_bytes(data))
    found = [one for one in selected_notices(reading, answer) if one.code == "exchange_differs"]
    assert len(found) == 2
    for notice in found:
        assert "spotClearinghouseState" not in notice.message
        assert "the state of a dex is missing" in notice.message
        assert "100.00 more account value" in notice.message


def test_a_pool_without_its_spot_state_or_states_is_refused() -> None:
    data = of_file_text(UNIFIED[0])
    del data["spotClearinghouseState"]
    assert "spot state, which is missing" in problem_of(as_bytes(data)).message
    data = of_file_text(UNIFIED[0])
    del data["clearinghouseState"]
    assert "there is no clearinghouseState" in problem_of(as_bytes(data)).message
    data = of_file_text(PORTFOLIO[0])
    del data["spotClearinghouseState"]["tokenToAvailableAfterMaintenance"]
    assert "tokenToAvailableAfterMaintenance" in problem_of(as_bytes(data)).message


def test_an_unknown_dex_asks_for_its_meta_and_takes_its_token() -> None:
    data = json.loads(json.dumps(of_file_text(UNIFIED[1])).replace('"xyz', '"abc'))
    problem = problem_of(as_bytes(data))
    assert "collateral token of the dex 'abc' is not known" in problem.message
    assert problem.place.path == "clearinghouseState.abc"
    coin = {"name": "abc:NVDA", "maxLeverage": 20, "szDecimals": 3, "marginTableId": 20}
    data["allPerpMetas"] = [{"universe": [coin], "marginTables": [], "collateralToken": 0}]
    ((_, answer),) = read(as_bytes(data))
    assert answer.cross is not None
    assert answer.cross.account_value == cross_of(UNIFIED[1]).account_value


def test_metas_beside_the_account_give_the_tiers_of_assets_that_the_tier_file_lacks() -> None:
    data = of_file_text(UNIFIED[1])
    tiers = [{"lowerBound": "0.0", "maxLeverage": 20}, {"lowerBound": "9000.0", "maxLeverage": 5}]
    coin = {"name": "xyz:NVDA", "maxLeverage": 20, "szDecimals": 3, "marginTableId": 77}
    data["allPerpMetas"] = [
        {
            "universe": [coin],
            "marginTables": [[77, {"description": "", "marginTiers": tiers}]],
            "collateralToken": 0,
        }
    ]
    ((_, answer),) = read(as_bytes(data))
    assert answer.positions[0].asset == "xyz:NVDA"
    assert answer.positions[0].tier.max_leverage == 5


def test_a_misspelled_key_is_named_and_a_wrong_dex_too() -> None:
    data = of_file_text(UNIFIED[1])
    data["spotClearingHouseState"] = data.pop("spotClearinghouseState")
    with pytest.raises(InputError) as caught:
        read(as_bytes(data))
    assert caught.value.problems[0].hint == "did you mean spotClearinghouseState?"
    data = of_file_text(UNIFIED[1])
    data["clearinghouseState"]["io"] = data["clearinghouseState"].pop("xyz")
    with pytest.raises(InputError) as caught:
        read(as_bytes(data))
    assert len(caught.value.problems) == 4
    assert caught.value.problems[0].place.path is not None
    assert caught.value.problems[0].place.path.endswith("assetPositions[0].position.coin")


def test_outcome_shares_are_no_collateral() -> None:
    data = of_file_text(UNIFIED[0])
    rows = data["spotClearinghouseState"]["balances"]
    assert [row for row in rows if "token" not in row]
    for row in rows:
        if "token" not in row:
            row["total"] = "1000000.0"
    ((_, answer),) = read(as_bytes(data))
    assert answer.cross == cross_of(UNIFIED[0])


def test_the_sub_ledger_s_figures_are_not_used() -> None:
    data = of_file_text(UNIFIED[0])
    for state in data["clearinghouseState"].values():
        state["crossMarginSummary"]["accountValue"] = "1.0"
        state["marginSummary"]["accountValue"] = "1.0"
        state["withdrawable"] = "999999999.0"
    ((_, answer),) = read(as_bytes(data))
    assert answer.cross == cross_of(UNIFIED[0])
    assert not {"withdrawable_differs", "answers_differ"} & set(codes(data))


def test_an_account_without_positions_is_its_pool() -> None:
    spot = {
        "balances": [balance(0, "USDC", Fraction(100), Fraction(0))],
        "tokenToAvailableAfterMaintenance": [[0, "100.0"]],
    }
    data = account_file("unifiedAccount", {"": [], "flx": []}, spot)
    ((reading, answer),) = read(as_bytes(data))
    assert answer.cross is not None
    assert answer.cross.max_removable == 100
    assert reading.account.pool.dexes == ("",)


OTHERS = {
    "ccxt's fetchPositions": (DATA / "records" / "ccxt-fetch-positions.json").read_text(),
    "ccxt's fetchBalance": '{"info": {}, "free": {"USDC": 1}, "used": {}, "total": {}}',
    "Binance's positionRisk": '{"symbol": "BTCUSDT", "positionAmt": "1", "entryPrice": "2"}',
    "Binance's account": '{"totalWalletBalance": "1", "positions": [{"symbol": "BTCUSDT"}]}',
    "an answer of Bybit": '{"retCode": 0, "retMsg": "OK", "result": {"list": []}}',
    "an answer of OKX": '{"code": "0", "msg": "", "data": [{"instId": "BTC-USDT-SWAP"}]}',
    "the assetPositions of an account alone": '[{"type": "oneWay", "position": {"szi": "1"}}]',
    "an account's assetPositions without its totals": '{"assetPositions": [], "time": 1}',
    "one position of an account alone": '{"coin": "BTC", "szi": "1", "entryPx": "2"}',
    "a spotClearinghouseState alone": '{"balances": [{"coin": "USDC", "token": 0}]}',
    "a meta of Hyperliquid": '{"universe": [], "marginTables": []}',
    "leverage brackets of Binance": '[{"symbol": "BTCUSDT", "brackets": [{"bracket": 1}]}]',
    "risk limits of Bybit": json.dumps(
        {"retCode": 0, "result": {"list": [{"riskLimitValue": "1", "maintenanceMargin": "0.1"}]}}
    ),
    "leverage tiers of ccxt": '[{"maintenanceMarginRate": 0.1, "maxLeverage": 5}]',
    "looks like leverage tiers of ccxt": json.dumps(
        {"BTC/USDT:USDT": [{"maintenanceMarginRate": 0.1, "maxLeverage": 5}]}
    ),
    "markets of Lighter": '{"code": 200, "order_book_details": []}',
    "a list of Hyperliquid's orders": '[{"coin": "BTC", "limitPx": "1", "oid": 2}]',
    "a frame of the channel 'allMids'": '{"channel": "allMids", "data": 1}',
    "the states of dexs alone": json.dumps({"": {"assetPositions": [], "marginSummary": {}}}),
    "looks like the states of dexs": json.dumps([["", {"assetPositions": [], "marginSummary": 1}]]),
    "a webData3": '{"channel": "webData3", "data": {"userState": {}, "perpDexStates": []}}',
    "a CSV file": "asset,size,entry_price\nBTC,1,60000\n",
    "YAML": "asset: BTC\nsize: 1\n",
    "looks like YAML": "- asset: BTC\n  size: 1\n",
}


@pytest.mark.parametrize(("name", "text"), OTHERS.items(), ids=list(OTHERS))
def test_something_else_is_named_in_one_message(name: str, text: str) -> None:
    problem = problem_of(text.encode())
    assert name in problem.message
    assert problem.hint is not None
    assert "marginctl" in problem.hint
    assert problem.place.file == "f"


def empty_account(mode: str, balances: list[dict[str, Any]]) -> Any:
    nothing = dict.fromkeys(("accountValue", "totalNtlPos", "totalRawUsd"), "0.0")
    summary = {**nothing, "totalMarginUsed": "0.0"}
    state = {
        "marginSummary": summary,
        "crossMarginSummary": summary,
        "crossMaintenanceMarginUsed": "0.0",
        "withdrawable": "0.0",
        "assetPositions": [],
        "time": 1791168889214,
    }
    return {
        "userAbstraction": mode,
        "spotClearinghouseState": {"balances": balances},
        "clearinghouseState": {"": state},
    }


@pytest.mark.parametrize(
    ("balances", "words"),
    [
        ([], ""),
        (
            [
                {"coin": "USDC", "token": 0, "total": "5000.25", "hold": "0.0"},
                {"coin": "HYPE", "token": 150, "total": "3.0", "hold": "0.0"},
                {"coin": "USDH", "token": 360, "total": "0.0", "hold": "0.0"},
            ],
            (
                "; the 5,000.25 USDC among its spot balances back no positions until they are "
                "transferred to a dex"
            ),
        ),
    ],
)
def test_an_account_in_which_there_is_nothing_says_so(
    balances: list[dict[str, Any]], words: str
) -> None:
    (account,) = read_accounts(json.dumps(empty_account("default", balances)).encode(), "f")
    message = f"this account has no positions and no money on any dex{words}"
    assert [notice.message for notice in account.recorded.notices] == [message]
