"""Worked examples that venues and other projects publish, each against the core."""

import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from marginctl.core.account import Account
from marginctl.core.evaluation import evaluate
from marginctl.core.report import PositionReport
from marginctl.core.rules import Rules
from marginctl.venues.hyperliquid import Hyperliquid
from marginctl.venues.trado import Trado
from tests.building import Rows, position, report, table, venue

FILE = Path(__file__).parent.parent / "data" / "published_vectors.json"
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))

Given = dict[str, Any]
Figures = dict[str, Decimal | Fraction | None]


def rows_of(given: Given) -> Rows:
    return [
        (str(tier["lower"]), str(tier["maxLeverage"]))
        if "maxLeverage" in tier
        else (str(tier["lower"]), "1", tier["rate"])
        for tier in given["tiers"]
    ]


def deductions(rows: Rows) -> Figures:
    return {f"deduction_{tier.index}": tier.maintenance_deduction for tier in table(rows).tiers}


def signed(given: Given) -> str:
    return ("-" if given.get("side") == "short" else "") + str(given["size"])


def at(given: Given, rows: Rows, rules: Rules, margin: str | None = None) -> PositionReport:
    """Return the figures of a position of which the vector names only some."""
    price = str(given["entry"] if "entry" in given else given["mark"])
    leverage = str(given.get("leverage", 1))
    held = position(signed(given), price, leverage, given.get("mark"), margin=margin)
    return report(held, rows, rules=rules)


def liq_isolated(given: Given) -> Figures:
    rate, amount = Decimal(given["mmr"]), Decimal(given["maintenance_amount"])
    # a first tier of half the rate, up to where the published amount follows
    rows = [("0", "10", str(rate / 2)), (str(2 * amount / rate), "5", str(rate))]
    assert deductions(rows)["deduction_1"] == amount
    found = at(given, rows, Hyperliquid(), margin=given["wallet_balance"])
    assert found.liquidation_tier is not None
    assert found.liquidation_tier.index == 1
    return {"liquidation_price": found.liquidation_price}


def liq_isolated_closefee(given: Given) -> Figures:
    rules = Trado(Decimal(given["close_fee_rate"]))
    found = at(given, [("0", "50", given["mmr"])], rules)
    return {"liquidation_price": found.liquidation_price}


def liq_isolated_tiered(given: Given) -> Figures:
    rows = rows_of(given)
    found = at(given, rows, Hyperliquid(), margin=given["margin"])
    return {"liquidation_price": found.liquidation_price, **deductions(rows)}


def deduction_ladder(given: Given) -> Figures:
    return deductions(rows_of(given))


def transfer_requirement(given: Given) -> Figures:
    held = position(given["notional"], "1", str(given["leverage"]))
    found = report(held, [("0", "50")])
    return {
        "initial_margin": found.initial_margin,
        "transfer_required": found.transfer_margin_required,
    }


def transfer_requirement_cross(given: Given) -> Figures:
    held = tuple(
        position(signed({**one, "size": one["notional"]}), "1", str(one["leverage"]), cross=True)
        for one in given["positions"]
    )
    account = Account(held, Decimal(given["cross_account_value"]))
    cross = evaluate(account, venue({"ETH": table([("0", "50")])})).cross
    assert cross is not None
    return {
        "initial_margin": cross.initial_margin,
        "transfer_required": cross.transfer_margin_required,
        "max_removable": cross.max_removable,
    }


def max_removable(given: Given) -> Figures:
    found = at(given, [("0", "50")], Hyperliquid(), margin=given["margin"])
    return {"max_removable": found.max_removable}


def remaining_margin(given: Given) -> Figures:
    size = str(Decimal(given["notional_at_entry"]) / Decimal(given["entry"]))
    found = at({**given, "size": size}, [("0", "100", "1/200")], Trado())
    return {
        # Trado takes it at the entry: it is the margin posted
        "initial_margin": found.margin,
        "unrealized_pnl": found.unrealized_pnl,
        "remaining_margin": found.equity,
    }


def fee(given: Given) -> Figures:
    held = position(given["size"], given["price"], "10")
    found = report(held, [("0", "100", "1/200")], rules=Trado(Decimal(given["fee_rate"])))
    return {"notional": found.notional, "fee": found.closing_fee}


KINDS: dict[str, Callable[[Given], Figures]] = {
    function.__name__: function
    for function in (
        liq_isolated,
        liq_isolated_closefee,
        liq_isolated_tiered,
        deduction_ladder,
        transfer_requirement,
        transfer_requirement_cross,
        max_removable,
        remaining_margin,
        fee,
    )
}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["id"]))
def test_the_core_gives_what_is_published(vector: dict[str, Any]) -> None:
    actual = KINDS[vector["kind"]](vector["inputs"])
    tolerance = Fraction(vector["tolerance"]["value"])
    for name, text in vector["expected"].items():
        value, expected = actual[name], Fraction(text)
        assert value is not None, name
        relative = vector["tolerance"]["kind"] == "rel"
        allowed = tolerance * abs(expected) if relative else tolerance
        assert abs(Fraction(value) - expected) <= allowed, name


def test_every_vector_names_its_source_and_every_kind_is_used() -> None:
    assert len(VECTORS) == 20
    assert all(vector["source"] and vector["expected"] for vector in VECTORS)
    assert {vector["kind"] for vector in VECTORS} == set(KINDS)
