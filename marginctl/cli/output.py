"""Answers on standard output, in the format and with the fields that were asked for."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from marginctl.cli.options import FORMATS, OUTPUT_VARIABLE, OutputFlags
from marginctl.cli.surroundings import Stdout, paged, wants_color, width
from marginctl.load.problems import InputError, Place, Problem, known_hint
from marginctl.render.figures import Field, flattened, pick, split

if TYPE_CHECKING:
    from marginctl.cli.surroundings import Writable
    from marginctl.render.data import ShownRecord
    from marginctl.render.layout import Output


Data = dict[str, Any]


_LINES_AT_ONCE = 256


class Out:
    """Where answers go, as the output flags say. ``form`` is the format, ``raw`` among them."""

    def __init__(self, flags: OutputFlags) -> None:
        self._flags = flags
        self.form = _form(flags)
        self._digits = _digits(flags, self.form)
        _refuse_unused(flags, self.form)
        self._color = wants_color(flags.color)
        self._stdout = Stdout(sys.stdout)

    @property
    def selects(self) -> bool:
        """Whether only some fields are asked for."""
        return self._flags.fields is not None

    def write(self, text: str) -> None:
        """Write a text and end its line."""
        self._stdout.write(text + "\n")

    def tables(self) -> "Output":
        """Return the console for sheets and tables."""
        return self._tables(self._stdout)

    @contextmanager
    def paged_tables(self, *, wanted: bool) -> Iterator["Output"]:
        """Yield the console for what may be higher than the terminal, and then goes to a pager."""
        with paged(self._stdout, wanted=wanted) as stdout:
            yield self._tables(stdout)

    def _tables(self, file: "Writable") -> "Output":
        if self._color:
            from marginctl.render.rich_output import ColorOutput

            return ColorOutput(file, width=width())
        from marginctl.render.layout import Output

        return Output(file, width=width())

    def json(self, data: Data) -> None:
        """Write one object, indented, or on one line as NDJSON."""
        from marginctl.render.scripts import json_pieces, ndjson_line

        numbers = self._flags.numbers
        if self.form == "json":
            for segment in json_pieces(data, numbers=numbers):
                self._stdout.write(segment)
            self.write("")
        else:
            self.write(ndjson_line(data, numbers=numbers))

    def records(
        self,
        fields: Sequence[Field],
        objects: Callable[[], Iterable[Data]],
        rows: Callable[[Sequence[Field]], Iterable[Sequence[Any]]],
    ) -> None:
        """Write records as NDJSON from their objects, or as CSV, Markdown or raw from their rows.

        Rows are asked for with the fields flattened: a tier in its parts.
        """
        from marginctl.render import scripts

        lines: Iterator[str]
        if self.form == "ndjson":
            numbers = self._flags.numbers
            lines = (scripts.ndjson_line(data, numbers=numbers) for data in objects())
        else:
            flat = flattened(fields)
            names = [field.name for field in flat]
            lines = scripts.LINES[self.form](names, self._shortened(rows(flat)))
            if self.form == "csv" and self._flags.no_header:
                lines = islice(lines, 1, None)
        while some := list(islice(lines, _LINES_AT_ONCE)):
            self.write("\n".join(some))

    def markdown(self, lines: Iterable[str]) -> None:
        """Write the tables for people as Markdown.

        Raises:
            InputError: digits are asked for, which such tables choose themselves.
        """
        if self._digits is not None:
            message = "--digits has no meaning for the tables of -o md"
            hint = "add --fields, or use -o csv"
            raise InputError.of(message, hint, Place(path="--digits"))
        for line in lines:
            self.write(line)

    def _shortened(self, rows: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
        """Return rows with as many digits as are asked for."""
        if self._digits is None:
            return rows
        from marginctl.render.numbers import NumberText, shorter

        numbers = {NumberText, Decimal, int}
        return (
            [shorter(cell, self._digits) if type(cell) in numbers else cell for cell in row]
            for row in rows
        )

    def chosen(self, fields: Sequence[Field], cells: Sequence[Sequence[str]]) -> None:
        """Write a table of the fields that were asked for, or a sheet where it is one record."""
        from marginctl.render.chosen import chosen_lines, chosen_rows

        output = self.tables()
        if len(cells) == 1:
            output.lines(chosen_lines(fields, cells[0], output.width))
        else:
            output.table(chosen_rows(fields, cells))

    def listing(
        self, fields: Sequence[Field], objects: Iterable[Data], about: Data, key: str
    ) -> None:
        """Write a list of objects with the fields that the flags keep, in any format.

        JSON has it as ``key``, beside what it is ``about``. For people to read whole, a command
        has a table of its own.
        """
        kept = [{field.name: data[field.name] for field in fields} for data in objects]
        if self.form == "json":
            self.json({**about, key: kept})
        elif self.form == "table":
            from marginctl.render.chosen import read_cells

            self.chosen(fields, [read_cells(fields, list(data.values())) for data in kept])
        else:
            self.records(fields, lambda: kept, lambda _: [list(data.values()) for data in kept])

    def fields(self, available: Sequence[Field], more: Sequence[Field] = ()) -> list[Field]:
        """Return the fields that the flags keep, in their order; without a flag, the available.

        ``more`` are shown only when they are named.

        Raises:
            InputError: with every name that is not a field.
        """
        return picked_fields(self._flags.fields, available, more)


def picked_fields(
    option: str | None, available: Sequence[Field], more: Sequence[Field] = ()
) -> list[Field]:
    """Return the fields that ``--fields`` keeps, in its order; without it all but ``more``.

    Raises:
        InputError: with every name that is not a field.
    """
    if option is None:
        return list(available)
    names = [name.strip() for name in option.split(",")]
    known = list(dict.fromkeys(field.name for field in (*available, *flattened(available), *more)))
    problems = []
    for name in names:
        if name not in known:
            hint = known_hint(name, known)
            message = f"{name!r} is not a field of this answer"
            problems.append(Problem(message, hint, Place(path="--fields")))
    if problems:
        raise InputError(problems)
    return pick(names, [*available, *more])


_MOST_DIGITS = 50


_OF_ROWS = ("csv", "md", "raw")


def _digits(flags: OutputFlags, form: str) -> int | None:
    text, place = flags.digits, Place(path="--digits")
    if text is None:
        return None
    if form not in _OF_ROWS:
        raise InputError.of("--digits is for csv, md and --raw", "drop it, or add -o csv", place)
    if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= _MOST_DIGITS:
        return int(text)
    raise InputError.of(f"{text[:20]!r} is not a number of digits", "from 1 to 50", place)


def _refuse_unused(flags: OutputFlags, form: str) -> None:
    """Refuse flags that would have no effect on this format.

    Raises:
        InputError: with every one of them.
    """
    problems = []
    if flags.numbers and form not in {"json", "ndjson"}:
        place = Place(path="--numbers")
        problems.append(Problem("--numbers is for JSON", "add -o json, or drop it", place))
    if flags.no_header and form != "csv":
        place = Place(path="--no-header")
        problems.append(Problem("--no-header is for csv", "add -o csv, or drop it", place))
    if problems:
        raise InputError(problems)


def _form(flags: OutputFlags) -> str:
    if flags.raw:
        if flags.output not in {None, "raw"}:
            message = f"--raw and --output {flags.output} ask for different formats"
            raise InputError.of(message, "keep one of them", Place(path="--raw"))
        return "raw"
    form = flags.output or os.environ.get(OUTPUT_VARIABLE) or "table"
    if form not in FORMATS:
        place = Place(path="--output" if flags.output else OUTPUT_VARIABLE)
        hint = known_hint(form, FORMATS)
        raise InputError.of(f"{form!r} is not a format", hint, place)
    return form


def print_records(
    records: "Sequence[ShownRecord]",
    fields: Sequence[Field],
    out: Out,
    venue: str,
    wallet: Decimal | None = None,
) -> None:
    """Print positions with the account beside them; the account alone where no more is asked."""
    from marginctl.render.data import record_data, wallet_data
    from marginctl.render.record_rows import record_rows

    if not split(fields)[0] and len({id(cross) for _, cross in records}) == 1:
        records = records[:1]
    if out.form == "table":
        from marginctl.render.chosen import record_cells

        flat = flattened(fields)
        out.chosen(flat, [record_cells(record, flat) for record in records])
        return
    # a whole line says its venue and its wallet, so that it can be fed back
    lead = {} if out.selects else {**wallet_data(wallet), "venue": venue}
    out.records(
        fields,
        lambda: (lead | record_data(record, fields) for record in records),
        lambda flat: record_rows(records, flat),
    )
