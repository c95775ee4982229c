"""Exact margin arithmetic for perpetual futures.

Numbers are decimals, ints or texts, never floats; amounts and prices are in the venue's quote
currency, ratios are fractions.

>>> from marginctl import change_margin, evaluate, load_tiers, new_account, new_position
>>> venue = load_tiers().venue("hyperliquid")
>>> eth = new_position(
...     venue, asset="ETH", size=10, entry_price=2500, mark_price=2400, leverage=10
... )
>>> account = new_account(venue, [eth])
>>> report = evaluate(account, venue).positions[0]
>>> print(report.liquidatable, round(report.equity, 2), round(report.liquidation_price, 2))
False 1500.00 2295.92
>>> change = change_margin(account, venue, "add", 0, 1000)
>>> print(change.allowed, round(change.position_after.liquidation_price, 2))
True 2193.88

What is imported from here is loaded when it is first used: the arithmetic needs nothing but the
standard library, reading tiers and positions needs PyYAML and pydantic.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False  # type checkers take it as true; to import typing would be most of a start

if TYPE_CHECKING:
    from marginctl.core.account import Account
    from marginctl.core.changes import Action, MarginChange
    from marginctl.core.notices import Notice
    from marginctl.core.position import Asset, MarginMode, Position, Side
    from marginctl.core.report import AccountReport, CrossReport, PositionReport, evaluate
    from marginctl.core.rules import Venue
    from marginctl.load.account import LoadedAccount
    from marginctl.load.api import change_margin, new_account, new_position, read_positions
    from marginctl.load.problems import InputError, Problem
    from marginctl.load.tier_source import TierSource, load_tiers

_HOMES = {
    "Account": "core.account",
    "AccountReport": "core.report",
    "Action": "core.changes",
    "Asset": "core.position",
    "CrossReport": "core.report",
    "InputError": "load.problems",
    "MarginChange": "core.changes",
    "MarginMode": "core.position",
    "Notice": "core.notices",
    "Position": "core.position",
    "PositionReport": "core.report",
    "Problem": "load.problems",
    "LoadedAccount": "load.account",
    "Side": "core.position",
    "TierSource": "load.tier_source",
    "Venue": "core.rules",
    "change_margin": "load.api",
    "evaluate": "core.report",
    "load_tiers": "load.tier_source",
    "new_account": "load.api",
    "new_position": "load.api",
    "read_positions": "load.api",
}

__all__ = [
    "Account",
    "AccountReport",
    "Action",
    "Asset",
    "CrossReport",
    "InputError",
    "LoadedAccount",
    "MarginChange",
    "MarginMode",
    "Notice",
    "Position",
    "PositionReport",
    "Problem",
    "Side",
    "TierSource",
    "Venue",
    "change_margin",
    "evaluate",
    "load_tiers",
    "new_account",
    "new_position",
    "read_positions",
]


if not TYPE_CHECKING:  # a checker shall miss a name that is not there

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'marginctl' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"marginctl.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
