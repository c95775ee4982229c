"""How each figure came to be, as text: formula, the numbers put into it, the result."""

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from marginctl.core.position import Side
from marginctl.render.data import ReportView
from marginctl.render.layout import INDENT, LABEL, NOTE, SAFE, TITLE, TextLine, styled_lines
from marginctl.render.numbers import decimals_for, exact_text, grouped
from marginctl.render.sheet import account_title

if TYPE_CHECKING:
    from marginctl.core.explanation import Step

_EXACT_UP_TO = 20
"""Digits up to which a number is shown whole; a longer one is cut and ends with an ellipsis."""


def explanation_lines(view: ReportView, width: int | None) -> list[TextLine]:
    """Return the explanations that the view holds: none unless they were asked for."""
    lines: list[TextLine] = []
    for shown in view.positions:
        if shown.steps:
            lines += [(), ((f"How the figures of {shown.report.asset} came to be", TITLE),), ()]
            lines += _step_lines(shown.steps, shown.report.side, width)
    for account in view.accounts if len(view.accounts) > 1 else ():
        if account.steps:
            title = (
                f"How the figures of the {account_title(account.cross, several=True)} came to be"
            )
            lines += [(), ((title, TITLE),), ()]
            lines += _step_lines(account.steps, Side.LONG, width)
    if view.cross_steps and len(view.accounts) <= 1:
        lines += [(), (("How the figures of the cross account came to be", TITLE),), ()]
        lines += _step_lines(view.cross_steps, Side.LONG, width)
    return lines


def _step_lines(steps: Sequence["Step"], side: Side, width: int | None) -> list[TextLine]:
    lines: list[TextLine] = []
    for field, group in groupby(steps, key=lambda step: step.field):
        same = list(group)
        if same[0].tier is None:
            lines += _one(field, same[0], width)
        else:
            lines += _candidates(field, same, side, width)
    return lines


def _one(field: str, step: "Step", width: int | None) -> list[TextLine]:
    return [
        *styled_lines(f"{field} = {step.formula}", LABEL, width, INDENT),
        *styled_lines(f"= {_filled(step)}", NOTE, width, INDENT * 2),
        *styled_lines(f"= {shown_number(step.result)}", "", width, INDENT * 2),
    ]


def _candidates(
    field: str, steps: Sequence["Step"], side: Side, width: int | None
) -> list[TextLine]:
    extreme = "highest" if side is Side.LONG else "lowest"
    lines = [
        *styled_lines(f"{field} = the {extreme} of what the tiers give:", LABEL, width, INDENT),
        *styled_lines(steps[0].formula, LABEL, width, INDENT * 2),
    ]
    for step in steps:
        lead = f"tier {step.tier}:"
        lines += styled_lines(f"{lead} {_filled(step)}", NOTE, width, INDENT * 2)
        verdict = "  <- this one counts" if step.wins else ""
        style = SAFE if step.wins else ""
        lines += styled_lines(f"= {shown_number(step.result)}{verdict}", style, width, INDENT * 3)
    return lines


def _filled(step: "Step") -> str:
    """The formula with numbers instead of names."""
    return re.sub(
        r"[a-z_]{4,}", lambda match: shown_number(step.values[match.group()]), step.formula
    )


def shown_number(value: Decimal | None) -> str:
    """Return a number whole up to 20 digits, a longer one cut with an ellipsis."""
    if value is None:
        return "none"
    if len(value.as_tuple().digits) <= _EXACT_UP_TO:
        return exact_text(value)
    return f"{grouped(value, decimals_for(value, 12))}…"
