"""Recorded accounts: every figure that the exchange gave is the one that comes out here."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from marginctl.core.evaluation import evaluate
from marginctl.core.report import AccountReport
from marginctl.load.account import LoadedAccount, Overrides, read_account
from marginctl.load.positions import read_accounts
from marginctl.load.tier_source import load_tiers
from tests.support import DATA, TIERS, invoke

VENUE = load_tiers(str(TIERS), "bundled").file.venue().venue
STEP = Decimal("0.000001")
ALL = sorted((DATA / "accounts").glob("*.json"))
REPRODUCIBLE = [path for path in ALL if "elsewhere" not in path.stem]


def evaluated(path: Path) -> tuple[LoadedAccount, AccountReport, dict[str, Any]]:
    data = path.read_bytes()
    (account_input,) = read_accounts(data, path.name)
    reading = read_account(account_input, VENUE, Overrides())
    return reading, evaluate(reading.account, reading.venue), json.loads(data, parse_float=Decimal)


def rounded_like(value: Decimal, printed: str) -> Decimal:
    """A value with as many decimals as a printed one, at most those a binary float holds."""
    decimals = len(printed.partition(".")[2])
    digits = 15 - len(printed.partition(".")[0].lstrip("-"))
    return round(value, min(decimals, digits))


def micro(printed: str) -> Decimal:
    """A printed amount to its micro-dollar: what is behind that is a binary float's."""
    return round(Decimal(printed), 6)


@pytest.mark.parametrize("name", ["isolated-long-2024-02", "isolated-25x-2025-11"])
@pytest.mark.parametrize("factor", ["0.97", "1", "1.05"])
def test_another_mark_now_moves_the_equity_of_a_record_and_not_what_is_posted(
    name: str, factor: str
) -> None:
    record = str(DATA / "accounts" / f"{name}.json")
    fields = ["--raw", "--fields", "mark_price,margin,equity,liquidation_price,side,size"]
    mark, margin, equity, price, side, size = invoke("show", record, *fields).stdout.split()
    now = Decimal(mark) * Decimal(factor)
    told = invoke("show", record, "-m", f"{now:f}", *fields).stdout.split()
    assert (told[1], told[3]) == (margin, price)
    sign = 1 if side == "long" else -1
    gained = sign * Fraction(size) * (Fraction(now) - Fraction(mark))
    assert Fraction(told[2]) == Fraction(equity) + gained


@pytest.mark.parametrize(
    ("given", "flags", "margin", "equity"),
    [
        # an equity is the one at the mark beside it: 1,500 at 2,400 are 2,500 posted
        ({"mark_price": 2400, "equity": 1500}, ["-m", "2300"], "2500", "500"),
        ({"mark_price": 2400, "equity": 1500, "side": "short"}, ["-m", "2300"], "500", "2500"),
        ({"mark_price": 2400, "equity": 1500}, ["-m", "2300", "--equity", "700"], "2700", "700"),
        ({"mark_price": 2400, "equity": 1500}, ["-m", "2300", "--margin", "700"], "700", "-1300"),
        # without one, it is the equity now
        ({"equity": 1500}, ["-m", "2400"], "2500", "1500"),
        ({"margin": 2500, "mark_price": 2400}, ["-m", "2300"], "2500", "500"),
    ],
)
def test_an_equity_of_a_file_is_that_at_its_own_mark(
    given: dict[str, Any], flags: list[str], margin: str, equity: str
) -> None:
    position = {"asset": "ETH", "size": 10, "entry_price": 2500, "leverage": 10, **given}
    text = json.dumps(position).encode()
    answer = invoke("show", "-", *flags, "--raw", "--fields", "margin,equity", stdin=text)
    assert answer.stdout == f"{margin}\t{equity}\n"


