"""What a what-if is asked: changes, as flags or arguments, and the answer."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from marginctl.core.account import Account
from marginctl.core.changes import (
    AddMargin,
    Change,
    MoveMark,
    Open,
    PayFunding,
    SetLeverage,
    Trade,
)
from marginctl.core.numbers import exactly
from marginctl.core.position import MarginMode
from marginctl.core.rules import Venue
from marginctl.core.whatif import WhatIf, what_if
from marginctl.load.arguments import (
    ABOVE_ZERO,
    AMOUNT,
    FEE_RATE,
    FUNDING_RATE,
    MOVE,
    TRADE_SIZE,
    ArgumentReader,
    Texts,
    answered,
    check_index,
    flag_numbers,
    not_of,
)
from marginctl.load.inputs import PositionInput, check_leverage, make_position
from marginctl.load.problems import ARGUMENTS, InputError, Place, Problem


def read_changes(texts: Texts, venue: Venue) -> list[Change]:
    """Return the changes that flags ask for.

    Raises:
        InputError: with every problem; when nothing is asked for, too.
    """
    problems: list[Problem] = []
    numbers = flag_numbers(texts, problems)

    def wrong(_: str, message: str, hint: str | None = None) -> None:
        problems.append(Problem(message, hint, Place(path="--set-leverage")))

    check_leverage(numbers.get("--set-leverage"), venue, wrong)
    given = {name for name, text in texts.items() if text is not None}
    if "--at" in given and "--trade" not in given:
        message = "--at is the price of a trade, but --trade is missing"
        problems.append(Problem(message, "add --trade", Place(path="--at")))
    for name, other in (("--funding-rate", "--hours"), ("--hours", "--funding-rate")):
        if name in given and other not in given:
            message = f"{name} needs {other}"
            problems.append(Problem(message, f"add {other}", Place(path=name)))
    if "--set-mark" in given and "--move" in given:
        message = "--set-mark and --move both set the mark"
        problems.append(Problem(message, "keep one of them", Place(path="--move")))
    if not given - {"--fee-rate"}:
        hint = (
            "add --set-mark, --move, --move-all, --fund, --set-leverage, --trade or "
            "--funding-rate; -m, --mark is the mark now"
        )
        problems.append(Problem("nothing to change: no what-if flag is given", hint))
    if problems:
        raise InputError(problems)
    return _changes_of(numbers)


def _changes_of(numbers: Mapping[str, Decimal]) -> list[Change]:
    """Return the changes that numbers of flags ask for, in the order in which they apply."""
    changes: list[Change] = []
    if "--move-all" in numbers:
        changes.append(MoveMark(move=numbers["--move-all"], everywhere=True))
    if "--set-mark" in numbers or "--move" in numbers:
        changes.append(MoveMark(mark=numbers.get("--set-mark"), move=numbers.get("--move")))
    if "--fund" in numbers:
        changes.append(AddMargin(numbers["--fund"]))
    if "--set-leverage" in numbers:
        changes.append(SetLeverage(numbers["--set-leverage"]))
    if "--trade" in numbers:
        fee_rate = numbers.get("--fee-rate", Decimal(0))
        changes.append(Trade(numbers["--trade"], numbers.get("--at"), fee_rate))
    if "--funding-rate" in numbers:
        changes.append(PayFunding(numbers["--funding-rate"], numbers["--hours"]))
    return changes


_CHANGES = (MoveMark, AddMargin, SetLeverage, Trade, PayFunding, Open)


def whatif(account: Account, venue: Venue, index: int | None, changes: Sequence[Change]) -> WhatIf:
    """Apply changes to a position, and say of each whether the venue would take it.

    ``index`` is the position's place in the account, from 0; None is the account as a whole, for
    changes of margin of the cross account, moves of every mark and positions to be opened.
    Changes apply in this order: moves of every mark, the mark, margin added, leverage, trade or
    opening, funding, margin removed; each is judged on the result of the ones before it.

    ``MoveMark(mark=…)`` sets a mark, ``MoveMark(move=…)`` moves it by a fraction, and with
    ``everywhere`` all marks. ``AddMargin(amount)`` is in the quote currency, below zero a removal.
    ``SetLeverage(leverage)``. ``Trade(size, price=None, fee_rate=0)`` buys units of the asset, or
    sells them where the size is below zero, at the mark without a price.
    ``PayFunding(rate, hours)`` pays size · mark · rate · hours, as a long does. ``Open(asset,
    size, price, leverage, mode)`` opens a position that the account does not have. Numbers are
    decimals; ints and texts are understood too. The formulas are those of `evaluate`, exact and
    not rounded before the last division.

    Raises:
        InputError: with every problem: no such position, no change, a change that makes no sense
            (a price of zero, a fall by 100%, a size of zero), a change of one position without an
            index, an unknown asset, a notional above the end of its tiers.
        TypeError: a number is a float or a boolean, or a change is none.
    """
    problems = not_of(account, venue)
    check_index(account, index, problems, whole="the account as a whole")
    if not changes:
        hint = "such as MoveMark(move=Decimal('-0.1'))"
        problems.append(Problem("nothing to change", hint, ARGUMENTS.place("changes")))
    exact = [
        _exact_change(change, venue, ArgumentReader(ARGUMENTS.inside("changes", number), problems))
        for number, change in enumerate(changes)
    ]
    if index is None and not all(map(_concerns_account, exact)):
        opens = any(isinstance(change, Open) for change in exact)
        if not opens:
            message = "leverage, size, funding and one mark are those of one position"
            problems.append(Problem(message, "give its index", ARGUMENTS.place("index")))
    if problems:
        raise InputError(problems)
    return answered(lambda: what_if(account, venue, index, exact))


def _concerns_account(change: Change) -> bool:
    return isinstance(change, AddMargin) or (isinstance(change, MoveMark) and change.everywhere)


def _exact_change(change: Change, venue: Venue, reader: ArgumentReader) -> Change:
    """Return a change with its numbers as decimals, and append what is wrong with it."""
    if not isinstance(change, _CHANGES):
        kinds = ", ".join(kind.__name__ for kind in _CHANGES)
        where = reader.source.place().path
        raise TypeError(f"{where}: expected one of {kinds}, not {type(change).__name__}")
    match change:
        case MoveMark(mark, move, everywhere):
            if (mark is None) == (move is None) or (everywhere and move is None):
                message = "a mark is set, or moved, and all marks can only be moved"
                place = reader.source.place()
                reader.problems.append(Problem(message, "give mark or move", place))
            return change._replace(
                mark=reader.number("mark", mark, ABOVE_ZERO),
                move=reader.fraction("move", move, MOVE),
            )
        case AddMargin(amount):
            return AddMargin(reader.needed("amount", amount, AMOUNT))
        case SetLeverage(leverage):
            return SetLeverage(reader.leverage(leverage, venue))
        case Trade(size, price, fee_rate):
            return Trade(
                reader.needed("size", size, TRADE_SIZE),
                reader.number("price", price, ABOVE_ZERO),
                reader.rate("fee_rate", fee_rate, FEE_RATE),
            )
        case PayFunding(rate, hours):
            return PayFunding(
                reader.rate("rate", rate, FUNDING_RATE),
                reader.needed("hours", hours, ABOVE_ZERO),
            )
    return _exact_opening(change, venue, reader)


@exactly
def _exact_opening(change: Open, venue: Venue, reader: ArgumentReader) -> Open:
    """Return an opening with its numbers as decimals, and append what is wrong with it."""
    before = len(reader.problems)
    opened = change._replace(
        size=reader.needed("size", change.size, TRADE_SIZE),
        price=reader.needed("price", change.price, ABOVE_ZERO),
        leverage=reader.leverage(change.leverage, venue),
        mark=reader.number("mark", change.mark, ABOVE_ZERO),
        fee_rate=reader.rate("fee_rate", change.fee_rate, FEE_RATE),
    )
    if not isinstance(change.mode, MarginMode):
        raise TypeError(f"{reader.source.place('mode').path}: expected a MarginMode")
    if len(reader.problems) > before:
        return opened
    position = PositionInput(
        asset=opened.asset,
        size=opened.size,
        entry_price=opened.price,
        mark_price=opened.mark,
        leverage=opened.leverage,
        margin_mode=opened.mode.value,
    )
    try:
        return opened._replace(asset=make_position(position, venue, reader.source).asset)
    except InputError as error:
        reader.problems += error.problems
        return opened
