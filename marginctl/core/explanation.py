"""How figures came about, step by step, and what a position must lose before it is liquidated."""

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from marginctl.core.account import Account
from marginctl.core.backing import Backing, backings
from marginctl.core.formulas import CROSS_FORMULAS, POSITION_FORMULAS
from marginctl.core.liquidation import LIQUIDATION, Threshold, chain, exhausted_at
from marginctl.core.numbers import ZERO, decimal_of, exactly, quotient
from marginctl.core.position import Position, Side
from marginctl.core.records import Record
from marginctl.core.report import AccountReport, CrossReport, PositionReport
from marginctl.core.rules import Rules, Venue
from marginctl.core.tiers import Tier, tier_at


class Guarantee(NamedTuple):
    """A figure with its formula in the names of figures, and the numbers put into it."""

    field: str
    formula: str
    values: dict[str, Decimal]
    result: Decimal


def guarantees(side: Side, leverage: Decimal, tier: Tier, rules: Rules) -> list[Guarantee]:
    """Return what a position must at least lose after a transfer, in the tier of its notional.

    A removal leaves the initial margin and the venue's transfer ratio of the notional behind:
    t = max(1 / leverage, transfer ratio). Liquidation comes at the maintenance rate m: t - m of
    the notional is lost before it, t - 2/3·m before the backstop. As a move of the price:
    (t - c) / (1 - side·c), with c = m or 2/3·m. Nothing is guaranteed where c is not below t, or
    where the venue has no such ratio.
    Derived from the transfer rule of the Hyperliquid documentation: at 5x of 20x this is 18.33%
    before the backstop, at 10x and above 8.33%.
    """
    if rules.transfer_ratio is None:
        return []
    left = max(1 / Fraction(leverage), Fraction(rules.transfer_ratio))
    values = {
        "leverage": leverage,
        "transfer_ratio": rules.transfer_ratio,
        "maintenance_margin_rate": decimal_of(tier.maintenance_margin_rate),
    }
    found = _until("liquidation", "", side, left, tier.maintenance_margin_rate, values)
    if rules.backstop_share is not None:
        top, bottom = rules.backstop_share
        kept = Fraction(top, bottom) * tier.maintenance_margin_rate
        found += _until("backstop", f"{top}/{bottom} · ", side, left, kept, values)
    return found


def _until(
    event: str, part: str, side: Side, ratio: Fraction, kept: Fraction, values: dict[str, Decimal]
) -> list[Guarantee]:
    """Return the loss, and the move of the price, that come before an event."""
    if kept >= ratio:
        return []
    loss = f"max(1 / leverage, transfer_ratio) - {part}maintenance_margin_rate"
    move = f"({loss}) / (1 - side · {part}maintenance_margin_rate)"
    return [
        Guarantee(f"loss_before_{event}", loss, values, decimal_of(ratio - kept)),
        Guarantee(
            f"move_before_{event}",
            move,
            {**values, "side": Decimal(side)},
            decimal_of((ratio - kept) / (1 - side * kept)),
        ),
    ]


class Step(Record):
    """One figure: its formula in the names of figures, their values, and the result.

    The liquidation price has a step for every tier's candidate: ``tier`` is the tier's index, and
    ``wins`` says whether it is the candidate that counts.
    """

    field: str
    formula: str
    values: dict[str, Decimal]
    result: Decimal | None
    tier: int | None = None
    wins: bool = False


@exactly
def explain_positions(
    account: Account,
    venue: Venue,
    answer: AccountReport,
    indices: Iterable[int],
    fee_rate: Decimal | None = None,
) -> list[list[Step]]:
    """Return the steps to the figures of positions, each in the order of its report.

    ``fee_rate`` is that of the break-even price, where there is one.
    """
    behind = backings(account, venue)
    return [_explain(venue, behind[index], answer.positions[index], fee_rate) for index in indices]


