"""From a sweep to stdout, and to a file."""

from marginctl.cli.messages import print_notices
from marginctl.cli.output import Out
from marginctl.cli.terminal import draws_braille
from marginctl.cli.writing import write_whole
from marginctl.load.problems import InputError, Place
from marginctl.render.sweep_view import (
    SweepView,
    point_objects,
    point_rows,
    sweep_data,
    sweep_fields,
)

_ROWS = 11
"""Rows of the plot: with what stands around it, it fits into 24 lines."""
_SAID = frozenset({"liquidatable", "mark_from_entry", "exchange_differs", "beta_assumed"})
"""The notices that matter to a sweep."""


def check_form(form: str, *, plot: bool) -> None:
    """Refuse a picture in a format for scripts."""
    if plot and form != "table":
        message = f"--plot is a picture for people, and {form} is for scripts"
        raise InputError.of(message, "keep one of them", Place(path="--plot"))


def print_sweep(view: SweepView, out: Out, *, plot: bool) -> None:
    """Print the answer of ``sweep``."""
    fields = out.fields(sweep_fields(view))
    if plot:
        _print_picture(view, out)
    elif out.form == "table":
        _print_table(view, out)
    elif out.form == "json":
        out.json(sweep_data(view, fields))
    else:
        out.records(
            fields, lambda: point_objects(view, fields), lambda flat: point_rows(view, flat)
        )
    print_notices(notice for notice in view.notices if notice.code in _SAID)


def _print_table(view: SweepView, out: Out) -> None:
    from marginctl.render.sheet import tiers_line
    from marginctl.render.sweep_table import left_out_lines, sweep_rows, sweep_title

    output = out.tables()
    rows, left_out = sweep_rows(view, output.width)
    output.lines([*sweep_title(view, output.width), ()])
    output.table(rows)
    output.lines([(), *left_out_lines(left_out, output.width), tiers_line(view.tiers)])


def _print_picture(view: SweepView, out: Out) -> None:
    from marginctl.render.picture import picture_of
    from marginctl.render.plot import ASCII, BRAILLE, plot_lines
    from marginctl.render.sheet import tiers_line

    output = out.tables()
    glyphs = BRAILLE if draws_braille() else ASCII
    output.lines(plot_lines(picture_of(view), output.width, _ROWS, glyphs))
    output.lines([(), tiers_line(view.tiers)])


def write_picture(view: SweepView, path: str) -> None:
    """Write the picture to a vector file, whole or not at all."""
    from marginctl.render.picture import picture_of
    from marginctl.render.svg import svg_text

    write_whole(path, svg_text(picture_of(view)).encode(), "--svg")
