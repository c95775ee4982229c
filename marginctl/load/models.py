"""Forms as pydantic models, which say what is wrong with an input and how to write it instead."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    create_model,
)

from marginctl.checks.problem import KeyPath, Violation
from marginctl.checks.text import named
from marginctl.load.json_text import JsonNumber, maybe_number, maybe_text, number, text
from marginctl.load.keys import ACCOUNT, LONE_POSITION, POSITION, Form, ValueKind
from marginctl.load.problems import Problem, Source, did_you_mean, known_hint

# plain: what is read here needs no second validation
Number = Annotated[Decimal, PlainValidator(number)]
Text = Annotated[str, PlainValidator(text)]
MaybeNumber = Annotated[Decimal | None, PlainValidator(maybe_number)]
MaybeText = Annotated[str | None, PlainValidator(maybe_text)]


class StrictModel(BaseModel):
    """What has no keys but those that are declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Types = Mapping[ValueKind, Any]
"""What values of each kind are, with the readers that say what is wrong with one."""


def model_of(
    name: str,
    meaning: str,
    form: Form,
    types: Types,
    *,
    base: type[BaseModel] = StrictModel,
    optional: bool = False,
) -> type[BaseModel]:
    """Return the model of a form; where everything is ``optional``, nothing is required."""
    fields: dict[str, Any] = {}
    for key_name, key in form.items():
        kind = Literal[key.words] if key.words else types[key.kind]
        default = ... if key.required and not optional else key.default
        extra = None if key.schema is None else dict(key.schema)
        fields[key_name] = (
            kind | None if default is None else kind,
            Field(default, description=key.meaning, json_schema_extra=extra),
        )
    return create_model(name, __base__=base, __doc__=meaning, **fields)


_JSON: Types = {ValueKind.NUMBER: Number, ValueKind.TEXT: Text}

MODELS: dict[frozenset[str], type[BaseModel]] = {
    frozenset(form): model_of(name, "Everything may be missing.", form, _JSON, optional=True)
    for name, form in (
        ("PositionEntry", POSITION),
        ("AccountEntry", ACCOUNT),
        ("LonePosition", LONE_POSITION),
    )
}
"""Each by the names of its fields."""


Model = TypeVar("Model", bound=BaseModel)

_EXPECTED = {
    "model_type": "expected a mapping of keys to values",
    "model_attributes_type": "expected a mapping of keys to values",
    "dict_type": "expected a mapping of names to entries",
    "list_type": "expected a list",
    "bool_type": "expected true or false",
    "string_type": "expected a string",
    "too_short": "expected at least one entry",
}


