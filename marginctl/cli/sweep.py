"""``marginctl sweep``: a table or a picture over a range of prices or amounts."""

from typing import Annotated

import typer

from marginctl.cli.options import Beta, File, OutputFlags, PositionFlags, TierFlags, command

_PANEL = "Sweep"

Mark = Annotated[
    list[str] | None,
    typer.Option(
        "--mark",
        "-m",
        metavar="LOW..HIGH",
        rich_help_panel=_PANEL,
        help="Range of mark prices; a single price is today's mark.",
        show_default=False,
    ),
]
Move = Annotated[
    str | None,
    typer.Option(
        metavar="LOW..HIGH",
        rich_help_panel=_PANEL,
        help="Range of moves, such as -50%..50%; of all prices for an account.",
        show_default=False,
    ),
]
Add = Annotated[
    str | None,
    typer.Option(
        metavar="LOW..HIGH",
        rich_help_panel=_PANEL,
        help="Range of margin added; below zero it is removed.",
        show_default=False,
    ),
]
Steps = Annotated[
    str | None,
    typer.Option(
        metavar="N", rich_help_panel=_PANEL, help="Steps of the grid; else 10.", show_default=False
    ),
]
Plot = Annotated[
    bool, typer.Option("--plot", rich_help_panel=_PANEL, help="Draw a picture in the terminal.")
]
Svg = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=_PANEL,
        help="Write the picture to a vector file too.",
        show_default=False,
    ),
]


@command
def sweep(
    position: PositionFlags,
    tiers: TierFlags,
    output: OutputFlags,
    file: File = None,
    *,
    mark: Mark = None,
    move: Move = None,
    add: Add = None,
    steps: Steps = None,
    beta: Beta = None,
    plot: Plot = False,
    svg: Svg = None,
) -> int:
    """Show equity, maintenance and distance over a range of prices, moves or added margin.

    Where something happens there is a row exactly there: liquidation, backstop, bankruptcy, tier
    boundaries, and where removal opens.
    """
    from marginctl.cli.inputs import Tiers
    from marginctl.cli.output import Out
    from marginctl.cli.sweep_answers import sweep_view
    from marginctl.cli.sweep_inputs import SpanFlags, read_question
    from marginctl.cli.sweep_printing import check_form, print_sweep, write_picture

    out = Out(output)
    check_form(out.form, plot=plot)
    span = SpanFlags(mark or (), move, add, steps)
    view = sweep_view(read_question(file, position, Tiers(tiers), span, beta))
    if svg is not None:
        write_picture(view, svg)
    print_sweep(view, out, plot=plot)
    return 0
