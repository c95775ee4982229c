"""Tiers that are old enough to have changed are warned of, whatever the day is."""

import json
from datetime import UTC, datetime

import pytest

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
