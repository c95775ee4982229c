"""``from marginctl import whatif, solve, sweep, check_tiers, diff_tiers``."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import marginctl.cli.sweep
import marginctl.load.change_request
import marginctl.load.solve_request
from marginctl import (
    Account,
    AddMargin,
    InputError,
    MarginMode,
    MoveMark,
    Open,
    Over,
    PayFunding,
    SetLeverage,
    Severity,
    Side,
    Target,
    Trade,
    Venue,
    check_tiers,
    diff_tiers,
    load_tiers,
    new_account,
    new_position,
    solve,
    sweep,
    whatif,
)
from tests import building
from tests.support import DATA, invoke

D = Decimal
# long, 2,500 margin: equity 1,500 at the mark; maintenance is 2 % of the notional
ETH = ["-a", "ETH", "-q", "10", "-e", "2500", "-m", "2400", "-l", "10"]


@pytest.fixture(scope="module")
def venue() -> Venue:
    return load_tiers().venue("hyperliquid")


@pytest.fixture(scope="module")
def account(venue: Venue) -> Account:
    eth = new_position(venue, asset="ETH", size=10, entry_price=2500, mark_price=2400, leverage=10)
    return new_account(venue, [eth])


@pytest.fixture(scope="module")
def crossed(venue: Venue) -> Account:
    positions = [
        new_position(
            venue, asset=asset, size=size, entry_price=100, leverage=5, margin_mode="cross"
        )
        for asset, size in (("ETH", 10), ("SOL", -10))
    ]
    return new_account(venue, positions, collateral=1000)


@pytest.mark.parametrize(
    ("command", "flags", "module"),
    [
        ("whatif", ["--fund", "5"], marginctl.load.change_request),
        ("solve", ["--stop", "2300"], marginctl.load.solve_request),
    ],
    ids=["whatif", "solve"],
)
def test_the_command_line_asks_the_same_functions(
    monkeypatch: pytest.MonkeyPatch, command: str, flags: list[str], module: ModuleType
) -> None:
    asked, answer = [], getattr(module, command)

    def noted(*arguments: Any, **more: Any) -> Any:
        asked.append(arguments)
        return answer(*arguments, **more)

    monkeypatch.setattr(module, command, noted)  # imported where it is used
    invoke(command, *ETH, *flags)
    assert len(asked) == 1
    assert vars(marginctl.cli.sweep)["sweep_of"] is sweep


@pytest.mark.parametrize("amount", [940, "940", "9.4e2", D(940), D("9.4E+2")])
def test_a_change_is_understood_whichever_way_its_number_is_written(
    account: Account, venue: Venue, amount: Any
) -> None:
    result = whatif(account, venue, 0, [AddMargin(amount)])
    assert result.position_after is not None
    # margin 3,440: equity 440 at 2,200, which is 2 % of 22,000
    assert result.position_after.liquidation_price == 2200
    flags = ["--fund", "940", "--raw", "--fields", "after.liquidation_price"]
    assert invoke("whatif", *ETH, *flags).stdout == "2200\n"


def test_changes_apply_in_their_order_and_are_judged_one_by_one(
    account: Account, venue: Venue
) -> None:
    result = whatif(account, venue, 0, [AddMargin(D(-1)), MoveMark(move=D("-0.1"))])
    assert [type(outcome.change) for outcome in result.outcomes] == [MoveMark, AddMargin]
    assert (result.allowed, result.liquidated_after) == (False, 1)  # 2,160 is below 2,295.92


def test_fractions_are_taken_as_they_are_and_texts_as_percentages(
    account: Account, venue: Venue
) -> None:
    moves: list[Any] = ["-5%", "-0.05", D("-0.05")]
    marks = [
        whatif(account, venue, 0, [MoveMark(move=move)]).after.positions[0].notional
        for move in moves
    ]
    assert marks == [22_800] * 3
    doubled = whatif(account, venue, 0, [MoveMark(move=D(1))])
    assert doubled.after.positions[0].notional == 48_000
    text: Any = "10"
    with pytest.raises(InputError, match="10 is 1,000%"):
        whatif(account, venue, 0, [MoveMark(move=text)])


def test_a_position_is_opened(account: Account, venue: Venue) -> None:
    funded = account._replace(cash=D(100))
    order = Open("sol", D(-1), D(150), D(5), MarginMode.ISOLATED)
    result = whatif(funded, venue, None, [order])
    assert (result.allowed, result.index, result.cash) == (True, 1, D(70))
    assert result.position_after is not None
    assert (result.position_after.asset, result.position_after.side) == ("SOL", Side.SHORT)


EXACT: dict[str, Any] = {
    "mark": MoveMark(mark=D(1)),
    "move": MoveMark(move=D("0.1")),
    "amount": AddMargin(D(1)),
    "leverage": SetLeverage(D(5)),
    "size": Trade(D(1)),
    "price": Trade(D(1), D(1)),
    "fee_rate": Trade(D(1)),
    "rate": PayFunding(D("0.001"), D(1)),
    "hours": PayFunding(D("0.001"), D(1)),
}


@pytest.mark.parametrize("wrong", [0.5, True, b"1", [1]], ids=str)
@pytest.mark.parametrize("name", EXACT)
def test_what_is_no_exact_number_is_refused(
    account: Account, venue: Venue, name: str, wrong: Any
) -> None:
    change = EXACT[name]
    fields = {field: getattr(change, field) for field in change.__match_args__}
    with pytest.raises(TypeError, match=rf"changes\[0\]\.{name}: "):
        whatif(account, venue, 0, [type(change)(**{**fields, name: wrong})])
    with pytest.raises(TypeError, match="value: "):
        solve(account, venue, 0, "stop", wrong)
    for ends in ((wrong, 3000), (2000, wrong)):
        with pytest.raises(TypeError, match=r"(low|high): "):
            sweep(account, venue, 0, "mark", *ends)
    with pytest.raises(TypeError, match=r"betas\.ETH: "):
        sweep(account, venue, None, "move", "-0.1", "0.1", betas={"ETH": wrong})


@pytest.mark.parametrize("index", [0.0, "0", True])
def test_an_index_is_a_whole_number(account: Account, venue: Venue, index: Any) -> None:
    with pytest.raises(TypeError, match="index: expected a whole number"):
        whatif(account, venue, index, [AddMargin(D(1))])
    with pytest.raises(TypeError, match="index: expected a whole number"):
        solve(account, venue, index, "stop", 2000)
    with pytest.raises(TypeError, match="index: expected a whole number"):
        sweep(account, venue, index, "mark", 1, 2)
    nothing: Any = None
    with pytest.raises(TypeError, match="index: expected a whole number"):
        solve(account, venue, nothing, "stop", 2000)


@pytest.mark.parametrize(
    ("index", "changes", "places"),
    [
        (0, [], ["changes"]),
        (1, [AddMargin(D(1))], ["index"]),
        (None, [Trade(D(1))], ["index"]),
        (None, [MoveMark(mark=D(2000))], ["index"]),
        (0, [MoveMark()], ["changes[0]"]),
        (0, [MoveMark(mark=D(1), move=D("0.1"))], ["changes[0]"]),
        (0, [MoveMark(mark=D(1), everywhere=True)], ["changes[0]"]),
        (0, [MoveMark(mark=D(0))], ["changes[0].mark"]),
        (0, [MoveMark(move=D(-1))], ["changes[0].move"]),
        (0, [AddMargin(D(0)), SetLeverage(D("0.5"))], ["changes[0].amount", "changes[1].leverage"]),
        (0, [SetLeverage(D("2.5"))], ["changes[0].leverage"]),
        (
            0,
            [Trade(D(0), D(-1), D(2))],
            ["changes[0].size", "changes[0].price", "changes[0].fee_rate"],
        ),
        (0, [PayFunding(D(0), D(0))], ["changes[0].rate", "changes[0].hours"]),
        (0, [AddMargin(D("NaN"))], ["changes[0].amount"]),
        (None, [Open("NOWHERE", D(1), D(1), D(1), MarginMode.ISOLATED)], ["changes[0].asset"]),
        (None, [Open("ETH", D(0), D(1), D(1), MarginMode.ISOLATED)], ["changes[0].size"]),
    ],
    ids=str,
)
def test_a_change_that_makes_no_sense_is_refused_with_its_place(
    account: Account, venue: Venue, index: int | None, changes: Any, places: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        whatif(account, venue, index, changes)
    assert [problem.place.path for problem in caught.value.problems] == places


def test_what_is_no_change_is_refused(account: Account, venue: Venue) -> None:
    wrong: list[Any] = ["add", Open("ETH", D(1), D(1), D(1), "isolated")]  # type: ignore[arg-type]
    for change in wrong:
        with pytest.raises(TypeError, match=r"changes\[0\].*: expected"):
            whatif(account, venue, 0, [change])
    with pytest.raises(TypeError, match=r"changes\[0\]\.amount: expected"):
        whatif(account, venue, 0, [AddMargin(None)])  # type: ignore[arg-type]


def test_every_question_is_about_assets_that_the_venue_has(account: Account) -> None:
    (held,) = account.positions
    elsewhere = Account((held._replace(asset="NOWHERE"),))
    venue = load_tiers().venue("trado")
    for question in (
        lambda: whatif(elsewhere, venue, 0, [AddMargin(D(1))]),
        lambda: solve(elsewhere, venue, 0, "stop", 2000),
        lambda: sweep(elsewhere, venue, 0, "mark", 1, 2),
    ):
        with pytest.raises(InputError, match="unknown asset 'NOWHERE' on trado"):
            question()


def test_a_cross_account_without_collateral_has_no_answer(crossed: Account, venue: Venue) -> None:
    unknown = crossed._replace(cash=None)
    with pytest.raises(InputError, match="collateral is unknown"):
        whatif(unknown, venue, None, [AddMargin(D(1))])
    with pytest.raises(InputError, match="collateral is unknown"):
        sweep(unknown, venue, 0, "mark", 50, 150)


def test_a_notional_beyond_the_tiers_is_refused() -> None:
    ended = building.venue([(0, 10)], upper=1000)
    held = new_position(ended, asset="ETH", size=1, entry_price=900, leverage=1)
    with pytest.raises(InputError, match="where its tiers end"):
        whatif(new_account(ended, [held]), ended, 0, [MoveMark(move=D("0.5"))])


@pytest.mark.parametrize("value", [2200, "2200", "2_200", D(2200)])
@pytest.mark.parametrize("target", ["liquidation_price", Target.LIQUIDATION_PRICE])
def test_a_target_is_solved_for(
    account: Account, venue: Venue, target: Target | str, value: Any
) -> None:
    solution = solve(account, venue, 0, target, value)
    assert (solution.possible, solution.answer) == (True, Fraction(940))
    assert solution.reached == 2200
    flags = ["--liquidation-price", "2200", "--raw", "--fields", "answer.value"]
    assert invoke("solve", *ETH, *flags).stdout == "940\n"


def test_targets_in_fractions_and_without_a_value(account: Account, venue: Venue) -> None:
    for value in ("10%", "0.1", D("0.1")):
        # liquidation at 2,160: 2 % of 21,600 is 432, and 3,832 - 10 · 340 is that
        assert solve(account, venue, 0, "liquidation_distance", value).answer == 1332
    opened = new_position(venue, asset="ETH", size=1, entry_price=2000, leverage=10, margin=1000)
    size = solve(new_account(venue, [opened]), venue, 0, "margin", opening=True)
    assert size.answer == 5  # 1,000 · 10 / 2,000
    risk = solve(
        new_account(venue, [opened]), venue, 0, "risk", 100, stop=1900, fee_rate="0", opening=True
    )
    assert risk.answer == 1
    hours = solve(account, venue, 0, "funding_rate", "0.1%")
    assert hours.answer == Fraction(1500 - 480) / 24  # 24 an hour, until equity is 2 %


@pytest.mark.parametrize(
    ("target", "value", "more", "place"),
    [
        ("liquidation", 1, {}, "target"),
        ("Stop", 1, {}, "target"),
        ("stop", None, {}, "value"),
        ("stop", 0, {}, "value"),
        ("stop", "1,5", {}, "value"),
        ("stop", 2500, {}, "value"),
        ("stop", 2000, {"stop": 1}, "stop"),
        ("margin", 5, {}, "value"),
        ("max_removable", -1, {}, "value"),
        ("effective_leverage", 0, {}, "value"),
        ("funding_rate", "1", {}, "value"),
        ("liquidation_distance", "10", {}, "value"),
        ("risk", 100, {}, "stop"),
        ("risk", 100, {"stop": 2450}, "stop"),
        ("stop", 2000, {"fee_rate": "0.1%"}, "fee_rate"),
    ],
    ids=str,
)
def test_a_target_that_makes_no_sense_is_refused_with_its_place(
    account: Account, venue: Venue, target: str, value: Any, more: dict[str, Any], place: str
) -> None:
    with pytest.raises(InputError) as caught:
        solve(account, venue, 0, target, value, **more)
    assert [problem.place.path for problem in caught.value.problems] == [place]


def test_a_largest_size_needs_money(venue: Venue) -> None:
    opened = new_position(venue, asset="ETH", size=1, entry_price=2000, leverage=10)
    with pytest.raises(InputError, match="the margin for the largest size is missing"):
        solve(Account((opened,)), venue, 0, "margin", opening=True)


@pytest.mark.parametrize("ends", [(2200, 2600), ("2200", "2600"), (D(2200), D(2600))])
@pytest.mark.parametrize("over", ["mark", Over.MARK])
def test_a_sweep_has_a_row_at_the_liquidation(
    account: Account, venue: Venue, over: Over | str, ends: Any
) -> None:
    swept = sweep(account, venue, 0, over, *ends, steps=2)
    kinds = {point.kind.value: point.at for point in swept.points}
    assert kinds["bankruptcy"] == 2250  # 2,500 of margin are gone
    assert kinds["removal_opens"] == 2500  # equity 2,500 is a tenth of 25,000
    assert [point.at for point in swept.points if point.kind == "grid"] == [2200, 2600]


def test_an_account_is_swept_over_a_common_move(crossed: Account, venue: Venue) -> None:
    together = sweep(crossed, venue, None, "move", "-20%", "20%", steps=2)
    # long 1,000 and short 1,000 stand against each other
    assert {point.cross.equity for point in together.points if point.cross} == {1000}
    alone = sweep(crossed, venue, None, "move", "-20%", "20%", steps=2, betas={"SOL": 0})
    assert [point.cross.equity for point in alone.points if point.cross] == [800, 1000, 1200]


@pytest.mark.parametrize(
    ("index", "over", "low", "high", "more", "places"),
    [
        (0, "price", 1, 2, {}, ["over"]),
        (0, "mark", 2, 1, {}, ["low"]),
        (0, "mark", 2, 2, {}, ["low"]),
        (0, "mark", 0, 2, {}, ["low"]),
        (0, "move", -1, 2, {}, ["low"]),
        (0, "move", "10", "20%", {}, ["low"]),
        (0, "mark", "x", 2, {"steps": 0}, ["low", "steps"]),
        (0, "mark", 1, 2, {"steps": 10_001}, ["steps"]),
        (0, "mark", 1, 2, {"betas": {}}, ["betas"]),
        (7, "mark", 1, 2, {}, ["index"]),
        (None, "mark", 1, 2, {}, ["over"]),
    ],
    ids=str,
)
def test_a_sweep_that_makes_no_sense_is_refused_with_its_place(
    account: Account,
    venue: Venue,
    index: Any,
    over: str,
    low: Any,
    high: Any,
    more: dict[str, Any],
    places: list[str],
) -> None:
    with pytest.raises(InputError) as caught:
        sweep(account, venue, index, over, low, high, **more)
    assert [problem.place.path for problem in caught.value.problems] == places


@pytest.mark.parametrize("steps", [1.0, "10", True, None])
def test_steps_are_a_whole_number(account: Account, venue: Venue, steps: Any) -> None:
    with pytest.raises(TypeError, match="steps: expected a whole number"):
        sweep(account, venue, 0, "mark", 1, 2, steps=steps)


def test_an_excerpt_is_not_swept_as_a_whole(crossed: Account, venue: Venue) -> None:
    excerpt = crossed._replace(excerpt=True)
    with pytest.raises(InputError, match="holds more than the positions listed"):
        sweep(excerpt, venue, None, "move", "-0.1", "0.1")


BROKEN = """\
venues:
  x:
    rules: hyperliquid
    quote: USDC
    as_of: 2026-01-01
    tables:
      unused:
        - {lower_bound: 0, max_leverage: 5}
    assets:
      ETH: {max_leverage: 2.5}
