"""``marginctl tiers list``, ``show`` and ``schema``: what tier files say, and how they look."""

import sys
from collections.abc import Sequence
from typing import Annotated

from marginctl.cli import completion
from marginctl.cli.options import NEVER_NO, Debug, OutputFlags, TierFlags, argument, command
from marginctl.cli.output import Data, Out
from marginctl.core.position import Asset
from marginctl.core.rules import Venue
from marginctl.render.data import TiersView, source_data
from marginctl.render.tiers import (
    ASSET_FIELDS,
    TIER_FIELDS,
    asset_data,
    asset_rows,
    asset_title,
    list_rows,
    maintenance_picture,
    tier_rows_data,
    venues_line,
)

_CHART_COLUMNS, _CHART_MARGIN = 56, 16


def _print_assets(venue: Venue, view: TiersView, names: Sequence[str], out: Out) -> None:
    """Print the assets of a venue."""
    fields = out.fields(ASSET_FIELDS)
    objects = [asset_data(asset) for asset in venue.assets.values()]
    if out.form == "table" and not out.selects:
        from marginctl.render.sheet import tiers_line

        output = out.tables()
        output.table(list_rows(venue))
        output.lines([(), *venues_line(names, output.width), tiers_line(view)])
    else:
        out.listing(fields, objects, _about(venue, view), "listed")


def _print_asset(venue: Venue, view: TiersView, asset: Asset, out: Out) -> None:
    """Print the tiers of an asset."""
    fields = out.fields(TIER_FIELDS)
    if out.form == "table" and not out.selects:
        from marginctl.render.sheet import tiers_line

        output = out.tables()
        output.lines([*asset_title(venue, asset), ()])
        output.table(asset_rows(asset))
        columns = min(_CHART_COLUMNS, (output.width or 80) - _CHART_MARGIN)
        output.lines([(), *maintenance_picture(asset, max(columns, 10)), (), tiers_line(view)])
    else:
        out.listing(fields, tier_rows_data(asset), _about(venue, view), "listed")


def _about(venue: Venue, view: TiersView) -> Data:
    return {"schema": "marginctl/tiers/1", **source_data(venue, view)}


SchemaName = Annotated[
    str,
    argument(
        "[KIND]", "Kind of file: tiers (default) or tests.", completion.words("tiers", "tests")
    ),
]


@command(exit_codes=NEVER_NO)
def schema(
    kind: SchemaName = "tiers",
    *,
    debug: Debug = False,  # noqa: ARG001 - looked for where errors are reported
) -> int:
    """Print the JSON Schema of tier files or of their tests, for editors and validators."""
    from marginctl.cli.surroundings import Stdout
    from marginctl.load.cases import MODELS, schema_of
    from marginctl.load.problems import InputError, Place, known_hint
    from marginctl.render.scripts import json_text

    if kind not in MODELS:
        hint = known_hint(kind, MODELS)
        raise InputError.of(f"there is no schema {kind!r}", hint, Place(path="KIND"))
    Stdout(sys.stdout).write(json_text(schema_of(kind)) + "\n")
    return 0


Name = Annotated[str, argument("ASSET", "Asset, such as ETH.", completion.assets)]


@command(exit_codes=NEVER_NO)
def list_assets(flags: TierFlags, output: OutputFlags) -> int:
    """List the assets of a venue with their tiers."""
    from marginctl.cli.inputs import Tiers
    from marginctl.cli.messages import print_notices
    from marginctl.cli.output import Out

    out = Out(output)
    tiers = Tiers(flags)
    _print_assets(*tiers.venue(), tiers.source.file.venue_names, out)
    print_notices(tiers.old.values())
    return 0


@command("marginctl tiers show ETH", exit_codes=NEVER_NO)
def show_asset(asset: Name, flags: TierFlags, output: OutputFlags) -> int:
    """Show the tiers of one asset, and how its maintenance margin grows with notional."""
    from marginctl.cli.inputs import Tiers
    from marginctl.cli.messages import print_notices
    from marginctl.cli.output import Out
    from marginctl.load.inputs import known_asset
    from marginctl.load.problems import Place

    out = Out(output)
    tiers = Tiers(flags)
    venue, view = tiers.venue()
    _print_asset(venue, view, known_asset(venue, asset, Place(path="ASSET")), out)
    print_notices(tiers.old.values())
    return 0
