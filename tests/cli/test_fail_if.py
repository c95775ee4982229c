"""``--fail-if``: exit code 1, and on stderr which position broke which condition by how much."""

import json

import pytest

from tests.support import invoke

# equity 1500, maintenance 480, liquidation at (24000 - 1500) / (10 · 0.98) = 2295.918…,
# which is 4.3367346938775510204 % below the mark; margin ratio 0.32
ETH = ["-a", "ETH", "-q", "10", "-e", "2500", "-m", "2400", "-l", "10"]
DISTANCE = "4.3367346938775510204…"
ACCOUNT = {
    "collateral": "2000",
    "positions": [
        {
            "asset": asset,
            "size": size,
            "entry_price": "100",
            "mark_price": "100",
            "leverage": "3",
            "margin_mode": mode,
        }
        for asset, size, mode in (
            ("ETH", "10", "cross"),
            ("SOL", "-10", "isolated"),
            ("SOL", "20", "isolated"),
        )
    ],
}


@pytest.mark.parametrize(
    ("condition", "failure"),
    [
        (
            "liquidation_distance<5%",
            f"liquidation_distance < 5% (liquidation_distance is {DISTANCE}%)",
        ),
        (
            "backstop_price<2300",
            "backstop_price < 2300 (backstop_price is 2280.4054054054054054…)",
        ),
        ("margin_ratio >= 32%", "margin_ratio >= 32% (margin_ratio is 32%)"),
        ("margin_ratio > 32%", None),
        (
            "tier.max_leverage == 25",
            "tier.max_leverage == 25 (tier.max_leverage is 25)",
        ),
        ("effective_leverage > 16", None),
        ("shortfall != 0", "shortfall != 0 (shortfall is 900)"),
    ],
)
def test_a_condition_that_holds_is_a_failure(condition: str, failure: str | None) -> None:
    plain = invoke("show", *ETH)
    answer = invoke("show", *ETH, "--fail-if", condition)
    assert answer.stdout == plain.stdout
    assert answer.code == (0 if failure is None else 1)
    assert answer.stderr == (f"failed: ETH long 10: {failure}\n" if failure else "")


def test_every_condition_is_checked_on_every_position_and_on_the_account() -> None:
    stdin = json.dumps(ACCOUNT).encode()
    conditions = ["--fail-if", "size >= 10", "--fail-if", "cross.notional > 999"]
    answer = invoke("show", "-", *conditions, "--raw", "--fields", "asset", stdin=stdin)
    assert answer.code == 1
    assert [line for line in answer.stderr.splitlines() if line.startswith("failed")] == [
        "failed: ETH long 10: size >= 10 (size is 10)",
        "failed: SOL short 10: size >= 10 (size is 10)",
        "failed: SOL long 20: size >= 10 (size is 20)",
        "failed: cross account: cross.notional > 999 (cross.notional is 1000)",
    ]


def test_only_the_positions_that_are_asked_for_are_checked() -> None:
    stdin = json.dumps(ACCOUNT).encode()
    answer = invoke("show", "-", "-a", "ETH", "--fail-if", "size > 10", stdin=stdin)
    assert answer.code == 0


def test_a_null_meets_no_condition_and_says_why() -> None:
    # 2000 of account value against a notional of 1000: a fall to zero does not use it up
    stdin = json.dumps(ACCOUNT).encode()
    for condition in ("liquidation_price > 0", "liquidation_price != 1"):
        answer = invoke("show", "-", "-a", "ETH", "--fail-if", condition, stdin=stdin)
        assert answer.code == 0
        assert (
            f"note: ETH long 10: liquidation_price is null, so {condition} does not hold: "
            "cannot be liquidated by this price alone\n"
        ) in answer.stderr


def test_a_null_of_a_cross_position_points_to_the_account() -> None:
    stdin = json.dumps(ACCOUNT).encode()
    answer = invoke("show", "-", "-a", "ETH", "--fail-if", "margin_ratio > 80%", stdin=stdin)
    assert answer.code == 0
    assert "margin, equity and transfer limits belong to the cross account" in answer.stderr


