"""What holds for every table and every position."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from marginctl.core.account import Account, Move
from marginctl.core.changes import Action, change_margin
from marginctl.core.evaluation import evaluate
from marginctl.core.figures import margin_figures
from marginctl.core.liquidation import Threshold, chain, exhausted_at
from marginctl.core.numbers import exactly
from marginctl.core.position import MarginMode, Position, Side
from marginctl.core.rules import Rules, Venue
from marginctl.core.tiers import TierSpec, TierTable, maintenance_margin, tier_at
from marginctl.venues.hyperliquid import Hyperliquid
from marginctl.venues.trado import Trado
from tests.building import report, venue
from tests.strategies import decimals, positions, tables

NOTIONALS = decimals("0", "600000", 2)
RULES: list[Rules] = [Hyperliquid(), Trado()]
NEAR = Fraction(1, 10**40)


@given(tables())
def test_maintenance_is_the_same_from_both_sides_of_a_boundary(table: TierTable) -> None:
    for below, above in zip(table.tiers, table.tiers[1:], strict=False):
        bound = Fraction(above.lower_bound)
        from_below = bound * below.maintenance_margin_rate - below.maintenance_deduction
        assert maintenance_margin(table, above.lower_bound) == from_below


@given(tables(), NOTIONALS, NOTIONALS)
def test_maintenance_never_falls_and_stays_below_the_notional(
    table: TierTable, one: Decimal, other: Decimal
) -> None:
    low, high = sorted((one, other))
    assert maintenance_margin(table, low) <= maintenance_margin(table, high)
    assert 0 <= maintenance_margin(table, low) <= Fraction(low)
    assert tier_at(table, low).index <= tier_at(table, high).index


@given(tables(), NOTIONALS, NOTIONALS)
def test_maintenance_is_convex_and_the_highest_of_its_lines(
    table: TierTable, one: Decimal, other: Decimal
) -> None:
    middle = maintenance_margin(table, (one + other) / 2)
    ends = maintenance_margin(table, one) + maintenance_margin(table, other)
    assert 2 * middle <= ends
    lines = [
        Fraction(one) * tier.maintenance_margin_rate - tier.maintenance_deduction
        for tier in table.tiers
    ]
    assert maintenance_margin(table, one) == max(lines)


@given(tables(), positions(), st.sampled_from([(1, 1), (2, 3)]), st.sampled_from(["0", "0.0006"]))
def test_at_its_root_equity_is_exactly_what_must_be_kept(
    table: TierTable, held: Position, share: tuple[int, int], fee: str
) -> None:
    figures = exactly(margin_figures)(held, table)
    assert figures.equity is not None
    met = chain(figures.terms, held.side, Threshold(share, Decimal(fee)))
    exhausted = exactly(exhausted_at)(held.side, figures, figures.equity)
    numerator, denominator, scaled = exactly(met.meeting_point)(held.size, exhausted)
    roots = [
        Fraction(above) / Fraction(below)
        for above, below, _ in exactly(met.candidates)(held.size, exhausted, Decimal(0))
    ]
    price = Fraction(numerator) / Fraction(denominator)
    assert price == (max(roots) if held.side is Side.LONG else min(roots))
    assume(price > 0)
    notional = price * Fraction(held.size)
    worth = Fraction(figures.equity) / figures.terms.unit
    worth += held.side * (notional - Fraction(held.notional))
    # the lines of all tiers: the highest of them is what is kept
    kept = max(
        notional * tier.maintenance_margin_rate - tier.maintenance_deduction for tier in table.tiers
    )
    assert worth == Fraction(*share) * kept + Fraction(fee) * notional
    tier = scaled.tier
    assert Fraction(tier.lower_bound) <= notional
    assert tier.upper_bound is None or notional < Fraction(tier.upper_bound)


@given(tables(), positions(), st.sampled_from(RULES))
def test_at_the_liquidation_price_nothing_is_left_to_spare(
    table: TierTable, held: Position, rules: Rules
) -> None:
    figures = report(held, table, rules=rules)
    assume(figures.liquidation_price is not None)
    assert figures.liquidation_price is not None
    assert figures.equity is not None
    notional = Fraction(figures.liquidation_price) * Fraction(held.size)
    worth = Fraction(figures.equity) + held.side * (notional - Fraction(held.notional))
    kept = max(
        notional * tier.maintenance_margin_rate - tier.maintenance_deduction for tier in table.tiers
    )
    needed = kept + Fraction(rules.closing_fee_rate) * notional
    scale = max(notional, Fraction(held.notional), abs(Fraction(figures.equity)))
    assert abs(worth - needed) <= NEAR * scale


@given(tables(), positions(), st.sampled_from(RULES))
def test_liquidatable_is_what_lies_beyond_the_liquidation_price(
    table: TierTable, held: Position, rules: Rules
) -> None:
    figures = report(held, table, rules=rules)
    if figures.liquidation_distance is None:
        # a long that no fall liquidates is safe, a short without a price is lost
        assert figures.liquidatable is (held.side is Side.SHORT)
    elif figures.liquidation_distance:
        assert figures.liquidatable is (figures.liquidation_distance < 0)
    else:
        assert figures.liquidatable is (rules.name == "trado")


@given(tables(), positions(), st.sampled_from([Decimal("0.001"), Decimal(3), Decimal(10**9)]))
def test_everything_scales_with_size_margin_and_bounds(
    table: TierTable, held: Position, k: Decimal
) -> None:
    scaled_table = TierTable.build(
        TierSpec(tier.lower_bound * k, tier.max_leverage, tier.maintenance_margin_rate)
        for tier in table.tiers
    )
    larger = held._replace(
        size=held.size * k,
        notional=held.notional * k,
        cost=held.cost * k,
        margin=None if held.margin is None else held.margin * k,
    )
    one, many = report(held, table), report(larger, scaled_table)
    for same in (
        "liquidation_price",
        "liquidation_distance",
        "backstop_price",
        "bankruptcy_price",
        "margin_ratio",
        "effective_leverage",
        "return_on_equity",
        "liquidatable",
        "binding_limit",
    ):
        assert getattr(one, same) == getattr(many, same), same
    for times in ("maintenance_margin", "max_removable", "shortfall", "transfer_margin_required"):
        expected = Fraction(getattr(one, times)) * Fraction(k)
        assert abs(Fraction(getattr(many, times)) - expected) <= NEAR * expected, times
    assert one.tier.index == many.tier.index


@given(tables(), positions(equity="0.6"))
def test_at_the_mark_the_side_makes_no_difference_but_to_the_direction(
    table: TierTable, held: Position
) -> None:
    equity = held.notional * Decimal("0.6")
    other = held._replace(
        side=Side(-held.side),
        margin=equity + held.side * (held.notional - held.cost),
    )
    one, mirrored = report(held, table), report(other, table)
    assert one.unrealized_pnl == -mirrored.unrealized_pnl
    assert one.equity == mirrored.equity == equity
    for same in ("maintenance_margin", "margin_ratio", "max_removable", "shortfall", "tier"):
        assert getattr(one, same) == getattr(mirrored, same), same
    # bankruptcy lies equally far on both sides
    assert one.bankruptcy_price is not None
    assert mirrored.bankruptcy_price is not None
    middle = (Fraction(one.bankruptcy_price) + Fraction(mirrored.bankruptcy_price)) / 2
    assert abs(middle - Fraction(held.notional) / Fraction(held.size)) <= NEAR * middle


@given(tables(), positions(), decimals("0.000001", "100000", 6), st.sampled_from(RULES))
def test_more_margin_never_brings_liquidation_nearer(
    table: TierTable, held: Position, amount: Decimal, rules: Rules
) -> None:
    before = report(held, table, rules=rules)
    after = report(held._replace(added=amount), table, rules=rules)
    if before.liquidation_distance is not None and after.liquidation_distance is not None:
        assert after.liquidation_distance > before.liquidation_distance
    elif held.side is Side.LONG:
        assert after.liquidation_distance is None
    else:
        assert before.liquidation_distance is None
    assert before.liquidatable or not after.liquidatable


@given(tables(), positions(), st.sampled_from(RULES))
def test_after_the_most_is_removed_nothing_is_removable(
    table: TierTable, held: Position, rules: Rules
) -> None:
    somewhere = venue({"ETH": table}, rules)
    done = change_margin(Account((held,)), somewhere, Action.REMOVE, 0, None)
    assert done.allowed is (done.amount > 0)
    assume(done.allowed)
    left = done.after.positions[0].max_removable
    assert left is not None
    assert left <= rules.amount_step if rules.removal_is_exclusive else left < rules.amount_step
    if rules.removal_is_exclusive:
        assert left > 0  # strictly more than the bound remains
    account = Account((held._replace(added=-done.amount),))
    assert change_margin(account, somewhere, Action.REMOVE, 0, None).amount == 0
    assert not change_margin(account, somewhere, Action.REMOVE, 0, rules.amount_step).allowed


@given(tables(), positions(), decimals("0.000001", "100000", 6))
def test_adding_and_removing_the_same_changes_nothing(
    table: TierTable, held: Position, amount: Decimal
) -> None:
    account = Account((held,), Decimal(1000))
    somewhere = venue({"ETH": table})
    added = held._replace(added=amount)
    there = change_margin(account, somewhere, Action.ADD, 0, amount)
    back = change_margin(
        Account((added,), Decimal(1000) - amount), somewhere, Action.REMOVE, 0, amount
    )
    assert back.before == there.after
    assert back.after == there.before


@given(tables(), st.lists(positions(), min_size=1, max_size=4), decimals("-1", "2", 4))
def test_moved_by_a_liquidating_move_an_account_is_at_its_edge(
    table: TierTable, held: list[Position], share: Decimal
) -> None:
    shared = tuple(one._replace(margin_mode=MarginMode.CROSS) for one in held)
    gross = sum((one.notional for one in held), Decimal(0))
    account = Account(shared, share * gross)
    somewhere = venue({"ETH": table})
    cross = evaluate(account, somewhere).cross
    assert cross is not None
    move = cross.liquidating_move
    assert move is not None
    bit = Decimal("1e-20")
    if (bottom := move.down) is not None and (top := move.up) is not None:
        assert bottom <= top
    for end, outwards in zip(move, (-bit, bit), strict=True):
        if end is not None:
            assert is_liquidatable(shared, account, somewhere, end + outwards)
    if not cross.liquidatable:
        assert inside(move)


def inside(move: Move) -> bool:
    return (move.down is None or move.down <= 0) and (move.up is None or move.up >= 0)


def is_liquidatable(
    held: tuple[Position, ...], account: Account, venue: Venue, move: Decimal
) -> bool:
    moved = tuple(one._replace(notional=one.notional * (1 + move)) for one in held)
    cross = evaluate(account._replace(positions=moved), venue).cross
    assert cross is not None
    return cross.liquidatable
