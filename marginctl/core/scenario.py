"""What if margin is added or removed."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from marginctl.core.account import Account
from marginctl.core.evaluate import MissingCashError, evaluate
from marginctl.core.numbers import ZERO, down_to_step, exactly
from marginctl.core.report import AccountReport, PositionReport
from marginctl.core.venue import Venue


class Action(StrEnum):
    """The two directions in which margin moves."""

    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that may move, in the quote currency, and the rule that says so.

    ``amount`` None: nothing known limits it. ``exclusive``: the amount itself is just too much.
    """

    amount: Decimal | None
    name: str | None
    exclusive: bool = False

    def allows(self, amount: Decimal) -> bool:
        """Whether the venue would take this amount."""
        if self.amount is None:
            return True
        return amount < self.amount if self.exclusive else amount <= self.amount

    @exactly
    def most(self, step: Decimal) -> Decimal | None:
        """The largest allowed multiple of a step, rounded down; None without a limit."""
        if self.amount is None:
            return None
        most = down_to_step(self.amount, step)
        if self.exclusive and most == self.amount:
            most -= step
        return max(ZERO, most)


@dataclass(frozen=True, slots=True)
class MarginChange:
    """An account before and after margin moves, and whether the venue would take it.

    ``index`` is the position's place in the account; None is the cross account as a whole.
    """

    action: Action
    index: int | None
    amount: Decimal
    limit: Limit
    allowed: bool
    before: AccountReport
    after: AccountReport

    @property
    def position_before(self) -> PositionReport | None:
        """The position as it was, None for the account as a whole."""
        return None if self.index is None else self.before.positions[self.index]

    @property
    def position_after(self) -> PositionReport | None:
        """The position as it would be, None for the account as a whole."""
        return None if self.index is None else self.after.positions[self.index]


@exactly
def change_margin(
    account: Account,
    venue: Venue,
    action: Action,
    index: int | None,
    amount: Decimal | None,
) -> MarginChange:
    """Move margin into or out of a position, or of the cross account when ``index`` is None.

    ``amount`` is in the quote currency, above zero; None moves the most that is allowed, rounded
    down to the venue's step. Margin of an isolated position comes out of the account's cash and
    goes back into it, where that is known. A cross position shares the account's margin, so money
    comes from and goes to the outside. The figures after a refused change are those it would give.

    Raises:
        ValueError: the most is wanted of something that has no limit.
        MissingCashError: the cross account is meant, and there is none.
    """
    before = evaluate(account, venue)
    if index is None and before.cross is None:
        raise MissingCashError
    limit = limit_of(before, action, index, venue)
    if amount is None:
        amount = limit.most(venue.rules.amount_step)
        if amount is None:
            raise ValueError("nothing known limits this amount")
    allowed = amount > 0 and limit.allows(amount)
    signed = amount if action is Action.ADD else -amount
    after = evaluate(with_moved(account, index, signed), venue)
    return MarginChange(action, index, amount, limit, allowed, before, after)


def limit_of(before: AccountReport, action: Action, index: int | None, venue: Venue) -> Limit:
    """Return how much margin may move into or out of a position, or the cross account."""
    position = None if index is None else before.positions[index]
    if position is not None and position.max_removable is not None:
        if action is Action.REMOVE:
            exclusive = venue.rules.removal_is_exclusive
            return Limit(position.max_removable, position.binding_limit, exclusive)
        return Limit(position.max_addable, position.addition_limit)
    if action is Action.REMOVE and before.cross is not None:
        return Limit(before.cross.max_removable, before.cross.binding_limit)
    return Limit(None, None)


def with_moved(account: Account, index: int | None, signed: Decimal) -> Account:
    """Return the account with margin moved in, or out where ``signed`` is negative."""
    cash = account.cash
    if index is None or not account.positions[index].isolated:
        return account._replace(cash=None if cash is None else cash + signed)
    positions = list(account.positions)
    positions[index] = positions[index]._replace(added=positions[index].added + signed)
    return account._replace(
        positions=tuple(positions),
        cash=None if cash is None else cash - signed,
    )
