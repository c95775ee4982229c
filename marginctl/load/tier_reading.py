"""A venue of a tier file, as its text states it: all of it that can be read, and why the rest
cannot.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError, create_model

from marginctl.checks.findings import Hit, Path
from marginctl.checks.stated import StatedAsset, StatedTier, StatedVenue
from marginctl.checks.values import cut_keys
from marginctl.load.tier_models import AssetEntry, TierEntry, VenueEntry
from marginctl.load.tier_stating import Hits, state_venue
from marginctl.load.validation import findings_of


class _Partial(NamedTuple):
    """The fields of an entry that could be read, and the keys of those that could not."""

    fields: Mapping[str, Any]
    unread: frozenset[str]


def state_entry(name: str, entry: VenueEntry) -> StatedVenue:
    """Return the statements of a venue whose form is right."""
    tables = entry.tables
    return state_venue(
        ("venues", name),
        name,
        vars(entry),
        {table: [StatedTier(**vars(tier)) for tier in tiers] for table, tiers in tables.items()},
        {asset: StatedAsset(**vars(stated)) for asset, stated in entry.assets.items()},
    )


def read_venue(name: str, tree: Any) -> tuple[StatedVenue, Hits]:
    """Return a venue from its tree of texts, and what is wrong with its form."""
    hits: Hits = defaultdict(list)
    path: Path = ("venues", name)
    try:
        return state_entry(name, VenueEntry.model_validate(tree)), hits
    except ValidationError as error:
        if tree is None:
            hits["empty"].append(Hit(path, "the venue is empty", at_key=True))
        else:
            for code, hit in findings_of(error, VenueEntry, path):
                hits[code].append(hit)
    return _partial_venue(path, name, tree), hits


def _partial_venue(path: Path, name: str, tree: Any) -> StatedVenue:
    own = _partial(VenueEntry, tree, without=("tables", "assets"))
    unread = set(own.unread)
    parts = tree if isinstance(tree, dict) else {}
    tables, assets = parts.get("tables"), parts.get("assets")
    if not isinstance(tables, dict):
        unread |= {"tables"} & parts.keys()
        tables = {}
    if not isinstance(assets, dict):
        unread.add("assets")
        assets = {}
    return state_venue(
        path,
        name,
        own.fields,
        {
            table: [_stated(StatedTier, TierEntry, tier) for tier in tiers]
            for table, tiers in tables.items()
            if isinstance(tiers, list)
        },
        {asset: _stated(StatedAsset, AssetEntry, entry) for asset, entry in assets.items()},
        frozenset(unread),
    )


def _stated(stated: Any, model: type[BaseModel], tree: Any) -> Any:
    partial = _partial(model, tree)
    return stated(**partial.fields, unread=partial.unread)


def _partial(model: type[BaseModel], tree: Any, without: Collection[str] = ()) -> _Partial:
    """Return what can be read of an entry; a required key that is missing is simply None."""
    if not isinstance(tree, dict):
        return _Partial({}, frozenset(model.model_fields))
    unread, _ = cut_keys(tree)
    skipped = {*unread, *without}
    if not tree.keys() <= model.model_fields.keys():  # any that is not there may be misspelt
        unread |= model.model_fields.keys() - tree.keys()
    known = {key: tree[key] for key in tree if key in model.model_fields and key not in skipped}
    try:
        entry = _DRAFTS[model].model_validate(known)
    except ValidationError as error:
        unread |= {str(found["loc"][0]) for found in error.errors(include_url=False)}
        entry = _DRAFTS[model].model_validate(
            {key: known[key] for key in known if key not in unread}
        )
    return _Partial({key: vars(entry)[key] for key in model.model_fields}, frozenset(unread))


def _draft(model: type[BaseModel]) -> type[BaseModel]:
    """Return a model whose every field may be missing."""
    fields: dict[str, Any] = {
        name: (field.rebuild_annotation(), None)
        for name, field in model.model_fields.items()
        if field.is_required()
    }
    return create_model(f"Partial{model.__name__}", __base__=model, **fields)


_MODELS: tuple[type[BaseModel], ...] = (VenueEntry, TierEntry, AssetEntry)
_DRAFTS = {model: _draft(model) for model in _MODELS}
