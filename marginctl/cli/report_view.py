"""The answer of ``show``: to a file of positions, and to each line of a stream."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from marginctl.cli.accounts import of_one_file, selected_notices, wallet_of
from marginctl.cli.inputs import LoadedAccounts, beta_notices
from marginctl.cli.messages import SHOWN_IN_TABLES
from marginctl.core.account import ONE_TO_ONE, Betas
from marginctl.core.evaluation import EVERYTHING, Asked, asked_for, reports_of
from marginctl.core.report import AccountReport
from marginctl.load.account import LoadedAccount
from marginctl.load.problems import InputError
from marginctl.render.data import AccountView, PositionView, ReportView

if TYPE_CHECKING:
    from marginctl.core.explanation import Step
    from marginctl.core.notices import Notice


def report_view(
    accounts: LoadedAccounts,
    *,
    explain: bool = False,
    betas: Betas | None = None,
    fee_rate: Decimal | None = None,
    asked: Asked = EVERYTHING,
) -> ReportView:
    """Evaluate accounts and return their answer as one; ``asked`` names the figures to show.

    Positions that stand on lines of their own have accounts of their own, which are not shown.
    """
    positions: list[PositionView] = []
    notices: list[Notice] = []
    views: list[AccountView] = []
    cross = wallet = None
    alone = len(accounts) == 1
    for loaded, _ in accounts:
        # what an exchange's record says is compared with more than is shown
        needed = asked if loaded.recorded_prices is None else EVERYTHING
        answer = reports_of(loaded.account, loaded.venue, betas or ONE_TO_ONE, needed)
        if fee_rate is not None:
            from marginctl.core.costs import with_break_even

            answer = with_break_even(answer, fee_rate)
        positions += _position_views(loaded, answer, fee_rate, explain=explain)
        notices += selected_notices(loaded, answer)
        if betas is not None:
            notices += beta_notices(betas, loaded.account)
        if answer.cross is not None and (explain or alone or loaded.account_file):
            names = tuple(position.asset for position in answer.positions)
            explained = _cross_steps(loaded, answer) if explain else ()
            views.append(AccountView(answer.cross, names, explained))
    loaded, tiers = accounts[0]
    venue = loaded.venue
    together = loaded.account_file is not None and of_one_file(accounts)
    if views and (alone or together):
        cross = views[0].cross
    if alone:
        wallet = wallet_of(venue, loaded.account.cash)
    elif len({other.venue.name for other, _ in accounts}) > 1:
        raise InputError.of("the lines belong to several venues", "show one venue at a time")
    elif together:
        beside = [asset for other, _ in accounts for asset in other.venue.beside]
        venue = venue._replace(beside=tuple(beside))
    if together:
        notices = list(dict.fromkeys(notices))  # what is of the file stands with each account
    return ReportView(
        venue,
        tiers,
        tuple(positions),
        cross,
        tuple(notices),
        views[0].steps if cross else (),
        wallet,
        betas,
        tuple(views) if together else (),
        fee_rate,
    )


def _cross_steps(loaded: LoadedAccount, answer: AccountReport) -> "tuple[Step, ...]":
    from marginctl.core.explanation import explain_cross

    return tuple(explain_cross(loaded.account, loaded.venue, answer))


def _position_views(
    loaded: LoadedAccount, answer: AccountReport, fee_rate: Decimal | None, *, explain: bool
) -> list[PositionView]:
    prices = loaded.recorded_prices
    reports = answer.positions
    if prices is None:
        views = [PositionView(reports[index]) for index in loaded.selected]
    else:
        views = [PositionView(reports[index], True, prices[index]) for index in loaded.selected]
    if not explain:
        return views
    from marginctl.core.explanation import explain_positions

    steps = explain_positions(loaded.account, loaded.venue, answer, loaded.selected, fee_rate)
    return [view._replace(steps=tuple(of)) for view, of in zip(views, steps, strict=True)]


def asked_of(fields: str | None, judged: Sequence[str], fee_rate: Decimal | None) -> Asked:
    """Return what rows of the fields that ``--fields`` names need, None for all of them.

    ``judged`` are the fields of conditions, which also tell why a figure is missing. A break-even
    price is of every figure.
    """
    unreported = frozenset() if judged else SHOWN_IN_TABLES
    if fields is None or fee_rate is not None:
        return EVERYTHING._replace(unreported=unreported)
    names = (name.strip() for name in fields.split(","))
    return asked_for([*names, *judged], unreported)
