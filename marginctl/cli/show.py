"""``marginctl show``: everything about one or many positions."""

from marginctl.cli.options import Explain, File, OutputFlags, PositionFlags, TierFlags, command


@command
def show(
    position: PositionFlags,
    tiers: TierFlags,
    output: OutputFlags,
    file: File = None,
    explain: Explain = False,  # noqa: FBT002 - a flag
) -> int:
    """Show margin, liquidation price and transfer limits of positions."""
    from marginctl.cli.answers import report_view
    from marginctl.cli.inputs import Tiers, read_readings
    from marginctl.cli.printing import Printer

    printer = Printer(output)
    readings = read_readings(file, position, Tiers(tiers))
    printer.report(report_view(readings), explain=explain)
    return 0
