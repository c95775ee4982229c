"""What the pages of rules say of venues is what the venues' rules say."""

import pytest

from marginctl.checks.brackets import leverage_not_falling, leverage_too_high
from marginctl.venues import VENUE_RULES

MADE = {name: make() for name, make in VENUE_RULES.items()}


@pytest.mark.parametrize(
    ("page", "venues"),
    [
        (
            leverage_not_falling.__doc__,
            {name for name, rules in MADE.items() if not rules.equal_leverages},
        ),
        (leverage_too_high.__doc__, {name for name, rules in MADE.items() if rules.max_leverage}),
    ],
    ids=["leverage-not-falling", "leverage-too-high"],
)
def test_a_page_names_the_venues_whose_rules_differ(page: str, venues: set[str]) -> None:
    said = page.partition("Passes::")[0]
    assert {name for name in MADE if name in said} == venues