"""


def test_a_tier_file_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "tiers.yaml"
    path.write_text(BROKEN, encoding="utf-8")
    found = check_tiers(str(path), today=date(2026, 1, 2))
    places = [(one.code, one.place.line, one.severity) for one in found.problems]
    assert places == [
        ("unused-table", 7, Severity.WARNING),
        ("leverage-not-whole", 10, Severity.ERROR),
    ]
    assert found.assets == 1
    assert not check_tiers(str(path), select=["unknown-key"]).problems
    (one,) = check_tiers(str(path), ignore=["leverage-not-whole"], today=date(2026, 1, 2)).problems
    assert one.code == "unused-table"
    (one,) = check_tiers(
        str(path), select={"as-of-too-old"}, today=date(2026, 3, 1), max_age=30
    ).problems
    assert one.place.line == 5


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.yaml")
    (problem,) = check_tiers(missing).problems
    assert (problem.code, problem.place.file) == ("unreadable", missing)


def test_the_shipped_tiers_are_sound() -> None:
    assert check_tiers(select=["unused-table", "bounds-gap"]).problems == []


def test_a_check_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        check_tiers(select=["bounds-gap", "nonesuch"], ignore=["bounds-gaps"])
    problems = [(one.place.path, one.hint) for one in caught.value.problems]
    assert problems[1] == ("ignore", "did you mean bounds-gap?")
    assert problems[0][0] == "select"
    with pytest.raises(TypeError, match="select: expected ids of rules, not one string"):
        check_tiers(select="bounds-gap")
    with pytest.raises(InputError, match="-1 is not a number of days"):
        check_tiers(max_age=-1)
    wrong: Any
    for wrong in (1.5, True, "30"):
        with pytest.raises(TypeError, match="max_age: expected a whole number of days"):
            check_tiers(max_age=wrong)


def test_two_versions_of_tiers_are_compared(tmp_path: Path) -> None:
    before, after = tmp_path / "before.yaml", tmp_path / "after.yaml"
    text = BROKEN.replace("2.5", "5")
    before.write_text(text, encoding="utf-8")
    after.write_text(text.replace("ETH: {max_leverage: 5}", "ETH: {max_leverage: 4}"), "utf-8")
    held = tmp_path / "held.json"
    held.write_text('{"asset": "ETH", "size": 1, "entry_price": 100, "leverage": 2}', "utf-8")
    found = diff_tiers(str(before), str(after), str(held))
    (venue,) = found.venues
    assert [(one.kind.value, one.asset) for one in venue.changes] == [("changed", "ETH")]
    (effect,) = found.effects
    (of_eth,) = effect.positions
    assert of_eth.before is not None
    assert of_eth.after is not None
    # half the initial margin rate at the highest leverage, of 100
    assert (of_eth.before.maintenance_margin, of_eth.after.maintenance_margin) == (D(10), D("12.5"))
    assert not diff_tiers(str(before), str(before)).differs
    with pytest.raises(InputError, match="no such file"):
        diff_tiers(str(before), str(tmp_path / "missing.yaml"))


def test_a_recorded_response_is_compared_with_a_file() -> None:
    found = diff_tiers("tiers.yaml#hyperliquid-2025-06", str(DATA / "meta-2026-01.json"))
    assert found.differs
    assert len(found.new.sha256) == 64
