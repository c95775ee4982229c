"""The library's what-ifs, which the command line asks too."""

from collections.abc import Sequence

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
from marginctl.core.position import MarginMode
from marginctl.core.rules import Venue
from marginctl.core.whatif import WhatIf, what_if
from marginctl.load.argument_values import (
    ABOVE_ZERO,
    AMOUNT,
    FEE_RATE,
    FUNDING_RATE,
    MOVE,
    TRADE_SIZE,
    Reader,
    not_of,
)
from marginctl.load.arguments import answered, check_index
from marginctl.load.inputs import PositionInput, make_position
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.sources import ARGUMENTS

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
        problems.append(Problem("nothing to change", hint, Place(path="changes")))
    exact = [
        _exact(change, venue, f"changes[{number}].", problems)
        for number, change in enumerate(changes)
    ]
    if index is None and not all(map(_is_of_all, exact)):
        opens = any(isinstance(change, Open) for change in exact)
        if not opens:
            message = "leverage, size, funding and one mark are those of one position"
            problems.append(Problem(message, "give its index", Place(path="index")))
    if problems:
        raise InputError(problems)
    return answered(lambda: what_if(account, venue, index, exact))


def _is_of_all(change: Change) -> bool:
    return isinstance(change, AddMargin) or (isinstance(change, MoveMark) and change.everywhere)


def _exact(change: Change, venue: Venue, where: str, problems: list[Problem]) -> Change:
    """Return a change with its numbers as decimals, and append what is wrong with it."""
    if not isinstance(change, _CHANGES):
        kinds = ", ".join(kind.__name__ for kind in _CHANGES)
        raise TypeError(f"{where[:-1]}: expected one of {kinds}, not {type(change).__name__}")
    reader = Reader(where, problems)
    match change:
        case MoveMark(mark, move, everywhere):
            if (mark is None) == (move is None) or (everywhere and move is None):
                message = "a mark is set, or moved, and all marks can only be moved"
                problems.append(Problem(message, "give mark or move", Place(path=where[:-1])))
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
    return _opened(change, venue, reader)


def _opened(change: Open, venue: Venue, reader: Reader) -> Open:
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
        raise TypeError(f"{reader.where}mode: expected a MarginMode")
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
        return opened._replace(asset=make_position(position, venue, ARGUMENTS).asset)
    except InputError as error:
        reader.problems += [
            problem._replace(place=Place(path=f"{reader.where}{problem.place.path}"))
            for problem in error.problems
        ]
        return opened
