"""``--beta``: how many times a common move each asset moves."""

from collections.abc import Sequence

from marginctl.core.account import Account
from marginctl.core.notices import Notice
from marginctl.core.stress import Betas, unnamed
from marginctl.load.betas import load_betas
from marginctl.load.reading import Reading
from marginctl.render.view import TiersView


def read_betas(path: str | None, readings: Sequence[tuple[Reading, TiersView]]) -> Betas | None:
    """Return the multiples of a beta file, None without one.

    Raises:
        InputError: with every problem of the file.
    """
    return None if path is None else load_betas(path, readings[0][0].venue)


def beta_notices(betas: Betas, account: Account) -> list[Notice]:
    """Say which assets move one to one, because the beta file does not name them."""
    return [
        Notice("beta_assumed", asset, "not in the beta file, so it moves one to one")
        for asset in unnamed(betas, account.positions)
    ]