@pytest.mark.parametrize(
    ("mark", "flags", "value"),
    [
        # 3,500 at 2,400 are 2,500 at 2,300, where a long of 10 has lost 1,000 more
        ({"mark_price": 2400}, ["-m", "2300"], "2500"),
        ({"mark_price": 2400}, ["-m", "2300", "--account-value", "3000"], "3000"),
        ({"mark_price": 2400}, ["-m", "2300", "--collateral", "6000"], "4000"),
        ({"mark_price": 2400}, [], "3500"),
        # without a mark of its own, it is the value now
        ({}, ["-m", "2300"], "3500"),
    ],
)
def test_an_account_value_of_a_file_is_that_at_its_own_marks(
    mark: dict[str, Any], flags: list[str], value: str
) -> None:
    cross = {"asset": "ETH", "size": 10, "entry_price": 2500, "leverage": 10, **mark}
    account = {"account_value": 3500, "positions": [{**cross, "margin_mode": "cross"}]}
    text = json.dumps(account).encode()
    answer = invoke("show", "-", *flags, "--raw", "--fields", "cross.account_value", stdin=text)
    assert answer.stdout == f"{value}\n"


@pytest.mark.parametrize("path", REPRODUCIBLE, ids=lambda path: path.stem)
def test_liquidation_prices_agree_to_the_last_printed_digit(path: Path) -> None:
    reading, answer, _ = evaluated(path)
    assert reading.recorded_prices is not None
    for report, recorded in zip(answer.positions, reading.recorded_prices, strict=True):
        if recorded is None:
            assert report.liquidation_price is None
            continue
        assert report.liquidation_price is not None
        if path.stem == "isolated-long-2024-02":
            # its rawUsd is rounded at the sixth decimal, which the price shows in the fifth
            slack = STEP / 2 / (report.size * Decimal("0.99")) + Decimal("1e-8")
            assert abs(report.liquidation_price - recorded) <= slack
        else:
            printed = f"{recorded:f}"
            assert rounded_like(report.liquidation_price, printed) == rounded_like(
                recorded, printed
            )


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_equity_margin_and_return_agree_with_the_record(path: Path) -> None:
    _, answer, raw = evaluated(path)
    for report, entry in zip(answer.positions, raw["assetPositions"], strict=True):
        position = entry["position"]
        used = report.equity if report.equity is not None else report.initial_margin
        assert abs(used - Decimal(position["marginUsed"])) < STEP
        assert report.notional == micro(position["positionValue"])
        assert report.unrealized_pnl == micro(position["unrealizedPnl"])
        printed = position["returnOnEquity"]
        # PnL itself is recorded to six decimals only
        slack = max(Decimal("1e-9"), abs(Decimal(printed)) * STEP / abs(report.unrealized_pnl))
        assert abs(report.return_on_equity - Decimal(printed)) <= slack


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_the_accounts_own_totals_are_used(path: Path) -> None:
    _, answer, raw = evaluated(path)
    cross, summary = answer.cross, raw["crossMarginSummary"]
    assert cross is not None
    assert cross.account_value == micro(summary["accountValue"])
    assert cross.notional == micro(summary["totalNtlPos"])
    assert abs(cross.initial_margin - micro(summary["totalMarginUsed"])) < Decimal("1e-40")
    assert cross.maintenance_margin == micro(raw["crossMaintenanceMarginUsed"])


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_what_the_exchange_lets_go_is_what_can_be_removed(path: Path) -> None:
    reading, answer, raw = evaluated(path)
    cross = answer.cross
    assert cross is not None
    assert cross.max_removable == micro(raw["withdrawable"])
    held = path.stem in {"sixteen-positions-2026-01", "standard-xyz-2026-10-05"}
    assert (cross.binding_limit == "resting_orders") is held
    assert (cross.order_margin > 0) is held
    assert ("resting_orders" in {notice.code for notice in reading.notices}) is held


def test_resting_orders_bind_in_every_command() -> None:
    record = str(DATA / "accounts" / "sixteen-positions-2026-01.json")
    most, too_much = "6286581.880622", "6286581.880623"  # as the exchange has it, and a step more
    for amount, code in ((most, 0), (too_much, 1)):
        assert invoke("remove", amount, record, "-a", "BTC").code == code
        assert invoke("whatif", record, "-a", "BTC", "--fund", f"-{amount}").code == code
        assert invoke("add", amount, record, "-a", "MET").code == code
    taken = invoke("remove", "max", record, "-a", "BTC", "-o", "json")
    assert json.loads(taken.stdout)["amount"] == most
    assert json.loads(taken.stdout)["binding_limit"] == "resting_orders"
    shown = invoke(
        "show", record, "--raw", "--fields", "cross.max_removable,cross.available,cross.shortfall"
    )
    assert shown.stdout == f"{most}\t{most}\t0\n"
    swept = invoke("sweep", record, "--over=move=-1%..1%", "--steps", "3", "-o", "json")
    now = [point for point in json.loads(swept.stdout)["points"] if point["kind"] == "mark"]
    assert now[0]["max_removable"] == most


