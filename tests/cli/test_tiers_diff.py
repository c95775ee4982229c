"""``tiers diff`` as a user meets it."""

import json
from pathlib import Path

import pytest

from tests.support import DATA, TIERS, invoke

META = DATA / "meta-2026-10.json"
TWO = """\
venues:
  a:
    rules: hyperliquid
    quote: USDC
    tables:
      btc:
        - {lower_bound: 0, max_leverage: 40}
        - {lower_bound: 150_000_000, max_leverage: 40, maintenance_margin_rate: 1.25%}
    assets:
      BTC: {table: btc}
      ETH: {max_leverage: 25}
  b:
    rules: hyperliquid
    quote: USDC
    as_of: 2026-01-14
    tables:
      btc:
        - {lower_bound: 0, max_leverage: 40}
        - {lower_bound: 150_000_000, max_leverage: 20}
    assets:
      BTC: {table: btc}
      SOL: {max_leverage: 20, margin_mode: strict}
"""


@pytest.fixture
def two(tmp_path: Path) -> str:
    path = tmp_path / "two.yaml"
    path.write_text(TWO, encoding="utf-8")
    return str(path)


def test_changes_are_told_in_the_terms_of_a_reviewer(two: str) -> None:
    answer = invoke("tiers", "diff", f"{two}#a", f"{two}#b")
    assert answer.code == 0
    assert (
        answer.stdout
        == """\
a → b of 2026-01-14

Changed
  BTC above 150,000,000: 1.25% → 2.5%, 40x → 20x

Removed
  ETH: 25x

Added
  SOL: 20x, strict isolated
"""
    )


def test_json_has_every_change_with_its_notional(two: str) -> None:
    answer = invoke("tiers", "diff", f"{two}#a", f"{two}#b", "-o", "json")
    data = json.loads(answer.stdout)
    assert data["schema"] == "marginctl/diff/1"
    assert data["positions"] == []
    changed, removed, added = data["changes"]
    assert changed == {
        "kind": "changed",
        "venue": "b",
        "asset": "BTC",
        "above": "150000000",
        "below": None,
        "maintenance_margin_rate": {"old": "0.0125", "new": "0.025"},
        # 150,000,000 · (2.5 % - 1.25 %)
        "maintenance_deduction": {"old": "0", "new": "1875000"},
        "max_leverage": {"old": "40", "new": "20"},
        "margin_mode": None,
        "size_decimals": None,
    }
    assert (removed["kind"], removed["asset"]) == ("removed", "ETH")
    assert removed["max_leverage"] == {"old": "25", "new": None}
    assert (added["kind"], added["max_leverage"]) == ("added", {"old": None, "new": "20"})


@pytest.mark.parametrize(("new", "code"), [("b", 1), ("a", 0)])
def test_the_exit_code_tells_on_request_whether_anything_differs(
    two: str, new: str, code: int
) -> None:
    assert invoke("tiers", "diff", f"{two}#a", f"{two}#{new}", "--exit-code").code == code
    assert invoke("tiers", "diff", f"{two}#a", f"{two}#{new}").code == 0


