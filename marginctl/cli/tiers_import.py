"""``marginctl tiers import``: a tier file from what an exchange publishes."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from marginctl.cli.options import NEVER_NO, Debug, MaybeText, argument, command, flag, option

if TYPE_CHECKING:
    from marginctl.core.notices import Notice
    from marginctl.load.tier_import import Imported

_Texts = list[str] | None


@command(
    "marginctl tiers import meta.json --into tiers.yaml --venue hyperliquid",
    "marginctl tiers import page-1.json page-2.json --only '*USDT'",
    exit_codes=NEVER_NO,
)
def import_file(
    files: Annotated[
        list[str],
        argument(
            "(FILE)",
            "What an exchange or ccxt answers about its tiers; several are pages of one "
            "answer. - is stdin.",
        ),
    ],
    *,
    into: Annotated[
        MaybeText, option("--into", metavar="FILE", help="Tier file in which to replace the venue.")
    ] = None,
    venue: Annotated[
        MaybeText,
        option("--venue", metavar="NAME", help="Name of the venue (required with --into)."),
    ] = None,
    rules: Annotated[
        MaybeText,
        option("--rules", metavar="NAME", help="Rules (default: the exchange's, or tiered)."),
    ] = None,
    quote: Annotated[
        MaybeText,
        option("--quote", metavar="NAME", help="Currency of the amounts (default: the file's)."),
    ] = None,
    as_of: Annotated[
        MaybeText, option("--as-of", metavar="DATE", help="Day of the tiers, such as 2026-01-14.")
    ] = None,
    only: Annotated[
        _Texts,
        option(
            "--only",
            metavar="PATTERN",
            help="Only assets that match, such as '*:USDT'; repeatable.",
        ),
    ] = None,
    exclude: Annotated[
        _Texts,
        option("--exclude", metavar="PATTERN", help="Leave out assets that match; repeatable."),
    ] = None,
    strict: Annotated[bool, flag("--strict", "Treat an unusable asset as an error.")] = False,
    debug: Debug = False,  # noqa: ARG001 - looked for where errors are reported
) -> int:
    """Make a tier file from an exchange's own tiers, or replace a venue of one."""
    from marginctl.cli.messages import print_notices, print_warning
    from marginctl.cli.surroundings import Stdout, today
    from marginctl.load.files import display_name, read_bytes
    from marginctl.load.problems import InputError, Place
    from marginctl.load.published import ImportOptions
    from marginctl.load.tier_import import read_exchange_tiers

    if into is not None and venue is None:
        hint = "name the venue with --venue"
        raise InputError.of(
            "--into replaces one venue, but none is named", hint, Place(path="--into")
        )
    options = ImportOptions(
        venue, rules, quote, _day(as_of), only or (), exclude or (), strict, today()
    )
    read = [(read_bytes(file), display_name(file)) for file in files]
    imported = read_exchange_tiers(read, options)
    if into is None:
        text = _text(imported)
        imported.confirm(text.encode(), "the tier file")
        Stdout(sys.stdout).write(text)
    else:
        _replace(into, imported)
    for warning in imported.warnings:
        print_warning(warning)
    print_notices(_notices(imported, into))
    return 0


def _day(text: str | None) -> date | None:
    from marginctl.load.keys import read_day
    from marginctl.load.problems import InputError, Place

    try:
        return None if text is None else read_day(text)
    except ValueError as error:
        raise InputError.of(str(error), None, Place(path="--as-of")) from None


def _text(imported: "Imported") -> str:
    from marginctl.render.tier_file import tier_file_text

    published = imported.published
    return tier_file_text(
        imported.loaded.venue.name, imported.data(), published.remarks, published.table_remarks
    )


def _replace(into: str, imported: "Imported") -> None:
    from marginctl.cli.surroundings import write_whole
    from marginctl.load.files import read_bytes
    from marginctl.load.yaml_edit import with_venue
    from marginctl.render.tier_file import venue_lines

    if not Path(into).exists():
        made = _text(imported).encode()
        imported.confirm(made, into)
        write_whole(into, made, folder=True)
        return
    name, published, data = imported.loaded.venue.name, imported.published, imported.data()
    result = with_venue(
        read_bytes(into),
        into,
        name,
        lambda indent: venue_lines(name, data, published.remarks, published.table_remarks, indent),
    )
    imported.confirm(result, into)
    write_whole(into, result)


def _notices(imported: "Imported", into: str | None) -> "list[Notice]":
    from marginctl.core.notices import Notice

    published, venue = imported.published, imported.loaded.venue
    counts = f"{_counted(len(venue.assets), 'asset')} with {_counted(imported.tiers, 'tier')}"
    if published.deductions:
        every = "all " if published.deductions > 1 else ""
        agree = "agree" if published.deductions > 1 else "agrees"
        stated = _counted(published.deductions, "published deduction")
        counts += f"; {every}{stated} {agree} with bounds and rates"
    place = "" if into is None else f" as {venue.name} of {into}"
    found = [Notice("imported", None, f"imported{place}: {counts}"), *published.notices]
    if imported.stated.as_of is None:
        message = "the file has no date: give it with --as-of"
        found.append(Notice("no_day", None, message))
    return found


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
