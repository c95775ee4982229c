"""What an import makes of an exchange's answer: a venue, checked like any tier file."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from marginctl.checks.catalogue import RULES, find_problems
from marginctl.checks.problem import Path, Severity
from marginctl.checks.stated import (
    StatedAsset,
    StatedFile,
    StatedTier,
    StatedVenue,
    state_venue,
)
from marginctl.checks.text import named
from marginctl.core.notices import Notice
from marginctl.load.entries import Model, validate
from marginctl.load.keys import ASSET, TIER, VENUE, written
from marginctl.load.problems import InputError, Place, Problem, did_you_mean
from marginctl.load.sources import Source
from marginctl.load.tier_file import LoadedVenue, TierFile, build_venue
from marginctl.venues import VENUE_RULES

_QUOTES = (
    *("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDE", "USD1", "USDH", "USDS", "RLUSD", "USD"),
    *("EUR", "TRY", "BRL", "BTC", "ETH", "BNB", "U"),
)
"""Currencies that end a symbol in one word; a longer one comes before its own end."""


class Market(NamedTuple):
    """The currencies of a market; ``settle`` is what margin and PnL are paid in."""

    base: str
    quote: str
    settle: str

    @property
    def unusable(self) -> str | None:
        """Why tiers of this market are no amounts of its quote currency; None where they are."""
        if self.settle == self.quote:
            return None
        if self.settle == self.base:
            return "inverse contracts, whose tiers are amounts of the base, not of the quote"
        return "quanto contracts, which settle in neither their quote nor their base"


def unified_market(symbol: str) -> Market | None:
    """Return the market of ccxt's ``BASE/QUOTE:SETTLE-EXPIRY``; None where it is none.

    Without a settle part the quote is what it settles in.
    """
    found = re.fullmatch(r"([^/]*)/([^:/]+)(?::([^-]+)(?:-.*)?)?", symbol)
    if found is None:
        return None
    base, quote, settle = found.groups()
    return Market(base, quote, settle or quote)


def exchange_market(symbol: str) -> Market | None:
    """Return the market of an exchange's own symbol: BTCUSDT, BTC_USDT, BTCPERP, BTCUSDZ26.

    One quoted in plain USD settles in its base; where no currency ends the symbol it is None.
    """
    word = re.sub(r"(?<=.)[_-](PERP|\d{6,8}|\d{1,2}[A-Z]{3}\d{2})$", "", symbol)
    word = re.sub(r"(?<=USD)[FGHJKMNQUVXZ]\d{2}$", "", word)
    if word == symbol and symbol.endswith("PERP"):
        base = symbol.removesuffix("PERP")
        return Market(base, "USDC", "USDC") if base else None
    parts = re.fullmatch(r"(.+?)[_/-](.+)", word)
    if parts is not None:
        base, quote = parts.groups()
    else:
        quote = next((one for one in _QUOTES if word.endswith(one) and word != one), "")
        base = word.removesuffix(quote)
    if not quote:
        return None
    return Market(base, quote, base if quote == "USD" else quote)


LONGEST_NAME = 200
"""The most characters of a name; far more cannot be a key to every reader of YAML."""
MAX_SIZE_DECIMALS = 99
"""The most decimals of a size; more are no decimals of any market."""
_FIRST_SURROGATE, _LAST_SURROGATE = "\ud800", "\udfff"


@dataclass(frozen=True)
class ImportOptions:
    """What an exchange's file does not say of itself, and which of its assets are taken.

    ``only`` and ``exclude`` are patterns of names such as ``*/USDT:USDT``; ``strict`` makes an
    error of what is left out as unusable; ``today`` is the day in UTC.
    """

    venue: str | None = None
    rules: str | None = None
    quote: str | None = None
    as_of: date | None = None
    only: Sequence[str] = ()
    exclude: Sequence[str] = ()
    strict: bool = False
    today: date = date.max

    def takes(self, name: str) -> bool:
        """Whether an asset is asked for."""
        wanted = not self.only or any(fnmatchcase(name, pattern) for pattern in self.only)
        return wanted and not any(fnmatchcase(name, pattern) for pattern in self.exclude)


class At(NamedTuple):
    """A part of one of the exchange's files, and the problems found in that file."""

    source: Source
    problems: list[Problem]

    def inside(self, *keys: str | int) -> "At":
        """Return a part of this one."""
        return At(self.source.inside(*keys), self.problems)

    def place(self) -> Place:
        """Return where it stands."""
        return self.source.place()

    def read(self, model: type[Model], value: Any) -> Model | None:
        """Return the value of this part as a model; None where there are problems."""
        return validate(model, value, self.source, self.problems)

    def problem(self, message: str, hint: str | None = None) -> None:
        """Take a problem of this part."""
        self.problems.append(Problem(message, hint, self.place()))


