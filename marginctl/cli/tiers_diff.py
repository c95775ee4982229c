"""``marginctl tiers diff``: what changed, and what it makes of positions."""

from typing import TYPE_CHECKING, Annotated

import typer

from marginctl.cli.options import Fields, Text, command, output_option
from marginctl.cli.report_flags import ReportFlags, output_flags, report_form

if TYPE_CHECKING:
    from marginctl.cli.output import Out
    from marginctl.render.tier_changes import DiffView

_FORMS = "A tier file, FILE#VENUE, or an exchange's recorded meta."
Old = Annotated[str, typer.Argument(metavar="OLD", help=_FORMS, show_default=False)]
FORMATS = ("table", "json", "ndjson", "md")
Output = Annotated[Text, output_option(FORMATS, "table")]
New = Annotated[str, typer.Argument(metavar="NEW", help=_FORMS, show_default=False)]


@command
def diff(
    old: Old,
    new: New,
    flags: ReportFlags,
    *,
    output: Output = None,
    fields: Fields = None,
    positions: Annotated[
        str | None,
        typer.Option(
            "--positions",
            metavar="FILE",
            help="Positions to evaluate before and after; - is standard input.",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Assets of only one side too, where a list is partial."),
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when anything differs.")
    ] = False,
) -> int:
    """Show what changed between two versions of tiers."""
    from marginctl.cli.messages import print_notices, print_warning
    from marginctl.cli.output import Out
    from marginctl.cli.tier_comparison import diff_view
    from marginctl.load.files import display_name, read_bytes
    from marginctl.load.positions import read_accounts
    from marginctl.load.tier_sides import read_sides

    form = report_form(output, FORMATS, "a comparison") or "table"
    out = Out(output_flags(form, flags, fields))
    sides = read_sides(old, new)
    drafted = (
        [] if positions is None else read_accounts(read_bytes(positions), display_name(positions))
    )
    view = diff_view(*sides, drafted, everything=everything)
    _print(view, out)
    for warning in dict.fromkeys(text for side in sides for text in side.warnings):
        print_warning(warning)
    print_notices(notice for notice in view.notices if notice.code != "mark_from_entry")
    return 1 if exit_code and view.differs else 0


def _print(view: "DiffView", out: "Out") -> None:
    if out.form == "table":
        from marginctl.render.tier_changes import diff_lines
        from marginctl.render.tier_effects import effect_rows

        output = out.tables()
        output.lines(diff_lines(view, output.width))
        if any(effect.positions for effect in view.effects):
            output.lines([()])
            output.table(effect_rows(view.effects))
    elif out.form in {"json", "ndjson"}:
        from marginctl.render.fields import POSITION_FIELDS
        from marginctl.render.tier_diff_data import diff_data

        out.json(diff_data(view, out.fields(POSITION_FIELDS)))
    else:
        from marginctl.render.tier_diff_data import diff_markdown

        for line in diff_markdown(view):
            out.write(line)
