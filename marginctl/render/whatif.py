"""What-ifs: as data, as tables for people, and the verdict on each step in a sentence."""

from collections.abc import Sequence

from marginctl.core.changes import AddMargin, Change, MoveMark, Open, PayFunding, SetLeverage, Trade
from marginctl.core.notices import unknown_limits
from marginctl.core.numbers import ZERO, decimal_of, exactly, up_to_step
from marginctl.core.report import AccountReport, PositionReport
from marginctl.core.rules import Venue
from marginctl.core.trade import Effect
from marginctl.core.whatif import Outcome, WhatIf, anything_liquidatable, nearest_to_liquidation
from marginctl.render.change import compared, compared_data, pairs_data, verdict_style
from marginctl.render.data import (
    Answer,
    Data,
    answer_head,
    cross_data,
    notice_data,
    source_data,
    value_text,
)
from marginctl.render.figures import Field, split
from marginctl.render.layout import (
    CAUTION,
    DANGER,
    INDENT,
    NOTE,
    TITLE,
    Rows,
    TextLine,
    aligned,
    styled_lines,
    title_lines,
    verdict_lines,
)
from marginctl.render.numbers import ROUND_FLOOR, exact_text, limit_words, names_text, percent
from marginctl.render.rounding import danger_price, given_price
from marginctl.render.sheet import distance_words, position_title


def whatif_data(answers: Sequence[Answer[WhatIf]], chosen: Sequence[Field]) -> Data:
    """Return the object that ``whatif -o json`` prints.

    Of several accounts, ``accounts`` has each as it is afterwards, and the rest is of the first.
    """
    data = _whatif_data(answers[0], chosen)
    if len(answers) == 1:
        return data
    _, of_cross = split(chosen)
    verdicts = {answer.result.allowed for answer in answers}
    fallen = [
        answer.result.liquidated_after for answer in answers if answer.result.liquidated_after
    ]
    venue = answers[0].venue
    beside = tuple(asset for answer in answers for asset in answer.venue.beside)
    return {
        **data,
        **source_data(venue._replace(beside=beside), answers[0].tiers),
        "allowed": False if False in verdicts else None if None in verdicts else True,
        "liquidated_after": min(fallen, default=None),
        "message": "; ".join(
            f"{names_text(answer.dexes or ())}: {answer.message}" for answer in answers
        ),
        "positions": [pair for answer in answers for pair in _pairs(answer, chosen)],
        "accounts": [_account_after(answer, of_cross) for answer in answers],
        "warnings": [
            notice_data(notice)
            for notice in dict.fromkeys(notice for answer in answers for notice in answer.notices)
        ],
    }


def _account_after(answer: Answer[WhatIf], of_cross: Sequence[Field]) -> Data:
    """Return one of several accounts: its figures afterwards, as ``show`` has them, and before."""
    result = answer.result
    return {
        **(cross_data(result.after.cross, of_cross) or {}),
        "positions": [report.asset for report in result.after.positions],
        "cross_before": cross_data(result.before.cross, of_cross),
        "allowed": result.allowed,
        "liquidated_after": result.liquidated_after,
        "message": answer.message,
    }


def _pairs(answer: Answer[WhatIf], chosen: Sequence[Field]) -> list[Data]:
    fields, _ = split(chosen)
    if answer.result.index is not None:
        return []
    return pairs_data(answer.result.pairs, fields)


def _whatif_data(answer: Answer[WhatIf], chosen: Sequence[Field]) -> Data:
    fields, of_cross = split(chosen)
    result = answer.result
    before, after = result.position_before, result.position_after
    about = before or after
    refused = next((outcome for outcome in result.outcomes if outcome.allowed is False), None)
    return {
        **answer_head("marginctl/whatif/1", answer),
        "action": "whatif",
        "asset": None if about is None else about.asset,
        "amount": None,
        "allowed": result.allowed,
        "liquidated_after": result.liquidated_after,
        "funding_paid": value_text(result.funding_paid),
        "limit": None if refused is None else value_text(refused.limit.amount),
        "binding_limit": None if refused is None else refused.limit.name,
        "message": answer.message,
        "actions": [
            _outcome_data(outcome, _outcome_words(outcome, answer.venue))
            for outcome in result.outcomes
        ],
        **compared_data(before, after, fields),
        "positions": _pairs(answer, chosen),
        "cross_before": cross_data(result.before.cross, of_cross),
        "cross_after": cross_data(result.after.cross, of_cross),
        "nearest_before": _nearest_data(result.before),
        "nearest_after": _nearest_data(result.after),
        "warnings": [notice_data(notice) for notice in answer.notices],
    }


