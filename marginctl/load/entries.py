"""The form of a position and of an account in the own JSON format, to say what is wrong with it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from marginctl.load.json_fields import MaybeNumber, MaybeText


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PositionEntry(_Entry):
    """A position. Everything is optional here: flags may add what a file leaves out."""

    asset: MaybeText = None
    side: Literal["long", "short"] | None = None
    size: MaybeNumber = None
    entry_price: MaybeNumber = None
    mark_price: MaybeNumber = None
    leverage: MaybeNumber = None
    margin_mode: Literal["isolated", "cross"] | None = None
    margin: MaybeNumber = None
    equity: MaybeNumber = None


class AccountEntry(_Entry):
    """What an account says besides its positions."""

    venue: MaybeText = None
    collateral: MaybeNumber = None
    account_value: MaybeNumber = None


class LonePosition(PositionEntry, AccountEntry):
    """A position that stands alone, with what backs it."""


MODELS: dict[frozenset[str], type[BaseModel]] = {
    frozenset(model.model_fields): model for model in (PositionEntry, AccountEntry, LonePosition)
}
"""Each by the names of its fields."""
