"""The door for contributors: what it names is there, and what it configures can be read."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import ROOT

DOOR = ROOT / ".github"
PAGES = sorted(DOOR.glob("*.md"))
FORMS = [path for path in sorted((DOOR / "ISSUE_TEMPLATE").glob("*.yml")) if path.stem != "config"]
_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:md|yaml|toml))`")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def paths_in(page: Path) -> list[str]:
    return _PATH.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    missing = [path for path in paths_in(page) if not (ROOT / path).exists()]
    assert not missing


def test_contributing_names_every_room() -> None:
    rooms = {path.parent.name for path in (ROOT / "marginctl").glob("*/__init__.py")}
    named = {path.split("/")[1] for path in paths_in(DOOR / "CONTRIBUTING.md") if "/" in path}
    assert rooms - {"schema"} <= named


def test_contributing_sets_up_as_the_readme_does() -> None:
    (command,) = re.findall(
        r"^python3 -m venv .*pytest$",
        (DOOR / "CONTRIBUTING.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    assert f"\n{command}\n" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_a_form_asks_for_the_command_and_its_debug_output(form: Path) -> None:
    fields = {field["id"]: field for field in read(form)["body"]}
    assert "--debug" in fields["command"]["attributes"]["label"]
    assert all(field["validations"]["required"] for field in (fields["command"], fields["version"]))


def test_the_workflow_runs_what_is_run_here_on_every_python_that_is_supported() -> None:
    (job,) = read(DOOR / "workflows" / "ci.yml")["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    (setup,) = [step for step in job["steps"] if "setup-python" in step.get("uses", "")]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (versions,) = re.findall(r"^versions=\((.*)\)$", script, flags=re.MULTILINE)
    assert sorted(setup["with"]["python-version"].split()) == versions.split()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={versions.split()[0]}"


def test_hooks_of_this_project_call_tools_that_are_installed() -> None:
    (repository,) = read(ROOT / ".pre-commit-config.yaml")["repos"]
    for hook in repository["hooks"]:
        tool = hook["entry"].split()[0]
        assert (Path(sys.executable).parent / tool).exists() or shutil.which(tool), tool


def test_a_python_is_found_though_it_is_not_on_the_path(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    folder = tmp_path / "versions" / "3.99.1" / "bin"
    folder.mkdir(parents=True)
    python = folder / "python3.99"
    python.write_text(f"#!{bash}\nexit 0\n", encoding="utf-8")
    python.chmod(0o755)
    shim = tmp_path / "shims" / "python3.99"  # leads nowhere, as pyenv's do
    shim.parent.mkdir()
    shim.write_text(f"#!{bash}\nexit 127\n", encoding="utf-8")
    shim.chmod(0o755)
    done = subprocess.run(
        [bash, str(ROOT / ".ci" / "pythons"), "3.98", "3.99"],
        env={
            "PATH": f"{shim.parent}:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "PYENV_ROOT": str(tmp_path),
        },
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == f"{python}\n"


def test_the_oldest_dependencies_are_those_of_the_project() -> None:
    done = subprocess.run(
        [sys.executable, ".ci/oldest.py"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = [pin.replace("==", ">=") for pin in done.stdout.split()]
    assert [bound.partition(",")[0] for bound in project["dependencies"]] == oldest
    # each has an upper bound too
    assert all(",<" in bound for bound in project["dependencies"])
