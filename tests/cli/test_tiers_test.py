"""``tiers test`` as a user meets it."""

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
from junitparser import JUnitXml

from marginctl.checks.stated import StatedVenue
from marginctl.load.problems import Problem
from marginctl.load.tier_file import LoadedVenue, TierFile, build_venue
from tests import support
from tests.support import invoke

TIERS = """\
venues:
  x:
    rules: hyperliquid
    quote: USDC
    tables:
      t:
        - {lower_bound: 0, max_leverage: 25}
        - {lower_bound: 100_000, max_leverage: 15}
    assets:
      ETH: {table: t}
  y:
    rules: hyperliquid
    quote: USDC
    assets: {ETH: {max_leverage: 5}}
"""
POSITION = "{asset: ETH, size: 10, entry_price: 2_500, mark_price: 2_400, leverage: 10}"


def write(folder: Path, expect: str, *, update: bool = False, position: str = POSITION) -> str:
    (folder / "tiers.yaml").write_text(TIERS, encoding="utf-8")
    path = folder / "cases.yaml"
    mark = "    update: true\n" if update else ""
    path.write_text(
        f"tiers: tiers.yaml\ncases:\n  - name: a case\n    position: {position}\n{mark}"
        f"    expect:\n{expect}",
        encoding="utf-8",
    )
    return str(path)


# long 10 ETH from 2,500 at 10x: 2,500 of margin, 1,500 of equity at 2,400; half of 1/25 is kept,
# so it is liquidated where 1500 + 10·(x - 2400) = 10·x/50: at 22500/9.8
LIQUIDATION = Fraction(22500) / Fraction("9.8")


@pytest.mark.parametrize(
    "line",
    [
        "maintenance_margin: 480",
        "maintenance_margin: 4.8e2",
        "maintenance_margin: '480.00'",
        "maintenance_margin: {value: 470, tolerance: 10}",
        "maintenance_margin: {min: 480}",
        "maintenance_margin: {max: 480}",
        "maintenance_margin: {min: 479, max: 481}",
        "liquidation_price: {value: 2295.92, tolerance: 0.005}",
        "margin_ratio: 32%",
        "margin_ratio: 0.32",
        "side: long",
        "liquidatable: false",
        "max_addable: null",
        "binding_limit: initial_margin",
        "tier.max_leverage: 25",
        "tier.index: 0",
        "tier.maintenance_margin_rate: 2%",
        "closing_fee: 0",
    ],
)
def test_an_expectation_that_holds_passes(tmp_path: Path, line: str) -> None:
    answer = invoke("tiers", "test", write(tmp_path, f"      {line}\n"))
    assert (answer.code, answer.stdout, answer.stderr) == (0, "1 passed\n", "")


@pytest.mark.parametrize(
    ("line", "actual", "difference"),
    [
        ("maintenance_margin: 480.000001", "480", "-0.000001"),
        ("maintenance_margin: {value: 470, tolerance: 9.99}", "480", "10"),
        ("maintenance_margin: {max: 479}", "480", "1"),
        ("maintenance_margin: {min: 500}", "480", "-20"),
        ("maintenance_margin: null", "480", None),
        ("max_addable: 3", None, None),
        ("side: short", "long", None),
        ("liquidatable: true", "false", None),
        ("binding_limit: transfer_ratio", "initial_margin", None),
    ],
)
def test_one_that_does_not_hold_fails_with_the_difference(
    tmp_path: Path, line: str, actual: str | None, difference: str | None
) -> None:
    path = write(tmp_path, f"      {line}\n")
    answer = invoke("tiers", "test", path, "-o", "json")
    assert answer.code == 1
    data = json.loads(answer.stdout)
    assert (data["schema"], data["passed"], data["failed"]) == ("marginctl/test/1", 0, 1)
    (case,) = data["cases"]
    assert (case["file"], case["line"], case["name"]) == (path, 3, "a case")
    (check,) = case["checks"]
    assert (check["line"], check["passed"]) == (6, False)
    assert (check["actual"], check["difference"]) == (actual, difference)


