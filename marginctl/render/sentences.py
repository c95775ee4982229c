"""Verdicts in sentences: changes of margin and what-ifs, and the limits they meet."""

from marginctl.core.changes import (
    Action,
    AddMargin,
    Change,
    MarginChange,
    MoveMark,
    Open,
    PayFunding,
    SetLeverage,
    Trade,
)
from marginctl.core.notices import unknown_limits
from marginctl.core.numbers import ZERO, exactly, up_to_step
from marginctl.core.rules import Venue
from marginctl.core.solve import in_steps
from marginctl.core.trade import Effect
from marginctl.core.whatif import Outcome, WhatIf, anything_liquidatable
from marginctl.render.numbers import exact_text, limit_words

_NOT_CHECKED = " (account balance not checked)"


def verdict_words(change: MarginChange, venue: Venue) -> str:
    """Return the verdict on a change, with the binding limit and the largest allowed amount."""
    what = (
        f"{change.action.value} {exact_text(change.amount)} {venue.quote}{_cushion_words(change)}"
    )
    limit = change.limit
    if not limit.known:
        return _unknown_words(change, what, venue)
    most = limit.most(venue.rules.amount_step)
    if most is None:
        return _unlimited_words(change, what)
    words = limit_words(limit.name or "cross_account", venue.rules)
    if change.allowed:
        return f"Allowed: {what} (at most {exact_text(most)}, limited by {words})"
    verb = "added" if change.action is Action.ADD else "removed"
    if most > 0:
        return f"Refused: {what}: at most {exact_text(most)} can be {verb}, limited by {words}"
    nothing = f"nothing can be {verb}, {_why_nothing(change, venue, words)}"
    if change.amount:
        return f"Refused: {what}: {nothing}"
    return f"Refused: {nothing}{_cushion_words(change)}"


def _unknown_words(change: MarginChange, what: str, venue: Venue) -> str:
    if change.allowed is None:
        return f"Not known: {what}: {unknown_limits(venue.rules)}"
    when = "at once" if change.cushion is None else "there"
    return f"Refused: {what}: the position would be liquidatable {when}"


def _cushion_words(change: MarginChange) -> str:
    if change.cushion is None:
        return ""
    move = exact_text(change.cushion.scaleb(2))
    return f", even if the mark first moves {move}% against the position"


def _unlimited_words(change: MarginChange, what: str) -> str:
    if change.before.cross is None and change.index is not None:
        return f"Allowed as far as known: {what}{_NOT_CHECKED}"
    return f"Allowed: {what} (deposits are not limited)"


def _why_nothing(change: MarginChange, venue: Venue, words: str) -> str:
    position, cross = change.position_before, change.before.cross
    short = None
    # with a cushion, what is missing at the mark is not what is missing after the move
    if (
        change.action is Action.REMOVE
        and change.limit.name != "strict_isolated"
        and change.cushion is None
    ):
        if position is not None and position.shortfall is not None:
            short = position.shortfall
        elif cross is not None:
            short = cross.shortfall
    if not short:
        return f"limited by {words}"
    missing = up_to_step(short, venue.rules.amount_step)
    return f"{exact_text(missing)} {venue.quote} short of {words}"


_EFFECTS = {
    Effect.INCREASE: "",
    Effect.REDUCE: "",
    Effect.OPEN: "",
    Effect.CLOSE: ", which closes the position",
    Effect.FLIP: ", which flips the position",
}
_REFUSALS = {
    "closed": "the position is already closed",
    "liquidated": "an earlier step liquidates",
    "delisted": "the asset is delisted: no new positions",
    "maintenance_margin": "the position would be liquidatable at once",
}


@exactly
def outcome_words(outcome: Outcome, venue: Venue) -> str:
    """Return one action with its verdict."""
    words = _act_words(outcome.action, outcome, venue.quote)
    if outcome.allowed is not False:
        return words
    return f"{words}: refused, {_refusal_words(outcome, venue)}"


@exactly
def whatif_message(result: WhatIf, venue: Venue) -> str:
    """Return the verdict on everything: all that is refused, what liquidates, what is allowed.

    Nothing is called allowed beside figures of something that is liquidatable.
    """
    fallen = _fallen_words(result)
    refused = [
        f"{_act_words(one.action, one, venue.quote)}: {_refusal_words(one, venue)}"
        for one in result.outcomes
        if one.allowed is False
    ]
    if refused:
        return f"Refused: {'; '.join(refused)}{fallen}"
    words = "; ".join(outcome_words(one, venue) for one in result.outcomes)
    if result.liquidated is not None:
        return f"Liquidated: {words}{fallen}"
    if result.allowed is None:
        return f"Not known: {words}: {unknown_limits(venue.rules)}"
    return _allowed_words(result, words)


