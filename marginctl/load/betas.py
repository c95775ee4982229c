"""Beta files: how many times a common move each asset moves.

A mapping of assets to multiples, as YAML or JSON: ``ETH: 1.3``. Below zero moves the other way.
"""

from decimal import Decimal

from marginctl.core.rules import Venue
from marginctl.load.files import display_name, read_bytes
from marginctl.load.inputs import known_asset
from marginctl.load.numbers import read_decimal
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.yaml_text import YamlDocument, YamlMap, read_yaml


def load_betas(path: str, venue: Venue) -> dict[str, Decimal]:
    """Return the multiples of a file by asset; an empty mapping names none.

    Raises:
        InputError: with every problem of the file, and its place.
    """
    file = display_name(path)
    document = read_yaml(read_bytes(path), file)
    root = document.root
    if not isinstance(root, YamlMap):
        message = "expected a mapping of assets to multiples"
        place = Place(file, document.root_at.line, document.root_at.column)
        raise InputError([*document.problems, Problem(message, "such as ETH: 1.3", place)])
    betas: dict[str, Decimal] = {}
    problems = list(document.problems)
    for name in root:
        try:
            asset = known_asset(venue, name, _key(document, name)).name
            if asset in betas:
                message = f"{name!r} is a second multiple of {asset}"
                raise InputError.of(message, "keep one of the two", _key(document, name))
            betas[asset] = _multiple(name, document)
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return betas


def _multiple(name: str, document: YamlDocument) -> Decimal:
    text = document.root[name]
    place = document.place(name)
    if not isinstance(text, str):
        raise InputError.of("expected a multiple", "such as 1.3", place)
    try:
        return read_decimal(text, fraction=True)
    except ValueError as error:
        raise InputError.of(str(error), None, place) from None


def _key(document: YamlDocument, name: str) -> Place:
    return document.place(name, key=True)
