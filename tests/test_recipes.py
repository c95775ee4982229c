"""The recipes for CI systems, run from the manual's own text as far as a machine without one can.

A local clone stands for the git address; the services' steps run as the services run them; what
they would read is read back.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from junitparser import JUnitXml

from tests.support import CLOCK, DATA, ROOT

ADDRESS = "git+https://git.example.org/marginctl.git@main"
INSTALLED = Path(sys.executable).parent
LIMIT = 120
"""Seconds after which a step counts as hanging."""
CASES = """\
tiers: tiers.yaml
venue: hyperliquid
cases:
  - name: BTC keeps 1.25 % up to 150 million
    position: {asset: BTC, size: 1_000, entry_price: 100_000, leverage: 20}
    expect: {maintenance_margin: 1_250_000}
"""


def recipe(name: str) -> Any:
    text = (ROOT / "marginctl" / "docs" / "ci.md").read_text(encoding="utf-8")
    blocks = [
        block.replace("\non:", "\n'on':")  # YAML 1.1 reads the key as true
        for block in re.findall(r"^```yaml\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    ]
    (found,) = [block for block in blocks if block.startswith(name)]
    return yaml.safe_load(found)


def steps(name: str, job: str) -> list[str]:
    return [step["run"] for step in recipe(name)["jobs"][job]["steps"] if "run" in step]


def git(folder: Path, *arguments: str) -> None:
    names = ("-c", "user.name=A tester", "-c", "user.email=tester@example.org")
    command = ["git", *names, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a change")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A user's repository whose last commit is a merge into one with the shipped tiers."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    shutil.copy(ROOT / "tiers.yaml", folder)
    (folder / "tiers-cases.yaml").write_text(CASES, encoding="utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder)
    return folder


def change(folder: Path, old: str, new: str) -> int:
    """Merge a change of the tier file, and return its line."""
    path = folder / "tiers.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    git(folder, "checkout", "--quiet", "-b", "change")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    commit(folder)
    git(folder, "checkout", "--quiet", "main")
    git(folder, "merge", "--quiet", "--no-ff", "--message", "merged", "change")
    git(folder, "branch", "--quiet", "--delete", "change")
    return text.partition(old)[0].count("\n") + 1


def run(folder: Path, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{INSTALLED}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={
            "PATH": path,
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            **CLOCK,
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )


def test_the_address_of_a_repository_installs_it(tmp_path: Path) -> None:
    installs = {
        step
        for step in (
            *steps("name: tiers\n", "tiers"),
            *steps("name: tiers of", "compare"),
            *recipe("tiers:")["tiers"]["script"],
        )
        if "pip" in step
    }
    assert installs == {f'pip install "{ADDRESS}"'}
    repository = tmp_path / "marginctl.git"
    shutil.copytree(
        ROOT / "marginctl", repository / "marginctl", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("tiers.yaml", "README.md", "LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, repository)
    (repository / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "built_tiers.py", repository / ".ci")  # a build runs it
    git(repository, "init", "--quiet", "--initial-branch=main")
    commit(repository)
    target = tmp_path / "target"
    script = installs.pop().replace(ADDRESS, f"git+file://{repository}@main")
    # what it needs is there already; a test asks no index for it
    done = run(
        tmp_path,
        f"{script} --no-build-isolation --no-deps --target {target}",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PIP_NO_INDEX="1",
    )
    assert done.returncode == 0, done.stderr
    shown = run(
        tmp_path,
        f"{target}/bin/marginctl show -a ETH -q 1 -e 2000 -l 10 -o json",
        PYTHONPATH=str(target),
    )
    assert json.loads(shown.stdout)["tiers"]["path"].startswith(str(target))


def test_a_pull_request_with_right_tiers_shows_what_it_changes(checkout: Path) -> None:
    change(
        checkout,
        "lower_bound: 150_000_000, max_leverage: 20",
        "lower_bound: 140_000_000, max_leverage: 20",
    )
    summary = checkout.parent / "summary.md"
    for step in steps("name: tiers\n", "tiers")[1:]:
        done = run(checkout, step, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
        assert done.returncode == 0, (step, done.stdout, done.stderr)
    lines = summary.read_text(encoding="utf-8").splitlines()
    # between the bounds the rate doubles: from 1/80 to 1/40
    assert "- BTC from 140,000,000 to 150,000,000: 1.25% → 2.5%, 40x → 20x" in lines


def test_a_pull_request_with_wrong_tiers_is_stopped_with_an_annotation(checkout: Path) -> None:
    line = change(checkout, "BTC: {table: btc,", "BTC: {table: bct,")
    check = steps("name: tiers\n", "tiers")[1]
    done = run(checkout, check, GITHUB_ACTIONS="true")
    assert done.returncode == 1
    (annotation,) = re.findall(r"^::error (.*?)::(.*)$", done.stdout, flags=re.MULTILINE)
    properties = dict(pair.split("=", 1) for pair in annotation[0].split(","))
    assert (properties["file"], properties["line"]) == ("tiers.yaml", str(line))
    assert "did you mean btc?" in annotation[1]


def test_a_pull_request_that_fails_a_case_is_stopped(checkout: Path) -> None:
    change(checkout, "{lower_bound: 0, max_leverage: 40}", "{lower_bound: 0, max_leverage: 30}")
    done = run(checkout, steps("name: tiers\n", "tiers")[2], GITHUB_ACTIONS="true")
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=tiers-cases.yaml,line=6,")


@pytest.mark.parametrize(("published", "code"), [("tiers.yaml", 0), ("meta-2026-01.json", 1)])
def test_the_nightly_run_fails_when_the_exchange_has_other_tiers(
    checkout: Path, published: str, code: int
) -> None:
    fetch, compare = steps("name: tiers of", "compare")[1:]
    answer = checkout / published if published == "tiers.yaml" else DATA / published
    if code:
        change(checkout, "{lower_bound: 0, max_leverage: 40}", "{lower_bound: 0, max_leverage: 30}")
    assert fetch.startswith("marginctl fetch tiers >")
    recorded = fetch.replace("marginctl fetch tiers", f"cat {shlex.quote(str(answer))}")
    assert run(checkout, recorded).returncode == 0
    done = run(checkout, compare)
    assert (done.returncode, done.stderr) == (code, "")
    assert ("BTC" in done.stdout) == bool(code)


def test_gitlab_reads_findings_and_failed_cases(checkout: Path) -> None:
    line = change(checkout, "max_leverage: 40}", "max_leverage: 40, maintenance_deduction: 5}")
    job = recipe("tiers:")["tiers"]
    reports = job["artifacts"]["reports"]
    _, check, test = job["script"]
    assert run(checkout, check).returncode == 1
    findings = json.loads((checkout / reports["codequality"]).read_text(encoding="utf-8"))
    place = {"path": "tiers.yaml", "lines": {"begin": line}}
    (finding,) = [each for each in findings if each["check_name"] == "deduction-mismatch"]
    assert finding["location"] == place
    assert {"description", "fingerprint", "severity"} <= finding.keys()
    change(checkout, "max_leverage: 40, maintenance_deduction: 5}", "max_leverage: 30}")
    assert run(checkout, test).returncode == 1
    suites = JUnitXml.fromfile(str(checkout / reports["junit"]))
    assert (suites.tests, suites.failures) == (1, 1)


def hook(identity: str) -> Any:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (found,) = [hook for hook in hooks if hook["id"] == identity]
    return found


def run_hook(identity: str, folder: Path, *changed: str) -> subprocess.CompletedProcess[str] | None:
    """Run a hook as pre-commit would for changed files, with the arguments of the recipe."""
    (repository,) = recipe("repos:")["repos"]
    (used,) = [entry for entry in repository["hooks"] if entry["id"] == identity]
    found = hook(identity)
    files = [
        name
        for name in changed
        if re.search(found["files"], name) and not re.search(found.get("exclude", "^$"), name)
    ]
    if not files:
        return None
    words = [*shlex.split(found["entry"]), *used.get("args", [])]
    return run(folder, shlex.join(words + (files if found.get("pass_filenames", True) else [])))


def test_the_test_hook_runs_when_the_tier_file_alone_changes(checkout: Path) -> None:
    change(checkout, "{lower_bound: 0, max_leverage: 40}", "{lower_bound: 0, max_leverage: 30}")
    for changed in ("tiers.yaml", "tiers-cases.yaml"):
        done = run_hook("marginctl-tiers-test", checkout, changed)
        assert done is not None
        assert done.returncode == 1
        assert "1 failed" in done.stdout
    assert run_hook("marginctl-tiers-test", checkout, "README.md") is None


def test_the_check_hook_shows_hints_and_leaves_cases_alone(checkout: Path) -> None:
    change(checkout, "BTC: {table: btc,", "BTC: {table: bct,")
    done = run_hook("marginctl-tiers-check", checkout, "tiers.yaml", "tiers-cases.yaml")
    assert done is not None
    assert done.returncode == 1
    assert "did you mean btc?" in done.stdout
    assert run_hook("marginctl-tiers-check", checkout, "tiers-cases.yaml") is None


def test_cases_are_found_beside_the_tier_file(checkout: Path) -> None:
    elsewhere = checkout.parent
    for variables, words in (
        ({}, "--tiers checkout/tiers.yaml"),
        ({"MARGINCTL_TIERS": "checkout/tiers.yaml"}, ""),
    ):
        assert "1 passed" in run(elsewhere, f"marginctl tiers test {words}", **variables).stdout
    done = run(elsewhere, "marginctl tiers test")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no case files in this folder" in done.stderr
    assert "tiers-cases.yaml" in done.stderr
