"""An account as it was read: its positions' drafts, and what backs them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO
from marginctl.core.pool import ONE_DEX, Pool
from marginctl.core.position import Asset
from marginctl.load.drafts import Draft, Origin
from marginctl.load.json_places import Places
from marginctl.load.problems import Place, Problem, path_text

MAINTENANCE_STEP = Decimal("0.000001")
"""The exchange cuts each position's maintenance to this before it sums [recorded]."""


class Backing(NamedTuple):
    """What backs an account: the cash, or the account value with the PnL in it."""

    collateral: Decimal | None = None
    account_value: Decimal | None = None

    def overridden(self, flags: "Backing") -> "Backing":
        """Return what flags say, or this where they say nothing."""
        said = flags.collateral is not None or flags.account_value is not None
        return flags if said else self


NO_BACKING = Backing()


NO_COLLATERAL: Mapping[str, str] = {}


class CrossTotals(NamedTuple):
    """Totals of a cross account that win over the sums of what is listed, quote currency.

    ``maintenance_step`` is that to which each position's maintenance was cut before it was summed.
    ``withdrawable`` is what the exchange lets go. A pool and an answer of ours have
    ``order_margin`` instead, what is held back by resting orders, and the ``exempt`` parts of the
    sums, as in `marginctl.core.rules.Totals`.
    """

    account_value: Decimal
    notional: Decimal
    initial_margin: Fraction
    maintenance_margin: Fraction
    maintenance_step: Decimal | None = None
    withdrawable: Decimal | None = None
    order_margin: Decimal = ZERO
    exempt_notional: Decimal = ZERO
    exempt_initial: Fraction = Fraction(0)


class RecordedTerms(NamedTuple):
    """The max leverage that an exchange states for an asset in an account's record.

    ``crossed``: the record has it as a cross position.
    """

    asset: str
    max_leverage: Decimal
    crossed: bool = False


class AccountDraft(NamedTuple):
    """Drafts with their origins, and what backs them.

    ``problems`` are those of form: they are told together with those of meaning. ``totals``,
    ``terms`` and ``recorded_prices`` come from a record, also by way of an answer of ours.
    """

    drafts: tuple[Draft, ...]
    origins: tuple[Origin, ...]
    origin: Origin
    backing: Backing = NO_BACKING
    venue: str | None = None
    problems: Sequence[Problem] = ()
    totals: CrossTotals | None = None
    terms: tuple[RecordedTerms, ...] = ()
    recorded_prices: tuple[Decimal | None, ...] | None = None
    notices: tuple[Notice, ...] = ()
    made_with: str | None = None
    """The fingerprint of the tier file that an answer of ours was computed with."""
    rounding: Decimal = Decimal(0)
    """By how much, in the quote currency, a record without totals may be off."""
    rules: str | None = None
    """The rules under which the positions of a record are held, where these are not given."""
    pool: Pool = ONE_DEX
    assets: tuple[Asset, ...] = ()
    """What the exchange's metas say of assets, where they come with the account."""
    collateral: Mapping[str, str] = NO_COLLATERAL
    """The collateral token of every dex that is known, by its name."""
    account_file: Place | None = None
    """Where the account file begins that this account is a part of, if it is one's."""


class JsonOrigin:
    """A place inside a JSON text; the line is looked up only when it is asked for."""

    def __init__(
        self, places: Places, file: str, path: tuple[str | int, ...], line: int = 1
    ) -> None:
        self._places = places
        self._file = file
        self._path = path
        self._line = line

    def label(self, field: str) -> str:
        """Return the key of a field."""
        return field

    def place(self, field: str | None = None) -> Place:
        """Return file, line, column and path of a field."""
        return self.at(() if field is None else (field,))

    def inside(self, path: tuple[str | int, ...]) -> "JsonOrigin":
        """Return the origin of something inside this one."""
        return JsonOrigin(self._places, self._file, (*self._path, *path), self._line)

    def locate(self, path: tuple[str | int, ...], key: bool) -> Place:  # noqa: ARG002
        """Return the place of a path; that of a key is its value's."""
        return self.at(path)

    def at(self, inside: tuple[str | int, ...]) -> Place:
        """Return the place of a path inside this one."""
        path = (*self._path, *inside)
        line, column = self._places.find(path)
        return Place(self._file, self._line + line - 1, column, path_text(path) or None)
