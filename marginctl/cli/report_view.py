"""The answer of ``show``: to a file of positions, and to each line of a stream."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING

from marginctl.cli.accounts import of_one_file, selected_notices, wallet_of
from marginctl.cli.conditions import Conditions
from marginctl.cli.inputs import LoadedAccounts, beta_notices
from marginctl.cli.messages import SHOWN_IN_TABLES
from marginctl.core.account import ONE_TO_ONE, Betas
from marginctl.core.evaluation import EVERYTHING, Asked, asked_for, reports_of
from marginctl.core.report import AccountReport
from marginctl.load.account import LoadedAccount
from marginctl.load.problems import InputError
from marginctl.render.data import AccountView, PositionView, ReportView, TiersView

if TYPE_CHECKING:
    from marginctl.core.explanation import Step


def report_view(
    accounts: LoadedAccounts,
    *,
    explain: bool = False,
    betas: Betas | None = None,
    fee_rate: Decimal | None = None,
    asked: Asked = EVERYTHING,
) -> ReportView:
    """Evaluate accounts and return their answer as one; ``asked`` names the figures to show.

    Raises:
        InputError: lines of several venues.
    """
    views = [
        _view_of(loaded, tiers, betas, fee_rate, asked, explain=explain)
        for loaded, tiers in accounts
    ]
    if len(views) == 1:
        return views[0]
    together = accounts[0][0].account_file is not None and of_one_file(accounts)
    return _as_one(views, together=together)


def _view_of(
    loaded: LoadedAccount,
    tiers: TiersView,
    betas: Betas | None,
    fee_rate: Decimal | None,
    asked: Asked,
    *,
    explain: bool,
) -> ReportView:
    """Evaluate one account and return its answer."""
    account, venue = loaded.account, loaded.venue
    prices = loaded.recorded_prices
    # what an exchange's record says is compared with more than is shown
    needed = asked if prices is None else EVERYTHING
    answer = reports_of(account, venue, betas or ONE_TO_ONE, needed)
    if fee_rate is not None:
        from marginctl.core.costs import with_break_even

        answer = with_break_even(answer, fee_rate)
    notices = selected_notices(loaded, answer)
    if betas is not None:
        notices += beta_notices(betas, account)
    reports, cross, _ = answer
    of_file = loaded.account_file is not None
    positions = [
        PositionView(reports[index])
        if prices is None
        else PositionView(reports[index], True, prices[index])
        for index in loaded.selected
    ]
    if explain:
        positions = _with_steps(positions, loaded, answer, fee_rate)
    steps = _cross_steps(loaded, answer) if explain and cross is not None else ()
    accounts: tuple[AccountView, ...] = ()
    if cross is not None and of_file:
        accounts = (AccountView(cross, tuple(held.asset for held in account.positions), steps),)
    return ReportView(
        venue,
        tiers,
        tuple(positions),
        cross,
        tuple(notices),
        steps,
        wallet_of(venue, account.cash),
        betas,
        accounts,
        fee_rate,
    )


def _as_one(views: Sequence[ReportView], *, together: bool) -> ReportView:
    """Return the answers of several accounts as one; ``together``: they are those of one file.

    Positions that stand on lines of their own have accounts of their own, which are not shown.
    """
    if len({view.venue.name for view in views}) > 1:
        raise InputError.of("the lines belong to several venues", "show one venue at a time")
    accounts = tuple(chain.from_iterable(view.accounts for view in views)) if together else ()
    whole = views[0]._replace(
        positions=tuple(chain.from_iterable(view.positions for view in views)),
        notices=tuple(chain.from_iterable(view.notices for view in views)),
        cross=accounts[0].cross if accounts else None,
        cross_steps=accounts[0].steps if accounts else (),
        accounts=accounts,
        wallet=None,
    )
    if not together:
        return whole
    beside = tuple(chain.from_iterable(view.venue.beside for view in views))
    return whole._replace(
        venue=whole.venue._replace(beside=beside),
        # what is of the file stands with each account
        notices=tuple(dict.fromkeys(whole.notices)),
    )


def _cross_steps(loaded: LoadedAccount, answer: AccountReport) -> "tuple[Step, ...]":
    from marginctl.core.explanation import explain_cross

    return tuple(explain_cross(loaded.account, loaded.venue, answer))


def _with_steps(
    views: Sequence[PositionView],
    loaded: LoadedAccount,
    answer: AccountReport,
    fee_rate: Decimal | None,
) -> list[PositionView]:
    from marginctl.core.explanation import explain_positions

    steps = explain_positions(loaded.account, loaded.venue, answer, loaded.selected, fee_rate)
    return [view._replace(steps=tuple(of)) for view, of in zip(views, steps, strict=True)]


def asked_of(fields: str | None, conditions: Conditions, fee_rate: Decimal | None) -> Asked:
    """Return what rows of the fields that ``--fields`` names need, None for all of them.

    Conditions need their fields too, and what tells why one of them is missing. A break-even price
    is of every figure.
    """
    unreported = SHOWN_IN_TABLES - conditions.explaining
    if fields is None or fee_rate is not None:
        return EVERYTHING._replace(unreported=unreported)
    names = (name.strip() for name in fields.split(","))
    return asked_for([*names, *conditions.names], unreported)
