"""Which of a file's accounts and positions is meant, and the notices about it."""

from decimal import Decimal

from marginctl.cli.inputs import LoadedAccounts
from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO
from marginctl.core.report import AccountReport
from marginctl.core.rules import Venue
from marginctl.load.account import LoadedAccount
from marginctl.load.problems import InputError
from marginctl.render.data import TiersView
from marginctl.render.numbers import names_text


def of_one_account(accounts: LoadedAccounts) -> LoadedAccounts:
    """Return, of the accounts of one account file, the one that is meant; others as they are.

    Raises:
        InputError: several of them have positions, and none is picked.
    """
    if len(accounts) == 1 or accounts[0][0].account_file is None or not of_one_file(accounts):
        return accounts
    meant = several_of_one_file(accounts)
    if len(meant) > 1:
        names = ", ".join(names_text(loaded.account.pool.dexes) for loaded, _ in meant)
        message = f"several accounts have positions in it ({names}), and this takes only one"
        raise InputError.of(message, "pick a position of it with --asset")
    return meant or accounts[:1]


def several_of_one_file(accounts: LoadedAccounts) -> LoadedAccounts:
    """Return the accounts of one account file in which something is meant; none of lines."""
    if accounts[0][0].account_file is None or not of_one_file(accounts):
        return []
    return [(loaded, tiers) for loaded, tiers in accounts if loaded.selected]


def is_whole(accounts: tuple[LoadedAccount, TiersView]) -> bool:
    """Whether all positions of an account are meant."""
    loaded, _ = accounts
    return len(loaded.selected) == len(loaded.account.positions)


def of_one_file(accounts: LoadedAccounts) -> bool:
    """Whether accounts are those of one account file, rather than of lines on their own."""
    return len({loaded.account_file for loaded, _ in accounts}) == 1


def changed_index(loaded: LoadedAccount, *, lines: int) -> int | None:
    """Return the place of the position that is meant, None for the cross account as a whole."""
    if lines == 1 and len(loaded.selected) == 1:
        return loaded.selected[0]
    shared = lines == 1 and not any(
        loaded.account.positions[index].isolated for index in loaded.selected
    )
    if shared:
        return None
    raise not_one("margin is added or removed for one position", loaded)


def not_one(subject: str, loaded: LoadedAccount, hint: str = "pick one with --asset") -> InputError:
    """Return the error of a question about one position where there are several, or none."""
    if not loaded.account.positions:
        hint = "describe one with --asset, --size, --entry and --leverage, without a file"
        return InputError.of(f"{subject}, but this account has none", hint)
    return InputError.of(f"{subject}, but there are several", hint)


def selected_notices(loaded: LoadedAccount, answer: AccountReport) -> list[Notice]:
    """Return the notices about what was asked for, those of the exchange's answers among them."""
    found = [*loaded.notices, *answer.notices]
    if loaded.recorded_prices is not None or loaded.withdrawable is not None:
        found += _differences(loaded, answer)
    if len(loaded.selected) == len(answer.positions):
        return found
    asked = {answer.positions[index].asset for index in loaded.selected}
    return [notice for notice in found if notice.asset is None or notice.asset in asked]


def _differences(loaded: LoadedAccount, answer: AccountReport) -> list[Notice]:
    """Return what an exchange's record says otherwise than the report."""
    from marginctl.core.agreement import ComparedPrice, price_notices, withdrawable_notices

    found: list[Notice] = []
    if loaded.recorded_prices is not None:
        value = ZERO if answer.cross is None else answer.cross.account_value
        compared = [
            ComparedPrice(report, loaded.venue.assets[report.asset].table, price)
            for report, price in zip(answer.positions, loaded.recorded_prices, strict=True)
        ]
        found += price_notices(
            compared,
            value,
            loaded.rounding,
            loaded.venue.rules,
            pooled=loaded.account.pool.shared,
        )
    if loaded.withdrawable is not None and answer.cross is not None:
        found += withdrawable_notices(answer.cross, loaded.withdrawable)
    return found


def wallet_of(venue: Venue, cash: Decimal | None) -> Decimal | None:
    """Return the cash of an account, where there is no cross account to show it."""
    return None if venue.rules.has_cross else cash


def notices_after(loaded: LoadedAccount, report: AccountReport) -> list[Notice]:
    """Return the notices about an account that is no longer as it was read."""
    plain = loaded._replace(recorded_prices=None, withdrawable=None)
    if len(report.positions) != len(loaded.account.positions):
        plain = plain._replace(selected=tuple(range(len(report.positions))))
    return selected_notices(plain, report)