def test_an_account_is_expected_of_by_position_and_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "tiers.yaml").write_text(TIERS, encoding="utf-8")
    cases = tmp_path / "cases.yaml"
    cases.write_text(
        """\
tiers: tiers.yaml
venue: y
cases:
  - name: two cross positions and an isolated one
    account:
      collateral: 500
      positions:
        - {asset: ETH, size: 1, entry_price: 1_000, leverage: 5, margin_mode: cross}
        - {asset: ETH, size: -1, entry_price: 1_000, leverage: 4}
    expect:
      positions[0].maintenance_margin: 100
      positions[1].side: short
      positions[1].margin: 250
      cross.account_value: 500
      cross.available: 300
      cross.liquidating_move.down: {value: -44.44%, tolerance: 0.01%}  # 500 + 1000·y = 100·(1 + y)
""",
        encoding="utf-8",
    )
    assert invoke("tiers", "test", str(cases)).stdout == "1 passed\n"


def test_a_case_may_name_its_venue_and_flags_win_over_all(tmp_path: Path) -> None:
    position = POSITION.replace("leverage", "venue: y, leverage")
    path = write(tmp_path, "      maintenance_margin: 2400\n", position=position)
    assert invoke("tiers", "test", path).code == 0
    assert invoke("tiers", "test", path, "--venue", "x").code == 1
    other = tmp_path / "other.yaml"
    other.write_text(TIERS.replace("max_leverage: 5", "max_leverage: 10"), encoding="utf-8")
    assert invoke("tiers", "test", path, "--tiers", str(other)).code == 1


