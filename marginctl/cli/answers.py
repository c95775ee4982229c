"""From readings to answers."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from marginctl.cli.inputs import beta_notices
from marginctl.core.account import ONE_TO_ONE, Betas
from marginctl.core.agreement import Compared, price_notices, withdrawable_notices
from marginctl.core.costs import with_break_even
from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO, down_to_step, exactly
from marginctl.core.report import EVERYTHING, AccountReport, Asked, evaluate
from marginctl.load.account import LoadedAccount
from marginctl.load.problems import InputError, Place
from marginctl.render.data import AccountView, ChangeView, PositionView, ReportView, TiersView
from marginctl.render.numbers import names_text

if TYPE_CHECKING:
    from marginctl.core.explanation import Step

R = TypeVar("R")


def report_view(
    loaded: Sequence[tuple[LoadedAccount, TiersView]],
    *,
    explain: bool = False,
    betas: Betas | None = None,
    fee_rate: Decimal | None = None,
    asked: Asked = EVERYTHING,
) -> ReportView:
    """Evaluate accounts and return their answer as one; ``asked`` is what is to be shown of it.

    Positions that stand on lines of their own have accounts of their own, which are not shown.
    """
    positions: list[PositionView] = []
    notices: list[Notice] = []
    accounts: list[AccountView] = []
    cross = None
    for reading, _ in loaded:
        # what an exchange's record says is compared with more than is shown
        needed = asked if reading.recorded_prices is None else EVERYTHING
        answer = evaluate(reading.account, reading.venue, betas or ONE_TO_ONE, needed)
        if fee_rate is not None:
            answer = with_break_even(answer, fee_rate)
        positions += _position_views(reading, answer, explain=explain, fee_rate=fee_rate)
        notices += selected_notices(reading, answer)
        if betas is not None:
            notices += beta_notices(betas, reading.account)
        if answer.cross is not None and (explain or len(loaded) == 1 or reading.account_file):
            names = tuple(position.asset for position in answer.positions)
            explained = _cross_steps(reading, answer) if explain else ()
            accounts.append(AccountView(answer.cross, names, explained))
    reading, tiers = loaded[0]
    venue = reading.venue
    alone = len(loaded) == 1
    of_one_file = reading.account_file is not None and _of_one_file(loaded)
    if alone or of_one_file:
        cross = accounts[0].cross if accounts else None
    if of_one_file and not alone:
        beside = [asset for other, _ in loaded for asset in other.venue.beside]
        venue = venue._replace(beside=tuple(beside))
    if not alone and len({other.venue.name for other, _ in loaded}) > 1:
        raise InputError.of("the lines belong to several venues", "show one venue at a time")
    if of_one_file:
        notices = list(dict.fromkeys(notices))  # what is of the file stands with each account
    steps = accounts[0].steps if cross else ()
    wallet = _wallet(reading, ZERO) if alone else None
    return ReportView(
        venue,
        tiers,
        tuple(positions),
        cross,
        tuple(notices),
        tuple(steps),
        wallet,
        betas,
        tuple(accounts) if of_one_file else (),
        fee_rate,
    )


def _cross_steps(reading: LoadedAccount, answer: AccountReport) -> "tuple[Step, ...]":
    from marginctl.core.explanation import explain_cross

    return tuple(explain_cross(reading.account, reading.venue, answer))


def of_one_account(
    loaded: Sequence[tuple[LoadedAccount, TiersView]],
) -> Sequence[tuple[LoadedAccount, TiersView]]:
    """Return, of the accounts of one account file, the one that is meant; others as they are.

    Raises:
        InputError: several of them have positions, and none is picked.
    """
    if len(loaded) == 1 or loaded[0][0].account_file is None or not _of_one_file(loaded):
        return loaded
    meant = several_of_one_file(loaded)
    if len(meant) > 1:
        names = ", ".join(names_text(reading.account.pool.dexes) for reading, _ in meant)
        message = f"several accounts have positions in it ({names}), and this takes only one"
        raise InputError.of(message, "pick a position of it with --asset")
    return meant or loaded[:1]


def several_of_one_file(
    loaded: Sequence[tuple[LoadedAccount, TiersView]],
) -> list[tuple[LoadedAccount, TiersView]]:
    """Return the accounts of one account file in which something is meant; none of lines."""
    if loaded[0][0].account_file is None or not _of_one_file(loaded):
        return []
    return [one for one in loaded if one[0].selected]


def is_whole(loaded: tuple[LoadedAccount, TiersView]) -> bool:
    """Whether all positions of an account are meant."""
    reading, _ = loaded
    return len(reading.selected) == len(reading.account.positions)


def _of_one_file(loaded: Sequence[tuple[LoadedAccount, TiersView]]) -> bool:
    """Whether accounts are those of one account file, rather than of lines on their own."""
    return len({reading.account_file for reading, _ in loaded}) == 1


def selected_notices(reading: LoadedAccount, answer: AccountReport) -> list[Notice]:
    """Return the notices about what was asked for, those of the exchange's answers among them."""
    found = [*reading.notices, *answer.notices, *_differences(reading, answer)]
    if len(reading.selected) == len(answer.positions):
        return found
    asked = {answer.positions[index].asset for index in reading.selected}
    return [notice for notice in found if notice.asset is None or notice.asset in asked]


