"""From readings to the answers of what-ifs and solutions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from marginctl.cli.answers import (
    changed_index,
    covered,
    not_one,
    of_one_account,
    selected_notices,
)
from marginctl.cli.options import PositionFlags
from marginctl.core.acts import Act, Fund, Open, Reprice, Trade
from marginctl.core.costs import with_break_even
from marginctl.core.notices import Notice, unknown_limits
from marginctl.core.report import AccountReport
from marginctl.core.solve import objection, solve
from marginctl.core.solve_size import NoFundsError
from marginctl.core.whatif import what_if
from marginctl.core.wishes import Means, Target, Wish
from marginctl.load.actions import WISHES, read_actions, read_flag
from marginctl.load.problems import InputError, Place
from marginctl.load.reading import Reading
from marginctl.render.decisions import SolutionView, WhatIfView
from marginctl.render.solve_words import proof_words, solution_message, stop_warning
from marginctl.render.view import TiersView
from marginctl.render.whatif_words import outcome_words, whatif_message

Readings = Sequence[tuple[Reading, TiersView]]

_STAND_IN = f"0.{'0' * 29}1"
"""The size of a position whose size is asked for: so small that every tier table covers it."""


def whatif_view(
    readings: Readings, texts: Mapping[str, str | None], order: Open | None = None
) -> WhatIfView:
    """Apply the actions that flags ask for, and return the answer.

    ``order`` opens a position in the place of the trade that the flags ask for.

    Raises:
        InputError: the flags are wrong, or it is not clear which position is meant.
    """
    (reading, tiers), *more = of_one_account(readings)
    actions = read_actions(texts, reading.venue)
    if order is None:
        index = _whatif_index(reading, actions, lines=1 + len(more))
    else:
        actions = [order if isinstance(one, Trade) else one for one in actions]
        index = None
    result = covered(lambda: what_if(reading.account, reading.venue, index, actions))
    fee_rate = read_flag("--fee-rate", texts.get("--fee-rate"))
    if fee_rate is not None:
        paid_by = None if result.closed else result.index
        result = replace(
            result,
            before=with_break_even(result.before, fee_rate),
            after=with_break_even(result.after, fee_rate, result.funding_paid, paid_by),
        )
    notices = [*_about(reading, result.after), *_too_fine(reading, index, actions)]
    return WhatIfView(
        reading.venue,
        tiers,
        result,
        tuple(outcome_words(outcome, reading.venue) for outcome in result.outcomes),
        whatif_message(result, reading.venue),
        tuple(notices),
        fee_rate,
    )


def solution_view(readings: Readings, wish: Wish, *, opening: bool) -> SolutionView:
    """Solve for a wish, and return the answer.

    Raises:
        InputError: the wish makes no sense, or it is not clear which position is meant.
    """
    (reading, tiers), *more = of_one_account(readings)
    if more or len(reading.selected) != 1:
        raise not_one("a target is for one position", reading)
    (index,) = reading.selected
    problem = objection(reading.account.positions[index], wish)
    if wish.target is Target.REMOVABLE and not reading.venue.rules.limits_transfers:
        problem = unknown_limits(reading.venue.rules)
    if problem is not None:
        flag = next(flag for flag, target in WISHES.items() if target is wish.target)
        raise InputError.of(problem, None, Place(path="--stop" if wish.stop else flag))
    try:
        solution = covered(
            lambda: solve(reading.account, reading.venue, index, wish, opening=opening)
        )
    except NoFundsError:
        message = "it is not said which margin the largest size is to have"
        hint = "give --margin, or --collateral for all of the account's money"
        raise InputError.of(message, hint, Place(path="--max-size")) from None
    # after hours of funding everything stands at its liquidation, which is what was asked for
    shown = None if solution.means is Means.HOURS else solution.after
    notices = _about(reading, shown or solution.before)
    warning = stop_warning(solution)
    if warning is not None:
        name = solution.position.asset
        notices.append(Notice("liquidation_before_stop", name, warning))
    return SolutionView(
        reading.venue,
        tiers,
        solution,
        solution_message(solution, reading.venue),
        proof_words(solution),
        tuple(notices),
    )


def opened(flags: PositionFlags) -> PositionFlags:
    """Return the flags of a position that is yet to be opened, with a size to stand in.

    It is entered at its mark, or at the entry where both are given.

    Raises:
        InputError: a size is given, though it is what is asked for.
    """
    if flags.size is not None:
        message = "the size is what is asked for, and it is given"
        raise InputError.of(message, "drop it; --side short for a short", Place(path="--size"))
    return replace(flags, size=_STAND_IN, entry=flags.mark if flags.entry is None else flags.entry)


def _whatif_index(reading: Reading, actions: Sequence[Act], *, lines: int) -> int | None:
    """Return the place of the position that is meant, None for the account as a whole."""
    everywhere = all(isinstance(one, Reprice) and one.everywhere for one in actions)
    if lines == 1 and everywhere and len(reading.selected) > 1:
        return None
    movable = all(
        isinstance(one, Fund) or (isinstance(one, Reprice) and one.everywhere) for one in actions
    )
    index = changed_index(reading, lines=lines)
    if index is None and not movable:
        raise not_one("this is about one position", reading)
    return index


def _about(reading: Reading, report: AccountReport) -> list[Notice]:
    """Return the notices about an account that is no longer as it was read."""
    plain = reading._replace(recorded_prices=None, withdrawable=None)
    if len(report.positions) != len(reading.account.positions):
        plain = plain._replace(selected=tuple(range(len(report.positions))))
    return selected_notices(plain, report)


def _too_fine(reading: Reading, index: int | None, actions: Sequence[Act]) -> list[Notice]:
    """Say where a trade's size has more decimals than the venue trades."""
    opened_asset = next((one.asset for one in actions if isinstance(one, Open)), None)
    if index is None and opened_asset is None:
        return []
    name = opened_asset or reading.account.positions[index or 0].asset
    asset = reading.venue.assets[name]
    decimals = asset.size_decimals
    return [
        Notice("size_too_fine", asset.name, f"the venue trades sizes to {decimals} decimals")
        for action in actions
        if isinstance(action, Trade | Open)
        and decimals is not None
        and (Fraction(action.size) * 10**decimals).denominator != 1
    ]
