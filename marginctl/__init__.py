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

`evaluate` gives the figures of an account. `change_margin`, `whatif`, `solve` and `sweep` say what
would be; they take the position's place in the account, from 0. `load_tiers`, `check_tiers` and
`diff_tiers` are about tier files, `new_position`, `new_account` and `read_positions` about what is
held. What makes no sense raises an `InputError` with every problem.

What is imported from here is loaded when it is first used: the arithmetic needs nothing but the
standard library, reading tiers and positions needs PyYAML and pydantic.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False  # type checkers take it as true; to import typing would be most of a start

if TYPE_CHECKING:
    from marginctl.checks.problem import Place, Problem, Severity
    from marginctl.core.account import Account
    from marginctl.core.account_sweep import AccountSweep
    from marginctl.core.changes import (
        Action,
        AddMargin,
        MarginChange,
        MoveMark,
        Open,
        PayFunding,
        SetLeverage,
        Trade,
    )
    from marginctl.core.evaluation import evaluate
    from marginctl.core.goals import Solution, Target
    from marginctl.core.notices import Notice
    from marginctl.core.position import Asset, MarginMode, Position, Side
    from marginctl.core.report import AccountReport, CrossReport, PositionReport
    from marginctl.core.rules import Venue
    from marginctl.core.sweep import Over, Sweep
    from marginctl.core.tier_diff import TierDiff
    from marginctl.core.whatif import WhatIf
    from marginctl.load.account import LoadedAccount
    from marginctl.load.api import change_margin, new_account, new_position, read_positions
    from marginctl.load.change_request import whatif
    from marginctl.load.problems import InputError
    from marginctl.load.solve_request import solve
    from marginctl.load.sweep_request import sweep
    from marginctl.load.tier_check import TierCheck, check_tiers
    from marginctl.load.tier_source import TierSource, load_tiers
    from marginctl.load.tier_versions import diff_tiers

_HOMES = {
    "Account": "core.account",
    "AccountReport": "core.report",
    "AccountSweep": "core.account_sweep",
    "Action": "core.changes",
    "AddMargin": "core.changes",
    "Asset": "core.position",
    "CrossReport": "core.report",
    "InputError": "load.problems",
    "LoadedAccount": "load.account",
    "MarginChange": "core.changes",
    "MarginMode": "core.position",
    "MoveMark": "core.changes",
    "Notice": "core.notices",
    "Open": "core.changes",
    "Over": "core.sweep",
    "PayFunding": "core.changes",
    "Place": "checks.problem",
    "Position": "core.position",
    "PositionReport": "core.report",
    "Problem": "checks.problem",
    "SetLeverage": "core.changes",
    "Severity": "checks.problem",
    "Side": "core.position",
    "Solution": "core.goals",
    "Sweep": "core.sweep",
    "Target": "core.goals",
    "TierCheck": "load.tier_check",
    "TierDiff": "core.tier_diff",
    "TierSource": "load.tier_source",
    "Trade": "core.changes",
    "Venue": "core.rules",
    "WhatIf": "core.whatif",
    "change_margin": "load.api",
    "check_tiers": "load.tier_check",
    "diff_tiers": "load.tier_versions",
    "evaluate": "core.evaluation",
    "load_tiers": "load.tier_source",
    "new_account": "load.api",
    "new_position": "load.api",
    "read_positions": "load.api",
    "solve": "load.solve_request",
    "sweep": "load.sweep_request",
    "whatif": "load.change_request",
}

__all__ = [
    "Account",
    "AccountReport",
    "AccountSweep",
    "Action",
    "AddMargin",
    "Asset",
    "CrossReport",
    "InputError",
    "LoadedAccount",
    "MarginChange",
    "MarginMode",
    "MoveMark",
    "Notice",
    "Open",
    "Over",
    "PayFunding",
    "Place",
    "Position",
    "PositionReport",
    "Problem",
    "SetLeverage",
    "Severity",
    "Side",
    "Solution",
    "Sweep",
    "Target",
    "TierCheck",
    "TierDiff",
    "TierSource",
    "Trade",
    "Venue",
    "WhatIf",
    "change_margin",
    "check_tiers",
    "diff_tiers",
    "evaluate",
    "load_tiers",
    "new_account",
    "new_position",
    "read_positions",
    "solve",
    "sweep",
    "whatif",
]


if not TYPE_CHECKING:  # a checker shall miss a name that is not there

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'marginctl' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"marginctl.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:  # what `help` shows
    return sorted([*__all__, "__version__"])
