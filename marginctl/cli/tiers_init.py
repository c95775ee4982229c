"""``marginctl tiers init``: a tier file to begin with."""

import sys
from typing import Annotated

from marginctl.cli import completion
from marginctl.cli.options import NEVER_NO, Debug, command, option

RulesName = Annotated[
    str | None,
    option(
        "--rules",
        metavar="NAME",
        help="Whose margin rules apply (default: tiered, of which only the tiers are known).",
        offer=completion.rules,
    ),
]
VenueName = Annotated[
    str | None,
    option(
        "--venue",
        metavar="NAME",
        help="Name of the venue (default: the name of the rules, or my-exchange).",
    ),
]


@command("marginctl tiers init --rules binance --venue binance", exit_codes=NEVER_NO)
def init(
    *,
    rules: RulesName = None,
    venue: VenueName = None,
    debug: Debug = False,  # noqa: ARG001 - looked for where errors are reported
) -> int:
    """Print a tier file to begin with, with two assets as examples."""
    from marginctl.cli.surroundings import Stdout, today
    from marginctl.load.problems import InputError, Place, known_hint
    from marginctl.render.tier_file import start_text
    from marginctl.venues import VENUE_RULES

    name = rules or "tiered"
    if name not in VENUE_RULES:
        hint = known_hint(name, VENUE_RULES)
        raise InputError.of(f"there are no rules {name!r}", hint, Place(path="--rules"))
    called = venue or ("my-exchange" if name == "tiered" else name)
    if not called.isprintable() or not called.strip():
        message = "a venue's name is a line of text"
        raise InputError.of(message, "such as my-exchange", Place(path="--venue"))
    Stdout(sys.stdout).write(start_text(VENUE_RULES[name](), called, today()))
    return 0
