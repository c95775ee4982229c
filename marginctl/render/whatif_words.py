"""A what-if in words: each action, and why the venue would refuse it."""

from marginctl.core.acts import Act, Fund, Open, PayFunding, Reprice, SetLeverage, Trade
from marginctl.core.notices import unknown_limits
from marginctl.core.numbers import ZERO, exactly
from marginctl.core.solve import in_steps
from marginctl.core.trade import Effect
from marginctl.core.venue import Venue
from marginctl.core.whatif import Outcome, WhatIf, anything_liquidatable
from marginctl.render.numbers import plain
from marginctl.render.words import limit_words

_EFFECTS = {
    Effect.INCREASE: "",
    Effect.REDUCE: "",
    Effect.OPEN: "",
    Effect.CLOSE: ", which closes the position",
    Effect.FLIP: ", which turns the position around",
}
_REFUSALS = {
    "closed": "the position is closed by then",
    "liquidated": "a step before it liquidates",
    "delisted": "the asset is delisted: no new positions",
    "maintenance_margin": "it would be liquidatable at once",
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
        return f"Not known: {words}; {unknown_limits(venue.rules)}"
    return _allowed_words(result, words)


def _allowed_words(result: WhatIf, words: str) -> str:
    unchecked = any(_unchecked(one) for one in result.outcomes)
    if anything_liquidatable(result.before):
        doubt = "; what the account can give is not checked" if unchecked else ""
        return f"What if: {words}; liquidatable before, and not after it{doubt}"
    if unchecked:
        return f"Allowed as far as is known: {words}; what the account can give is not checked"
    if all(isinstance(one.action, Reprice | PayFunding) for one in result.outcomes):
        return f"What if: {words}"
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
    when = "then" if len(result.outcomes) == 1 else f"after step {result.liquidated_after}"
    return f"; liquidatable {when}: {', '.join(names)}"


def _unchecked(outcome: Outcome) -> bool:
    """Whether money would come from an account that nothing is known of."""
    if outcome.funds_known:
        return False
    if isinstance(outcome.action, Fund):
        return outcome.action.amount > 0
    return outcome.effect in {Effect.INCREASE, Effect.FLIP, Effect.OPEN}


def _act_words(action: Act, outcome: Outcome, quote: str) -> str:
    match action:
        case Reprice(mark=mark, move=move, everywhere=everywhere):
            if mark is not None:
                return f"mark at {plain(mark)}"
            subject = "all marks" if everywhere else "mark"
            return f"{subject} moved by {plain((move or ZERO).scaleb(2))}%"
        case Fund(amount=amount):
            return f"{'add' if amount > 0 else 'remove'} {plain(abs(amount))} {quote}"
        case SetLeverage(leverage=leverage):
            return f"set leverage {plain(leverage)}x"
        case PayFunding():
            return _funding_words(action, outcome, quote)
        case Open() | Trade():
            return _trade_words(action, outcome)


def _trade_words(action: Open | Trade, outcome: Outcome) -> str:
    price = "" if outcome.price is None else f" at {plain(outcome.price)}"
    fee = f", fee {plain(action.fee_rate.scaleb(2))}%" if action.fee_rate else ""
    size = plain(abs(action.size))
    if isinstance(action, Open):
        what = f"{'long' if action.size > 0 else 'short'} {size} {action.asset}"
        return f"open {what}, {action.mode.value} {plain(action.leverage)}x{price}{fee}"
    effect = "" if outcome.effect is None else _EFFECTS[outcome.effect]
    return f"{'buy' if action.size > 0 else 'sell'} {size}{price}{fee}{effect}"


def _funding_words(action: PayFunding, outcome: Outcome, quote: str) -> str:
    hours = f"{plain(action.hours)} {'hour' if action.hours == 1 else 'hours'}"
    rate = f"{plain(action.rate.scaleb(2))}% an hour for {hours}"
    if outcome.paid is None:
        return f"funding, {rate}"
    verb = "receive" if outcome.paid < 0 else "pay"
    return f"{verb} {plain(abs(outcome.paid))} {quote} of funding, {rate}"


def _refusal_words(outcome: Outcome, venue: Venue) -> str:
    limit = outcome.limit
    name = limit.name or ""
    if name in _REFUSALS:
        return _REFUSALS[name]
    if name == "tier_leverage" and limit.amount is not None:
        return f"this notional allows at most {plain(limit.amount)}x"
    if outcome.short is not None:
        short = in_steps(outcome.short, venue.rules.amount_step)
        missing = f"{plain(short)} {venue.quote} of margin are missing"
        if isinstance(outcome.action, SetLeverage) and limit.amount is not None:
            return f"{missing}; at least {plain(limit.amount)}x"
        return missing
    most = limit.most(venue.rules.amount_step)
    words = limit_words(name, venue.rules)
    if not most:
        return f"nothing can move, limited by {words}"
    return f"at most {plain(most)} {venue.quote}, limited by {words}"
