"""How a wrong start of a tier file is answered: one finding, with a hint that fixes it."""

import json
from datetime import date

import pytest

from marginctl.checks.catalogue import RULES
from marginctl.load.cases import read_cases
from marginctl.load.problems import InputError, Problem
from marginctl.load.tier_file import TierFile
from marginctl.load.yaml_text import read_yaml

TODAY = date(2026, 10, 12)
SOUND = """\
venues:
  x:
    rules: tiered
    quote: USD
    as_of: 2026-10-05
    tables:
      a:
        - {lower_bound: 0, max_leverage: 50}
        - {lower_bound: 5_000_000, max_leverage: 20}
    assets:
      XRP: {table: a}
      DOGE: {max_leverage: 10}
"""


def findings(text: str) -> list[Problem]:
    return TierFile(read_yaml(text.encode(), "t.yaml")).findings(RULES.values(), TODAY)


def the_one(text: str) -> Problem:
    (finding,) = findings(text)
    return finding


def test_what_the_examples_change_is_sound() -> None:
    assert findings(SOUND) == []


def test_where_a_market_has_one_tier_a_second_is_named_in_the_singular() -> None:
    found = findings(SOUND.replace("rules: tiered", "rules: lighter"))
    (more,) = [finding for finding in found if "may have" in finding.message]
    assert more.message.endswith("may have at most 1 tier, and this is tier 2")
    assert more.hint == "merge tiers so that 1 tier is left"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("DOGE: {max_leverage: 10}", "DOGE: 10"),
        ("DOGE: {max_leverage: 10}", "DOGE: 10x"),
        ("XRP: {table: a}", "XRP: a"),
        ("XRP: {table: a}", "XRP: {tabel: a}"),
        ("XRP: {table: a}", "XRP: {table: aa}"),
        ("max_leverage: 50}", "max_leverage: 50x}"),
        ("lower_bound: 5_000_000", "lower_bound: 5M"),
        ("lower_bound: 5_000_000", "lower_bound: 5000k"),
        ("lower_bound: 5_000_000", "lower_bound: $5m"),
        ("lower_bound: 5_000_000", "min_notional: 5_000_000"),
        ("lower_bound: 5_000_000", "lowerbound: 5_000_000"),
        ("lower_bound: 5_000_000", "from: 5_000_000"),
        ("lower_bound: 5_000_000", "notionalFloor: 5_000_000"),
        ("max_leverage: 20", "leverage: 20"),
        ("max_leverage: 20", "lev: 20"),
        ("max_leverage: 20", "initialLeverage: 20"),
        ("{lower_bound: 5_000_000, max_leverage: 20}", "5M: 20x"),
        ("{lower_bound: 0, max_leverage: 50}", "0: 50"),
        ("{lower_bound: 0, max_leverage: 50}", "{0: 50}"),
        ("{lower_bound: 0, max_leverage: 50}", "50"),
        ("rules: tiered", "rule: tiered"),
        ("rules: tiered", "rules: tierd"),
        ("quote: USD", "currency: USD"),
        ("venues:", "venue:"),
        ("assets:", "asset:"),
    ],
)
def test_one_typo_gives_one_finding_whose_hint_mends_it(right: str, wrong: str) -> None:
    finding = the_one(SOUND.replace(right, wrong))
    assert finding.hint is not None
    if finding.hint.startswith("write "):
        assert finding.hint.removeprefix("write ") in right
    else:
        word = finding.hint.removeprefix("did you mean ").rstrip("?")
        assert word in right


def test_two_typos_of_a_tier_give_two_findings() -> None:
    right = "{lower_bound: 5_000_000, max_leverage: 20}"
    told = findings(SOUND.replace(right, "{from: 5_000_000, to: 7_000_000, leverage: 20}"))
    assert [finding.hint for finding in told] == [
        "did you mean lower_bound?",
        "did you mean upper_bound?",
        "did you mean max_leverage?",
    ]


