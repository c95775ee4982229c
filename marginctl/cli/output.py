"""Standard output, in the format that was asked for, as the surroundings allow."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from marginctl.cli.options import FORMATS, OUTPUT_VARIABLE, OutputFlags
from marginctl.load.problems import InputError, Place, Problem, did_you_mean
from marginctl.render.figures import Field, flattened, pick

if TYPE_CHECKING:
    from marginctl.cli.pager import Writable
    from marginctl.render.output import Output


_PLAIN = {
    **dict.fromkeys("▁▂▃", " "),
    **dict.fromkeys("▄▅▆▇█", "#"),
    **dict.fromkeys("┤└┴│┃", "|"),
    "─": "-",
    "·": "*",
    "…": "...",
    "→": "->",
}

_PLAIN_TERMS = frozenset({"dumb", "linux", "vt100", "vt220"})
"""Terminals whose fonts have no braille."""


def wants_color(choice: str | None) -> bool:
    """Whether stdout gets colour: as chosen, else on a terminal unless NO_COLOR is set.

    Raises:
        InputError: the choice is none of auto, always and never.
    """
    if choice not in {None, "auto", "always", "never"}:
        message = f"{choice!r} is not one of auto, always and never"
        raise InputError.of(message, None, Place(path="--color"))
    if choice in {"always", "never"}:
        return choice == "always"
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain


def width() -> int | None:
    """Return the columns of the terminal, None where stdout is not one."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def draws_braille() -> bool:
    """Whether stdout can show more than ASCII: by its encoding, its locale and its terminal."""
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return (
        encoding.startswith("utf")
        and not _locale_is_plain()
        and os.environ.get("TERM") not in _PLAIN_TERMS
    )


def _locale_is_plain() -> bool:
    """Whether the user asked for the C locale; Python itself may have made UTF-8 of it."""
    said = os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    return said in {"C", "POSIX"}


def _in_encoding(char: str, encoding: str) -> str:
    """Return a character as an encoding has it: else one that looks like it, else its escape."""
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return _PLAIN.get(char) or char.encode(encoding, "backslashreplace").decode(encoding)
    return char


class Stdout:
    """Standard output that never fails on a character: what its encoding lacks is replaced."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        encoding = (stream.encoding or "ascii").lower().replace("-", "")
        self._plain = not encoding.startswith("utf")

    def write(self, text: str) -> int:
        """Write a text."""
        if self._plain:
            encoding = self._stream.encoding or "ascii"
            text = "".join(_in_encoding(char, encoding) for char in text)
        return self._stream.write(text)

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()


_EPOCH_DIGITS = 11
_FIRST_YEAR = 2020
"""Shells of package managers set the variable to 1980, before any tiers were shown."""


def today() -> date:
    """Return the day of today; that of ``SOURCE_DATE_EPOCH`` where it is set, as for builds."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isascii() and epoch.isdecimal() and len(epoch) <= _EPOCH_DIGITS:
        day = datetime.fromtimestamp(int(epoch), UTC).date()
        if day.year >= _FIRST_YEAR:
            return day
    return datetime.now(UTC).date()


def write_whole(
    path: str, data: bytes, named_by: str | None = None, *, folder: bool = False
) -> None:
    """Put a file in the place of another at once; a reader never sees half of it.

    ``folder``: the folder that it needs is made.

    A link stays a link, and the access rights stay those of the file that was there. A device or
    a pipe is written to and never replaced.

    Raises:
        InputError: it cannot be written; ``named_by`` is the flag that named it.
    """
    import tempfile

    try:
        if Path(path).exists() and not Path(path).is_file():
            Path(path).write_bytes(data)
            return
        target = Path(os.path.realpath(path))
        if folder:
            target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(_mode(target))
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        place = Place(file=path, path=named_by)
        raise InputError.of(f"cannot be written: {reason}", None, place) from None


def _mode(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


Data = dict[str, Any]


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
        from marginctl.cli.pager import paged

        with paged(self._stdout, wanted=wanted) as stdout:
            yield self._tables(stdout)

    def _tables(self, file: "Writable") -> "Output":
        if self._color:
            from marginctl.render.rich_output import ColorOutput

            return ColorOutput(file, width=width())
        from marginctl.render.output import Output

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
        for line in lines:
            self.write(line)

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

        return (
            [shorter(cell, self._digits) if isinstance(cell, NumberText) else cell for cell in row]
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
    known = [field.name for field in (*available, *flattened(available), *more)]
    problems = []
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"known: {', '.join(dict.fromkeys(known))}"
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
        hint = did_you_mean(form, FORMATS) or f"known: {', '.join(FORMATS)}"
        raise InputError.of(f"{form!r} is not a format", hint, place)
    return form
