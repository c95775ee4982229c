"""The rules are documented, and their documentation is true: its snippets are checked here."""

import re
import textwrap
from datetime import date
from pathlib import Path

import pytest
import yaml

from marginctl.checks.catalogue import RULES
from marginctl.checks.problem import Rule, Severity
from marginctl.load.tier_check import check_tiers

TODAY = date(2026, 6, 1)
SNIPPET = re.compile(r"^(Passes|Fails)( \(.*\))?::\n\n((?:    .*\n|\n)+)", re.MULTILINE)


def snippets(rule: Rule, kind: str) -> list[tuple[str, str]]:
    found = SNIPPET.findall(rule.documentation + "\n")
    return [(note, textwrap.dedent(text)) for found_kind, note, text in found if found_kind == kind]


def whole_file(snippet: str) -> str:
    """Put the part of a venue that a snippet shows into a venue, with what else a venue needs."""
    if re.match(r"venues|default_venue", snippet):
        return snippet
    defaults = {"rules": "hyperliquid", "quote": "USDC", "as_of": "2026-01-14"}
    keys = set(re.findall(r"^(\w+):", snippet, re.MULTILINE))
    lines = [f"{key}: {value}" for key, value in defaults.items() if key not in keys]
    lines.append(snippet)
    if "assets" not in keys:
        names = re.findall(r"^  (\w+):", snippet, re.MULTILINE)
        lines = [f"assets: {{{', '.join(f'{n.upper()}: {{table: {n}}}' for n in names)}}}", *lines]
    return "venues:\n  example:\n" + textwrap.indent("\n".join(lines), "    ")


def codes(snippet: str, folder: Path, max_age: int | None = None) -> set[str]:
    path = folder / "tiers.yaml"
    path.write_text(whole_file(snippet), encoding="utf-8")
    findings = check_tiers(str(path), max_age=max_age, today=TODAY).problems
    return {finding.code for finding in findings}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_passing_snippet_of_a_rule_is_free_of_findings(rule: Rule, tmp_path: Path) -> None:
    passing = snippets(rule, "Passes")
    assert passing
    for _, snippet in passing:
        assert codes(snippet, tmp_path) == set()


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_failing_snippet_of_a_rule_breaks_it_and_no_other(rule: Rule, tmp_path: Path) -> None:
    failing = snippets(rule, "Fails")
    assert failing
    for note, snippet in failing:
        also = set(re.findall(r"breaks ([a-z-]+)", note))
        age = re.search(r"--max-age (\d+)", note)
        found = codes(snippet, tmp_path, None if age is None else int(age[1]))
        assert found == {rule.id} | also


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_begins_with_one_sentence_that_says_what_is_wrong(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z].*[^.][.:]?.*\.", rule.summary)
    assert len(rule.summary) <= 100


def test_warnings_are_of_what_does_not_change_a_figure() -> None:
    warnings = {rule.id for rule in RULES.values() if rule.severity is Severity.WARNING}
    assert warnings == {"unused-table", "names-differ-in-case", "as-of-missing", "rate-repeated"}
    assert not any(RULES[name].fatal for name in warnings)


@pytest.mark.parametrize(
    ("as_of", "max_age", "found"),
    [
        ("2026-06-01", 0, set()),
        ("2026-05-31", 0, {"as-of-too-old"}),
        ("2026-05-02", 30, set()),
        ("2026-05-01", 30, {"as-of-too-old"}),
        ("2026-06-02", 0, set()),
        ("2026-06-03", 0, {"as-of-in-future"}),
        ("0001-01-01", None, set()),
        ("9999-12-31", None, {"as-of-in-future"}),
    ],
)
def test_the_age_of_tiers_counts_in_days(
    as_of: str, max_age: int | None, found: set[str], tmp_path: Path
) -> None:
    snippet = f"as_of: {as_of}\nassets:\n  ATOM: {{max_leverage: 5}}\n"
    assert codes(snippet, tmp_path, max_age) == found


class Unguarded(yaml.SafeLoader):
    """PyYAML's stock loader, to see what it makes of a text."""


