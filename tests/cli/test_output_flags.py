"""Flags about the output: numbers, digits, notes, fields of answers, and flags without effect."""

import json
import re
from decimal import Context, Decimal

import pytest

from tests.support import DATA, Answer, invoke

P = "-a ETH -q 10 -e 2500 -m 2400 -l 10"
RECORD = str(DATA / "accounts" / "sixteen-positions-2026-01.json")
LINE = b'{"asset":"ETH","size":10,"entry_price":2500,"mark_price":2400,"leverage":10}\n'


def run(line: str, stdin: bytes = b"") -> Answer:
    return invoke(*line.split(), stdin=stdin)


def numbers_of(text: str) -> object:
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def as_texts(value: object) -> object:
    if isinstance(value, dict):
        return {key: as_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_texts(item) for item in value]
    return f"{value:f}" if isinstance(value, Decimal) else value


@pytest.mark.parametrize(
    "command",
    [
        f"show {P}",
        f"show {RECORD}",
        f"add 5 {P}",
        f"whatif {P} --move -1%",
        f"solve {P} --distance 10%",
        "tiers list",
        "tiers show ETH",
    ],
)
@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_numbers_have_the_same_digits_as_numbers_and_as_texts(command: str, form: str) -> None:
    plain = run(f"{command} -o {form}").stdout
    numbers = run(f"{command} -o {form} --numbers").stdout
    for one, other in (
        zip(numbers.splitlines(), plain.splitlines(), strict=True)
        if (form == "ndjson")
        else [(numbers, plain)]
    ):
        assert as_texts(numbers_of(one)) == json.loads(other)
    assert isinstance(numbers_of(numbers.splitlines()[0] if form == "ndjson" else numbers), dict)


def test_numbers_of_a_stream() -> None:
    plain = run("show - -o ndjson", LINE).stdout
    numbers = run("show - -o ndjson --numbers", LINE).stdout
    assert as_texts(numbers_of(numbers)) == json.loads(plain)
    assert '"margin_ratio":0.32,' in numbers
    changed = run("add 5 - -o ndjson --numbers", LINE).stdout
    assert '"amount":5,' in changed


def test_a_name_that_looks_like_a_number_stays_a_text(tmp_path: object) -> None:
    tiers = f"{tmp_path}/tiers.yaml"
    with open(tiers, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(
            "venues:\n  v:\n    rules: hyperliquid\n    quote: USDC\n    assets:\n"
            "      '1000': {max_leverage: 10}\n"
        )
    answer = run(f"show -a 1000 -q 1 -e 1 -l 1 --tiers {tiers} -o json --numbers")
    assert json.loads(answer.stdout)["positions"][0]["asset"] == "1000"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (
            f"add 9 {P} --raw --fields amount,allowed,limit,before.equity,change.equity,equity",
            "9\ttrue\t\t1500\t9\t1509\n",
        ),
        (
            f"remove 1 {P} -o csv --fields allowed,limit,after.tier.index",
            "allowed,limit,after.tier.index\nfalse,0,0\n",
        ),
        (
            f"solve {P} --distance 10% --raw --fields possible,answer.field,answer.value",
            "true\tmargin_change\t1332\n",
        ),
        (
            f"solve {P} --distance 100% --raw --fields possible,answer.value,equity",
            "false\t\t",
        ),
        (
            f"whatif {P} --move -10% -o md --fields allowed,liquidated_after,after.mark_price",
            "| allowed | liquidated_after | after.mark_price |\n",
        ),
    ],
)
def test_what_a_command_found_is_a_field(command: str, expected: str) -> None:
    assert run(command).stdout.startswith(expected)


