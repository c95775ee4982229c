"""The answer of ``add`` and ``remove``: to a file of positions, and to each line of a stream."""

from decimal import Decimal

from marginctl.cli.accounts import changed_index, of_one_account, selected_notices, wallet_after
from marginctl.cli.inputs import LoadedAccounts
from marginctl.core.changes import Action, MarginChange, cushion_objection
from marginctl.core.notices import Notice
from marginctl.core.numbers import down_to_step
from marginctl.load.problems import InputError, Place
from marginctl.render.change import verdict_words
from marginctl.render.data import Answer


def change_answer(
    accounts: LoadedAccounts, action: str, amount: Decimal | None, cushion: Decimal | None = None
) -> Answer[MarginChange]:
    """Move margin of the one position that is meant, or of the cross account, and return it.

    Raises:
        InputError: several positions are meant, and they do not share one account's margin; or
            no price falls by the cushion, or no tier covers what it leads to.
    """
    from marginctl.load.api import change_margin

    (loaded, tiers), *more = of_one_account(accounts)
    index = changed_index(loaded, lines=1 + len(more))
    rules = loaded.venue.rules
    if amount is None and not rules.limits_transfers:
        message = f"{rules.name} rules do not say how much may be removed, so there is no max"
        raise InputError.of(message, "give an amount, to see what removing it does")
    if cushion is not None:
        problem = cushion_objection(loaded.account, index, cushion)
        if problem is not None:
            raise InputError.of(problem, None, Place(path="--cushion"))
    change = change_margin(loaded.account, loaded.venue, action, index, amount, cushion)
    notices = selected_notices(loaded, change.before)
    step = loaded.venue.rules.amount_step
    if down_to_step(change.amount, step) != change.amount:
        message = (
            f"the venue moves margin in steps of {step:f}; these figures are for the amount given"
        )
        notices.append(Notice("finer_than_a_step", None, message))
    spent = change.amount if change.action is Action.ADD else change.amount.copy_negate()
    return Answer(
        loaded.venue,
        tiers,
        change,
        verdict_words(change, loaded.venue),
        tuple(notices),
        wallet_after(loaded, spent),
    )
