"""The registry of rules, and when two of them are the same."""

from decimal import Decimal

import pytest

from marginctl.core.rules import Venue
from marginctl.venues import VENUE_RULES
from marginctl.venues.hyperliquid import Hyperliquid
from marginctl.venues.tiered import Tiered
from marginctl.venues.trado import Trado

FEE = Decimal("0.0005")


def test_each_name_leads_to_the_rules_of_that_name() -> None:
    assert len(VENUE_RULES) == len(list(VENUE_RULES)) == 6
    assert [make().name for make in VENUE_RULES.values()] == list(VENUE_RULES)
    assert VENUE_RULES["hyperliquid"] is Hyperliquid


@pytest.mark.parametrize("name", ["Hyperliquid", "unknown", "rules", ""])
def test_other_names_lead_nowhere(name: str) -> None:
    assert name not in VENUE_RULES
    with pytest.raises(KeyError):
        VENUE_RULES[name]


def test_rules_are_the_same_where_the_venue_and_the_fee_are() -> None:
    assert Tiered(FEE) == Tiered(FEE)
    assert Tiered(FEE) != Tiered()
    assert Tiered() != Trado()
    assert len({Tiered(FEE), Tiered(FEE), Tiered(), Trado()}) == 3


def test_a_stated_fee_takes_the_place_of_the_venues_own() -> None:
    assert Trado(FEE).closing_fee_rate == FEE
    assert Trado().closing_fee_rate == Decimal("0.0006")


def test_venues_are_compared_by_identity_so_that_they_are_cheap_keys() -> None:
    one, other = (Venue("somewhere", Tiered(), "USDC", {}) for _ in range(2))
    assert one != other
    assert not one == other  # noqa: SIM201 - the other operator
    assert len({one, other, one}) == 2