def validate(
    model: type[Model], value: Any, source: Source, problems: list[Problem]
) -> Model | None:
    """Return a validated model; or None, with every problem appended."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for code, violation in findings_of(error, model, ()):
            place = source.place(*violation.path, key=violation.at_key)
            problems.append(Problem(violation.message, violation.hint, place, code))
        return None


def validate_each(
    model: type[Model], value: Any, source: Source, problems: list[Problem]
) -> tuple[Model | None, frozenset[str]]:
    """Return a model of optional fields without those that cannot be read, and their names.

    So the rest can be checked for its meaning, and every problem of an input is reported at once.
    """
    found: list[Problem] = []
    valid = validate(model, value, source, found)
    problems.extend(found)
    if valid is not None or not isinstance(value, dict):
        return valid, frozenset()
    wrong = frozenset(_wrong_fields(model, value))
    rest = {key: item for key, item in value.items() if key not in wrong}
    return model.model_validate(rest), wrong


def _wrong_fields(model: type[BaseModel], value: Any) -> set[str]:
    try:
        model.model_validate(value)
    except ValidationError as error:
        return {str(found["loc"][0]) for found in error.errors(include_url=False)}
    return set()


def findings_of(
    error: ValidationError, model: type[BaseModel], prefix: KeyPath
) -> Iterator[tuple[str, Violation]]:
    """Return what pydantic found, each with the id of its rule.

    A missing key that stands there misspelt is reported as the unknown key alone, and numbers
    instead of keys (``0: 50``) are reported once for their mapping.
    """
    errors = error.errors(include_url=False)
    misspelt, reported = _misspelt_keys(errors), set()
    for found in errors:
        path: KeyPath = (*prefix, *found["loc"])
        kind = found["type"]
        is_tier = kind == "missing" and path[-1] == "lower_bound"
        keyless = _keyless_tier_hint(found["input"]) if is_tier else None
        if keyless or found["loc"][:-1] in reported:
            if found["loc"][:-1] not in reported:
                reported.add(found["loc"][:-1])
                message = "expected the keys lower_bound and max_leverage"
                yield "wrong-value", Violation(path[:-1], message, keyless)
        elif kind == "missing":
            if found["loc"] not in misspelt.values():
                yield "missing-key", Violation(path, f"the key {path[-1]!r} is missing")
        elif kind == "extra_forbidden":
            known = _keys_at(model, found["loc"][:-1])
            hint = known_hint(str(path[-1]), known, "known keys")
            if found["loc"] in misspelt:
                hint = f"did you mean {misspelt[found['loc']][-1]}?"
            yield (
                "unknown-key",
                Violation(path, f"unknown key {named(str(path[-1]))}", hint, at_key=True),
            )
        else:
            yield "wrong-value", Violation(path, _message_of(found), _hint_of(found))


def _misspelt_keys(errors: Sequence[Any]) -> dict[KeyPath, KeyPath]:
    """Return the unknown keys that are a missing one misspelt, each with that."""
    missing: dict[KeyPath, list[KeyPath]] = {}
    unknown: dict[KeyPath, list[KeyPath]] = {}
    for found in errors:
        kinds = {"missing": missing, "extra_forbidden": unknown}
        if found["type"] in kinds:
            path: KeyPath = found["loc"]
            kinds[found["type"]].setdefault(path[:-1], []).append(path)
    pairs: dict[KeyPath, KeyPath] = {}
    for parent in unknown.keys() & missing.keys():
        keys, lacking = unknown[parent], missing[parent]
        if len(keys) == len(lacking) == 1:
            pairs[keys[0]] = lacking[0]
            continue
        for key in keys:
            near = [path for path in lacking if did_you_mean(str(key[-1]), [str(path[-1])])]
            if len(near) == 1:
                pairs[key] = near[0]
    return pairs


def _message_of(found: Any) -> str:
    if found["type"] == "value_error":
        return str(found["ctx"]["error"])
    if found["type"] == "literal_error":
        return f"{str(found['input'])[:40]!r} is not one of {found['ctx']['expected']}"
    return _EXPECTED.get(found["type"]) or str(found["msg"])


def _keys_at(model: type[BaseModel], loc: Iterable[str | int]) -> list[str]:
    """Return the keys that a model knows at a place inside it."""
    current: Any = model
    for step in loc:
        if isinstance(current, type) and issubclass(current, BaseModel):
            current = _without_none(current.model_fields[str(step)].annotation)
        else:  # a dict's or a list's item
            current = current.__args__[-1]
    return [field.alias or name for name, field in current.model_fields.items()]


def _without_none(annotation: Any) -> Any:
    """Return X of ``X | None``."""
    if isinstance(annotation, UnionType):
        return next(kind for kind in annotation.__args__ if kind is not type(None))
    return annotation


_UNITS = {"x": 1, "k": 10**3, "m": 10**6, "mm": 10**6, "mio": 10**6, "b": 10**9, "bn": 10**9}
_WITH_UNIT = re.compile(
    rf"[$€]?(\d[\d_]{{0,20}}(?:\.\d{{1,20}})?) ?({'|'.join(_UNITS)})?", re.ASCII | re.IGNORECASE
)


def _hint_of(found: Mapping[str, Any]) -> str | None:
    """Return how to write what pydantic found to be wrong, None where that is not known."""
    kind, value, place = found["type"], found["input"], found["loc"]
    entry = found.get("ctx", {}).get("class_name")
    hint = None
    if kind == "value_error" and place[-1:] == ("as_of",):
        hint = _day_hint(value)
    elif kind == "value_error":
        number = _plain_number(value)
        if isinstance(value, JsonNumber):  # instead of a name
            hint = None if number is None else f'write "{value}"'
        elif number is not None and number != value:
            hint = f"write {number}"
    elif kind == "list_type" and place[-2:-1] == ("tables",):
        hint = f"a table is a list: {place[-1]}: and below it - {_tier_text(value)}"
    elif kind == "dict_type" and place[-1:] == ("assets",):
        hint = "write each asset by its name, such as DOGE: {max_leverage: 10}"
    elif entry == "TierEntry":
        hint = f"write {_tier_text(value)}"
    elif entry == "AssetEntry":
        hint = _asset_hint(str(place[-1]), value)
    elif entry == "VenueEntry":
        hint = "under the venue's name come rules, quote, as_of, tables and assets"
    return hint


def _day_hint(value: Any) -> str:
    """Return how to write a day: 2026-11-01 for 1.11.2026, whose month nobody doubts."""
    text = str(value)
    found = re.fullmatch(r"(?P<y>\d{4})([-./]?)(?P<m>\d\d?)\2(?P<d>\d\d?)", text, re.ASCII)
    found = found or re.fullmatch(r"(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<y>\d{4})", text, re.ASCII)
    try:
        day = None if found is None else date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        day = None
    return "write the day as year-month-day" if day is None else f"write {day}"


def _plain_number(value: Any) -> str | None:
    """Return a number without its unit: 5_000_000 of 5M, 50 of 50x; None where it is none."""
    match = _WITH_UNIT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    number = Decimal(match[1].replace("_", "")) * _UNITS[(match[2] or "x").lower()]
    whole = number == number.to_integral_value()
    return f"{number:,.0f}".replace(",", "_") if whole else f"{number:f}"


def _keyless_tier_hint(value: Any) -> str | None:
    """Return how to write a tier of which only numbers are given, ``0: 50``; else None."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    ((bound, leverage),) = ((_plain_number(key), _plain_number(it)) for key, it in value.items())
    if bound is None or leverage is None:
        return None
    return f"write {{lower_bound: {bound}, max_leverage: {leverage}}}"


def _tier_text(value: Any) -> str:
    if isinstance(value, Mapping):
        bound, leverage = value.get("lower_bound"), value.get("max_leverage")
        return f"{{lower_bound: {bound or 0}, max_leverage: {leverage or 10}}}"
    return f"{{lower_bound: 0, max_leverage: {_plain_number(value) or 10}}}"


def _asset_hint(name: str, value: Any) -> str:
    if isinstance(value, list):
        return f"tiers belong in a table under 'tables'; here, write {name}: {{table: NAME}}"
    if value is None:
        return f"write {name}: {{max_leverage: 10}} or {name}: {{table: NAME}}"
    number = _plain_number(value)
    if number is not None:
        return f"write {name}: {{max_leverage: {number}}}"
    return f"write {name}: {{table: {value}}}"
