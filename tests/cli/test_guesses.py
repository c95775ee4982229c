"""What people guess who have not read the manual, and the hint that they get."""

import pytest

from tests.support import invoke

ETH = ["-a", "ETH", "-q", "10", "-e", "2500", "-l", "10"]
ADDRESS = "0x" + "12" * 20


@pytest.mark.parametrize("words", [[], ["tiers"], ["fetch"]], ids=" ".join)
def test_a_group_without_a_command_shows_its_help(words: list[str]) -> None:
    answer = invoke(*words)
    assert (answer.code, answer.stdout) == (2, "")
    assert answer.stderr == invoke(*words, "--help").stdout


@pytest.mark.parametrize(
    ("words", "side"),
    [("buy", "long"), ("sell", "short"), ("LONG", "long"), ("Short", "short")],
)
def test_a_side_may_be_called_as_orders_are(words: str, side: str) -> None:
    assert invoke("show", *ETH, "-s", words, "--raw", "--fields", "side").stdout == f"{side}\n"
    flipped = ["-a", "ETH", "-q", "-10", "-e", "2500", "-l", "10", "-s", "buy"]
    assert "the side is long but the size is negative" in invoke("show", *flipped).stderr


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["liquidation"], "did you mean marginctl show?"),
        (["check", "tiers.yaml"], "did you mean marginctl tiers check?"),
        (["version"], "did you mean marginctl --version?"),
        (["-v"], "did you mean --version, -V?"),
        (["fetch", ADDRESS], f"did you mean marginctl fetch account {ADDRESS}?"),
        (["show", ADDRESS], f"did you mean marginctl fetch account {ADDRESS} | marginctl show -?"),
        (["show", *ETH, "--exchange", "trado"], "did you mean --venue?"),
        (["whatif", *ETH, "--price", "2400"], "did you mean --set-mark?"),
        (["show", *ETH, "--price", "2400"], "did you mean --entry, -e, or --mark, -m?"),
        (["solve", *ETH, "--liq", "2000"], "did you mean --liquidation-price?"),
        (["sweep", *ETH, "--over", "mark=-50%..50%"], "did you mean move=-50%..50%?"),
        (["remove", "all", *ETH], "give a number, or max for the most that is allowed"),
        (
            ["show", *ETH, "--venue", "binance"],
            "known: hyperliquid, hyperliquid-2025-06, trado; marginctl tiers import adds others",
        ),
    ],
)
def test_a_guess_gets_the_hint_that_helps(words: list[str], hint: str) -> None:
    answer = invoke(*words)
    assert (answer.code, answer.stdout) == (2, "")
    assert f" hint: {hint}" in answer.stderr.splitlines()
