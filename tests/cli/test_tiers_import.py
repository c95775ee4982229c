"""``tiers import`` as a user meets it."""

import json
import os
from pathlib import Path

import pytest

from marginctl.cli.surroundings import write_whole
from marginctl.load.problems import InputError
from tests.support import DATA, TIERS, invoke

META = str(DATA / "meta-2026-10.json")


@pytest.fixture
def tiers(tmp_path: Path) -> Path:
    path = tmp_path / "tiers.yaml"
    path.write_bytes(TIERS.read_bytes())
    return path


def test_standard_output_gets_a_tier_file_and_nothing_else(tmp_path: Path) -> None:
    answer = invoke("tiers", "import", META, "--as-of", "2026-10-05")
    assert answer.code == 0
    assert answer.stderr == "note: imported: 234 assets with 270 tiers\n"
    path = tmp_path / "made.yaml"
    path.write_text(answer.stdout, encoding="utf-8")
    same = invoke("tiers", "diff", f"{TIERS}#hyperliquid", str(path), "--exit-code")
    assert same.code == 0
    assert same.stdout == "hyperliquid of 2026-10-05\n  no difference\n"


@pytest.mark.parametrize(
    ("deductions", "words"),
    [
        ([], ""),
        (["50"], "; 1 published deduction agrees with bounds and rates"),
        (["50", "550"], "; all 2 published deductions agree with bounds and rates"),
    ],
)
def test_how_many_published_deductions_agree_is_counted(deductions: list[str], words: str) -> None:
    # 10,000 · (1% - 0.5%) = 50, and 50,000 · (2% - 1%) more are 550
    bounds, rates = ["0", "10000", "50000", "90000"], ["0.005", "0.01", "0.02"]
    tiers = [
        {
            "tier": number,
            "minNotional": bounds[number],
            "maxNotional": bounds[number + 1],
            "maintenanceMarginRate": rates[number],
            "maxLeverage": 50 - 20 * number,
            "info": {"cum": deductions[number - 1]} if 0 < number <= len(deductions) else None,
        }
        for number in range(3)
    ]
    data = json.dumps({"A/USDT:USDT": tiers}).encode()
    answer = invoke("tiers", "import", "-", "--venue", "v", "--as-of", "2026-10-05", stdin=data)
    assert answer.code == 0
    assert f"note: imported: 1 asset with 3 tiers{words}\n" in answer.stderr


def test_into_replaces_the_venue_and_keeps_every_other_line(tiers: Path) -> None:
    before = tiers.read_text(encoding="utf-8")
    answer = invoke("tiers", "import", META, "--into", str(tiers), "--venue", "hyperliquid")
    assert answer.code == 0
    assert answer.stdout == ""
    after = tiers.read_text(encoding="utf-8")
    start, end = before.index("  hyperliquid:\n"), before.index("\n  hyperliquid-2025-06:")
    assert after.startswith(before[:start])
    assert after.endswith(before[end:])
    kept = invoke("tiers", "diff", str(TIERS), str(tiers), "--exit-code")
    assert kept.code == 0


def test_into_writes_a_new_file_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "new.yaml"
    answer = invoke("tiers", "import", META, "--into", str(path), "--venue", "mine")
    assert answer.code == 0
    assert invoke("tiers", "list", "--tiers", str(path)).code == 0


def test_bad_input_leaves_the_file_as_it_was(tiers: Path) -> None:
    bad = b'{"universe": [{"name": "A", "szDecimals": 1, "maxLeverage": 0}]}'
    before = tiers.read_bytes()
    answer = invoke("tiers", "import", "-", "--into", str(tiers), "--venue", "trado", stdin=bad)
    assert answer.code == 2
    assert "universe[0]" in answer.stderr
    assert tiers.read_bytes() == before
    assert [path.name for path in tiers.parent.iterdir()] == ["tiers.yaml"]


def test_the_access_rights_stay_and_a_link_stays_a_link(tiers: Path) -> None:
    tiers.chmod(0o640)
    link = tiers.parent / "link.yaml"
    link.symlink_to(tiers)
    write_whole(str(link), b"x")
    assert link.is_symlink()
    assert tiers.read_bytes() == b"x"
    assert tiers.stat().st_mode & 0o777 == 0o640


def test_a_write_that_fails_leaves_no_half_file(
    tiers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tiers.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="cannot be written: No space left on device"):
        write_whole(str(tiers), b"half")
    assert tiers.read_bytes() == before
    assert [path.name for path in tiers.parent.iterdir()] == ["tiers.yaml"]


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    answer = invoke(
        "tiers", "import", META, "--into", str(tmp_path / "no" / "t.yaml"), "--venue", "x"
    )
    assert answer.code == 0
    assert (tmp_path / "no" / "t.yaml").read_text().startswith("venues:")
    (tmp_path / "file").touch()
    answer = invoke(
        "tiers", "import", META, "--into", str(tmp_path / "file" / "t.yaml"), "--venue", "x"
    )
    assert answer.code == 2
    assert answer.stderr.startswith("error: cannot be written: ")


