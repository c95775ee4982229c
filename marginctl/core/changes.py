"""What can be changed of a position, and what if margin is added or removed."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from marginctl.core.account import Account, MissingCashError, as_cash
from marginctl.core.evaluation import evaluate, reports_of
from marginctl.core.figures import margin_of, with_margin
from marginctl.core.numbers import ZERO, down_to_step, exactly
from marginctl.core.position import MarginMode, Position, Side
from marginctl.core.records import ReadableEnum, Record
from marginctl.core.report import AccountReport, PositionReport
from marginctl.core.rules import Venue


class MoveMark(Record):
    """The mark becomes a price, or moves by a fraction of itself; ``everywhere``: all marks."""

    mark: Decimal | None = None
    move: Decimal | None = None
    everywhere: bool = False


class AddMargin(Record):
    """Margin is added, or removed where the amount is below zero."""

    amount: Decimal


class SetLeverage(Record):
    """Another leverage is chosen. The margin of an isolated position does not move with it."""

    leverage: Decimal


class Trade(Record):
    """So much is bought, or sold where the size is below zero; at the mark without a price."""

    size: Decimal
    price: Decimal | None = None
    fee_rate: Decimal = ZERO


class PayFunding(Record):
    """The position is held for so many hours at a standing mark, at a funding rate per hour.

    A long pays a rate above zero and receives one below, a short the other way round.
    """

    rate: Decimal
    hours: Decimal


class Open(Record):
    """A position that is not there yet is opened: bought, or sold where the size is below zero.

    ``mark`` is the asset's mark now, the price of the trade where it is None. The margin of an
    isolated one is size · price / leverage, less the fee.
    """

    asset: str
    size: Decimal
    price: Decimal
    leverage: Decimal
    mode: MarginMode
    mark: Decimal | None = None
    fee_rate: Decimal = ZERO


Change = MoveMark | AddMargin | SetLeverage | Trade | Open | PayFunding


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Return changes in the order in which they are applied.

    Marks move first; margin is put in, so that it counts for what follows; then the leverage is
    set, the trade is made, funding is paid on what is held then, and at last margin is taken out.
    Of several marks, that of one asset is set after all have moved.
    """
    return sorted(changes, key=_turn)


_TURNS = {SetLeverage: 3, Trade: 4, Open: 4, PayFunding: 5}


def _turn(change: Change) -> int:
    if isinstance(change, MoveMark):
        return 0 if change.everywhere else 1
    if isinstance(change, AddMargin):
        return 2 if change.amount > 0 else 6
    return _TURNS[type(change)]


class Action(StrEnum, metaclass=ReadableEnum):
    """The two directions in which margin moves."""

    ADD = "add"
    REMOVE = "remove"


class NoLimitError(ValueError):
    """The most was wanted of something that nothing known limits."""


class Limit(Record):
    """The most that may move, in the quote currency, and the rule that says so.

    ``amount`` None: nothing known limits it. ``exclusive``: the amount itself is just too much.
    ``known`` False: the venue's rules do not say whether or how much may move.
    """

    amount: Decimal | None
    name: str | None
    exclusive: bool = False
    known: bool = True

    def allows(self, amount: Decimal) -> bool | None:
        """Whether the venue would take this amount; None where its rules do not say."""
        if not self.known:
            return None
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


class MarginChange(Record):
    """An account before and after margin moves, and whether the venue would take it.

    ``index`` is the position's place in the account; None is the cross account as a whole.
    ``allowed`` is None where the venue's rules do not say, and it is not refused for being
    liquidatable at once. ``cushion`` is the move against the position that it is judged after too.
    """

    action: Action
    index: int | None  # type: ignore[assignment] # and not what a tuple has by that name
    amount: Decimal
    limit: Limit
    allowed: bool | None
    before: AccountReport
    after: AccountReport
    cushion: Decimal | None = None

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
    cushion: Decimal | None = None,
) -> MarginChange:
    """Move margin into or out of a position, or of the cross account when ``index`` is None.

    ``amount`` is in the quote currency, above zero; None moves the most that is allowed, rounded
    down to the venue's step. Margin of an isolated position comes out of the account's cash and
    goes back into it, where that is known. A cross position shares the account's margin, so money
    comes from and goes to the outside. The figures after a refused change are those it would give.
    With a ``cushion``, a fraction, an amount must be allowed at the mark, and also if the mark
    first moved against the position by that much: see `moved_against`.

    Raises:
        NoLimitError: the most is wanted of something that has no limit.
        UncoveredNotionalError: a notional lies above the end of its tier table, also if moved.
        MissingCashError: the cross account is meant, and there is none.
    """
    before = evaluate(account, venue)
    return move_margin(account, venue, index, before, action, amount, cushion)[1]