@pytest.mark.parametrize(
    ("text", "read_as"),
    [("1:30", 90), ("010", 8), ("ON", True), ("0x10", 16), ("1_000", 1000), ("1e6", "1e6")],
)
def test_what_the_rule_about_misread_values_says_of_other_readers_is_so(
    text: str, read_as: object
) -> None:
    assert yaml.load(text, Loader=Unguarded) == read_as  # noqa: S506 - a safe loader


def test_the_stock_loader_cuts_a_number_at_its_comma() -> None:
    assert yaml.safe_load("{lower_bound: 1,000}") == {"lower_bound": 1, 0: None}


VENUE = """\
venues:
  {name}:
    rules: {rules}
    quote: USD
    as_of: 2020-01-01{more}
    assets:
      A: {{max_leverage: {leverage}}}
"""


def told(tmp_path: Path, parts: dict[str, str], max_age: int | None = None) -> list[str]:
    path = tmp_path / "tiers.yaml"
    parts = {"name": "mine", "rules": "tiered", "more": "", "leverage": "5", **parts}
    path.write_text(VENUE.format(**parts), encoding="utf-8")
    found = check_tiers(str(path), max_age=max_age, today=TODAY).problems
    return [finding.message for finding in found]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("default_venue: NO\nvenues: {}\n", 'write "NO"'),
        (VENUE.format(name="x", rules="010", more="", leverage="5"), 'write "010"'),
        (VENUE.format(name="x", rules="tiered", more="", leverage="010"), "write 10"),
    ],
)
def test_a_name_is_to_be_quoted_and_a_number_to_be_written_plainly(
    line: str, hint: str, tmp_path: Path
) -> None:
    path = tmp_path / "tiers.yaml"
    path.write_text(line, encoding="utf-8")
    found = check_tiers(str(path), today=TODAY).problems
    assert [one.hint for one in found if one.code == "misread-value"] == [hint]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"rules": "hyperliquid", "leverage": "400"},
            "400x is more than the 50x that the rules of 'mine' (hyperliquid) allow",
        ),
        (
            {"rules": "hyperliquid", "name": "hyperliquid", "leverage": "400"},
            "400x is more than the 50x that the rules of hyperliquid allow",
        ),
        (
            {"leverage": "4000"},
            "4000x is more than the 1000x that any exchange is known to allow",
        ),
        (
            {"rules": "hyperliquid", "leverage": "2.5"},
            "2.5 is not a whole leverage, as the rules of 'mine' (hyperliquid) require",
        ),
    ],
)
def test_a_finding_speaks_of_the_venue_of_the_file(
    tmp_path: Path, parts: dict[str, str], message: str
) -> None:
    assert told(tmp_path, parts) == [message]


def test_the_age_of_a_venue_kept_for_history_is_no_error(tmp_path: Path) -> None:
    assert len(told(tmp_path, {}, 30)) == 1
    assert told(tmp_path, {"more": "\n    archived: true"}, 30) == []


@pytest.mark.parametrize(
    ("fee", "leverage", "broken"),
    [
        # half of 1/leverage is kept anyway: 0.5% + 0.5% = 1% at 100x, 0.05% + 0.06% > 0.1% at 1000x
        ("closing_fee_rate: 0.5%", 100, True),
        ("closing_fee_rate: 0.4999%", 100, False),
        ("closing_fee_rate: 0", 100, False),
        ("", 100, False),
        ("", 1000, True),
    ],
)
def test_a_fee_counts_beside_maintenance_also_where_it_is_the_rules_own(
    fee: str, leverage: int, broken: bool, tmp_path: Path
) -> None:
    snippet = f"rules: trado\n{fee}\nassets:\n  ATOM: {{max_leverage: {leverage}}}\n"
    assert ("rate-and-fee-above-initial" in codes(snippet, tmp_path)) is broken


@pytest.mark.parametrize(
    ("fee", "found"),
    [("-1%", True), ("0", False), ("99%", False), ("100%", True), ("1.5", True)],
)
def test_a_fee_is_at_least_0_and_below_1(fee: str, found: bool, tmp_path: Path) -> None:
    snippet = (
        f"rules: trado\nclosing_fee_rate: {fee}\nas_of: 2026-01-14\n"
        "assets:\n  ATOM: {max_leverage: 5}\n"
    )
    assert ("fee-out-of-range" in codes(snippet, tmp_path)) is found