def _outcome_data(outcome: Outcome, words: str) -> Data:
    data: Data = {}
    match outcome.change:
        case MoveMark(mark=mark, move=move, everywhere=everywhere):
            data = {"action": "mark" if mark is not None else "move"}
            data |= {"mark_price": mark, "move": move, "all": everywhere}
        case AddMargin(amount=amount):
            data = {"action": "fund", "amount": amount}
        case SetLeverage(leverage=leverage):
            data = {"action": "set_leverage", "leverage": leverage}
        case PayFunding(rate=rate, hours=hours):
            data = {"action": "funding", "rate": rate, "hours": hours, "payment": outcome.paid}
        case Open(asset=asset, size=size, leverage=leverage, mode=mode, fee_rate=fee_rate):
            data = {"action": "trade", "asset": asset, "size": size, "price": outcome.price}
            data |= {"leverage": leverage, "margin_mode": mode, "fee_rate": fee_rate}
            data["effect"] = outcome.effect
        case Trade(size=size, fee_rate=fee_rate):
            data = {"action": "trade", "size": size, "price": outcome.price, "fee_rate": fee_rate}
            data["effect"] = outcome.effect
    data |= {
        "allowed": outcome.allowed,
        "limit": outcome.limit.amount,
        "binding_limit": outcome.limit.name,
        "shortfall": None if outcome.short is None else decimal_of(outcome.short),
    }
    return {name: value_text(value) for name, value in data.items()} | {"message": words}


def _nearest_data(report: AccountReport) -> Data | None:
    found = nearest_to_liquidation(report)
    if found is None:
        return None
    names = ("asset", "margin_mode", "liquidation_price", "liquidation_distance", "liquidatable")
    return {name: value_text(getattr(found, name)) for name in names}


_PAIR_HEADS = (
    ("Asset", False),
    ("Side", False),
    ("Mark after", True),
    ("Liquidation after", True),
    ("Distance before", True),
    ("Distance after", True),
)


def whatif_title(answer: Answer[WhatIf], width: int | None) -> list[TextLine]:
    """Return what the question is about, and what is done in which order."""
    before = answer.result.position_before or answer.result.position_after
    of_dexes = "" if answer.dexes is None else f" · {names_text(answer.dexes)}"
    words = f"Account on {answer.venue.name}, {answer.venue.quote}{of_dexes}"
    title: list[TextLine] = styled_lines(words, TITLE, width)
    if before is not None:
        title = title_lines(position_title(before, answer.notices), width)
    result = answer.result
    return [*title, (), *_step_lines(result, answer.venue, width)]


def whatif_rows(answer: Answer[WhatIf]) -> list[Rows]:
    """Return the tables before and after."""
    result = answer.result
    tables = []
    if result.index is None and result.pairs:
        tables.append(_pair_rows(result.pairs))
    return tables + compared(
        result.position_before, result.position_after, result.before.cross, result.after.cross
    )


def whatif_lines(answer: Answer[WhatIf], width: int | None) -> list[TextLine]:
    """Return what is nearest to liquidation, where there is a choice, and the verdict."""
    result = answer.result
    lines: list[TextLine] = []
    if result.closed and result.position_before is not None:
        lines += [((f"{result.position_before.asset} is closed: no position is left", ""),), ()]
    if len(result.before.positions) > 1:
        lines += [
            *styled_lines(
                f"Nearest to liquidation before: {_nearest_words(result.before)}", NOTE, width
            ),
            *styled_lines(
                f"Nearest to liquidation after:  {_nearest_words(result.after)}", "", width
            ),
            (),
        ]
    return [*lines, *verdict_lines(answer.message, _verdict_style(result), width)]


def _verdict_style(result: WhatIf) -> str:
    """Nothing good is green beside figures of something that is liquidatable."""
    unsafe = result.allowed and anything_liquidatable(result.before)
    return "" if unsafe else verdict_style(allowed=result.allowed)


