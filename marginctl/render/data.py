"""What is to be shown, and the same as plain data."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from types import NoneType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from marginctl.core.account import Betas, Move
from marginctl.core.notices import Notice
from marginctl.core.numbers import exactly
from marginctl.core.position import Asset, Side
from marginctl.core.report import AccountReport, CrossReport, PositionReport
from marginctl.core.rules import Venue
from marginctl.core.tiers import TierReport
from marginctl.render.figures import CROSS_FIELDS, CROSS_PREFIX, Field, split
from marginctl.render.numbers import NumberText, plain

if TYPE_CHECKING:
    from marginctl.core.explanation import Step


RECORDED = "exchange_liquidation_price"
"""The one field of a position that its report does not have."""


class TiersView(NamedTuple):
    """Which tier file was used."""

    path: str
    origin: str
    as_of: str | None
    sha256: str


class PositionView(NamedTuple):
    """A position's report; ``recorded_price`` is the exchange's liquidation price, if it has one.

    ``in_record`` says whether it comes from an exchange's record at all. ``steps`` explain the
    figures, where that was asked for.
    """

    report: PositionReport
    in_record: bool = False
    recorded_price: Decimal | None = None
    steps: "tuple[Step, ...]" = ()


ShownRecord = tuple[PositionView | None, CrossReport | None]
"""A position and the cross account beside it, as far as there are any."""


class AccountView(NamedTuple):
    """One of the accounts of an account file: its cross account, and its positions' names."""

    cross: CrossReport
    positions: tuple[str, ...]
    steps: "tuple[Step, ...]" = ()


class ReportView(NamedTuple):
    """The answer of ``show``; ``betas`` are those of the common move, where they were given.

    ``accounts`` are those of an account file, the one of ``cross`` among them.
    """

    venue: Venue
    tiers: TiersView
    positions: tuple[PositionView, ...]
    cross: CrossReport | None
    notices: tuple[Notice, ...]
    cross_steps: "tuple[Step, ...]" = ()
    wallet: Decimal | None = None
    """The cash behind the positions, where it is known and the venue has no cross account."""
    betas: Betas | None = None
    accounts: tuple[AccountView, ...] = ()
    fee_rate: Decimal | None = None
    """The fee of trading, where it was given."""

    @property
    def crosses(self) -> tuple[CrossReport | None, ...]:
        """The cross accounts: those of an account file, else the one there may be."""
        return tuple(account.cross for account in self.accounts) or (self.cross,)

    @property
    def records(self) -> list[ShownRecord]:
        """The positions, each with the cross account that it is of."""
        of_position = {name: one.cross for one in self.accounts for name in one.positions}
        return [
            (shown, of_position.get(shown.report.asset, self.cross)) for shown in self.positions
        ]

    @property
    def has(self) -> frozenset[str]:
        """Which of the fields that not every answer has this one has."""
        had = fees(self.venue, self.fee_rate)
        if self.cross is not None:
            had |= of_pools(*self.crosses)
        for shown in self.positions:
            if shown.in_record:
                return had | {"record"}
        return had


class HasBefore(Protocol):
    """A result that has an account before it."""

    @property
    def before(self) -> AccountReport:
        """The account as it is."""
        ...


R = TypeVar("R", bound=HasBefore)


class Answer(NamedTuple, Generic[R]):
    """What ``add``, ``remove``, ``whatif`` and ``solve`` answer, and which tiers they used.

    ``message`` is the verdict in a sentence. ``wallet`` is as in `ReportView`, afterwards.
    ``dexes`` are the account's, where the others of its file are answered beside it.
    """

    venue: Venue
    tiers: TiersView
    result: R
    message: str
    notices: tuple[Notice, ...]
    wallet: Decimal | None = None
    fee_rate: Decimal | None = None
    dexes: tuple[str, ...] | None = None

    @property
    def has(self) -> frozenset[str]:
        """Which of the fields that not every answer has this one has."""
        had, cross = fees(self.venue, self.fee_rate), self.result.before.cross
        return had if cross is None else had | of_pools(cross)


def fees(venue: Venue, fee_rate: Decimal | None = None) -> frozenset[str]:
    """Return which fields not every answer has: ``fees`` where the venue counts a closing fee,
    ``fee_rate`` where one was given.
    """
    closing = _CLOSING_FEE if venue.rules.closing_fee_rate else _NONE
    return closing if fee_rate is None else closing | {"fee_rate"}


def of_pools(*crosses: CrossReport | None) -> frozenset[str]:
    """Return which of these fields accounts have for how they are margined."""
    borrowing = any(cross is not None and cross.pool.borrows for cross in crosses)
    return _OF_PORTFOLIO_MARGIN if borrowing else _NONE