def _allowed_words(result: WhatIf, words: str) -> str:
    unchecked = any(_unchecked(one) for one in result.outcomes)
    if anything_liquidatable(result.before):
        return f"No longer liquidatable: {words}{_NOT_CHECKED if unchecked else ''}"
    if unchecked:
        return f"Allowed as far as known: {words}{_NOT_CHECKED}"
    if all(isinstance(one.action, MoveMark | PayFunding) for one in result.outcomes):
        return f"Not liquidated: {words}"
    return f"Allowed: {words}"


def _fallen_words(result: WhatIf) -> str:
    """Name what is liquidatable after the first step that leaves anything so."""
    report = result.liquidated
    if report is None:
        return ""
    # a cross position, without a margin of its own, goes with its account
    names = [
        position.asset
        for position in report.positions
        if position.margin is not None and position.liquidatable
    ]
    if report.cross is not None and report.cross.liquidatable:
        names.append("the cross account")
    what = "this" if len(result.outcomes) == 1 else f"step {result.liquidated_after}"
    return f"; {what} leaves {' and '.join(names)} liquidatable"


def _unchecked(outcome: Outcome) -> bool:
    """Whether money would come from an account that nothing is known of."""
    if outcome.funds_known:
        return False
    if isinstance(outcome.action, AddMargin):
        return outcome.action.amount > 0
    return outcome.effect in {Effect.INCREASE, Effect.FLIP, Effect.OPEN}


def _act_words(action: Change, outcome: Outcome, quote: str) -> str:
    match action:
        case MoveMark(mark=mark, move=move, everywhere=everywhere):
            if mark is not None:
                return f"mark at {exact_text(mark)}"
            subject = "all marks" if everywhere else "mark"
            return f"{subject} moved by {exact_text((move or ZERO).scaleb(2))}%"
        case AddMargin(amount=amount):
            return f"{'add' if amount > 0 else 'remove'} {exact_text(abs(amount))} {quote}"
        case SetLeverage(leverage=leverage):
            return f"set leverage {exact_text(leverage)}x"
        case PayFunding():
            return _funding_words(action, outcome, quote)
        case Open() | Trade():
            return _trade_words(action, outcome)


def _trade_words(action: Open | Trade, outcome: Outcome) -> str:
    price = "" if outcome.price is None else f" at {exact_text(outcome.price)}"
    fee = f", fee {exact_text(action.fee_rate.scaleb(2))}%" if action.fee_rate else ""
    size = exact_text(abs(action.size))
    if isinstance(action, Open):
        what = f"{'long' if action.size > 0 else 'short'} {size} {action.asset}"
        return f"open {what}, {action.mode.value} {exact_text(action.leverage)}x{price}{fee}"
    effect = "" if outcome.effect is None else _EFFECTS[outcome.effect]
    return f"{'buy' if action.size > 0 else 'sell'} {size}{price}{fee}{effect}"


def _funding_words(action: PayFunding, outcome: Outcome, quote: str) -> str:
    hours = f"{exact_text(action.hours)} {'hour' if action.hours == 1 else 'hours'}"
    rate = f"{exact_text(action.rate.scaleb(2))}% an hour for {hours}"
    if outcome.paid is None:
        return f"funding, {rate}"
    verb = "receive" if outcome.paid < 0 else "pay"
    return f"{verb} {exact_text(abs(outcome.paid))} {quote} of funding, {rate}"


def _refusal_words(outcome: Outcome, venue: Venue) -> str:
    limit = outcome.limit
    name = limit.name or ""
    if name in _REFUSALS:
        return _REFUSALS[name]
    if name == "tier_leverage" and limit.amount is not None:
        return f"this notional allows at most {exact_text(limit.amount)}x"
    if outcome.short is not None:
        short = in_steps(outcome.short, venue.rules.amount_step)
        missing = f"{exact_text(short)} {venue.quote} of margin is missing"
        if isinstance(outcome.action, SetLeverage) and limit.amount is not None:
            return f"{missing}; the lowest possible leverage is {exact_text(limit.amount)}x"
        return missing
    most = limit.most(venue.rules.amount_step)
    words = limit_words(name, venue.rules)
    if not most:
        return f"nothing can be moved, limited by {words}"
    return f"at most {exact_text(most)} {venue.quote}, limited by {words}"
