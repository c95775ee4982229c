"""Commands on pooled accounts, and on accounts of several dexs."""

import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.comparing import worked_out
from tests.support import DATA, Answer, invoke

FILES = sorted((DATA / "pooled").glob("*.json"))


def named(stem: str) -> Path:
    (path,) = [path for path in FILES if path.stem.startswith(stem)]
    return path


UNIFIED, PORTFOLIO = named("unified-a"), named("portfolio-margin-b")
STANDARD, BORROWING = named("standard"), named("portfolio-margin-e")


def run(*arguments: str | Path, stdin: Any = None) -> Answer:
    data = b"" if stdin is None else json.dumps(stdin).encode()
    return invoke(*map(str, arguments), stdin=data)


def answer_of(*arguments: str | Path, stdin: Any = None) -> Any:
    return json.loads(run(*arguments, "-o", "json", stdin=stdin).stdout)


def two_standard_dexs() -> Any:
    data = json.loads(UNIFIED.read_bytes())
    return {**data, "userAbstraction": "default"}


def figures(answer: Any) -> Any:
    return {key: answer[key] for key in ("positions", "cross", "accounts", "venue", "quote")}


# show


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_answer_that_is_fed_back_gives_the_same_figures(path: Path) -> None:
    first = answer_of("show", path)
    again = answer_of("show", "-", stdin=first)
    assert figures(again) == figures(first)
    lasting = {"portfolio_margin", "debt", "collateral_at_todays_prices"}
    kept = [[one for one in each["warnings"] if one["code"] in lasting] for each in (first, again)]
    assert kept[0] == kept[1]


def test_metas_of_the_account_file_survive_a_chain() -> None:
    data = json.loads(named("unified-d").read_bytes())
    tiers = [{"lowerBound": "0.0", "maxLeverage": 20}, {"lowerBound": "9000.0", "maxLeverage": 5}]
    coins = [
        {"name": f"xyz:{name}", "maxLeverage": 20, "szDecimals": 3, "marginTableId": 77}
        for name in ("NVDA", "GOLD")
    ]
    table = [77, {"description": "", "marginTiers": tiers}]
    data["allPerpMetas"] = [{"universe": coins, "marginTables": [table], "collateralToken": 0}]
    first = answer_of("show", "-", stdin=data)
    assert first["positions"][0]["tier"]["max_leverage"] == "5"
    assert figures(answer_of("show", "-", stdin=first)) == figures(first)
    trade = ("-a", "xyz:GOLD", "--trade", "1", "--at", "4000", "-l", "10", "--mode", "cross")
    opened = answer_of("whatif", "-", *trade, stdin=data)
    assert opened["allowed"] is True
    (gold,) = answer_of("show", "-", stdin=opened)["positions"]
    assert gold == {
        **opened["after"],
        **{key: gold[key] for key in gold if key not in opened["after"]},
    }


def test_accounts_list_every_pool_with_its_positions() -> None:
    (pool,) = answer_of("show", UNIFIED)["accounts"]
    assert pool["positions"][0] == "BTC"
    assert pool["account_mode"] == "unified"
    assert pool["token"] == "USDC"
    assert pool["dexes"] == ["", "xyz", "io"]
    assert "portfolio_margin_ratio" not in pool
    assert "portfolio_margin_ratio" in answer_of("show", PORTFOLIO)["cross"]
    several = answer_of("show", "-", stdin=two_standard_dexs())
    assert several["cross"] == {
        key: value for key, value in several["accounts"][0].items() if key != "positions"
    }
    assert [one["dexes"] for one in several["accounts"]] == [[""], ["xyz"], ["io"]]
    assert several["accounts"][2]["positions"] == ["io:ANTH"]


def test_the_table_has_a_sheet_for_each_account() -> None:
    text = run("show", "-", stdin=two_standard_dexs()).stdout
    for title in ("Cross account · main", "Cross account · xyz", "Cross account · io"):
        assert title in text
    assert "Unified account · USDC · main, xyz, io" in run("show", UNIFIED).stdout
    portfolio = run("show", BORROWING).stdout
    assert "Portfolio margin · USDC · main" in portfolio
    assert "36.61%" in portfolio


