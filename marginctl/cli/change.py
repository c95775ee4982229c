"""``marginctl add`` and ``marginctl remove``: what if margin moves."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from marginctl.cli import completion
from marginctl.cli.before_after import AnswerFields
from marginctl.cli.change_answer import change_answer
from marginctl.cli.conditions import Conditions
from marginctl.cli.inputs import Tiers, is_stream, load_accounts, source_named
from marginctl.cli.messages import print_warnings
from marginctl.cli.options import File, QuestionFlags, StreamFlags, argument, command, option
from marginctl.cli.output import Out
from marginctl.cli.run import NO, OK
from marginctl.core.changes import Action, MarginChange
from marginctl.core.numbers import exactly
from marginctl.load.arguments import read_flag
from marginctl.load.numbers import read_decimal
from marginctl.load.problems import InputError, Place
from marginctl.render.change import (
    change_data,
    change_lines,
    change_rows,
    change_title,
)
from marginctl.render.chosen import CHANGE_FIELDS, Found, record_of
from marginctl.render.data import Answer, PositionView
from marginctl.render.figures import cross_fields, fields_of
from marginctl.render.sheet import tiers_line

if TYPE_CHECKING:
    from marginctl.render.layout import Output

Amount = Annotated[str, argument("AMOUNT", "Amount in the quote currency.")]
AmountOrMax = Annotated[
    str, argument("AMOUNT", "Amount, or max for the most that is allowed.", completion.words("max"))
]
Cushion = Annotated[
    str | None,
    option(
        "--cushion",
        metavar="PERCENT",
        panel="Remove",
        help="Only what is still allowed if the mark first moves this far against the position.",
    ),
]


@command("marginctl add 1000 -a ETH -q 10 -e 2500 -m 2400 -l 10")
def add(amount: Amount, flags: QuestionFlags, stream: StreamFlags, file: File = None) -> int:
    """Show what adding margin does: before, after, and whether the venue takes it."""
    return _change(Action.ADD, amount, file, flags, stream)


@command(
    "marginctl remove max -a ETH -q 10 -e 2500 -m 2600 -l 10",
    "marginctl remove max -a ETH -q 10 -e 2500 -m 2600 -l 10 --cushion 1%",
    "marginctl remove 500 account.json -a ETH",
)
def remove(
    amount: AmountOrMax,
    flags: QuestionFlags,
    stream: StreamFlags,
    file: File = None,
    *,
    cushion: Cushion = None,
) -> int:
    """Show what removing margin does: before, after, and whether the venue allows it."""
    return _change(Action.REMOVE, amount, file, flags, stream, cushion)


def _change(
    action: Action,
    amount: str,
    file: str | None,
    flags: QuestionFlags,
    stream: StreamFlags,
    cushion: str | None = None,
) -> int:
    out = Out(flags.output)
    wanted = _read_amount(amount, most_allowed=action is Action.REMOVE)
    move = read_flag("--cushion", cushion)
    tiers = Tiers(flags.tiers)
    source = source_named(file, tiers)
    if is_stream(source, out.form, stream):
        from marginctl.cli.line_answers import MarginMove
        from marginctl.cli.stream import answer_stream

        margin_move = MarginMove(action, wanted, move)
        return answer_stream(source, flags, tiers, stream, margin_move)
    accounts = load_accounts(source, flags.position, tiers)
    answer = exactly(change_answer)(accounts, action, wanted, move)
    cross, after = answer.result.after.cross, answer.result.position_after
    failing = Conditions(flags.conditions, fields_of(answer.has))
    failing.need(cross)
    _print(answer, out)
    shown = () if after is None else (PositionView(after),)
    failed = failing.check(shown, answer.result.after.notices, cross)
    return NO if answer.result.allowed is False or failed else OK


def _read_amount(text: str, *, most_allowed: bool) -> Decimal | None:
    """Return an amount above zero; None for ``max``.

    Raises:
        InputError: it is no amount.
    """
    place = Place(path="AMOUNT")
    if text.lower() == "max":
        if most_allowed:
            return None
        raise InputError.of("max has no meaning for add", "give the amount to add", place)
    try:
        amount = read_decimal(text)
    except ValueError as error:
        hint = "give a number, or max for the most that is allowed" if most_allowed else None
        raise InputError.of(str(error), hint, place) from None
    if amount <= 0:
        other = "marginctl add puts margin in, marginctl remove takes it out"
        raise InputError.of(f"an amount must be above zero, not {amount:f}", other, place)
    return amount


def _print(answer: Answer[MarginChange], out: Out) -> None:
    """Print the answer of ``add`` or ``remove``: in formats of rows, what was found and what is
    then.
    """
    change = answer.result
    of_cross = cross_fields() if change.after.cross else []
    own = of_cross if change.position_after is None else fields_of(answer.has)
    asked = AnswerFields(out, CHANGE_FIELDS, own, of_cross)
    found = Found(
        {
            "amount": change.amount,
            "allowed": change.allowed,
            "limit": change.limit.amount,
            "message": answer.message,
        },
        record_of(change.position_before, change.before.cross),
        record_of(change.position_after, change.after.cross),
    )
    whole = change.position_after is not None or out.selects

    def tables(output: "Output") -> None:
        output.lines([*change_title(answer, output.width), ()])
        asked.figures(found, change_rows(change), output)
        output.lines([*change_lines(answer, output.width), (), tiers_line(answer.tiers)])

    asked.print(
        data=lambda: change_data(answer, asked.bare if whole else ()),
        tables=tables,
        markdown=lambda: [(change_rows(change), answer.message)],
        found=lambda: [found],
    )
    print_warnings(answer.notices)
