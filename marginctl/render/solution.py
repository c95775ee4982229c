"""Solutions: as data, as tables for people, and the answer and its proof in sentences."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

from marginctl.core.goals import Obstacle, Solution, Target, Variable
from marginctl.core.numbers import decimal_of, exactly
from marginctl.core.position import Side
from marginctl.core.rules import Venue
from marginctl.core.whatif import anything_liquidatable
from marginctl.render.change import compared, compared_data
from marginctl.render.data import (
    Answer,
    Data,
    PositionView,
    ReportView,
    answer_head,
    cross_data,
    notice_data,
    value_text,
)
from marginctl.render.figures import Field, split
from marginctl.render.layout import DANGER, NOTE, SAFE, Rows, TextLine, styled_lines, title_lines
from marginctl.render.numbers import ROUND_CEILING, ROUND_FLOOR, exact_text, grouped, limit_words
from marginctl.render.sheet import position_sheet, position_title


def solution_data(answer: Answer[Solution], chosen: Sequence[Field]) -> Data:
    """Return the object that ``solve -o json`` prints."""
    fields, of_cross = split(chosen)
    solution = answer.result
    before, after = solution.position_before, solution.position_after
    found = None
    if solution.answer is not None:
        found = {
            "field": solution.means.value,
            "value": value_text(decimal_of(solution.answer)),
            "rounded": value_text(solution.rounded),
            "exclusive": solution.exclusive,
        }
        if solution.until is not None:
            found["until"] = value_text(decimal_of(solution.until))
    return {
        **answer_head("marginctl/solve/1", answer),
        "asset": solution.position.asset,
        "target": _target_data(solution),
        "possible": solution.possible,
        "answer": found if solution.possible else None,
        "reason": None if solution.why is None else solution.why.value,
        "nearest": None
        if solution.possible
        else {"value": value_text(solution.nearest), "answer": found},
        "binding_limit": solution.limit,
        **_stop_data(solution),
        "message": answer.message,
        "proof": {"value": value_text(solution.reached), "message": proof_words(solution)},
        **compared_data(before, after, fields),
        "cross_before": cross_data(solution.before.cross, of_cross),
        "cross_after": None
        if solution.after is None
        else cross_data(solution.after.cross, of_cross),
        "warnings": [notice_data(notice) for notice in answer.notices],
    }


def _target_data(solution: Solution) -> Data:
    goal = solution.goal
    data: Data = {"field": goal.target.value, "value": value_text(solution.wanted)}
    if goal.target is Target.RISK:
        data |= {"stop": value_text(goal.stop), "fee_rate": value_text(goal.fee_rate)}
    if solution.payment is not None:
        data["payment_per_hour"] = value_text(solution.payment)
    return data


def _stop_data(solution: Solution) -> Data:
    """Return whether the stop of a size comes before liquidation, and what it takes."""
    if solution.goal.target is not Target.RISK:
        return {}
    needed = solution.margin_for_stop
    return {
        "stop_comes_first": None if needed is None else not needed,
        "margin_for_stop": value_text(needed),
    }


def solution_title(answer: Answer[Solution], width: int | None, *, whole: bool) -> list[TextLine]:
    """Return which position the target is for; one still to be opened with its ``whole`` sheet."""
    solution = answer.result
    if solution.position_before is not None:
        return [*title_lines(position_title(solution.position_before, answer.notices), width), ()]
    after = solution.position_after
    if after is None:
        return []
    if not whole:
        return [*title_lines(position_title(after, answer.notices), width), ()]
    shown = PositionView(after)
    report = ReportView(answer.venue, answer.tiers, (shown,), None, answer.notices)
    return [*position_sheet(report, shown, width), ()]


def solution_rows(answer: Answer[Solution]) -> list[Rows]:
    """Return the tables before and after."""
    solution = answer.result
    if solution.after is None:
        return []
    before, after = solution.position_before, solution.position_after
    return compared(before, after, solution.before.cross, solution.after.cross)


def _verdict_style(solution: Solution) -> str:
    """Nothing good is green beside figures of something that is liquidatable."""
    if not solution.possible:
        return DANGER
    if solution.means is Variable.HOURS or solution.margin_for_stop:
        return ""
    reports = (solution.before, solution.after)
    shown = [report for report in reports if report is not None]
    return "" if any(anything_liquidatable(report) for report in shown) else SAFE


def solution_lines(answer: Answer[Solution], width: int | None) -> list[TextLine]:
    """Return the answer and its proof."""
    style = _verdict_style(answer.result)
    lines = styled_lines(answer.message, style, width)
    if proof := proof_words(answer.result):
        lines += styled_lines(proof, NOTE, width)
    return lines


_SHOWN_DIGITS = 20


_NAMES = {
    Target.LIQUIDATION_PRICE: "the liquidation price",
    Target.STOP: "the liquidation price",
    Target.DISTANCE: "the distance to liquidation",
    Target.EFFECTIVE_LEVERAGE: "the effective leverage",
    Target.REMOVABLE: "the removable amount",
    Target.MAX_SIZE: "the margin used",
    Target.RISK: "the loss at the stop",
    Target.FUNDING_RATE: "the liquidation price",
}


_PROOF_ENDS = {Target.STOP: "", Target.RISK: " of {}", Target.FUNDING_RATE: ", the mark"}
"""What the proofs of some targets end with; ``{}`` is what was wanted."""


_REASONS = {
    Obstacle.BEYOND_MARK: "a liquidation price at or past the mark liquidates the position",
    Obstacle.BELOW_ZERO: "a price cannot fall to zero, so the distance of a long stays below 100%",
    Obstacle.BEYOND_TIERS: "it takes a notional above the end of the tier table",
    Obstacle.STRICT: "nothing can be removed from a strict isolated position",
    Obstacle.NOTHING_TO_USE: "there is no margin to use",
}


@exactly
def solution_message(solution: Solution, venue: Venue) -> str:
    """Return the answer in a sentence."""
    quote = venue.quote
    goal = _goal_words(solution, quote)
    if not solution.possible:
        why = _reason(solution, venue)
        return f"Impossible: {goal}, because {why}{_nearest_words(solution, quote)}"
    worded = _MESSAGES.get(solution.goal.target)
    if worded is not None:
        return worded(solution, quote)
    if solution.means is Variable.MARK:
        return f"{_mark_words(solution)}: {goal}"
    if solution.means is Variable.SIZE:
        if solution.answer is None:
            return (
                f"No largest size of {goal}: at these prices it gains more than the margin it needs"
            )
        assert solution.rounded is not None
        size = f"{'below ' if solution.exclusive else ''}{_shown(solution)}"
        if solution.rounded != solution.answer or solution.exclusive:
            size += f" ({exact_text(solution.rounded)} in size steps)"
        return f"Largest size of {goal}: {size}, limited by {_size_limit(solution)}"
    return f"{_margin_words(solution, quote)} for {goal}{_unchecked(solution)}"


@exactly
def proof_words(solution: Solution) -> str:
    """Return what the answer gives when it is put back in, and how exactly that is the target."""
    reached, name = solution.reached, _NAMES[solution.goal.target]
    if reached is None or solution.answer is None:
        return ""
    wanted = solution.wanted if solution.possible else None
    lead = f"Check: with this answer, {name} is {_of_target(solution, reached)}"
    if wanted is None or solution.goal.target in _PROOF_ENDS:
        return f"{lead}{_PROOF_ENDS.get(solution.goal.target, '').format(_number(wanted))}"
    difference = abs(reached - wanted)
    if not difference:
        return f"{lead}, exactly as asked"
    if solution.goal.target is Target.REMOVABLE and solution.limit == "tier_end":
        return f"{lead}, at least as much as asked: the tier table ends there"
    if solution.goal.target is Target.MAX_SIZE and solution.limit != "margin":
        return f"{lead} of {_number(wanted)}, because {_size_limit(solution)} comes first"
    scale = wanted.adjusted() if wanted else 0
    return f"{lead}, as asked to {scale - difference.adjusted()} digits"


@exactly
def stop_warning(solution: Solution) -> str | None:
    """Return what to warn of where liquidation comes before a stop, None where it does not."""
    before = solution.position_before
    if solution.goal.target is Target.RISK and solution.margin_for_stop:
        after = solution.position_after
        assert after is not None
        price = _number(after.liquidated_at)
        return f"liquidation at {price} comes before the stop at {_number(solution.goal.stop)}"
    if solution.goal.target is not Target.STOP or before is None:
        return None
    if solution.possible and not solution.exclusive:
        return None
    if before.liquidated_at is None:
        return "the position is liquidatable before its stop" if before.liquidatable else None
    price = _number(before.liquidated_at)
    return f"liquidation at {price} comes before the stop at {_number(solution.goal.value)}"


def _goal_words(solution: Solution, quote: str) -> str:
    value = solution.wanted
    text = "" if value is None else _of_target(solution, value)
    match solution.goal.target:
        case Target.LIQUIDATION_PRICE:
            return f"a liquidation price of {text}"
        case Target.DISTANCE:
            return f"liquidation {text} from the mark"
        case Target.EFFECTIVE_LEVERAGE:
            return f"an effective leverage of {text}"
        case Target.REMOVABLE:
            return f"{text} {quote} can be removed" if value else "margin can be removed"
        case Target.STOP:
            return f"a stop at {text} before liquidation"
        case _:
            return _size_goal_words(solution, text, quote)


def _size_goal_words(solution: Solution, text: str, quote: str) -> str:
    if solution.goal.target is Target.RISK:
        return f"a loss of {text} {quote} at a stop of {_number(solution.goal.stop)}"
    leverage = exact_text(solution.position.leverage)
    return f"{solution.position.asset} with {text} {quote} of margin at {leverage}x"


def _mark_words(solution: Solution) -> str:
    """The marks at which the amount asked for can be removed."""
    if solution.answer is None:
        return "At every price"
    # cut to where at least as much is removable as was asked for
    price = _price(solution.answer, ROUND_FLOOR if solution.downward else ROUND_CEILING)
    better = "below" if solution.downward else "above"
    if solution.until is not None:
        return f"At a mark from {price} to {_price(solution.until, ROUND_FLOOR)}"
    if solution.exclusive or not solution.wanted:
        return f"{better.capitalize()} a mark of {price}"
    words = f"At a mark of {price} or {better}"
    return f"{words}, where the tier table ends" if solution.limit == "tier_end" else words


def _margin_words(solution: Solution, quote: str) -> str:
    amount, exact = solution.rounded, solution.answer
    assert amount is not None
    assert exact is not None
    if not amount:
        less = f" ({_shown(solution)} is less than a step)" if exact else ""
        return f"Nothing to add or remove{less}"
    verb = "Add" if exact > 0 else "Remove"
    words = f"{verb} {exact_text(abs(amount))} {quote}"
    if amount == exact or not solution.possible:
        return words
    return f"{words} (exactly {_shown(solution)}, rounded to a step)"


def _risk_words(solution: Solution, quote: str) -> str:
    """The size, what binds it, and which comes first: the stop or liquidation."""
    assert solution.rounded is not None
    words = f"Size {exact_text(solution.rounded)}"
    if solution.rounded != solution.answer or solution.exclusive:
        exact = f"{'below ' if solution.exclusive else ''}{_shown(solution)}"
        words += f" ({exact}, rounded down to size steps)"
    words = f"{words} for {_goal_words(solution, quote)}"
    if solution.limit != "risk":
        words += f", limited by {_size_limit(solution)}"
    needed, report = solution.margin_for_stop, solution.position_after
    assert report is not None
    if needed is None:
        return f"{words}; the tier table ends before the stop, so it is not known which comes first"
    if not needed:
        return f"{words}; the stop comes before liquidation"
    return (
        f"{words}; liquidation at {_number(report.liquidated_at)} comes first: add at least "
        f"{exact_text(needed)} {quote} of margin"
    )


def _hours_words(solution: Solution, quote: str) -> str:
    """The hours until liquidation, or why there are none."""
    payment, rate = solution.payment, solution.wanted
    assert payment is not None
    assert rate is not None
    at_rate = f"at {_number(rate.scaleb(2))}% an hour"
    if solution.answer is None:
        received = f"{_number(abs(payment))} {quote} an hour"
        return f"Never liquidated by funding: {at_rate} the position receives {received}"
    if not solution.answer:
        return f"Liquidated after 0 hours: nothing is left to pay funding {at_rate}"
    assert solution.rounded is not None
    return (
        f"Liquidated after {_shown(solution)} hours of funding {at_rate}, if the mark does not "
        f"move: the position pays {_number(payment)} {quote} an hour and lasts "
        f"{exact_text(solution.rounded)} full hours"
    )


def _stop_words(solution: Solution, quote: str) -> str:
    report = solution.position_after
    assert report is not None
    stop = _number(solution.goal.value)
    if not solution.exclusive:
        if report.liquidated_at is None:
            return f"Nothing to add: the stop at {stop} comes first, because no price liquidates"
        price = _number(report.liquidated_at)
        return f"Nothing to add: the stop at {stop} comes before liquidation at {price}"
    assert solution.rounded is not None
    amount = f"{exact_text(solution.rounded)} {quote}"
    return (
        f"Add at least {amount} to put liquidation beyond the stop at {stop} "
        f"({_shown(solution)} puts it exactly at the stop){_unchecked(solution)}"
    )


def _unchecked(solution: Solution) -> str:
    """Say so where the money would come from an account that nothing is known of."""
    report = solution.position_after
    if not solution.limit_known and solution.answer:
        return " (transfer limits not known)"
    known = report is None or report.margin is None or report.addition_limit is not None
    if known or not solution.answer or solution.answer < 0:
        return ""
    return " (account balance not checked)"


def _reason(solution: Solution, venue: Venue) -> str:
    why = solution.why
    words = limit_words(solution.limit, venue.rules)
    if why is Obstacle.REMOVAL_LIMIT:
        return f"removal is limited by {words}"
    if why is Obstacle.ADDITION_LIMIT:
        return f"additions are limited by {words}"
    if why is Obstacle.NEVER:
        side = solution.position.side
        return f"no {'rise' if side is Side.LONG else 'fall'} of the price makes that removable"
    if why is Obstacle.BELOW_A_LOT:
        return f"{_size_limit(solution)} allows less than one size step"
    if why is Obstacle.TIER_LEVERAGE:
        return "the leverage is above what the asset allows"
    return _REASONS[why] if why is not None else ""


def _nearest_words(solution: Solution, quote: str) -> str:
    if solution.nearest is None:
        return ""
    if solution.why is Obstacle.TIER_LEVERAGE:
        return f"; nearest possible leverage: {exact_text(solution.nearest)}x"
    if solution.why is Obstacle.BELOW_ZERO and solution.reached is None:
        how = _margin_words(solution, quote)
        return (
            f"; to come as near as possible, {how[:1].lower()}{how[1:]}: then no price liquidates"
        )
    less = "less than " if solution.exclusive and solution.means is Variable.MARK else ""
    stop = "liquidation at " if solution.goal.target is Target.STOP else ""
    words = f"; nearest possible: {less}{stop}{_of_target(solution, solution.nearest)}"
    if solution.means is not Variable.MARGIN or solution.answer is None:
        return words
    how = _margin_words(solution, quote)
    return f"{words} ({how[:1].lower()}{how[1:]})"


def _size_limit(solution: Solution) -> str:
    return {
        "margin": "the margin",
        "risk": "the risk",
        "tier_leverage": "a tier that does not allow this leverage",
        "tier_end": "the end of the tier table",
    }[solution.limit or "margin"]


def _price(exact: Fraction, toward: str) -> str:
    price = decimal_of(exact, toward)
    if len(price.normalize().as_tuple().digits) <= _SHOWN_DIGITS:
        return exact_text(price)
    return grouped(price, max(2, 11 - price.adjusted()), toward)


def _shown(solution: Solution) -> str:
    assert solution.answer is not None
    return _number(decimal_of(abs(solution.answer)))


def _of_target(solution: Solution, value: Decimal) -> str:
    """A value of the target, in its unit where that is not the quote currency."""
    match solution.goal.target:
        case Target.DISTANCE:
            return f"{_number(value.scaleb(2))}%"
        case Target.EFFECTIVE_LEVERAGE:
            return f"{_number(value)}x"
        case _:
            return _number(value)


def _number(value: Decimal | None) -> str:
    if value is None:
        return "none"
    if len(value.normalize().as_tuple().digits) <= _SHOWN_DIGITS:
        return exact_text(value)
    return f"{grouped(value, max(2, 11 - value.adjusted()), ROUND_FLOOR)}…"


_MESSAGES: dict[Target, Callable[[Solution, str], str]] = {
    Target.STOP: _stop_words,
    Target.RISK: _risk_words,
    Target.FUNDING_RATE: _hours_words,
}
"""The answers that have sentences of their own."""