def test_update_writes_what_is_marked_and_keeps_comments_and_layout(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
      maintenance_margin: 1   # of the first tier
      liquidation_price: {value: 2_000.5,   tolerance: 0.001}
      max_removable: {min: 5}
      side:   short  # ?
      max_addable: 7
      equity: 1_500
""",
        update=True,
    )
    before = Path(path).read_text(encoding="utf-8")
    answer = invoke("tiers", "test", path, "--update")
    assert answer.stderr == f"note: 4 values written into {path}\n"
    price = f"{float(LIQUIDATION):.3f}"
    assert Path(path).read_text(encoding="utf-8") == (
        before.replace("margin: 1   #", "margin: 480   #")
        .replace("2_000.5", f"2_{price[1:]}")
        .replace("short", "long")
        .replace("addable: 7", "addable: null")
    )
    # the range is for its author to move
    assert answer.code == 1
    assert "max_removable" in answer.stdout
    again = invoke("tiers", "test", path, "--update")
    assert again.stderr == ""


@pytest.mark.parametrize(
    ("tolerance", "written"),
    [("10", "2296"), ("1", "2296"), ("0.1", "2295.9"), ("1e-3", "2295.918")],
)
def test_update_writes_as_many_decimals_as_the_tolerance_has(
    tmp_path: Path, tolerance: str, written: str
) -> None:
    wanted = f"{{value: 2000, tolerance: {tolerance}}}"
    path = write(tmp_path, f"      liquidation_price: {wanted}\n", update=True)
    assert invoke("tiers", "test", path, "--update").code == 0
    assert f"{{value: {written}, tolerance" in Path(path).read_text(encoding="utf-8")


def test_update_leaves_what_is_not_marked(tmp_path: Path) -> None:
    path = write(tmp_path, "      maintenance_margin: 1\n")
    before = Path(path).read_bytes()
    assert invoke("tiers", "test", path, "--update").code == 1
    assert Path(path).read_bytes() == before


def test_an_exact_value_is_written_with_every_digit(tmp_path: Path) -> None:
    path = write(tmp_path, "      liquidation_price: 1\n", update=True)
    assert invoke("tiers", "test", path, "--update").code == 0
    written = Path(path).read_text(encoding="utf-8").split("liquidation_price: ")[1]
    assert abs(Fraction(written) - LIQUIDATION) < Fraction(1, 10**45)


def test_every_problem_of_every_file_is_told_and_the_good_files_are_run(tmp_path: Path) -> None:
    good = write(tmp_path, "      maintenance_margin: 480\n")
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        """\
tiers: tiers.yaml
cases:
  - name: no such field, no such asset
    position: {asset: ETC, size: 10, entry_price: 1, leverage: 2}
    expect: {maintenance_margn: 1, cross.x: 2, "positions[1].size": 3}
""",
        encoding="utf-8",
    )
    answer = invoke("tiers", "test", good, str(bad), str(tmp_path / "missing.yaml"))
    assert answer.code == 2
    assert answer.stdout == "2 errors, 1 passed\n"
    for message in (
        "unknown asset 'ETC' on x",
        "'maintenance_margn' is not a field of a report",
        "did you mean maintenance_margin",
        "'cross.x' is not a field of a report",
        "there is no positions[1]",
        "no such file",
    ):
        assert message in answer.stderr


def test_a_format_that_there_is_not_is_told(tmp_path: Path) -> None:
    answer = invoke("tiers", "test", write(tmp_path, "      size: 10\n"), "-o", "csv")
    assert answer.code == 2
    assert "the results of cases cannot be shown as 'csv'" in answer.stderr


def test_standard_input_is_run_and_not_updated(tmp_path: Path) -> None:
    path = write(tmp_path, "      size: 10\n")
    data = Path(path).read_bytes().replace(b"tiers.yaml", str(tmp_path).encode() + b"/tiers.yaml")
    assert invoke("tiers", "test", "-", stdin=data).stdout == "1 passed\n"
    assert invoke("tiers", "test", "-", "--update", stdin=data).code == 2


def test_the_formats_of_ci_systems_are_those_of_checks() -> None:
    cases = str(support.DATA / "cases.yaml")
    junit = invoke("tiers", "test", cases, "-o", "junit")
    report = JUnitXml.fromstring(junit.stdout.encode())
    assert junit.code == 1
    assert (report.tests, report.failures, report.errors) == (2, 1, 0)
    root = {"CI_PROJECT_DIR": str(support.ROOT)}
    gitlab = invoke("tiers", "test", cases, "-o", "gitlab", environment=root)
    (issue,) = json.loads(gitlab.stdout)
    assert issue["location"] == {"path": "tests/data/cases.yaml", "lines": {"begin": 17}}
    assert issue["severity"] == "major"
    workflow = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(support.ROOT)}
    annotation = invoke("tiers", "test", cases, environment=workflow).stdout
    assert annotation.startswith("::error file=tests/data/cases.yaml,line=17,title=")
    told, summary = annotation.splitlines()
    assert "::tests/data/cases.yaml:17: " in told
    assert "2.5 %25 of" in told
    assert summary == "1 failed, 1 passed"


def test_the_fingerprint_of_a_failure_stays_when_lines_move(tmp_path: Path) -> None:
    text = (support.DATA / "cases.yaml").read_text().replace("../../tiers.yaml", str(support.TIERS))
    prints = []
    for moved in (text, "# one line more\n" + text):
        (tmp_path / "cases.yaml").write_text(moved)
        answer = invoke("tiers", "test", str(tmp_path / "cases.yaml"), "-o", "gitlab")
        prints.append(json.loads(answer.stdout)[0]["fingerprint"])
    assert prints[0] == prints[1]


def test_a_venue_is_read_once_however_many_cases_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiers.yaml").write_text(TIERS, encoding="utf-8")
    case = f"  - {{name: a, position: {POSITION}, expect: {{maintenance_margin: 480}}}}\n"
    path = tmp_path / "cases.yaml"
    path.write_text("tiers: tiers.yaml\ncases:\n" + case * 50, encoding="utf-8")
    built: list[str] = []

    def counted(stated: StatedVenue) -> LoadedVenue:
        built.append(stated.name)
        return build_venue(stated)

    monkeypatch.setattr("marginctl.load.tier_file.build_venue", counted)
    assert invoke("tiers", "test", str(path)).stdout == "50 passed\n"
    assert built == ["x"]


BROKEN = """\
tiers: tiers.yaml
cases:
  - name: good
    position: {asset: ETH, size: 10, entry_price: 2_500, leverage: 10}
    expect: {notional: 25_000}
  - name: of no asset
    position: {asset: ETC, size: 10, entry_price: 1, leverage: 2}
    expect: {notional: 10}
  - name: misspelt
    position: {asset: ETH, size: 10, entry_price: 1, levrage: 2}
    expect: {notional: 10}
  - expect: {notional: 10}
"""


@pytest.fixture
def broken(tmp_path: Path) -> list[str]:
    """Return a file with one good case of four, and one that is not there."""
    (tmp_path / "tiers.yaml").write_text(TIERS, encoding="utf-8")
    (tmp_path / "cases.yaml").write_text(BROKEN, encoding="utf-8")
    return [str(tmp_path / "cases.yaml"), str(tmp_path / "missing.yaml")]


def test_what_cannot_be_run_is_an_error_in_json(broken: list[str]) -> None:
    answer = invoke("tiers", "test", *broken, "-o", "json")
    assert answer.code == 2
    data = json.loads(answer.stdout)
    assert (data["passed"], data["failed"], data["errors"]) == (1, 0, 4)
    told = [(case["name"], case["line"], case["passed"]) for case in data["cases"]]
    assert told == [
        ("good", 3, True),
        ("of no asset", 6, False),
        ("misspelt", 9, False),
        (None, 12, False),
        (None, None, False),
    ]
    problems = data["cases"][2]["problems"]
    assert [(one["line"], one["hint"]) for one in problems] == [(10, "did you mean leverage?")]
    assert data["cases"][4]["problems"][0]["message"] == "no such file"


def test_what_cannot_be_run_is_an_error_in_junit(broken: list[str]) -> None:
    answer = invoke("tiers", "test", *broken, "-o", "junit")
    report = JUnitXml.fromstring(answer.stdout.encode())
    assert (report.tests, report.failures, report.errors) == (5, 0, 4)
    results = {case.name: case.result for suite in report for case in suite}
    assert results["good"] == []
    assert "did you mean leverage?" in results["misspelt"][0].text
    assert f"{broken[0]}:10:" in results["misspelt"][0].text


def test_what_cannot_be_run_is_an_annotation_and_told_once(broken: list[str]) -> None:
    answer = invoke("tiers", "test", *broken, "-o", "github")
    assert answer.code == 2
    *annotations, summary = answer.stdout.splitlines()
    assert summary == "4 errors, 1 passed"
    assert [line.partition(",title")[0] for line in annotations] == [
        f"::error file={broken[0]},line=7,col=23",
        f"::error file={broken[0]},line=10,col=54",
        f"::error file={broken[0]},line=12,col=5",
        f"::error file={broken[1]}",
    ]
    assert answer.stderr == ""


def test_a_broken_tier_file_is_read_once_and_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = TIERS.replace("max_leverage: 25", "max_leverage: many")
    (tmp_path / "tiers.yaml").write_text(text, encoding="utf-8")
    case = f"  - {{name: a, position: {POSITION}, expect: {{side: long}}}}\n"
    path = tmp_path / "cases.yaml"
    path.write_text("tiers: tiers.yaml\ncases:\n" + case * 20, encoding="utf-8")
    told: list[TierFile] = []
    problems = TierFile.problems

    def counted(file: TierFile) -> list[Problem]:
        told.append(file)
        return problems(file)

    monkeypatch.setattr(TierFile, "problems", counted)
    answer = invoke("tiers", "test", str(path))
    assert answer.code == 2
    assert answer.stderr.count("error:") == 1
    assert len(told) == 1


@pytest.mark.parametrize("command", ["test", "check", "diff"])
def test_the_help_names_the_formats_that_work_and_only_these(command: str) -> None:
    files = {
        "test": (str(support.DATA / "cases.yaml"),),
        "check": (str(support.TIERS),),
        "diff": (str(support.TIERS), str(support.TIERS)),
    }[command]
    words = " ".join(invoke("tiers", command, "--help").stdout.split())
    listed = re.search(r"--output FORMAT (.*?) \(default:", words)
    assert listed
    formats = re.split(r", | or ", listed[1])
    for form in ("table", "full", "concise", "json", "ndjson", "csv", "md", "raw", "junit"):
        answer = invoke("tiers", command, *files, "-o", form)
        assert (answer.code != 2) == (form in formats)
        assert form in formats or "--output" in answer.stderr


def test_the_output_of_the_environment_counts_where_the_command_has_it() -> None:
    cases = str(support.DATA / "cases.yaml")
    for form, begin in (("json", "{"), ("csv", "FAILED"), ("table", "FAILED")):
        answer = invoke("tiers", "test", cases, environment={"MARGINCTL_OUTPUT": form})
        assert (answer.code, answer.stdout.startswith(begin)) == (1, True)
    named = {"MARGINCTL_OUTPUT": "json"}
    assert invoke("tiers", "check", str(support.TIERS), environment=named).stdout[0] == "{"
    assert invoke("tiers", "diff", *[str(support.TIERS)] * 2, environment=named).stdout[0] == "{"
