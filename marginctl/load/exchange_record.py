"""Hyperliquid's ``clearinghouseState``, as the exchange returns it.

Which field means what was established on recorded responses: the notional is exact and gives the
mark; an isolated position's equity is rawUsd + signed notional; prices, PnL and return on equity
are rounded for display; the account's totals win over sums of what is listed.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from marginctl.core.numbers import exactly, fraction_of, quotient
from marginctl.load.account_drafts import (
    MAINTENANCE_STEP,
    AccountDraft,
    CrossTotals,
    JsonOrigin,
    RecordedTerms,
)
from marginctl.load.drafts import Draft
from marginctl.load.json_fields import MaybeNumber, Number, Text
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.validation import validate


class _Recorded(BaseModel):
    """The exchange's own form: keys that are not needed here are let through."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class RecordedLeverage(_Recorded):
    """How a position is margined; ``rawUsd`` only for isolated ones."""

    type: Literal["cross", "isolated"]
    value: Number
    rawUsd: MaybeNumber = None  # noqa: N815 - the exchange's spelling


class RecordedPosition(_Recorded):
    """One position of the record."""

    coin: Text
    szi: Number
    leverage: RecordedLeverage
    entryPx: Number  # noqa: N815
    positionValue: Number  # noqa: N815
    unrealizedPnl: Number  # noqa: N815
    maxLeverage: Number  # noqa: N815
    liquidationPx: MaybeNumber = None  # noqa: N815


class RecordedEntry(_Recorded):
    """The wrapper of one position."""

    position: RecordedPosition


class RecordedSummary(_Recorded):
    """Sums over the cross positions."""

    accountValue: Number  # noqa: N815
    totalNtlPos: Number  # noqa: N815
    totalMarginUsed: Number  # noqa: N815


class ExchangeRecord(_Recorded):
    """The account as the exchange gives it."""

    assetPositions: list[RecordedEntry]  # noqa: N815
    crossMarginSummary: RecordedSummary  # noqa: N815
    crossMaintenanceMarginUsed: Number  # noqa: N815
    withdrawable: MaybeNumber = None

    @property
    def positions(self) -> list[RecordedPosition]:
        """The positions without their wrappers."""
        return [entry.position for entry in self.assetPositions]


def read_record(value: Mapping[str, Any], origin: JsonOrigin) -> AccountDraft:
    """Return the account of a record.

    Raises:
        InputError: with every problem of form, and its place.
    """
    problems: list[Problem] = []
    record = validate(ExchangeRecord, value, (), origin.locate, problems)
    if record is None:
        raise InputError(problems)
    origins = tuple(_RecordedOrigin(origin, index) for index in range(len(record.positions)))
    for position, where in zip(record.positions, origins, strict=True):
        problems.extend(_problems(position, where))
    if problems:
        raise InputError(problems)
    drafts = tuple(_draft(position) for position in record.positions)
    summary = record.crossMarginSummary
    return AccountDraft(
        drafts,
        origins,
        origin,
        record=record,
        totals=CrossTotals(
            summary.accountValue,
            summary.totalNtlPos,
            fraction_of(summary.totalMarginUsed),
            fraction_of(record.crossMaintenanceMarginUsed),
            MAINTENANCE_STEP,
        ),
        terms=tuple(RecordedTerms(one.coin, one.maxLeverage) for one in record.positions),
        recorded_prices=tuple(position.liquidationPx for position in record.positions),
    )


class _RecordedOrigin:
    """A position of the record, with the exchange's names for its fields."""

    _NAMES: Mapping[str | None, tuple[str, ...]] = {
        "asset": ("coin",),
        "size": ("szi",),
        "entry_price": ("entryPx",),
        "mark_price": ("positionValue",),
        "leverage": ("leverage", "value"),
        "margin_mode": ("leverage", "type"),
        "equity": ("leverage", "rawUsd"),
    }

    def __init__(self, origin: JsonOrigin, index: int) -> None:
        self._origin = origin
        self._path = ("assetPositions", index, "position")

    def label(self, field: str) -> str:
        return ".".join(self._NAMES.get(field, (field,)))

    def place(self, field: str | None = None) -> Place:
        return self._origin.at((*self._path, *self._NAMES.get(field, ())))


def _problems(position: RecordedPosition, origin: _RecordedOrigin) -> list[Problem]:
    found = []
    if not position.szi:
        found.append(Problem("a size is not zero", None, origin.place("size")))
    if position.positionValue <= 0:
        found.append(Problem("a notional lies above zero", None, origin.place("mark_price")))
    if position.leverage.type == "isolated" and position.leverage.rawUsd is None:
        message = "an isolated position's rawUsd is missing, so its equity is unknown"
        found.append(Problem(message, None, origin.place("margin_mode")))
    if position.maxLeverage < 1:
        found.append(Problem("a max leverage is at least 1", None, origin.place()))
    return found


@exactly
def _draft(position: RecordedPosition) -> Draft:
    short = position.szi < 0
    size, notional = abs(position.szi), position.positionValue
    raw = position.leverage.rawUsd
    signed_notional = -notional if short else notional
    signed_pnl = -position.unrealizedPnl if short else position.unrealizedPnl
    isolated = position.leverage.type == "isolated"
    return Draft(
        asset=position.coin,
        side="short" if short else "long",
        size=size,
        entry_price=position.entryPx,
        mark_price=quotient(notional, size),
        leverage=position.leverage.value,
        margin_mode=position.leverage.type,
        equity=raw + signed_notional if isolated and raw is not None else None,
        notional=notional,
        # the recorded PnL has more digits than the recorded entry price
        cost=notional - signed_pnl if signed_pnl < notional else None,
    )