def test_whole_files_are_compared_venue_by_venue(two: str, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(TWO.replace("  b:\n", "  c:\n").replace("USDC", "USDT", 1), encoding="utf-8")
    answer = invoke("tiers", "diff", two, str(other), "--exit-code")
    assert answer.code == 1
    assert (
        answer.stdout
        == """\
a

Venue
  quote: USDC → USDT

b is gone

c is new
"""
    )


def test_a_recorded_response_is_compared_with_the_venue_of_its_name() -> None:
    answer = invoke("tiers", "diff", str(TIERS), str(META), "--exit-code")
    assert answer.code == 0
    assert answer.stdout == "hyperliquid of 2026-10-05 → hyperliquid\n  no difference\n"


def test_the_lists_of_mid_2025_differ_from_the_record_as_is_known() -> None:
    # of the 33 assets of 2025 seven have one tier by now, and two are gone; the rest is not listed
    sides = f"{TIERS}#hyperliquid-2025-06", str(META)
    answer = invoke("tiers", "diff", *sides, "-o", "json")
    changes = json.loads(answer.stdout)["changes"]
    changed = {"POPCAT", "WIF", "TIA", "OP", "LDO", "INJ", "SEI"}
    assert {c["asset"] for c in changes if c["kind"] == "changed"} == changed
    assert {c["asset"] for c in changes if c["kind"] == "delisted"} == {"MKR", "TON"}
    assert not [c for c in changes if c["kind"] in {"added", "removed"}]
    table = invoke("tiers", "diff", *sides).stdout
    assert "a partial list: 201 assets that only one side has are left out; --all" in table
    assert "A partial list: 201 assets" in invoke("tiers", "diff", *sides, "-o", "md").stdout
    whole = invoke("tiers", "diff", *sides, "-o", "json", "--all")
    added = [c for c in json.loads(whole.stdout)["changes"] if c["kind"] == "added"]
    assert len(added) == 234 - 33


def test_positions_are_shown_before_and_after_the_endangered_ones_first(tmp_path: Path) -> None:
    positions = tmp_path / "positions.json"
    positions.write_text(
        """[
        {"asset": "BNB", "size": 1, "entry_price": 600, "leverage": 10},
        {"asset": "POPCAT", "size": 1000, "entry_price": 1, "leverage": 10}
        ]""",
        encoding="utf-8",
    )
    answer = invoke(
        *("tiers", "diff", f"{TIERS}#hyperliquid-2025-06", str(META)),
        *("--positions", str(positions), "-o", "json"),
    )
    first, second = json.loads(answer.stdout)["positions"]
    assert (first["asset"], first["becomes_liquidatable"]) == ("POPCAT", True)
    assert first["before"]["maintenance_margin"] == "50"  # half of a tenth of 1,000
    assert first["after"]["maintenance_margin"][:12] == "166.66666666"  # half of a third
    assert (second["asset"], second["becomes_liquidatable"]) == ("BNB", False)
    assert second["before"] == second["after"]


def test_a_record_is_evaluated_with_the_new_tiers_and_keeps_leverages_of_its_own(
    two: str, tmp_path: Path
) -> None:
    record = (DATA / "accounts" / "isolated-long-2024-02.json").read_text(encoding="utf-8")
    account = tmp_path / "account.json"
    account.write_text(record, encoding="utf-8")
    answer = invoke(
        *("tiers", "diff", f"{two}#a", f"{two}#b", "--positions", str(account), "-o", "json"),
    )
    # recorded at 50x, which neither side has: it stays
    (position,) = json.loads(answer.stdout)["positions"]
    assert position["before"] == position["after"]
    at_25x = record.replace('"maxLeverage": 50', '"maxLeverage": 25')
    account.write_text(at_25x, encoding="utf-8")
    halved = tmp_path / "halved.yaml"
    halved.write_text(TWO.replace("max_leverage: 25", "max_leverage: 5"), encoding="utf-8")
    answer = invoke(
        *("tiers", "diff", f"{two}#a", f"{halved}#a"),
        *("--positions", str(account), "--fields", "maintenance_margin", "-o", "json"),
    )
    (position,) = json.loads(answer.stdout)["positions"]
    old, new = (position[side]["maintenance_margin"] for side in ("before", "after"))
    assert float(new) == pytest.approx(5 * float(old))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("FILE#x", "FILE#a", "unknown venue 'x'"),
        ("FILE#a", "missing.yaml", "no such file"),
        ("FILE#a", "META#x", "an exchange's answer is a single venue"),
    ],
)
def test_a_side_that_cannot_be_read_is_told(two: str, old: str, new: str, message: str) -> None:
    sides = [side.replace("FILE", two).replace("META", str(META)) for side in (old, new)]
    answer = invoke("tiers", "diff", *sides)
    assert answer.code == 2
    assert message in answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_other_formats_are_refused_or_one_line(two: str, form: str) -> None:
    answer = invoke("tiers", "diff", f"{two}#a", f"{two}#b", "-o", form)
    assert answer.code == (2 if form == "csv" else 0)
