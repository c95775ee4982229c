"""What-ifs and solutions as they are shown, and as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

from marginctl.core.changes import AddMargin, MoveMark, Open, PayFunding, SetLeverage, Trade
from marginctl.core.goals import Solution, Target
from marginctl.core.notices import Notice
from marginctl.core.numbers import decimal_of
from marginctl.core.report import AccountReport, PositionReport
from marginctl.core.rules import Venue
from marginctl.core.whatif import Outcome, WhatIf, nearest_to_liquidation
from marginctl.render.data import (
    Data,
    PositionView,
    TiersView,
    cross_data,
    differences,
    fees,
    notice_data,
    of_pools,
    position_data,
    source_data,
    value_text,
    wallet_data,
)
from marginctl.render.figures import Field, split
from marginctl.render.numbers import names_text


@dataclass(frozen=True, slots=True)
class WhatIfView:
    """The answer of ``whatif``; ``lines`` say of each action what it is and how it is judged.

    ``fee_rate`` is the fee of trading, where it was given; ``dexes`` are the account's, where the
    others of its file are answered beside it.
    """

    venue: Venue
    tiers: TiersView
    result: WhatIf
    lines: tuple[str, ...]
    message: str
    notices: tuple[Notice, ...]
    fee_rate: Decimal | None = None
    dexes: tuple[str, ...] | None = None

    @property
    def judged(self) -> list[PositionView]:
        """The positions as they would be, of which conditions are checked."""
        result = self.result
        if result.index is not None:
            after = result.position_after
            return [] if after is None else [PositionView(after)]
        return [PositionView(report) for report in result.after.positions]

    @property
    def wallet(self) -> Decimal | None:
        """What is left in the wallet, where there is no cross account to show it."""
        return None if self.venue.rules.has_cross else self.result.cash

    @property
    def has(self) -> frozenset[str]:
        """Which of the fields that not every answer has this one has."""
        return fees(self.venue, self.fee_rate) | of_pools(self.result.before.cross)


@dataclass(frozen=True, slots=True)
class SolutionView:
    """The answer of ``solve``, with its proof in words."""

    venue: Venue
    tiers: TiersView
    solution: Solution
    message: str
    proof: str
    notices: tuple[Notice, ...]

    @property
    def wallet(self) -> Decimal | None:
        """What is left in the wallet, where there is no cross account to show it."""
        return None if self.venue.rules.has_cross else self.solution.cash

    @property
    def has(self) -> frozenset[str]:
        """Which of the fields that not every answer has this one has."""
        return fees(self.venue) | of_pools(self.solution.before.cross)


def whatif_data(views: Sequence[WhatIfView], chosen: Sequence[Field]) -> Data:
    """Return the object that ``whatif -o json`` prints.

    Of several accounts, ``accounts`` has each as it is afterwards, and the rest is of the first.
    """
    data = _whatif_data(views[0], chosen)
    if len(views) == 1:
        return data
    _, of_cross = split(chosen)
    verdicts = {view.result.allowed for view in views}
    fallen = [view.result.liquidated_after for view in views if view.result.liquidated_after]
    venue = views[0].venue
    beside = tuple(asset for view in views for asset in view.venue.beside)
    return {
        **data,
        **source_data(venue._replace(beside=beside), views[0].tiers),
        "allowed": False if False in verdicts else None if None in verdicts else True,
        "liquidated_after": min(fallen, default=None),
        "message": "; ".join(f"{names_text(view.dexes or ())}: {view.message}" for view in views),
        "positions": [pair for view in views for pair in _pairs(view, chosen)],
        "accounts": [_account_after(view, of_cross) for view in views],
        "warnings": [
            notice_data(notice)
            for notice in dict.fromkeys(notice for view in views for notice in view.notices)
        ],
    }


def _account_after(view: WhatIfView, of_cross: Sequence[Field]) -> Data:
    """Return one of several accounts: its figures afterwards, as ``show`` has them, and before."""
    result = view.result
    return {
        **(cross_data(result.after.cross, of_cross) or {}),
        "positions": [report.asset for report in result.after.positions],
        "cross_before": cross_data(result.before.cross, of_cross),
        "allowed": result.allowed,
        "liquidated_after": result.liquidated_after,
        "message": view.message,
    }


def _pairs(view: WhatIfView, chosen: Sequence[Field]) -> list[Data]:
    fields, _ = split(chosen)
    if view.result.index is not None:
        return []
    return [
        {"before": _position(old, fields), "after": _position(new, fields)}
        for old, new in view.result.pairs
    ]


def _whatif_data(view: WhatIfView, chosen: Sequence[Field]) -> Data:
    fields, of_cross = split(chosen)
    result = view.result
    before, after = result.position_before, result.position_after
    refused = next((one for one in result.outcomes if one.allowed is False), None)
    return {
        "schema": "marginctl/whatif/1",
        **source_data(view.venue, view.tiers),
        **wallet_data(view.wallet),
        "action": "whatif",
        "asset": _asset_of(before, after),
        "amount": None,
        "allowed": result.allowed,
        "liquidated_after": result.liquidated_after,
        "funding_paid": value_text(result.funding_paid),
        "limit": None if refused is None else value_text(refused.limit.amount),
        "binding_limit": None if refused is None else refused.limit.name,
        "message": view.message,
        "actions": [
            _outcome_data(one, words)
            for one, words in zip(result.outcomes, view.lines, strict=True)
        ],
        **_compared(before, after, fields),
        "positions": _pairs(view, chosen),
        "cross_before": cross_data(result.before.cross, of_cross),
        "cross_after": cross_data(result.after.cross, of_cross),
        "nearest_before": _nearest(result.before),
        "nearest_after": _nearest(result.after),
        "warnings": [notice_data(notice) for notice in view.notices],
    }


def solution_data(view: SolutionView, chosen: Sequence[Field]) -> Data:
    """Return the object that ``solve -o json`` prints."""
    fields, of_cross = split(chosen)
    solution = view.solution
    before, after = solution.position_before, solution.position_after
    answer = None
    if solution.answer is not None:
        answer = {
            "field": solution.means.value,
            "value": value_text(_exact(solution.answer)),
            "rounded": value_text(solution.rounded),
            "exclusive": solution.exclusive,
        }
        if solution.until is not None:
            answer["until"] = value_text(_exact(solution.until))
    return {
        "schema": "marginctl/solve/1",
        **source_data(view.venue, view.tiers),
        **wallet_data(view.wallet),
        "asset": solution.position.asset,
        "target": _target_data(solution),
        "possible": solution.possible,
        "answer": answer if solution.possible else None,
        "reason": None if solution.why is None else solution.why.value,
        "nearest": None
        if solution.possible
        else {"value": value_text(solution.nearest), "answer": answer},
        "binding_limit": solution.limit,
        **_stop_data(solution),
        "message": view.message,
        "proof": {"value": value_text(solution.reached), "message": view.proof},
        **_compared(before, after, fields),
        "cross_before": cross_data(solution.before.cross, of_cross),
        "cross_after": None
        if solution.after is None
        else cross_data(solution.after.cross, of_cross),
        "warnings": [notice_data(notice) for notice in view.notices],
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


def _compared(
    before: PositionReport | None, after: PositionReport | None, fields: Sequence[Field]
) -> Data:
    return {
        "before": _position(before, fields),
        "after": _position(after, fields),
        "change": None
        if before is None or after is None
        else {name: value_text(value) for name, value in differences(before, after, fields)},
    }


def _position(report: PositionReport | None, fields: Sequence[Field]) -> Data | None:
    return None if report is None else position_data(PositionView(report), fields)


def _asset_of(*reports: PositionReport | None) -> str | None:
    return next((report.asset for report in reports if report is not None), None)


def _outcome_data(outcome: Outcome, words: str) -> Data:
    data: Data = {}
    match outcome.action:
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
        "shortfall": None if outcome.short is None else _exact(outcome.short),
    }
    return {name: value_text(value) for name, value in data.items()} | {"message": words}


def _nearest(report: AccountReport) -> Data | None:
    found = nearest_to_liquidation(report)
    if found is None:
        return None
    names = ("asset", "margin_mode", "liquidation_price", "liquidation_distance", "liquidatable")
    return {name: value_text(getattr(found, name)) for name in names}


def _exact(value: Fraction) -> Any:
    return decimal_of(value, ROUND_HALF_EVEN)