def move_margin(
    account: Account,
    venue: Venue,
    index: int | None,
    before: AccountReport,
    action: Action,
    amount: Decimal | None,
    cushion: Decimal | None = None,
) -> tuple[Account, MarginChange]:
    """Return the account after margin has moved, and what the venue says of it.

    ``before`` are the account's figures now; the rest is as in `change_margin`, whose errors these
    are. It belongs inside an `exactly`.
    """
    if index is None and before.cross is None:
        raise MissingCashError
    limit = limit_of(before, action, index, venue)
    if cushion is not None:
        moved = evaluate(moved_against(account, index, cushion), venue)
        limit = min(limit, limit_of(moved, action, index, venue), key=_room)
    if amount is None:
        amount = limit.most(venue.rules.amount_step)
        if amount is None:
            raise NoLimitError("nothing known limits this amount")
    changed, after = account, before
    if amount:
        changed = with_moved(account, index, amount if action is Action.ADD else -amount)
        after = reports_of(changed, venue)
    allowed, decisive = _judged(limit, amount, after, index)
    if cushion is not None and allowed is None:
        moved = evaluate(moved_against(changed, index, cushion), venue)
        allowed, decisive = _judged(limit, amount, moved, index)
    return changed, MarginChange(action, index, amount, decisive, allowed, before, after, cushion)


def _room(limit: Limit) -> Decimal:
    return Decimal("Infinity") if limit.amount is None else limit.amount


def limit_of(before: AccountReport, action: Action, index: int | None, venue: Venue) -> Limit:
    """Return how much margin may move into or out of a position, or the cross account."""
    position = None if index is None else before.positions[index]
    known = venue.rules.limits_transfers
    if position is not None and position.binding_limit is not None:
        if action is Action.REMOVE:
            exclusive = venue.rules.removal_is_exclusive
            return Limit(position.max_removable, position.binding_limit, exclusive)
        return Limit(position.max_addable, position.addition_limit, known=known)
    if not known:
        return Limit(None, None, known=False)
    if action is Action.REMOVE and before.cross is not None:
        return Limit(before.cross.max_removable, before.cross.binding_limit)
    return Limit(None, None)


def _judged(
    limit: Limit, amount: Decimal, after: AccountReport, index: int | None
) -> tuple[bool | None, Limit]:
    """Return whether an amount may move, and the limit that decides.

    Where the rules of the venue do not say, it may not if it leaves behind what is liquidatable.
    """
    if limit.known:
        return amount > 0 and limit.allows(amount), limit
    held = after.cross if index is None else after.positions[index]
    if held is not None and held.liquidatable:
        return False, limit._replace(name="maintenance_margin")
    return None, limit


@exactly
def with_moved(account: Account, index: int | None, amount: Decimal | Fraction) -> Account:
    """Return the account with margin moved in, or out where the amount is below zero.

    It comes out of the account's cash; that of a cross position, and of the account as a whole
    where ``index`` is None, comes from the outside.
    """
    positions, cash = account.positions, account.cash
    money = amount if isinstance(amount, Decimal) else as_cash(amount)
    if index is None or not positions[index].isolated:
        return account._replace(cash=None if cash is None else cash + money)
    position = positions[index]
    # by place: names take twice as long
    if isinstance(amount, Decimal):
        added, margin_unit = position[-2:]
        position = Position(*position[:-2], added + amount, margin_unit)
    else:
        position = with_margin(position, margin_of(position) + amount)
    changed = (*positions[:index], position, *positions[index + 1 :])
    return Account(changed, None if cash is None else cash - money, *account[2:])


def replaced(account: Account, index: int, position: Position | None) -> Account:
    """Return the account with another position in this place, or none."""
    positions = list(account.positions)
    positions[index : index + 1] = [] if position is None else [position]
    return account._replace(positions=tuple(positions))


def at_mark(position: Position, mark: Decimal) -> Position:
    """Return the position at another mark."""
    return position._replace(mark_price=mark, notional=position.size * mark)


def moved_by(position: Position, move: Decimal) -> Position:
    """Return the position with its mark moved by a fraction of itself."""
    factor = 1 + move
    return position._replace(
        mark_price=position.mark_price * factor, notional=position.notional * factor
    )


def with_mark(account: Account, index: int | None, change: MoveMark) -> Account:
    """Return the account with the mark of a position's asset moved, or all marks.

    All positions of an asset have one mark.
    """
    asset = None if change.everywhere else account.positions[place_of(index)].asset
    positions = []
    for position in account.positions:
        if asset not in {None, position.asset}:
            positions.append(position)
        elif change.mark is not None:
            positions.append(at_mark(position, change.mark))
        else:
            positions.append(moved_by(position, change.move or ZERO))
    return account._replace(positions=tuple(positions))


def place_of(index: int | None) -> int:
    """Return the place of the one position that a change is of."""
    if index is None:
        raise ValueError("leverage and size are those of one position")
    return index


@exactly
def moved_against(account: Account, index: int | None, move: Decimal) -> Account:
    """Return the account with the mark of a position moved against it by a fraction of itself.

    mark · (1 - side · move). All positions of its asset have that mark then. Where ``index`` is
    None, every cross position has its mark moved against it.
    """
    if index is not None:
        against = MoveMark(move=-account.positions[index].side * move)
        return with_mark(account, index, against)
    positions = (
        position if position.isolated else moved_by(position, -position.side * move)
        for position in account.positions
    )
    return account._replace(positions=tuple(positions))


def cushion_objection(account: Account, index: int | None, cushion: Decimal) -> str | None:
    """Return why a cushion makes no sense for a position, or the cross ones; None when it does."""
    if cushion <= 0:
        return "a cushion must be above zero: it is a move against the position"
    if index is None and account.excerpt:
        return "the account holds more than the positions listed, so their common move is unknown"
    asked = account.positions if index is None else [account.positions[index]]
    if cushion >= 1 and any(position.side is Side.LONG for position in asked):
        return "a price cannot fall by 100% or more, so a long cannot have that cushion"
    return None
