"""Files that are recognisably something else than what is read: one message that says what it is,
and what to do with it, instead of one for each of its keys.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from marginctl.checks.problem import Violation
from marginctl.load.problems import did_you_mean

_OF_VENUE = frozenset({"rules", "quote", "as_of", "source", "tables", "assets"})
_OF_ANSWERS = frozenset(
    {
        "universe",
        "marginTables",
        "brackets",
        "retCode",
        "order_book_details",
        "risk_limit_tiers",
        "maintenanceMarginRate",
    }
)
_BEGIN = "marginctl tiers init prints a file to begin with"
_CASES = Violation(
    (),
    "this is a case file, not a tier file",
    "marginctl tiers test runs it; its tier file is the one that it names under 'tiers'",
)
_ANSWER = Violation(
    (),
    "this looks like an exchange's answer, not a tier file",
    "marginctl tiers import turns it into a tier file",
)
TIER_FILE = Violation(
    (),
    "this is a tier file, not a case file",
    "marginctl tiers check checks it; a case file has the key 'cases'",
)


def instead_of_tiers(root: Any) -> Violation | None:
    """Return what a file without venues is, None where a key of it may be ``venues`` misspelt."""
    if _is_answer(root[0] if isinstance(root, list) and root else root):
        return _ANSWER
    if not isinstance(root, Mapping):
        return Violation((), "expected a mapping with the key 'venues'", _BEGIN)
    if "cases" in root:
        return _CASES
    if any(did_you_mean(key, ["venues"]) for key in root):
        return None
    return _without_its_level(root)


def _is_answer(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    if not _OF_ANSWERS.isdisjoint(value):
        return True
    # ccxt has a list of tiers for each symbol
    first = next(iter(value.values()), None)
    return isinstance(first, list) and bool(first) and _is_answer(first[0])


def _without_its_level(root: Mapping[str, Any]) -> Violation | None:
    """Return the hit for what stands at the top, and belongs some levels lower."""
    first = next((key for key in root if key != "default_venue"), None)
    if first is None:
        return None
    if not _OF_VENUE.isdisjoint(root):
        message = "a venue is at the top of the file, without its name"
        return Violation(
            (), message, "write venues: and, below it, the venue's name: with the rest indented"
        )
    if all(_is_venue(value) for key, value in root.items() if key != "default_venue"):
        message = "venues are at the top of the file"
        return Violation(
            (first,), message, "write venues: above them, and indent them", at_key=True
        )
    kind = "tables" if _is_table(root[first]) else "assets"
    message = f"{kind} are at the top of the file, outside any venue"
    hint = f"they belong to a venue, under its key '{kind}': {_BEGIN}"
    return Violation((first,), message, hint, at_key=True)


def _is_venue(value: Any) -> bool:
    return isinstance(value, Mapping) and not _OF_VENUE.isdisjoint(value)


def _is_table(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
