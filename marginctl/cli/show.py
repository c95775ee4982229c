"""``marginctl show``: everything about one or many positions."""

from marginctl.cli.options import (
    Beta,
    Explain,
    File,
    OutputFlags,
    PositionFlags,
    TierFlags,
    command,
)


@command
def show(
    position: PositionFlags,
    tiers: TierFlags,
    output: OutputFlags,
    file: File = None,
    *,
    explain: Explain = False,
    beta: Beta = None,
) -> int:
    """Show margin, liquidation price and transfer limits of positions."""
    from marginctl.cli.answers import report_view
    from marginctl.cli.betas import read_betas
    from marginctl.cli.inputs import Tiers, read_readings
    from marginctl.cli.output import Out
    from marginctl.cli.printing import print_report

    out = Out(output)
    readings = read_readings(file, position, Tiers(tiers))
    betas = read_betas(beta, readings)
    print_report(report_view(readings, explain=explain, betas=betas), out)
    return 0