def _explain(
    venue: Venue, backing: Backing, report: PositionReport, fee_rate: Decimal | None
) -> list[Step]:
    position = backing.position
    rules, tier = venue.rules, report.tier
    known: dict[str, Decimal | None] = {
        "side": Decimal(report.side),
        "closing_fee_rate": rules.closing_fee_rate,
        "maintenance_margin_rate": tier.maintenance_margin_rate,
        "maintenance_deduction": tier.maintenance_deduction,
        "max_leverage": venue.assets[report.asset].max_leverage,
        "cost": position.cost,
        "posted": None
        if position.margin is None
        else quotient(position.margin, position.margin_unit),
        "added": position.added,
        "fee_rate": fee_rate,
    }
    steps = _Steps(report, known, POSITION_FORMULAS)
    steps.take("notional")
    steps.taken.append(_cost_step(position, report))
    steps.take("unrealized_pnl", "side · (notional - cost)")
    steps.take("return_on_equity", "unrealized_pnl · leverage / cost")
    if position.isolated:
        posted = "cost / leverage" if position.margin is None else "posted"
        steps.take("margin", f"{posted} + added" if position.added else posted)
        steps.take("equity")
        steps.take("effective_leverage")
        steps.take("margin_ratio")
    steps.take("initial_margin")
    steps.take("maintenance_margin")
    if rules.closing_fee_rate:
        steps.take("closing_fee", "notional · closing_fee_rate")
        steps.take("margin_rate")
    others, to_close = backing.others, rules.closing_fee_rate
    kept = others.maintenance
    if not position.isolated:
        kept += to_close * others.notional * others.unit
    steps.taken += _price_steps("liquidation_price", backing, kept, LIQUIDATION, to_close)
    steps.take("liquidation_distance")
    if rules.backstop_share is not None:
        share = rules.backstop_share
        steps.taken += _price_steps("backstop_price", backing, others.maintenance, share, ZERO)
    if report.break_even_price is not None:
        formula = "cost · (1 + side · fee_rate) / (size · (1 - side · fee_rate))"
        steps.take("break_even_price", formula)
    if position.isolated:
        steps.take("bankruptcy_price")
        if rules.removal_formula:
            steps.take("transfer_margin_required", rules.removal_formula)
        if report.binding_limit is not None:
            frozen = report.binding_limit == "strict_isolated"
            spare = "max(0, equity - transfer_margin_required)"
            steps.take("max_removable", "0" if frozen else spare)
        table = venue.assets[report.asset].table
        now = tier_at(table, position.notional)
        found = guarantees(report.side, position.leverage, now, rules)
        steps.taken += [Step(*guarantee) for guarantee in found]
    return steps.taken


@exactly
def explain_cross(account: Account, venue: Venue, answer: AccountReport) -> list[Step]:
    """Return the steps to the figures of the cross account; none without one."""
    cross = answer.cross
    if cross is None or account.cash is None:
        return []
    if cross.pool.shared:
        return _explain_pool(cross, answer)
    pnl = cross.account_value - account.cash
    steps = _Steps(
        cross,
        {
            "cash": account.cash,
            "sum_of_unrealized_pnl": pnl,
            "unrealized_pnl": pnl,
            "closing_fee_rate": venue.rules.closing_fee_rate,
        },
        CROSS_FORMULAS,
    )
    steps.take("account_value", "cash + sum_of_unrealized_pnl")
    steps.take("margin_ratio")
    held = " - order_margin" if cross.order_margin else ""
    steps.take("available", f"account_value - initial_margin{held}")
    if venue.rules.closing_fee_rate:
        steps.take("closing_fee", "notional · closing_fee_rate")
    if cross.binding_limit is not None:
        held = " + order_margin" if cross.order_margin else ""
        steps.take("transfer_margin_required", f"{venue.rules.removal_formula}{held}")
    steps.take("max_removable")
    return steps.taken