RECORDS = DATA / "records"


def test_an_account_without_positions_may_give_what_its_orders_leave() -> None:
    record = str(RECORDS / "resting-order-without-position.json")
    assert invoke("remove", "35.39387", record).code == 0
    refused = invoke("remove", "40", record, "-o", "json")
    assert refused.code == 1
    answer = json.loads(refused.stdout)
    assert (answer["limit"], answer["binding_limit"]) == ("35.39387", "resting_orders")
    assert json.loads(invoke("remove", "max", record, "-o", "json").stdout)["amount"] == "35.39387"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("show {}", 0),
        ("show {} -o json", 0),
        ("show {} -o ndjson", 0),
        ("show {} -o csv", 0),
        ("show {} -o md", 0),
        ("show {} --raw", 0),
        ("whatif {} --fund 10", 0),
        ("whatif {} --move-all 10%", 0),
        ("whatif {} --fund 10 -o json", 0),
        ("tiers diff tiers.yaml tiers.yaml --positions {}", 0),
        ("tiers diff tiers.yaml tiers.yaml --positions {} -o json", 0),
        ("tiers diff tiers.yaml tiers.yaml --positions {} -o md", 0),
        ("show {} -a BTC", 2),
        ("show {} -q 5", 2),
        ("whatif {} --move 1%", 2),
        ("whatif {} --trade 1", 2),
        ("sweep {} --over move=-1%..1%", 2),
        ("sweep {} --over mark=1..2", 2),
        ("solve {} --distance 5%", 2),
    ],
)
def test_an_account_without_positions_is_answered_everywhere(command: str, code: int) -> None:
    record = str(RECORDS / "resting-order-without-position.json")
    answer = invoke(*command.format(record).split())
    assert answer.code == code
    assert bool(answer.stdout) is (code == 0)
    if code == 2:
        assert answer.stderr.count("error:") == 1
        assert " \n" not in answer.stderr
        assert "()" not in answer.stderr


def test_an_account_without_positions_has_no_rows_where_positions_are_asked_for() -> None:
    record = str(RECORDS / "resting-order-without-position.json")
    answer = invoke("show", record, "--raw", "--fields", "equity,cross.available")
    assert (answer.code, answer.stdout) == (0, "")
    answer = invoke("show", record, "--raw", "--fields", "cross.available")
    assert answer.stdout == "35.39387\n"


def test_an_account_without_positions_is_read_back() -> None:
    record = str(RECORDS / "resting-order-without-position.json")
    first = invoke("show", record, "-o", "json")
    again = invoke("show", "-", "-o", "json", stdin=first.stdout.encode())
    assert json.loads(again.stdout)["cross"] == json.loads(first.stdout)["cross"]


def test_the_lines_of_a_stream_may_be_accounts_without_positions() -> None:
    record = (RECORDS / "resting-order-without-position.json").read_text()
    line = json.dumps(json.loads(record)).encode() + b"\n"
    answer = invoke("show", "-", "-o", "ndjson", stdin=line * 2)
    lines = [json.loads(text) for text in answer.stdout.splitlines()]
    assert [one["cross.max_removable"] for one in lines] == ["35.39387"] * 2
    answer = invoke("show", "-", "-o", "ndjson", "--fields", "asset", stdin=line * 2)
    assert (answer.code, answer.stdout) == (0, "")


@pytest.mark.parametrize("flags", [(), ("-a", "BTC")])
def test_a_row_of_size_zero_is_no_position(flags: tuple[str, ...]) -> None:
    record = str(RECORDS / "flat-row.json")
    answer = invoke("show", record, *flags, "-o", "json")
    assert answer.code == 0
    assert [one["asset"] for one in json.loads(answer.stdout)["positions"]] == ["BTC"]
    line = json.dumps(json.loads((RECORDS / "flat-row.json").read_text())).encode() + b"\n"
    assert invoke("show", "-", "-o", "ndjson", stdin=line).code == 0


