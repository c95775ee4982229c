"""``marginctl sweep``: a table or a picture over a range of prices, moves or margins."""

from typing import Annotated

import typer

from marginctl.cli.options import (
    Beta,
    ConditionFlags,
    File,
    OutputFlags,
    PositionFlags,
    TierFlags,
    command,
)

_PANEL = "Sweep"

Span = Annotated[
    str | None,
    typer.Option(
        "--over",
        metavar="WHAT=LOW..HIGH",
        rich_help_panel=_PANEL,
        help="mark=1500..3000, move=-50%..50% (of all prices for an account) or margin=0..1000.",
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
    conditions: ConditionFlags,
    file: File = None,
    *,
    over: Span = None,
    steps: Steps = None,
    beta: Beta = None,
    plot: Plot = False,
    svg: Svg = None,
) -> int:
    """Show equity, maintenance and distance over a range of prices, moves or margins.

    Where something happens there is a row exactly there: liquidation, backstop, bankruptcy, tier
    boundaries, and where removal opens.
    """
    from marginctl.cli.conditions import PointConditions
    from marginctl.cli.inputs import Tiers
    from marginctl.cli.output import Out
    from marginctl.cli.run import NO, OK
    from marginctl.cli.sweep_answers import sweep_view
    from marginctl.cli.sweep_inputs import SpanFlags, read_question
    from marginctl.cli.sweep_printing import check_form, print_sweep, write_picture

    out = Out(output)
    check_form(out.form, plot=plot)
    span = SpanFlags(over, steps)
    view = sweep_view(read_question(file, position, Tiers(tiers), span, beta))
    failing = PointConditions(conditions, view)
    if svg is not None:
        write_picture(view, svg)
    print_sweep(view, out, plot=plot)
    return NO if failing.check() else OK
