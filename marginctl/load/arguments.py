"""Arguments of the library's functions, and flags: their numbers are read exactly, and must make
sense.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from marginctl.core.account import Account, MissingCashError
from marginctl.core.evaluation import UncoveredNotionalError
from marginctl.core.numbers import ZERO, exactly
from marginctl.core.rules import Venue
from marginctl.load.inputs import check_leverage, unknown_asset
from marginctl.load.numbers import (
    ONE,
    RATE_BARE_BELOW,
    BareFractionError,
    read_decimal,
    read_fraction,
    read_own_decimal,
)
from marginctl.load.problems import ARGUMENTS, InputError, Place, Problem, Source, known_hint

Number = Decimal | int | str
"""A number that is exact. Floats are not: 0.1 + 0.2 is none of them."""

R = TypeVar("R")


def argument_text(name: str | None, value: Any) -> str:
    """Return an argument in the form that files have: a number as its text.

    Raises:
        TypeError: it is a float, a boolean, or nothing that can be a number or a text.
    """
    if isinstance(value, float):
        raise TypeError(f"{name}: a float is not exact; give a Decimal, an int or a string")
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        kind = type(value).__name__
        raise TypeError(f"{name}: expected a Decimal, an int or a string, not {kind}")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def argument_texts(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the arguments that are given, those that are not None, as `argument_text` does."""
    return {name: argument_text(name, value) for name, value in given.items() if value is not None}


def read_argument(
    place: Place,
    value: Number | None,
    problems: list[Problem],
    read: Callable[[str], Decimal] = read_decimal,
) -> Decimal | None:
    """Return the number of an argument; None without one, or with the problem appended.

    Raises:
        TypeError: it is a float, a boolean, or nothing that can be a number.
    """
    if value is None:
        return None
    try:
        return read(argument_text(place.path, value))
    except ValueError as error:
        problems.append(Problem(str(error), getattr(error, "hint", None), place))
        return None


def check_index(
    account: Account, index: int | None, problems: list[Problem], *, whole: str | None = None
) -> None:
    """Find that no position has this place in an account; ``whole`` is what None stands for.

    Raises:
        TypeError: it is no whole number.
    """
    if index is None and whole is not None:
        return
    if isinstance(index, bool) or not isinstance(index, int):
        words = "a whole number" if whole is None else "a whole number or None"
        raise TypeError(f"index: expected {words}")
    count = len(account.positions)
    if not 0 <= index < count:
        other = "" if whole is None else f", or None for {whole}"
        hint = f"from 0 to {count - 1}{other}" if count else "it has none"
        problems.append(Problem(f"there is no position {index}", hint, ARGUMENTS.place("index")))


Word = TypeVar("Word", bound=StrEnum)


def read_word(
    name: str, value: Word | str, words: type[Word], meaning: str, problems: list[Problem]
) -> Word | None:
    """Return which of some words an argument is; None, with the problem appended, where it is none.

    ``meaning`` says what such a word is.
    """
    known = [str(word) for word in words]
    if value in known:
        return words(value)
    hint = known_hint(str(value), known)
    problems.append(Problem(f"{value!r} is not {meaning}", hint, ARGUMENTS.place(name)))
    return None


def answered(answer: Callable[[], R]) -> R:
    """Return an answer.

    Raises:
        InputError: a notional lies above the end of its tier table, or a cross account's
            collateral is unknown.
    """
    try:
        return answer()
    except (UncoveredNotionalError, MissingCashError) as error:
        raise input_error(error) from None


def input_error(error: UncoveredNotionalError | MissingCashError) -> InputError:
    """Return what to tell of an account whose figures cannot be computed."""
    if isinstance(error, MissingCashError):
        message = "the cross account's collateral is unknown"
        return InputError.of(message, "give it to new_account", ARGUMENTS.place("account"))
    position = error.position
    return InputError.of(
        f"the notional of {position.asset} would be {position.notional:f}, above "
        f"{error.upper_bound:f} where its tiers end",
        "the tiers above it are unknown, and are not extrapolated",
    )


@exactly
def plain_text(amount: Decimal) -> str:
    """Return every digit of a number in plain notation, without idle zeros."""
    return f"{amount.normalize():f}"


class NumberRule(NamedTuple):
    """What a number must be to make sense, and the message about one that is not."""

    holds: Callable[[Decimal], bool]
    message: str


ABOVE_ZERO = NumberRule(lambda value: value > 0, "it must be above zero, not {}")
MOVE = NumberRule(lambda value: value > -1, "a move of {} leaves no price above zero")
TRADE_SIZE = NumberRule(bool, "a trade of {} changes nothing")
AMOUNT = NumberRule(bool, "an amount of {} moves nothing")
NOT_BELOW_ZERO = NumberRule(lambda value: value >= 0, "an amount must not be below zero, as {} is")
FEE_RATE = NumberRule(
    lambda value: 0 <= value < 1, "a fee rate must be at least 0 and below 1, not {}"
)
FUNDING_RATE = NumberRule(bool, "at a rate of {} no funding is paid")


