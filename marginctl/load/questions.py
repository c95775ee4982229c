"""What is asked of what-if, solve and sweep: flags as changes, goals and ranges."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from marginctl.core.changes import AddMargin, Change, MoveMark, PayFunding, SetLeverage, Trade
from marginctl.core.goals import Goal, Target
from marginctl.core.rules import Venue
from marginctl.core.sweep import Over, Range
from marginctl.load.argument_values import (
    ABOVE_ZERO,
    AMOUNT,
    FEE_RATE,
    FUNDING_RATE,
    MOVE,
    NOT_BELOW_ZERO,
    TRADE_SIZE,
    Bound,
)
from marginctl.load.inputs import check_leverage
from marginctl.load.numbers import (
    ONE,
    RATE_BARE_BELOW,
    BareFractionError,
    read_decimal,
    read_fraction,
)
from marginctl.load.problems import InputError, Place, Problem

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


Texts = Mapping[str, str | None]
"""What was said, by flag."""

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
TARGETS = {
    "--liquidation-price": Target.LIQUIDATION_PRICE,
    "--distance": Target.DISTANCE,
    "--effective-leverage": Target.EFFECTIVE_LEVERAGE,
    "--removable": Target.REMOVABLE,
    "--stop": Target.STOP,
    "--risk": Target.RISK,
    "--funding-rate": Target.FUNDING_RATE,
}
"""The flags of targets that have a value."""

BOUNDS = {
    Target.LIQUIDATION_PRICE: ABOVE_ZERO,
    Target.STOP: ABOVE_ZERO,
    Target.EFFECTIVE_LEVERAGE: ABOVE_ZERO,
    Target.REMOVABLE: NOT_BELOW_ZERO,
    Target.RISK: ABOVE_ZERO,
    Target.FUNDING_RATE: FUNDING_RATE,
}
"""What the value of a target must be."""
_BOUNDS: dict[str, Bound] = {
    "--set-mark": ABOVE_ZERO,
    "--at": ABOVE_ZERO,
    "--move": MOVE,
    "--move-all": MOVE,
    "--trade": TRADE_SIZE,
    "--fund": AMOUNT,
    "--fee-rate": FEE_RATE,
    "--hours": ABOVE_ZERO,
    "--cushion": ABOVE_ZERO,
    **{flag: BOUNDS[target] for flag, target in TARGETS.items() if target in BOUNDS},
}


def read_actions(texts: Texts, venue: Venue) -> list[Change]:
    """Return the actions that flags ask for.

    Raises:
        InputError: with every problem; when nothing is asked for, too.
    """
    problems: list[Problem] = []
    said = _numbers(texts, problems)

    def wrong(_: str, message: str, hint: str | None = None) -> None:
        problems.append(Problem(message, hint, Place(path="--set-leverage")))

    check_leverage(said.get("--set-leverage"), venue, wrong)
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
    return _actions(said)


def _actions(said: Mapping[str, Decimal]) -> list[Change]:
    actions: list[Change] = []
    if "--move-all" in said:
        actions.append(MoveMark(move=said["--move-all"], everywhere=True))
    if "--set-mark" in said or "--move" in said:
        actions.append(MoveMark(mark=said.get("--set-mark"), move=said.get("--move")))
    if "--fund" in said:
        actions.append(AddMargin(said["--fund"]))
    if "--set-leverage" in said:
        actions.append(SetLeverage(said["--set-leverage"]))
    if "--trade" in said:
        fee_rate = said.get("--fee-rate", Decimal(0))
        actions.append(Trade(said["--trade"], said.get("--at"), fee_rate))
    if "--funding-rate" in said:
        actions.append(PayFunding(said["--funding-rate"], said["--hours"]))
    return actions


def read_wish(texts: Texts, *, max_size: bool) -> Goal:
    """Return the one target that flags state.

    ``--stop`` is a target of its own, but with ``--risk`` a part of that, as ``--fee-rate`` is.

    Raises:
        InputError: with every problem; when there is no target, or more than one, too.
    """
    problems: list[Problem] = []
    said = _numbers(texts, problems)
    given = [name for name, text in texts.items() if text is not None]
    at_risk = "--risk" in given
    names = [name for name in given if name in TARGETS and not (at_risk and name == "--stop")]
    names += ["--max-size"] * max_size
    if at_risk and "--stop" not in given:
        message = "--risk is the loss at a stop, but --stop is missing"
        problems.append(Problem(message, "add --stop", Place(path="--risk")))
    if "--fee-rate" in given and not at_risk:
        message = "--fee-rate needs --risk"
        problems.append(Problem(message, "drop it", Place(path="--fee-rate")))
    if not names:
        hint = f"add {', '.join(TARGETS)} or --max-size"
        problems.append(Problem("there is no target to solve for", hint))
    elif len(names) > 1:
        message = f"{' and '.join(names)} are different targets"
        problems.append(Problem(message, "give one at a time", Place(path=names[-1])))
    if problems:
        raise InputError(problems)
    if max_size:
        return Goal(Target.MAX_SIZE)
    (name,) = names
    if at_risk:
        return Goal(Target.RISK, said["--risk"], said["--stop"], said.get("--fee-rate", Decimal(0)))
    return Goal(TARGETS[name], said[name])


def read_flag(flag: str, text: str | None) -> Decimal | None:
    """Return the number of one flag, None where it is not given.

    Raises:
        InputError: it makes no sense.
    """
    problems: list[Problem] = []
    said = _numbers({flag: text}, problems)
    if problems:
        raise InputError(problems)
    return said.get(flag)


def _numbers(texts: Texts, problems: list[Problem]) -> dict[str, Decimal]:
    """Return the numbers of flags, as far as they make sense each on its own."""
    said = {}
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
        bound = _BOUNDS.get(name)
        if bound is not None and not bound.holds(value):
            problems.append(Problem(bound.message.format(text), None, Place(path=name)))
        else:
            said[name] = value
    return said
