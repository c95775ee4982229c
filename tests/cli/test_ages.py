"""Tiers that are old enough to have changed are warned of, whatever the day is."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from marginctl.cli import messages
from marginctl.cli.surroundings import today
from tests.support import TIERS, invoke

SHOW = "show -a ETH -q 1 -e 2500 -l 10"


def on(day: str, line: str) -> tuple[str, str]:
    epoch = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
    answer = invoke(*line.split(), environment={"SOURCE_DATE_EPOCH": str(epoch)})
    assert answer.code == 0
    return answer.stdout, answer.stderr


@pytest.mark.parametrize(("day", "warned"), [("2027-01-03", False), ("2027-01-04", True)])
def test_after_ninety_days_a_warning_says_how_to_get_fresh_ones(day: str, warned: bool) -> None:
    stderr = on(day, SHOW)[1]
    if not warned:
        assert "days old" not in stderr
        return
    assert "warning: the tiers of hyperliquid are 91 days old" in stderr
    refresh = (
        "marginctl fetch tiers | marginctl tiers import - --into ~/.config/marginctl/tiers.yaml"
    )
    assert f"{refresh} --venue hyperliquid" in stderr
    own = on(day, f"{SHOW} --tiers {TIERS}")[1]
    assert f"--into {TIERS} --venue hyperliquid" in own
    assert on(day, f"{SHOW} --quiet")[1] == ""
    codes = [w["code"] for w in json.loads(on(day, f"{SHOW} -o json")[0])["warnings"]]
    assert codes.count("tiers_old") == 1


def test_what_is_kept_for_history_is_not_called_old() -> None:
    line = "show -a DOGE -q 1 -e 1 -l 10 --venue hyperliquid-2025-06"
    assert "days old" not in on("2036-01-01", line)[1]
    assert "days old" in on("2036-01-01", SHOW)[1]


def test_an_age_limit_passes_over_what_is_kept_for_history() -> None:
    answer = invoke("tiers", "check", str(TIERS), "--max-age", "100", "-o", "json")
    codes = [(f["code"], f["path"]) for f in json.loads(answer.stdout)["findings"]]
    assert codes == [("as-of-too-old", "venues.trado.as_of")]


def test_lists_of_tiers_are_warned_of_too() -> None:
    for line in ("tiers list", "tiers show ETH"):
        assert "days old" not in on("2027-01-03", line)[1]
        assert on("2027-01-04", line)[1].count("91 days old") == 1


def test_the_command_can_be_run_as_it_is_printed(tmp_path: Path) -> None:
    own = tmp_path / "own tiers.yaml"
    own.write_bytes(TIERS.read_bytes())
    environment = {"SOURCE_DATE_EPOCH": "1830000000"}
    named = invoke(*SHOW.split(), "--tiers", str(own), environment=environment).stderr
    assert f"--into '{own}' --venue" in named
    folder = invoke(*SHOW.split(), environment={**environment, "XDG_CONFIG_HOME": "/x"}).stderr
    assert "--into /x/marginctl/tiers.yaml --venue" in folder
    homeless = invoke(*SHOW.split(), environment={**environment, "HOME": ""}).stderr
    assert "--into tiers.yaml --venue" in homeless


def test_a_command_at_the_end_of_a_message_is_not_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    command = "marginctl fetch tiers | marginctl tiers import - --into ~/t.yaml --venue hyperliquid"
    told = f"warning: the tiers of hyperliquid are 91 days old; fresh ones: {command}\n"
    first, *_, last = messages._wrapped(told, 9).splitlines()
    assert last.strip() == command
    assert len(first) <= 60


def test_other_venues_are_not_sent_to_hyperliquid() -> None:
    stderr = on("2036-01-01", "show -a BTC -q 1 -e 2500 -l 10 --venue trado")[1]
    assert "days old" in stderr
    assert "fetch" not in stderr


@pytest.mark.parametrize("text", ["", "soon", "-5", "1e9", "315532800", "9" * 30])
def test_a_clock_that_cannot_be_meant_is_not_used(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shells of package managers set 1980, where no tiers are from."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    assert abs((today() - datetime.now(UTC).date()).days) <= 1
