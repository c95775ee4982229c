"""What people read: to the nearest, or to the safe side, and rows that add up."""

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import DATA, Answer, invoke

NUMBER = re.compile(r"-?[\d,]+\.?\d*")


def run(line: str) -> Answer:
    return invoke(*line.split())


def sheet(*flags: str) -> dict[str, str]:
    """The rows of a sheet by label: the rest of the line."""
    lines = invoke("show", *flags).stdout.splitlines()
    found = {}
    for line in lines:
        match = re.fullmatch(r"  (\S.*?)  +(\S.*)", line)
        if match:
            found[match[1]] = match[2]
    return found


def first(text: str) -> Decimal:
    match = NUMBER.search(text)
    assert match is not None
    return Decimal(match[0].replace(",", ""))


@settings(max_examples=80)
@given(
    size=st.decimals("0.001", "5000", places=3),
    entry=st.decimals("0.01", "90000", places=2),
    move=st.decimals("0.7", "1.3", places=3),
    leverage=st.integers(1, 25),
    side=st.sampled_from(["long", "short"]),
)
def test_margin_and_pnl_make_the_equity_as_they_are_shown(
    size: Decimal, entry: Decimal, move: Decimal, leverage: int, side: str
) -> None:
    flags = f"-a ETH -q {size} -e {entry} -m {entry * move} -l {leverage} -s {side}".split()
    rows = sheet(*flags)
    margin, pnl, equity = (first(rows[name]) for name in ("Margin", "Unrealized PnL", "Equity"))
    assert margin + pnl == equity
    raw = "notional,margin,equity,unrealized_pnl,initial_margin,maintenance_margin"
    exact = [
        Decimal(text)
        for text in invoke("show", *flags, "--raw", "--fields", raw).stdout.split("\t")
    ]
    labels = ["Notional", "Margin", "Equity", "Unrealized PnL", "Initial margin"]
    decimals = {-int(first(rows[label]).as_tuple().exponent) for label in labels}
    assert len(decimals) == 1, "one number of decimals for all amounts of a screen"
    step = Decimal(1).scaleb(-decimals.pop())
    for label, value in zip(
        [*labels, "Maintenance margin"], [exact[i] for i in (0, 1, 2, 3, 4, 5)], strict=True
    ):
        room = step if label == "Unrealized PnL" else step / 2
        assert abs(first(rows[label]) - value) <= room, label


def test_a_notional_is_rounded_and_not_cut() -> None:
    assert sheet("-a", "SOL", "-q", "7", "-e", "141.9126428571", "-l", "5")["Notional"] == "993.39"


def test_equal_margins_look_equal() -> None:
    rows = sheet("-a", "BTC", "-q", "1", "-e", "100", "-l", "3")
    assert first(rows["Initial margin"]) == first(rows["Equity"])


@pytest.mark.parametrize(("side", "rounded"), [("long", "up"), ("short", "down")])
def test_prices_of_danger_round_to_the_side_that_comes_sooner(side: str, rounded: str) -> None:
    flags = f"-a ETH -q 7 -e 2503 -m 2411 -l 9 -s {side} --margin 4001".split()
    rows = sheet(*flags)
    names = "liquidation_price,backstop_price,bankruptcy_price"
    exact = invoke("show", *flags, "--raw", "--fields", names).stdout.split()
    for label, text in zip(
        ("Liquidation price", "Backstop price", "Bankruptcy price"), exact, strict=True
    ):
        shown, value = first(rows[label]), Decimal(text)
        assert (shown >= value) if rounded == "up" else (shown <= value)
        assert abs(shown - value) < Decimal("0.01")


def test_what_may_be_acted_on_is_never_shown_larger() -> None:
    flags = ["-a", "ETH", "-q", "1", "-e", "2500", "-m", "2600", "-l", "7"]
    rows = sheet(*flags)
    exact = invoke("show", *flags, "--raw", "--fields", "max_removable").stdout
    assert 0 <= Decimal(exact) - first(rows["Removable"]) < Decimal("0.01")


def test_what_is_missing_is_never_zero() -> None:
    rows = sheet(*["-a", "ETH", "-q", "1", "-e", "2500", "-l", "10", "--margin", "249.999999"])
    assert "0.01 short of" in rows["Removable"]


def test_a_ratio_below_the_limit_is_never_shown_at_it() -> None:
    flags = ["-a", "ETH", "-q", "1", "-e", "2500", "-l", "10", "--equity", "50.0000001"]
    assert "margin ratio 99.99%" in sheet(*flags)["Maintenance margin"]


