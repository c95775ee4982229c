"""Arguments of the library's functions, checked as what files and flags state is checked."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from marginctl.core.account import Account, MissingCashError
from marginctl.core.numbers import exactly
from marginctl.core.report import UncoveredNotionalError
from marginctl.load.numbers import (
    read_decimal,
)
from marginctl.load.problems import InputError, Place, Problem

Number = Decimal | int | str
"""A number that is exact. Floats are not: 0.1 + 0.2 is none of them."""

R = TypeVar("R")


def exact_texts(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that are given in the form that files have: numbers as their texts.

    Raises:
        TypeError: one is a float, a boolean, or nothing that can be a number or a text.
    """
    for name, value in given.items():
        if isinstance(value, float):
            raise TypeError(f"{name}: a float is not exact; give a Decimal, an int or a string")
        if isinstance(value, bool) or not isinstance(value, Decimal | int | str | None):
            kind = type(value).__name__
            raise TypeError(f"{name}: expected a Decimal, an int or a string, not {kind}")
    return {
        name: f"{value:f}" if isinstance(value, Decimal) else str(value)
        for name, value in given.items()
        if value is not None
    }


def read_argument(
    name: str,
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
        return read(exact_texts({name: value})[name])
    except ValueError as error:
        problems.append(Problem(str(error), getattr(error, "hint", None), Place(path=name)))
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
        problems.append(Problem(f"there is no position {index}", hint, Place(path="index")))


def answered(answer: Callable[[], R]) -> R:
    """Return an answer.

    Raises:
        InputError: a notional lies above the end of its tier table, or a cross account's
            collateral is unknown.
    """
    try:
        return answer()
    except UncoveredNotionalError as error:
        position = error.position
        raise InputError.of(
            f"the notional of {position.asset} would be {position.notional:f}, above "
            f"{error.upper_bound:f} where its tiers end",
            "the tiers above it are unknown, and are not extrapolated",
        ) from None
    except MissingCashError:
        message = "the cross account's collateral is unknown"
        raise InputError.of(message, "give it to new_account", Place(path="account")) from None


@exactly
def amount_text(amount: Decimal) -> str:
    """Return every digit of a number in plain notation, without idle zeros."""
    return f"{amount.normalize():f}"
