"""The library's sweeps, which the command line asks for too."""

from collections.abc import Mapping
from typing import overload

from marginctl.core.account import Account
from marginctl.core.account_sweep import AccountSweep, ExcerptError, sweep_account
from marginctl.core.rules import Venue
from marginctl.core.sweep import Over, Range, Sweep, UnreachableError, sweep_position
from marginctl.load.argument_values import Reader, is_there, not_of
from marginctl.load.arguments import Number, amount_text, answered, check_index
from marginctl.load.problems import InputError, Place, Problem, did_you_mean
from marginctl.load.questions import DEFAULT_STEPS, MOST_STEPS, range_objections


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
    problems = not_of(account, venue)
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
        name: Reader("betas.", problems).needed(name, beta) for name, beta in (betas or {}).items()
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
        is_there(name, end)
    before = len(problems)
    reader = Reader("", problems)
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
