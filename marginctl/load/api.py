"""The library's functions: Python values, checked as those from files and flags are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from marginctl.core.account import Account
from marginctl.core.changes import Action, MarginChange, NoLimitError, cushion_objection
from marginctl.core.changes import change_margin as moved_margin
from marginctl.core.numbers import exactly
from marginctl.core.position import MarginMode, Position, Side
from marginctl.core.rules import Venue
from marginctl.load.account import LoadedAccount, Overrides, cash_behind, netted, read_account
from marginctl.load.arguments import (
    Number,
    answered,
    argument_texts,
    check_index,
    read_argument,
)
from marginctl.load.inputs import (
    ACCOUNT_READERS,
    POSITION_READERS,
    make_position,
    no_cross,
    read_entry,
    unknown_asset,
)
from marginctl.load.positions import funds_of, position_input_of, read_accounts
from marginctl.load.problems import ARGUMENTS, InputError, Problem, known_hint

if TYPE_CHECKING:
    from marginctl.load.tier_source import TierSource


_POSITIONS = ARGUMENTS.place("positions")
_OTHER_WAY = 'the action must be "add" or "remove"'


@exactly
def new_position(
    venue: Venue,
    *,
    asset: str,
    size: Number,
    entry_price: Number,
    leverage: Number,
    side: Side | str | None = None,
    mark_price: Number | None = None,
    margin_mode: MarginMode | str | None = None,
    margin: Number | None = None,
    equity: Number | None = None,
) -> Position:
    """Return a position; the names, units and defaults are those of a position in a file.

    ``size`` is in units of the asset, negative for a short unless ``side`` says so; prices,
    ``margin`` (PnL excluded) and ``equity`` (PnL included) are in the quote currency.

    Raises:
        InputError: with every problem: an unknown asset, a price of zero, a contradiction.
        TypeError: a number is a float or a boolean.
    """
    given = {
        "asset": asset,
        "side": side.word if isinstance(side, Side) else side,
        "size": size,
        "entry_price": entry_price,
        "mark_price": mark_price,
        "leverage": leverage,
        "margin_mode": margin_mode,
        "margin": margin,
        "equity": equity,
    }
    problems: list[Problem] = []
    read, unread = read_entry(POSITION_READERS, argument_texts(given), ARGUMENTS, problems)
    try:
        position = make_position(position_input_of(read, unread), venue, ARGUMENTS)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    return position


def new_account(
    venue: Venue,
    positions: Sequence[Position],
    *,
    collateral: Number | None = None,
    account_value: Number | None = None,
) -> Account:
    """Return an account of positions.

    ``collateral`` is the cash behind cross positions and additions, ``account_value`` the value
    of the cross account with the PnL in it; at most one is given, and one where a position is
    cross.

    Raises:
        InputError: with every problem, such as a position in an asset, or of a margin mode, that
            the venue does not have.
        TypeError: a number is a float or a boolean, or a position is none.
    """
    given = {"collateral": collateral, "account_value": account_value}
    problems: list[Problem] = []
    read, _ = read_entry(ACCOUNT_READERS, argument_texts(given), ARGUMENTS, problems)
    for position in positions:
        problems += _problems_of_position(venue, position)
    problems += netted(positions, [ARGUMENTS] * len(positions))
    if problems:
        raise InputError(problems)
    return Account(tuple(positions), cash_behind(funds_of(read), positions, venue, ARGUMENTS))


def _problems_of_position(venue: Venue, position: Position) -> list[Problem]:
    """Return what keeps a position, which was perhaps made for another venue, from this one."""
    if not isinstance(position, Position):
        raise TypeError(f"positions: expected a Position, not {type(position).__name__}")
    position.check_kinds()
    asset = venue.assets.get(position.asset)
    if asset is None:
        return [unknown_asset(venue, position.asset, _POSITIONS)]
    refusal = None if position.isolated else no_cross(venue, asset)
    return [] if refusal is None else [Problem(refusal, "use isolated", _POSITIONS)]


_ACTIONS = tuple(word.value for word in Action)


def change_margin(
    account: Account,
    venue: Venue,
    action: Action | str,
    index: int | None,
    amount: Number | None,
    cushion: Number | None = None,
) -> MarginChange:
    """Move margin into or out of a position, or of the cross account where ``index`` is None.

    ``action`` is ``"add"`` or ``"remove"``, ``index`` the position's place in the account, from
    0. ``amount`` is in the quote currency and above zero; None removes the most that is allowed,
    rounded down to the venue's step. Margin of an isolated position comes out of the account's
    cash and goes back into it, where that is known. A cross position shares the account's margin,
    so money comes from and goes to the outside. The figures after a refused change are those it
    would give. Formulas: `marginctl.venues`, by the rules of the venue. With a ``cushion``, a
    fraction above zero, the amount must also be allowed if the mark first moved against the
    position by that much: mark · (1 - side · cushion).

    Raises:
        InputError: with every problem: no such action or position, an amount that is not above
            zero, the most of something that has no limit, a cross account without collateral, a
            cushion that leaves no price above zero, or that leads to a notional above the end of
            the position's tiers.
        TypeError: a number is a float or a boolean, or the index is no whole number.
    """
    problems: list[Problem] = []
    if action not in _ACTIONS:
        hint = known_hint(str(action), _ACTIONS)
        problems.append(Problem(f"{action!r} is not an action", hint, ARGUMENTS.place("action")))
    check_index(account, index, problems, whole="the cross account")
    exact = read_argument(ARGUMENTS.place("amount"), amount, problems)
    if exact is not None and exact <= 0:
        message = f"an amount must be above zero, not {exact:f}"
        problems.append(Problem(message, _OTHER_WAY, ARGUMENTS.place("amount")))
    move = read_argument(ARGUMENTS.place("cushion"), cushion, problems)
    if move is not None and not problems:
        objection = cushion_objection(account, index, move)
        if objection is not None:
            hint = "give a fraction such as 0.05"
            problems.append(Problem(objection, hint, ARGUMENTS.place("cushion")))
    if problems:
        raise InputError(problems)
    try:
        return answered(lambda: moved_margin(account, venue, Action(action), index, exact, move))
    except NoLimitError as error:
        raise InputError.of(str(error), "give an amount", ARGUMENTS.place("amount")) from None


@exactly
def read_positions(
    data: bytes | str, tiers: "TierSource", *, venue: str | None = None
) -> list[LoadedAccount]:
    """Return the accounts of a JSON text: the own format, NDJSON, an exchange's record, or
    previous output; each with the venue that the text, else ``venue``, else the tier file names.

    Raises:
        InputError: with every problem and its place.
        TypeError: the data are neither bytes nor a text, or the venue's name is no text.
    """
    if not isinstance(data, bytes | bytearray | str):
        raise TypeError(f"data: expected bytes or a string, not {type(data).__name__}")
    if not isinstance(venue, str | None):
        raise TypeError(f"venue: expected a string, not {type(venue).__name__}")
    # half a surrogate pair, which no file can hold, is left to the reader to refuse
    text = data.encode(errors="surrogatepass") if isinstance(data, str) else data
    return [
        read_account(account_input, tiers.venue(account_input.venue or venue), Overrides())
        for account_input in read_accounts(text, "<data>")
    ]
