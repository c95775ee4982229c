"""What holding a position costs: fees and funding, and the price at which they are earned back."""

from decimal import Decimal
from fractions import Fraction

from marginctl.core.account import Account, as_cash
from marginctl.core.figures import margin_of, with_margin
from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO, exactly, quotient
from marginctl.core.position import Position, Side
from marginctl.core.report import AccountReport, PositionReport


@exactly
def break_even_price(
    report: PositionReport, fee_rate: Decimal, funding: Decimal = ZERO
) -> Decimal | None:
    """Return the price at which closing the position brings neither profit nor loss.

    long:  (cost · (1 + fee rate) + funding) / (size · (1 - fee rate))
    short: (cost · (1 - fee rate) - funding) / (size · (1 + fee rate))

    ``fee_rate`` is a fraction of size · price, paid when the position is opened and when it is
    closed; ``funding``, in the quote currency, is what has been paid, below zero received. To 50
    digits, rounded once. None where no price above zero does it.
    Derived from: side · (size · price - cost) = fee rate · (cost + size · price) + funding.
    """
    side = report.side
    cost = report.notional - side * report.unrealized_pnl
    earned_back = cost * (1 + side * fee_rate) + side * funding
    if earned_back <= 0:
        return None
    return quotient(earned_back, report.size * (1 - side * fee_rate))


def with_break_even(
    answer: AccountReport,
    fee_rate: Decimal,
    funding: Decimal = ZERO,
    paid_by: int | None = None,
) -> AccountReport:
    """Return the figures with the break-even price of every position, and why one is missing.

    ``funding`` was paid by the position at the place ``paid_by``.
    """
    reports, notices = [], list(answer.notices)
    for place, report in enumerate(answer.positions):
        price = break_even_price(report, fee_rate, funding if place == paid_by else ZERO)
        reports.append(report._replace(break_even_price=price))
        if price is None:
            which = "every" if report.side is Side.LONG else "no"
            message = f"{which} price above zero earns back the funding"
            notices.append(Notice("no_break_even_price", report.asset, message, place=place))
    return answer._replace(positions=tuple(reports), notices=tuple(notices))


@exactly
def funding_payment(position: Position, rate: Decimal, hours: Decimal) -> Decimal:
    """Return side · size · mark · rate · hours in the quote currency, at a standing mark.

    ``rate`` is the fraction of the notional per hour. Above zero the position pays, below it
    receives. Exact, nothing rounds.
    Source: Hyperliquid documentation (funding): a rate above zero is paid by longs to shorts.
    """
    return position.side * position.notional * rate * hours


@exactly
def pay_funding(account: Account, index: int, payment: Fraction) -> Account:
    """Return the account after a position has paid funding, or received where it is below zero.

    It comes out of the margin of an isolated position, and out of the account's cash for a cross
    one.
    """
    position, cash = account.positions[index], account.cash
    if not position.isolated:
        return account._replace(cash=None if cash is None else cash - as_cash(payment))
    positions = list(account.positions)
    positions[index] = with_margin(position, margin_of(position) - payment)
    return account._replace(positions=tuple(positions))
