"""``tiers init`` prints a tier file to begin with, under every venue's rules."""

from pathlib import Path

import pytest

from marginctl.venues import VENUE_RULES
from tests.support import invoke


@pytest.mark.parametrize("rules", VENUE_RULES)
def test_it_passes_its_own_strict_check_and_can_be_calculated_with(
    rules: str, tmp_path: Path
) -> None:
    path = tmp_path / "tiers.yaml"
    path.write_text(invoke("tiers", "init", "--rules", rules).stdout, encoding="utf-8")
    check = invoke("tiers", "check", str(path), "--strict", "--max-age", "0")
    assert (check.code, check.stdout, check.stderr) == (0, "", "")
    answer = invoke(
        *("show", "-a", "BTC", "-q", "20", "-e", "100_000", "-l", "10", "--tiers", str(path)),
        *("--raw", "--fields", "maintenance_margin"),
    )
    # 2,000,000 at 5%, of the first million only 2.5%: rates of half of 1/20 and of 1/10
    one_rate = VENUE_RULES[rules]().max_tiers("BTC") == 1
    assert answer.stdout == ("50000\n" if one_rate else "75000\n")


def test_without_flags_the_rules_are_neutral_and_the_name_is_a_placeholder() -> None:
    lines = invoke("tiers", "init").stdout.splitlines()
    assert "  my-exchange:" in lines
    assert "    rules: tiered" in lines


@pytest.mark.parametrize("rules", VENUE_RULES)
def test_every_other_set_of_rules_is_named_and_no_line_is_long(rules: str) -> None:
    text = invoke("tiers", "init", "--rules", rules).stdout
    assert all(name in text for name in VENUE_RULES)
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(("rules", "fee"), [("trado", "0.06%"), ("tiered", "0.05%")])
def test_the_fee_of_the_example_is_that_of_the_venue(rules: str, fee: str) -> None:
    assert f"closing_fee_rate: {fee} " in invoke("tiers", "init", "--rules", rules).stdout


def test_a_venue_with_one_rate_is_told_nothing_of_deductions() -> None:
    assert "deduction" not in invoke("tiers", "init", "--rules", "lighter").stdout


@pytest.mark.parametrize("name", ["mine", "on", "a: b", "#1", "é x"])
def test_the_venue_is_called_as_asked(name: str, tmp_path: Path) -> None:
    path = tmp_path / "tiers.yaml"
    path.write_text(invoke("tiers", "init", "--venue", name).stdout, encoding="utf-8")
    assert invoke("tiers", "list", "--tiers", str(path), "--venue", name).code == 0


@pytest.mark.parametrize(
    ("flags", "message", "hint"),
    [
        (("--rules", "binanse"), "there are no rules 'binanse'", "did you mean binance?"),
        (("--rules", "okx"), "there are no rules 'okx'", "known: binance, "),
        (("--venue", "a\nb"), "a venue's name is a line of text", "my-exchange"),
    ],
)
def test_what_cannot_be_begun_is_told(flags: tuple[str, ...], message: str, hint: str) -> None:
    answer = invoke("tiers", "init", *flags)
    assert (answer.code, answer.stdout) == (2, "")
    assert message in answer.stderr
    assert hint in answer.stderr
