"""Importing the tiers that exchanges publish: the form of an answer is recognised, and the venue
that it describes is checked like any tier file.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from marginctl.checks.catalogue import RULES, find_problems
from marginctl.checks.problem import KeyPath, Severity
from marginctl.checks.stated import StatedFile, StatedVenue, state_venue
from marginctl.checks.text import named
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
from marginctl.load.json_text import decode_utf8, json_source, parse_json
from marginctl.load.keys import ASSET, TIER, VENUE, written
from marginctl.load.other_forms import error_of
from marginctl.load.problems import InputError, Place, Problem, known_hint
from marginctl.load.published import ExchangeFile, FilePart, ImportOptions, Published, name_problem
from marginctl.load.tier_file import LoadedVenue, TierFile, build_venue
from marginctl.venues import VENUE_RULES

ReadPublished = Callable[[Sequence[ExchangeFile], ImportOptions], Published]


@dataclass(frozen=True)
class Imported:
    """A venue made from an exchange's files: what it states, and what that means.

    ``warnings`` say what was left out, and what a check of the venue warns of.
    """

    published: Published
    loaded: LoadedVenue
    stated: StatedVenue
    warnings: tuple[str, ...]

    @property
    def tiers(self) -> int:
        """How many tiers the assets have, each its own."""
        return sum(len(asset.table.tiers) for asset in self.loaded.venue.assets.values())

    def data(self) -> dict[str, Any]:
        """Return the venue as a tier file has it."""
        data = written(VENUE, {**self.stated._asdict(), "rules": self.stated.rules_name})
        if "tables" in data:
            data["tables"] = {
                name: [written(TIER, tier._asdict()) for tier in tiers]
                for name, tiers in self.stated.tables.items()
            }
        data["assets"] = {
            name: written(ASSET, asset._asdict()) for name, asset in self.stated.assets.items()
        }
        return data

    def confirm(self, data: bytes, file: str) -> None:
        """Read a tier file that is to be written, and compare what it says of this venue.

        Raises:
            InputError: it cannot be read, or says something else.
        """
        try:
            same = TierFile.parse(data, file).stated_venue(self.stated.name) == self.stated
            problems: Sequence[Problem] = ()
        except InputError as error:
            same, problems = False, error.problems
        if not same:
            message = f"nothing written: {file} would not read back as intended"
            raise InputError([Problem(message), *problems])


class PublishedForm(NamedTuple):
    """A form of published tiers: how it is recognised by its keys, and read."""

    recognises: Callable[[Any], bool]
    read: ReadPublished


_FORMS = (
    PublishedForm(is_meta, read_meta),
    PublishedForm(is_bybit, read_bybit),
    PublishedForm(is_lighter, read_lighter),
    PublishedForm(is_binance, read_binance),
    PublishedForm(is_gate, read_gate),
    PublishedForm(is_leverage_tiers, read_leverage_tiers),
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
            at = FilePart(json_source(text, file), [])
            read.append(ExchangeFile(file, parse_json(text, file), at))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    form = _recognised_form(read[0])
    for page in read[1:]:
        if not form.recognises(page.value):
            message = (
                "another format than that of the first file: several files are pages of one answer"
            )
            raise InputError.of(message, "give the pages of one exchange", Place(page.file))
    return _import(read, form.read, options)


def _recognised_form(page: ExchangeFile) -> PublishedForm:
    for form in _FORMS:
        if form.recognises(page.value):
            return form
    message = error_of(page.value) or "this is not tier data of a known exchange"
    raise InputError.of(message, _WHAT_IS_READ, Place(page.file))


def _import(files: Sequence[ExchangeFile], read: ReadPublished, options: ImportOptions) -> Imported:
    """Return the venue that an exchange's JSON describes, checked as a tier file is.

    Raises:
        InputError: with every problem of the files and of the options.
    """
    published = read(files, options)
    problems = [problem for file in files for problem in file.at.problems]
    problems += _option_problems(options)
    if published.assets or published.left_out or not problems:
        problems += _missing_problems(options, published, files[0].at)
    if published.rules != "hyperliquid" and options.rules not in {None, published.rules, "tiered"}:
        published.remark(
            "rules_not_of_exchange",
            "maintenance and the liquidation prices of isolated positions follow from these "
            "tiers; the rest follows the chosen rules, which are not this exchange's",
        )
    name = options.venue or published.venue
    stated = state_venue(
        ("venues", name),
        name,
        {
            "rules": (
                options.rules if options.rules and options.rules in VENUE_RULES else published.rules
            ),
            "quote": options.quote or published.quote or "",
            "as_of": options.as_of,
            "source": _source_text(published, files),
        },
        published.tables,
        published.assets,
    )
    findings: list[Problem] = []
    if published.assets or not problems:
        stated_file = StatedFile({}, [stated], {}, options.today)
        findings = find_problems(
            stated_file,
            RULES.values(),
            lambda violation: _place_in_answer(published, violation.path),
        )
        problems += [problem for problem in findings if problem.severity is Severity.ERROR]
    warnings = [
        f"left out: {_first_and_count(found)}: {reason}"
        for reason, found in published.left_out.items()
    ]
    if problems or not published.assets:
        raise InputError(dict.fromkeys(problems))
    warnings += _warnings(findings)
    return Imported(published, build_venue(stated), stated, tuple(warnings))


def _option_problems(options: ImportOptions) -> list[Problem]:
    problems = []
    if options.rules is not None and options.rules not in VENUE_RULES:
        hint = known_hint(options.rules, VENUE_RULES, "known rules")
        problems.append(Problem(f"unknown rules {options.rules!r}", hint, Place(path="--rules")))
    for flag, text in (("--venue", options.venue), ("--quote", options.quote)):
        if text is not None and (why := name_problem(text)):
            problems.append(Problem(why, "give another one", Place(path=flag)))
    return problems


def _missing_problems(
    options: ImportOptions, published: Published, first: FilePart
) -> list[Problem]:
    """Return why there is nothing to take, or what is missing of it."""
    if not published.names_seen:
        return [Problem("there are no markets in the answer", "fetch it again", first.place())]
    if published.left_out and (options.strict or not published.assets):
        hint = "leave them out with --exclude" if published.assets else None
        return [
            Problem(
                f"cannot be used: {_first_and_count(found)}: {reason}", hint, found[0][1].place()
            )
            for reason, found in published.left_out.items()
        ]
    if published.names_seen and not published.assets:
        message = f"none of the {published.names_seen:,} assets is selected"
        hint = "patterns match whole names: '*/USDT:USDT', 'BTC*'"
        return [Problem(message, hint, Place(path="--only" if options.only else "--exclude"))]
    if published.assets and not (options.quote or published.quote):
        message = "the file does not say which currency its amounts are in"
        return [Problem(message, "name it with --quote", Place(path="--quote"))]
    return []


def _first_and_count(found: Sequence[tuple[str, FilePart]]) -> str:
    """Name the first of some assets, and count the others."""
    first, more = named(found[0][0]), len(found) - 1
    if not more:
        return first
    return f"{first} and {more:,} other{'s' if more > 1 else ''}"


def _warnings(findings: Iterable[Problem]) -> list[str]:
    """Return what a check warns of, the first of each kind with the number of the others."""
    kinds: dict[str, list[Problem]] = {}
    for finding in findings:
        if finding.code != "as-of-missing":  # a notice of every import has it
            kinds.setdefault(finding.code, []).append(finding)
    texts = []
    for first, *others in kinds.values():
        where = f"{first.place.path}: " if first.place.path else ""
        more = f" (and {len(others):,} more of its kind)" if others else ""
        texts.append(f"{where}{first.message}{more}")
    return texts


def _place_in_answer(published: Published, path: KeyPath) -> Place:
    """Translate a path inside a tier file's venue to the exchange's file."""
    _, _, kind, name, *inside = (*map(str, path), "", "")  # venues, its name, then what is meant
    if kind == "as_of":
        return Place(path="--as-of")
    at = published.asset_places.get(name)
    if kind == "tables":
        places = published.tier_places.get(name, [])
        index, key, *_ = (*inside, "", "")
        if index:
            return places[int(index)].inside(*published.keys.get(key, ())).place()
        users = (asset for asset, entry in published.assets.items() if entry.table == name)
        at = published.asset_places.get(next(users, ""))
    return Place() if at is None else at.place()


def _source_text(published: Published, files: Sequence[ExchangeFile]) -> str:
    names = ", ".join(_base_name(file.file) for file in files)
    text = f"{published.exchange}, imported from {names}"
    return text.encode("utf-8", "backslashreplace").decode()


def _base_name(file: str) -> str:
    name = file.replace("\\", "/").rpartition("/")[2]
    return "standard input" if name == "<stdin>" else name
