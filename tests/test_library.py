"""``from marginctl import …``: the arithmetic without the command line."""

import doctest
import json
import pydoc
import re
import subprocess
import sys
from decimal import ROUND_UP, Context, Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest

import marginctl
import marginctl.cli.change_answer
import marginctl.cli.inputs
import marginctl.cli.report_view
import marginctl.cli.sweep
import marginctl.core.changes
import marginctl.core.report
from marginctl import (
    Account,
    Action,
    InputError,
    MarginChange,
    MarginMode,
    Open,
    Position,
    Side,
    Venue,
    change_margin,
    evaluate,
    load_tiers,
    new_account,
    new_position,
    read_positions,
    whatif,
)
from tests.support import DATA, ROOT, invoke


@pytest.fixture(scope="module")
def hyperliquid() -> Venue:
    return load_tiers().venue("hyperliquid")


@pytest.fixture(scope="module")
def trado() -> Venue:
    return load_tiers().venue("trado")


def test_the_example_of_the_package_is_true() -> None:
    assert doctest.testmod(marginctl, raise_on_error=True).attempted > 5


def test_every_public_name_is_there_and_documented() -> None:
    for name in marginctl.__all__:
        assert getattr(marginctl, name).__doc__
        assert name in dir(marginctl)
    with pytest.raises(AttributeError, match="no attribute 'nonesuch'"):
        _ = marginctl.nonesuch  # type: ignore[attr-defined]


def test_help_shows_what_classes_say_and_not_what_every_tuple_or_text_has() -> None:
    shown = pydoc.plain(pydoc.render_doc(marginctl))
    kinds = {name for name in marginctl.__all__ if isinstance(getattr(marginctl, name), type)}
    assert all(f"    class {name}(" in shown for name in kinds)
    for name in kinds:
        fields = getattr(getattr(marginctl, name), "_fields", ())
        assert all(re.search(rf"^     \|  {field}$", shown, re.MULTILINE) for field in fields)
    for name in ("count", "index", "_replace", "_asdict", "__getnewargs__", "__eq__", "capitalize"):
        assert f" |  {name}(" not in shown
    functions = {name for name in marginctl.__all__ if name.islower()}
    assert set(re.findall(r"^    (\w+)\(", shown, re.MULTILINE)) == functions
    assert "Alias for field" not in shown
    assert "inherited from builtins.tuple" not in shown
    assert "inherited from builtins.str" not in shown
    assert "inherited from builtins.int" not in shown


def test_the_command_line_uses_the_same_functions() -> None:
    assert vars(marginctl.cli.inputs)["load_tiers"] is load_tiers
    assert vars(marginctl.cli.sweep)["evaluate"] is evaluate
    assert (
        vars(marginctl.cli.report_view)["reports_of"]
        is vars(marginctl.core.evaluation)["reports_of"]
    )