@pytest.mark.parametrize(
    "wrong", ["a: 50", "a: {0: 50, 5_000_000: 20}", "a: {lower_bound: 0, max_leverage: 50}"]
)
def test_a_table_of_another_form_is_not_missing_too(wrong: str) -> None:
    start, end = SOUND.index("a:\n"), SOUND.index("    assets:")
    finding = the_one(f"{SOUND[:start]}{wrong}\n{SOUND[end:]}")
    assert finding.message == "expected a list"
    assert (finding.hint or "").startswith("a table is a list: a: and below it - {lower_bound: 0")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("BTC: [{lower_bound: 0, max_leverage: 40}]\nETH: []\n", "tables are at the top", "init"),
        ("DOGE: 10\nXRP: a\n", "assets are at the top", "init"),
        ("x: {rules: tiered, quote: U, assets: {A: {max_leverage: 5}}}\n", "venues", "venues:"),
        ("rules: tiered\nquote: USD\nassets: {A: {max_leverage: 5}}\n", "a venue", "venue's name"),
        ("- BTC\n- ETH\n", "a mapping with the key 'venues'", "init"),
        ("BTC ETH\n", "a mapping with the key 'venues'", "init"),
        ('{"universe": [], "marginTables": []}', "an exchange's answer", "tiers import"),
        ('[{"symbol": "BTCUSDT", "brackets": []}]', "an exchange's answer", "tiers import"),
        (
            '{"BTC/USDT:USDT": [{"tier": 1, "maintenanceMarginRate": 0.1}]}',
            "an exchange's answer",
            "tiers import",
        ),
        ('[{"tier": 1, "maintenanceMarginRate": 0.1}]', "an exchange's answer", "tiers import"),
        ("tiers: t.yaml\ncases:\n  - name: a\n", "a case file", "tiers test"),
        ("venues: [{name: x}]\n", "a mapping of names to venues", "as a key"),
        ("venues: {x: {rules: tiered, quote: U, assets: [A, B]}}", "names to entries", "DOGE:"),
        ("venues: {x: 5}", "a mapping of keys", "rules, quote"),
        ("venues: {x: {rules: tiered, quote: U, assets: {A: {5: 3}}}}", "unknown key '5'", "table"),
    ],
)
def test_what_is_no_tier_file_is_told_once(text: str, message: str, hint: str) -> None:
    told = [one for one in findings(text) if one.code != "as-of-missing"]
    assert len(told) == 1
    assert message in told[0].message
    assert hint in (told[0].hint or "")


@pytest.mark.parametrize(
    "text",
    [SOUND.replace("    assets:", "\tassets:"), "venues:\n\tx: 5\n", "venues:\n  x:\t\n\t\ta: 5\n"],
)
def test_tabs_are_answered_with_spaces(text: str) -> None:
    with pytest.raises(InputError) as error:
        read_yaml(text.encode(), "t.yaml")
    (problem,) = error.value.problems
    assert "spaces" in (problem.hint or "")


def test_a_tier_file_given_as_cases_is_told_once() -> None:
    with pytest.raises(InputError) as error:
        read_cases(SOUND.encode(), "t.yaml")
    (problem,) = error.value.problems
    assert "this is a tier file" in problem.message
    assert "marginctl tiers check" in (problem.hint or "")


@pytest.mark.parametrize(
    ("key", "own"), [("from", "lower_bound"), ("floor", "lower_bound"), ("to", "upper_bound")]
)
def test_bounds_by_other_names_are_told_once_with_ours(key: str, own: str) -> None:
    entry = {"lower_bound": 0, "upper_bound": 10, "max_leverage": 10}
    entry[key] = entry.pop(own)
    text = json.dumps(
        {"venues": {"x": {"rules": "tiered", "quote": "U", "tables": {"a": [entry]}}}}
    )
    told = [one for one in findings(text) if key in one.message or own in one.message]
    assert [one.hint for one in told] == [f"did you mean {own}?"]


@pytest.mark.parametrize(
    ("day", "hint"),
    [
        ("01.11.2026", "write 2026-11-01"),
        ("1.11.2026", "write 2026-11-01"),
        ("2026/11/1", "write 2026-11-01"),
        ('"20261101"', "write 2026-11-01"),
        ("11/01/2026", "write the day as year-month-day"),
        ("2026-13-01", "write the day as year-month-day"),
        ("today", "write the day as year-month-day"),
    ],
)
def test_a_day_in_another_form_is_answered_with_its_own(day: str, hint: str) -> None:
    (told,) = findings(SOUND.replace("as_of: 2026-10-05", f"as_of: {day}"))
    assert told.hint == hint


def test_two_typos_are_two_findings() -> None:
    text = SOUND.replace("XRP: {table: a}", "XRP: a").replace("DOGE: {max_leverage", "DOGE: {tabel")
    assert len(findings(text)) == 2
