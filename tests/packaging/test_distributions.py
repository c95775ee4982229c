"""The wheel and the sdist: what is in them, and that both work away from the checkout."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from marginctl.load.tier_source import built_tree
from tests.support import ROOT

BUNDLED = '"origin": "bundled"'
SHOW = ("show", "-a", "ETH", "-q", "1", "-e", "2000", "-l", "10", "-o", "json")


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    # --no-isolation: the build backend is among the development packages
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


def _shown(folder: Path, library: Path) -> str:
    """What ``show`` prints when only this folder has the package, and the checkout is far."""
    program = (
        f"import sys; sys.path.insert(0, {str(library)!r}); import marginctl; "
        f"assert marginctl.__file__.startswith({str(library)!r}), marginctl.__file__; "
        f"sys.argv = ['marginctl', *{SHOW!r}]; from marginctl.cli import main; main()"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=folder, timeout=120
    )
    return done.stdout


def test_the_wheel_holds_the_package_its_types_and_the_tiers_and_works(
    distributions: Path, tmp_path: Path
) -> None:
    (wheel,) = distributions.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "library")
    assert {"marginctl/tiers.yaml", "marginctl/py.typed"} <= set(names)
    assert not any(name.startswith("tests/") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert BUNDLED in _shown(tmp_path, tmp_path / "library")


def test_the_wheel_has_the_tiers_of_the_checkout(distributions: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read("marginctl/tiers.yaml")
        assert data == (ROOT / "tiers.yaml").read_bytes()
        assert archive.read("marginctl/tiers.json").decode() == built_tree(data, "tiers.yaml")


def test_the_sdist_holds_what_the_tests_need_and_works_unpacked(
    distributions: Path, tmp_path: Path
) -> None:
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.glob("marginctl-*")
    assert {path.name for path in unpacked.iterdir()} >= {
        "LICENSE",
        "README.md",
        "marginctl",
        "pyproject.toml",
        "tests",
        "tiers.yaml",
    }
    assert BUNDLED in _shown(tmp_path, unpacked)


def test_a_plain_checkout_works_as_a_module() -> None:
    command = [sys.executable, "-m", "marginctl", *SHOW]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert BUNDLED in done.stdout


def test_the_installed_command_is_there() -> None:
    command = [str(Path(sys.executable).with_name("marginctl")), "--version"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("marginctl ")


def test_the_top_level_is_as_agreed() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], check=False, capture_output=True, text=True, cwd=ROOT, timeout=120
    ).stdout.split()
    top = {name.split("/")[0] for name in tracked}
    escape_control = {name for name in top if not name.startswith(".")}
    agreed = {"pyproject.toml", "README.md", "marginctl", "tests", "tiers.yaml", "LICENSE"}
    assert escape_control <= agreed