def _explain_pool(cross: CrossReport, answer: AccountReport) -> list[Step]:
    """Return the steps to the figures of a pool: from the token's balance on."""
    pool = cross.pool
    isolated = sum((one.equity for one in answer.positions if one.equity is not None), ZERO)
    residue = ZERO if pool.borrows else pool.residue
    equity = cross.account_value + residue - pool.other_collateral
    known: dict[str, Decimal | None] = {
        "balance": equity + isolated,
        "isolated_equity": isolated,
        "beyond_six_decimals": pool.residue,
        "other_collateral": pool.other_collateral,
        "borrowed": max(
            ZERO, cross.maintenance_margin - cross.account_value + pool.other_collateral
        ),
        "held_back": cross.held_back,
        "unremovable": pool.unremovable,
        "exempt_notional": cross.exempt.notional,
        "exempt_initial_margin": cross.exempt.initial_margin,
    }
    steps = _Steps(cross, known, CROSS_FORMULAS)
    rest = "+ other_collateral" if pool.borrows else "- beyond_six_decimals"
    steps.take("account_value", f"balance - isolated_equity {rest}")
    steps.take("margin_ratio", "maintenance_margin / (account_value + beyond_six_decimals)")
    steps.take("portfolio_margin_ratio")
    kept = "initial_margin, 0.1 · (notional - exempt_notional) + exempt_initial_margin"
    borrowing = " + unremovable" if pool.borrows else ""
    steps.take("transfer_margin_required", f"max({kept}) + held_back{borrowing}")
    value = "account_value + beyond_six_decimals"
    spent = "transfer_margin_required - unremovable" if pool.borrows else None
    steps.take(
        "available",
        f"{value} - ({spent})" if spent else f"{value} - initial_margin - held_back",
    )
    steps.take("max_removable", f"max(0, {value} - transfer_margin_required)")
    return steps.taken


class _Steps:
    """Takes steps whose numbers are looked up in a report, and in what is known besides."""

    def __init__(
        self, report: Any, known: dict[str, Decimal | None], formulas: dict[str, str]
    ) -> None:
        self._report = report
        self._known = known
        self._formulas = formulas
        self.taken: list[Step] = []

    def take(self, field: str, formula: str | None = None) -> None:
        """Take the step to a field by its own formula, unless a number for it is missing.

        ``formula`` is there where another one says more, as of numbers that somebody gave.
        """
        if formula is None:
            formula = self._formulas[field].replace("tier.", "")
        values = {
            name: self._known[name] if name in self._known else getattr(self._report, name)
            for name in dict.fromkeys(re.findall(r"[a-z_]{4,}", formula))
        }
        result = getattr(self._report, field)
        present = {name: value for name, value in values.items() if value is not None}
        if result is not None and len(present) == len(values):
            self.taken.append(Step(field, formula, present, result))


def _cost_step(position: Position, report: PositionReport) -> Step:
    if position.cost == position.size * position.entry_price:
        values = {"size": report.size, "entry_price": report.entry_price}
        return Step("cost", "size · entry_price", values, position.cost)
    # an exchange's record: its PnL has more digits than its entry price
    values = {
        "notional": report.notional,
        "side": Decimal(report.side),
        "recorded_pnl": report.unrealized_pnl,
    }
    return Step("cost", "notional - side · recorded_pnl", values, position.cost)


def _price_steps(
    field: str, backing: Backing, others: Decimal, share: tuple[int, int], fee_rate: Decimal
) -> list[Step]:
    """Return every tier's candidate of a price, and which one wins.

    ``others`` is what the account's other positions must keep, in parts.
    """
    position, figures = backing.position, backing.margin_figures
    size, exhausted = position.size, exhausted_at(position.side, figures, backing.equity)
    met = chain(figures.terms, position.side, Threshold(share, fee_rate))
    _, _, winner = met.meeting_point(size, exhausted, others)
    part = "" if share == LIQUIDATION else f"{share[0]}/{share[1]} · "
    formula = (
        f"(side · notional - equity + {part}(others - deduction))"
        f" / (size · (side - {part}rate{' - closing_fee_rate' if fee_rate else ''}))"
    )
    return [
        Step(
            field,
            formula,
            {
                "side": Decimal(position.side),
                "notional": position.notional,
                "equity": quotient(backing.equity, figures.terms.unit),
                "others": quotient(others, figures.terms.unit),
                "deduction": decimal_of(scaled_tier.tier.maintenance_deduction),
                "size": size,
                "rate": decimal_of(scaled_tier.tier.maintenance_margin_rate),
                "closing_fee_rate": fee_rate,
            },
            quotient(numerator, denominator),
            scaled_tier.tier.index,
            scaled_tier is winner,
        )
        for numerator, denominator, scaled_tier in met.candidates(size, exhausted, others)
    ]
