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


CALLED = {
    "show": {
        "--amount": "--size, -q",
        "--coin": "--asset, -a",
        "--colour": "--color",
        "--csv": "-o csv",
        "--exchange": "--venue",
        "--format": "--output, -o",
        "--json": "-o json",
        "--lev": "--leverage, -l",
        "--markdown": "-o md",
        "--no-color": "--color never",
        "--price": "--entry, -e, or --mark, -m",
        "--qty": "--size, -q",
        "--quantity": "--size, -q",
        "--symbol": "--asset, -a",
        "--ticker": "--asset, -a",
        "--wallet": "--collateral",
        "-v": "--version, -V",
    },
    "sweep": {
        "--add": "--over margin=LOW..HIGH",
        "--move": "--over move=LOW..HIGH",
        "--range": "--over mark=LOW..HIGH",
    },
    "whatif": {
        "--add": "--fund AMOUNT",
        "--buy": "--trade SIZE",
        "--close": "--trade -SIZE",
        "--price": "--set-mark",
        "--remove": "--fund -AMOUNT",
        "--sell": "--trade -SIZE",
    },
    "solve": {"--liq": "--liquidation-price", "--liquidation": "--liquidation-price"},
}
"""Options as other programs call them, and ours that does the same."""


@pytest.mark.parametrize(
    ("command", "guess", "ours"),
    [
        (command, guess, ours)
        for command, guesses in CALLED.items()
        for guess, ours in guesses.items()
    ],
)
def test_an_option_of_other_programs_is_answered_with_ours(
    command: str, guess: str, ours: str
) -> None:
    answer = invoke(command, *ETH, guess, "5")
    assert (answer.code, answer.stdout) == (2, "")
    assert answer.stderr == f"error: there is no option {guess}\n hint: did you mean {ours}?\n"


@pytest.mark.parametrize(
    ("guess", "ours"),
    [
        ("account", "fetch account"),
        ("check", "tiers check"),
        ("diff", "tiers diff"),
        ("import", "tiers import"),
        ("init", "tiers init"),
        ("liq", "show"),
        ("liquidation", "show"),
        ("max", "remove max"),
        ("plot", "sweep --plot"),
        ("position", "show"),
        ("positions", "show"),
        ("report", "show"),
        ("test", "tiers test"),
        ("version", "--version"),
    ],
)
def test_a_command_of_other_programs_is_answered_with_ours(guess: str, ours: str) -> None:
    answer = invoke(guess)
    assert (answer.code, answer.stdout) == (2, "")
    assert f" hint: did you mean marginctl {ours}?" in answer.stderr.splitlines()


def test_a_command_of_other_programs_is_none_inside_a_group() -> None:
    assert "marginctl tiers check" not in invoke("tiers", "version").stderr
    assert "did you mean marginctl --version?" not in invoke("tiers", "version").stderr


def test_an_option_spelled_alike_is_named_with_its_dashes() -> None:
    answer = invoke("show", *ETH, "--entr", "5")
    assert " hint: did you mean --entry?" in answer.stderr.splitlines()
    answer = invoke("whatif", *ETH, "--set-mak", "5")
    assert " hint: did you mean --set-mark?" in answer.stderr.splitlines()