def test_margin_is_moved_by_the_same_function(
    hyperliquid: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[MarginChange] = []
    move_margin = vars(marginctl.core.changes)["move_margin"]

    def noted(*arguments: Any) -> Any:
        account, change = move_margin(*arguments)
        moved.append(change)
        return account, change

    monkeypatch.setattr(marginctl.core.changes, "move_margin", noted)
    monkeypatch.setattr(marginctl.cli.change_answer, "move_margin", noted)
    assert invoke("add", "5", "-a", "ETH", "-q", "1", "-e", "2000", "-l", "10").code == 0
    held = new_position(hyperliquid, asset="ETH", size=1, entry_price=2000, leverage=10)
    change_margin(new_account(hyperliquid, [held]), hyperliquid, Action.ADD, 0, 5)
    command, library = moved
    assert command.action is library.action
    assert command.amount == library.amount
    assert command.allowed is library.allowed
    assert command.limit == library.limit
    pairs = (
        (command.position_before, library.position_before),
        (command.position_after, library.position_after),
    )
    for one, other in pairs:
        assert one is not None
        assert other is not None
        # a tier equals only itself, and the tier file was read twice
        at_other = one._replace(tier=other.tier, liquidation_tier=other.liquidation_tier)
        assert at_other == other


def modules_after(statement: str) -> set[str]:
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=120,
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_the_package_imports_nothing() -> None:
    extra = modules_after("import marginctl") - modules_after("")
    assert extra == {"marginctl"}


def test_the_arithmetic_needs_only_the_standard_library() -> None:
    assert not modules_after("from marginctl import evaluate, change_margin, Position") & {
        "pydantic",
        "yaml",
        "rich",
        "typer",
    }


def test_no_part_of_the_library_imports_rich_or_typer() -> None:
    statement = (
        "from marginctl import *; v = load_tiers().venue('hyperliquid'); "
        "a = new_account(v, [new_position(v, asset='ETH', size=1, entry_price=1, leverage=1)]); "
        "evaluate(a, v)"
    )
    assert not modules_after(statement) & {"rich", "typer"}


def test_a_position_made_in_python_has_the_figures_that_the_command_line_shows(
    hyperliquid: Venue,
) -> None:
    position = new_position(
        hyperliquid,
        asset="eth",
        size="-10",
        entry_price=Decimal(2500),
        mark_price=2400,
        leverage=10,
        margin="2600.5",
    )
    assert (position.asset, position.side) == ("ETH", Side.SHORT)
    report = evaluate(new_account(hyperliquid, [position]), hyperliquid).positions[0]
    # short: (notional + equity) / (size · 1.02), equity = 2600.5 + 1000
    assert report.liquidation_price is not None
    expected = Fraction(24000 + Fraction("3600.5")) / Fraction("10.2")
    assert abs(Fraction(report.liquidation_price) - expected) < Fraction(1, 10**45)
    flags = "-a ETH -q -10 -e 2500 -m 2400 -l 10 --margin 2600.5 --raw --fields liquidation_price"
    assert invoke("show", *flags.split()).stdout == f"{report.liquidation_price}\n"


def test_an_account_with_cross_positions(hyperliquid: Venue) -> None:
    positions = [
        new_position(
            hyperliquid, asset=asset, size=size, entry_price=100, leverage=5, margin_mode="cross"
        )
        for asset, size in (("ETH", 10), ("SOL", -10))
    ]
    assert {position.margin_mode for position in positions} == {MarginMode.CROSS}
    account = new_account(hyperliquid, positions, account_value="1000")
    cross = evaluate(account, hyperliquid).cross
    assert cross is not None
    assert (cross.account_value, cross.max_removable) == (Decimal(1000), Decimal(600))
    taken = change_margin(account, hyperliquid, Action.REMOVE, None, None)
    assert (taken.allowed, taken.amount) == (True, Decimal(600))


def test_every_problem_of_a_position_is_told(hyperliquid: Venue) -> None:
    with pytest.raises(InputError) as caught:
        new_position(hyperliquid, asset="ETHH", size=0, entry_price="-1", leverage="1,5")
    told = {problem.place.path: problem.message for problem in caught.value.problems}
    assert set(told) == {"asset", "size", "entry_price", "leverage"}
    assert "ambiguous because of its comma" in told["leverage"]


def test_a_float_is_refused(hyperliquid: Venue) -> None:
    with pytest.raises(TypeError, match="entry_price: a float is not exact"):
        new_position(
            hyperliquid,
            asset="ETH",
            size=1,
            entry_price=0.1,  # type: ignore[arg-type]
            leverage=1,
        )
    with pytest.raises(TypeError, match="collateral: a float is not exact"):
        new_account(hyperliquid, [], collateral=0.5)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def account(hyperliquid: Venue) -> Account:
    position = new_position(
        hyperliquid, asset="ETH", size=10, entry_price=2500, mark_price=2600, leverage=5
    )
    return new_account(hyperliquid, [position])


@pytest.mark.parametrize("amount", [100, "100", "1e2", Decimal(100)])
@pytest.mark.parametrize("action", ["add", Action.ADD])
def test_margin_is_added_whichever_way_it_is_asked(
    account: Account, hyperliquid: Venue, action: Action | str, amount: Decimal | int | str
) -> None:
    change = change_margin(account, hyperliquid, action, 0, amount)
    assert (change.action, change.amount, change.allowed) == (Action.ADD, Decimal(100), True)
    assert change.position_after is not None
    assert change.position_after.margin == 5100  # 25,000 / 5 and what was added


@pytest.mark.parametrize("action", ["remove", Action.REMOVE])
def test_margin_is_removed_whichever_way_it_is_asked(
    account: Account, hyperliquid: Venue, action: Action | str
) -> None:
    change = change_margin(account, hyperliquid, action, 0, None)
    assert change.action is Action.REMOVE
    assert (change.amount, change.allowed) == (Decimal(800), True)  # 5,000 + 1,000 - 26,000 / 5


@pytest.mark.parametrize(
    ("action", "index", "amount", "place"),
    [
        ("bogus", 0, 1, "action"),
        ("ADD", 0, 1, "action"),
        (None, 0, 1, "action"),
        (1, 0, 1, "action"),
        ("add", 1, 1, "index"),
        ("add", -1, 1, "index"),
        ("add", 0, -5, "amount"),
        ("add", 0, 0, "amount"),
        ("add", 0, "1,000", "amount"),
        ("add", 0, "nan", "amount"),
        ("add", 0, Decimal("Infinity"), "amount"),
        ("add", 0, None, "amount"),
        ("remove", None, 1, "account"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_with_its_place(
    account: Account,
    hyperliquid: Venue,
    action: str,
    index: int | None,
    amount: Decimal | int | str | None,
    place: str,
) -> None:
    with pytest.raises(InputError) as caught:
        change_margin(account, hyperliquid, action, index, amount)
    assert [problem.place.path for problem in caught.value.problems] == [place]


def test_every_problem_of_a_change_is_reported(account: Account, hyperliquid: Venue) -> None:
    with pytest.raises(InputError) as caught:
        change_margin(account, hyperliquid, "bogus", 7, -5)
    places = [problem.place.path for problem in caught.value.problems]
    assert places == ["action", "index", "amount"]


@pytest.mark.parametrize("number", [0.5, True, b"1", [1]])
def test_what_is_no_exact_number_is_refused_everywhere(
    account: Account, hyperliquid: Venue, number: object
) -> None:
    wrong: Any = number
    with pytest.raises(TypeError, match="amount: "):
        change_margin(account, hyperliquid, "add", 0, wrong)
    with pytest.raises(TypeError, match="size: "):
        new_position(hyperliquid, asset="ETH", size=wrong, entry_price=1, leverage=1)
    with pytest.raises(TypeError, match="collateral: "):
        new_account(hyperliquid, [], collateral=wrong)
    with pytest.raises(TypeError):
        evaluate(account, hyperliquid, {"ETH": wrong})


@pytest.mark.parametrize("index", [0.0, "0", True])
def test_an_index_is_a_whole_number(account: Account, hyperliquid: Venue, index: Any) -> None:
    with pytest.raises(TypeError, match="index"):
        change_margin(account, hyperliquid, "add", index, 1)


def test_sides_and_modes_are_taken_as_words_or_names(hyperliquid: Venue) -> None:
    for side, mode in ((Side.SHORT, MarginMode.ISOLATED), ("short", "isolated")):
        position = new_position(
            hyperliquid,
            asset="ETH",
            side=side,
            size=1,
            entry_price=1,
            leverage=1,
            margin_mode=mode,
        )
        assert (position.side, position.margin_mode) == (Side.SHORT, MarginMode.ISOLATED)


def test_an_account_that_makes_no_sense_is_refused(hyperliquid: Venue, trado: Venue) -> None:
    cross = new_position(
        hyperliquid, asset="ETH", size=1, entry_price=1, leverage=1, margin_mode="cross"
    )
    cases: list[tuple[list[Position], dict[str, int | str], str]] = [
        ([cross], {}, "a cross position needs collateral or account_value"),
        ([cross], {"collateral": 1, "account_value": 1}, "both given"),
        ([cross, cross], {"collateral": 1}, "a second cross position in ETH"),
        ([cross], {"collateral": "x"}, "'x' is not a number"),
    ]
    for positions, backing, said in cases:
        with pytest.raises(InputError, match=said):
            new_account(hyperliquid, positions, **backing)
    with pytest.raises(InputError, match="has no cross account"):
        new_account(trado, [], account_value=1)


def test_positions_are_read_from_json_of_every_kind() -> None:
    tiers = load_tiers(str(ROOT / "tiers.yaml"))
    one = {"asset": "BTC", "size": "1", "entry_price": "100", "leverage": "5"}
    (of_venue,) = read_positions(json.dumps({"venue": "trado", "positions": [one]}), tiers)
    assert of_venue.venue.name == "trado"
    (by_name,) = read_positions(json.dumps(one), tiers, venue="trado")
    assert by_name.venue.name == "trado"
    assert by_name.account == Account(of_venue.account.positions)
    lines = read_positions(json.dumps(one) + "\n" + json.dumps(one), tiers)
    assert [reading.venue.name for reading in lines] == ["hyperliquid"] * 2
    record = (DATA / "accounts" / "isolated-25x-2025-11.json").read_bytes()
    (account,) = read_positions(record, tiers)
    assert account.recorded_prices is not None
    assert evaluate(account.account, account.venue).positions[0].asset == "ETH"
    with pytest.raises(InputError, match="not valid JSON"):
        read_positions("{", tiers)
    with pytest.raises(TypeError, match="data: expected bytes or a string, not dict"):
        read_positions(one, tiers)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [{"side": "long"}, {"side": 1}, {"margin_mode": "isolated"}, {"margin_mode": "crossed"}],
    ids=str,
)
def test_what_is_no_side_or_mode_is_never_taken_for_the_other(
    hyperliquid: Venue, account: Account, wrong: dict[str, Any]
) -> None:
    (held,) = account.positions
    spoilt = held._replace(**wrong)
    with pytest.raises(TypeError, match="expected a"):
        evaluate(Account((spoilt,), Decimal(100)), hyperliquid)
    with pytest.raises(TypeError, match="expected a"):
        new_account(hyperliquid, [spoilt], collateral=100)
    given: dict[str, Any] = {"side": Side.LONG, "margin_mode": MarginMode.ISOLATED, **wrong}
    side = given.pop("side")
    with pytest.raises(TypeError, match="expected a"):
        Position.at_prices("ETH", side, Decimal(1), Decimal(1), Decimal(1), **given)


@pytest.mark.parametrize("wrong", [1.5, True, "10"])
@pytest.mark.parametrize("field", ["size", "entry_price", "leverage", "mark_price", "margin"])
def test_a_position_of_prices_takes_decimals_and_ints(field: str, wrong: Any) -> None:
    amounts: dict[str, Any] = {"size": 1, "entry_price": 10, "leverage": Decimal(5), field: wrong}
    with pytest.raises(TypeError, match=f"{field}: "):
        Position.at_prices("ETH", Side.LONG, **amounts)
    amounts[field] = 10
    made = Position.at_prices("ETH", Side.LONG, **amounts)
    assert made.notional == made.size * made.mark_price
    assert isinstance(made.notional, Decimal)


@pytest.mark.parametrize("wrong", [1.5, True, "10"])
def test_what_is_evaluated_is_exact(hyperliquid: Venue, account: Account, wrong: Any) -> None:
    (held,) = account.positions
    for name in ("cash", "order_margin", "maintenance_step"):
        with pytest.raises(TypeError, match=f"{name}: "):
            evaluate(account._replace(**{name: wrong}), hyperliquid)
    for name in ("size", "notional", "cost", "leverage", "margin", "added"):
        spoilt = account._replace(positions=(held._replace(**{name: wrong}),))
        with pytest.raises(TypeError, match=f"{name} of ETH: "):
            evaluate(spoilt, hyperliquid)
    with pytest.raises(TypeError, match="betas\\['ETH'\\]: "):
        evaluate(account, hyperliquid, {"ETH": wrong})


@pytest.mark.parametrize("field", ["size", "entry_price", "mark_price", "leverage"])
@pytest.mark.parametrize("wrong", [Decimal(-1), Decimal(0), -1])
def test_what_is_evaluated_is_above_zero(hyperliquid: Venue, field: str, wrong: Any) -> None:
    sound = Position.at_prices("ETH", Side.LONG, Decimal(10), Decimal(2500), Decimal(10))
    held = sound._replace(**{field: wrong})
    message = f"^{field} of ETH must be above zero, not {wrong}$"
    with pytest.raises(ValueError, match=message):
        evaluate(Account((held,)), hyperliquid)
    with pytest.raises(ValueError, match=message):
        new_account(hyperliquid, [held])


def test_a_text_with_half_a_character_is_refused() -> None:
    text = '{"asset": "\ud800", "size": 1, "entry_price": 1, "leverage": 1}'
    with pytest.raises(InputError, match="not UTF-8 text"):
        read_positions(text, load_tiers())


def test_an_account_is_of_positions_that_its_venue_has(hyperliquid: Venue, trado: Venue) -> None:
    crossed = new_position(
        hyperliquid, asset="BTC", size=1, entry_price=1, leverage=1, margin_mode="cross"
    )
    with pytest.raises(InputError, match="trado has no cross margin"):
        new_account(trado, [crossed], collateral=1)
    elsewhere = crossed._replace(asset="NOWHERE", margin_mode=MarginMode.ISOLATED)
    with pytest.raises(InputError, match="unknown asset 'NOWHERE' on trado"):
        new_account(trado, [elsewhere])
    strict = next(name for name, asset in hyperliquid.assets.items() if asset.mode != "normal")
    with pytest.raises(InputError, match=f"{strict} is traded with isolated margin only"):
        new_account(hyperliquid, [crossed._replace(asset=strict)], collateral=1)
    wrong: Any = ["BTC"]
    with pytest.raises(TypeError, match="positions: expected a Position, not str"):
        new_account(trado, wrong)


def test_a_decimal_context_that_rounds_changes_nothing_that_is_read(hyperliquid: Venue) -> None:
    line = (
        '{"asset": "ETH", "size": "12.345678", "entry_price": "2512.34567",'
        ' "mark_price": "2498.76543", "leverage": 7, "equity": "4321.12345"}'
    )
    order = Open(
        "ETH", Decimal("12.345678"), Decimal("2512.34567"), Decimal(7), MarginMode.ISOLATED
    )
    empty = Account((), Decimal("98765.4321"))

    def questions() -> list[object]:
        return [
            new_position(
                hyperliquid,
                asset="ETH",
                size="12.345678",
                entry_price="2512.34567",
                leverage=7,
                equity="4321.12345",
            ),
            [one.account for one in read_positions(line, load_tiers())],
            whatif(empty, hyperliquid, None, [order]).after,
        ]

    expected = questions()
    with localcontext(Context(prec=3, rounding=ROUND_UP, traps=[])):
        assert questions() == expected