def test_a_null_of_what_is_already_liquidatable_meets_every_condition() -> None:
    # at 2200 the loss of 3000 exceeds the margin of 2500: there is no margin ratio any more
    flags = ["-a", "ETH", "-q", "10", "-e", "2500", "-m", "2200", "-l", "10"]
    answer = invoke("show", *flags, "--fail-if", "margin_ratio > 80%")
    assert answer.code == 1
    assert (
        "failed: ETH long 10: margin_ratio > 80% (liquidatable, so margin_ratio is null)\n"
    ) in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fail-if", "margn_ratio > 1"], "did you mean margin_ratio"),
        (["--fail-if", "x == 1"], "known: size, entry_price"),
        (["--fail-if", "margin_rate < 2"], "'margin_rate' is not a number or yes/no field"),
        (["--fail-if", "cross.margin_ratio > 0.8"], "there is no cross account in this answer"),
    ],
)
def test_a_condition_that_cannot_be_checked_is_wrong_usage(arguments: list[str], said: str) -> None:
    answer = invoke("show", *ETH, *arguments)
    assert (answer.code, answer.stdout) == (2, "")
    assert said in answer.stderr


@pytest.mark.parametrize(
    ("action", "amount", "condition", "code"),
    [
        # 1000 more: equity 2500, liquidation at 2193.877…, 8.588 % away
        ("add", "1000", "liquidation_distance < 8%", 0),
        ("add", "1000", "liquidation_distance < 9%", 1),
        ("add", "1000", "margin != 3500", 0),
        ("remove", "1", "margin < 1", 1),  # refused, whatever the condition says
    ],
)
def test_a_change_is_judged_by_what_comes_out(
    action: str, amount: str, condition: str, code: int
) -> None:
    assert invoke(action, amount, *ETH, "--fail-if", condition).code == code


def test_a_change_of_the_account_is_judged_by_the_account_after_it() -> None:
    stdin = json.dumps(ACCOUNT).encode()
    condition = ["--fail-if", "cross.account_value < 1900"]
    assert invoke("remove", "100", "-", "-a", "ETH", *condition, stdin=stdin).code == 0
    answer = invoke("remove", "100.000001", "-", "-a", "ETH", *condition, stdin=stdin)
    assert answer.code == 1
    assert "cross.account_value is 1899.999999)" in answer.stderr


SHARED = {"asset": "ETH", "size": "10", "entry_price": "100", "leverage": "3"}
SHARED |= {"margin_mode": "cross"}


def test_a_null_of_many_is_told_once_with_their_number() -> None:
    positions = [{**SHARED, "asset": name} for name in ("ETH", "BTC", "SOL")]
    account = json.dumps({"collateral": "2000", "positions": positions})
    answer = invoke("show", "-", "--fail-if", "margin_ratio > 50%", stdin=account.encode())
    (told,) = [line for line in answer.stderr.splitlines() if "margin_ratio" in line]
    assert told == (
        "note: ETH long 10 and 2 more: margin_ratio is null, so margin_ratio > 50% does not hold: "
        "margin, equity and transfer limits belong to the cross account"
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_null_of_many_lines_is_told_once_at_the_end(jobs: str) -> None:
    line = json.dumps({"collateral": "2000", "positions": [SHARED]})
    flags = ["-o", "ndjson", "--jobs", jobs, "--fail-if", "margin_ratio > 50%"]
    answer = invoke("show", "-", *flags, stdin=f"{line}\n".encode() * 500)
    (told,) = [text for text in answer.stderr.splitlines() if "is null" in text]
    assert told.startswith("note: ETH long 10 and 499 more: margin_ratio is null")


@pytest.mark.parametrize("command", ["show", "whatif", "sweep", "add", "remove"])
@pytest.mark.parametrize(("mark", "code"), [("2400", 0), ("2200", 1)])
def test_liquidatable_by_itself_is_a_condition_of_every_command(
    command: str, mark: str, code: int
) -> None:
    position = ["-a", "ETH", "-q", "10", "-e", "2500", "-m", mark, "-l", "10"]
    words = {
        "whatif": ["--move", "0.1%"],
        "sweep": ["--over", "move=-0.1%..0.1%"],
        "add": ["0.5"],
        "remove": ["1"],
    }.get(command, [])
    answer = invoke(command, *words, *position, "--fail-if", "liquidatable")
    failed = [line for line in answer.stderr.splitlines() if line.startswith("failed:")]
    assert bool(failed) is bool(code)
    if command != "remove":  # at these marks nothing can be removed, whatever the condition
        assert answer.code == code


def test_of_many_nulls_the_first_is_told_with_their_number() -> None:
    positions = [
        {"asset": "ETH", "size": "1", "entry_price": "2500", "leverage": "1"} for _ in range(3)
    ]
    stdin = json.dumps(positions).encode()
    answer = invoke("show", "-", "--fail-if", "liquidation_price > 1", stdin=stdin)
    told = [line for line in answer.stderr.splitlines() if "does not hold" in line]
    assert len(told) == 1
    assert told[0].startswith("note: ETH long 1 and 2 more: ")
