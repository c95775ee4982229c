"""From answers about changes to stdout: what was found, and the figures before and after."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marginctl.cli.output import Out
from marginctl.cli.printing import print_warnings
from marginctl.render.change import change_rows, change_title, verdict_lines
from marginctl.render.chosen import (
    CHANGE_FIELDS,
    Found,
    bare_fields,
    cell,
    chosen_changes,
    chosen_lines,
    fields_around,
    found_row,
    found_value,
    is_bare,
)
from marginctl.render.data import ChangeView, PositionView, Record, change_data
from marginctl.render.figures import Field, cross_fields, fields_of, flattened
from marginctl.render.sheet import tiers_line

if TYPE_CHECKING:
    from marginctl.render.layout import Rows
    from marginctl.render.output import Output


def print_change(view: ChangeView, out: Out) -> None:
    """Print the answer of ``add`` or ``remove``: in formats of rows, what was found and what is
    then.
    """
    change = view.change
    before, after = _records_around(view)
    of_cross = cross_fields() if change.after.cross else []
    own = of_cross if change.position_after is None else fields_of(view.has)
    values = {
        "amount": change.amount,
        "allowed": change.allowed,
        "limit": change.limit.amount,
        "message": view.message,
    }
    asked = AnswerFields(out, CHANGE_FIELDS, own, of_cross)
    if out.form in {"json", "ndjson"}:
        shown = asked.bare if change.position_after is not None or out.selects else ()
        out.json(change_data(view, shown))
    elif out.form == "table":
        _change_tables(view, out, asked, values)
    elif out.form == "md" and not out.selects:
        print_markdown(change_rows(change), view.message, out)
    else:
        asked.print_rows([Found(values, before, after)])
    print_warnings(view.notices)


def print_markdown(tables: "Sequence[Rows]", message: str, out: Out) -> None:
    """Print what is before and after as Markdown tables, and the answer in a sentence."""
    from marginctl.render.rows import markdown_table

    lines = [line for rows in tables for line in (*markdown_table(rows), "")]
    out.markdown([*lines, message])


class AnswerFields:
    """The fields of an answer that the flags keep: of what was found, and of before and after."""

    def __init__(
        self, out: Out, answer: Sequence[Field], own: Sequence[Field], of_cross: Sequence[Field]
    ) -> None:
        around = fields_around([*own, *(field for field in of_cross if field not in own)])
        self._out = out
        self._answer = answer
        self.chosen = out.fields([*answer, *own], [*of_cross, *around])

    @property
    def bare(self) -> list[Field]:
        """Those of positions and accounts, each once."""
        return bare_fields(self.chosen, self._answer)

    def print_rows(self, found: Sequence[Found]) -> None:
        """Print a row for each, as CSV, Markdown or bare values."""
        self._out.records(self.chosen, list, lambda flat: [found_row(one, flat) for one in found])

    def tables(self, found: Found, output: "Output") -> None:
        """Print what was asked for: a table of before, after and change, and what was found."""
        both = [field for field in self.chosen if is_bare(field, self._answer)]
        if both:
            output.table(chosen_changes(flattened(both), found.before, found.after))
            output.lines([()])
        rest = flattened(field for field in self.chosen if field not in both)
        if rest:
            cells = [cell(field, found_value(found, field)) for field in rest]
            output.lines([*chosen_lines(rest, cells, output.width), ()])


def _change_tables(
    view: ChangeView, out: Out, asked: AnswerFields, values: Mapping[str, Any]
) -> None:
    output = out.tables()
    output.lines([*change_title(view, output.width), ()])
    if out.selects:
        asked.tables(Found(values, *_records_around(view)), output)
    else:
        for rows in change_rows(view.change):
            output.table(rows)
            output.lines([()])
    output.lines([*verdict_lines(view, output.width), (), tiers_line(view.tiers)])


def _records_around(view: ChangeView) -> tuple[Record, Record]:
    """Return what a change begins with and what comes out of it."""
    change = view.change
    before, after = change.position_before, change.position_after
    return (
        (None if before is None else PositionView(before), change.before.cross),
        (None if after is None else PositionView(after), change.after.cross),
    )
