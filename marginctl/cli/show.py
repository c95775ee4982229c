"""``marginctl show``: everything about one or many positions."""

from decimal import Decimal
from typing import TYPE_CHECKING

from marginctl.cli.options import (
    Beta,
    ConditionFlags,
    Explain,
    FeeRate,
    File,
    NoPager,
    OutputFlags,
    PositionFlags,
    StreamFlags,
    TierFlags,
    command,
)

if TYPE_CHECKING:
    from marginctl.cli.output import Out


@command(
    "marginctl show -a ETH -q 10 -e 2500 -m 2400 -l 10",
    "marginctl show positions.json --fail-if 'liquidation_distance < 10%'",
    "marginctl fetch account 0x... | marginctl show -",
)
def show(
    position: PositionFlags,
    tiers: TierFlags,
    output: OutputFlags,
    stream: StreamFlags,
    conditions: ConditionFlags,
    file: File = None,
    *,
    explain: Explain = False,
    beta: Beta = None,
    fee_rate: FeeRate = None,
    no_pager: NoPager = False,
) -> int:
    """Show margin, liquidation price and transfer limits of positions."""
    from marginctl.cli.answers import report_view
    from marginctl.cli.conditions import Conditions
    from marginctl.cli.inputs import Tiers, is_stream, read_betas, read_readings, source_named
    from marginctl.cli.output import Out
    from marginctl.cli.printing import asked_of, print_report
    from marginctl.cli.run import NO, OK
    from marginctl.core.report import EVERYTHING
    from marginctl.render.figures import POSITION_FIELDS, fields_of

    out = Out(output)
    fee = None if fee_rate is None else _read_fee(fee_rate)
    if explain:
        _check_explainable(out)
    meant = Tiers(tiers)
    source = source_named(file, meant)
    if is_stream(source, out.form, stream):
        from marginctl.cli.stream import answer_stream

        return answer_stream(
            source, position, meant, output, stream, conditions, beta=beta, fee_rate=fee
        )
    loaded = read_readings(source, position, meant)
    betas = read_betas(beta, loaded)
    asked = EVERYTHING
    if out.selects and out.form in {"csv", "md", "ndjson", "raw"}:
        judged = Conditions(conditions, POSITION_FIELDS).names
        asked = asked_of(output.fields, judged, fee)
    view = report_view(loaded, explain=explain, betas=betas, fee_rate=fee, asked=asked)
    failing = Conditions(conditions, fields_of(view.has))
    failing.need(*view.crosses)
    print_report(view, out, pager=not no_pager)
    return NO if failing.check(view.positions, view.notices, *view.crosses) else OK


def _read_fee(text: str) -> Decimal | None:
    from marginctl.load.questions import read_flag

    return read_flag("--fee-rate", text)


def _check_explainable(out: "Out") -> None:
    """Refuse ``--explain`` where an answer has no room for sentences."""
    if out.form == "json" or (out.form == "table" and not out.selects):
        return
    from marginctl.load.problems import InputError, Place

    message = "--explain works only with the full table and with JSON"
    raise InputError.of(message, "drop it, or use -o json", Place(path="--explain"))