@dataclass
class Published:
    """Tiers as an exchange's file has them; the places are paths inside that file.

    ``keys`` are the exchange's names for the keys of a tier.
    """

    exchange: str
    """What the form is called, for the source."""
    venue: str
    """What the venue is called unless an option says otherwise."""
    rules: str = "tiered"
    """The exchange's own rules, the neutral ones where there are none."""
    quote: str | None = None
    tables: dict[str, list[StatedTier]] = field(default_factory=dict)
    assets: dict[str, StatedAsset] = field(default_factory=dict)
    tier_places: dict[str, list[At]] = field(default_factory=dict)
    """Where the tiers of each table stand."""
    asset_places: dict[str, At] = field(default_factory=dict)
    keys: dict[str, Path] = field(default_factory=dict)
    table_remarks: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    left_out: dict[str, list[tuple[str, At]]] = field(default_factory=dict)
    """Assets that cannot be used, with their places, by the reason."""
    names_seen: int = 0
    """How many assets the file has, asked for or not."""
    deductions: int = 0
    """How many deductions the file states."""

    def note(self, code: str, message: str, asset: str | None = None) -> None:
        """Take a notice."""
        self.notices.append(Notice(code, asset, message))

    def remark(self, code: str, message: str) -> None:
        """Take a notice that the written file repeats as a comment."""
        self.note(code, message)
        self.remarks.append(message)

    def leave_out(self, name: str, reason: str, at: At) -> None:
        """Take an asset that cannot be used."""
        self.left_out.setdefault(reason, []).append((name, at))


class ExchangeFile(NamedTuple):
    """An exchange's JSON: the name of its file, its value, and where that stands."""

    file: str
    value: Any
    at: At


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


Reader = Callable[[Sequence[ExchangeFile], ImportOptions], Published]


def import_tiers(files: Sequence[ExchangeFile], read: Reader, options: ImportOptions) -> Imported:
    """Return the venue that an exchange's JSON describes, checked as a tier file is.

    Raises:
        InputError: with every problem of the files and of the options.
    """
    published = read(files, options)
    problems = [problem for file in files for problem in file.at.problems]
    problems += _option_problems(options)
    if published.assets or published.left_out or not problems:
        problems += _missing(options, published, files[0].at)
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
            stated_file, RULES.values(), lambda violation: _place(published, violation.path)
        )
        problems += [one for one in findings if one.severity is Severity.ERROR]
    warnings = [_left_out(reason, found) for reason, found in published.left_out.items()]
    if problems or not published.assets:
        raise InputError(dict.fromkeys(problems))
    warnings += _warnings(findings)
    return Imported(published, build_venue(stated), stated, tuple(warnings))


def _option_problems(options: ImportOptions) -> list[Problem]:
    problems = []
    if options.rules is not None and options.rules not in VENUE_RULES:
        hint = did_you_mean(options.rules, VENUE_RULES) or f"known rules: {', '.join(VENUE_RULES)}"
        problems.append(Problem(f"unknown rules {options.rules!r}", hint, Place(path="--rules")))
    for flag, text in (("--venue", options.venue), ("--quote", options.quote)):
        if text is not None and (why := name_problem(text)):
            problems.append(Problem(why, "give another one", Place(path=flag)))
    return problems


def _missing(options: ImportOptions, published: Published, first: At) -> list[Problem]:
    """Return why there is nothing to take, or what is missing of it."""
    if not published.names_seen:
        return [Problem("there are no markets in the answer", "fetch it again", first.place())]
    if published.left_out and (options.strict or not published.assets):
        hint = "leave them out with --exclude" if published.assets else None
        return [
            Problem(f"cannot be used: {_which(found)}: {reason}", hint, found[0][1].place())
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


def _left_out(reason: str, found: Sequence[tuple[str, At]]) -> str:
    return f"left out: {_which(found)}: {reason}"


def _which(found: Sequence[tuple[str, At]]) -> str:
    """Name the first of some assets, and count the others."""
    first, more = named(found[0][0]), len(found) - 1
    if not more:
        return first
    return f"{first} and {more:,} other{'s' if more > 1 else ''}"


def _warnings(findings: Iterable[Problem]) -> list[str]:
    """Return what a check warns of, the first of each kind with the number of the others."""
    kinds: dict[str, list[Problem]] = {}
    for finding in findings:
        if finding.code != "as-of-missing":  # a notice of every import tells it
            kinds.setdefault(finding.code, []).append(finding)
    texts = []
    for first, *others in kinds.values():
        where = f"{first.place.path}: " if first.place.path else ""
        more = f" (and {len(others):,} more of its kind)" if others else ""
        texts.append(f"{where}{first.message}{more}")
    return texts


def name_problem(name: str) -> str | None:
    """Return why a name cannot stand in a tier file, None where it can."""
    if not name.strip():
        return "a name is empty"
    if len(name) > LONGEST_NAME:
        return f"a name has more than {LONGEST_NAME} characters"
    if any(_FIRST_SURROGATE <= char <= _LAST_SURROGATE for char in name):
        return "a name has bytes that are not text"
    return None


def _place(published: Published, path: Path) -> Place:
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
