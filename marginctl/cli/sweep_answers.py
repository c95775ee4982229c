"""From what is asked of a sweep to its answer."""

from collections.abc import Sequence
from decimal import Decimal

from marginctl.cli.answers import not_one, of_one_account, selected_notices
from marginctl.cli.betas import beta_notices
from marginctl.cli.sweep_inputs import Question
from marginctl.core.account import Account
from marginctl.core.account_sweep import AccountSweep, ExcerptError, sweep_account
from marginctl.core.evaluate import evaluate
from marginctl.core.stress import ONE_TO_ONE
from marginctl.core.sweep import Over, Sweep, UnreachableError, sweep_position
from marginctl.load.problems import InputError, Place
from marginctl.load.reading import Reading
from marginctl.render.numbers import plain
from marginctl.render.sweep_view import SweepView


def sweep_view(question: Question) -> SweepView:
    """Sweep the one position that is meant, or the whole account.

    Raises:
        InputError: it is not clear what is meant, or the range leaves what is known.
    """
    (reading, tiers), *more = of_one_account(question.readings)
    over, span, betas = question.over, question.span, question.betas
    index = _index(question, reading, lines=1 + len(more))
    sweep: Sweep | AccountSweep
    try:
        if index is None:
            sweep = sweep_account(
                reading.account, reading.venue, span, ONE_TO_ONE if betas is None else betas
            )
        else:
            sweep = sweep_position(reading.account, reading.venue, index, over, span)
    except UnreachableError as error:
        raise _unreachable(error, over) from None
    except ExcerptError:
        raise InputError.of(
            "the account holds more than the positions listed, so a common move of all of it is "
            "unknown",
            "pick one position with --asset",
        ) from None
    answer = evaluate(reading.account, reading.venue, betas or ONE_TO_ONE)
    notices = selected_notices(reading, answer)
    if betas is not None:
        notices += beta_notices(betas, reading.account)
    return SweepView(reading.venue, tiers, sweep, answer.positions, index, tuple(notices), betas)


def _index(question: Question, reading: Reading, *, lines: int) -> int | None:
    """The place of the position that is swept; None is the whole account."""
    if lines > 1:
        message = "each line is an account of its own, and one account is swept at a time"
        raise InputError.of(message, "give a file with one of them")
    everything = len(reading.selected) == len(reading.account.positions)
    if question.betas is not None and (question.over is not Over.MOVE or not everything):
        message = "--beta says how far each price goes in a common move of all"
        hint = "use it with --over move=-50%..50%, and without --asset"
        raise InputError.of(message, hint, Place(path="--beta"))
    if len(reading.selected) == 1 and question.betas is None:
        return reading.selected[0]
    if question.over is Over.MOVE and everything and reading.selected:
        return None
    if not reading.account.positions:
        raise not_one("a sweep is over the prices or the margin of positions", reading)
    raise InputError.of(
        f"a sweep over {question.over} is for one position, and several are meant",
        _choices(reading.account, reading.selected, question.over),
        Place(path="--over"),
    )


def _choices(account: Account, selected: Sequence[int], over: Over) -> str:
    names = list(dict.fromkeys(account.positions[index].asset for index in selected))
    if len(names) == 1:
        return "give a file with one of them"
    other = "" if over is Over.MOVE else ", or move all prices with --over move=-50%..50%"
    return f"pick one with --asset ({', '.join(names)}){other}"


def _unreachable(error: UnreachableError, over: Over) -> InputError:
    end = plain(error.most) if over is not Over.MOVE else f"{plain(_percent(error.most))}%"
    if error.of_price:
        message = f"at {end} the price of {error.asset} would be zero"
        return InputError.of(message, "end the range before it", Place(path="--over"))
    return InputError.of(
        f"at {end} the tiers of {error.asset} end, and nothing is known beyond",
        "end the range there",
        Place(path="--over"),
    )


def _percent(move: Decimal) -> Decimal:
    return round(move.scaleb(2), 4)