class ArgumentReader:
    """Reads the numbers of one call, or of a part of its arguments such as one change."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems

    def number(
        self, name: str, value: Number | None, bound: NumberRule | None = None
    ) -> Decimal | None:
        """Return a number; None without one, or where it makes no sense."""
        read = read_own_decimal if isinstance(value, Decimal) else read_decimal
        return self._bounded(
            name, value, read_argument(self.source.place(name), value, self.problems, read), bound
        )

    def needed(self, name: str, value: Number | None, bound: NumberRule | None = None) -> Decimal:
        """Return a number that must be there; zero where it makes no sense."""
        is_there(self.source.place(name), value)
        return self.number(name, value, bound) or ZERO

    def rate(self, name: str, value: Number | None, bound: NumberRule) -> Decimal:
        """Return a rate that must be there; zero where it makes no sense."""
        is_there(self.source.place(name), value)
        return self.fraction(name, value, bound, RATE_BARE_BELOW) or ZERO

    def fraction(
        self,
        name: str,
        value: Number | None,
        bound: NumberRule | None = None,
        bare_below: Decimal = ONE,
    ) -> Decimal | None:
        """Return a fraction; a text may be a percentage, and must be where it looks like one."""
        if not isinstance(value, str):
            return self.number(name, value, bound)
        number = read_argument(
            self.source.place(name),
            value,
            self.problems,
            lambda text: read_fraction(text, bare_below=bare_below),
        )
        return self._bounded(name, value, number, bound)

    def leverage(self, value: Number, venue: Venue) -> Decimal:
        """Return a leverage, one where it makes no sense."""

        def wrong(field: str, message: str, hint: str | None = None) -> None:
            self.problems.append(Problem(message, hint, self.source.place(field)))

        before = len(self.problems)
        leverage = self.needed("leverage", value)
        if len(self.problems) == before:
            check_leverage(leverage, venue, wrong)
        return leverage or ONE

    def _bounded(
        self, name: str, value: Number | None, number: Decimal | None, bound: NumberRule | None
    ) -> Decimal | None:
        if number is None or bound is None or bound.holds(number):
            return number
        shown = value if isinstance(value, str) else f"{number:f}"
        place = self.source.place(name)
        self.problems.append(Problem(bound.message.format(shown), None, place))
        return None


def is_there(place: Place, value: Number | None) -> None:
    """Refuse an argument that is None, where a number is needed."""
    if value is None:
        raise TypeError(f"{place.path}: expected a Decimal, an int or a string, not NoneType")


def not_of(account: Account, venue: Venue) -> list[Problem]:
    """Find positions in assets that the venue does not have."""
    names = dict.fromkeys(position.asset for position in account.positions)
    place = ARGUMENTS.place("account")
    return [unknown_asset(venue, name, place) for name in names if name not in venue.assets]


Texts = Mapping[str, str | None]
"""The texts that are given, by flag."""

_FRACTIONS = {
    "--move": ONE,
    "--move-all": ONE,
    "--distance": ONE,
    "--cushion": ONE,
    "--fee-rate": RATE_BARE_BELOW,
    "--funding-rate": RATE_BARE_BELOW,
}
"""The flags of fractions, and from where on they need a percent sign."""
_MULTIPLES = frozenset({"--set-leverage", "--effective-leverage"})
FLAG_BOUNDS = {
    "--set-mark": ABOVE_ZERO,
    "--at": ABOVE_ZERO,
    "--move": MOVE,
    "--move-all": MOVE,
    "--trade": TRADE_SIZE,
    "--fund": AMOUNT,
    "--fee-rate": FEE_RATE,
    "--funding-rate": FUNDING_RATE,
    "--hours": ABOVE_ZERO,
    "--cushion": ABOVE_ZERO,
}


def read_flag(flag: str, text: str | None) -> Decimal | None:
    """Return the number of one flag, None where it is not given.

    Raises:
        InputError: it makes no sense.
    """
    problems: list[Problem] = []
    numbers = flag_numbers({flag: text}, problems)
    if problems:
        raise InputError(problems)
    return numbers.get(flag)


def flag_numbers(
    texts: Texts, problems: list[Problem], bounds: Mapping[str, NumberRule] = FLAG_BOUNDS
) -> dict[str, Decimal]:
    """Return the numbers of flags, as far as they make sense each on its own."""
    numbers = {}
    for name, text in texts.items():
        if text is None:
            continue
        body = text.removesuffix("x") if name in _MULTIPLES else text
        try:
            bare_below = _FRACTIONS.get(name)
            value = (
                read_decimal(body)
                if bare_below is None
                else read_fraction(body, bare_below=bare_below)
            )
        except BareFractionError as error:
            problems.append(Problem(str(error), error.hint, Place(path=name)))
            continue
        except ValueError as error:
            problems.append(Problem(str(error), None, Place(path=name)))
            continue
        bound = bounds.get(name)
        if bound is not None and not bound.holds(value):
            problems.append(Problem(bound.message.format(text), None, Place(path=name)))
        else:
            numbers[name] = value
    return numbers
