"""``marginctl whatif``: what if the price, the margin, the leverage or the size changes."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Annotated, NamedTuple

from marginctl.cli.accounts import (
    changed_index,
    is_whole,
    not_one,
    notices_after,
    of_one_account,
    several_of_one_file,
    wallet_of,
)
from marginctl.cli.before_after import AnswerFields
from marginctl.cli.conditions import Conditions
from marginctl.cli.inputs import LoadedAccounts, Tiers
from marginctl.cli.messages import print_warnings, summarised
from marginctl.cli.new_position import read_or_open
from marginctl.cli.options import File, MaybeText, QuestionFlags, command, option, texts_of
from marginctl.cli.output import Out, print_records
from marginctl.cli.run import NO, OK
from marginctl.core.changes import AddMargin, Change, MoveMark, Open, Trade
from marginctl.core.costs import with_break_even
from marginctl.core.notices import Notice
from marginctl.core.whatif import WhatIf
from marginctl.load.account import LoadedAccount
from marginctl.load.arguments import read_flag
from marginctl.load.change_request import read_changes
from marginctl.render.chosen import WHATIF_FIELDS, Found, record_of
from marginctl.render.data import Answer, PositionView, TiersView
from marginctl.render.figures import cross_fields, fields_of
from marginctl.render.sheet import tiers_line
from marginctl.render.whatif import (
    whatif_data,
    whatif_lines,
    whatif_message,
    whatif_rows,
    whatif_title,
)

if TYPE_CHECKING:
    from marginctl.core.report import PositionReport
    from marginctl.render.layout import Output


_change = partial(option, panel="What if")


class AskedFlags(NamedTuple):
    """What changes. It happens in the order of these flags, money out at last."""

    move_all: Annotated[
        MaybeText, _change("--move-all", metavar="PERCENT", help="Move all marks, such as -10%.")
    ]
    set_mark: Annotated[
        MaybeText, _change("--set-mark", metavar="PRICE", help="Set the asset's mark.")
    ]
    move: Annotated[
        MaybeText, _change("--move", metavar="PERCENT", help="Move the asset's mark, such as -10%.")
    ]
    fund: Annotated[
        MaybeText,
        _change(
            "--fund", metavar="±AMOUNT", help="Add margin, or (negative) remove it at the end."
        ),
    ]
    set_leverage: Annotated[
        MaybeText, _change("--set-leverage", metavar="N", help="Choose another leverage.")
    ]
    trade: Annotated[
        MaybeText,
        _change("--trade", metavar="±SIZE", help="Buy, or (negative) sell; may flip the side."),
    ]
    at: Annotated[
        MaybeText, _change("--at", metavar="PRICE", help="Price of the trade (default: the mark).")
    ]
    fee_rate: Annotated[
        MaybeText,
        _change(
            "--fee-rate",
            metavar="R",
            help="Trading fee, such as 0.045%: of the trade, and for the break-even price.",
        ),
    ]
    funding_rate: Annotated[
        MaybeText,
        _change(
            "--funding-rate",
            metavar="R",
            help="Funding per hour, such as 0.01% (an eighth of an 8-hour rate), for --hours.",
        ),
    ]
    hours: Annotated[
        MaybeText, _change("--hours", metavar="N", help="Hours for which funding is paid.")
    ]


@command(
    "marginctl whatif -a ETH -q 10 -e 2500 -m 2400 -l 10 --move -3%",
    "marginctl whatif -a ETH -q 10 -e 2500 -l 10 --funding-rate 0.01% --hours 24",
    "marginctl whatif account.json --move-all -10%",
    "marginctl whatif account.json -a ETH --trade -5",
)
def whatif(asked: AskedFlags, flags: QuestionFlags, file: File = None) -> int:
    """Show what a price, margin, another leverage, a trade or funding does, and if it is allowed.

    Changes apply in this order: marks, margin added, leverage, trade, funding, margin removed. Each
    is judged on the result of the ones before it.
    """
    out = Out(flags.output)
    texts = texts_of(asked)
    accounts, order = read_or_open(file, flags.position, texts, Tiers(flags.tiers))
    answers = _answers(accounts, texts, order)
    failing = Conditions(flags.conditions, fields_of(answers[0].has))
    failing.need(*(answer.result.after.cross for answer in answers))
    _print(answers, out)
    failed = [
        failing.check(
            _judged(answer.result), answer.result.after.notices, answer.result.after.cross
        )
        for answer in answers
    ]
    return NO if any(answer.result.allowed is False for answer in answers) or any(failed) else OK


def _judged(result: WhatIf) -> list[PositionView]:
    """Return the positions as they would be, of which conditions are checked."""
    if result.index is None:
        return [PositionView(report) for report in result.after.positions]
    after = result.position_after
    return [] if after is None else [PositionView(after)]


def _answers(
    accounts: LoadedAccounts, texts: Mapping[str, str | None], order: Open | None = None
) -> list[Answer[WhatIf]]:
    """Apply the actions that flags ask for, and return the answer.

    Where all prices move, that is one for each of a file's accounts.

    ``order`` opens a position instead of the trade that the flags ask for.

    Raises:
        InputError: the flags are wrong, or it is not clear which position is meant.
    """
    several = several_of_one_file(accounts)
    if order is None and len(several) > 1 and all(map(is_whole, several)):
        actions = read_changes(texts, several[0][0].venue)
        if _move_everything(actions):
            return [
                _answer(loaded, tiers, None, actions, texts)._replace(
                    dexes=loaded.account.pool.dexes
                )
                for loaded, tiers in several
            ]
    (loaded, tiers), *more = of_one_account(accounts)
    actions = read_changes(texts, loaded.venue)
    if order is None:
        index = _index(loaded, actions, lines=1 + len(more))
    else:
        actions = [order if isinstance(action, Trade) else action for action in actions]
        index = None
    return [_answer(loaded, tiers, index, actions, texts)]


def _answer(
    loaded: LoadedAccount,
    tiers: TiersView,
    index: int | None,
    actions: Sequence[Change],
    texts: Mapping[str, str | None],
) -> Answer[WhatIf]:
    from marginctl.load.change_request import whatif

    result = whatif(loaded.account, loaded.venue, index, actions)
    fee_rate = read_flag("--fee-rate", texts.get("--fee-rate"))
    if fee_rate is not None:
        paid_by = None if result.closed else result.index
        result = result._replace(
            before=with_break_even(result.before, fee_rate),
            after=with_break_even(result.after, fee_rate, result.funding_paid, paid_by),
        )
    notices = [*notices_after(loaded, result.after), *_too_fine(loaded, index, actions)]
    return Answer(
        loaded.venue,
        tiers,
        result,
        whatif_message(result, loaded.venue),
        tuple(notices),
        wallet_of(loaded.venue, result.cash),
        fee_rate,
    )


def _index(loaded: LoadedAccount, actions: Sequence[Change], *, lines: int) -> int | None:
    """Return the place of the position that is meant, None for the account as a whole."""
    if lines == 1 and _move_everything(actions) and len(loaded.selected) > 1:
        return None
    movable = all(
        isinstance(action, AddMargin) or (isinstance(action, MoveMark) and action.everywhere)
        for action in actions
    )
    if not movable and (lines > 1 or len(loaded.selected) != 1):
        moved = any(isinstance(action, MoveMark) and not action.everywhere for action in actions)
        hint = "pick one with --asset" + ("; --move-all moves every mark" if moved else "")
        raise not_one("this is about one position", loaded, hint)
    return changed_index(loaded, lines=lines)


def _move_everything(actions: Sequence[Change]) -> bool:
    return all(isinstance(action, MoveMark) and action.everywhere for action in actions)


def _too_fine(loaded: LoadedAccount, index: int | None, actions: Sequence[Change]) -> list[Notice]:
    """Say where a trade's size has more decimals than the venue trades."""
    opened_asset = next((action.asset for action in actions if isinstance(action, Open)), None)
    if index is None and opened_asset is None:
        return []
    name = opened_asset or loaded.account.positions[index or 0].asset
    asset = loaded.venue.assets[name]
    decimals = asset.size_decimals
    return [
        Notice("size_too_fine", asset.name, f"the venue trades sizes to {decimals} decimals")
        for action in actions
        if isinstance(action, Trade | Open)
        and decimals is not None
        and (Fraction(action.size) * 10**decimals).denominator != 1
    ]


