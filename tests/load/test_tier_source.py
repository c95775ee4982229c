"""Which tier file is meant."""

from pathlib import Path

import pytest

from marginctl.load.tier_source import bundled_path, find_tiers
from tests.support import TIERS, invoke

POSITION = ("-a", "ETH", "-q", "1", "-e", "2000", "-l", "10")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "marginctl"
    folder.mkdir()
    (folder / "tiers.yaml").write_bytes(TIERS.read_bytes())
    return tmp_path


def test_the_option_comes_first_then_the_environment_the_config_folder_and_the_shipped(
    config: Path,
) -> None:
    found = str(config / "marginctl" / "tiers.yaml")
    both = {"MARGINCTL_TIERS": "env.yaml", "XDG_CONFIG_HOME": str(config)}
    assert find_tiers("option.yaml", both) == ("option.yaml", "option")
    assert find_tiers(None, both) == ("env.yaml", "env")
    assert find_tiers(None, {"XDG_CONFIG_HOME": str(config)}) == (found, "config")
    assert find_tiers(None, {"XDG_CONFIG_HOME": "/nowhere"}) == (str(bundled_path()), "bundled")
    assert find_tiers(None, {}) == (str(bundled_path()), "bundled")
    # set but empty is as good as not set
    assert find_tiers(None, {**both, "MARGINCTL_TIERS": ""}) == (found, "config")


def test_the_home_folder_has_a_config_folder(config: Path) -> None:
    (config / ".config").mkdir()
    (config / "marginctl").rename(config / ".config" / "marginctl")
    assert find_tiers(None, {"HOME": str(config)})[1] == "config"
    # Windows has no HOME
    assert find_tiers(None, {"USERPROFILE": str(config)})[1] == "config"


def test_a_tiers_yaml_in_the_current_folder_is_never_taken_silently(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiers.yaml").write_text("not: a tier file\n")
    monkeypatch.chdir(tmp_path)
    answer = invoke("show", *POSITION, "--raw", "--fields", "equity")
    assert (answer.code, answer.stdout) == (0, "200\n")


def test_the_venue_is_that_of_the_flag_then_of_the_file_then_of_the_environment(
    tmp_path: Path,
) -> None:
    position = '"asset": "ETH", "size": 1, "entry_price": 2000, "leverage": 10'
    named, plain = tmp_path / "named.json", tmp_path / "plain.json"
    named.write_text(f'{{"venue": "trado", {position}}}')
    plain.write_text(f"{{{position}}}")

    def quote(*words: str, environment: dict[str, str] | None = None) -> str:
        answer = invoke("show", *words, "-o", "json", environment=environment)
        return "USDX" if '"quote": "USDX"' in answer.stdout else "USDC"

    trado = {"MARGINCTL_VENUE": "trado"}
    assert quote(str(plain)) == "USDC"
    assert quote(str(plain), environment=trado) == "USDX"
    assert quote(str(named)) == "USDX"
    assert quote(str(named), "--venue", "hyperliquid", environment=trado) == "USDC"
