"""What a sweep is asked: a range, as a flag or arguments, and the answer; and files of betas.

A beta is how many times a common move an asset moves. A file of them is a mapping of assets to
multiples, as YAML or JSON: ``ETH: 1.3``. Below zero moves the other way.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import overload

from marginctl.core.account import Account
from marginctl.core.account_sweep import AccountSweep, ExcerptError, sweep_account
from marginctl.core.numbers import exactly
from marginctl.core.rules import Venue
from marginctl.core.sweep import Over, Range, Sweep, UnreachableError, sweep_position
from marginctl.load.arguments import (
    ArgumentReader,
    Number,
    answered,
    check_index,
    is_there,
    not_of,
    plain_text,
    read_word,
)
from marginctl.load.files import display_name, read_bytes
from marginctl.load.inputs import known_asset
from marginctl.load.numbers import BareFractionError, read_decimal, read_fraction
from marginctl.load.problems import ARGUMENTS, InputError, Place, Problem
from marginctl.load.yaml_text import YamlDocument, YamlMap, read_yaml

DOTS = ".."
DEFAULT_STEPS = 10
MOST_STEPS = 10_000


def read_over(text: str, place: Place, problems: list[Problem]) -> tuple[Over, Range] | None:
    """Return what to sweep over, and the range; or None, with every problem appended."""
    name, equals, span = text.partition("=")
    names = [over.value for over in Over]
    if not equals or name.strip() not in names:
        message = f"{text[:60]!r} does not say what to sweep over"
        if equals:
            message = f"{name.strip()[:60]!r} is not something to sweep over"
        problems.append(Problem(message, f"write {EXAMPLES}", place))
        return None
    over = Over(name.strip())
    found = read_range(span.strip(), over, place, problems)
    return None if found is None else (over, found)


def read_range(text: str, over: Over, place: Place, problems: list[Problem]) -> Range | None:
    """Return a range of ten steps; or None, with every problem appended."""

    def wrong(message: str, hint: str | None = None) -> None:
        problems.append(Problem(message, hint, place))

    low_text, dots, high_text = text.partition(DOTS)
    if not dots or DOTS in high_text:
        wrong(f"{text[:60]!r} is not a range", f"write it as {over}={_EXAMPLE[over]}")
        return None
    ends = []
    for end in (low_text, high_text):
        try:
            ends.append((read_fraction if over is Over.MOVE else read_decimal)(end))
        except BareFractionError as error:
            wrong(str(error), error.hint)
        except ValueError as error:
            meant = over is Over.MARK and "%" in text
            hint = f"did you mean move={text}?" if meant else None
            wrong(str(error), hint or f"write it as {over}={_EXAMPLE[over]}")
    if len(ends) < len((low_text, high_text)):
        return None
    low, high = ends
    before = len(problems)
    turned = f"write {over}={high_text.strip()}{DOTS}{low_text.strip()}"
    for message, hint in range_objections(over, low, high, turned):
        wrong(message, hint)
    return Range(low, high, DEFAULT_STEPS) if len(problems) == before else None


def range_objections(
    over: Over, low: Decimal, high: Decimal, turned: str
) -> Iterator[tuple[str, str]]:
    """Find why a range makes no sense, each with a hint; ``turned`` is that to turn it round."""
    if low == high:
        yield "the range begins where it ends", "give it two different ends"
    elif low > high:
        yield "the range runs backwards", turned
    first = min(low, high)
    if over is Over.MARK and first <= 0:
        yield f"a price must be above zero, not {first:f}", "begin the range above zero"
    if over is Over.MOVE and first <= -1:
        message = f"a fall of {-first.scaleb(2).normalize():f}% leaves no price above zero"
        yield message, "begin the range above -100%"
    # any margin will do: of a position with a profit, it may lie below zero


_EXAMPLE = {Over.MARK: "1500..3000", Over.MOVE: "-50%..50%", Over.MARGIN: "0..1000"}
EXAMPLES = " or ".join(f"{over}={example}" for over, example in _EXAMPLE.items())


def read_steps(text: str, place: Place, problems: list[Problem]) -> int | None:
    """Return a number of steps; or None, with the problem appended."""
    try:
        steps = read_decimal(text)
    except ValueError as error:
        problems.append(Problem(str(error), None, place))
        return None
    if steps != steps.to_integral_value() or not 1 <= steps <= MOST_STEPS:
        message = f"steps must be a whole number from 1 to {MOST_STEPS:,}, not {text[:40]}"
        problems.append(Problem(message, None, place))
        return None
    return int(steps)


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
    figure = read_word("over", over, Over, "something to sweep over", problems)
    if figure is None:
        raise InputError(problems)
    if index is None and figure is not Over.MOVE:
        message = f"a sweep over {figure} is for one position"
        problems.append(
            Problem(message, "give its index, or sweep over move", ARGUMENTS.place("over"))
        )
    if betas is not None and index is not None:
        message = "betas are for a common move of all prices"
        problems.append(Problem(message, "give None as the index", ARGUMENTS.place("betas")))
    span = _range(figure, low, high, steps, problems)
    reader = ArgumentReader(ARGUMENTS.inside("betas"), problems)
    exact = {name: reader.needed(name, beta) for name, beta in (betas or {}).items()}
    if problems or span is None:
        raise InputError(problems)
    try:
        if index is None:
            return answered(lambda: sweep_account(account, venue, span, exact))
        return answered(lambda: sweep_position(account, venue, index, figure, span))
    except UnreachableError as error:
        raise _unreachable_error(error, figure) from None
    except ExcerptError:
        message = (
            "the account holds more than the positions listed, so a common move of all of it is "
            "unknown"
        )
        raise InputError.of(message, "sweep one position", ARGUMENTS.place("index")) from None


def _range(
    over: Over, low: Number, high: Number, steps: int, problems: list[Problem]
) -> Range | None:
    """Return a range; or None, with every problem appended."""
    if isinstance(steps, bool) or not isinstance(steps, int):
        raise TypeError("steps: expected a whole number")
    for name, end in (("low", low), ("high", high)):
        is_there(ARGUMENTS.place(name), end)
    before = len(problems)
    reader = ArgumentReader(ARGUMENTS, problems)
    read = reader.fraction if over is Over.MOVE else reader.number
    ends = read("low", low), read("high", high)
    if not 1 <= steps <= MOST_STEPS:
        message = f"steps must be a whole number from 1 to {MOST_STEPS:,}, not {steps}"
        problems.append(Problem(message, None, ARGUMENTS.place("steps")))
    first, last = ends
    if first is None or last is None:
        return None
    problems += [
        Problem(message, hint, ARGUMENTS.place("low"))
        for message, hint in range_objections(over, first, last, "give the lower end first")
    ]
    return Range(first, last, steps) if len(problems) == before else None


_PERCENT_STEP = Decimal("0.0001")


@exactly
def _unreachable_error(error: UnreachableError, over: Over) -> InputError:
    end = plain_text(error.most)
    if over is Over.MOVE:  # rounded toward none, so that a range which ends there is known
        end = f"{plain_text(error.most * 100 // _PERCENT_STEP * _PERCENT_STEP)}%"
    if error.of_price:
        message = f"at {end} the price of {error.asset} would be zero"
        return InputError.of(message, "end the range before it", ARGUMENTS.place("over"))
    return InputError.of(
        f"at {end} the tiers of {error.asset} end, and nothing is known beyond",
        "end the range there",
        ARGUMENTS.place("over"),
    )


def load_betas(path: str, venue: Venue) -> dict[str, Decimal]:
    """Return the multiples of a file by asset; an empty mapping names none.

    Raises:
        InputError: with every problem of the file, and its place.
    """
    file = display_name(path)
    document = read_yaml(read_bytes(path), file)
    root = document.root
    if not isinstance(root, YamlMap):
        message = "expected a mapping of assets to multiples"
        problem = Problem(message, "such as ETH: 1.3", document.place())
        raise InputError([*document.problems, problem])
    betas: dict[str, Decimal] = {}
    problems = list(document.problems)
    for name in root:
        try:
            asset = known_asset(venue, name, _place_of_key(document, name)).name
            if asset in betas:
                message = f"{name!r} is a second multiple of {asset}"
                raise InputError.of(message, "keep one of the two", _place_of_key(document, name))
            betas[asset] = _read_multiple(name, document)
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return betas


def _read_multiple(name: str, document: YamlDocument) -> Decimal:
    text = document.root[name]
    place = document.place(name)
    if not isinstance(text, str):
        raise InputError.of("expected a multiple", "such as 1.3", place)
    try:
        return read_decimal(text, fraction=True)
    except ValueError as error:
        raise InputError.of(str(error), None, place) from None


def _place_of_key(document: YamlDocument, name: str) -> Place:
    return document.place(name, key=True)
