"""Break-even, funding and cushions in streams, in chains of commands and in the library."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

import marginctl
from marginctl.load.problems import InputError
from tests.building import ETH, position, table, venue
from tests.support import DATA, invoke

FLAGS = ("-a", "ETH", "-q", "10", "-e", "2500", "-m", "2600", "-l", "10")
LINE = {"asset": "ETH", "size": "10", "entry_price": "2500", "mark_price": "2600", "leverage": "10"}
LINES = b"".join(json.dumps(LINE).encode() + b"\n" for _ in range(3))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_stream_has_the_break_even_price_of_every_line(jobs: str) -> None:
    alone = json.loads(invoke("show", *FLAGS, "--fee-rate", "0.045%", "-o", "json").stdout)
    words = ("show", "-", "-o", "ndjson", "--fee-rate", "0.045%", "-j", jobs)
    lines = [json.loads(line) for line in invoke(*words, stdin=LINES).stdout.splitlines()]
    expected = alone["positions"][0]["break_even_price"]
    assert [line["break_even_price"] for line in lines] == [expected] * 3


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_stream_removes_with_a_cushion(jobs: str) -> None:
    words = ("remove", "max", "-", "-o", "ndjson", "--cushion", "1%", "-j", jobs)
    lines = [json.loads(line) for line in invoke(*words, stdin=LINES).stdout.splitlines()]
    # 3500 - 260 of equity and 2574 of initial margin after a fall of 1 %
    assert [(line["amount"], line["cushion"]) for line in lines] == [("666", "0.01")] * 3


def test_what_is_left_after_funding_goes_on_in_a_chain() -> None:
    words = ("--funding-rate", "0.01%", "--hours", "24", "--fee-rate", "0.045%", "-o", "json")
    answer = invoke("whatif", *FLAGS, *words)
    after = json.loads(answer.stdout)["after"]
    again = json.loads(invoke("show", "-", "-o", "json", stdin=answer.stdout.encode()).stdout)
    assert after["margin"] == again["positions"][0]["margin"] == "2437.6"
    assert "break_even_price" in after
    assert "break_even_price" not in again["positions"][0]


def test_the_library_takes_a_cushion() -> None:
    somewhere = venue({"ETH": table(ETH)})
    account = marginctl.Account((position("10", "2500", "10", "2600"),), None)
    change = marginctl.change_margin(account, somewhere, "remove", 0, None, "0.01")
    assert change.amount == 666
    assert change.cushion == Decimal("0.01")


@pytest.mark.parametrize(
    ("cushion", "message"),
    [("1", "a price cannot fall by 100%"), ("0", "above zero"), ("x", "is not a number")],
)
def test_the_library_refuses_a_cushion_that_is_none(cushion: str, message: str) -> None:
    somewhere = venue({"ETH": table(ETH)})
    account = marginctl.Account((position("10", "2500", "10", "2600"),), None)
    with pytest.raises(InputError) as caught:
        marginctl.change_margin(account, somewhere, "remove", 0, None, cushion)
    assert message in str(caught.value.problems)


def test_a_cushion_that_leaves_the_tiers_is_wrong_input() -> None:
    words = ("remove", "1", "-a", "ETH", "-q", "-1", "-e", "2500", "-l", "10", "--cushion", "1e30%")
    answer = invoke(*words)
    assert answer.code in {1, 2}
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    "path", sorted((DATA / "pooled").glob("*.json")), ids=lambda path: path.stem
)
def test_recorded_accounts_last_the_whole_hours_that_solve_says(path: Path) -> None:
    """In portfolio margin too, which liquidates by a ratio of its own."""
    shown = json.loads(invoke("show", str(path), "-o", "json").stdout)["positions"]
    solved = 0
    for held in shown[:4]:
        rate = "0.5%" if held["side"] == "long" else "-0.5%"
        words = (str(path), "-a", held["asset"], f"--funding-rate={rate}", "-o", "json")
        answer = json.loads(invoke("solve", *words).stdout)["answer"]
        assert answer["field"] == "hours"
        whole = int(answer["rounded"])
        if not whole:
            continue
        solved += 1
        for hours, liquidated_after in ((whole, None), (whole + 1, 1)):
            found = json.loads(invoke("whatif", *words, "--hours", str(hours)).stdout)
            assert found["liquidated_after"] == liquidated_after
    assert solved or not shown


@pytest.mark.parametrize("side", ["long", "short"])
def test_an_explanation_comes_to_the_break_even_price(side: str) -> None:
    words = ("show", *FLAGS, "-s", side, "--fee-rate", "0.045%", "--explain", "-o", "json")
    answer = json.loads(invoke(*words).stdout)
    (step,) = [
        one for one in answer["explanation"]["positions"][0] if one["field"] == "break_even_price"
    ]
    assert step["result"] == answer["positions"][0]["break_even_price"]
    sign = 1 if side == "long" else -1
    values = {name: Fraction(value) for name, value in step["values"].items()}
    assert values == {
        "cost": 25000,
        "side": sign,
        "fee_rate": Fraction("0.00045"),
        "size": 10,
    }
    expected = Fraction(25000) * (1 + sign * Fraction("0.00045"))
    expected /= 10 * (1 - sign * Fraction("0.00045"))
    assert abs(Fraction(step["result"]) - expected) < Fraction(1, 10**40)