def _print(answers: Sequence[Answer[WhatIf]], out: Out) -> None:
    """Print the answer of ``whatif``; in formats of rows, what was found and what is then."""
    answer = answers[0]
    result = answer.result
    of_cross = cross_fields() if result.before.cross or result.after.cross else []
    asked = AnswerFields(out, WHATIF_FIELDS, fields_of(answer.has), of_cross)
    asked.print(
        data=lambda: whatif_data(answers, asked.bare),
        tables=lambda output: _print_tables(answers, out, output, asked),
        markdown=lambda: [(whatif_rows(answer), answer.message) for answer in answers],
        found=lambda: [
            _found(answer, *pair) for answer in answers for pair in _pairs(answer.result)
        ],
    )
    notices = list(dict.fromkeys(notice for answer in answers for notice in answer.notices))
    print_warnings(notices if result.index is not None else summarised(notices))


def _pairs(result: WhatIf) -> "list[tuple[PositionReport | None, PositionReport | None]]":
    """Return the position that is meant before and after, or each of the account."""
    if result.index is None:
        return [*result.pairs]
    return [(result.position_before, result.position_after)]


def _found(
    answer: Answer[WhatIf], before: "PositionReport | None", after: "PositionReport | None"
) -> Found:
    """Return what was found, and a position and its account before and after it."""
    result = answer.result
    values = {
        "allowed": result.allowed,
        "liquidated_after": result.liquidated_after,
        "funding_paid": result.funding_paid,
        "message": answer.message,
    }
    return Found(
        values, record_of(before, result.before.cross), record_of(after, result.after.cross)
    )


def _print_tables(
    answers: Sequence[Answer[WhatIf]], out: Out, output: "Output", asked: AnswerFields
) -> None:
    for answer in answers:
        result = answer.result
        output.lines(whatif_title(answer, output.width))
        if out.selects and result.index is None:
            records = [record_of(report, result.after.cross) for report in result.after.positions]
            print_records(records, asked.bare, out, answer.venue.name)
            output.lines([()])
        else:
            found = _found(answer, result.position_before, result.position_after)
            asked.figures(found, whatif_rows(answer), output)
        output.lines([*whatif_lines(answer, output.width), ()])
    output.lines([tiers_line(answers[0].tiers)])
