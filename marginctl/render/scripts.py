"""The formats for scripts: JSON, NDJSON, CSV, Markdown and bare values."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from marginctl.render.data import Data, field_value, value_text
from marginctl.render.fields import Field, flattened
from marginctl.render.view import PositionView


def json_text(data: Data) -> str:
    """Return an object as indented JSON."""
    return json.dumps(data, ensure_ascii=False, indent=2)


def ndjson_line(data: Data) -> str:
    """Return an object as one line of JSON."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def value_rows(positions: Iterable[PositionView], fields: Sequence[Field]) -> list[list[str]]:
    """Return a row of texts for each position, tiers in parts; what is missing is empty."""
    flat = flattened(fields)
    return [
        [_cell(value_text(field_value(shown, field.name))) for field in flat] for shown in positions
    ]


def csv_text(positions: Iterable[PositionView], fields: Sequence[Field], *, header: bool) -> str:
    """Return the positions as CSV with a header line unless it is not wanted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if header:
        writer.writerow([field.name for field in flattened(fields)])
    writer.writerows(value_rows(positions, fields))
    return out.getvalue().removesuffix("\n")


def markdown_text(positions: Iterable[PositionView], fields: Sequence[Field]) -> str:
    """Return the positions as a Markdown table."""
    heads = [field.name for field in flattened(fields)]
    rows = [heads, ["---"] * len(heads), *value_rows(positions, fields)]
    return "\n".join(f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in rows)


def raw_text(positions: Iterable[PositionView], fields: Sequence[Field]) -> str:
    """Return the bare values, a position a line, separated by tabs."""
    return "\n".join("\t".join(row) for row in value_rows(positions, fields))


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _escaped(cell: str) -> str:
    return cell.replace("\\", "\\\\").replace("|", "\\|")
