"""What venues allow in tables beyond what the arithmetic needs."""

import pytest

from marginctl.venues.hyperliquid import Hyperliquid
from marginctl.venues.trado import Trado


@pytest.mark.parametrize("asset", ["xyz:NVDA", "a1:X", "flx:kTSLA"])
def test_builder_markets_have_three_tiers_and_whole_bounds(asset: str) -> None:
    assert Hyperliquid().max_tiers(asset) == 3
    assert Hyperliquid().whole_bounds(asset)


@pytest.mark.parametrize("asset", ["BTC", "kPEPE", "BTC/USDT:USDT", "XYZ:NVDA", "a:b:c", ":X", ""])
def test_nothing_limits_the_tables_of_other_markets(asset: str) -> None:
    assert Hyperliquid().max_tiers(asset) is None
    assert not Hyperliquid().whole_bounds(asset)


def test_trado_publishes_no_limits_of_tables() -> None:
    assert Trado().max_tiers("xyz:NVDA") is None
    assert not Trado().whole_bounds("xyz:NVDA")


def test_the_highest_leverages_are_those_that_the_venues_publish() -> None:
    assert (Hyperliquid().max_leverage, Trado().max_leverage) == (50, 100)
    assert (Hyperliquid().own_rates, Trado().own_rates) == (False, True)