def _step_lines(result: WhatIf, venue: Venue, width: int | None) -> list[TextLine]:
    lines: list[TextLine] = []
    for number, outcome in enumerate(result.outcomes, start=1):
        refused = outcome.allowed is False or number == result.liquidated_after
        style = DANGER if refused else ""
        text = f"{number}. {_outcome_words(outcome, venue)}"
        lines += styled_lines(text, style, width, INDENT)
    return [*lines, ()]


def _nearest_words(report: AccountReport) -> str:
    found = nearest_to_liquidation(report)
    if found is None or found.liquidation_distance is None:
        return "none: no single price move liquidates anything"
    words = distance_words(found.liquidation_distance, found.side)
    if found.liquidatable:
        return f"{found.asset} {found.side.word}, liquidatable at the mark"
    return f"{found.asset} {found.side.word}, liquidated {words}"


def _pair_rows(pairs: Sequence[tuple[PositionReport, PositionReport | None]]) -> Rows:
    columns: list[list[str]] = [
        [before.asset for before, _ in pairs],
        [before.side.word for before, _ in pairs],
    ]
    # prices of different assets have different decimals: their points need not be below each other
    columns += [_right([show(after) for _, after in pairs]) for show in (_mark, _price)]
    columns.append(aligned([_distance(before) for before, _ in pairs]))
    columns.append(aligned([_distance(after) for _, after in pairs]))
    styles = tuple(_style(before, after) for before, after in pairs)
    return Rows("Positions after", _PAIR_HEADS, tuple(zip(*columns, strict=True)), styles)


def _right(texts: Sequence[str]) -> list[str]:
    width = max(len(text) for text in texts)
    return [text.rjust(width) for text in texts]


def _mark(report: PositionReport | None) -> str:
    return "" if report is None else given_price(report.mark_price)


def _price(report: PositionReport | None) -> str:
    if report is None or report.liquidation_price is None:
        return "-"
    return danger_price(report.liquidation_price, report.side)


def _distance(report: PositionReport | None) -> str:
    if report is None or report.liquidation_distance is None:
        return ""
    return (
        "LIQUIDATABLE" if report.liquidatable else percent(report.liquidation_distance, ROUND_FLOOR)
    )


def _style(before: PositionReport, after: PositionReport | None) -> str:
    if after is not None and after.liquidatable:
        return CAUTION if before.liquidatable else DANGER
    return ""


_NOT_CHECKED = " (account balance not checked)"


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
def _outcome_words(outcome: Outcome, venue: Venue) -> str:
    """Return one action with its verdict."""
    words = _act_words(outcome.change, outcome, venue.quote)
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
        f"{_act_words(outcome.change, outcome, venue.quote)}: {_refusal_words(outcome, venue)}"
        for outcome in result.outcomes
        if outcome.allowed is False
    ]
    if refused:
        return f"Refused: {'; '.join(refused)}{fallen}"
    words = "; ".join(_outcome_words(outcome, venue) for outcome in result.outcomes)
    if result.liquidated is not None:
        return f"Liquidated: {words}{fallen}"
    if result.allowed is None:
        return f"Not known: {words}: {unknown_limits(venue.rules)}"
    return _allowed_words(result, words)


def _allowed_words(result: WhatIf, words: str) -> str:
    unchecked = any(_unchecked(outcome) for outcome in result.outcomes)
    if anything_liquidatable(result.before):
        return f"No longer liquidatable: {words}{_NOT_CHECKED if unchecked else ''}"
    if unchecked:
        return f"Allowed as far as known: {words}{_NOT_CHECKED}"
    if all(isinstance(outcome.change, MoveMark | PayFunding) for outcome in result.outcomes):
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
    if isinstance(outcome.change, AddMargin):
        return outcome.change.amount > 0
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
        short = up_to_step(outcome.short, venue.rules.amount_step)
        missing = f"{exact_text(short)} {venue.quote} of margin is missing"
        if isinstance(outcome.change, SetLeverage) and limit.amount is not None:
            return f"{missing}; the lowest possible leverage is {exact_text(limit.amount)}x"
        return missing
    most = limit.most(venue.rules.amount_step)
    words = limit_words(name, venue.rules)
    if not most:
        return f"nothing can be moved, limited by {words}"
    return f"at most {exact_text(most)} {venue.quote}, limited by {words}"
