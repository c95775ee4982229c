"""The core stands on the standard library alone."""

import subprocess
import sys
from pathlib import Path

import pytest

import marginctl

PROGRAM = """
import importlib, pkgutil, sys
before = set(sys.modules)
import {package}
for module in pkgutil.iter_modules({package}.__path__):
    importlib.import_module("{package}." + module.name)
print(*sorted(set(sys.modules) - before), sep="\\n")
"""


def imported_by(package: str) -> set[str]:
    root = Path(marginctl.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(package=package)],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
        timeout=120,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("marginctl.core", {"core"}),
        ("marginctl.venues", {"core", "venues"}),
    ],
)
def test_a_room_imports_the_standard_library_and_what_is_below_it(
    package: str, rooms: set[str]
) -> None:
    names = imported_by(package)
    assert f"{package}" in names
    ours = {name for name in names if name.split(".")[0] == "marginctl"}
    theirs = {name.split(".")[0] for name in names - ours}
    assert theirs <= set(sys.stdlib_module_names)
    assert {name.split(".")[1] for name in ours if "." in name} == rooms


def test_every_module_of_the_core_is_looked_at() -> None:
    files = {path.stem for path in (Path(marginctl.__file__).parent / "core").glob("*.py")}
    names = imported_by("marginctl.core")
    assert {f"marginctl.core.{name}" for name in files - {"__init__"}} <= names


def test_no_room_below_the_way_in_speaks_of_binary_floats() -> None:
    package = Path(marginctl.__file__).parent
    for room in ("core", "venues"):
        for path in sorted((package / room).glob("*.py")):
            assert "float(" not in path.read_text("utf-8"), path.name