def test_rows_have_the_account_that_a_position_is_of() -> None:
    fields = ("--fields", "asset,cross.dexes,cross.account_value", "-o", "csv")
    rows = run("show", "-", *fields, stdin=two_standard_dexs()).stdout.splitlines()
    assert [row.split(",")[:2] for row in rows[1:]] == [
        ["BTC", "main"],
        *([f"xyz:{coin}", "xyz"] for coin in ("TSLA", "CL", "AVGO", "WDC")),
        ["io:ANTH", "io"],
    ]
    only = run("show", "-", "--fields", "cross.dexes", "--raw", stdin=two_standard_dexs()).stdout
    assert only.splitlines() == ["main", "xyz", "io"]


def test_conditions_hold_for_every_account() -> None:
    condition = ("--fail-if", "cross.account_value > 2800")
    answer = run("show", "-", *condition, stdin=two_standard_dexs())
    assert answer.code == 1
    assert "cross account of io" in answer.stderr
    assert run("show", PORTFOLIO, "--fail-if", "cross.portfolio_margin_ratio > 3.3%").code == 1
    assert run("show", PORTFOLIO, "--fail-if", "cross.portfolio_margin_ratio > 3.5%").code == 0


def test_explanations_begin_with_the_balance() -> None:
    steps = answer_of("show", UNIFIED, "--explain")["explanation"]["cross"]
    by_field = {step["field"]: step for step in steps}
    assert by_field["account_value"]["values"]["balance"] == "41603.40089321"
    assert by_field["max_removable"]["result"] == "14630.29738621"
    steps = answer_of("show", BORROWING, "--explain")["explanation"]["cross"]
    by_field = {step["field"]: step for step in steps}
    assert by_field["account_value"]["values"]["balance"] == "3320.49989393"
    assert by_field["portfolio_margin_ratio"]["values"]["borrowed"] == "2202.81603907"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_step_of_an_explanation_gives_the_figure_that_is_shown(path: Path) -> None:
    answer = answer_of("show", path, "--explain")
    cross, steps = answer["cross"], answer["explanation"]["cross"]
    pooled = {"portfolio_margin_ratio"} if cross["account_mode"] == "portfolio_margin" else set()
    assert {step["field"] for step in steps} == pooled | {
        "account_value",
        "margin_ratio",
        "transfer_margin_required",
        "available",
        "max_removable",
    }
    for step in steps:
        result = Fraction(step["result"])
        error = worked_out(step["formula"], step["values"]) - result
        assert abs(error) <= abs(result) / 10**40, step["field"]
        assert step["result"] == cross[step["field"]]


# what-ifs


def test_the_most_is_removed_of_a_pool_and_no_more() -> None:
    answer = answer_of("remove", "max", UNIFIED, "-a", "BTC")
    assert answer["allowed"] is True
    assert answer["amount"] == "14630.297386"
    assert answer["cross_before"]["max_removable"] == "14630.29738621"
    assert run("remove", "14630.297387", UNIFIED, "-a", "BTC").code == 1
    refused = answer_of("remove", "1", BORROWING, "-a", "HYPE")
    assert refused["allowed"] is False
    assert refused["binding_limit"] == "borrowing"


def test_an_addition_comes_out_of_the_pool() -> None:
    answer = answer_of("add", "100", UNIFIED, "-a", "io:ANTH")
    before, after = answer["cross_before"], answer["cross_after"]
    assert Decimal(before["account_value"]) - Decimal(after["account_value"]) == 100
    assert answer["before"]["max_addable"] == before["max_removable"]
    borrowed = answer_of("add", "1750.587906", BORROWING, "-a", "SOL")
    assert borrowed["allowed"] is True
    assert run("add", "1750.587907", BORROWING, "-a", "SOL").code == 1


def test_one_account_of_several_is_picked_by_its_position() -> None:
    moved = run("whatif", "-", "--move-all", "-10%", "--fund", "5", stdin=two_standard_dexs())
    assert moved.code == 2
    assert "several accounts" in moved.stderr
    answer = answer_of("whatif", "-", "--trade", "1", "-a", "xyz:TSLA", stdin=two_standard_dexs())
    assert answer["cross_before"]["dexes"] == ["xyz"]
    # only one dex of this one has positions
    assert answer_of("whatif", STANDARD, "--move-all", "1%")["cross_before"]["dexes"] == ["xyz"]
    assert run("show", "-", "--account-value", "5", stdin=two_standard_dexs()).code == 2