BTC_ROWS = (
    '"tier": 1, "symbol": "BTC/USDT:USDT", "currency": "USDT", "minNotional": 0, '
    '"maxNotional": 1000, "maintenanceMarginRate": 0.004, "maxLeverage": 125, "info": {}'
)
MIXED = f'{{"BTC/USDT:USDT": [{{{BTC_ROWS}}}], "BTC/USD:BTC": [{{{BTC_ROWS}}}]}}'.encode()


def test_what_is_left_out_is_a_warning_or_by_strict_an_error() -> None:
    answer = invoke("tiers", "import", "-", "--as-of", "2026-01-14", stdin=MIXED)
    assert answer.code == 0
    first, second = answer.stderr.splitlines()
    assert first.startswith("warning: left out: 'BTC/USD:BTC': inverse contracts")
    assert second == "note: imported: 1 asset with 1 tier"
    strict = invoke("tiers", "import", "-", "--strict", stdin=MIXED)
    assert (strict.code, strict.stdout) == (2, "")
    assert strict.stderr.startswith("error: cannot be used: 'BTC/USD:BTC'")
    picked = invoke("tiers", "import", "-", "--strict", "--exclude", "*:BTC", stdin=MIXED)
    assert picked.code == 0
    assert "warning" not in picked.stderr


def test_a_comparison_says_what_it_left_out(tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_bytes(MIXED)
    new.write_bytes(MIXED)
    answer = invoke("tiers", "diff", str(old), str(new))
    assert answer.code == 0
    assert answer.stderr.count("warning: left out: 'BTC/USD:BTC'") == 1


@pytest.mark.parametrize("name", ["<<", "a: b", "~", "null", "'", "\u202e", "1e6", "#", "-", "? x"])
def test_odd_names_of_a_venue_are_read_back(name: str, tmp_path: Path) -> None:
    path = tmp_path / "new.yaml"
    for _ in range(2):  # into a new file, and in its place
        answer = invoke("tiers", "import", META, "--into", str(path), "--venue", name)
        assert answer.code == 0, answer.stderr
    assert invoke("tiers", "list", "--tiers", str(path), "--venue", name).code == 0
    assert invoke("tiers", "check", str(path)).code == 0


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "\udc80"])
def test_names_that_no_file_can_hold_are_refused(name: str, tiers: Path) -> None:
    before = tiers.read_bytes()
    answer = invoke("tiers", "import", META, "--into", str(tiers), "--venue", name)
    assert answer.code == 2
    assert answer.stderr.startswith("error: a name ")
    quote = invoke("tiers", "import", META, "--quote", name)
    assert quote.code == 2
    assert quote.stderr.startswith("error: a name ")
    assert tiers.read_bytes() == before


def test_a_day_to_come_is_refused() -> None:
    answer = invoke("tiers", "import", META, "--as-of", "9999-01-01")
    assert answer.code == 2
    assert answer.stderr.splitlines()[:2] == [
        "error: 9999-01-01 is in the future",
        "   at: --as-of",
    ]


def test_what_would_not_be_read_back_is_not_written(
    tiers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tiers.read_bytes()
    monkeypatch.setattr("marginctl.render.tier_file.exact_text", lambda value: f"{value + 1:f}")
    answer = invoke("tiers", "import", META, "--into", str(tiers), "--venue", "hyperliquid")
    assert answer.code == 2
    assert answer.stderr.startswith("error: nothing written: ")
    assert tiers.read_bytes() == before
    shown = invoke("tiers", "import", META)
    assert (shown.code, shown.stdout) == (2, "")


def test_pages_are_given_as_several_files(tmp_path: Path) -> None:
    row = (
        '{"symbol": "%s", "riskLimitValue": "9", "maintenanceMargin": "0.01", "maxLeverage": "50"}'
    )
    paths = []
    for index, symbol in enumerate(("AUSDT", "BUSDT")):
        path = tmp_path / f"{index}.json"
        path.write_text(f'{{"retCode": 0, "result": {{"list": [{row % symbol}]}}}}')
        paths.append(str(path))
    answer = invoke("tiers", "import", *paths, "--as-of", "2026-01-14")
    assert answer.code == 0
    assert "source: Bybit's risk limits, imported from 0.json, 1.json\n" in answer.stdout
    assert answer.stderr == "note: imported: 2 assets with 2 tiers\n"


def test_an_imported_file_passes_its_own_check(tmp_path: Path) -> None:
    path = tmp_path / "made.yaml"
    excerpt = str(DATA / "binance-tiers-excerpt.json")
    made = invoke(
        "tiers", "import", excerpt, "--into", str(path), "--venue", "b", "--as-of", "2026-01-14"
    )
    assert made.code == 0
    assert invoke("tiers", "check", "--strict", str(path)).code == 0
