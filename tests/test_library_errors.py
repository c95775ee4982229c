"""What the library's functions say of arguments that make no sense, and where."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from marginctl import (
    AddMargin,
    InputError,
    MoveMark,
    Open,
    PayFunding,
    SetLeverage,
    Trade,
    change_margin,
    load_tiers,
    new_account,
    new_position,
    read_positions,
    solve,
    sweep,
    whatif,
)

D: Any = Decimal
WRONG_TYPES: dict[str, Any] = {"text": "add", "float": 0.5, "bytes": b"1", "none": None, "int": 5}
"""What type checkers would refuse."""
betas_of_one: Any = {"betas": {"ETH": 1}}
isolated: Any = "isolated"


class It(NamedTuple):
    """What the questions are about."""

    venue: Any
    held: Any
    account: Any
    crossed: Any


@pytest.fixture(scope="module")
def it() -> It:
    venue = load_tiers().venue("hyperliquid")
    held = new_position(venue, asset="ETH", size=10, entry_price=2500, leverage=10)
    beside = [
        new_position(
            venue, asset=asset, size=size, entry_price=100, leverage=5, margin_mode="cross"
        )
        for asset, size in (("ETH", 10), ("SOL", -10))
    ]
    crossed = new_account(venue, beside, collateral=1000)
    return It(venue, held, new_account(venue, [held]), crossed)


WRONG: dict[str, tuple[Callable[[It], object], str, str | None, str]] = {
    "no change": (
        lambda it: whatif(it.account, it.venue, 0, []),
        "nothing to change",
        "such as MoveMark(move=Decimal('-0.1'))",
        "changes",
    ),
    "no such position": (
        lambda it: whatif(it.account, it.venue, 1, [AddMargin(D(1))]),
        "there is no position 1",
        "from 0 to 0, or None for the account as a whole",
        "index",
    ),
    "a change of one without an index": (
        lambda it: whatif(it.account, it.venue, None, [Trade(D(1))]),
        "leverage, size, funding and one mark are those of one position",
        "give its index",
        "index",
    ),
    "one of the account, and one of a position": (
        lambda it: whatif(it.crossed, it.venue, None, [AddMargin(D(1)), Trade(D(1))]),
        "leverage, size, funding and one mark are those of one position",
        "give its index",
        "index",
    ),
    "a mark that is neither": (
        lambda it: whatif(it.account, it.venue, 0, [MoveMark()]),
        "a mark is set, or moved, and all marks can only be moved",
        "give mark or move",
        "changes[0]",
    ),
    "a mark of zero": (
        lambda it: whatif(it.account, it.venue, 0, [MoveMark(mark=D(0))]),
        "it must be above zero, not 0",
        None,
        "changes[0].mark",
    ),
    "a fall of everything": (
        lambda it: whatif(it.account, it.venue, 0, [MoveMark(move=D(-1))]),
        "a move of -1 leaves no price above zero",
        None,
        "changes[0].move",
    ),
    "an amount of zero": (
        lambda it: whatif(it.account, it.venue, 0, [AddMargin(D(0))]),
        "an amount of 0 moves nothing",
        None,
        "changes[0].amount",
    ),
    "a leverage below one": (
        lambda it: whatif(it.account, it.venue, 0, [SetLeverage(D("0.5"))]),
        "a leverage must be at least 1, not 0.5",
        None,
        "changes[0].leverage",
    ),
    "a size of zero": (
        lambda it: whatif(it.account, it.venue, 0, [Trade(D(0))]),
        "a trade of 0 changes nothing",
        None,
        "changes[0].size",
    ),
    "a price below zero": (
        lambda it: whatif(it.account, it.venue, 0, [Trade(D(1), D(-1))]),
        "it must be above zero, not -1",
        None,
        "changes[0].price",
    ),
    "a fee of everything": (
        lambda it: whatif(it.account, it.venue, 0, [Trade(D(1), None, D(1))]),
        "a fee rate must be at least 0 and below 1, not 1",
        None,
        "changes[0].fee_rate",
    ),
    "a rate of zero": (
        lambda it: whatif(it.account, it.venue, 0, [PayFunding(D(0), D(1))]),
        "at a rate of 0 no funding is paid",
        None,
        "changes[0].rate",
    ),
    "unknown collateral": (
        lambda it: whatif(it.crossed._replace(cash=None), it.venue, None, [AddMargin(D(1))]),
        "the cross account's collateral is unknown",
        "give it to new_account",
        "account",
    ),
    "an unknown target": (
        lambda it: solve(it.account, it.venue, 0, "liquidation", 1),
        "'liquidation' is not a target",
        "did you mean liquidation_price?",
        "target",
    ),
    "no value": (
        lambda it: solve(it.account, it.venue, 0, "stop"),
        "stop needs a value",
        None,
        "value",
    ),
    "a value that is not used": (
        lambda it: solve(it.account, it.venue, 0, "margin", 5),
        "margin takes no value",
        "leave it out",
        "value",
    ),
    "a stop beside another target": (
        lambda it: solve(it.account, it.venue, 0, "stop", 2000, stop=1),
        "stop is for the target risk",
        "leave it out",
        "stop",
    ),
    "a fee beside another target": (
        lambda it: solve(it.account, it.venue, 0, "stop", 2000, fee_rate="0.1%"),
        "fee_rate is for the target risk",
        "leave it out",
        "fee_rate",
    ),
    "a risk without a stop": (
        lambda it: solve(it.account, it.venue, 0, "risk", 100),
        "risk needs a stop",
        "give stop, a price",
        "stop",
    ),
    "no margin for the largest size": (
        lambda it: solve(
            it.account._replace(positions=(it.held._replace(margin=None),)),
            it.venue,
            0,
            "margin",
            opening=True,
        ),
        "the margin for the largest size is missing",
        "give the position a margin, or the account collateral",
        "margin",
    ),
    "an unknown span": (
        lambda it: sweep(it.account, it.venue, 0, "price", 1, 2),
        "'price' is not something to sweep over",
        "known: mark, move, margin",
        "over",
    ),
    "backwards": (
        lambda it: sweep(it.account, it.venue, 0, "mark", 3000, 2000),
        "the range runs backwards",
        "give the lower end first",
        "low",
    ),
    "no steps": (
        lambda it: sweep(it.account, it.venue, 0, "mark", 2000, 3000, steps=0),
        "steps must be a whole number from 1 to 10,000, not 0",
        None,
        "steps",
    ),
    "a mark of all": (
        lambda it: sweep(it.account, it.venue, None, "mark", 2000, 3000),
        "a sweep over mark is for one position",
        "give its index, or sweep over move",
        "over",
    ),
    "betas of one": (
        lambda it: sweep(it.account, it.venue, 0, "mark", 2000, 3000, **betas_of_one),
        "betas are for a common move of all prices",
        "give None as the index",
        "betas",
    ),
    "an unknown action": (
        lambda it: change_margin(it.account, it.venue, "put", 0, 5),
        "'put' is not an action",
        "known: add, remove",
        "action",
    ),
    "no amount": (
        lambda it: change_margin(it.account, it.venue, "add", 0, 0),
        "an amount must be above zero, not 0",
        'the action must be "add" or "remove"',
        "amount",
    ),
    "a bare cushion": (
        lambda it: change_margin(it.account, it.venue, "remove", 0, 5, cushion=1),
        "a price cannot fall by 100% or more, so a long cannot have that cushion",
        "give a fraction such as 0.05",
        "cushion",
    ),
    "a cushion of nothing": (
        lambda it: change_margin(it.account, it.venue, "remove", 0, 5, cushion=0),
        "a cushion must be above zero: it is a move against the position",
        "give a fraction such as 0.05",
        "cushion",
    ),
    "an unknown side": (
        lambda it: new_position(
            it.venue, asset="ETH", size=1, entry_price=1, leverage=1, side="up"
        ),
        "'up' is not one of 'long' or 'short'",
        None,
        "side",
    ),
}


@pytest.mark.parametrize(("question", "message", "hint", "path"), WRONG.values(), ids=WRONG)
def test_an_argument_that_makes_no_sense_is_reported_with_its_place_and_a_hint(
    it: It, question: Callable[[It], object], message: str, hint: str | None, path: str
) -> None:
    with pytest.raises(InputError) as caught:
        question(it)
    (problem,) = caught.value.problems
    assert (problem.message, problem.hint, problem.place.path) == (message, hint, path)


OF_ANOTHER_TYPE: dict[str, tuple[Callable[[It], object], str]] = {
    "no change at all": (
        lambda it: whatif(it.account, it.venue, 0, [WRONG_TYPES["text"]]),
        (
            "changes[0]: expected one of MoveMark, AddMargin, SetLeverage, Trade, PayFunding, "
            "Open, not str"
        ),
    ),
    "a float": (
        lambda it: whatif(it.account, it.venue, 0, [AddMargin(WRONG_TYPES["float"])]),
        "changes[0].amount: a float is not exact; give a Decimal, an int or a string",
    ),
    "bytes": (
        lambda it: whatif(it.account, it.venue, 0, [AddMargin(WRONG_TYPES["bytes"])]),
        "changes[0].amount: expected a Decimal, an int or a string, not bytes",
    ),
    "none": (
        lambda it: whatif(it.account, it.venue, 0, [AddMargin(WRONG_TYPES["none"])]),
        "changes[0].amount: expected a Decimal, an int or a string, not NoneType",
    ),
    "a mode as a word": (
        lambda it: whatif(it.account, it.venue, None, [Open("ETH", D(1), D(1), D(1), isolated)]),
        "changes[0].mode: expected a MarginMode",
    ),
    "an index that is none": (
        lambda it: whatif(it.account, it.venue, WRONG_TYPES["text"], [AddMargin(D(1))]),
        "index: expected a whole number or None",
    ),
    "no data": (
        lambda it: read_positions(WRONG_TYPES["int"], it.venue),
        "data: expected bytes or a string, not int",
    ),
}


@pytest.mark.parametrize(("question", "message"), OF_ANOTHER_TYPE.values(), ids=OF_ANOTHER_TYPE)
def test_an_argument_of_another_type_is_reported_with_its_name(
    it: It, question: Callable[[It], object], message: str
) -> None:
    with pytest.raises(TypeError) as caught:
        question(it)
    assert str(caught.value) == message