def test_a_new_position_is_opened_with_the_venue_s_verdict() -> None:
    order = ("-a", "ETH", "--trade", "1", "--at", "2500", "-l", "10")
    isolated = answer_of("whatif", UNIFIED, *order)
    assert isolated["allowed"] is True
    assert isolated["before"] is None
    assert isolated["after"]["equity"] == "250"
    value = [Decimal(isolated[key]["account_value"]) for key in ("cross_before", "cross_after")]
    assert value[0] - value[1] == 250
    cross = answer_of("whatif", UNIFIED, *order, "--mode", "cross", "-m", "2400")
    assert cross["after"]["unrealized_pnl"] == "-100"
    assert cross["cross_after"]["available"] == "14290.29738621"  # 100 of PnL, 240 of margin
    (action,) = cross["actions"]
    assert action["effect"] == "open"
    large = answer_of(
        "whatif", UNIFIED, "-a", "ETH", "--trade", "-100", *order[4:], "--mode", "cross"
    )
    assert large["allowed"] is False
    assert large["binding_limit"] == "available"
    assert large["actions"][0]["shortfall"] == "10369.70261379"
    above = answer_of("whatif", UNIFIED, *order[:-1], "26")
    assert above["binding_limit"] == "tier_leverage"


def test_a_position_is_opened_in_the_account_of_its_dex() -> None:
    order = ("--trade", "1", "--at", "100", "-l", "2")
    answer = answer_of("whatif", "-", "-a", "ETH", *order, stdin=two_standard_dexs())
    assert answer["cross_before"]["dexes"] == [""]
    missing = run("whatif", STANDARD, "-a", "ETH", *order)
    assert missing.code == 2
    assert "main dex, where the file has no money of the account" in missing.stderr
    # the pool backs the main dex too, of which the file has no state
    answer = answer_of("whatif", named("unified-g"), "-a", "ETH", *order)
    assert answer["allowed"] is True


def test_what_a_new_position_lacks_is_told_at_once() -> None:
    answer = run("whatif", UNIFIED, "-a", "ETH", "--trade", "1")
    assert answer.code == 2
    assert "the price of the trade is missing" in answer.stderr
    assert "the leverage of the new position is missing" in answer.stderr
    order = ("-a", "ETH", "--trade", "1", "--at", "2500", "-l", "10")
    assert "--trade gives its size and side" in run("whatif", UNIFIED, *order, "-q", "2").stderr
    assert run("whatif", UNIFIED, *order, "--fund", "5").code == 2
    unknown = run("whatif", UNIFIED, "-a", "xyz:GOLD", *order[2:])
    assert "its tiers are not known" in unknown.stderr


def test_a_first_position_needs_no_file() -> None:
    order = ("-a", "BTC", "--trade", "-0.1", "--at", "25000", "-l", "10")
    answer = answer_of("whatif", *order, "--mode", "cross", "--collateral", "1000")
    assert answer["after"]["side"] == "short"
    assert answer["cross_after"]["available"] == "750"
    assert run("whatif", *order, "--mode", "cross").code == 2
    assert run("whatif", *order, "--mode", "cross", "--collateral", "100").code == 1
    assert "balance not checked" in answer_of("whatif", *order)["message"]


# solve, sweep, streams


def test_what_is_solved_for_is_taken() -> None:
    for path, coin in ((UNIFIED, "BTC"), (PORTFOLIO, "BTC"), (BORROWING, "HYPE")):
        answer = answer_of("solve", path, "-a", coin, "--max-size")
        before = answer["before"]
        more = Decimal(answer["answer"]["rounded"]) - Decimal(before["size"])
        assert more > 0
        trade = str(-more)
        assert run("whatif", path, "-a", coin, "--trade", trade).code == 0
        lot = Decimal("0.1") if coin == "HYPE" else Decimal("0.001")
        assert run("whatif", path, "-a", coin, "--trade", str(-more - lot)).code == 1


