"""Tier files as pydantic models, which say what is wrong and make the JSON Schema."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    WithJsonSchema,
    create_model,
)

from marginctl.checks.problem import KeyPath, Violation
from marginctl.checks.reading import cut_keys
from marginctl.checks.stated import StatedAsset, StatedTier, StatedVenue, Violations, state_venue
from marginctl.load.keys import (
    ASSET,
    FILE,
    TIER,
    VENUE,
    ValueKind,
    read_boolean,
    read_day,
    read_number,
    read_rate,
    read_whole,
)
from marginctl.load.models import StrictModel, Types, findings_of, model_of


def _schema(kind: str, pattern: str) -> WithJsonSchema:
    """Say what an editor, whose YAML reads 1_000 and 0.5% as texts, may see as a number."""
    return WithJsonSchema({"anyOf": [{"type": kind}, {"type": "string", "pattern": pattern}]})


_DIGITS = r"([0-9]+(_[0-9]+)*\.?([0-9]+(_[0-9]+)*)?|\.[0-9]+(_[0-9]+)*)([eE][+-]?[0-9]+)?"
Number = Annotated[Decimal, BeforeValidator(read_number), _schema("number", f"^[+-]?{_DIGITS}$")]
Rate = Annotated[Decimal, BeforeValidator(read_rate), _schema("number", f"^[+-]?{_DIGITS}( ?%)?$")]
Whole = Annotated[
    int,
    BeforeValidator(read_whole),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 999}),
]
Flag = Annotated[bool, BeforeValidator(read_boolean)]
Day = Annotated[
    date,
    BeforeValidator(read_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}),
]


class _AssetBase(StrictModel):
    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["table"]}, {"required": ["max_leverage"]}]}
    )


class _FileBase(StrictModel):
    model_config = ConfigDict(title="Tier file of marginctl")


TYPES: Types = {
    ValueKind.NUMBER: Number,
    ValueKind.RATE: Rate,
    ValueKind.TEXT: str,
    ValueKind.WHOLE: Whole,
    ValueKind.FLAG: Flag,
    ValueKind.DAY: Day,
}


TierEntry = model_of("TierEntry", "One tier of a table.", TIER, TYPES)
AssetEntry = model_of(
    "AssetEntry",
    "One asset: it refers to a table, or states its one max leverage.",
    ASSET,
    TYPES,
    base=_AssetBase,
)
VenueEntry = model_of(
    "VenueEntry",
    "One venue: whose rules it follows, and its tables and assets.",
    VENUE,
    {
        **TYPES,
        ValueKind.TABLES: dict[str, list[TierEntry]],  # type: ignore[valid-type]
        ValueKind.ASSETS: dict[str, AssetEntry],  # type: ignore[valid-type]
    },
)
TierFileEntry = model_of(
    "TierFileEntry",
    "A tier file: which leverage each asset of a venue allows, and what it must keep as margin.",
    FILE,
    {**TYPES, ValueKind.VENUES: dict[str, VenueEntry]},  # type: ignore[valid-type]
    base=_FileBase,
)


class _Partial(NamedTuple):
    """The fields of an entry that could be read, and the keys of those that could not."""

    fields: Mapping[str, Any]
    unread: frozenset[str]


def state_entry(name: str, entry: BaseModel) -> StatedVenue:
    """Return the statements of a venue whose form is right."""
    fields = vars(entry)
    return state_venue(
        ("venues", name),
        name,
        fields,
        {
            table: [StatedTier.of(**vars(tier)) for tier in tiers]
            for table, tiers in fields["tables"].items()
        },
        {asset: StatedAsset(**vars(stated)) for asset, stated in fields["assets"].items()},
    )


def read_venue(name: str, tree: Any) -> tuple[StatedVenue, Violations]:
    """Return a venue from its tree of texts, and what is wrong with its form."""
    violations: Violations = defaultdict(list)
    path: KeyPath = ("venues", name)
    try:
        return state_entry(name, VenueEntry.model_validate(tree)), violations
    except ValidationError as error:
        if tree is None:
            violations["empty"].append(Violation(path, "the venue is empty", at_key=True))
        else:
            for code, violation in findings_of(error, VenueEntry, path):
                violations[code].append(violation)
    return _partial_venue(path, name, tree), violations


def _partial_venue(path: KeyPath, name: str, tree: Any) -> StatedVenue:
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
            table: [_stated(StatedTier.of, TierEntry, tier) for tier in tiers]
            for table, tiers in tables.items()
            if isinstance(tiers, list)
        },
        {asset: _stated(StatedAsset, AssetEntry, entry) for asset, entry in assets.items()},
        frozenset(unread),
        frozenset(table for table, tiers in tables.items() if not isinstance(tiers, list)),
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
        entry = _PARTIAL_MODELS[model].model_validate(known)
    except ValidationError as error:
        unread |= {str(found["loc"][0]) for found in error.errors(include_url=False)}
        entry = _PARTIAL_MODELS[model].model_validate(
            {key: known[key] for key in known if key not in unread}
        )
    return _Partial({key: vars(entry)[key] for key in model.model_fields}, frozenset(unread))


def _partial_model(model: type[BaseModel]) -> type[BaseModel]:
    """Return a model whose every field may be missing."""
    fields: dict[str, Any] = {
        name: (field.rebuild_annotation(), None)
        for name, field in model.model_fields.items()
        if field.is_required()
    }
    return create_model(f"Partial{model.__name__}", __base__=model, **fields)


_MODELS: tuple[type[BaseModel], ...] = (VenueEntry, TierEntry, AssetEntry)
_PARTIAL_MODELS = {model: _partial_model(model) for model in _MODELS}
