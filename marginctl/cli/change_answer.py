"""The answer of ``add`` and ``remove``: to a file of positions, and to each line of a stream."""

from decimal import Decimal

from marginctl.cli.accounts import changed_index, of_one_account, selected_notices, wallet_of
from marginctl.cli.inputs import LoadedAccounts
from marginctl.core.account import MissingCashError
from marginctl.core.changes import Action, MarginChange, cushion_objection, move_margin
from marginctl.core.evaluation import UncoveredNotionalError, reports_of
from marginctl.core.notices import Notice
from marginctl.load.problems import InputError, Place
from marginctl.render.change import verdict_words
from marginctl.render.data import Answer


def change_answer(
    accounts: LoadedAccounts, action: Action, amount: Decimal | None, cushion: Decimal | None = None
) -> Answer[MarginChange]:
    """Move margin of the one position that is meant, or of the cross account, and return it.

    It belongs inside an `exactly`.

    Raises:
        InputError: several positions are meant, and they do not share one account's margin; or
            no price falls by the cushion, or no tier covers what it leads to.
    """
    (loaded, tiers), *more = of_one_account(accounts)
    index = changed_index(loaded, lines=1 + len(more))
    account, venue = loaded.account, loaded.venue
    rules = venue.rules
    if amount is None and not rules.limits_transfers:
        message = f"{rules.name} rules do not say how much may be removed, so there is no max"
        raise InputError.of(message, "give an amount, to see what removing it does")
    if cushion is not None:
        problem = cushion_objection(account, index, cushion)
        if problem is not None:
            raise InputError.of(problem, None, Place(path="--cushion"))
    try:
        before = reports_of(account, venue)
        _, change = move_margin(account, venue, index, before, action, amount, cushion)
    except (MissingCashError, UncoveredNotionalError) as error:
        from marginctl.load.arguments import input_error

        raise input_error(error) from None
    notices = selected_notices(loaded, change.before)
    moved, step = change.amount, rules.amount_step
    if amount is not None and moved % step:
        message = (
            f"the venue moves margin in steps of {step:f}; these figures are for the amount given"
        )
        notices.append(Notice("finer_than_a_step", None, message))
    wallet = wallet_of(venue, account.cash)
    if wallet is not None:
        wallet += -moved if action is Action.ADD else moved
    return Answer(
        venue,
        tiers,
        change,
        verdict_words(change, venue),
        tuple(notices),
        wallet,
    )