@pytest.mark.parametrize("path", [UNIFIED, PORTFOLIO, BORROWING], ids=lambda path: path.stem)
def test_a_sweep_has_the_figures_of_the_account_at_its_mark(path: Path) -> None:
    cross = answer_of("show", path)["cross"]
    points = answer_of("sweep", path, "--over", "move=-5%..5%")["points"]
    (now,) = [point for point in points if point["kind"] == "mark"]
    assert Decimal(now["equity"]) == Decimal(cross["account_value"])
    assert abs(Decimal(now["max_removable"]) - Decimal(cross["max_removable"])) < Decimal("1e-5")
    moved = answer_of("whatif", path, "--move-all", "5%")["cross_after"]
    assert abs(Decimal(points[-1]["max_removable"]) - Decimal(moved["max_removable"])) < Decimal(
        "1e-4"
    )


def test_portfolio_margin_is_liquidatable_from_its_own_ratio_on() -> None:
    at = answer_of("whatif", PORTFOLIO, "--move-all", "75.6%")
    cross = at["cross_after"]
    assert Decimal(cross["margin_ratio"]) < 1
    assert Decimal(cross["portfolio_margin_ratio"]) > Decimal("0.95") or not cross["liquidatable"]
    beyond = answer_of("whatif", PORTFOLIO, "--move-all", "76%")
    assert beyond["cross_after"]["liquidatable"] is True
    assert Decimal(beyond["cross_after"]["margin_ratio"]) < 1
    assert beyond["allowed"] is False
    points = answer_of("sweep", PORTFOLIO, "--over", "move=70%..76%")["points"]
    assert [point["liquidatable"] for point in points][-1] is True
    assert points[0]["liquidatable"] is False


def test_a_position_in_portfolio_margin_has_both_prices() -> None:
    answer = answer_of("show", PORTFOLIO, "-a", "BTC")
    (btc,) = answer["positions"]
    assert btc["liquidation_price"][:9] == btc["exchange_liquidation_price"][:9]
    price = btc["portfolio_liquidation_price"]
    assert Decimal(price) < Decimal(btc["liquidation_price"])
    sheet = run("show", PORTFOLIO, "-a", "BTC").stdout
    assert re.search(r"Liquidated at 95.00% +427,665.49 ", sheet)
    points = answer_of("sweep", PORTFOLIO, "-a", "BTC", "--over", "mark=80000..440000")["points"]
    (found,) = [point for point in points if point["kind"] == "portfolio_limit"]
    assert Decimal(found["mark_price"]) == Decimal(price)
    assert "portfolio_liquidation_price" not in answer_of("show", UNIFIED)["positions"][0]
    again = answer_of("show", "-", "-a", "BTC", stdin=answer)
    assert again["positions"] == answer["positions"]


def test_a_stop_in_portfolio_margin_is_kept_before_the_limit_of_its_ratio() -> None:
    at = answer_of("show", PORTFOLIO, "-a", "BTC")["positions"][0]
    stop = str(int(Decimal(at["liquidation_price"])))
    assert Decimal(at["portfolio_liquidation_price"]) < int(stop)
    answer = answer_of("solve", PORTFOLIO, "-a", "BTC", "--stop", stop)
    added = Decimal(answer["answer"]["rounded"])
    assert added > 0
    after = answer_of("add", str(added), PORTFOLIO, "-a", "BTC")["after"]
    assert Decimal(after["portfolio_liquidation_price"]) > int(stop)


def test_streams_answer_account_files_a_line_each() -> None:
    lines = [json.dumps(json.loads(path.read_bytes())) for path in FILES]
    data = "\n".join(lines).encode()
    answer = invoke("show", "-", "-o", "ndjson", stdin=data)
    assert answer.code == 0
    assets = [json.loads(line)["asset"] for line in answer.stdout.splitlines()]
    alone = [one["asset"] for path in FILES for one in answer_of("show", path)["positions"]]
    assert assets == alone
    removed = invoke("remove", "1", "-", "-a", "xyz:NVDA", "-o", "ndjson", stdin=data)
    changes = [json.loads(line) for line in removed.stdout.splitlines()]
    assert [one["cross_before"]["account_mode"] for one in changes] == [
        "portfolio_margin",
        "standard",
        "unified",
    ]