def _position_views(
    reading: LoadedAccount, answer: AccountReport, *, explain: bool, fee_rate: Decimal | None
) -> list[PositionView]:
    prices = reading.recorded_prices
    views = [
        PositionView(
            answer.positions[index], prices is not None, None if prices is None else prices[index]
        )
        for index in reading.selected
    ]
    if not explain:
        return views
    from marginctl.core.explanation import explain_positions

    steps = explain_positions(reading.account, reading.venue, answer, reading.selected, fee_rate)
    return [view._replace(steps=tuple(of)) for view, of in zip(views, steps, strict=True)]


def _differences(reading: LoadedAccount, answer: AccountReport) -> list[Notice]:
    found: list[Notice] = []
    if reading.recorded_prices is not None:
        value = ZERO if answer.cross is None else answer.cross.account_value
        compared = [
            Compared(report, reading.venue.assets[report.asset].table, price)
            for report, price in zip(answer.positions, reading.recorded_prices, strict=True)
        ]
        found += price_notices(
            compared,
            value,
            reading.rounding,
            reading.venue.rules,
            pooled=reading.account.pool.shared,
        )
    if reading.withdrawable is not None and answer.cross is not None:
        found += withdrawable_notices(answer.cross, reading.withdrawable)
    return found


def change_view(
    loaded: Sequence[tuple[LoadedAccount, TiersView]],
    action: str,
    amount: Decimal | None,
    cushion: Decimal | None = None,
) -> ChangeView:
    """Move margin of the one position that is meant, or of the cross account, and return it.

    Raises:
        InputError: several positions are meant, and they do not share one account's margin; or
            no price falls by the cushion, or no tier covers what it leads to.
    """
    from marginctl.core.changes import Action, cushion_objection
    from marginctl.load.api import change_margin
    from marginctl.render.sentences import verdict_words

    (reading, tiers), *more = of_one_account(loaded)
    index = changed_index(reading, lines=1 + len(more))
    rules = reading.venue.rules
    if amount is None and not rules.limits_transfers:
        message = f"{rules.name} rules do not say how much may be removed, so there is no max"
        raise InputError.of(message, "give an amount, to see what removing it does")
    if cushion is not None:
        problem = cushion_objection(reading.account, index, cushion)
        if problem is not None:
            raise InputError.of(problem, None, Place(path="--cushion"))
    change = change_margin(reading.account, reading.venue, action, index, amount, cushion)
    notices = selected_notices(reading, change.before)
    step = reading.venue.rules.amount_step
    if down_to_step(change.amount, step) != change.amount:
        message = (
            f"the venue moves margin in steps of {step:f}; these figures are for the amount given"
        )
        notices.append(Notice("finer_than_a_step", None, message))
    spent = change.amount if change.action is Action.ADD else -change.amount
    return ChangeView(
        reading.venue,
        tiers,
        change,
        verdict_words(change, reading.venue),
        tuple(notices),
        _wallet(reading, spent),
    )


@exactly
def _wallet(reading: LoadedAccount, spent: Decimal) -> Decimal | None:
    cash = reading.account.cash
    return None if cash is None or reading.venue.rules.has_cross else cash - spent


def changed_index(reading: LoadedAccount, *, lines: int) -> int | None:
    """Return the place of the position that is meant, None for the cross account as a whole."""
    if lines == 1 and len(reading.selected) == 1:
        return reading.selected[0]
    shared = lines == 1 and not any(
        reading.account.positions[index].isolated for index in reading.selected
    )
    if shared:
        return None
    raise not_one("margin is added or removed for one position", reading)


def not_one(
    subject: str, reading: LoadedAccount, hint: str = "pick one with --asset"
) -> InputError:
    """Return the error of a question about one position where there are several, or none."""
    if not reading.account.positions:
        hint = "describe one with --asset, --size, --entry and --leverage, without a file"
        return InputError.of(f"{subject}, but this account has none", hint)
    return InputError.of(f"{subject}, but there are several", hint)
