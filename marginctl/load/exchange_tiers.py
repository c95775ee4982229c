"""Recognising the tier data that exchanges publish."""

from typing import Any

from marginctl.load.ccxt_tiers import is_leverage_tiers, read_leverage_tiers
from marginctl.load.hyperliquid_meta import is_meta, read_meta
from marginctl.load.imported import Imported, ImportOptions, JsonSource, Reader, import_tiers
from marginctl.load.json_text import decode_utf8, parse_json
from marginctl.load.problems import InputError, Place

_FORMS = (
    "what is read: Hyperliquid's meta or metaAndAssetCtxs, and the leverage tiers of ccxt "
    "(fetchLeverageTiers), as freqtrade ships them too"
)


def read_exchange_tiers(data: bytes, file: str, options: ImportOptions) -> Imported:
    """Return the venue that an exchange's file describes.

    Raises:
        InputError: with every problem, and its place.
    """
    text = decode_utf8(data, file)
    value = parse_json(text, file)
    return import_tiers(JsonSource(text, file, value), _reader(value, file), options)


def _reader(value: Any, file: str) -> Reader:
    if is_meta(value):
        return read_meta
    if is_leverage_tiers(value):
        return read_leverage_tiers
    raise InputError.of("this is no tier data of an exchange that is known", _FORMS, Place(file))