def test_changes_are_differences_of_what_is_shown() -> None:
    answer = invoke(
        *["add", "12.3456789", "-a", "ETH", "-q", "7", "-e", "2503", "-m", "2411", "-l", "9"]
    )
    rows = answer.stdout.splitlines()[4:14]
    checked = 0
    for row in rows:
        numbers = [Decimal(text.replace(",", "")) for text in re.findall(r"[-+]?[\d,]+\.\d+", row)]
        if len(numbers) == 3:
            assert numbers[0] + numbers[2] == numbers[1], row
            checked += 1
    assert checked >= 8


def test_a_small_change_is_shown_with_the_digits_that_it_needs() -> None:
    record = str(DATA / "accounts" / "sixteen-positions-2026-01.json")
    answer = invoke("add", "1", record, "-a", "BTC")
    (row,) = [line for line in answer.stdout.splitlines() if line.startswith("Margin ratio")]
    before, after, *_ = re.findall(r"[\d.]+%", row)
    assert before != after


def test_an_unchanged_price_is_shown_unchanged() -> None:
    # the mark passes from one side of the liquidation price to the other
    answer = invoke(
        *[
            "whatif",
            "-a",
            "ETH",
            "-q",
            "-7",
            "-e",
            "80",
            "-m",
            "82.05",
            "-l",
            "20",
            "--margin",
            "14",
            "--move",
            "1%",
        ]
    )
    rows = [line for line in answer.stdout.splitlines() if line.startswith("Liquidation price")]
    _, before, after, change = re.split(r"  +", rows[0])
    assert before == after
    assert Decimal(change) == 0


@pytest.mark.parametrize(
    ("flags", "colour"),
    [
        ("--equity 8.1", ""),  # margin ratio 49.4 %
        ("--equity 8", "33"),  # 50 %
        ("--equity 5.01", "33"),  # 79.8 %
        ("--equity 5", "1;31"),  # 80 %
        ("--equity 3.9", "1;31"),  # liquidatable
    ],
)
def test_colours_begin_where_something_is_wrong(flags: str, colour: str) -> None:
    base = "show -a GMX -q 10 -e 2.4 -l 3 --color always"
    text = invoke(*f"{base} {flags}".split()).stdout
    (line,) = [row for row in text.splitlines() if "Maintenance margin" in row]
    found = re.findall(r"\x1b\[([\d;]+)m +4\.00", line)
    assert found == ([colour] if colour else [])
    assert "\x1b[32m" not in text


def test_a_short_distance_is_a_danger_whatever_the_ratio() -> None:
    text = invoke(
        *[
            "show",
            "-a",
            "ETH",
            "-q",
            "10",
            "-e",
            "2400",
            "-l",
            "25",
            "--equity",
            "900",
            "--color",
            "always",
        ]
    ).stdout  # distance (900 - 480) / 23,520 = 1.8 %
    (line,) = [row for row in text.splitlines() if "Liquidation price" in row]
    assert "\x1b[1;31m" in line


def test_amounts_of_a_screen_have_one_number_of_decimals() -> None:
    text = invoke(
        *["show", "-a", "ETH", "-q", "0.01", "-e", "2400", "-l", "25", "--collateral", "500"]
    ).stdout
    amounts = re.findall(
        r"(?:Notional|Margin|Equity|margin|value|Available|Removable) +([\d,.]+)", text
    )
    assert len({len(amount.partition(".")[2]) for amount in amounts}) == 1


def test_a_book_has_a_headline_and_says_what_is_left_out() -> None:
    record = str(DATA / "accounts" / "sixteen-positions-2026-01.json")
    wide = invoke("show", record).stdout
    assert wide.startswith("16 positions")
    assert "Nearest to liquidation: MET short, 15.67% above the mark" in wide
    assert "x mark" in wide
    narrow = invoke("show", record, columns=68, environment={"NO_COLOR": "1"}).stdout
    assert "Left out to fit the width: PnL" in narrow
    full = invoke("show", record, columns=80, environment={"NO_COLOR": "1"}).stdout
    assert "Left out" not in full
    assert max(map(len, full.splitlines())) <= 80
    assert full.count(" PnL ") == 2


def test_less_than_nothing_cannot_be_removed() -> None:
    # Trado: the equity must exceed notional / 100, which 100x leaves of it; the mark has fallen
    poor = ("--venue", "trado", "-a", "BTC", "-q", "1", "-e", "60000", "-m", "59990", "-l", "100")
    assert sheet(*poor)["Removable"].startswith("0.00 ")
    rich = (*poor[:-1], "10")
    assert sheet(*rich)["Removable"].startswith("< 5,390.10 ")  # 6,000 - 10 - 599.90
    swept = invoke("sweep", *rich, "--over", "margin=609..700", "--steps", "1").stdout
    shown = re.findall(r"(< [\d.]+|0\.00) +", "\n".join(swept.splitlines()[4:]))
    assert "0.00" in shown
    assert any(text.startswith("< ") for text in shown)
    assert "< 0.00" not in shown
