"""The library's questions about what might be: what-ifs, targets and sweeps.

The command line reads its flags and asks the same functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import overload

from marginctl.core.account import Account
from marginctl.core.account_sweep import AccountSweep, ExcerptError, sweep_account
from marginctl.core.changes import (
    AddMargin,
    Change,
    MoveMark,
    Open,
    PayFunding,
    SetLeverage,
    Trade,
)
from marginctl.core.goals import Goal, Solution, Target
from marginctl.core.notices import unknown_limits
from marginctl.core.numbers import ZERO
from marginctl.core.position import MarginMode
from marginctl.core.rules import Venue
from marginctl.core.solve import objection
from marginctl.core.solve import solve as solved
from marginctl.core.solve_size import NoFundsError
from marginctl.core.sweep import Over, Range, Sweep, UnreachableError, sweep_position
from marginctl.core.whatif import WhatIf, what_if
from marginctl.load.arguments import (
    ARGUMENTS,
    Number,
    amount_text,
    answered,
    check_index,
    read_argument,
)
from marginctl.load.inputs import PositionInput, check_leverage, make_position, unknown_asset
from marginctl.load.numbers import (
    ONE,
    RATE_BARE_BELOW,
    read_decimal,
    read_fraction,
    read_own_decimal,
)
from marginctl.load.problems import InputError, Place, Problem, did_you_mean
from marginctl.load.questions import (
    ABOVE_ZERO,
    AMOUNT,
    BOUNDS,
    DEFAULT_STEPS,
    FEE_RATE,
    FUNDING_RATE,
    MOST_STEPS,
    MOVE,
    TRADE_SIZE,
    Bound,
    range_objections,
)

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
    problems = _not_of(account, venue)
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
    reader = _Reader(where, problems)
    match change:
        case MoveMark(mark, move, everywhere):
            if (mark is None) == (move is None) or (everywhere and move is None):
                message = "a mark is set, or moved, and all marks can only be moved"
                problems.append(Problem(message, "give mark or move", Place(path=where[:-1])))
            return replace(
                change,
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


class _Reader:
    """Reads the numbers of one change, or of one call."""

    def __init__(self, where: str, problems: list[Problem]) -> None:
        self.where = where
        self.problems = problems

    def number(self, name: str, value: Number | None, bound: Bound | None = None) -> Decimal | None:
        """Return a number; None without one, or where it makes no sense."""
        read = read_own_decimal if isinstance(value, Decimal) else read_decimal
        return self._bounded(
            name, value, read_argument(f"{self.where}{name}", value, self.problems, read), bound
        )

    def needed(self, name: str, value: Number | None, bound: Bound | None = None) -> Decimal:
        """Return a number that must be there; zero where it makes no sense."""
        _is_there(f"{self.where}{name}", value)
        return self.number(name, value, bound) or ZERO

    def rate(self, name: str, value: Number | None, bound: Bound) -> Decimal:
        """Return a rate that must be there; zero where it makes no sense."""
        _is_there(f"{self.where}{name}", value)
        return self.fraction(name, value, bound, RATE_BARE_BELOW) or ZERO

    def fraction(
        self,
        name: str,
        value: Number | None,
        bound: Bound | None = None,
        bare_below: Decimal = ONE,
    ) -> Decimal | None:
        """Return a fraction; a text may be a percentage, and must be where it looks like one."""
        if not isinstance(value, str):
            return self.number(name, value, bound)
        number = read_argument(
            f"{self.where}{name}",
            value,
            self.problems,
            lambda text: read_fraction(text, bare_below=bare_below),
        )
        return self._bounded(name, value, number, bound)

    def leverage(self, value: Number, venue: Venue) -> Decimal:
        """Return a leverage, one where it makes no sense."""

        def wrong(_: str, message: str, hint: str | None = None) -> None:
            place = Place(path=f"{self.where}leverage")
            self.problems.append(Problem(message, hint, place))

        before = len(self.problems)
        leverage = self.needed("leverage", value)
        if len(self.problems) == before:
            check_leverage(leverage, venue, wrong)
        return leverage or ONE

    def _bounded(
        self, name: str, value: Number | None, number: Decimal | None, bound: Bound | None
    ) -> Decimal | None:
        if number is None or bound is None or bound.holds(number):
            return number
        shown = value if isinstance(value, str) else f"{number:f}"
        place = Place(path=f"{self.where}{name}")
        self.problems.append(Problem(bound.message.format(shown), None, place))
        return None


def _is_there(name: str, value: Number | None) -> None:
    if value is None:
        raise TypeError(f"{name}: expected a Decimal, an int or a string, not NoneType")


def _opened(change: Open, venue: Venue, reader: _Reader) -> Open:
    """Return an opening with its numbers as decimals, and append what is wrong with it."""
    before = len(reader.problems)
    opened = replace(
        change,
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
        return replace(opened, asset=make_position(position, venue, ARGUMENTS).asset)
    except InputError as error:
        reader.problems += [
            problem._replace(place=Place(path=f"{reader.where}{problem.place.path}"))
            for problem in error.problems
        ]
        return opened


def solve(
    account: Account,
    venue: Venue,
    index: int,
    target: Target | str,
    value: Number | None = None,
    *,
    stop: Number | None = None,
    fee_rate: Number | None = None,
    opening: bool = False,
) -> Solution:
    """Find the margin, mark price, size or hours that give a position a wanted figure, exactly.

    ``index`` is the position's place in the account, from 0. The targets and their values:

    - ``liquidation_price``, a price; ``liquidation_distance``, a fraction of the mark;
      ``effective_leverage``, notional / equity of an isolated position; ``stop``, a price before
      liquidation: the answer is the margin to add, below zero to remove, in the quote currency
    - ``max_removable``, an amount of quote currency: the answer is a mark price
    - ``margin``, without a value: the answer is the largest size that the margin carries
    - ``risk``, the loss in quote currency at the price ``stop``, with a ``fee_rate`` at the entry
      and at the stop: the answer is the size of a position to be opened
    - ``funding_rate``, a fraction per hour: the answer is the hours until liquidation

    ``opening`` says that the position is not held yet: its own size does not count then, so any
    will do. ``answer`` is exact, ``rounded`` is it in the venue's steps, to the side that keeps the
    target; ``reached`` is the target's figure with it. ``possible`` False, ``why`` and ``nearest``
    say what cannot be had. Derived from the formulas of `evaluate`.

    Raises:
        InputError: with every problem: no such position or target, a value that makes no sense, a
            stop that is not before liquidation, a venue whose rules do not say what is removable,
            a notional above the end of its tiers.
        TypeError: a number is a float or a boolean, or the index is no whole number.
    """
    problems = _not_of(account, venue)
    check_index(account, index, problems)
    words = [word.value for word in Target]
    if target not in words:
        hint = did_you_mean(str(target), words) or f"known: {', '.join(words)}"
        problems.append(Problem(f"{target!r} is not a target", hint, Place(path="target")))
        raise InputError(problems)
    goal = _goal(Target(target), value, stop, fee_rate, problems)
    if problems:
        raise InputError(problems)
    why = objection(account.positions[index], goal)
    if goal.target is Target.REMOVABLE and not venue.rules.limits_transfers:
        why = unknown_limits(venue.rules)
    if why is not None:
        place = Place(path="value" if goal.stop is None else "stop")
        raise InputError.of(why, None, place)
    try:
        return answered(lambda: solved(account, venue, index, goal, opening=opening))
    except NoFundsError:
        message = "the margin for the largest size is missing"
        hint = "give the position a margin, or the account collateral"
        raise InputError.of(message, hint, Place(path="margin")) from None


def _goal(
    target: Target,
    value: Number | None,
    stop: Number | None,
    fee_rate: Number | None,
    problems: list[Problem],
) -> Goal:
    """Return what is asked for, and append what is wrong with it."""
    reader = _Reader("", problems)
    bound = BOUNDS.get(target)
    if target is Target.FUNDING_RATE:
        wanted = reader.fraction("value", value, bound, RATE_BARE_BELOW)
    elif target is Target.DISTANCE:
        wanted = reader.fraction("value", value, bound)
    else:
        wanted = reader.number("value", value, bound)
    if (value is None) != (target is Target.MAX_SIZE):
        message = f"{target} needs a value" if value is None else f"{target} takes no value"
        hint = None if value is None else "leave it out"
        problems.append(Problem(message, hint, Place(path="value")))
    for name, given in (("stop", stop), ("fee_rate", fee_rate)):
        if given is not None and target is not Target.RISK:
            message = f"{name} is for the target risk"
            problems.append(Problem(message, "leave it out", Place(path=name)))
    if stop is None and target is Target.RISK:
        problems.append(Problem("risk needs a stop", "give stop, a price", Place(path="stop")))
    return Goal(
        target,
        wanted,
        reader.number("stop", stop, ABOVE_ZERO),
        reader.fraction("fee_rate", fee_rate, FEE_RATE, RATE_BARE_BELOW) or ZERO,
    )


@overload
def sweep(
    account: Account,
    venue: Venue,
    index: int,
    over: Over | str,
    low: Number,
    high: Number,
    *,
    steps: int = ...,
) -> Sweep: ...


@overload
def sweep(
    account: Account,
    venue: Venue,
    index: None,
    over: Over | str,
    low: Number,
    high: Number,
    *,
    steps: int = ...,
    betas: Mapping[str, Number] | None = ...,
) -> AccountSweep: ...


def sweep(
    account: Account,
    venue: Venue,
    index: int | None,
    over: Over | str,
    low: Number,
    high: Number,
    *,
    steps: int = DEFAULT_STEPS,
    betas: Mapping[str, Number] | None = None,
) -> Sweep | AccountSweep:
    """Return the figures of a position over a range, with a row at all that happens on the way.

    ``index`` is the position's place in the account, from 0; None is the whole account over a
    common move of all prices. ``over`` is ``"mark"``, a price; ``"move"``, a fraction that the
    mark moves by; or ``"margin"`` in the quote currency: that of an isolated position, or the
    account's cash behind a cross one. From ``low`` to ``high`` there are ``steps`` even steps, and
    rows exactly where a liquidation, backstop, bankruptcy, tier boundary or the opening of
    removals lies. Of an account, each price moves by its beta of ``betas`` times the move, 1
    without one. Figures as of `evaluate`, to 50 digits.

    Raises:
        InputError: with every problem: no such position, a range that is empty or runs backwards,
            or goes to where a price is not above zero or a tier table ends; steps that are not
            from 1 to 10,000; a cross account without collateral, or not wholly listed.
        TypeError: a number is a float or a boolean, or the index or steps are no whole number.
    """
    problems = _not_of(account, venue)
    check_index(account, index, problems, whole="the whole account")
    words = [word.value for word in Over]
    if over not in words:
        hint = did_you_mean(str(over), words) or f"known: {', '.join(words)}"
        problems.append(
            Problem(f"{over!r} is not something to sweep over", hint, Place(path="over"))
        )
        raise InputError(problems)
    over = Over(over)
    if index is None and over is not Over.MOVE:
        message = f"a sweep over {over} is for one position"
        problems.append(Problem(message, "give its index, or sweep over move", Place(path="over")))
    if betas is not None and index is not None:
        message = "betas are for a common move of all prices"
        problems.append(Problem(message, "give None as the index", Place(path="betas")))
    span = _range(over, low, high, steps, problems)
    exact = {
        name: _Reader("betas.", problems).needed(name, beta) for name, beta in (betas or {}).items()
    }
    if problems or span is None:
        raise InputError(problems)
    try:
        if index is None:
            return answered(lambda: sweep_account(account, venue, span, exact))
        return answered(lambda: sweep_position(account, venue, index, over, span))
    except UnreachableError as error:
        raise _unreachable(error, over) from None
    except ExcerptError:
        message = (
            "the account holds more than the positions listed, so a common move of all of it is "
            "unknown"
        )
        raise InputError.of(message, "sweep one position", Place(path="index")) from None


def _range(
    over: Over, low: Number, high: Number, steps: int, problems: list[Problem]
) -> Range | None:
    """Return a range; or None, with every problem appended."""
    if isinstance(steps, bool) or not isinstance(steps, int):
        raise TypeError("steps: expected a whole number")
    for name, end in (("low", low), ("high", high)):
        _is_there(name, end)
    before = len(problems)
    reader = _Reader("", problems)
    read = reader.fraction if over is Over.MOVE else reader.number
    ends = read("low", low), read("high", high)
    if not 1 <= steps <= MOST_STEPS:
        message = f"steps must be a whole number from 1 to {MOST_STEPS:,}, not {steps}"
        problems.append(Problem(message, None, Place(path="steps")))
    first, last = ends
    if first is None or last is None:
        return None
    problems += [
        Problem(message, hint, Place(path="low"))
        for message, hint in range_objections(over, first, last, "give the lower end first")
    ]
    return Range(first, last, steps) if len(problems) == before else None


def _unreachable(error: UnreachableError, over: Over) -> InputError:
    end = amount_text(error.most)
    if over is Over.MOVE:
        end = f"{amount_text(round(error.most.scaleb(2), 4))}%"
    if error.of_price:
        message = f"at {end} the price of {error.asset} would be zero"
        return InputError.of(message, "end the range before it", Place(path="over"))
    return InputError.of(
        f"at {end} the tiers of {error.asset} end, and nothing is known beyond",
        "end the range there",
        Place(path="over"),
    )


def _not_of(account: Account, venue: Venue) -> list[Problem]:
    """Find positions in assets that the venue does not have."""
    names = dict.fromkeys(position.asset for position in account.positions)
    place = Place(path="account")
    return [unknown_asset(venue, name, place) for name in names if name not in venue.assets]
