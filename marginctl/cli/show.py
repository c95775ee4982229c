"""``marginctl show``: everything about one or many positions."""

from marginctl.cli.options import (
    Explain,
    File,
    OutputFlags,
    PositionFlags,
    StreamFlags,
    TierFlags,
    command,
)


@command
def show(
    position: PositionFlags,
    tiers: TierFlags,
    output: OutputFlags,
    stream: StreamFlags,
    file: File = None,
    *,
    explain: Explain = False,
) -> int:
    """Show margin, liquidation price and transfer limits of positions."""
    from marginctl.cli.answers import report_view
    from marginctl.cli.inputs import Tiers, read_readings
    from marginctl.cli.output import Out
    from marginctl.cli.printing import print_report
    from marginctl.cli.stream_input import is_stream
    from marginctl.load.files import Source

    out = Out(output)
    source = None if file is None else Source(file)
    if is_stream(source, out.form, stream):
        from marginctl.cli.stream import answer_stream

        return answer_stream(source, position, Tiers(tiers), output, stream)
    readings = read_readings(source, position, Tiers(tiers))
    print_report(report_view(readings, explain=explain), out)
    return 0
