"""From tiers to stdout."""

from collections.abc import Sequence

from marginctl.cli.output import Data, Out
from marginctl.core.position import Asset
from marginctl.core.venue import Venue
from marginctl.render.data import source_data
from marginctl.render.field import Field
from marginctl.render.tier_tables import (
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
from marginctl.render.view import TiersView

_CHART_COLUMNS, _CHART_MARGIN = 56, 16


def print_assets(venue: Venue, view: TiersView, names: Sequence[str], out: Out) -> None:
    """Print the assets of a venue."""
    fields = out.fields(ASSET_FIELDS)
    objects = [asset_data(asset) for asset in venue.assets.values()]
    if out.form == "table" and not out.selects:
        from marginctl.render.sheet import tiers_line

        output = out.tables()
        output.table(list_rows(venue))
        output.lines([(), *venues_line(names, output.width), tiers_line(view)])
    else:
        _print_data(objects, fields, venue, view, out)


def print_asset(venue: Venue, view: TiersView, asset: Asset, out: Out) -> None:
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
        _print_data(tier_rows_data(asset), fields, venue, view, out)


def _print_data(
    objects: Sequence[Data],
    fields: Sequence[Field],
    venue: Venue,
    view: TiersView,
    out: Out,
) -> None:
    kept = [{field.name: data[field.name] for field in fields} for data in objects]
    if out.form == "json":
        out.json({"schema": "marginctl/tiers/1", **source_data(venue, view), "listed": kept})
    elif out.form == "table":
        from marginctl.render.chosen import read_cells

        out.chosen(fields, [read_cells(fields, list(data.values())) for data in kept])
    else:
        out.records(fields, lambda: kept, lambda _: [list(data.values()) for data in kept])
