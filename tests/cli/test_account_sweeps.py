"""Common moves of accounts that an exchange keeps: several of one file, and portfolio margin."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.test_pools import PORTFOLIO, UNIFIED, answer_of, run, two_standard_dexs
from tests.support import invoke

MOVE = ("--over", "move=-20%..20%", "--steps", "4")


def test_all_accounts_of_a_file_are_swept_over_a_common_move() -> None:
    points = answer_of("sweep", "-", *MOVE, stdin=two_standard_dexs())["points"]
    accounts = answer_of("show", "-", stdin=two_standard_dexs())["accounts"]
    now = [point for point in points if point["kind"] == "mark"]
    assert [point["dexes"] for point in now] == [one["dexes"] for one in accounts]
    for point, account in zip(now, accounts, strict=True):
        assert point["equity"] == account["account_value"]
        assert point["maintenance_margin"] == account["maintenance_margin"]


def test_each_account_is_swept_as_it_is_alone() -> None:
    data = two_standard_dexs()
    together = answer_of("sweep", "-", *MOVE, stdin=data)["points"]
    data["clearinghouseState"] = {"xyz": data["clearinghouseState"]["xyz"]}
    alone = answer_of("sweep", "-", *MOVE, stdin=data)["points"]
    of_xyz = [point for point in together if point.pop("dexes") == ["xyz"]]
    assert of_xyz == alone


def test_formats_name_the_dexs_of_each_account(tmp_path: Path) -> None:
    data = two_standard_dexs()
    titles = [
        line.split(" · ")[1]
        for line in run("sweep", "-", *MOVE, stdin=data).stdout.splitlines()
        if "all prices move together" in line
    ]
    assert [title.split(":")[0] for title in titles] == ["main", "xyz", "io"]
    rows = run("sweep", "-", *MOVE, "-o", "csv", "--fields", "dexes", stdin=data).stdout
    assert set(rows.split()) == {"dexes", "main", "xyz", "io"}
    picture = run("sweep", "-", *MOVE, "--plot", stdin=data).stdout
    assert picture.count("common move") == 3
    drawn = run("sweep", "-", *MOVE, "--svg", str(tmp_path / "x.svg"), stdin=data)
    assert drawn.code == 2
    assert "several (main, xyz, io)" in drawn.stderr
    failed = run("sweep", "-", *MOVE, "--fail-if", "margin_ratio > 1%", stdin=data)
    assert failed.code == 1
    assert "xyz at" in failed.stderr


def test_prices_of_several_accounts_ask_for_one_position() -> None:
    answer = run("sweep", "-", "--over", "mark=1..2", stdin=two_standard_dexs())
    assert answer.code == 2
    assert "--asset" in answer.stderr


def test_a_sweep_of_portfolio_margin_has_the_ratio_at_which_it_is_liquidated() -> None:
    points = answer_of("sweep", PORTFOLIO, "--over", "move=70%..78%")["points"]
    (limit,) = [point for point in points if point["kind"] == "portfolio_limit"]
    # nothing is borrowed here: the ratio is that of maintenance to account value
    assert abs(Decimal(limit["margin_ratio"]) - Decimal("0.95")) < Decimal("1e-40")
    beyond = points[points.index(limit) + 1]
    assert beyond["liquidatable"] is True
    cross = answer_of("show", PORTFOLIO)["cross"]
    assert cross["portfolio_liquidating_move"]["up"] == limit["at"]
    assert Decimal(limit["at"]) < Decimal(cross["liquidating_move"]["up"])
    said = run("sweep", PORTFOLIO, "--over", "move=70%..78%")
    assert "liquidated above 95%" in said.stdout
    assert "before the exchange's own liquidation prices" in said.stderr


def test_the_sheet_of_portfolio_margin_moves_to_its_ratio() -> None:
    text = run("show", PORTFOLIO).stdout
    up = answer_of("show", PORTFOLIO)["cross"]["portfolio_liquidating_move"]["up"]
    assert f"{Decimal(up) * 100:.4f}"[:5] + "%" in text
    assert "liquidates the account above 95.00%" in text


def test_a_chain_keeps_the_moves_of_portfolio_margin() -> None:
    first = run("show", PORTFOLIO, "-o", "json").stdout
    second = run("show", "-", "-o", "json", stdin=json.loads(first)).stdout
    assert json.loads(second)["cross"] == json.loads(first)["cross"]


def test_a_common_move_is_of_all_accounts_of_a_file() -> None:
    data = two_standard_dexs()
    answer = answer_of("whatif", "-", "--move-all", "-5%", stdin=data)
    shown = answer_of("show", "-", stdin=data)["accounts"]
    assert [one["dexes"] for one in answer["accounts"]] == [[""], ["xyz"], ["io"]]
    assert [one["cross_before"]["account_value"] for one in answer["accounts"]] == [
        one["account_value"] for one in shown
    ]
    data["clearinghouseState"] = {"xyz": data["clearinghouseState"]["xyz"]}
    alone = answer_of("whatif", "-", "--move-all", "-5%", stdin=data)
    of_xyz = answer["accounts"][1]
    assert {key: of_xyz[key] for key in alone["cross_after"]} == alone["cross_after"]
    assert of_xyz["allowed"] == alone["allowed"]
    assert of_xyz["positions"] == [pair["after"]["asset"] for pair in alone["positions"]]


def test_a_common_move_of_several_accounts_goes_on_in_a_chain() -> None:
    moved = run("whatif", "-", "--move-all", "-5%", "-o", "json", stdin=two_standard_dexs())
    chained = answer_of("show", "-", stdin=json.loads(moved.stdout))
    for one, after in zip(chained["accounts"], json.loads(moved.stdout)["accounts"], strict=True):
        assert one["account_value"] == after["account_value"]
        assert one["positions"] == after["positions"]


def test_a_common_move_that_liquidates_one_account_is_told_of_it() -> None:
    answer = run("whatif", "-", "--move-all", "-60%", stdin=two_standard_dexs())
    assert answer.code == 1
    for title in ("USDC · main", "USDC · xyz", "USDC · io"):
        assert f"Account on hyperliquid, {title}" in answer.stdout
    data = answer_of("whatif", "-", "--move-all", "-60%", stdin=two_standard_dexs())
    assert data["allowed"] is False
    assert data["liquidated_after"] == 1
    rows = run("whatif", "-", "--move-all", "-5%", "-o", "csv", stdin=two_standard_dexs()).stdout
    assert len(rows.splitlines()) == 1 + len(data["positions"])
    text = run("whatif", "-", "--move-all", "-5%", "-o", "md", stdin=two_standard_dexs()).stdout
    assert text.count("| Account value |") == 3
    held = run(
        "whatif", "-", "--move-all", "-5%", "--fail-if", "notional > 0", stdin=two_standard_dexs()
    )
    assert held.code == 1
    assert "io:ANTH" in held.stderr


@pytest.mark.parametrize("picked", [(), ("-a", "io:ANTH")])
def test_old_tiers_are_told_once_with_whichever_account_is_meant(picked: tuple[str, ...]) -> None:
    data = two_standard_dexs()
    data["clearinghouseState"][""]["assetPositions"] = []  # the first account has cash alone
    stdin = json.dumps(data).encode()
    old = {"SOURCE_DATE_EPOCH": "1830000000"}
    for command in (("show", "-"), ("whatif", "-", "--move-all", "1%"), ("sweep", "-", *MOVE)):
        answer = invoke(*command, *picked, "-o", "json", stdin=stdin, environment=old)
        warnings = json.loads(answer.stdout)["warnings"]
        assert [one["code"] for one in warnings].count("tiers_old") == 1


def test_an_inferred_mode_is_told_once_with_whichever_pool_is_meant() -> None:
    data = {**json.loads(UNIFIED.read_bytes()), "userAbstraction": None}
    states = data["clearinghouseState"]
    states["flx"] = json.loads(json.dumps(states["xyz"]).replace("xyz:", "flx:"))
    for picked in ((), ("-a", "flx:TSLA")):
        warnings = answer_of("show", "-", *picked, stdin=data)["warnings"]
        assert [one["code"] for one in warnings].count("account_mode") == 1
