"""What a command does grows with its input, not with the square of it: counted in calls."""

import json
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.support import invoke

FEW, MANY = 30, 300
"""Positions; the second is ten times the first."""
MOST = 13
"""Times as many calls for ten times as many positions: a square would take a hundred."""


def tiers(count: int) -> str:
    lines = ["venues:", "  x:", "    rules: hyperliquid", "    quote: USDC"]
    lines += ["    as_of: 2026-11-14", "    tables:"]
    lines += ["      t: [{lower_bound: 0, max_leverage: 20}, {lower_bound: 900, max_leverage: 10}]"]
    lines += ["    assets:", *(f"      A{number}: {{table: t}}" for number in range(count))]
    return "\n".join(lines)


def positions(count: int, mode: str) -> list[dict[str, Any]]:
    """Return positions whose liquidations lie at different moves, in both directions."""
    return [
        {
            "asset": f"A{number}",
            "side": "long" if number % 2 else "short",
            "size": 5 + number % 7,
            "entry_price": 99 + number % 3,
            "mark_price": 100,
            "leverage": 5 + number % 5,
            "margin_mode": mode,
        }
        for number in range(count)
    ]


def calls(folder: Path, count: int, mode: str, *arguments: str) -> int:
    """Return how many calls of Python functions a command makes for so many positions."""
    file, table = folder / f"{mode}{count}.json", folder / f"tiers{count}.yaml"
    account = {"positions": positions(count, mode), "collateral": 1_000 * count}
    file.write_text(json.dumps(account))
    table.write_text(tiers(count))
    counted = 0

    def profile(frame: FrameType, event: str, argument: object) -> None:
        del frame, argument
        nonlocal counted
        counted += event == "call"

    command = [*arguments, str(file), "--tiers", str(table)]
    assert invoke(*command).code == 0  # imports what is needed
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        answer = invoke(*command)
    finally:
        sys.setprofile(before)
    assert answer.code == 0, answer.stderr
    return counted


@pytest.mark.parametrize("mode", ["cross", "isolated"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("sweep", "--over", "move=-50%..50%"),
        ("sweep", "--over", "move=-50%..50%", "-o", "json"),
        ("show",),
        ("show", "-o", "json"),
        ("show", "--explain"),
        ("show", "--fail-if", "margin_ratio > 1000%"),
        ("whatif", "--move-all", "-1%"),
    ],
    ids=" ".join,
)
def test_ten_times_the_positions_take_ten_times_the_calls(
    arguments: tuple[str, ...], mode: str, tmp_path: Path
) -> None:
    few, many = (calls(tmp_path, count, mode, *arguments) for count in (FEW, MANY))
    assert many < MOST * few


def test_a_row_names_what_went_there_and_nothing_before_it(tmp_path: Path) -> None:
    (tmp_path / "tiers.yaml").write_text(tiers(MANY))
    file = tmp_path / "account.json"
    file.write_text(json.dumps({"positions": positions(MANY, "isolated")}))
    move = ["sweep", str(file), "--over", "move=-50%..50%", "-o", "json"]
    answer = invoke(*move, "--tiers", str(tmp_path / "tiers.yaml"))
    points = json.loads(answer.stdout)["points"]
    named = [name for point in points for name in point["liquidated"]]
    assert sorted(named) == sorted(set(named))
    longs = [name for point in points if point["at"][0] == "-" for name in point["liquidated"]]
    assert len(longs) == MANY // 2
    assert all(name.endswith(" long") for name in longs)