_NONE: frozenset[str] = frozenset()
_CLOSING_FEE = frozenset({"fees"})
_OF_PORTFOLIO_MARGIN = frozenset({"portfolio_margin"})


Data = dict[str, Any]


def report_data(view: ReportView, chosen: Sequence[Field]) -> Data:
    """Return the object that ``show -o json`` prints, its positions and warnings as
    iterators; there are no positions where no field of them is asked for.
    """
    fields, of_cross = split(chosen)
    data: Data = {
        "schema": "marginctl/report/1",
        **source_data(view.venue, view.tiers),
        **wallet_data(view.wallet),
        "positions": (position_data(shown, fields) for shown in view.positions if fields),
        "cross": cross_data(view.cross, of_cross),
        "warnings": (notice_data(notice) for notice in view.notices),
    }
    if view.accounts:
        data["accounts"] = [_account_data(account) for account in view.accounts]
    if view.betas is not None:
        data["betas"] = betas_data(view.betas)
    explained = [shown for shown in view.positions if shown.steps]
    if explained:
        data["explanation"] = {
            "positions": [[step_data(step) for step in shown.steps] for shown in explained],
            "cross": [step_data(step) for step in view.cross_steps],
        }
    return data


def _account_data(account: AccountView) -> Data:
    """Return one of the accounts of an account file, with the names of its positions."""
    return {**(cross_data(account.cross) or {}), "positions": list(account.positions)}


def betas_data(betas: Betas) -> Data:
    """Return the multiples of a common move by asset."""
    return {asset: plain(beta) for asset, beta in betas.items()}


def position_data(shown: PositionView, fields: Sequence[Field]) -> Data:
    """Return one position's fields by name, in the order asked for."""
    data: Data = {field.name: value_text(field_value(shown, field.name)) for field in fields}
    return _with_exact(data, shown.report)


def _with_exact(data: Data, report: PositionReport) -> Data:
    """Return a position's fields with the margin as a fraction, where 50 digits are not all."""
    exact = report.exact_margin
    if exact is not None and "margin" in data:
        data["exact"] = {"margin": str(exact)}
    return data


def record_data(record: ShownRecord, fields: Sequence[Field]) -> Data:
    """Return the fields of a position and of the account beside it, in the order asked for."""
    data: Data = {field.name: value_text(record_value(record, field)) for field in fields}
    return data if record[0] is None else _with_exact(data, record[0].report)


def record_value(record: ShownRecord, field: Field) -> Any:
    """Return the value of a field of a position, or of the cross account beside it."""
    place, read = _reader(field.name)
    subject = record[place]
    return None if subject is None else read(subject)


def cross_data(cross: CrossReport | None, fields: Sequence[Field] = ()) -> Data | None:
    """Return the cross account's fields by name: those asked for, else all."""
    if cross is None:
        return None
    if fields:
        return {
            field.name.removeprefix(CROSS_PREFIX): value_text(cross_value(cross, field.name))
            for field in fields
        }
    data: Data = {
        field.name: value_text(getattr(cross, field.name))
        for field in CROSS_FIELDS
        if field.unit != "moves" and (field.only is None or cross.pool.borrows)
    }
    if cross.closing_fee:
        data["closing_fee"] = plain(cross.closing_fee)
    data["liquidating_move"] = _move_data(cross.liquidating_move)
    if cross.pool.borrows:
        data["portfolio_liquidating_move"] = _move_data(cross.portfolio_liquidating_move)
    if cross.maintenance_step is not None:
        data["maintenance_step"] = plain(cross.maintenance_step)
    if cross.pool.shared:
        data["pool"] = _pool_data(cross)
    if cross.exact:
        data["exact"] = {name: str(exact) for name, exact in cross.exact.items()}
    return data


def _move_data(move: Move | None) -> Data | None:
    return None if move is None else {"down": value_text(move.down), "up": value_text(move.up)}


def _pool_data(cross: CrossReport) -> Data:
    """Return what a pool is computed from beside its figures, so that it can be fed back."""
    pool = cross.pool
    return {
        "residue": plain(pool.residue),
        "held_back": plain(cross.held_back),
        "unusable": plain(pool.unusable),
        "unremovable": plain(pool.unremovable),
        "other_collateral": plain(pool.other_collateral),
        "exempt_notional": plain(cross.exempt.notional),
        "exempt_initial_margin": plain(cross.exempt.initial_margin),
    }


