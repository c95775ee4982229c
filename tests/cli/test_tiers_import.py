"""``tiers import`` as a user meets it."""

import os
from pathlib import Path

import pytest

from marginctl.cli.writing import write_whole
from marginctl.load.problems import InputError
from tests.support import DATA, TIERS, invoke

META = str(DATA / "meta-2026-01.json")


@pytest.fixture
def tiers(tmp_path: Path) -> Path:
    path = tmp_path / "tiers.yaml"
    path.write_bytes(TIERS.read_bytes())
    return path


def test_standard_output_gets_a_tier_file_and_nothing_else(tmp_path: Path) -> None:
    answer = invoke("tiers", "import", META, "--as-of", "2026-01-14")
    assert answer.code == 0
    assert answer.stderr == "note: imported: 227 assets with 268 tiers\n"
    path = tmp_path / "made.yaml"
    path.write_text(answer.stdout, encoding="utf-8")
    same = invoke("tiers", "diff", f"{TIERS}#hyperliquid", str(path), "--exit-code")
    assert same.code == 0
    assert same.stdout == "hyperliquid of 2026-01-14\n  no difference\n"


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


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    answer = invoke(
        "tiers", "import", META, "--into", str(tmp_path / "no" / "t.yaml"), "--venue", "x"
    )
    assert answer.code == 2
    assert answer.stderr.startswith("error: cannot be written: No such file or directory")
