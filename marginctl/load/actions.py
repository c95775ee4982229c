"""From the texts of flags to the actions of a what-if, and to the wish of a solution."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from marginctl.core.acts import Act, Fund, Reprice, SetLeverage, Trade
from marginctl.core.venue import Venue
from marginctl.core.wishes import Target, Wish
from marginctl.load.drafts import check_leverage
from marginctl.load.numbers import read_decimal
from marginctl.load.problems import InputError, Place, Problem

Texts = Mapping[str, str | None]
"""What was said, by flag."""

_FRACTIONS = frozenset({"--move", "--move-all", "--fee-rate", "--distance"})
_MULTIPLES = frozenset({"--set-leverage", "--effective-leverage"})
WISHES = {
    "--liquidation-price": Target.LIQUIDATION_PRICE,
    "--distance": Target.DISTANCE,
    "--effective-leverage": Target.EFFECTIVE_LEVERAGE,
    "--removable": Target.REMOVABLE,
    "--stop": Target.STOP,
}
"""The flags of wishes that have a value."""

_ABOVE_ZERO = "it lies above zero, not at {}"
_CHECKS: dict[str, tuple[Callable[[Decimal], bool], str]] = {
    "--mark": (lambda value: value > 0, _ABOVE_ZERO),
    "--at": (lambda value: value > 0, _ABOVE_ZERO),
    "--move": (lambda value: value > -1, "no price falls by {}: it stays above zero"),
    "--move-all": (lambda value: value > -1, "no price falls by {}: it stays above zero"),
    "--trade": (bool, "a trade of {} is none"),
    "--fund": (bool, "an amount of {} moves nothing"),
    "--fee-rate": (lambda value: 0 <= value < 1, "a fee rate lies from 0 to below 1, not at {}"),
    "--liquidation-price": (lambda value: value > 0, _ABOVE_ZERO),
    "--stop": (lambda value: value > 0, _ABOVE_ZERO),
    "--effective-leverage": (lambda value: value > 0, _ABOVE_ZERO),
    "--removable": (lambda value: value >= 0, "an amount is not below zero, as {} is"),
}


def read_actions(texts: Texts, venue: Venue) -> list[Act]:
    """Return the actions that flags ask for.

    Raises:
        InputError: with every problem; when nothing is asked for, too.
    """
    problems: list[Problem] = []
    said = _numbers(texts, problems)

    def wrong(_: str, message: str, hint: str | None = None) -> None:
        problems.append(Problem(message, hint, Place(path="--set-leverage")))

    check_leverage(said.get("--set-leverage"), venue, wrong)
    for detail in ("--at", "--fee-rate"):
        if texts.get(detail) is not None and texts.get("--trade") is None:
            message = f"{detail} says something of a trade, and there is none"
            problems.append(Problem(message, "add --trade", Place(path=detail)))
    if texts.get("--mark") is not None and texts.get("--move") is not None:
        message = "--mark and --move both say where the mark goes"
        problems.append(Problem(message, "keep one of them", Place(path="--move")))
    if not any(text is not None for text in texts.values()):
        hint = "add --mark, --move, --move-all, --fund, --set-leverage or --trade"
        problems.append(Problem("nothing is asked for", hint))
    if problems:
        raise InputError(problems)
    return _actions(said)


def _actions(said: Mapping[str, Decimal]) -> list[Act]:
    actions: list[Act] = []
    if "--move-all" in said:
        actions.append(Reprice(move=said["--move-all"], everywhere=True))
    if "--mark" in said or "--move" in said:
        actions.append(Reprice(mark=said.get("--mark"), move=said.get("--move")))
    if "--fund" in said:
        actions.append(Fund(said["--fund"]))
    if "--set-leverage" in said:
        actions.append(SetLeverage(said["--set-leverage"]))
    if "--trade" in said:
        fee_rate = said.get("--fee-rate", Decimal(0))
        actions.append(Trade(said["--trade"], said.get("--at"), fee_rate))
    return actions


def read_wish(texts: Texts, *, max_size: bool) -> Wish:
    """Return the one wish that flags state.

    Raises:
        InputError: with every problem; when there is no wish, or more than one, too.
    """
    problems: list[Problem] = []
    said = _numbers(texts, problems)
    names = [name for name, text in texts.items() if text is not None]
    names += ["--max-size"] * max_size
    if not names:
        hint = f"add {', '.join(WISHES)} or --max-size"
        problems.append(Problem("nothing is wished for", hint))
    elif len(names) > 1:
        message = f"{' and '.join(names)} are several wishes"
        problems.append(Problem(message, "state one at a time", Place(path=names[-1])))
    if problems:
        raise InputError(problems)
    name = names[0]
    return Wish(Target.MAX_SIZE) if max_size else Wish(WISHES[name], said[name])


def _numbers(texts: Texts, problems: list[Problem]) -> dict[str, Decimal]:
    """Return the numbers of flags, as far as they make sense each on its own."""
    said = {}
    for name, text in texts.items():
        if text is None:
            continue
        body = text.removesuffix("x") if name in _MULTIPLES else text
        try:
            value = read_decimal(body, fraction=name in _FRACTIONS)
        except ValueError as error:
            problems.append(Problem(str(error), None, Place(path=name)))
            continue
        check, message = _CHECKS.get(name, (None, ""))
        if check is not None and not check(value):
            problems.append(Problem(message.format(text), None, Place(path=name)))
        else:
            said[name] = value
    return said
