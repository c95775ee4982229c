"""The rules of a check, as a list and one by one."""

from collections.abc import Iterable

from marginctl.checks.rule import Rule
from marginctl.render.layout import CAUTION, DANGER, GAP, NOTE, TITLE, Line, wrapped

_STYLES = {"error": DANGER, "warning": CAUTION}


def rule_list(rules: Iterable[Rule], width: int | None) -> list[Line]:
    """Return a line for each rule: its id, severity and what is wrong when it is broken."""
    listed = list(rules)
    ids = max(len(rule.id) for rule in listed)
    room = None if width is None else width - ids - 11
    lines: list[Line] = []
    for rule in listed:
        first, *rest = wrapped(rule.summary, room)
        severity = rule.severity.value
        lines.append(
            (
                (f"{rule.id:{ids}}  ", TITLE),
                (f"{severity:7}  ", _STYLES[severity]),
                (first, ""),
            )
        )
        lines += [((" " * (ids + 11) + text, ""),) for text in rest]
    return lines


def rule_help(rule: Rule) -> list[Line]:
    """Return the whole documentation of a rule."""
    severity = rule.severity.value
    lines: list[Line] = [((rule.id, TITLE), (f"{GAP}{severity}", _STYLES[severity])), ()]
    told = rule.documentation.replace("::\n", ":\n").replace("``", "").splitlines()
    lines += [((text, NOTE if text.startswith(GAP) else ""),) if text else () for text in told]
    if rule.fatal:
        refused = "A file that breaks this rule is not loaded by the other commands either."
        lines += [(), ((refused, ""),)]
    return lines