def notice_data(notice: Notice) -> Data:
    """Return a notice as an entry of ``warnings``."""
    data: Data = {"code": notice.code, "asset": notice.asset, "message": notice.message}
    if notice.max_leverage is not None:
        data["max_leverage"] = plain(notice.max_leverage)
    return data


def step_data(step: "Step") -> Data:
    """Return a step of an explanation."""
    data: Data = {
        "field": step.field,
        "formula": step.formula,
        "values": {name: plain(value) for name, value in step.values.items()},
        "result": value_text(step.result),
    }
    if step.tier is not None:
        data |= {"tier": str(step.tier), "wins": step.wins}
    return data


_TIER_PARTS = (
    "index",
    "lower_bound",
    "upper_bound",
    "max_leverage",
    "maintenance_margin_rate",
    "maintenance_deduction",
)


@lru_cache(maxsize=4096)
def tier_data(tier: TierReport) -> Data:
    """Return a tier's fields by name."""
    return {name: value_text(getattr(tier, name)) for name in _TIER_PARTS}


@exactly
def differences(
    before: PositionReport, after: PositionReport, numbers: Sequence[Field]
) -> list[tuple[str, Decimal | None]]:
    """Return after - before for fields that are numbers, None where one of the two is missing."""
    found = []
    was, becomes = PositionView(before), PositionView(after)
    for field in numbers:
        read = _reader(field.name).read
        old, new = read(was), read(becomes)
        found.append((field.name, None if old is None or new is None else new - old))
    return found


def field_value(shown: PositionView, name: str) -> Any:
    """Return the value of a field; parts of a tier are named with a dot."""
    return _reader(name).read(shown)


def cross_value(cross: CrossReport, name: str) -> Any:
    """Return the value of a field of the cross account, by its full name."""
    return _reader(name).read(cross)


class _Reader(NamedTuple):
    """Reads a field of what stands at a place of a record: 0 the position, 1 the account."""

    place: int
    read: Callable[[Any], Any]


@lru_cache(maxsize=1024)
def _reader(name: str) -> _Reader:
    """Return what reads the field of a full name; made once for each."""
    of_cross = name.startswith(CROSS_PREFIX)
    whole, _, part = name.removeprefix(CROSS_PREFIX).partition(".")
    if name == RECORDED:
        read = attrgetter("recorded_price")
    else:
        read = attrgetter(whole if of_cross else f"report.{whole}")
    return _Reader(int(of_cross), _part_of(read, part) if part else read)


def _part_of(read: Callable[[Any], Any], part: str) -> Callable[[Any], Any]:
    """Return what reads a part of a value, None where the whole is missing."""
    get = attrgetter(part)

    def read_part(subject: Any) -> Any:
        whole = read(subject)
        return None if whole is None else get(whole)

    return read_part


def value_text(value: Any) -> Any:
    """Return a value as JSON has it: numbers as exact texts, words as words."""
    return _AS_DATA.get(type(value), str)(value)


def _itself(value: Any) -> Any:
    return value


_AS_DATA: dict[type, Callable[[Any], Any]] = {
    Decimal: plain,
    TierReport: tier_data,
    NoneType: _itself,
    bool: _itself,
    Side: attrgetter("word"),
    int: NumberText,
    tuple: list,
}
"""How values of each type are written; what else there is are words."""


def wallet_data(wallet: Decimal | None) -> Data:
    """Return the wallet under the name that inputs give it, so that an answer can be fed back."""
    return {} if wallet is None else {"collateral": plain(wallet)}


def answer_head(schema: str, answer: Answer[Any]) -> Data:
    """Return what the object of an answer begins with."""
    return {
        "schema": schema,
        **source_data(answer.venue, answer.tiers),
        **wallet_data(answer.wallet),
    }


def source_data(venue: Venue, tiers: TiersView) -> Data:
    """Return which venue and which tier file an answer is about."""
    data: Data = {
        "venue": venue.name,
        "quote": venue.quote,
        "tiers": {
            "path": tiers.path,
            "origin": tiers.origin,
            "as_of": tiers.as_of,
            "sha256": tiers.sha256,
        },
    }
    if venue.beside:
        data["assets"] = [_asset_data(asset) for asset in venue.beside]
    return data


def _asset_data(asset: Asset) -> Data:
    """Return an asset that the tier file does not know, so that an answer can be fed back."""
    return {
        "asset": asset.name,
        "margin_mode": asset.mode.value,
        "size_decimals": asset.size_decimals,
        "delisted": asset.delisted,
        "tiers": [
            {"lower_bound": plain(tier.lower_bound), "max_leverage": plain(tier.max_leverage)}
            for tier in asset.table.tiers
        ],
    }