@pytest.mark.parametrize("form", ["csv", "md", "raw"])
@pytest.mark.parametrize(
    "command",
    [f"add 1 {P}", f"remove 1 {P}", f"whatif {P} --fund 1", f"solve {P} --distance 10%"],
)
def test_the_verdict_stands_in_every_format_of_rows(command: str, form: str) -> None:
    text = run(f"{command} {'--raw' if form == 'raw' else f'-o {form}'}").stdout
    message = json.loads(run(f"{command} -o json").stdout)["message"]
    assert message.replace(",", "") in text.replace(",", "")


def test_fields_before_and_after_are_kept_in_json_and_tables() -> None:
    answer = json.loads(run(f"add 5 {P} -o json --fields before.equity,margin,amount").stdout)
    assert answer["before"] == {"equity": "1500", "margin": "2500"}
    table = run(f"add 5 {P} --fields amount,equity,change.equity").stdout
    assert "amount         5.00" in table
    assert re.search(r"equity +1,500\.00 +1,505\.00 +\+5\.00", table)
    stream = run("add 5 - -o ndjson --fields after.equity", LINE).stdout
    assert json.loads(stream)["after"] == {"equity": "1505"}


def test_a_wrong_name_of_an_answer_is_refused() -> None:
    answer = run(f"add 5 {P} --raw --fields befor.equity")
    assert answer.code == 2
    assert "before.equity" in answer.stderr


@pytest.mark.parametrize(
    ("digits", "shown"), [("1", "2000"), ("6", "2295.92"), ("50", None), ("25", None)]
)
def test_digits_are_as_many_as_asked_for(digits: str, shown: str | None) -> None:
    whole = run(f"show {P} --raw --fields liquidation_price").stdout.strip()
    text = run(f"show {P} --raw --fields liquidation_price,asset --digits {digits}").stdout
    expected = shown or f"{Context(prec=int(digits)).create_decimal(whole):f}"
    assert text == f"{expected}\tETH\n"


@pytest.mark.parametrize(
    ("flags", "place"),
    [
        ("--digits 0 --raw", "--digits"),
        ("--digits 51 --raw", "--digits"),
        ("--digits x --raw", "--digits"),
        ("--digits 5", "--digits"),
        ("--digits 5 -o json", "--digits"),
        ("--numbers", "--numbers"),
        ("--numbers -o csv", "--numbers"),
        ("--no-header", "--no-header"),
        ("--no-header -o md", "--no-header"),
        ("--fields asset --fields equity", "--fields"),
        ("-q 1", "--size"),
        ("--size=1", "--size"),
        ("-o csv -o json", "--output"),
    ],
)
def test_a_flag_without_effect_is_refused(flags: str, place: str) -> None:
    answer = run(f"show {P} {flags}")
    assert (answer.code, answer.stdout) == (2, "")
    assert f": {place}" in answer.stderr


def test_a_flag_that_may_be_given_often_is_taken_often() -> None:
    answer = run(f"show {P} --fail-if margin_ratio>99% --fail-if margin_ratio>98%")
    assert answer.code == 0


@pytest.mark.parametrize("command", [f"show {RECORD}", f"add 5 {P} -l 20".replace("-l 10 ", "")])
def test_quiet_prints_no_notes(command: str) -> None:
    loud, quiet = run(command), run(f"{command} --quiet")
    assert quiet.stderr == ""
    assert (quiet.code, quiet.stdout) == (loud.code, loud.stdout)


def test_quiet_keeps_errors_and_failed_conditions() -> None:
    assert "error:" in run("show -a ETHH -q 1 -e 1 -l 1 --quiet").stderr
    failed = run(f"show {P} --quiet --fail-if margin_ratio>1%")
    assert failed.code == 1
    assert failed.stderr.startswith("failed:")
    assert "note:" in run(f"show {RECORD}").stderr, "the next run is not quiet"


@pytest.mark.parametrize(
    "flags",
    [
        "-a ETH -q 10 -e 2500 -l 40",  # above the 25x that are allowed
        "-a GMX -q 7 -e 1 -m 0.8 -l 3",  # on its own liquidation price
    ],
)
def test_what_is_about_to_go_wrong_is_a_warning(flags: str) -> None:
    answer = run(f"show {flags}")
    assert answer.code == 0
    assert "warning: " in answer.stderr


