"""Recognising the tier data that exchanges publish."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from marginctl.load.ccxt_tiers import is_leverage_tiers, read_leverage_tiers
from marginctl.load.exchange_brackets import (
    is_binance,
    is_bybit,
    is_gate,
    is_lighter,
    read_binance,
    read_bybit,
    read_gate,
    read_lighter,
)
from marginctl.load.hyperliquid_meta import is_meta, read_meta
from marginctl.load.imported import (
    At,
    ExchangeFile,
    Imported,
    ImportOptions,
    Reader,
    import_tiers,
)
from marginctl.load.json_text import decode_utf8, parse_json
from marginctl.load.problems import InputError, Place, Problem
from marginctl.load.sources import Source


class Form(NamedTuple):
    """A form of published tiers: how it is recognised by its keys, and read."""

    recognises: Callable[[Any], bool]
    read: Reader


_FORMS = (
    Form(is_meta, read_meta),
    Form(is_bybit, read_bybit),
    Form(is_lighter, read_lighter),
    Form(is_binance, read_binance),
    Form(is_gate, read_gate),
    Form(is_leverage_tiers, read_leverage_tiers),
)
_WHAT_IS_READ = (
    "what is read: Hyperliquid's meta, metaAndAssetCtxs or allPerpMetas; Binance's "
    "leverageBracket; Bybit's risk-limit, all its pages; Gate's risk_limit_tiers; Lighter's "
    "orderBookDetails; and ccxt's fetchLeverageTiers or fetchMarketLeverageTiers, as freqtrade "
    "ships them too"
)


def read_exchange_tiers(files: Sequence[tuple[bytes, str]], options: ImportOptions) -> Imported:
    """Return the venue that an exchange's files, each with its name, describe together.

    Raises:
        InputError: with every problem, and its place.
    """
    read: list[ExchangeFile] = []
    problems: list[Problem] = []
    for data, file in files:
        try:
            text = decode_utf8(data, file)
            at = At(Source.of_json(text, file), [])
            read.append(ExchangeFile(file, parse_json(text, file), at))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    form = _form(read[0])
    for page in read[1:]:
        if not form.recognises(page.value):
            message = (
                "another format than that of the first file: several files are pages of one answer"
            )
            raise InputError.of(message, "give the pages of one exchange", Place(page.file))
    return import_tiers(read, form.read, options)


def _form(page: ExchangeFile) -> Form:
    for form in _FORMS:
        if form.recognises(page.value):
            return form
    said = _error_of(page.value)
    message = "this is not tier data of a known exchange" if said is None else said
    raise InputError.of(message, _WHAT_IS_READ, Place(page.file))


def _error_of(value: Any) -> str | None:
    """Return what an exchange says instead of an answer, as Binance and Gate do; None if not."""
    if not isinstance(value, dict) or not value.keys() <= {"code", "msg", "label", "message"}:
        return None
    said = value.get("msg", value.get("message"))
    return f"the exchange answered with an error: {said[:200]}" if isinstance(said, str) else None
