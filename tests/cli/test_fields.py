"""``--fields`` in every format, and the listing that says what each field means."""

import csv
import io
import json
import re
from fractions import Fraction
from typing import Any

import pytest

from tests.benchmarks.positions import lines
from tests.support import DATA, invoke

ETH = ["-a", "ETH", "-q", "10", "-e", "2500", "-m", "2400", "-l", "10"]
ACCOUNT = {
    "collateral": "10000",
    "positions": [
        {
            "asset": asset,
            "size": size,
            "entry_price": "100",
            "mark_price": "90",
            "leverage": "3",
            "margin_mode": mode,
        }
        for asset, size, mode in (
            ("ETH", "30", "cross"),
            ("BTC", "-40", "cross"),
            ("SOL", "7", "isolated"),
        )
    ],
}
STDIN = json.dumps(ACCOUNT).encode()
FORMATS = ["table", "json", "ndjson", "csv", "md"]
COMMANDS = [
    ["show", *ETH],
    ["show", "-"],
    ["add", "5", *ETH],
    ["remove", "5", "-", "-a", "ETH"],
    ["tiers", "list"],
    ["tiers", "show", "ETH"],
    ["fields"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("form", FORMATS)
def test_every_command_answers_in_every_format(command: list[str], form: str) -> None:
    by_flag = invoke(*command, "-o", form, stdin=STDIN)
    by_variable = invoke(*command, stdin=STDIN, environment={"MARGINCTL_OUTPUT": form})
    assert by_flag.stdout
    assert by_flag.code in {0, 1}
    assert by_variable == by_flag
    if form == "json":
        assert json.loads(by_flag.stdout)["schema"].startswith("marginctl/")
    elif form == "ndjson":
        assert all(isinstance(json.loads(line), dict) for line in by_flag.stdout.splitlines())
    elif form == "csv":
        head, *rows = csv.reader(io.StringIO(by_flag.stdout))
        assert rows
        assert {len(row) for row in rows} == {len(head)}
        bare = invoke(*command, "-o", form, "--no-header", stdin=STDIN)
        assert by_flag.stdout == ",".join(head) + "\n" + bare.stdout
    elif form == "md":
        names, line, *_ = by_flag.stdout.splitlines()
        assert line == "| " + " | ".join(["---"] * (names.count(" | ") + 1)) + " |"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_raw_values_are_those_of_csv(command: list[str]) -> None:
    raw = invoke(*command, "--raw", stdin=STDIN).stdout
    rows = csv.reader(io.StringIO(invoke(*command, "-o", "csv", "--no-header", stdin=STDIN).stdout))
    assert raw.splitlines() == ["\t".join(row) for row in rows]


def _flat(data: dict[str, Any], within: str = "") -> dict[str, Any]:
    """Return an object of a line with parts of tiers as fields of their own, as rows have them."""
    flat: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{within}{name}.")
        else:
            flat[within + name] = value
    return flat


@pytest.mark.parametrize("chosen", [[], ["--fields", "liquidation_price,tier.index,side,margin"]])
def test_rows_of_many_lines_say_what_a_stream_says_of_each(chosen: list[str]) -> None:
    stdin = "".join(f"{line}\n" for line in lines(1000)).encode()
    head, *rows = csv.reader(
        io.StringIO(invoke("show", "-", "-o", "csv", *chosen, stdin=stdin).stdout)
    )
    answered = invoke("show", "-", "-o", "ndjson", *chosen, stdin=stdin).stdout.splitlines()
    assert len(rows) == len(answered) == 1000
    for row, line in zip(rows, answered, strict=True):
        said = _flat(json.loads(line))
        for name, cell in zip(head, row, strict=True):
            value = said[name if name in said else name.partition(".")[0]]  # a tier may be null
            expected = "" if value is None else value
            assert cell == (str(value).lower() if isinstance(value, bool) else expected), line


@pytest.mark.parametrize("command", [["show", *ETH], ["add", "5", *ETH]], ids=" ".join)
def test_csv_and_raw_are_as_exact_as_json(command: list[str]) -> None:
    # (24000 - 1500) / (10 · 0.98), and with 5 more of equity, to 50 digits
    expected = Fraction(24000 - 1500 - (5 if command[0] == "add" else 0)) / Fraction("9.8")
    data = json.loads(invoke(*command, "-o", "json").stdout)
    position = data["after"] if command[0] == "add" else data["positions"][0]
    raw = invoke(*command, "--raw", "--fields", "liquidation_price").stdout
    assert raw == position["liquidation_price"] + "\n"
    assert abs(Fraction(raw) - expected) < Fraction(1, 10**46)


def test_fields_are_kept_and_ordered_in_every_format() -> None:
    chosen = ["--fields", "max_removable,asset,tier.max_leverage"]
    shown = {form: invoke("show", *ETH, "-o", form, *chosen).stdout for form in FORMATS}
    names = ["max_removable", "asset", "tier.max_leverage"]
    assert [line.split() for line in shown["table"].splitlines()] == [
        ["max_removable", "0.00"],
        ["asset", "ETH"],
        ["tier.max_leverage", "25x"],
    ]
    assert list(json.loads(shown["json"])["positions"][0]) == names
    assert json.loads(shown["ndjson"]) == dict(zip(names, ("0", "ETH", "25"), strict=True))
    assert shown["csv"] == "max_removable,asset,tier.max_leverage\n0,ETH,25\n"
    assert shown["md"].splitlines()[-1] == "| 0 | ETH | 25 |"
    assert invoke("show", *ETH, "--raw", *chosen).stdout == "0\tETH\t25\n"


def test_many_positions_are_a_table_of_the_fields() -> None:
    answer = invoke("show", "-", "--fields", "asset,notional,return_on_equity", stdin=STDIN)
    assert [line.split() for line in answer.stdout.splitlines()] == [
        ["asset", "notional", "return_on_equity"],
        ["─" * len(answer.stdout.splitlines()[1])],
        ["ETH", "2,700.00", "-30.00%"],
        ["BTC", "3,600.00", "30.00%"],
        ["SOL", "630.00", "-30.00%"],
    ]


def test_a_change_shows_the_fields_before_and_after() -> None:
    answer = invoke("add", "5", *ETH, "--fields", "equity,effective_leverage,side")
    rows = [line.split() for line in answer.stdout.splitlines()[2:7]]
    assert rows[2:] == [
        ["equity", "1,500.00", "1,505.00", "+5.00"],
        ["effective_leverage", "16.00x", "15.95x", "-0.05x"],
        ["side", "long", "long"],
    ]


def test_fields_of_the_cross_account_stand_beside_those_of_positions() -> None:
    # 10000 - 300 + 400 = 10100; 10100 - 6300 / 3 = 8000
    chosen = ["--fields", "asset,cross.max_removable"]
    assert invoke("show", "-", *chosen, "--raw", stdin=STDIN).stdout == (
        "ETH\t8000\nBTC\t8000\nSOL\t8000\n"
    )
    data = json.loads(invoke("show", "-", *chosen, "-o", "json", stdin=STDIN).stdout)
    assert data["cross"] == {"max_removable": "8000"}
    assert data["positions"] == [{"asset": "ETH"}, {"asset": "BTC"}, {"asset": "SOL"}]


def test_the_account_alone_is_one_record() -> None:
    chosen = ["--fields", "cross.account_value,cross.max_removable"]
    assert invoke("show", "-", *chosen, "--raw", stdin=STDIN).stdout == "10100\t8000\n"
    data = json.loads(invoke("show", "-", *chosen, "-o", "json", stdin=STDIN).stdout)
    assert data["positions"] == []
    removed = invoke("remove", "max", "-", "-a", "ETH", *chosen, "--raw", stdin=STDIN)
    assert removed.stdout == "2100\t0\n"


def test_fields_of_a_cross_account_are_unknown_where_there_is_none() -> None:
    answer = invoke("show", *ETH, "--fields", "cross.max_removable")
    assert (answer.code, answer.stdout) == (2, "")
    assert "did you mean max_removable" in answer.stderr


def listed() -> dict[tuple[str, str], Any]:
    data = json.loads(invoke("fields", "-o", "json").stdout)
    assert data["schema"] == "marginctl/fields/1"
    return {(field["of"], field["name"]): field for field in data["fields"]}


MOVES = {"liquidating_move", "portfolio_liquidating_move"}
OF_CHAINS = {*MOVES, "exact", "maintenance_step", "pool"}


def test_every_field_of_every_answer_is_listed() -> None:
    known = listed()
    record = DATA / "accounts" / "sixteen-positions-2026-01.json"
    of_record = json.loads(invoke("show", str(record), "-o", "json").stdout)
    (pooled,) = (DATA / "pooled").glob("portfolio-margin-b-*.json")
    of_pool = json.loads(invoke("show", str(pooled), "-o", "json").stdout)
    flags = ["-a", "BTC", "-q", "1", "-e", "100", "-l", "10", "--venue", "trado"]
    flags += ["--fee-rate", "0.045%"]
    of_fees = json.loads(invoke("show", *flags, "-o", "json").stdout)
    # beside the figures stands what chains of commands need to be exact
    shown = (of_record["positions"][0], of_fees["positions"][0], of_pool["positions"][0])
    names = {name for one in shown for name in one} - {"exact"}
    assert names == {name for of, name in known if of == "position"}
    assert set(of_record["positions"][0]["tier"]) == {name for of, name in known if of == "tier"}
    parts = {f"{name}.{end}" for name in MOVES for end in ("down", "up")}
    cross = {*of_record["cross"], *of_pool["cross"], *parts}
    assert {f"cross.{name}" for name in cross - OF_CHAINS} == {
        name for of, name in known if of == "cross"
    }
    assets = json.loads(invoke("tiers", "list", "-o", "json").stdout)["listed"]
    assert set(assets[0]) == {name for of, name in known if of == "asset"}
    assert all(field["meaning"] for field in known.values())


@pytest.mark.parametrize(
    "name",
    [
        "notional",
        "unrealized_pnl",
        "return_on_equity",
        "equity",
        "effective_leverage",
        "margin_ratio",
        "initial_margin",
        "maintenance_margin",
        "liquidation_distance",
        "bankruptcy_price",
        "max_removable",
        "shortfall",
        "cross.margin_ratio",
        "cross.available",
        "cross.transfer_margin_required",
        "cross.max_removable",
        "cross.shortfall",
    ],
)
def test_a_listed_formula_gives_the_figure(name: str) -> None:
    of = "cross" if name.startswith("cross.") else "position"
    formula = listed()[of, name]["formula"].partition(";")[0]
    data = json.loads(invoke("show", "-", "-o", "json", stdin=STDIN).stdout)
    values = dict(data["cross"]) if of == "cross" else dict(data["positions"][2])
    if of == "position":
        values |= {f"tier.{part}": number for part, number in values["tier"].items()}
        values["side"] = "1"
    put_in = re.sub(
        r"[a-z_]+(\.[a-z_]+)?|[\d.]+",
        lambda match: (
            match[0] if match[0] == "max" else f"Fraction('{values.get(match[0], match[0])}')"
        ),
        formula,
    )
    computed = eval(put_in.replace("·", "*"), {"Fraction": Fraction, "max": max})  # noqa: S307
    assert abs(computed - Fraction(values[name.removeprefix("cross.")])) < Fraction(1, 10**45)


def test_the_listing_tells_of_the_fields_that_are_named() -> None:
    answer = invoke("fields", "margin_ratio", "tier.index", "--color", "never", columns=80)
    assert answer.stdout == (
        "Of a position\n"
        "\n"
        "  margin_ratio  fraction\n"
        "    part of the equity that must be kept; liquidatable above 1\n"
        "    = maintenance_margin / equity\n"
        "\n"
        "Of a tier, as tier.NAME and liquidation_tier.NAME; of tiers show\n"
        "\n"
        "  index         count\n"
        "    place in the table, from 0\n"
    )
    unknown = invoke("fields", "margin_rati")
    assert (unknown.code, unknown.stdout) == (2, "")
    assert "did you mean margin_ratio" in unknown.stderr
