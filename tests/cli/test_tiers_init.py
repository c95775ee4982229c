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
    # 2,000,000 at 5%, of the first million only 2.5%: rates of half of 1/20 and of 1/10;
    # Lighter has one rate for every notional
    assert answer.stdout == ("50000\n" if rules == "lighter" else "75000\n")


def test_without_flags_the_rules_are_neutral_and_the_name_is_a_placeholder() -> None:
    lines = invoke("tiers", "init").stdout.splitlines()
    assert "  my-exchange:" in lines
    assert any(line.startswith("    rules: tiered ") for line in lines)
    assert max(map(len, lines)) <= 100


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
