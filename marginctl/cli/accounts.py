"""Which of a file's accounts and positions is meant, and the notices about it."""

from decimal import Decimal

from marginctl.cli.inputs import Loaded
from marginctl.core.agreement import Compared, price_notices, withdrawable_notices
from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO, exactly
from marginctl.core.report import AccountReport
from marginctl.load.account import LoadedAccount
from marginctl.load.problems import InputError
from marginctl.render.data import TiersView
from marginctl.render.numbers import names_text


def of_one_account(loaded: Loaded) -> Loaded:
    """Return, of the accounts of one account file, the one that is meant; others as they are.

    Raises:
        InputError: several of them have positions, and none is picked.
    """
    if len(loaded) == 1 or loaded[0][0].account_file is None or not of_one_file(loaded):
        return loaded
    meant = several_of_one_file(loaded)
    if len(meant) > 1:
        names = ", ".join(names_text(reading.account.pool.dexes) for reading, _ in meant)
        message = f"several accounts have positions in it ({names}), and this takes only one"
        raise InputError.of(message, "pick a position of it with --asset")
    return meant or loaded[:1]


def several_of_one_file(loaded: Loaded) -> Loaded:
    """Return the accounts of one account file in which something is meant; none of lines."""
    if loaded[0][0].account_file is None or not of_one_file(loaded):
        return []
    return [(reading, tiers) for reading, tiers in loaded if reading.selected]


def is_whole(loaded: tuple[LoadedAccount, TiersView]) -> bool:
    """Whether all positions of an account are meant."""
    reading, _ = loaded
    return len(reading.selected) == len(reading.account.positions)


def of_one_file(loaded: Loaded) -> bool:
    """Whether accounts are those of one account file, rather than of lines on their own."""
    return len({reading.account_file for reading, _ in loaded}) == 1


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


def selected_notices(reading: LoadedAccount, answer: AccountReport) -> list[Notice]:
    """Return the notices about what was asked for, those of the exchange's answers among them."""
    found = [*reading.notices, *answer.notices, *_differences(reading, answer)]
    if len(reading.selected) == len(answer.positions):
        return found
    asked = {answer.positions[index].asset for index in reading.selected}
    return [notice for notice in found if notice.asset is None or notice.asset in asked]


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


def wallet_of(reading: LoadedAccount) -> Decimal | None:
    """Return the cash behind the positions, where there is no cross account to show it."""
    return None if reading.venue.rules.has_cross else reading.account.cash


@exactly
def wallet_after(reading: LoadedAccount, spent: Decimal) -> Decimal | None:
    """Return the cash that is left, where there is no cross account to show it."""
    wallet = wallet_of(reading)
    return None if wallet is None else wallet - spent


def notices_after(reading: LoadedAccount, report: AccountReport) -> list[Notice]:
    """Return the notices about an account that is no longer as it was read."""
    plain = reading._replace(recorded_prices=None, withdrawable=None)
    if len(report.positions) != len(reading.account.positions):
        plain = plain._replace(selected=tuple(range(len(report.positions))))
    return selected_notices(plain, report)