def test_markdown_of_show_has_the_columns_of_the_table() -> None:
    lines = run(f"show {P} -o md").stdout.splitlines()
    assert lines[0] == (
        "| Asset | Side | Lev. | Notional | PnL | Equity | Liquidation | Own move | Removable |"
    )
    assert lines[2] == (
        "| ETH | long | 10x | 24,000.00 | -1,000.00 | 1,500.00 | 2,295.92 | -4.33% | 0.00 |"
    )
    chosen = run(f"show {P} -o md --fields asset,liquidation_price").stdout
    assert "2295.9183673469387755" in chosen
    book = run(f"show {RECORD} -o md --quiet").stdout
    assert "| MET | short |" in book
    assert "| Account value |" in book


BEFORE_AND_AFTER = "|  | Before | After | Change |"
ETH_LONG = "-a ETH -q 10 -e 2500 -m 2600 -l 10"


@pytest.mark.parametrize(
    ("line", "row", "answer"),
    [
        (f"add 100 {ETH_LONG}", "| Margin | 2,500.00 | 2,600.00 | +100.00 |", "Allowed as far"),
        (f"remove 100 {ETH_LONG}", "| Margin | 2,500.00 | 2,400.00 | -100.00 |", "Allowed: "),
        (f"whatif {ETH_LONG} --fund 100", "| Equity | 3,500.00 | 3,600.00 | +100.00 |", "Allowed"),
        (f"solve {ETH_LONG} --liquidation-price 2200", "| Distance |", "Add 940 USDC"),
    ],
)
def test_markdown_of_a_change_has_the_rows_of_the_table_and_the_answer(
    line: str, row: str, answer: str
) -> None:
    shown = invoke(*line.split(), "-o", "md").stdout.splitlines()
    assert shown[:2] == [BEFORE_AND_AFTER, "| --- | --- | --- | --- |"]
    assert any(one.startswith(row) for one in shown)
    assert shown[-1].startswith(answer)


@pytest.mark.parametrize("command", ["show", "add 100"])
def test_digits_that_markdown_tables_would_ignore_are_refused(command: str) -> None:
    words = [*command.split(), *ETH_LONG.split(), "-o", "md", "--digits", "3"]
    refused = invoke(*words)
    assert (refused.code, refused.stdout) == (2, "")
    assert "--digits" in refused.stderr
    taken = invoke(*words, "--fields", "liquidation_price")
    assert taken.stdout.splitlines()[-1] in {"| 2300 |", "| 2290 |"}


def test_a_misspelt_command_has_its_hint_like_other_errors() -> None:
    assert invoke("shwo").stderr.splitlines() == [
        "error: no such command 'shwo'",
        " hint: did you mean show?",
    ]


def test_the_list_of_the_manual_fits_the_terminal() -> None:
    lines = invoke("help", columns=80).stdout.splitlines()
    assert max(map(len, lines)) <= 80


LONG_NUMBERS = "-a kPEPE -s short -q 991.12316357 -e 75723.22402678 -m 84540.78624207 -l 3"


@pytest.mark.parametrize(
    "command",
    ["show", "remove 5", "add 5", "whatif --move -3%", "solve --distance 50%",
     "sweep --over move=-3%..3%"],
)  # fmt: skip
def test_titles_with_long_numbers_fit_the_terminal(command: str) -> None:
    name, *words = command.split()
    given = [*words, *LONG_NUMBERS.split()]
    text = invoke(name, *given, columns=80, environment={"NO_COLOR": "1"}).stdout
    assert max(map(len, text.splitlines())) <= 80
    assert "kPEPE short 991.12316357\n" in text
    assert "isolated 3x · entry 75,723.22402678 · mark 84,540.78624207\n" in text
