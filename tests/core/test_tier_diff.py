"""What differs between two tables, and what that makes of positions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marginctl.core.account import Account
from marginctl.core.position import Asset, AssetMode, Position
from marginctl.core.rules import Venue
from marginctl.core.tier_diff import (
    DifferenceKind,
    compare_tables,
    compare_venues,
    effect_of,
    maintenance_change,
)
from marginctl.core.tiers import TierTable, maintenance_margin, tier_at
from tests import building

D = Decimal


def table(*tiers: tuple[int, int], end: Decimal | int | None = None) -> TierTable:
    return building.table(tiers, end)


def venue(**assets: TierTable) -> Venue:
    return building.venue(assets)


def words(old: TierTable, new: TierTable) -> list[tuple[str, str, str, str]]:
    """Return above, below, and the old and new leverage of every stretch."""
    return [
        (
            str(stretch.above),
            str(stretch.below),
            "none" if stretch.old is None else str(stretch.old.max_leverage),
            "none" if stretch.new is None else str(stretch.new.max_leverage),
        )
        for stretch in compare_tables(old, new)
    ]


OLD = table((0, 40), (150, 20))


@pytest.mark.parametrize(
    ("new", "stretches"),
    [
        (table((0, 40), (150, 20)), []),
        (table((0, 40), (100, 40), (150, 20)), []),
        (table((0, 40)), [("150", "None", "20", "40")]),
        (table((0, 40), (150, 10)), [("150", "None", "20", "10")]),
        (table((0, 50), (150, 20)), [("0", "150", "40", "50"), ("150", "None", "20", "20")]),
        # above the bound that moved, the rate is the same again and the amount is not
        (table((0, 40), (100, 20)), [("100", "150", "40", "20"), ("150", "None", "20", "20")]),
        (table((0, 40), (150, 20), end=900), [("900", "None", "20", "none")]),
        (table((0, 30)), [("0", "150", "40", "30"), ("150", "None", "20", "30")]),
    ],
)
def test_the_stretches_in_which_tiers_differ(
    new: TierTable, stretches: list[tuple[str, str, str, str]]
) -> None:
    assert words(OLD, new) == stretches
    back = [(above, below, new, old) for above, below, old, new in stretches]
    assert words(new, OLD) == back


def test_a_bound_that_moved_changes_the_amount_above_by_a_constant() -> None:
    moved = table((0, 40), (100, 20))
    last = compare_tables(OLD, moved)[-1]
    # at 20x 1/40 is kept, at 40x 1/80: 50 of notional lie in the other tier now
    assert maintenance_change(last) == 50 * (Fraction(1, 40) - Fraction(1, 80))


@st.composite
def tables(draw: st.DrawFn) -> TierTable:
    bounds = draw(st.lists(st.integers(1, 40), max_size=4, unique=True).map(sorted))
    leverages = draw(
        st.lists(
            st.integers(1, 12), min_size=len(bounds) + 1, max_size=len(bounds) + 1, unique=True
        ).map(lambda found: sorted(found, reverse=True))
    )
    end = draw(st.none() | st.integers(41, 50))
    return table(*zip([0, *bounds], leverages, strict=True), end=end)


@given(tables(), tables(), st.integers(0, 120).map(lambda halves: D(halves) / 2))
def test_a_notional_is_in_a_stretch_exactly_when_its_terms_differ(
    old: TierTable, new: TierTable, notional: Decimal
) -> None:
    def terms(one: TierTable) -> object:
        if one.upper_bound is not None and notional >= one.upper_bound:
            return None
        tier = tier_at(one, notional)
        return tier.max_leverage, maintenance_margin(one, notional), tier.maintenance_margin_rate

    found = [
        stretch
        for stretch in compare_tables(old, new)
        if stretch.above <= notional and (stretch.below is None or notional < stretch.below)
    ]
    assert len(found) == (terms(old) != terms(new))
    for stretch in found:
        more = maintenance_change(stretch)
        if more is not None:
            assert maintenance_margin(new, notional) - maintenance_margin(old, notional) == more


def test_assets_are_added_removed_delisted_relisted_and_changed() -> None:
    one = table((0, 5))
    old = venue(GONE=one, OUT=one, BACK=one, MODE=one, SAME=one, SIZE=one, RATE=one)
    new = venue(NEW=one, OUT=one, BACK=one, MODE=one, SAME=table((0, 5)), SIZE=one, RATE=OLD)
    assets = dict(old.assets)
    assets["BACK"] = assets["BACK"]._replace(delisted=True)
    assets["SIZE"] = assets["SIZE"]._replace(size_decimals=None)
    old = old._replace(assets=assets)
    assets = dict(new.assets)
    assets["OUT"] = assets["OUT"]._replace(delisted=True)
    assets["MODE"] = assets["MODE"]._replace(mode=AssetMode.STRICT)
    assets["SIZE"] = assets["SIZE"]._replace(size_decimals=3)  # not said before: no change
    new = new._replace(assets=assets)
    found = [(change.kind, change.asset) for change in compare_venues(old, new)]
    assert found == [
        (DifferenceKind.REMOVED, "GONE"),
        (DifferenceKind.DELISTED, "OUT"),
        (DifferenceKind.RELISTED, "BACK"),
        (DifferenceKind.CHANGED, "MODE"),
        (DifferenceKind.CHANGED, "RATE"),
        (DifferenceKind.CHANGED, "RATE"),
        (DifferenceKind.ADDED, "NEW"),
    ]


def position(asset: str, *, cross: bool = False, size: int = 10) -> Position:
    return building.position(size, 10, 5, asset=asset, cross=cross)


def test_an_account_is_evaluated_under_both_tiers() -> None:
    # 100 of notional with 20 of margin: half of 1/2 of it is 25, half of 1/5 is 10
    effect = effect_of(
        Account((position("A"), position("B"))),
        venue(A=table((0, 5)), B=table((0, 5))),
        venue(A=table((0, 2)), B=table((0, 5))),
        {},
    )
    first, second = effect.positions
    assert first.before is not None
    assert first.after is not None
    assert first.before.maintenance_margin == 10
    assert first.after.maintenance_margin == 25
    assert first.becomes_liquidatable
    assert not second.becomes_liquidatable
    # equity(x) = 20 + 10·(x - 10) meets 10·x/10 at 80/9, and 10·x/4 at 80/7.5
    for report, price in ((first.before, Fraction(80, 9)), (first.after, Fraction(160, 15))):
        assert report.liquidation_price is not None
        assert abs(Fraction(report.liquidation_price) - price) < Fraction(1, 10**45)


def test_cross_positions_carry_the_change_of_the_whole_account() -> None:
    account = Account((position("A", cross=True), position("B", cross=True)), cash=D(20))
    effect = effect_of(
        account,
        venue(A=table((0, 5)), B=table((0, 10))),
        venue(A=table((0, 2)), B=table((0, 10))),
        {},
    )
    assert effect.before.cross is not None
    assert effect.after.cross is not None
    assert effect.before.cross.maintenance_margin == 10 + 5
    assert effect.after.cross.maintenance_margin == 25 + 5
    assert [one.becomes_liquidatable for one in effect.positions] == [True, True]


def test_a_position_that_one_side_does_not_cover_has_no_figures_there() -> None:
    account = Account((position("OLD"), position("NEW"), position("CAP")))
    effect = effect_of(
        account,
        venue(OLD=table((0, 5)), CAP=table((0, 5))),
        venue(NEW=table((0, 5)), CAP=table((0, 5), end=99)),
        {},
    )
    have = [(one.before is not None, one.after is not None) for one in effect.positions]
    assert have == [(True, False), (False, True), (True, False)]
    assert [(notice.asset, notice.message) for notice in effect.notices] == [
        ("NEW", "not in OLD: it has no figures there"),
        ("OLD", "not in NEW: it has no figures there"),
        (
            "CAP",
            "its notional 100 is above 99, where its tiers end in NEW: it has no figures there",
        ),
    ]


@pytest.mark.parametrize(
    ("end", "covered"), [(D("99.999999"), False), (D(100), True), (D("100.000001"), True)]
)
def test_a_notional_exactly_at_the_end_of_a_table_is_covered(end: Decimal, covered: bool) -> None:
    account = Account((position("A"),))  # a notional of 10 · 10
    closed = venue(A=table((0, 5), end=end))
    for old, new in ((venue(A=OLD), closed), (closed, venue(A=OLD))):
        effect = effect_of(account, old, new, {})
        (one,) = effect.positions
        figures = one.after if new is closed else one.before
        assert (figures is not None) is covered
        assert [notice.code for notice in effect.notices] == ([] if covered else ["not_covered"])


def test_fixed_terms_stay_on_both_sides() -> None:
    fixed = {"A": Asset("A", table((0, 50)))}
    effect = effect_of(
        Account((position("A"),)), venue(A=table((0, 5))), venue(A=table((0, 2))), fixed
    )
    assert effect.before.positions == effect.after.positions
    assert effect.before.positions[0].maintenance_margin == 1


def test_one_and_the_same_table_does_not_differ() -> None:
    assert compare_tables(OLD, OLD) == []


def test_where_a_table_ended_there_is_no_change_to_name() -> None:
    (stretch,) = compare_tables(OLD, table((0, 40), (150, 20), end=900))
    assert maintenance_change(stretch) is None


def test_of_two_positions_of_one_asset_the_larger_must_be_covered() -> None:
    account = Account((position("A", size=5), position("A")))
    effect = effect_of(account, venue(A=OLD), venue(A=table((0, 40), end=99)), {})
    assert [one.after for one in effect.positions] == [None, None]


def test_neighbouring_stretches_of_one_difference_are_one() -> None:
    assert words(table((0, 40), (100, 40)), table((0, 30))) == [("0", "None", "40", "30")]


def test_two_positions_of_one_asset_are_told_about_once() -> None:
    account = Account((position("A"), position("A", size=5)))
    effect = effect_of(account, venue(A=OLD), venue(B=OLD), {})
    assert [one.after for one in effect.positions] == [None, None]
    assert len(effect.notices) == 1
