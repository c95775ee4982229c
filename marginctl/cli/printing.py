"""From answers to stdout, in the format that was asked for."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from marginctl.cli.messages import print_notices
from marginctl.cli.options import OutputFlags
from marginctl.cli.terminal import Stdout, wants_color, width
from marginctl.core.notices import Notice
from marginctl.load.problems import InputError, Place, Problem, did_you_mean
from marginctl.render.fields import Field, fields_of, flattened, pick
from marginctl.render.view import ChangeView, PositionView, ReportView

if TYPE_CHECKING:
    from marginctl.render.rich_output import Output

FORMATS = ("table", "json", "ndjson", "csv", "md")
OUTPUT_VARIABLE = "MARGINCTL_OUTPUT"

_SHOWN_IN_TABLES = frozenset(
    {
        "additions_not_checked",
        "cross_position",
        "liquidatable",
        "mark_from_entry",
        "no_backstop",
        "no_backstop_price",
        "no_bankruptcy_price",
        "no_equity",
        "no_liquidating_move",
        "no_liquidation_price",
        "strict_isolated",
    }
)
"""What a table says beside its figures, and what a missing value of other formats means."""


class Printer:
    """Prints answers as the flags ask for."""

    def __init__(self, flags: OutputFlags) -> None:
        self._flags = flags
        self._form = _form(flags)
        self._color = wants_color(flags.color)
        self._stdout = Stdout(sys.stdout)

    def report(self, view: ReportView, *, explain: bool) -> None:
        """Print the answer of ``show``."""
        fields = self._fields(view.has)
        if self._form == "table":
            self._report_tables(view, explain=explain)
        elif self._form == "json":
            from marginctl.render.data import report_data
            from marginctl.render.scripts import json_text

            answer = report_data(view, fields)
            if explain:
                from marginctl.render.explain import explanation_data

                answer["explanation"] = explanation_data(view)
            self._write(json_text(answer))
        else:
            self._positions(view.positions, fields)
        self._notices(view.notices)

    def change(self, view: ChangeView) -> None:
        """Print the answer of ``add`` or ``remove``."""
        fields = self._fields(view.has)
        if self._form == "table":
            from marginctl.render.change_sheet import change_sheet

            output = self._output()
            output.lines(change_sheet(view, output.width))
        elif self._form in {"json", "ndjson"}:
            from marginctl.render.data import change_data
            from marginctl.render.scripts import json_text, ndjson_line

            answer = change_data(view, fields)
            self._write(json_text(answer) if self._form == "json" else ndjson_line(answer))
        else:
            after = view.change.position_after
            self._positions(() if after is None else (PositionView(after),), fields)
        self._notices(view.notices)

    def _report_tables(self, view: ReportView, *, explain: bool) -> None:
        from marginctl.render.rows import position_rows
        from marginctl.render.sheet import cross_sheet, position_sheet, tiers_line

        output = self._output()
        if len(view.positions) == 1:
            output.lines(position_sheet(view, view.positions[0], output.width))
        else:
            for number, rows in enumerate(position_rows(view)):
                if number:
                    output.lines([()])
                output.table(rows)
        if view.cross is not None:
            output.lines([(), *cross_sheet(view.cross, output.width)])
        if explain:
            from marginctl.render.explain import explanation_lines

            output.lines([(), *explanation_lines(view, output.width)])
        output.lines([(), tiers_line(view.tiers)])

    def _positions(self, positions: Sequence[PositionView], fields: Sequence[Field]) -> None:
        from marginctl.render import scripts
        from marginctl.render.data import position_data

        if self._form == "raw":
            text = scripts.raw_text(positions, fields)
        elif self._form == "csv":
            text = scripts.csv_text(positions, fields, header=not self._flags.no_header)
        elif self._form == "md":
            text = scripts.markdown_text(positions, fields)
        else:
            text = "\n".join(
                scripts.ndjson_line(position_data(shown, fields)) for shown in positions
            )
        self._write(text)

    def _fields(self, has: frozenset[str]) -> list[Field]:
        """Return the fields that the flags keep.

        Raises:
            InputError: with every name that is not a field.
        """
        available = fields_of(has)
        if self._flags.fields is None:
            return available
        names = [name.strip() for name in self._flags.fields.split(",")]
        known = [field.name for field in (*available, *flattened(available))]
        problems = []
        for name in names:
            if name not in known:
                hint = did_you_mean(name, known) or f"known: {', '.join(dict.fromkeys(known))}"
                message = f"{name!r} is not a field of this answer"
                problems.append(Problem(message, hint, Place(path="--fields")))
        if problems:
            raise InputError(problems)
        return pick(names, available)

    def _notices(self, notices: Sequence[Notice]) -> None:
        print_notices(notice for notice in notices if notice.code not in _SHOWN_IN_TABLES)

    def _output(self) -> "Output":
        from marginctl.render.rich_output import Output

        return Output(self._stdout, width=width(), color=self._color)

    def _write(self, text: str) -> None:
        self._stdout.write(text + "\n")


def _form(flags: OutputFlags) -> str:
    if flags.raw:
        if flags.output not in {None, "raw"}:
            message = f"--raw and --output {flags.output} ask for different formats"
            raise InputError.of(message, "keep one of them", Place(path="--raw"))
        return "raw"
    form = flags.output or os.environ.get(OUTPUT_VARIABLE) or "table"
    if form not in FORMATS:
        place = Place(path="--output" if flags.output else OUTPUT_VARIABLE)
        hint = did_you_mean(form, FORMATS) or f"known: {', '.join(FORMATS)}"
        raise InputError.of(f"{form!r} is not a format", hint, place)
    return form