@pytest.mark.parametrize("size", ["0", "0.0", "-0", "0e0", "0.00000000"])
def test_a_row_of_size_zero_is_recognised_however_it_is_written(size: str) -> None:
    record = json.loads((RECORDS / "flat-row.json").read_text())
    record["assetPositions"][1]["position"] = {"coin": "ETH", "szi": size, "entryPx": None}
    answer = invoke("show", "-", "--raw", "--fields", "asset", stdin=json.dumps(record).encode())
    assert (answer.code, answer.stdout) == (0, "BTC\n")


def test_an_isolated_position_repeated_in_the_cross_totals_makes_no_cross_account() -> None:
    record = str(RECORDS / "isolated-repeated-in-the-cross-totals.json")
    answer = json.loads(invoke("show", record, "-o", "json").stdout)
    for figure in ("account_value", "notional", "initial_margin", "available", "max_removable"):
        assert answer["cross"][figure] == "0"
    (position,) = answer["positions"]
    assert position["equity"] == "1077.754757"
    recorded = Decimal(position["exchange_liquidation_price"])
    assert round(Decimal(position["liquidation_price"]), 10) == recorded
    assert "exchange_differs" not in {warning["code"] for warning in answer["warnings"]}


def test_a_recorded_cross_position_wins_over_a_tier_file_that_forbids_it(tmp_path: Path) -> None:
    tiers = tmp_path / "tiers.yaml"
    for mode in ("strict", "no_cross"):
        tiers.write_text(
            "venues:\n  v:\n    rules: hyperliquid\n    quote: USDC\n    assets:\n"
            f"      BTC: {{max_leverage: 40, margin_mode: {mode}}}\n"
        )
        record = str(RECORDS / "flat-row.json")
        answer = invoke("show", record, "--tiers", str(tiers), "-o", "json")
        assert answer.code == 0, answer.stderr
        codes = [warning["code"] for warning in json.loads(answer.stdout)["warnings"]]
        assert "recorded_cross" in codes
        again = invoke(
            "show", "-", "--tiers", str(tiers), "-o", "json", stdin=answer.stdout.encode()
        )
        assert again.code == 0, again.stderr
        own = invoke(
            *f"show -a BTC -q 1 -e 9 -l 5 --mode cross --collateral 9 --tiers {tiers}".split()
        )
        assert own.code == 2


def test_the_recorded_max_leverage_wins_over_the_tier_file_with_a_note() -> None:
    reading, answer, _ = evaluated(DATA / "accounts" / "isolated-long-2024-02.json")
    assert answer.positions[0].tier.max_leverage == 50
    assert [notice.code for notice in reading.notices] == ["recorded_leverage"]
    assert VENUE.assets["ETH"].max_leverage == 25  # the venue itself stays as it is


def test_one_record_in_an_array_is_read_as_it_is_alone() -> None:
    for path in ALL:
        data = path.read_bytes()
        alone = invoke("show", "-", "-o", "json", stdin=data)
        assert alone.code == 0
        assert invoke("show", "-", "-o", "json", stdin=b"[" + data + b"]") == alone


def test_a_problem_of_a_record_in_an_array_has_its_place() -> None:
    data = (DATA / "records" / "flat-row.json").read_text(encoding="utf-8")
    answer = invoke("show", "-", stdin=f"[{data.replace('84020.4', 'x')}]".encode())
    assert answer.code == 2
    assert "[0].assetPositions[0].position.entryPx" in answer.stderr


@pytest.mark.parametrize("other", ["record", "{}", "1"])
def test_a_record_with_more_beside_it_in_an_array_is_one_problem(other: str) -> None:
    data = (DATA / "records" / "flat-row.json").read_text(encoding="utf-8")
    more = data if other == "record" else other
    answer = invoke("show", "-", stdin=f"[{data},{more}]".encode())
    assert answer.code == 2
    assert answer.stderr.count("error:") == 1
    assert "give one account at a time" in answer.stderr
