"""Answers with figures before and after: the fields that the flags keep, in any format."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from marginctl.cli.output import Data, Out
from marginctl.render.chosen import (
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
from marginctl.render.figures import Field, flattened

if TYPE_CHECKING:
    from marginctl.render.layout import Output, Rows


class AnswerFields:
    """The fields of an answer that the flags keep: of what was found, and of before and after."""

    def __init__(
        self, out: Out, answer: Sequence[Field], own: Sequence[Field], of_cross: Sequence[Field]
    ) -> None:
        around = fields_around([*own, *(field for field in of_cross if field not in own)])
        self._out = out
        self._answer = answer
        self._chosen = out.fields([*answer, *own], [*of_cross, *around])

    @property
    def bare(self) -> list[Field]:
        """Those of positions and accounts, each once."""
        return bare_fields(self._chosen, self._answer)

    def print(
        self,
        *,
        data: Callable[[], Data],
        tables: Callable[["Output"], None],
        markdown: Callable[[], "Iterable[tuple[Sequence[Rows], str]]"],
        found: Callable[[], Sequence[Found]],
    ) -> None:
        """Print an answer: as ``data`` in JSON, as ``tables`` for people, else what was ``found``.

        ``markdown`` has the tables before and after of each account, and the verdict on it.
        """
        out = self._out
        if out.form in {"json", "ndjson"}:
            out.json(data())
        elif out.form == "table":
            tables(out.tables())
        elif out.form == "md" and not out.selects:
            from marginctl.render.rows import markdown_table

            for rows, message in markdown():
                lines = [line for table in rows for line in (*markdown_table(table), "")]
                out.markdown([*lines, message])
        else:
            out.records(
                self._chosen, list, lambda flat: [found_row(answer, flat) for answer in found()]
            )

    def figures(self, found: Found, rows: "Sequence[Rows]", output: "Output") -> None:
        """Print tables of figures before and after: ``rows``, or the fields that are asked for."""
        if self._out.selects:
            self._chosen_figures(found, output)
            return
        for table in rows:
            output.table(table)
            output.lines([()])

    def _chosen_figures(self, found: Found, output: "Output") -> None:
        both = [field for field in self._chosen if is_bare(field, self._answer)]
        if both:
            output.table(chosen_changes(flattened(both), found.before, found.after))
            output.lines([()])
        rest = flattened(field for field in self._chosen if field not in both)
        if rest:
            cells = [cell(field, found_value(found, field)) for field in rest]
            output.lines([*chosen_lines(rest, cells, output.width), ()])
