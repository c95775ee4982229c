"""What the command line says of a venue of which only the tiers are known."""

import json
from pathlib import Path

import pytest

from tests.support import Answer, invoke

TIERS = """\
venues:
  ex:
    rules: {rules}
    quote: USDT
    tables:
      btc:
        - {{lower_bound: 0, max_leverage: 62.5, maintenance_margin_rate: 0.5%}}
        - {{lower_bound: 250_000, max_leverage: 20, maintenance_margin_rate: 2.5%}}
    assets:
      BTC: {{table: btc}}
"""
POSITION = ("-a", "BTC", "-q", "1", "-e", "60000", "-m", "61000", "-l", "12.5")
HYPERLIQUID_RULES = ("vault", "tenth", "fifth", "hyperliquid", "start with")


@pytest.fixture(params=["tiered", "bybit"])
def tiers(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    path = tmp_path / "tiers.yaml"
    path.write_text(TIERS.format(rules=request.param), encoding="utf-8")
    return str(path)


def told(answer: Answer) -> str:
    """Return all that was said, which states no rule of another venue."""
    words = answer.stdout + answer.stderr
    assert not [rule for rule in HYPERLIQUID_RULES if rule in words.casefold()]
    return words


@pytest.mark.parametrize(
    ("arguments", "code", "allowed", "words"),
    [
        (("remove", "1000"), 0, None, "rules do not say how much margin may be removed"),
        (("remove", "5495.000001"), 1, False, "the position would be liquidatable at once"),
        (("add", "1000"), 0, None, "rules do not say how much margin may be removed"),
        (("whatif", "--fund", "1000"), 0, None, "rules do not say how much margin may be removed"),
        (("whatif", "--fund=-5495.000001"), 1, False, "the position would be liquidatable at once"),
    ],
)
def test_a_change_is_shown_and_neither_allowed_nor_refused(
    tiers: str, arguments: tuple[str, ...], code: int, allowed: bool | None, words: str
) -> None:
    # 5,800 of equity, and 0.005 · 61,000 to keep
    answer = invoke(*arguments, *POSITION, "--tiers", tiers)
    assert answer.code == code
    assert words in told(answer)
    data = json.loads(invoke(*arguments, *POSITION, "--tiers", tiers, "-o", "json").stdout)
    assert data["allowed"] is allowed
    assert data["after"]["liquidation_price"] is not None
    assert data["limit"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("remove", "max"), "so there is no max"),
        (("solve", "--removable", "100"), "rules do not say how much margin may be removed"),
    ],
)
def test_a_limit_that_is_not_known_cannot_be_asked_for(
    tiers: str, arguments: tuple[str, ...], words: str
) -> None:
    answer = invoke(*arguments, *POSITION, "--tiers", tiers)
    assert answer.code == 2
    assert words in told(answer)


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "--explain"),
        ("sweep", "--over", "mark=50000..70000"),
        ("sweep", "--over", "margin=0..1000"),
        ("solve", "--liquidation-price", "58000"),
        ("solve", "--liquidation-price", "50000"),
    ],
)
def test_no_answer_states_a_rule_of_another_venue(tiers: str, arguments: tuple[str, ...]) -> None:
    answer = invoke(*arguments, *POSITION, "--tiers", tiers)
    assert answer.code == 0
    told(answer)
    assert "null" in invoke(*arguments, *POSITION, "--tiers", tiers, "-o", "json").stdout


@pytest.mark.parametrize(("rules", "at"), [("tiered", "below"), ("trado", "at")])
def test_a_margin_rate_says_where_the_venue_liquidates(rules: str, at: str, tmp_path: Path) -> None:
    path = tmp_path / "tiers.yaml"
    path.write_text(
        f"venues: {{ex: {{rules: {rules}, quote: U, closing_fee_rate: 1%, "
        "assets: {A: {max_leverage: 25}}}}\n",
        encoding="utf-8",
    )
    # 2 of maintenance and 1 to close are just the 3 that are there
    position = ("-a", "A", "-q", "1", "-e", "100", "-l", "10", "--margin", "3")
    answer = invoke("show", *position, "--tiers", str(path))
    assert f"100.00% liquidated {at} 100%" in " ".join(answer.stdout.split())
    raw = invoke(
        *("show", *position, "--tiers", str(path), "--raw", "--fields"), "margin_rate,liquidatable"
    )
    assert raw.stdout == f"1\t{'true' if rules == 'trado' else 'false'}\n"


def test_the_hint_of_an_unknown_asset_runs_as_it_is_printed(tiers: str) -> None:
    unknown = invoke("show", "-a", "ZZZZ", *POSITION[2:], "--tiers", tiers)
    command = f"marginctl tiers list --venue ex --tiers {tiers}"
    assert (unknown.code, f" hint: see: {command}\n" in unknown.stderr) == (2, True)
    assert "BTC" in invoke(*command.split()[1:]).stdout
    shipped = invoke("show", "-a", "ZZZZ", *POSITION[2:], "--venue", "trado")
    assert " hint: see: marginctl tiers list --venue trado\n" in shipped.stderr


def test_whoever_takes_over_is_named_as_the_venue_has_it(tmp_path: Path) -> None:
    path = tmp_path / "tiers.yaml"
    path.write_text(
        "venues: {ex: {rules: lighter, quote: USDC, assets: {BTC: {max_leverage: 20}}}}\n",
        encoding="utf-8",
    )
    assert ": the exchange takes over" in invoke("show", *POSITION, "--tiers", str(path)).stdout


def test_lines_of_a_stream_are_answered_as_one_position_is(tiers: str) -> None:
    line = {
        "venue": "ex",
        "asset": "BTC",
        "size": "1",
        "entry_price": "60000",
        "mark_price": "61000",
        "leverage": "12.5",
    }
    lines = (json.dumps(line) + "\n").encode() * 2
    answer = invoke("remove", "10", "-", "-o", "ndjson", "--tiers", tiers, stdin=lines)
    assert answer.code == 0
    assert [json.loads(row)["allowed"] for row in answer.stdout.splitlines()] == [None, None]


def test_a_tenth_of_the_notional_is_worded_from_the_ratio() -> None:
    answer = invoke("show", "-a", "ETH", "-q", "1", "-e", "2000", "-l", "20", "--margin", "300")
    assert "limited by a tenth of the notional" in answer.stdout
